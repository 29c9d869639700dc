// ANCHOR: all
// Calls what an instance exports: `instance.exports.add(2, 3)`. The type is checked once, when the function is looked up.
use curta::{Engine, Error, Instance, Module, Store, Val};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module (func (export "add") (param i32 i32) (result i32)
            (i32.add (local.get 0) (local.get 1))))"#,
    )?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;

    // ANCHOR: typed
    let add = instance.get_typed_func::<(i32, i32), i32>(&store, "add")?;
    assert_eq!(add.call(&mut store, (2, 3))?, 5);
    // ANCHOR_END: typed

    // Where types are known at run time only, values carry them.
    // ANCHOR: untyped
    let add = instance.get_func(&store, "add").expect("it is exported");
    let mut results = [Val::I32(0)];
    add.call(&mut store, &[Val::I32(2), Val::I32(3)], &mut results)?;
    assert_eq!(results[0].i32(), Some(5));
    // ANCHOR_END: untyped

    // What is not there, or is something else, is an error when it is looked up.
    // ANCHOR: missing
    let error = instance
        .get_typed_func::<(), ()>(&store, "sub")
        .unwrap_err();
    assert_eq!(error.to_string(), "no export `sub`: there is `add`");
    // ANCHOR_END: missing
    Ok(())
}
// ANCHOR_END: all
