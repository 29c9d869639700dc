// ANCHOR: all
// Looks at a guest's memory in place: `new Uint8Array(instance.exports.memory.buffer)`. The view borrows the store, so it
// cannot be kept while the memory grows or a guest runs: the compiler refuses that.
use curta::{Engine, Error, Instance, Module, Store};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (memory (export "memory") 1)
            (data (i32.const 0) "abc")
            (func (export "first") (result i32) (i32.load8_u (i32.const 0))))"#,
    )?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let memory = instance
        .get_memory(&store, "memory")
        .expect("it is exported");

    // ANCHOR: view
    assert_eq!(&memory.data(&store)[..3], b"abc");
    memory.data_mut(&mut store)[0] = b'z';
    // ANCHOR_END: view
    let first = instance.get_typed_func::<(), i32>(&store, "first")?;
    assert_eq!(first.call(&mut store, ())?, i32::from(b'z'));
    Ok(())
}
// ANCHOR_END: all
