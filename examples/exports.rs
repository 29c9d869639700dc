// Calling what a guest exports.

use curta::{Engine, Error, Instance, Memory, Module, Store, TypedFunc, Val};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (memory (export "memory") 1)
            (func (export "add") (param i32 i32) (result i32)
                (i32.add (local.get 0) (local.get 1)))
            (func (export "divmod") (param i32 i32) (result i32 i32)
                (i32.div_s (local.get 0) (local.get 1))
                (i32.rem_s (local.get 0) (local.get 1))))"#,
    )?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;

    // The type is checked once, here.
    // ANCHOR: typed
    let add = instance.get_typed_func::<(i32, i32), i32>(&store, "add")?;
    assert_eq!(add.call(&mut store, (2, 3))?, 5);
    // ANCHOR_END: typed

    // Several results are a tuple.
    let divmod = instance.get_typed_func::<(i32, i32), (i32, i32)>(&store, "divmod")?;
    assert_eq!(divmod.call(&mut store, (17, 5))?, (3, 2));

    // Where the type is known only when the program runs.
    // ANCHOR: untyped
    let add = instance
        .get_func(&store, "add")
        .expect("it was there a moment ago");
    let mut results = [Val::I32(0)];
    add.call(&mut store, &[Val::I32(2), Val::I32(3)], &mut results)?;
    assert_eq!(results[0].i32(), Some(5));
    // ANCHOR_END: untyped

    // All that a host needs, checked at once before anything is called.
    // ANCHOR: contract
    let (memory, add): (Memory, TypedFunc<(i32, i32), i32>) =
        instance.typed_exports(&store, ["memory", "add"])?;
    assert_eq!(memory.size(&store), 1);
    assert_eq!(add.call(&mut store, (20, 22))?, 42);
    // ANCHOR_END: contract

    // What is not there, or is something else, is an error with its name.
    // ANCHOR: missing
    let error = instance
        .get_typed_func::<i32, i32>(&store, "sub")
        .unwrap_err();
    assert!(error.to_string().contains("`sub`"));
    let error = instance
        .get_typed_func::<f64, f64>(&store, "add")
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("(func (param i32 i32) (result i32))")
    );
    // ANCHOR_END: missing

    // ANCHOR: trap
    let error = divmod.call(&mut store, (1, 0)).unwrap_err();
    assert_eq!(
        error.trap().map(|trap| trap.to_string()).as_deref(),
        Some("integer divide by zero")
    );
    // ANCHOR_END: trap
    Ok(())
}
