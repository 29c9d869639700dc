//! Memories, tables and globals, shared by host and guests.

use super::{instance, message, setup};
use crate::{
    Engine, ErrorKind, ExternRef, Func, Global, GlobalType, Memory, MemoryType, RefType, Store,
    Table, TableType, Trap, Val, ValType,
};

#[test]
fn host_and_guest_see_the_same_memory() {
    let mut store = Store::new(&Engine::default(), ());
    let instance = instance(
        &mut store,
        r#"(module
            (memory (export "memory") 1 3)
            (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#,
    );
    let memory = instance.get_memory(&store, "memory").unwrap();
    let load = instance.get_typed_func::<u32, u32>(&store, "load").unwrap();
    let grow = instance.get_typed_func::<u32, i32>(&store, "grow").unwrap();
    memory
        .write(&mut store, 65_532, &7u32.to_le_bytes())
        .unwrap();
    assert_eq!(load.call(&mut store, 65_532).unwrap(), 7);
    let beyond = load.call(&mut store, 65_536).unwrap_err();
    assert_eq!(beyond.trap(), Some(Trap::MemoryOutOfBounds));

    assert_eq!(grow.call(&mut store, 1).unwrap(), 1);
    assert_eq!(
        (memory.size(&store), memory.data_size(&store)),
        (2, 131_072)
    );
    assert_eq!(memory.grow(&mut store, 1).unwrap(), 2);
    memory.data_mut(&mut store)[131_072] = 9;
    assert_eq!(load.call(&mut store, 131_072).unwrap(), 9);
    assert_eq!(grow.call(&mut store, 1).unwrap(), -1);
    let error = memory.grow(&mut store, 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert_eq!(memory.ty(&store), MemoryType::new(1, Some(3)));
}

#[test]
fn accesses_out_of_bounds_say_what_was_asked_and_write_nothing() {
    let mut store = Store::new(&Engine::default(), ());
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    let error = memory.write(&mut store, 65_534, &[1; 3]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Bounds);
    let expected = "cannot write 3 bytes at offset 65534: the memory has 65536 bytes";
    assert_eq!(alloc::format!("{error}"), expected);
    assert_eq!(memory.data(&store)[65_534..], [0, 0]);
    assert!(memory.read(&store, usize::MAX, &mut [0; 2]).is_err());
    assert!(memory.read(&store, 65_536, &mut []).is_ok());
}

#[test]
fn bytes_and_host_data_are_borrowed_together() {
    let mut store = Store::new(&Engine::default(), alloc::vec![3u8]);
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    let (bytes, data) = memory.data_and_store_mut(&mut store);
    bytes[0] = data[0];
    data.push(bytes[0]);
    assert_eq!((memory.data(&store)[0], &**store.data()), (3, &[3, 3][..]));
}

#[test]
fn a_memory_the_host_made_is_imported_with_its_present_size() {
    let text = r#"(module (import "env" "memory" (memory 2)))"#;
    let (mut store, mut linker, module) = setup((), text);
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    linker.define("env", "memory", memory).unwrap();
    assert!(linker.instantiate(&mut store, &module).is_err());
    memory.grow(&mut store, 1).unwrap();
    assert!(linker.instantiate(&mut store, &module).is_ok());
}

#[test]
fn host_and_guest_see_the_same_table() {
    let mut store = Store::new(&Engine::default(), ());
    let instance = instance(
        &mut store,
        r#"(module
            (table (export "table") 2 funcref)
            (elem (i32.const 0) $one)
            (type $number (func (result i32)))
            (func $one (result i32) (i32.const 1))
            (func (export "call") (param i32) (result i32)
                (call_indirect (type $number) (local.get 0))))"#,
    );
    let table = instance.get_table(&store, "table").unwrap();
    let call = instance.get_typed_func::<u32, i32>(&store, "call").unwrap();
    assert_eq!(call.call(&mut store, 0).unwrap(), 1);
    let trap = |index, store: &mut Store<()>| call.call(store, index).unwrap_err().trap();
    assert_eq!(trap(1, &mut store), Some(Trap::UninitializedElement));
    assert_eq!(trap(2, &mut store), Some(Trap::UndefinedElement));

    let two = Func::wrap(&mut store, || 2i32);
    let other = Func::wrap(&mut store, || 2i64);
    table.set(&mut store, 1, two.into()).unwrap();
    assert_eq!(call.call(&mut store, 1).unwrap(), 2);
    assert_eq!(table.grow(&mut store, 2, other.into()).unwrap(), 2);
    assert_eq!(trap(3, &mut store), Some(Trap::IndirectCallTypeMismatch));
    let one = table.get(&store, 0).unwrap().unwrap_funcref().unwrap();
    assert_eq!(
        one.typed::<(), i32>(&store)
            .unwrap()
            .call(&mut store, ())
            .unwrap(),
        1
    );
}

#[test]
fn a_table_takes_values_of_its_type_only() {
    let mut store = Store::new(&Engine::default(), ());
    let ty = TableType::new(RefType::FUNCREF, 1, Some(2));
    let table = Table::new(&mut store, ty, Val::FuncRef(None)).unwrap();
    let object = ExternRef::new(&mut store, "object");
    assert_eq!(
        message(table.set(&mut store, 0, object.into())),
        "an element of the table (table 1 2 funcref): expected funcref, found externref"
    );
    assert!(table.set(&mut store, 0, Val::ExternRef(None)).is_err());
    assert_eq!(
        message(table.set(&mut store, 1, Val::FuncRef(None))),
        "cannot set element 1: the table has 1 elements"
    );
    assert_eq!(
        message(table.grow(&mut store, 2, Val::FuncRef(None))),
        "cannot grow the table (table 1 2 funcref) of 1 elements by 2 more: its maximum is 2 elements"
    );
    assert_eq!(table.size(&store), 1);
}

#[test]
fn all_tables_of_a_store_share_a_budget() {
    let mut store = Store::new(&Engine::default(), ());
    let ty = TableType::new(RefType::FUNCREF, 10_000_000, None);
    let result: Result<alloc::vec::Vec<_>, _> = (0..5)
        .map(|_| Table::new(&mut store, ty, Val::FuncRef(None)))
        .collect();
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn host_and_guests_see_the_same_globals() {
    let text = r#"(module
        (import "env" "counter" (global $counter (mut i64)))
        (import "env" "step" (global $step i64))
        (global (export "own") (mut i32) (i32.const 5))
        (global (export "first") i64 (global.get $step))
        (func (export "count")
            (global.set $counter (i64.add (global.get $counter) (global.get $step)))))"#;
    let (mut store, mut linker, module) = setup((), text);
    let ty = |mutable| GlobalType {
        content: ValType::I64,
        mutable,
    };
    let counter = Global::new(&mut store, ty(true), Val::I64(1)).unwrap();
    let step = Global::new(&mut store, ty(false), Val::I64(10)).unwrap();
    linker.define("env", "counter", counter).unwrap();
    linker.define("env", "step", step).unwrap();
    let (a, b) = (
        linker.instantiate(&mut store, &module).unwrap(),
        linker.instantiate(&mut store, &module).unwrap(),
    );
    for instance in [a, b] {
        let count = instance.get_typed_func::<(), ()>(&store, "count").unwrap();
        count.call(&mut store, ()).unwrap();
    }
    assert_eq!(counter.get(&store), Val::I64(21));
    assert_eq!(
        a.get_global(&store, "first").unwrap().get(&store),
        Val::I64(10)
    );
    assert_eq!(
        message(step.set(&mut store, Val::I64(0))),
        "(global i64) is immutable"
    );

    let (own_a, own_b) = (
        a.get_global(&store, "own").unwrap(),
        b.get_global(&store, "own").unwrap(),
    );
    own_a.set(&mut store, Val::I32(6)).unwrap();
    assert_eq!(
        (own_a.get(&store), own_b.get(&store)),
        (Val::I32(6), Val::I32(5))
    );
    let wrong = "the value of (global (mut i32)): expected i32, found f32";
    assert_eq!(message(own_a.set(&mut store, Val::F32(0))), wrong);
}

#[test]
fn host_objects_travel_through_guests() {
    let mut store = Store::new(&Engine::default(), ());
    let instance = instance(
        &mut store,
        r#"(module
            (table 1 externref)
            (func (export "keep") (param externref) (table.set (i32.const 0) (local.get 0)))
            (func (export "kept") (result externref) (table.get (i32.const 0))))"#,
    );
    let keep = instance
        .get_typed_func::<Option<ExternRef>, ()>(&store, "keep")
        .unwrap();
    let kept = instance
        .get_typed_func::<(), Option<ExternRef>>(&store, "kept")
        .unwrap();
    assert_eq!(kept.call(&mut store, ()).unwrap(), None);
    let object = ExternRef::new(&mut store, 42u64);
    keep.call(&mut store, Some(object)).unwrap();
    let back = kept.call(&mut store, ()).unwrap().unwrap();
    assert_eq!(back, object);
    assert_eq!(back.data(&store).unwrap().downcast_ref::<u64>(), Some(&42));
}
