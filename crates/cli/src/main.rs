//! The command `curta`: runs, validates, inspects and disassembles WebAssembly modules, and runs
//! scripts of the official test suite.
//!
//! It uses the public APIs of the other crates and nothing else. What it prints
//! on standard output is the result that was asked for; everything else goes to standard
//! error. [`exit`] has the table of exit codes.
#![deny(unsafe_code)]

mod disasm;
mod exit;
mod failure;
mod features;
mod inspect;
mod invoke;
mod json;
mod options;
#[cfg(feature = "profile")]
mod profile;
mod progress;
mod run;
mod source;
mod validate;
mod wasi_options;
mod wast;

use std::process;

use clap::Parser;

use exit::Code;
use options::{Command, Options};

fn main() {
    process::exit(command(&options()));
}

/// Reads the command line. Help that was asked for is a success.
fn options() -> Options {
    Options::try_parse().unwrap_or_else(|error| {
        // Nothing can be done where the terminal is gone.
        let _ = error.print();
        let code = if error.use_stderr() {
            Code::Usage.number()
        } else {
            0
        };
        process::exit(code)
    })
}

/// Carries out a command and returns the exit code.
fn command(options: &Options) -> i32 {
    let outcome = match &options.command {
        Command::Run(options) => run::run(options),
        Command::Validate(options) => Ok(validate::validate(options)),
        Command::Inspect(options) => inspect::inspect(options).map(|()| 0),
        Command::Disasm(options) => disasm::disasm(options).map(|()| 0),
        Command::Wast(options) => wast::wast(options),
    };
    outcome.unwrap_or_else(|failure| {
        failure.print();
        failure.code().number()
    })
}
