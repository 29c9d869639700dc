//! Instances: the order of effects, what failure leaves behind, and what modules tell of
//! themselves.

use super::{instance, message, setup};
use crate::{
    Engine, ErrorKind, Func, Instance, Memory, MemoryType, Module, RefType, Store, Table,
    TableType, Trap, Val,
};
use alloc::{format, string::ToString, vec::Vec};

#[test]
fn a_trap_in_a_segment_leaves_what_was_written() {
    let text = r#"(module
        (import "env" "memory" (memory 1))
        (import "env" "table" (table 2 funcref))
        (func $one (result i32) (i32.const 1))
        (elem (i32.const 0) $one)
        (data (i32.const 0) "first")
        (data (i32.const 65535) "beyond"))"#;
    let (mut store, mut linker, module) = setup((), text);
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    let ty = TableType::new(RefType::FUNCREF, 2, None);
    let table = Table::new(&mut store, ty, Val::FuncRef(None)).unwrap();
    linker.define("env", "memory", memory).unwrap();
    linker.define("env", "table", table).unwrap();
    let error = linker.instantiate(&mut store, &module).unwrap_err();
    assert_eq!(error.trap(), Some(Trap::MemoryOutOfBounds));
    assert_eq!(&memory.data(&store)[..5], b"first");
    assert_eq!(
        memory.data(&store)[65_535],
        0,
        "a segment is written whole or not at all"
    );
    // The failed instance's function has escaped and stays callable.
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
fn elements_are_written_before_data() {
    let text = r#"(module
        (import "env" "memory" (memory 1))
        (table 1 funcref)
        (func $f)
        (elem (i32.const 1) $f)
        (data (i32.const 0) "x"))"#;
    let (mut store, mut linker, module) = setup((), text);
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    linker.define("env", "memory", memory).unwrap();
    let error = linker.instantiate(&mut store, &module).unwrap_err();
    assert_eq!(error.trap(), Some(Trap::TableOutOfBounds));
    assert_eq!(memory.data(&store)[0], 0);
}

#[test]
fn a_link_error_changes_nothing() {
    let text = r#"(module
        (import "env" "memory" (memory 1))
        (import "env" "missing" (func))
        (data (i32.const 0) "x"))"#;
    let (mut store, mut linker, module) = setup((), text);
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    linker.define("env", "memory", memory).unwrap();
    assert_eq!(
        linker.instantiate(&mut store, &module).unwrap_err().kind(),
        ErrorKind::Link
    );
    assert_eq!(memory.data(&store)[0], 0);
}

#[test]
fn start_runs_last_and_its_trap_leaves_what_was_written() {
    let text = r#"(module
        (import "env" "memory" (memory 1))
        (data (i32.const 0) "\05")
        (func $start
            (i32.store8 (i32.const 1) (i32.load8_u (i32.const 0)))
            (unreachable))
        (start $start))"#;
    let (mut store, mut linker, module) = setup((), text);
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    linker.define("env", "memory", memory).unwrap();
    let error = linker.instantiate(&mut store, &module).unwrap_err();
    assert_eq!(error.trap(), Some(Trap::Unreachable));
    assert_eq!(
        error.backtrace().unwrap().frames()[0].func_name(),
        Some("start")
    );
    assert_eq!(memory.data(&store)[..2], [5, 5]);
}

#[test]
fn start_may_be_a_host_function() {
    let (mut store, mut linker, module) = setup(
        0,
        r#"(module (import "host" "start" (func $start)) (start $start))"#,
    );
    linker
        .func_wrap("host", "start", |mut caller: crate::Caller<'_, i32>| {
            *caller.data_mut() += 1
        })
        .unwrap();
    linker.instantiate(&mut store, &module).unwrap();
    linker.instantiate(&mut store, &module).unwrap();
    assert_eq!(*store.data(), 2);
}

