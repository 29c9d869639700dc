// ANCHOR: all
// Initialises a WASI reactor and calls its functions: `wasi.initialize(instance)`.
use curta::{Engine, Error, Linker, Module, Store};
use curta_wasi::WasiCtx;

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (global $ready (mut i32) (i32.const 0))
            (memory (export "memory") 1)
            (func (export "_initialize") (global.set $ready (i32.const 1)))
            (func (export "ready") (result i32) (global.get $ready)))"#,
    )?;
    let mut linker = Linker::<WasiCtx>::new(&engine);
    curta_wasi::add_to_linker(&mut linker, |wasi| wasi)?;
    let mut store = Store::new(&engine, WasiCtx::builder().build()?);
    let instance = linker.instantiate(&mut store, &module)?;
    // ANCHOR: initialize
    curta_wasi::initialize(&mut store, &instance)?;
    // ANCHOR_END: initialize
    let ready = instance.get_typed_func::<(), i32>(&store, "ready")?;
    assert_eq!(ready.call(&mut store, ())?, 1);
    Ok(())
}
// ANCHOR_END: all
