//! `cargo run --release -p spec-tests -- [SUITE…] [--mode MODE,…] [--file NAME] [--verbose]`
//!
//! Runs suites of the official WebAssembly test suite in every mode of this build and prints
//! `passed / total` for each. Exits with 0 when nothing failed but what `expectations.txt` knows, with
//! 1 when something did, and with 2 when the command line is not understood.

use std::process::ExitCode;
use std::time::Instant;

use curta_wast::mode::{Mode, Modes};
use spec_tests::EXPECTATIONS;
use spec_tests::expectations::Expectations;
use spec_tests::report::{grouped, skipped_row};
use spec_tests::suite::{self, Suite};

/// How many failures of a run are shown when not asked for all.
const SHOWN: usize = 30;

fn main() -> ExitCode {
    let asked = match Asked::from_arguments(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(why) => {
            eprintln!("{why}\n{}", usage());
            return ExitCode::from(2);
        }
    };
    match asked.run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

/// What the command line asks for.
struct Asked {
    suites: Vec<&'static Suite>,
    modes: Vec<Mode>,
    file: Option<String>,
    verbose: bool,
}

impl Asked {
    fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Asked, String> {
        let mut asked = Asked {
            suites: Vec::new(),
            modes: Vec::new(),
            file: None,
            verbose: false,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or_else(|| format!("{argument} wants a value"))
            };
            match argument.as_str() {
                "--mode" => {
                    for name in value()?.split(',') {
                        let modes: Modes = name.parse()?;
                        let modes = Mode::ALL.into_iter().filter(|mode| modes.contain(*mode));
                        asked.modes.extend(modes);
                    }
                }
                "--file" => asked.file = Some(value()?),
                "--verbose" => asked.verbose = true,
                option if option.starts_with('-') => {
                    return Err(format!("there is no option `{option}`"));
                }
                name => asked
                    .suites
                    .push(suite::named(name).ok_or_else(|| format!("there is no suite `{name}`"))?),
            }
        }
        if asked.suites.is_empty() {
            asked.suites = suite::ALL.iter().collect();
        }
        if asked.modes.is_empty() {
            asked.modes = Mode::ALL.into();
        }
        Ok(asked)
    }

    /// Runs it, prints it, and says whether all was well.
    fn run(&self) -> Result<bool, String> {
        let expectations: Expectations = EXPECTATIONS.parse()?;
        let chosen = |script: &str| {
            self.file
                .as_deref()
                .is_none_or(|file| script == file || script.strip_suffix(".wast") == Some(file))
        };
        let mut rows = Vec::new();
        let mut good = true;
        for suite in &self.suites {
            for mode in &self.modes {
                let begun = Instant::now();
                let run = match suite.run(*mode, &chosen) {
                    Ok(run) => run,
                    Err(unavailable) => {
                        rows.push(skipped_row(suite.name, &unavailable));
                        continue;
                    }
                };
                if run.scripts.is_empty() {
                    continue;
                }
                let verdict = run.judge(&expectations);
                print!(
                    "{}",
                    verdict.details(if self.verbose { usize::MAX } else { SHOWN })
                );
                if self.verbose {
                    for (script, failure) in &verdict.expected {
                        println!("expected {} {mode} {script}:{}", suite.name, failure.line);
                    }
                }
                let mut row = format!("{verdict}  {:.1} s", begun.elapsed().as_secs_f64());
                good &= verdict.is_good();
                if let Some(file) = &self.file {
                    row.push_str(&format!("  (only {file})"));
                } else if run.total() != suite.directives {
                    good = false;
                    row.push_str(&format!(
                        "  the suite should have {}",
                        grouped(suite.directives)
                    ));
                }
                rows.push(row);
            }
        }
        if rows.is_empty() {
            return Err("no suite has a script of that name".to_owned());
        }
        for row in rows {
            println!("{row}");
        }
        Ok(good)
    }
}

fn usage() -> String {
    let suites: Vec<_> = suite::ALL.iter().map(|suite| suite.name).collect();
    let modes = Mode::ALL.map(|mode| mode.to_string());
    format!(
        "usage: spec-tests [SUITE…] [--mode MODE,…] [--file NAME] [--verbose]
  SUITE          {}; all of them by default
  --mode MODE,…  {}; all that this build has by default;
                 one word alone stands for all that have it: `loop`, `lazy`
  --file NAME    only this script, with or without `.wast`; `gc/array` is one in a folder
  --verbose      every failure, not only the first {SHOWN} of a run, and those that are expected",
        suites.join(", "),
        modes.join(", "),
    )
}
