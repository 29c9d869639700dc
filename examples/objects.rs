// A memory, a table and a global that the host makes and guests import.

use curta::{
    Engine, Error, Func, Global, GlobalType, Linker, Memory, MemoryType, Module, RefType, Store,
    Table, TableType, Val, ValType,
};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);

    // One page now, two at most.
    // ANCHOR: memory
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(2)))?;
    linker.define("env", "memory", memory)?;
    // ANCHOR_END: memory

    // ANCHOR: table
    let ty = TableType {
        element: RefType::FUNCREF,
        minimum: 1,
        maximum: None,
        table64: false,
    };
    let table = Table::new(&mut store, ty, Val::FuncRef(None))?;
    let double = Func::wrap(&mut store, |x: i32| 2 * x);
    table.set(&mut store, 0, Val::FuncRef(Some(double)))?;
    linker.define("env", "table", table)?;
    // ANCHOR_END: table

    // ANCHOR: global
    let ty = GlobalType {
        content: ValType::I32,
        mutable: true,
    };
    let counter = Global::new(&mut store, ty, Val::I32(20))?;
    linker.define("env", "counter", counter)?;
    // ANCHOR_END: global

    let module = Module::new(
        &engine,
        r#"(module
            (import "env" "memory" (memory 1 2))
            (import "env" "table" (table 1 funcref))
            (global $counter (import "env" "counter") (mut i32))
            (func (export "step")
                (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
                (i32.store (i32.const 0)
                    (call_indirect (param i32) (result i32) (global.get $counter) (i32.const 0)))))"#,
    )?;
    let instance = linker.instantiate(&mut store, &module)?;
    instance
        .get_typed_func::<(), ()>(&store, "step")?
        .call(&mut store, ())?;
    assert_eq!(counter.get(&store), Val::I32(21));
    assert_eq!(memory.data(&store)[0], 42);

    // A global keeps its type, and a table its own.
    // ANCHOR: types
    assert!(counter.set(&mut store, Val::I64(0)).is_err());
    assert!(table.set(&mut store, 0, Val::ExternRef(None)).is_err());
    assert!(table.set(&mut store, 7, Val::FuncRef(None)).is_err());
    // ANCHOR_END: types
    Ok(())
}
