//! The commands that documents name: whether they can be understood, and what they print.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Options of cargo that take no value, and those that take one.
const FLAGS: &[&str] = &[
    "--all-targets",
    "--check",
    "--lib",
    "--locked",
    "--no-default-features",
    "--no-deps",
    "--release",
    "--workspace",
];
const VALUES: &[&str] = &[
    "--bench",
    "--depth",
    "--example",
    "--features",
    "--manifest-path",
    "--target",
    "--test",
    "-e",
    "-p",
];
const SUBCOMMANDS: &[&str] = &[
    "bench", "build", "check", "clippy", "doc", "fmt", "run", "test", "tree",
];

/// The folder of each package of the workspace, by its name.
fn folder(root: &Path, package: &str) -> Option<PathBuf> {
    let crates = fs::read_dir(root.join("crates")).unwrap();
    let crates = crates.map(|entry| entry.unwrap().path());
    let beside = [
        "spec-tests",
        "benches",
        "benches/portable",
        "benches/lean",
        "examples",
    ]
    .map(|name| root.join(name));
    crates.chain(beside).find(|folder| {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        manifest
            .lines()
            .any(|line| line == format!("name = \"{package}\""))
    })
}

/// Whether a command can be understood; if not, why.
pub(crate) fn check(root: &Path, command: &str) -> Result<(), String> {
    for part in command.split(" && ") {
        let mut words = part.split_whitespace().peekable();
        while words.next_if(|word| word.contains('=')).is_some() {}
        let head = words.next().ok_or("nothing to run")?;
        let words: Vec<&str> = words.collect();
        match head {
            "cargo" => cargo(root, &words)?,
            "curta" => curta(&words)?,
            "cd" if words.len() == 1 => {}
            script if root.join(script).is_file() => {}
            _ => return Err(format!("what is {head}?")),
        }
    }
    Ok(())
}

fn cargo(root: &Path, words: &[&str]) -> Result<(), String> {
    let (own, passed) = match words.iter().position(|word| *word == "--") {
        Some(at) => (&words[..at], &words[at + 1..]),
        None => (words, &[][..]),
    };
    let [subcommand, options @ ..] = own else {
        return Err("cargo alone does nothing".to_owned());
    };
    // What a stranger does beside the clone, which is called `curta` there.
    match (*subcommand, options) {
        ("new", [_name]) => return Ok(()),
        ("add", ["--path", path]) => {
            let inside = path.strip_prefix("../curta/").map(|path| root.join(path));
            return match inside {
                Some(folder) if folder.join("Cargo.toml").is_file() => Ok(()),
                _ => Err(format!("there is no crate {path}")),
            };
        }
        _ => {}
    }
    if !SUBCOMMANDS.contains(subcommand) {
        return Err(format!("cargo {subcommand}?"));
    }
    let value_of = |option: &str| {
        let at = options.iter().position(|word| *word == option)?;
        options.get(at + 1).copied()
    };
    let package = value_of("-p");
    let folder = match package {
        Some(name) => folder(root, name).ok_or_else(|| format!("no package {name}"))?,
        None => root.to_owned(),
    };
    let mut options = options.iter();
    while let Some(option) = options.next() {
        // Tests may be chosen by a part of their names.
        let filter = *subcommand == "test" && !option.starts_with('-');
        if FLAGS.contains(option) || filter {
            continue;
        }
        if !VALUES.contains(option) {
            return Err(format!("is {option} an option of cargo {subcommand}?"));
        }
        let value = options
            .next()
            .ok_or_else(|| format!("{option} wants a value"))?;
        let exists = match *option {
            "--features" => features(&folder).iter().any(|name| name == value),
            "--test" => target(&folder.join("tests"), value),
            "--example" => target(&folder, value),
            "--bench" => target(&folder.join("benches"), value),
            "--manifest-path" => root.join(value).is_file(),
            _ => true,
        };
        if !exists {
            return Err(format!("there is no {option} {value}"));
        }
    }
    match (*subcommand, package) {
        ("run", Some("curta-cli")) => curta(passed),
        ("run", Some("spec-tests")) => documented(&root.join("spec-tests/src/main.rs"), passed),
        ("run", Some("benches")) => documented(&root.join("benches/src/options.rs"), passed),
        _ => Ok(()),
    }
}

fn features(folder: &Path) -> Vec<String> {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let lines = manifest
        .lines()
        .skip_while(|line| *line != "[features]")
        .skip(1);
    lines
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn target(folder: &Path, name: &str) -> bool {
    folder.join(format!("{name}.rs")).is_file() || folder.join(name).join("main.rs").is_file()
}

/// Whether each option stands in the file that explains them.
fn documented(file: &Path, words: &[&str]) -> Result<(), String> {
    let text = fs::read_to_string(file).unwrap();
    let mut options = words.iter().filter(|word| word.starts_with('-'));
    match options.find(|option| !text.contains(*option)) {
        Some(option) => Err(format!("{} does not know {option}", file.display())),
        None => Ok(()),
    }
}

/// The built command.
fn built() -> Command {
    Command::new(env!("CARGO_BIN_EXE_curta"))
}

fn curta(words: &[&str]) -> Result<(), String> {
    let [subcommand, options @ ..] = words else {
        return Err("curta wants a subcommand".to_owned());
    };
    let help = built().args([subcommand, "--help"]).output().unwrap();
    if !help.status.success() {
        return Err(format!("curta {subcommand}?"));
    }
    let help = String::from_utf8(help.stdout).unwrap();
    let words = options.iter().map(|word| word.trim_matches(['[', ']']));
    for option in words.filter(|word| word.starts_with("--")) {
        if !help.contains(option) {
            return Err(format!("curta {subcommand} has no {option}"));
        }
    }
    Ok(())
}

/// Runs a command of a `console` block and returns what it prints.
pub(crate) fn run(root: &Path, command: &str) -> Result<String, String> {
    check(root, command)?;
    let words: Vec<&str> = command.split_whitespace().collect();
    let (mut program, arguments) = match words.as_slice() {
        // What the release build prints, the one at hand prints too.
        [
            "cargo",
            "run",
            "--release",
            "-p",
            "curta-cli",
            "--",
            arguments @ ..,
        ]
        | ["curta", arguments @ ..] => (built(), arguments),
        ["cargo", "tree", arguments @ ..] => {
            let mut cargo = Command::new(std::env::var_os("CARGO").unwrap());
            cargo.args(["tree", "--locked"]);
            (cargo, arguments)
        }
        _ => return Err("only curta and cargo tree can be shown with their output".to_owned()),
    };
    let output = program.args(arguments).current_dir(root).output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let printed = String::from_utf8(output.stdout).unwrap();
    // Where the repository lies is left out.
    let lines = printed.lines().map(|line| match line.split_once(" (/") {
        Some((before, _)) => before,
        None => line,
    });
    Ok(lines.map(|line| format!("{line}\n")).collect())
}
