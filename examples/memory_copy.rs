// Copies bytes and numbers in and out of a guest's memory, each access checked.
use curta::{Engine, Error, Instance, Module, Store};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (memory (export "memory") 1)
            ;; Adds up so many 32-bit numbers from an address on.
            (func (export "sum") (param $at i32) (param $count i32) (result i32) (local $sum i32)
                (loop $again
                    (if (local.get $count)
                        (then
                            (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $at))))
                            (local.set $at (i32.add (local.get $at) (i32.const 4)))
                            (local.set $count (i32.sub (local.get $count) (i32.const 1)))
                            (br $again))))
                (local.get $sum)))"#,
    )?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let memory = instance
        .get_memory(&store, "memory")
        .expect("it is exported");

    for (index, number) in [1u32, 20, 300].into_iter().enumerate() {
        memory.write(&mut store, 64 + 4 * index, &number.to_le_bytes())?;
    }
    let sum = instance.get_typed_func::<(u32, u32), u32>(&store, "sum")?;
    assert_eq!(sum.call(&mut store, (64, 3))?, 321);

    let mut bytes = [0; 4];
    memory.read(&store, 68, &mut bytes)?;
    assert_eq!(u32::from_le_bytes(bytes), 20);
    Ok(())
}
