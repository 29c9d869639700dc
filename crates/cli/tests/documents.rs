//! What the documents say is so: paths and links lead somewhere, commands can be understood and print what is shown, the
//! tables of features, dependencies and rooms with `unsafe` agree with the code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use curta::{Feature, Features};

use documents::commands;
use documents::markdown::{self, Document};

mod documents {
    pub(crate) mod commands;
    pub(crate) mod markdown;
}

/// The README's example.
mod embed {
    include!("../../../examples/embed.rs");

    #[test]
    fn the_example_runs() {
        main().unwrap();
    }
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap()
}

/// Fails with all that was found to be wrong.
#[track_caller]
fn nothing(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Whether something between backticks is meant as a path.
fn is_path(code: &str) -> bool {
    let ending = [".rs", ".md", ".toml", ".sh", ".wat", ".wasm", ".c", ".txt"];
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let named = code.contains('/') || ending.iter().any(|ending| code.ends_with(ending));
    named && code.chars().all(plain) && !code.starts_with(['-', '/'])
}

#[test]
fn every_path_exists() {
    let root = root();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for document in markdown::documents(&root) {
        // The engine's own files may be named without what all of them have in front.
        let bases = [root.clone(), root.join("crates/curta/src")];
        for code in document.code().into_iter().filter(|code| is_path(code)) {
            seen += 1;
            if !bases.iter().any(|base| base.join(code).exists()) {
                wrong.push(format!("{}: {code}", document.path.display()));
            }
        }
    }
    assert!(seen > 20, "only {seen} paths found");
    nothing(wrong);
}

#[test]
fn every_link_leads_somewhere() {
    let root = root();
    let mut wrong = Vec::new();
    for document in markdown::documents(&root) {
        for link in document.links() {
            if link.starts_with("https://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let here = document.path.parent().unwrap();
            let path = if path.is_empty() {
                document.path.clone()
            } else {
                here.join(path)
            };
            let found = root.join(&path).exists()
                && (anchor.is_empty()
                    || Document::read(&root, path.to_str().unwrap())
                        .anchors()
                        .contains(&anchor.to_owned()));
            if !found {
                wrong.push(format!("{}: {link}", document.path.display()));
            }
        }
    }
    nothing(wrong);
}

#[test]
fn every_command_can_be_understood() {
    let root = root();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for document in markdown::documents(&root) {
        let blocks = document.blocks();
        let scripts = blocks.iter().filter(|block| block.language == "sh");
        let lines = scripts.flat_map(|block| block.lines.iter().copied());
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let inline = document.code().into_iter().filter(|code| {
            let heads = ["cargo ", "curta ", ".ci/"];
            code.contains(' ') && heads.iter().any(|head| code.starts_with(head))
        });
        for command in lines.chain(inline) {
            seen += 1;
            if let Err(why) = commands::check(&root, command) {
                wrong.push(format!("{}: {command}: {why}", document.path.display()));
            }
        }
    }
    assert!(seen > 5, "only {seen} commands found");
    nothing(wrong);
}

/// Of a block like
/// ```console
/// $ curta --version
/// curta 0.1.0
/// ```
/// each command is run. `BLESS=1` writes what came out back into the documents.
#[test]
fn every_command_prints_what_is_shown() {
    let root = root();
    let mut wrong = Vec::new();
    for document in markdown::documents(&root) {
        let path = document.path.display();
        let mut blessed = document.text.clone();
        for block in document.blocks() {
            if block.language != "console" {
                continue;
            }
            let lines = block.lines.iter();
            let text: String = lines.map(|line| format!("{line}\n")).collect();
            for part in text.split("$ ").skip(1) {
                let (command, expected) = part.split_once('\n').unwrap();
                // The tree depends on the platform; the document shows that of Linux.
                if command.starts_with("cargo tree") && !cfg!(target_os = "linux") {
                    continue;
                }
                let found = commands::run(&root, command).unwrap_or_else(|why| why);
                if found != expected {
                    wrong.push(format!("{path}: {command}\n{found}"));
                    let shown = format!("{command}\n{found}");
                    blessed = blessed.replacen(part, &shown, 1);
                }
            }
        }
        if env::var_os("BLESS").is_some() {
            fs::write(root.join(&document.path), blessed).unwrap();
        }
    }
    nothing(wrong);
}

#[test]
fn every_diff_shows_lines_of_the_files_that_it_names() {
    let root = root();
    let mut wrong = Vec::new();
    for document in markdown::documents(&root) {
        for block in document.blocks() {
            if block.language != "diff" {
                continue;
            }
            let mut file = String::new();
            // Hunk by hunk, without what was there before.
            for hunk in block.lines.split(|line| line.starts_with("@@")) {
                let (heads, lines): (Vec<&str>, Vec<&str>) = hunk
                    .iter()
                    .partition(|line| line.starts_with("+++ b/") || line.starts_with("--- a/"));
                let lines = lines.iter().filter(|line| !line.starts_with('-'));
                let after: String = lines
                    .map(|line| format!("{}\n", line.get(1..).unwrap_or("")))
                    .collect();
                if !file.contains(&after) {
                    wrong.push(format!("{}:\n{after}", document.path.display()));
                }
                if let Some(path) = heads.iter().find_map(|line| line.strip_prefix("+++ b/")) {
                    file = fs::read_to_string(root.join(path)).unwrap();
                }
            }
        }
    }
    nothing(wrong);
}

#[test]
fn the_example_of_the_readme_is_the_one_that_runs() {
    let root = root();
    let readme = Document::read(&root, "README.md");
    let example = fs::read_to_string(root.join("examples/embed.rs")).unwrap();
    let blocks = readme.blocks();
    let shown = blocks
        .iter()
        .find(|block| block.language == "rust")
        .unwrap();
    assert!(shown.lines.iter().copied().eq(example.lines()));
}

#[test]
fn the_gate_runs_the_tests_of_the_readme() {
    let root = root();
    let readme = Document::read(&root, "README.md");
    let gate = fs::read_to_string(root.join(".ci/run")).unwrap();
    let blocks = readme.blocks();
    let lines = blocks.iter().flat_map(|block| &block.lines);
    let tests: Vec<&&str> = lines
        .filter(|line| line.starts_with("cargo test"))
        .collect();
    assert_eq!(tests.len(), 1, "one command that passes the tests");
    for part in tests[0].split(" && ") {
        assert!(gate.contains(part), "{part}");
    }
}

#[test]
fn the_table_of_features_is_true() {
    let readme = Document::read(&root(), "README.md");
    let rows = readme.rows();
    let mut wrong = Vec::new();
    for &feature in Feature::ALL {
        let names = |row: &&Vec<&str>| markdown::names(row[0]).any(|name| name == feature.name());
        let rows: Vec<&Vec<&str>> = rows.iter().filter(names).collect();
        let state = if Features::BUILT.contains(feature) {
            "executed"
        } else {
            "refused"
        };
        if rows.len() != 1 || rows[0].last() != Some(&state) {
            wrong.push(format!("`{feature}` is {state}: {rows:?}"));
        }
    }
    nothing(wrong);
}

/// The names in the tables of dependencies of a manifest.
fn dependencies(manifest: &Path) -> Vec<String> {
    let text = fs::read_to_string(manifest).unwrap();
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]") && !line.contains("workspace");
        } else if inside && let Some((name, _)) = line.split_once([' ', '.']) {
            found.extend((name != "#").then(|| name.to_owned()));
        }
    }
    found
}