#[test]
fn offsets_and_values_come_from_imported_globals() {
    let text = r#"(module
        (import "env" "base" (global $base i32))
        (memory (export "memory") 1)
        (table (export "table") 4 funcref)
        (global (export "copy") i32 (global.get $base))
        (global (export "func") funcref (ref.func $f))
        (func $f (export "f"))
        (elem (global.get $base) funcref (ref.func $f) (ref.null func))
        (data (global.get $base) "x"))"#;
    let (mut store, mut linker, module) = setup((), text);
    let ty = crate::GlobalType {
        content: crate::ValType::I32,
        mutable: false,
    };
    let base = crate::Global::new(&mut store, ty, Val::I32(2)).unwrap();
    linker.define("env", "base", base).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let f = instance.get_func(&store, "f").unwrap();
    let table = instance.get_table(&store, "table").unwrap();
    let elements: Vec<_> = (0..4)
        .map(|index| table.get(&store, index).unwrap())
        .collect();
    assert_eq!(elements[2..], [f.into(), Val::FuncRef(None)]);
    assert_eq!(
        instance.get_global(&store, "func").unwrap().get(&store),
        f.into()
    );
    assert_eq!(
        instance.get_global(&store, "copy").unwrap().get(&store),
        Val::I32(2)
    );
    assert_eq!(
        instance.get_memory(&store, "memory").unwrap().data(&store)[2],
        b'x'
    );
}

#[test]
fn segments_are_dropped_once_applied_and_passive_ones_wait() {
    let mut store = Store::new(&Engine::default(), ());
    let instance = instance(
        &mut store,
        r#"(module
            (memory (export "memory") 1)
            (table 4 funcref)
            (func $f)
            (data $active (i32.const 0) "abc")
            (data $passive "xyz")
            (elem $elements funcref (ref.func $f) (ref.null func))
            (func (export "active") (param i32)
                (memory.init $active (i32.const 0) (i32.const 0) (local.get 0)))
            (func (export "passive") (param i32 i32)
                (memory.init $passive (i32.const 8) (local.get 0) (local.get 1)))
            (func (export "drop") (data.drop $passive) (elem.drop $elements))
            (func (export "elements") (param i32) (result i32)
                (table.init $elements (i32.const 0) (i32.const 0) (local.get 0))
                (ref.is_null (table.get (i32.const 0)))))"#,
    );
    let active = instance
        .get_typed_func::<u32, ()>(&store, "active")
        .unwrap();
    let passive = instance
        .get_typed_func::<(u32, u32), ()>(&store, "passive")
        .unwrap();
    let elements = instance
        .get_typed_func::<u32, i32>(&store, "elements")
        .unwrap();
    let drop = instance.get_typed_func::<(), ()>(&store, "drop").unwrap();
    let out_of_bounds = Some(Trap::MemoryOutOfBounds);
    assert_eq!(
        active.call(&mut store, 1).unwrap_err().trap(),
        out_of_bounds
    );
    active.call(&mut store, 0).unwrap();
    passive.call(&mut store, (1, 2)).unwrap();
    assert_eq!(
        passive.call(&mut store, (2, 2)).unwrap_err().trap(),
        out_of_bounds
    );
    let memory = instance.get_memory(&store, "memory").unwrap();
    assert_eq!(&memory.data(&store)[8..11], b"yz\0");
    assert_eq!(elements.call(&mut store, 2).unwrap(), 0);
    drop.call(&mut store, ()).unwrap();
    assert_eq!(
        passive.call(&mut store, (0, 1)).unwrap_err().trap(),
        out_of_bounds
    );
    passive.call(&mut store, (0, 0)).unwrap();
    assert_eq!(
        elements.call(&mut store, 1).unwrap_err().trap(),
        Some(Trap::TableOutOfBounds)
    );
}

#[test]
fn what_cannot_be_allocated_is_a_clear_error_and_changes_nothing() {
    let mut store = Store::new(&Engine::default(), ());
    for (text, expected) in [
        (
            "(module (table 4294967295 funcref))",
            "cannot allocate tables of 4294967295 elements: the tables of a store may have \
             40000000 together, and have 0 already",
        ),
        (
            "(module (table 10000001 funcref))",
            "cannot allocate the table (table 10000001 funcref): it may have at most 10000000 \
             elements here",
        ),
    ] {
        let module = Module::new(store.engine(), text).unwrap();
        let error = Instance::new(&mut store, &module, &[]).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::Limit, expected)
        );
    }
    instance(&mut store, "(module (table 10000000 funcref))");
}

#[test]
fn huge_maxima_cost_nothing() {
    let mut store = Store::new(&Engine::default(), ());
    let module = "(module (memory 0 65536) (table 0 4294967295 funcref))";
    let module = Module::new(store.engine(), module).unwrap();
    for _ in 0..200 {
        Instance::new(&mut store, &module, &[]).unwrap();
    }
}

