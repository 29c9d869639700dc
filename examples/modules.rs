// ANCHOR: all
// Several modules that use each other, and several instances of one.

use curta::{Engine, Error, Linker, Module, Store};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let counter = Module::new(
        &engine,
        r#"(module
            (global $n (mut i32) (i32.const 0))
            (func (export "next") (result i32)
                (global.set $n (i32.add (global.get $n) (i32.const 1)))
                (global.get $n)))"#,
    )?;
    let user = Module::new(
        &engine,
        r#"(module
            (import "counter" "next" (func $next (result i32)))
            (func (export "twice") (result i32)
                (i32.add (call $next) (call $next))))"#,
    )?;
    let mut store = Store::new(&engine, ());

    // What the first exports, the second imports.
    // ANCHOR: module
    let mut linker = Linker::new(&engine);
    linker.module(&mut store, "counter", &counter)?;
    let user = linker.instantiate(&mut store, &user)?;
    // ANCHOR_END: module
    let twice = user.get_typed_func::<(), i32>(&store, "twice")?;
    assert_eq!(twice.call(&mut store, ())?, 1 + 2);

    // Another instance of the same module starts anew; the code is shared.
    // ANCHOR: instances
    let fresh = Linker::new(&engine).instantiate(&mut store, &counter)?;
    let next = fresh.get_typed_func::<(), i32>(&store, "next")?;
    assert_eq!(next.call(&mut store, ())?, 1);
    assert_eq!(twice.call(&mut store, ())?, 3 + 4);
    // ANCHOR_END: instances
    Ok(())
}
// ANCHOR_END: all
