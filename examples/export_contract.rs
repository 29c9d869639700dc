// ANCHOR: all
// Checks all exports that a host needs, before it calls any.
use curta::{Engine, Error, Instance, Memory, Module, Store, TypedFunc};

// ANCHOR: contract
/// What every plugin exports.
struct Plugin {
    memory: Memory,
    version: TypedFunc<(), i32>,
    run: TypedFunc<(u32, u32), u64>,
}

impl Plugin {
    fn new(store: &Store<()>, instance: Instance) -> Result<Plugin, Error> {
        let (memory, version, run) = instance.typed_exports(store, ["memory", "version", "run"])?;
        Ok(Plugin {
            memory,
            version,
            run,
        })
    }
}
// ANCHOR_END: contract

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (memory (export "memory") 1)
            (func (export "version") (result i32) (i32.const 2))
            (func (export "run") (param i32 i32) (result i64)
                (i64.extend_i32_u (i32.add (local.get 0) (local.get 1)))))"#,
    )?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let plugin = Plugin::new(&store, instance)?;
    assert_eq!(plugin.version.call(&mut store, ())?, 2);
    assert_eq!(plugin.run.call(&mut store, (20, 22))?, 42);
    assert_eq!(plugin.memory.size(&store), 1);
    Ok(())
}
// ANCHOR_END: all
