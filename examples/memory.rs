// Bytes in and out of a guest's memory.

use curta::{Engine, Error, Instance, Module, Store};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (memory (export "memory") 1 3)
            (func (export "upper") (param $at i32) (param $end i32)
                (loop $next
                    (if (i32.lt_u (local.get $at) (local.get $end))
                        (then
                            (i32.store8 (local.get $at)
                                (i32.and (i32.load8_u (local.get $at)) (i32.const 0xdf)))
                            (local.set $at (i32.add (local.get $at) (i32.const 1)))
                            (br $next))))))"#,
    )?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let upper = instance.get_typed_func::<(i32, i32), ()>(&store, "upper")?;

    // ANCHOR: export
    let memory = instance
        .get_memory(&store, "memory")
        .expect("the module exports it");
    // ANCHOR_END: export

    // Copies, checked.
    // ANCHOR: copy
    memory.write(&mut store, 100, b"quiet")?;
    upper.call(&mut store, (100, 105))?;
    let mut loud = [0; 5];
    memory.read(&store, 100, &mut loud)?;
    assert_eq!(&loud, b"QUIET");
    // ANCHOR_END: copy

    // All of it as a slice, without copies. The borrow ends before anything can grow it.
    // ANCHOR: view
    assert_eq!(&memory.data(&store)[100..105], b"QUIET");
    memory.data_mut(&mut store)[100] = b'q';
    // ANCHOR_END: view

    // Pages of 64 KiB; the result is the size before.
    // ANCHOR: grow
    assert_eq!(memory.grow(&mut store, 1)?, 1);
    assert_eq!(memory.size(&store), 2);
    assert!(memory.grow(&mut store, 2).is_err());
    assert_eq!(memory.size(&store), 2);
    // ANCHOR_END: grow

    // ANCHOR: bounds
    let error = memory.write(&mut store, 131_070, b"long").unwrap_err();
    for number in ["131070", "4", "131072"] {
        assert!(error.to_string().contains(number), "{error}");
    }
    // ANCHOR_END: bounds
    Ok(())
}
