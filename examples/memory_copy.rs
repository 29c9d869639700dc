// ANCHOR: all
// Copies bytes and numbers in and out of a guest's memory, each access checked.
use curta::{Engine, Error, Instance, Module, Ptr, Slice, Store};

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

    // Numbers at an address that the guest takes as such.
    let at = Ptr::<u32>::new(64);
    Slice::new(at, 3).write(&mut store, memory, &[1, 20, 300])?;
    let sum = instance.get_typed_func::<(Ptr<u32>, u32), u32>(&store, "sum")?;
    assert_eq!(sum.call(&mut store, (at, 3))?, 321);
    assert_eq!(at.read(&store, memory)?, 1);

    // Plain bytes.
    // ANCHOR: write
    memory.write(&mut store, 68, &5u32.to_le_bytes())?;
    // ANCHOR_END: write
    assert_eq!(sum.call(&mut store, (at, 3))?, 306);
    // ANCHOR: read
    let mut bytes = [0; 4];
    memory.read(&store, 68, &mut bytes)?;
    assert_eq!(bytes, [5, 0, 0, 0]);
    // ANCHOR_END: read
    Ok(())
}
// ANCHOR_END: all
