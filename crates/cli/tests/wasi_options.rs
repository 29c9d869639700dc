//! What the options of WASI pass on of the command's own surroundings.

use std::path::Path;
use std::process::Command;

/// What a guest that prints its environment prints.
fn environment(arguments: &[&str]) -> String {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/run-environment");
    let output = Command::new(env!("CARGO_BIN_EXE_curta"))
        .arg("run")
        .args(arguments)
        .arg(case.join("env.wat"))
        .env_clear()
        .envs([("OF_THE_HOST", "1"), ("OF_BOTH", "host")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_host_s_environment_is_passed_on_where_that_is_asked_for_only() {
    let set = ["--env", "OF_BOTH=guest"];
    assert_eq!(environment(&set), "OF_BOTH=guest\n");
    let both = environment(&["--env-inherit", "--env", "OF_BOTH=guest"]);
    let mut lines: Vec<&str> = both.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["OF_BOTH=guest", "OF_THE_HOST=1"]);
}
