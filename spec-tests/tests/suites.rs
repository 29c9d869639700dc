//! Every suite passes in every mode of this build, but for what `expectations.txt` lists.

use std::collections::BTreeSet;

use curta_wast::mode::Mode;
use spec_tests::EXPECTATIONS;
use spec_tests::expectations::Expectations;
use spec_tests::report::skipped_row;
use spec_tests::suite;

fn passes_in_every_mode(name: &str) {
    let suite = suite::named(name).expect("a suite of that name");
    let expectations: Expectations = EXPECTATIONS.parse().expect("a list in its form");
    let mut ran = 0;
    let mut words = String::new();
    for mode in Mode::ALL {
        let run = match suite.run(mode, &|_| true) {
            Ok(run) => run,
            Err(unavailable) => {
                println!("{}", skipped_row(name, &unavailable));
                continue;
            }
        };
        ran += 1;
        let verdict = run.judge(&expectations);
        println!("{verdict}");
        assert_eq!(run.total(), suite.directives, "nothing is left out");
        if !verdict.is_good() {
            words += &format!("{}{verdict}\n", verdict.details(30));
        }
    }
    assert!(ran > 0, "this build has a mode");
    assert!(words.is_empty(), "\n{words}");
}

#[test]
fn webassembly_1() {
    passes_in_every_mode("v1");
}

#[test]
fn webassembly_2_without_vectors() {
    passes_in_every_mode("v2");
}

#[test]
fn webassembly_3() {
    passes_in_every_mode("v3");
}

#[test]
fn proposals() {
    for suite in suite::ALL {
        if !["v1", "v2", "v3"].contains(&suite.name) {
            passes_in_every_mode(suite.name);
        }
    }
}

#[test]
fn every_expectation_names_a_suite_and_a_script_that_exist() {
    let list: Expectations = EXPECTATIONS.parse().expect("a list in its form");
    for entry in &list.entries {
        let suite = suite::named(&entry.suite).unwrap_or_else(|| panic!("no suite: {entry}"));
        let scripts = suite.scripts();
        assert!(
            scripts
                .iter()
                .any(|script| entry.scripts.contain(&script.name)),
            "no script: {entry}"
        );
    }
}

#[test]
fn version_3_has_its_242_scripts_under_names_of_their_own() {
    let suite = suite::named("v3").expect("a suite of that name");
    let names: BTreeSet<String> = suite.scripts().into_iter().map(|s| s.name).collect();
    assert_eq!(suite.scripts().len(), 242);
    assert_eq!(names.len(), 242);
    let has = |name: &str| names.contains(name);
    assert!(has("memory_grow.wast") && has("multi-memory/memory_grow.wast"));
    assert!(has("simd/simd_address.wast") && !has("memory64/simd_address.wast"));
    assert!(has("address.wast") && !has("memory64/address.wast"));
}
