//! `wasmi-io MODULE ARGUMENTS…` runs a command under wasmi with wasmi_wasi, each as its documentation
//! shows it. The guest has the standard streams, and the current directory as its root.

use std::error::Error;
use std::process::ExitCode;

use wasmi::{Engine, Linker, Module, Store};
use wasmi_wasi::sync::{Dir, ambient_authority};
use wasmi_wasi::{WasiCtx, WasiCtxBuilder, add_to_linker};

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        eprintln!("wasmi-io: {error}");
        ExitCode::FAILURE
    })
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let path = arguments.first().ok_or("which module?")?;
    let engine = Engine::default();
    let module = Module::new(&engine, std::fs::read(path)?)?;
    let mut linker = Linker::<WasiCtx>::new(&engine);
    add_to_linker(&mut linker, |wasi| wasi)?;
    let here = Dir::open_ambient_dir(".", ambient_authority())?;
    let wasi = WasiCtxBuilder::new()
        .args(&arguments)?
        .inherit_stdio()
        .preopened_dir(here, "/")?
        .build();
    let mut store = Store::new(&engine, wasi);
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let start = instance.get_typed_func::<(), ()>(&store, "_start")?;
    match start.call(&mut store, ()) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => match error.i32_exit_status() {
            Some(status) => Ok(u8::try_from(status).map_or(ExitCode::FAILURE, ExitCode::from)),
            None => Err(error.into()),
        },
    }
}
