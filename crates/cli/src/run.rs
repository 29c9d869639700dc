//! `curta run`.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use curta::{Engine, Error, Instance, Linker, Module, Store, Val};
use curta_wasi::{Exit, ProgramError, WasiCtx};

use crate::failure::Failure;
use crate::options::RunOptions;
use crate::{exit, invoke, source};

/// Runs a module and returns the guest's exit code.
pub(crate) fn run(options: &RunOptions) -> Result<i32, Failure> {
    let Some((file, words)) = options.guest.split_first() else {
        return Err(Failure::usage("a file is expected"));
    };
    let engine = Engine::default();
    let module = source::module(&engine, Path::new(file))?;
    match &options.invoke {
        Some(name) => call(&engine, &module, options, file, name, words),
        None => run_command(&engine, &module, options),
    }
}

/// Runs a command from its `_start`.
fn run_command(engine: &Engine, module: &Module, options: &RunOptions) -> Result<i32, Failure> {
    let exported = |name| module.get_export(name).is_some();
    if !exported("_start") && module.exports().len() > 0 {
        let reason = if exported("_initialize") {
            ProgramError::Reactor
        } else {
            ProgramError::NoStart
        };
        let functions = invoke::functions(module);
        return Err(Failure::usage(format!(
            "{reason}{functions}; call one by `--invoke NAME`"
        )));
    }
    let wasi = options.wasi.context(&options.guest)?;
    code(
        instantiate(engine, module, wasi).and_then(|(mut store, instance)| {
            if exported("_start") {
                Ok(exit::of_guest(curta_wasi::start(&mut store, &instance)?))
            } else {
                // A module that exports nothing did all that it can do when it was
                // instantiated.
                Ok(0)
            }
        }),
    )
}

/// Calls one exported function and prints its results.
fn call(
    engine: &Engine,
    module: &Module,
    options: &RunOptions,
    file: &OsString,
    name: &str,
    words: &[OsString],
) -> Result<i32, Failure> {
    let ty = invoke::function_type(module, name)?;
    let arguments = invoke::arguments(name, &ty, words)?;
    // The call overwrites them all; only their number matters.
    let mut results = vec![Val::I32(0); ty.results().len()];
    let wasi = options.wasi.context(std::slice::from_ref(file))?;

    let code = code(
        instantiate(engine, module, wasi).and_then(|(mut store, instance)| {
            // A command's `_start` would run all of it; a reactor wants to be prepared.
            if name != "_initialize" && instance.get_export(&store, "_start").is_none() {
                curta_wasi::initialize(&mut store, &instance)?;
            }
            let function = instance
                .get_func(&store, name)
                .ok_or_else(|| Error::msg(format!("the instance lacks the export `{name}`")))?;
            function.call(&mut store, &arguments, &mut results)?;
            print(&results)?;
            Ok(0)
        }),
    )?;
    Ok(code)
}

/// One value a line.
fn print(results: &[Val]) -> Result<(), Error> {
    let mut output = io::stdout().lock();
    for value in results {
        writeln!(output, "{value}").map_err(Error::new)?;
    }
    output.flush().map_err(Error::new)
}

fn instantiate(
    engine: &Engine,
    module: &Module,
    wasi: WasiCtx,
) -> Result<(Store<WasiCtx>, Instance), Error> {
    let mut linker = Linker::<WasiCtx>::new(engine);
    curta_wasi::add_to_linker(&mut linker, |wasi| wasi)?;
    let mut store = Store::new(engine, wasi);
    let instance = linker.instantiate(&mut store, module)?;
    Ok((store, instance))
}

/// A guest may exit from wherever it runs, also while it is instantiated.
fn code(outcome: Result<i32, Error>) -> Result<i32, Failure> {
    outcome.or_else(|error| match error.downcast_ref::<Exit>() {
        Some(&Exit(code)) => Ok(exit::of_guest(code)),
        None => Err(Failure::from(error)),
    })
}
