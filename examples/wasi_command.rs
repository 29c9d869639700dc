// ANCHOR: all
// Runs a WASI command: `new WASI({ args, env, preopens })`, `wasi.start(instance)`.
use curta::{Engine, Error, Linker, Module, Store};
use curta_wasi::{Capture, WasiCtx};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    // Prints, and exits with 3.
    let module = Module::new(
        &engine,
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write"
                (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
            (memory (export "memory") 1)
            (data (i32.const 8) "\10\00\00\00\06\00\00\00hello\n")
            (func (export "_start")
                (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))
                (call $proc_exit (i32.const 3))))"#,
    )?;

    let mut linker = Linker::<WasiCtx>::new(&engine);
    curta_wasi::add_to_linker(&mut linker, |wasi| wasi)?;
    // ANCHOR: context
    // The guest reaches nothing but what it is given here.
    let output = Capture::new(1024);
    let wasi = WasiCtx::builder()
        .args(["hello", "--loud"])
        .env("LANG", "C")
        .stdout(output.clone())
        .build()?;
    // ANCHOR_END: context
    // ANCHOR: run
    let mut store = Store::new(&engine, wasi);
    let instance = linker.instantiate(&mut store, &module)?;
    assert_eq!(curta_wasi::start(&mut store, &instance)?, 3);
    // ANCHOR_END: run
    assert_eq!(output.contents(), b"hello\n");
    Ok(())
}
// ANCHOR_END: all
