//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use curta::CompilationMode;
use curta_wast::mode::{COMPILATIONS, Modes, compilation};

use crate::exit;
use crate::features::FeatureOptions;

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
    /// Give the guest a directory and all below it, under the name GUEST or the same name
    #[arg(long, value_name = "HOST[::GUEST]", value_parser = Directory::parse)]
    pub(crate) dir: Vec<Directory>,

    /// Set an environment variable of the guest; the host's are not passed on
    #[arg(long, value_name = "NAME=VALUE", value_parser = Variable::parse)]
    pub(crate) env: Vec<Variable>,

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

/// A directory for the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directory {
    /// Where it is.
    pub(crate) host: PathBuf,
    /// What the guest calls it.
    pub(crate) guest: String,
}

impl Directory {
    fn parse(text: &str) -> Result<Self, String> {
        let (host, guest) = text.split_once("::").unwrap_or((text, text));
        if host.is_empty() || guest.is_empty() {
            return Err("a directory and, after `::`, a name for it are expected".to_owned());
        }
        Ok(Directory {
            host: host.into(),
            guest: guest.to_owned(),
        })
    }
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

/// An environment variable for the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Variable {
    fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Variable {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("a name and, after `=`, a value are expected".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Command, Directory, Options, Preload, RunOptions, Variable};

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
        assert_eq!(options.env.len(), 1);
        assert_eq!(options.guest, ["x.wasm", "--env", "B=2", "-v", "--", "y"]);
    }

    #[test]
    fn an_unknown_option_before_the_file_is_an_error() {
        assert!(run_options(&["--unknown", "x.wasm"]).is_err());
        assert!(run_options(&[]).is_err());
        assert!(run_options(&["--invoke", "f"]).is_err());
    }

    #[test]
    fn directories_may_be_renamed_for_the_guest() {
        let directory = |host: &str, guest: &str| Directory {
            host: host.into(),
            guest: guest.to_owned(),
        };
        assert_eq!(Directory::parse("a/b"), Ok(directory("a/b", "a/b")));
        assert_eq!(Directory::parse("a::/b"), Ok(directory("a", "/b")));
        for text in ["", "::", "a::", "::b"] {
            assert!(Directory::parse(text).is_err(), "{text:?}");
        }
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

    #[test]
    fn variables_have_a_name_and_a_value_that_may_be_empty() {
        let variable = Variable::parse("A=b=c").unwrap();
        assert_eq!(
            (variable.name.as_str(), variable.value.as_str()),
            ("A", "b=c")
        );
        assert!(Variable::parse("A=").is_ok());
        assert!(Variable::parse("A").is_err());
        assert!(Variable::parse("=b").is_err());
    }
}
