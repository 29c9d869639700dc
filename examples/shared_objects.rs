// ANCHOR: all
// Makes a memory, a table and a global, and lets two modules import them: `new WebAssembly.Memory({ initial, maximum })`.
use curta::{
    Engine, Error, Global, GlobalType, Linker, Memory, MemoryType, Module, RefType, Store, Table,
    TableType, Val, ValType,
};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    // ANCHOR: make
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(2)))?;
    let ty = TableType::new(RefType::FUNCREF, 1, Some(1));
    let table = Table::new(&mut store, ty, Val::FuncRef(None))?;
    let counter = Global::new(
        &mut store,
        GlobalType::new(ValType::I32, true),
        Val::I32(40),
    )?;
    // ANCHOR_END: make

    // ANCHOR: define
    let mut linker = Linker::new(&engine);
    linker
        .define("env", "memory", memory)?
        .define("env", "table", table)?
        .define("env", "counter", counter)?;
    // ANCHOR_END: define
    let writer = Module::new(
        &engine,
        r#"(module
            (import "env" "memory" (memory 1 2))
            (import "env" "table" (table 1 funcref))
            (import "env" "counter" (global $counter (mut i32)))
            (data (i32.const 0) "shared")
            (elem (i32.const 0) $up)
            (func $up (global.set $counter (i32.add (global.get $counter) (i32.const 1)))))"#,
    )?;
    let caller = Module::new(
        &engine,
        r#"(module
            (import "env" "table" (table 1 funcref))
            (func (export "call") (call_indirect (i32.const 0))))"#,
    )?;
    linker.instantiate(&mut store, &writer)?;
    let caller = linker.instantiate(&mut store, &caller)?;
    let call = caller.get_typed_func::<(), ()>(&store, "call")?;
    call.call(&mut store, ())?;
    call.call(&mut store, ())?;
    assert_eq!(counter.get(&store), Val::I32(42));
    assert_eq!(&memory.data(&store)[..6], b"shared");
    Ok(())
}
// ANCHOR_END: all