#[test]
fn a_host_function_is_added_to_a_store_once() {
    let text = r#"(module (import "host" "f" (func)) (export "f" (func 0)))"#;
    let (mut store, mut linker, module) = setup((), text);
    linker.func_wrap("host", "f", || ()).unwrap();
    let first = linker.instantiate(&mut store, &module).unwrap();
    let second = linker.clone().instantiate(&mut store, &module).unwrap();
    assert_eq!(first.get_func(&store, "f"), second.get_func(&store, "f"));
}

#[test]
fn types_are_the_same_in_all_modules_of_an_engine() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let provider = r#"(module
        (type (func)) (type $t (func (param i32) (result i64)))
        (func (export "f") (type $t) (i64.extend_i32_s (local.get 0))))"#;
    let user = r#"(module
        (type $t (func (param i32) (result i64))) (type (func (param f32)))
        (import "provider" "f" (func $f (type $t)))
        (table funcref (elem $f))
        (func (export "main") (result i64) (call_indirect (type $t) (i32.const -7) (i32.const 0))))"#;
    let provider = instance(&mut store, provider);
    let user = Module::new(&engine, user).unwrap();
    let f = provider.get_export(&store, "f").unwrap();
    let user = Instance::new(&mut store, &user, &[f]).unwrap();
    let main = user.get_typed_func::<(), i64>(&store, "main").unwrap();
    assert_eq!(main.call(&mut store, ()).unwrap(), -7);
}

#[test]
fn modules_tell_what_they_are() {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module $named
            (import "env" "f" (func (param i32)))
            (import "env" "m" (memory 1 2))
            (global (export "g") (mut f64) (f64.const 0))
            (export "m" (memory 0))
            (@custom "note" "hello"))"#,
    )
    .unwrap();
    let imports = module
        .imports()
        .map(|import| format!("{}.{} {}", import.module(), import.name(), import.ty()));
    assert_eq!(
        imports.collect::<Vec<_>>(),
        ["env.f (func (param i32))", "env.m (memory 1 2)"]
    );
    let exports = module
        .exports()
        .map(|export| format!("{} {}", export.name(), export.ty()));
    assert_eq!(
        exports.collect::<Vec<_>>(),
        ["g (global (mut f64))", "m (memory 1 2)"]
    );
    assert_eq!(module.name(), Some("named"));
    assert_eq!(
        module.custom_sections("note").collect::<Vec<_>>(),
        [b"hello"]
    );
    assert!(module.engine().same(&engine));
    assert_eq!(module.get_export("nothing"), None);
}

#[test]
fn instances_list_their_exports() {
    let mut store = Store::new(&Engine::default(), ());
    let text = r#"(module (memory (export "m") 1) (func (export "f")) (func (export "g") (result i32) (i32.const 0)))"#;
    let instance = instance(&mut store, text);
    let names: Vec<_> = instance
        .exports(&store)
        .map(|export| export.name())
        .collect();
    assert_eq!(names, ["m", "f", "g"]);
    let types = instance
        .exports(&store)
        .map(|export| export.into_extern().ty(&store).to_string());
    assert_eq!(
        types.collect::<Vec<_>>(),
        ["(memory 1)", "(func)", "(func (result i32))"]
    );
    assert_eq!(instance.module(&store).exports().len(), 3);
}

#[test]
fn an_invalid_module_says_where() {
    let engine = Engine::default();
    let error = Module::new(&engine, "(module (func (result i32) (i64.const 0)))").unwrap_err();
    assert!(error.to_string().contains("type mismatch"), "{error}");
    assert!(
        error
            .module_error()
            .and_then(|error| error.offset())
            .is_some()
    );
    assert!(message(Module::new(&engine, b"\0asm")).contains("unexpected end"));
    assert!(Module::validate(&engine, "(module (func (param v128)))").is_err());
}

#[test]
fn functions_of_guests_know_their_types() {
    let mut store = Store::new(&Engine::default(), ());
    let text = r#"(module (func (export "f") (param i32 f64) (result i64) (i64.const 1)))"#;
    let instance = instance(&mut store, text);
    let f: Func = instance.get_func(&store, "f").unwrap();
    assert_eq!(
        f.ty(&store).to_string(),
        "(func (param i32 f64) (result i64))"
    );
}
