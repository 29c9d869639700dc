//! Golden listings: what the translator makes of small functions.
//!
//! Each file of `disas/` is a module with one function; the lines that begin with `;;=` are the code expected for it.
//! `BLESS=1 cargo test -p curta --test disas` writes them anew.
//!
//! For each family of fused handlers there is a file `disas/fused_FAMILY.wat`. A build with the feature `lean` has few of
//! these handlers: there the same operations in the same order are expected, in whatever cells.

use curta::{Config, Dispatch, Engine, Module};
use std::{env, fs, path::Path};

const MARK: &str = ";;=";

/// The source without its listing, and the listing.
fn split(text: &str) -> (String, String) {
    let (mut source, mut listing) = (String::new(), String::new());
    for line in text.lines() {
        let to = match line.strip_prefix(MARK) {
            Some(line) => {
                listing.push_str(line.strip_prefix(' ').unwrap_or(line));
                &mut listing
            }
            None => {
                source.push_str(line);
                &mut source
            }
        };
        to.push('\n');
    }
    (source, listing)
}

fn is_as_expected(found: &str, expected: &str) -> bool {
    if cfg!(feature = "lean") {
        operations(found).eq(operations(expected))
    } else {
        found == expected
    }
}

/// The operations of a listing without their operands, of which some are positions of cells.
fn operations(listing: &str) -> impl Iterator<Item = &str> {
    let cells = listing.lines().filter_map(|line| line.split_once("  "));
    let operations = cells.flat_map(|(_, cell)| cell.split(" ; "));
    operations.filter_map(|operation| operation.split(' ').next())
}

#[test]
fn each_family_of_fused_handlers_has_a_listing() {
    let list = include_str!("../src/exec/fusion.rs");
    let (_, list) = list.split_once("\nfusions! {\n").expect("it is the list");
    let (list, _) = list.split_once("\n}\n").expect("it ends");
    let families = list.lines().filter_map(|line| line.strip_suffix(" {"));
    let mut files = 0;
    for family in families {
        let mut words = String::new();
        for letter in family.trim().chars() {
            if letter.is_uppercase() {
                words.push('_');
            }
            words.extend(letter.to_lowercase());
        }
        let path = format!(
            "{}/tests/disas/fused{words}.wat",
            env!("CARGO_MANIFEST_DIR")
        );
        assert!(Path::new(&path).exists(), "{path} is missing");
        files += 1;
    }
    assert!(files > 5, "only {files} families were found");
}

#[test]
fn functions_become_the_code_that_is_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/disas");
    let mut config = Config::new();
    config.dispatch(Dispatch::Loop);
    let (mut files, mut wrong) = (0, Vec::new());
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        let text = fs::read_to_string(&path).expect("it can be read");
        let (source, expected) = split(&text);
        // Signatures bear numbers that an engine gives in the order in which it meets them.
        let engine = Engine::new(&config);
        let module = Module::new(&engine, &source)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let found = module.disassemble();
        files += 1;
        if env::var_os("BLESS").is_some() {
            let listing: String = found
                .lines()
                .map(|line| format!("{MARK} {line}\n"))
                .collect();
            fs::write(&path, source + &listing).expect("it can be written");
        } else if !is_as_expected(&found, &expected) {
            wrong.push(format!(
                "{}\nexpected:\n{expected}\nfound:\n{found}",
                path.display()
            ));
        }
    }
    assert!(files >= 12, "only {files} files were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
