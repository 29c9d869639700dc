//! `curta run`.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use curta::{Config, Engine, Error, ErrorKind, Instance, Linker, Module, Store, Val};
use curta_wasi::{Exit, ProgramError, WasiCtx};

use crate::failure::Failure;
use crate::options::{Preload, RunOptions};
use crate::{exit, invoke, source};

/// Runs a module and returns the guest's exit code.
pub(crate) fn run(options: &RunOptions) -> Result<i32, Failure> {
    let Some((file, words)) = options.guest.split_first() else {
        return Err(Failure::usage("a file is expected"));
    };
    let mut config = Config::new();
    config
        .features(options.features.get())
        .compilation_mode(options.mode);
    let engine = Engine::new(&config);
    let module = source::module(&engine, Path::new(file))?;
    let outcome = match &options.invoke {
        Some(name) => call(&module, options, file, name, words),
        None => run_command(&module, options),
    };
    #[cfg(feature = "profile")]
    crate::profile::write(&module)?;
    match outcome {
        Ok(()) => Ok(0),
        Err(Stop::Exit(code)) => Ok(exit::of_guest(code)),
        Err(Stop::Failed(failure)) => Err(failure),
    }
}

/// Why a guest did not just end.
enum Stop {
    /// It exited by itself, which it may from wherever it runs, also while it is instantiated.
    Exit(i32),
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failed(failure)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        match error.downcast_ref::<Exit>() {
            Some(&Exit(code)) => Stop::Exit(code),
            None => Stop::Failed(error.into()),
        }
    }
}

/// Runs a command from its `_start`.
fn run_command(module: &Module, options: &RunOptions) -> Result<(), Stop> {
    let exported = |name| module.get_export(name).is_some();
    if !exported("_start") && module.exports().len() > 0 {
        let reason = if exported("_initialize") {
            ProgramError::Reactor
        } else {
            ProgramError::NoStart
        };
        let functions = invoke::functions(module);
        let message = format!("{reason}{functions}; call one by `--invoke NAME`");
        return Err(Failure::usage(message).into());
    }
    let wasi = options.wasi.context(&options.guest)?;
    let (mut store, instance) = instantiate(module, wasi, &options.preload)?;
    // A module that exports nothing did all that it can do when it was instantiated.
    if exported("_start") {
        let code = curta_wasi::start(&mut store, &instance)?;
        return Err(Stop::Exit(code));
    }
    Ok(())
}

/// Calls one exported function and prints its results.
fn call(
    module: &Module,
    options: &RunOptions,
    file: &OsString,
    name: &str,
    words: &[OsString],
) -> Result<(), Stop> {
    let ty = invoke::function_type(module, name)?;
    let arguments = invoke::arguments(name, &ty, words)?;
    // The call overwrites them all; only their number matters.
    let mut results = vec![Val::I32(0); ty.results().len()];
    let wasi = options.wasi.context(std::slice::from_ref(file))?;
    let (mut store, instance) = instantiate(module, wasi, &options.preload)?;
    // A command's `_start` would run all of it; a reactor wants to be prepared.
    if name != "_initialize" && instance.get_export(&store, "_start").is_none() {
        curta_wasi::initialize(&mut store, &instance)?;
    }
    let function = instance
        .get_func(&store, name)
        .ok_or_else(|| Error::msg(format!("the instance lacks the export `{name}`")))?;
    function.call(&mut store, &arguments, &mut results)?;
    Ok(print(&results)?)
}

/// One value a line.
fn print(results: &[Val]) -> Result<(), Error> {
    let mut output = io::stdout().lock();
    for value in results {
        writeln!(output, "{value}").map_err(Error::new)?;
    }
    output.flush().map_err(Error::new)
}

/// Instantiates what is preloaded, in order, then the module.
fn instantiate(
    module: &Module,
    wasi: WasiCtx,
    preloads: &[Preload],
) -> Result<(Store<WasiCtx>, Instance), Stop> {
    let engine = module.engine();
    let mut linker = Linker::<WasiCtx>::new(engine);
    curta_wasi::add_to_linker(&mut linker, |wasi| wasi)?;
    let mut store = Store::new(engine, wasi);
    for Preload { name, file } in preloads {
        let module = source::module(engine, file)?;
        let linked = linker.module(&mut store, name, &module);
        linked.map_err(|error| match error.kind() {
            // A name that is taken.
            ErrorKind::Usage => {
                Failure::usage(format!("cannot preload {}: {error}", file.display())).into()
            }
            _ => match Stop::from(error) {
                Stop::Failed(failure) => Stop::Failed(failure.of(file)),
                exit => exit,
            },
        })?;
    }
    let instance = linker.instantiate(&mut store, module)?;
    Ok((store, instance))
}
