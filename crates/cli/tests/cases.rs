//! The built command over the cases in `cases/`, a folder each:
//!
//! * `command`: the arguments, one a line;
//! * whatever files it needs, for example modules in the text format, and `stdin`;
//! * `stdout`, `stderr`, `code`: what must come out; a missing one means nothing and 0.
//!
//! A case runs in a copy of its folder, so it may write there. `BLESS=1` writes what came
//! out back into the cases; look at the difference before you believe it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, process};

/// What a case expects, or what came out.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    stdout: String,
    stderr: String,
    code: i32,
}

#[test]
fn every_case_prints_and_returns_what_it_should() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut folders: Vec<PathBuf> = fs::read_dir(&cases)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    assert!(folders.len() > 20, "the cases are gone");

    let mut failed = Vec::new();
    for folder in &folders {
        let found = run(folder);
        if env::var_os("BLESS").is_some() {
            bless(folder, &found);
        }
        let expected = expected(folder);
        if found != expected {
            let name = folder.file_name().unwrap_or_default();
            failed.push(format!(
                "{name:?}\nexpected {expected:#?}\nfound {found:#?}"
            ));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

fn run(case: &Path) -> Outcome {
    let name = case.file_name().unwrap();
    let copy = env::temp_dir()
        .join(format!("curta-cli-{}", process::id()))
        .join(name);
    copy_folder(case, &copy);
    let stdin = match fs::File::open(copy.join("stdin")) {
        Ok(file) => Stdio::from(file),
        Err(_) => Stdio::null(),
    };
    let output = Command::new(env!("CARGO_BIN_EXE_curta"))
        .args(fs::read_to_string(case.join("command")).unwrap().lines())
        .current_dir(&copy)
        .stdin(stdin)
        .output()
        .unwrap();
    fs::remove_dir_all(&copy).unwrap();
    Outcome {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().expect("the command was killed"),
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn expected(case: &Path) -> Outcome {
    let text = |name| fs::read_to_string(case.join(name)).unwrap_or_default();
    Outcome {
        stdout: text("stdout"),
        stderr: text("stderr"),
        code: match text("code").trim() {
            "" => 0,
            code => code.parse().unwrap(),
        },
    }
}

fn bless(case: &Path, found: &Outcome) {
    let write = |name: &str, text: &str| {
        let path = case.join(name);
        if text.is_empty() {
            let _ = fs::remove_file(path);
        } else {
            fs::write(path, text).unwrap();
        }
    };
    write("stdout", &found.stdout);
    write("stderr", &found.stderr);
    let code = match found.code {
        0 => String::new(),
        code => format!("{code}\n"),
    };
    write("code", &code);
}

/// Runs the command without a case.
fn curta(arguments: &[&str]) -> Outcome {
    let output = Command::new(env!("CARGO_BIN_EXE_curta"))
        .args(arguments.iter().map(OsStr::new))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Outcome {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code().expect("the command was killed"),
    }
}

#[test]
fn help_that_was_asked_for_is_a_success_and_lists_the_exit_codes() {
    for arguments in [&["--help"][..], &["run", "--help"]] {
        let found = curta(arguments);
        assert_eq!((found.code, found.stderr.as_str()), (0, ""));
        for code in ["64", "65", "66", "67", "70", "134"] {
            assert!(found.stdout.contains(&format!("\n  {code} ")), "{code}");
        }
    }
    assert_eq!(curta(&["--version"]).code, 0);
}

#[test]
fn a_command_line_that_makes_no_sense_is_told_on_standard_error() {
    for arguments in [
        &[][..],
        &["walk"],
        &["run"],
        &["run", "--unknown", "x.wasm"],
        &["run", "--env", "NAME", "x.wasm"],
        &["run", "--dir", "::", "x.wasm"],
        &["validate"],
        &["disasm"],
        &["disasm", "a", "b", "c"],
    ] {
        let found = curta(arguments);
        assert_eq!(found.code, 64, "{arguments:?}");
        assert_eq!(found.stdout, "", "{arguments:?}");
        assert!(!found.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_stack_that_is_exhausted_is_a_trap_with_a_short_backtrace() {
    let folder = env::temp_dir().join(format!("curta-cli-stack-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("deep.wat");
    fs::write(&file, r#"(module (func $f (export "f") (call $f)))"#).unwrap();
    let found = curta(&["run", "--invoke", "f", file.to_str().unwrap()]);
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(found.code, 134);
    let mut lines = found.stderr.lines();
    let first = lines.next();
    assert_eq!(first, Some("error: trap: call stack exhausted"));
    assert!(lines.next().unwrap().starts_with("  0: f (func[0]) at 0x"));
    assert!(found.stderr.lines().count() < 60);
    assert!(found.stderr.contains(" more\n"));
}

#[test]
fn a_function_is_disassembled_by_index_by_name_and_by_export() {
    let folder = env::temp_dir().join(format!("curta-cli-disasm-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("functions.wat");
    let module = r#"(module
        (func $first (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
        (func $second (export "exported") (param i32) (result i32)
            (i32.sub (i32.const 7) (local.get 0))))"#;
    fs::write(&file, module).unwrap();
    let file = file.to_str().unwrap();
    let all = curta(&["disasm", file]);
    let first = curta(&["disasm", file, "0"]);
    let second = curta(&["disasm", file, "1"]);
    assert_eq!(curta(&["disasm", file, "second"]), second);
    assert_eq!(curta(&["disasm", file, "exported"]), second);
    fs::remove_dir_all(&folder).unwrap();

    assert_eq!((all.code, all.stderr.as_str()), (0, ""));
    assert!(all.stdout.contains(&first.stdout) && all.stdout.contains(&second.stdout));
    assert!(first.stdout.contains("first") && first.stdout.contains("i32.mul"));
    assert!(second.stdout.contains("second") && second.stdout.contains("i32.sub"));
    assert!(!first.stdout.contains("i32.sub"));
}

#[cfg(unix)]
#[test]
fn output_that_nobody_reads_does_not_bring_the_command_down() {
    let folder = env::temp_dir().join(format!("curta-cli-pipe-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("empty.wat");
    fs::write(&file, "(module (func))").unwrap();
    for command in ["validate", "disasm"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let status = Command::new(env!("CARGO_BIN_EXE_curta"))
            .arg(command)
            .arg(&file)
            .stdout(writer)
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(0), "{command}");
    }
    fs::remove_dir_all(&folder).unwrap();
}
