// ANCHOR: all
// Makes a module of bytes that are all there, in either format: `new WebAssembly.Module(bytes)`. It can be instantiated any
// number of times, on any number of threads.
use curta::{Config, Engine, Error, Features, Instance, Module, Store};

fn main() -> Result<(), Error> {
    let mut config = Config::new();
    config.features(Features::WASM2);
    let engine = Engine::new(&config);
    // ANCHOR: compile
    let module = Module::new(
        &engine,
        r#"(module
            (global $n (mut i32) (i32.const 0))
            (func (export "next") (result i32)
                (global.set $n (i32.add (global.get $n) (i32.const 1)))
                (global.get $n)))"#,
    )?;
    // ANCHOR_END: compile
    // ANCHOR: reflect
    for export in module.exports() {
        println!("{export}");
    }
    // ANCHOR_END: reflect

    // Two instances share the code and nothing else.
    let mut store = Store::new(&engine, ());
    // ANCHOR: instances
    let (one, other) = (
        Instance::new(&mut store, &module, &[])?,
        Instance::new(&mut store, &module, &[])?,
    );
    // ANCHOR_END: instances
    let next = one.get_typed_func::<(), i32>(&store, "next")?;
    assert_eq!(
        (next.call(&mut store, ())?, next.call(&mut store, ())?),
        (1, 2)
    );
    let next = other.get_typed_func::<(), i32>(&store, "next")?;
    assert_eq!(next.call(&mut store, ())?, 1);
    Ok(())
}
// ANCHOR_END: all
