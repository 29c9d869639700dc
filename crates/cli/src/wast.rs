//! `curta wast`.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use std::{fs, thread};

use curta::Engine;
use curta_wast::mode::{Mode, Unavailable};
use curta_wast::script::{NATIVE_STACK, Script, ScriptOutcome};

use crate::failure::Failure;
use crate::options::WastOptions;

/// Runs every script in every mode that was asked for: a line for each, and what was expected and
/// found for each directive that failed.
pub(crate) fn wast(options: &WastOptions) -> Result<i32, Failure> {
    let features = options.features.get();
    let (modes, unavailable) = modes(options)?;
    let mut output = Output::default();
    for missing in unavailable {
        output.line(&missing.to_string());
    }
    let mut total = 0;
    let mut failed = 0;
    for file in &options.files {
        let text = fs::read_to_string(file).map_err(|error| Failure::unreadable(file, &error))?;
        for &mode in &modes {
            let engine = mode.engine(features).expect("granted a moment ago");
            let script = Script {
                name: file.display().to_string(),
                text: &text,
            };
            let outcome = on_a_stack_of_its_own(|| script.run(&engine))?;
            total += outcome.directives;
            failed += outcome.failures.len();
            output.line(&report(&outcome, mode));
        }
    }
    if failed == 0 {
        return Ok(0);
    }
    Err(Failure::script(format!(
        "{failed} of {total} directives failed"
    )))
}

/// The modes that were asked for: those that this build has, and those that it does not.
fn modes(options: &WastOptions) -> Result<(Vec<Mode>, Vec<Unavailable>), Failure> {
    if options.mode.is_empty() {
        return Ok((vec![Mode::of(&Engine::default())], Vec::new()));
    }
    let asked = |mode: &Mode| options.mode.iter().any(|modes| modes.contain(*mode));
    let mut available = Vec::new();
    let mut unavailable = Vec::new();
    for mode in Mode::ALL.into_iter().filter(asked) {
        match mode.engine(options.features.get()) {
            Ok(_) => available.push(mode),
            Err(missing) => unavailable.push(missing),
        }
    }
    match (available.is_empty(), unavailable.first()) {
        (true, Some(missing)) => Err(Failure::usage(format!("the mode is {missing}"))),
        _ => Ok((available, unavailable)),
    }
}

/// What became of a script, without a line break at its end.
fn report(outcome: &ScriptOutcome, mode: Mode) -> String {
    let ScriptOutcome {
        script,
        directives,
        failures,
    } = outcome;
    let passed = directives - failures.len();
    let mut text = format!("{script} ({mode}): {passed} of {directives} directives passed");
    for failure in failures {
        let _ = write!(
            text,
            "\n{script}:{}: {}\n  expected {}\n  got      {}",
            failure.line, failure.directive, failure.expected, failure.got
        );
    }
    text
}

/// Runs `work` on a thread with the native stack that the parser of scripts wants.
fn on_a_stack_of_its_own<R: Send>(work: impl FnOnce() -> R + Send) -> Result<R, Failure> {
    thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(NATIVE_STACK);
        let thread = builder
            .spawn_scoped(scope, work)
            .map_err(|error| Failure::unreadable(Path::new("a script"), &error))?;
        Ok(thread
            .join()
            .expect("a panic of the engine is a failed directive"))
    })
}

/// Standard output, until nobody reads it any more.
#[derive(Default)]
struct Output {
    closed: bool,
}

impl Output {
    fn line(&mut self, text: &str) {
        self.closed = self.closed || writeln!(io::stdout(), "{text}").is_err();
    }
}
