//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use curta::CompilationMode;
use curta_wast::mode::{COMPILATIONS, Modes, compilation};

use crate::exit;
use crate::features::FeatureOptions;
use crate::wasi_options::WasiOptions;

/// Runs, validates, inspects and disassembles WebAssembly modules, in the binary or the text
/// format, and runs scripts of the official test suite.
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
    /// Prints what a module imports, exports and consists of
    Inspect(InspectOptions),
    /// Prints the internal code that a module is translated to
    Disasm(DisasmOptions),
    /// Runs scripts in the format of the official test suite
    Wast(WastOptions),
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

    /// Instantiate this module first; what it exports can be imported from NAME, by FILE and
    /// by what is preloaded after it
    #[arg(long, value_name = "NAME=FILE", value_parser = Preload::parse)]
    pub(crate) preload: Vec<Preload>,

    #[command(flatten)]
    pub(crate) features: FeatureOptions,

    /// When functions are validated and translated: all at once; validated at once and
    /// translated when first called; both when first called
    #[arg(
        long,
        value_name = "MODE",
        default_value = "eager",
        value_parser = compilation_mode()
    )]
    pub(crate) mode: CompilationMode,

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

/// The names of the modes of compilation, which are those of the modes of scripts.
fn compilation_mode() -> impl TypedValueParser<Value = CompilationMode> {
    PossibleValuesParser::new(COMPILATIONS.map(compilation)).map(|name| {
        let named = COMPILATIONS
            .into_iter()
            .find(|mode| compilation(*mode) == name);
        named.expect("one of the possible values")
    })
}

/// Which files to validate.
#[derive(Debug, Args)]
pub(crate) struct ValidateOptions {
    #[command(flatten)]
    pub(crate) features: FeatureOptions,

    /// Modules
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
}

/// What to inspect.
#[derive(Debug, Args)]
pub(crate) struct InspectOptions {
    /// Print JSON, one object
    #[arg(long)]
    pub(crate) json: bool,

    /// The module
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Which scripts to run, and how.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(crate) struct WastOptions {
    #[command(flatten)]
    pub(crate) features: FeatureOptions,

    /// Run each script in these modes, such as `loop/lazy`; one word alone stands for all that
    /// have it, and `all` for all. What this build does not have is skipped. By default the one
    /// in which this build runs modules
    #[arg(long, value_name = "MODE,…", value_delimiter = ',', value_parser = modes)]
    pub(crate) mode: Vec<Modes>,

    /// Scripts
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
}

/// Several modes, by a name.
fn modes(name: &str) -> Result<Modes, String> {
    match name {
        "all" => Ok(Modes::ALL),
        name => name.parse(),
    }
}

/// What to disassemble.
#[derive(Debug, Args)]
pub(crate) struct DisasmOptions {
    #[command(flatten)]
    pub(crate) features: FeatureOptions,

    /// The module
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Only this function: its index, or its name in the name section or as an export
    #[arg(value_name = "FUNC")]
    pub(crate) func: Option<String>,
}

/// A module that is instantiated before the one that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Preload {
    /// Where others import from it.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) file: PathBuf,
}

impl Preload {
    fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, file)) if !file.is_empty() => Ok(Preload {
                name: name.to_owned(),
                file: file.into(),
            }),
            _ => Err("a name and, after `=`, a file are expected".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Command, Options, Preload, RunOptions};

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

    #[test]
    fn a_preloaded_module_has_a_name_and_a_file() {
        let preload = Preload::parse("env=a=b.wasm").unwrap();
        assert_eq!(preload.name, "env");
        assert_eq!(preload.file.to_str(), Some("a=b.wasm"));
        assert!(Preload::parse("env").is_err());
        assert!(Preload::parse("env=").is_err());
        // The empty name is a name, and modules may import from it.
        assert_eq!(Preload::parse("=x.wasm").unwrap().name, "");
    }
}
