// A WASI program: its arguments, its output, its exit code.

use curta::{Engine, Error, Linker, Module, Store};
use curta_wasi::{Capture, WasiCtx};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, include_str!("hello.wat"))?;

    // The guest has what is granted here and nothing else.
    // ANCHOR: context
    let output = Capture::new(1024);
    let wasi = WasiCtx::builder()
        .args(["hello", "--loud"])
        .env("LANG", "en")
        .stdout(output.clone())
        .build()?;
    // ANCHOR_END: context

    // ANCHOR: run
    let mut linker = Linker::<WasiCtx>::new(&engine);
    curta_wasi::add_to_linker(&mut linker, |wasi| wasi)?;
    let mut store = Store::new(&engine, wasi);
    let instance = linker.instantiate(&mut store, &module)?;
    let exit_code = curta_wasi::run(&mut store, &instance)?;
    // ANCHOR_END: run
    assert_eq!(exit_code, 0);
    assert_eq!(output.contents(), b"hello from a sandbox\n");

    // A command is not a reactor, and is not taken for one.
    // ANCHOR: reactor
    let error = curta_wasi::initialize(&mut store, &instance).unwrap_err();
    assert!(error.to_string().contains("_start"), "{error}");
    // ANCHOR_END: reactor
    Ok(())
}
