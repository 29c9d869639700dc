// ANCHOR: all
// Gives a module what it imports, by name: `WebAssembly.instantiate(bytes, imports)`.
use curta::{Engine, Error, Linker, Module, Store};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "math" "square" (func $square (param f64) (result f64)))
            (import "math" "add" (func $add (param f64 f64) (result f64)))
            (func (export "squares") (param f64 f64) (result f64)
                (call $add (call $square (local.get 0)) (call $square (local.get 1)))))"#,
    )?;

    // ANCHOR: instantiate
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("math", "square", |x: f64| x * x)?
        .func_wrap("math", "add", |x: f64, y: f64| x + y)?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module)?;
    // ANCHOR_END: instantiate

    let squares = instance.get_typed_func::<(f64, f64), f64>(&store, "squares")?;
    assert_eq!(squares.call(&mut store, (3.0, 4.0))?, 25.0);
    Ok(())
}
// ANCHOR_END: all
