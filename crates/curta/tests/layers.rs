//! The folders of this crate use each other in one direction only; `docs/ARCHITECTURE.md` draws the arrows.
//!
//! What is read is every path that starts at the crate's root, in `use` declarations and elsewhere: `crate::store::…`,
//! `crate::{code::…, store}`, and `super::…` where it climbs up to the root.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules at the crate's root, and which of them each may use beside itself.
///
/// `error` is what all layers report failures with; it knows the trap, which is a numeric one.
const ARROWS: &[(&str, &[&str])] = &[
    ("numeric", &[]),
    ("error", &["numeric"]),
    ("code", &["error", "numeric"]),
    ("translate", &["code", "error", "numeric"]),
    ("store", &["code", "error", "numeric"]),
    ("exec", &["code", "error", "numeric", "store", "translate"]),
    (
        "api",
        &["code", "error", "exec", "numeric", "store", "translate"],
    ),
    // A view of the layers for our own tests, behind a feature.
    (
        "internals",
        &[
            "api",
            "code",
            "error",
            "exec",
            "numeric",
            "store",
            "translate",
        ],
    ),
];

fn may_use(module: &str) -> Option<&'static [&'static str]> {
    ARROWS
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, uses)| *uses)
}

#[test]
fn every_arrow_points_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in sources(&root) {
        let module = module_path(&file, &root);
        let Some(layer) = module.first() else {
            continue;
        };
        let uses = may_use(layer).expect("checked below");
        for used in roots_used(&fs::read_to_string(&file).unwrap(), module.len()) {
            if may_use(&used).is_none() || used == *layer {
                continue;
            }
            seen += 1;
            if !uses.contains(&used.as_str()) {
                wrong.push(format!("{}: {layer} uses {used}", file.display()));
            }
        }
    }
    assert!(
        seen > 50,
        "only {seen} uses found: they are not read any more"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_of_the_root_has_its_arrows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in sources(&root) {
        if let Some(layer) = module_path(&file, &root).first() {
            assert!(may_use(layer).is_some(), "where does {layer} belong?");
        }
    }
}

/// All Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// `exec/handlers/call.rs` → `exec`, `handlers`, `call`; nothing for `lib.rs`.
fn module_path(file: &Path, root: &Path) -> Vec<String> {
    let path = file.strip_prefix(root).unwrap().with_extension("");
    let path = path.iter().map(|part| part.to_str().unwrap().to_owned());
    path.filter(|part| part != "lib").collect()
}

/// The first names of all paths that start at the crate's root, in a module `depth` levels below it.
fn roots_used(text: &str, depth: usize) -> BTreeSet<String> {
    let words = words(text);
    let mut used = BTreeSet::new();
    let mut at = 0;
    while at < words.len() {
        let climbed = words[at..]
            .chunks(2)
            .take_while(|pair| *pair == ["super", "::"])
            .count();
        let after = match words[at].as_str() {
            "crate" if words.get(at + 1).is_some_and(|word| word == "::") => Some(at + 2),
            // One level less deep in an inline module; then the names are not those of the root.
            _ if climbed > 0 && climbed >= depth => Some(at + 2 * climbed),
            _ => None,
        };
        if let Some(after) = after {
            used.extend(heads(&words[after..]));
        }
        at = after.unwrap_or(at + 1 + 2 * climbed);
    }
    used
}

/// The first name of a path, or of each path between braces.
fn heads(words: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut depth = 0;
    let mut first = true;
    for word in words {
        match word.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," => first = depth == 1,
            _ if first => {
                found.push(word.clone());
                first = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// Names and marks, without comments and literals.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let literal = string(rest);
        let len = if let Some(len) = literal {
            len
        } else if first.is_alphabetic() || first == '_' {
            let end = |c: char| !(c.is_alphanumeric() || c == '_');
            rest.find(end).unwrap_or(rest.len())
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(len);
        if literal.is_none() && !word.starts_with("//") && !first.is_whitespace() {
            words.push(word.to_owned());
        }
        rest = after;
    }
    words
}

/// The length of the string literal that a text begins with, if it does; or of a quotation mark as a character.
fn string(text: &str) -> Option<usize> {
    if text.starts_with("'\"'") {
        return Some(3);
    }
    if let Some(raw) = text.strip_prefix('r') {
        let marks = raw.len() - raw.trim_start_matches('#').len();
        let inner = raw[marks..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(marks));
        return Some(2 + marks + inner.find(&end)? + end.len());
    }
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    Some(end + 2)
}

#[test]
fn paths_from_the_root_are_found_in_every_form() {
    let text = r###"
        use crate::{
            api, // crate::code
            error::{Error, Frame},
            store::{func::{HOST, FuncHandle}, store::StoreInner},
        };
        use super::super::numeric::Trap;
        use super::translate;
        fn f() { g("\"crate::a", r"\", '"', r##"crate::b"# "##, crate::exec::Exit) }
    "###;
    let used = roots_used(text, 2);
    assert_eq!(
        used.iter().map(String::as_str).collect::<Vec<_>>(),
        ["api", "error", "exec", "numeric", "store"]
    );
}
