// ANCHOR: all
// Bounds what guests may use: memory, tables and instances through the store's limiter, stack and nesting through the
// engine's configuration.
use curta::{
    Config, Engine, Error, Instance, Module, Store, StoreLimits, StoreLimitsBuilder, Trap,
};

struct Host {
    limits: StoreLimits,
}

fn main() -> Result<(), Error> {
    // ANCHOR: stack
    let mut config = Config::new();
    config.max_stack_bytes(64 * 1024).max_host_depth(10);
    let engine = Engine::new(&config);
    // ANCHOR_END: stack
    let module = Module::new(
        &engine,
        r#"(module
            (memory 1)
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
            (func $deep (export "deep") (call $deep)))"#,
    )?;

    // ANCHOR: store
    let limits = StoreLimitsBuilder::new()
        .memory_size(1 << 20)
        .table_elements(1000)
        .instances(3)
        .build();
    let mut store = Store::new(&engine, Host { limits });
    store.limiter(|host| &mut host.limits);
    // ANCHOR_END: store
    let instance = Instance::new(&mut store, &module, &[])?;

    // ANCHOR: refused
    let grow = instance.get_typed_func::<u32, i32>(&store, "grow")?;
    assert_eq!(grow.call(&mut store, 15)?, 1);
    assert_eq!(
        grow.call(&mut store, 1)?,
        -1,
        "that would be more than a megabyte"
    );
    // ANCHOR_END: refused

    // ANCHOR: deep
    let deep = instance.get_typed_func::<(), ()>(&store, "deep")?;
    let error = deep.call(&mut store, ()).unwrap_err();
    assert_eq!(error.trap(), Some(Trap::CallStackExhausted));
    // ANCHOR_END: deep
    Ok(())
}
// ANCHOR_END: all
