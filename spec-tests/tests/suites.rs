//! Every suite passes in every mode of this build, but for what `expectations.txt` lists.

use spec_tests::EXPECTATIONS;
use spec_tests::expectations::Expectations;
use spec_tests::mode::Mode;
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
fn every_expectation_names_a_suite_and_a_script_that_exist() {
    for line in EXPECTATIONS.lines().filter(|line| !line.starts_with('#')) {
        let entry: spec_tests::expectations::Entry = line.parse().expect("an entry");
        let suite = suite::named(&entry.suite).unwrap_or_else(|| panic!("no suite: {line}"));
        let scripts = suite.scripts();
        assert!(
            scripts.iter().any(|script| script.name == entry.script),
            "no script: {line}"
        );
    }
}