#[test]
fn every_dependency_has_its_reason_and_every_reason_its_dependency() {
    let root = root();
    let mut manifests = vec![root.clone()];
    let mut used = BTreeSet::new();
    while let Some(folder) = manifests.pop() {
        if folder.join("Cargo.toml").is_file() {
            used.extend(dependencies(&folder.join("Cargo.toml")));
        }
        let folders = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let hidden = |path: &Path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.starts_with('.') || name == "target"
        };
        manifests.extend(folders.filter(|path| path.is_dir() && !hidden(path)));
    }
    used.retain(|name| !name.starts_with("curta") && name != "benches");
    let document = Document::read(&root, "docs/dependencies.md");
    let rows = document.rows();
    let named = rows.iter().flat_map(|row| markdown::names(row[0]));
    let named: BTreeSet<String> = named.map(str::to_owned).collect();
    assert_eq!(named, used);
}

#[test]
fn the_rooms_with_unsafe_are_those_of_the_table() {
    let root = root();
    let mut rooms = BTreeSet::new();
    let mut folders: Vec<PathBuf> = ["crates", "spec-tests", "benches"]
        .map(|name| root.join(name))
        .into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let text: String = text.split_whitespace().collect();
                // In two halves, or this file would be one.
                if text.contains(concat!("allow(unsafe", "_code")) {
                    let path = path.strip_prefix(&root).unwrap().to_str().unwrap();
                    rooms.insert(path.trim_start_matches("crates/curta/src/").to_owned());
                }
            }
        }
    }
    let document = Document::read(&root, "docs/ARCHITECTURE.md");
    let section = document
        .text
        .split("\n## ")
        .find(|section| section.starts_with("Where `unsafe`"));
    let section = Document {
        path: document.path.clone(),
        text: section.unwrap().to_owned(),
    };
    let rows = section.rows();
    let named: BTreeSet<String> = rows
        .iter()
        .flat_map(|row| markdown::names(row[0]))
        .map(str::to_owned)
        .collect();
    assert_eq!(named, rooms);
}

#[test]
fn every_decision_is_a_question() {
    let mut seen = 0;
    for document in markdown::documents(&root()) {
        if document.path.starts_with("docs/decisions") {
            let title = document.text.lines().next().unwrap_or_default();
            let path = document.path.display();
            assert!(
                title.starts_with("# ") && title.ends_with('?'),
                "{path}: {title}"
            );
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen}");
}
