// What a guest may use at most.

use curta::{
    Config, Engine, Error, Instance, Module, Store, StoreLimits, StoreLimitsBuilder, Trap,
};

fn main() -> Result<(), Error> {
    // The stack of guests is bounded by the engine, in bytes.
    // ANCHOR: stack
    let engine = Engine::new(Config::new().max_stack_bytes(256 * 1024));
    // ANCHOR_END: stack
    let module = Module::new(
        &engine,
        r#"(module
            (memory (export "memory") 1)
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
            (func $deep (export "deep") (call $deep)))"#,
    )?;

    // Memories, tables and instances by the store.
    // ANCHOR: store
    let limits: StoreLimits = StoreLimitsBuilder::new()
        .memory_size(1 << 20)
        .instances(1)
        .build();
    let mut store = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    // ANCHOR_END: store
    let instance = Instance::new(&mut store, &module, &[])?;

    // A guest is told -1, as by any engine that has no more memory.
    let grow = instance.get_typed_func::<i32, i32>(&store, "grow")?;
    assert_eq!(grow.call(&mut store, 15)?, 1);
    assert_eq!(grow.call(&mut store, 1)?, -1);

    // The host is told which limit, and how much was asked for.
    // ANCHOR: refused
    let memory = instance
        .get_memory(&store, "memory")
        .expect("the module exports it");
    let error = memory.grow(&mut store, 1).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("allows 1048576 bytes, 1114112 are asked for")
    );
    // ANCHOR_END: refused

    // ANCHOR: deep
    let deep = instance.get_typed_func::<(), ()>(&store, "deep")?;
    let error = deep.call(&mut store, ()).unwrap_err();
    assert_eq!(error.trap(), Some(Trap::CallStackExhausted));
    // ANCHOR_END: deep
    Ok(())
}
