//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::exit;
use crate::wasi_options::WasiOptions;

/// Runs, validates and disassembles WebAssembly modules, in the binary or the text format.
#[derive(Debug, Parser)]
#[command(name = "curta", version, after_help = exit::HELP)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs a module: a WASI command from its `_start`, or one exported function
    Run(RunOptions),
    /// Says of each file whether it is a valid module
    Validate(ValidateOptions),
    /// Prints the internal code that a module is translated to
    Disasm(DisasmOptions),
}

/// How to run a module.
///
/// The guest sees the standard streams, its arguments, and what is given to it here;
/// nothing else of the host.
#[derive(Debug, Args)]
#[command(
    override_usage = "curta run [OPTIONS] FILE [ARGS]...",
    after_help = exit::HELP
)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    pub(crate) wasi: WasiOptions,

    /// Call this exported function with ARGS, read as its parameters' types say, and print
    /// its results, one a line
    #[arg(long, value_name = "NAME")]
    pub(crate) invoke: Option<String>,

    /// The module, and what the guest gets as its arguments; options after FILE are the
    /// guest's as well
    #[arg(
        value_names = ["FILE", "ARGS"],
        num_args = 1..,
        required = true,
        trailing_var_arg = true
    )]
    pub(crate) guest: Vec<OsString>,
}

/// Which files to validate.
#[derive(Debug, Args)]
pub(crate) struct ValidateOptions {
    /// Modules
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
}

/// What to disassemble.
#[derive(Debug, Args)]
pub(crate) struct DisasmOptions {
    /// The module
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Only this function: its index, or its name in the name section or as an export
    #[arg(value_name = "FUNC")]
    pub(crate) func: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Command, Options, RunOptions};

    fn run_options(arguments: &[&str]) -> Result<RunOptions, clap::Error> {
        let arguments = ["curta", "run"].iter().chain(arguments);
        match Options::try_parse_from(arguments)?.command {
            Command::Run(options) => Ok(options),
            command => panic!("{command:?}"),
        }
    }

    #[test]
    fn the_description_of_the_command_line_is_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn everything_after_the_file_belongs_to_the_guest() {
        let arguments = ["--env", "A=1", "x.wasm", "--env", "B=2", "-v", "--", "y"];
        let options = run_options(&arguments).unwrap();
        assert_eq!(options.wasi.env.len(), 1);
        assert_eq!(options.guest, ["x.wasm", "--env", "B=2", "-v", "--", "y"]);
    }

    #[test]
    fn an_unknown_option_before_the_file_is_an_error() {
        assert!(run_options(&["--unknown", "x.wasm"]).is_err());
        assert!(run_options(&[]).is_err());
        assert!(run_options(&["--invoke", "f"]).is_err());
    }
}
