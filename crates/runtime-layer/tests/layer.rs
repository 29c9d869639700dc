//! What hosts do through `wasm_runtime_layer`, done on curta. The functions with `backend` in their
//! parameters name no runtime: they are code as users of the layer have it.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Result;
use curta::Trap;
use wasm_runtime_layer::backend::WasmEngine;
use wasm_runtime_layer::{
    AsContext, AsContextMut, Engine, Extern, ExternRef, ExternType, Func, FuncType, Global,
    GlobalType, Imports, Instance, Memory, MemoryType, Module, Ref, RefType, Store, Table,
    TableType, Val, ValType,
};

/// The one line that names curta.
fn engine() -> Engine<curta_runtime_layer::Engine> {
    Engine::new(curta_runtime_layer::Engine::default())
}

fn instantiate<T: 'static, E: WasmEngine>(
    store: &mut Store<T, E>,
    text: &str,
    imports: &Imports,
) -> Result<Instance> {
    let module = Module::new(store.engine(), text.as_bytes())?;
    Instance::new(store, &module, imports)
}

fn func(store: impl AsContext, instance: &Instance, name: &str) -> Func {
    let export = instance.get_export(store, name);
    export
        .and_then(Extern::into_func)
        .expect("an exported function")
}

fn call(
    store: impl AsContextMut,
    func: &Func,
    arguments: &[Val],
    results: usize,
) -> Result<Vec<Val>> {
    let mut returned = vec![Val::I32(0); results];
    func.call(store, arguments, &mut returned)?;
    Ok(returned)
}

#[test]
fn a_guest_adds_one() {
    fn add_one(backend: &Engine<impl WasmEngine>) -> Result<Val> {
        let mut store = Store::new(backend, ());
        let text = r#"(module
            (func (export "add-one") (param i32) (result i32)
                (i32.add (local.get 0) (i32.const 1))))"#;
        let instance = instantiate(&mut store, text, &Imports::default())?;
        let add_one = func(&store, &instance, "add-one");
        Ok(call(&mut store, &add_one, &[Val::I32(42)], 1)?.remove(0))
    }
    assert_eq!(add_one(&engine()).unwrap(), Val::I32(43));
}

#[test]
fn several_values_come_from_the_host_and_go_to_it() {
    fn sum_and_difference(backend: &Engine<impl WasmEngine>) -> Result<Vec<Val>> {
        let mut store = Store::new(backend, ());
        let pair = FuncType::new([], [ValType::I64, ValType::F32]);
        let pair = Func::new(&mut store, pair, |_, _, results| {
            results[0] = Val::I64(9);
            results[1] = Val::F32(0.5);
            Ok(())
        });
        let mut imports = Imports::new();
        imports.define("host", "pair", Extern::Func(pair));
        let text = r#"(module
            (import "host" "pair" (func $pair (result i64 f32)))
            (func (export "both") (param i64 f32) (result i64 f32)
                (local $f f32)
                (local.set $f (call $pair) (f32.add (local.get 1)))
                (i64.sub (local.get 0))
                (local.get $f)))"#;
        let instance = instantiate(&mut store, text, &imports)?;
        let exports: BTreeMap<_, _> = instance
            .exports(&store)
            .map(|export| (export.name, export.value))
            .collect();
        let Some(Extern::Func(both)) = exports.get("both") else {
            panic!("{exports:?}");
        };
        call(&mut store, both, &[Val::I64(5), Val::F32(0.25)], 2)
    }
    let results = sum_and_difference(&engine()).unwrap();
    assert_eq!(results, [Val::I64(4), Val::F32(0.75)]);
}

#[test]
fn a_host_function_reaches_its_data_and_calls_back() {
    let mut store = Store::new(&engine(), vec![1_i32]);
    let ty = FuncType::new([ValType::FuncRef, ValType::I32], [ValType::I32]);
    assert_eq!(ty.to_string(), "func(funcref, i32) -> i32");
    let apply = Func::new(&mut store, ty.clone(), |mut context, arguments, results| {
        let [Val::FuncRef(Some(function)), argument] = arguments else {
            panic!("{arguments:?}");
        };
        function.call(&mut context, std::slice::from_ref(argument), results)?;
        if let Val::I32(result) = results[0] {
            context.data_mut().push(result);
        }
        Ok(())
    });
    assert_eq!(apply.ty(&store), ty);
    let mut imports = Imports::new();
    imports.define("host", "apply", Extern::Func(apply));
    let text = r#"(module
        (import "host" "apply" (func $apply (param funcref i32) (result i32)))
        (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
        (elem declare func $square)
        (func (export "f") (param i32) (result i32)
            (call $apply (ref.func $square) (call $apply (ref.func $square) (local.get 0)))))"#;
    let instance = instantiate(&mut store, text, &imports).unwrap();
    let f = func(&store, &instance, "f");
    let results = call(&mut store, &f, &[Val::I32(3)], 1).unwrap();
    assert_eq!(results, [Val::I32(81)]);
    assert_eq!(store.data(), &[1, 9, 81]);
    assert_eq!(store.into_data(), [1, 9, 81]);
}

#[test]
fn memories_are_made_read_written_and_grown() {
    let mut store = Store::new(&engine(), ());
    let ty = MemoryType::new(1, Some(2));
    let memory = Memory::new(&mut store, ty).unwrap();
    assert_eq!(memory.ty(&store), ty);
    let mut imports = Imports::new();
    imports.define("host", "memory", Extern::Memory(memory.clone()));
    let text = r#"(module
        (import "host" "memory" (memory 1 2))
        (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0))))"#;
    let instance = instantiate(&mut store, text, &imports).unwrap();
    let load = func(&store, &instance, "load");

    memory.write(&mut store, 7, b"seven").unwrap();
    let mut buffer = [0; 3];
    memory.read(&store, 9, &mut buffer).unwrap();
    assert_eq!(&buffer, b"ven");
    let loaded = call(&mut store, &load, &[Val::I32(7)], 1).unwrap();
    assert_eq!(loaded, [Val::I32(i32::from(b's'))]);

    assert_eq!(memory.grow(&mut store, 1).unwrap(), 1);
    assert_eq!(memory.current_pages(&store), 2);
    assert!(memory.grow(&mut store, 1).is_err());
    assert_eq!(memory.current_pages(&store), 2);
    let error = memory
        .write(&mut store, 2 * 65_536 - 2, b"three")
        .unwrap_err();
    assert!(error.to_string().contains("131070"), "{error}");
}

#[test]
fn tables_hold_functions_and_objects() {
    let mut store = Store::new(&engine(), ());
    let double = FuncType::new([ValType::I32], [ValType::I32]);
    let double = Func::new(&mut store, double, |_, arguments, results| {
        let Val::I32(value) = arguments[0] else {
            panic!("{arguments:?}");
        };
        results[0] = Val::I32(2 * value);
        Ok(())
    });
    let ty = TableType::new(RefType::FuncRef, 1, Some(3));
    let table = Table::new(&mut store, ty, Ref::FuncRef(None)).unwrap();
    assert_eq!(table.ty(&store), ty);
    table
        .set(&mut store, 0, Ref::FuncRef(Some(double)))
        .unwrap();
    assert_eq!(table.grow(&mut store, 2, Ref::FuncRef(None)).unwrap(), 1);
    assert_eq!(table.size(&store), 3);
    assert!(table.grow(&mut store, 1, Ref::FuncRef(None)).is_err());
    assert!(matches!(table.get(&mut store, 2), Some(Ref::FuncRef(None))));
    assert!(table.get(&mut store, 3).is_none());
    assert!(table.set(&mut store, 3, Ref::FuncRef(None)).is_err());
    assert!(table.set(&mut store, 0, Ref::ExternRef(None)).is_err());

    let mut imports = Imports::new();
    imports.define("host", "table", Extern::Table(table));
    let text = r#"(module
        (import "host" "table" (table 1 funcref))
        (func (export "f") (param i32 i32) (result i32)
            (call_indirect (param i32) (result i32) (local.get 0) (local.get 1))))"#;
    let instance = instantiate(&mut store, text, &imports).unwrap();
    let f = func(&store, &instance, "f");
    let results = call(&mut store, &f, &[Val::I32(21), Val::I32(0)], 1).unwrap();
    assert_eq!(results, [Val::I32(42)]);
    let error = call(&mut store, &f, &[Val::I32(21), Val::I32(1)], 1).unwrap_err();
    let trap = error
        .downcast_ref::<curta::Error>()
        .and_then(curta::Error::trap);
    assert_eq!(
        trap.map(|trap| trap.to_string()).as_deref(),
        Some("uninitialized element")
    );
}

#[test]
fn globals_are_shared_with_the_guest() {
    let mut store = Store::new(&engine(), ());
    let global = Global::new(&mut store, Val::F64(0.5), true);
    assert_eq!(global.ty(&store), GlobalType::new(ValType::F64, true));
    let mut imports = Imports::new();
    imports.define("host", "global", Extern::Global(global.clone()));
    let text = r#"(module
        (global $g (import "host" "global") (mut f64))
        (global (export "fixed") i32 (i32.const 7))
        (func (export "double") (global.set $g (f64.add (global.get $g) (global.get $g)))))"#;
    let instance = instantiate(&mut store, text, &imports).unwrap();
    global.set(&mut store, Val::F64(1.25)).unwrap();
    let double = func(&store, &instance, "double");
    call(&mut store, &double, &[], 0).unwrap();
    assert_eq!(global.get(&mut store), Val::F64(2.5));
    assert!(global.set(&mut store, Val::I32(1)).is_err());

    let fixed = instance
        .get_export(&store, "fixed")
        .and_then(Extern::into_global);
    let fixed = fixed.unwrap();
    assert_eq!(fixed.get(&mut store), Val::I32(7));
    let error = fixed.set(&mut store, Val::I32(8)).unwrap_err();
    assert!(error.to_string().contains("immutable"), "{error}");
}

#[test]
fn objects_of_the_host_pass_through_a_guest() {
    let mut store = Store::new(&engine(), ());
    let text = r#"(module
        (func (export "same") (param externref) (result externref) (local.get 0)))"#;
    let instance = instantiate(&mut store, text, &Imports::default()).unwrap();
    let same = func(&store, &instance, "same");
    let object = ExternRef::new(&mut store, "an object".to_owned());
    let arguments = [Val::ExternRef(Some(object))];
    let results = call(&mut store, &same, &arguments, 1).unwrap();
    let [Val::ExternRef(Some(object))] = &results[..] else {
        panic!("{results:?}");
    };
    let text: &String = object.downcast(store.as_context()).unwrap();
    assert_eq!(text, "an object");
    let error = object
        .downcast::<i32, _, _>(store.as_context())
        .unwrap_err();
    assert_eq!(error.to_string(), "the object is of another type than i32");
    let other = Store::new(&engine(), ());
    let error = object.downcast::<String, _, _>(other.as_context());
    assert_eq!(
        error.unwrap_err().to_string(),
        "the reference belongs to another store"
    );
}

#[test]
fn a_module_tells_what_it_imports_and_exports() {
    let engine = engine();
    let text = r#"(module
        (import "a" "f" (func (param i32) (result i64)))
        (import "a" "m" (memory 1))
        (table (export "t") 2 3 externref)
        (global (export "g") (mut f32) (f32.const 0)))"#;
    let module = Module::new(&engine, text.as_bytes()).unwrap();
    let mut imports = module.imports(&engine);
    let first = imports.next().unwrap();
    assert_eq!((first.module, first.name), ("a", "f"));
    let expected = FuncType::new([ValType::I32], [ValType::I64]);
    assert_eq!(first.ty.func(), Some(&expected));
    let second = imports.next().unwrap();
    assert_eq!(second.ty.memory(), Some(&MemoryType::new(1, None)));
    assert!(imports.next().is_none());

    let names: Vec<_> = module.exports(&engine).map(|export| export.name).collect();
    assert_eq!(names, ["t", "g"]);
    let expected = TableType::new(RefType::ExternRef, 2, Some(3));
    let table = module.get_export(&engine, "t");
    assert_eq!(table.as_ref().and_then(ExternType::table), Some(&expected));
    assert!(module.get_export(&engine, "x").is_none());
}

#[derive(Debug, PartialEq)]
struct OutOfInk;

impl fmt::Display for OutOfInk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of ink")
    }
}

impl std::error::Error for OutOfInk {}

#[test]
fn errors_come_out_as_what_they_were() {
    let mut store = Store::new(&engine(), ());
    let fails = Func::new(&mut store, FuncType::new([], []), |_, _, _| {
        Err(anyhow::Error::new(OutOfInk).context("while printing"))
    });
    let mut imports = Imports::new();
    imports.define("host", "fails", Extern::Func(fails));
    let text = r#"(module
        (import "host" "fails" (func $fails))
        (func (export "fail") (call $fails))
        (func (export "trap") unreachable))"#;
    let instance = instantiate(&mut store, text, &imports).unwrap();
    let fail = func(&store, &instance, "fail");
    let error = call(&mut store, &fail, &[], 0).unwrap_err();
    assert_eq!(error.to_string(), "while printing");
    assert_eq!(error.downcast_ref(), Some(&OutOfInk));

    let trap = func(&store, &instance, "trap");
    let error = call(&mut store, &trap, &[], 0).unwrap_err();
    let error: &curta::Error = error.downcast_ref().unwrap();
    assert_eq!(error.trap(), Some(Trap::Unreachable));
    assert_eq!(error.backtrace().unwrap().frames().len(), 1);
}

/// A trap inside a call that a host function made stays a trap on its way out.
#[test]
fn a_trap_passes_through_a_host_function() {
    let mut store = Store::new(&engine(), ());
    let ty = FuncType::new([ValType::FuncRef], []);
    let apply = Func::new(&mut store, ty, |context, arguments, _| {
        let Val::FuncRef(Some(function)) = &arguments[0] else {
            panic!("{arguments:?}");
        };
        function.call(context, &[], &mut [])
    });
    let mut imports = Imports::new();
    imports.define("host", "apply", Extern::Func(apply));
    let text = r#"(module
        (import "host" "apply" (func $apply (param funcref)))
        (func $trap unreachable)
        (elem declare func $trap)
        (func (export "f") (call $apply (ref.func $trap))))"#;
    let instance = instantiate(&mut store, text, &imports).unwrap();
    let f = func(&store, &instance, "f");
    let error = call(&mut store, &f, &[], 0).unwrap_err();
    let error: &curta::Error = error.downcast_ref().unwrap();
    assert_eq!(error.trap(), Some(Trap::Unreachable));
}

#[test]
fn all_imports_that_do_not_fit_are_in_one_error() {
    let mut store = Store::new(&engine(), ());
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    let mut imports = Imports::new();
    imports.define("a", "memory", Extern::Memory(memory));
    let text = r#"(module
        (import "a" "memory" (memory 2))
        (import "a" "f" (func))
        (import "b" "g" (global i32)))"#;
    let error = instantiate(&mut store, text, &imports).unwrap_err();
    let link = error
        .downcast_ref::<curta::Error>()
        .and_then(curta::Error::link_error);
    assert_eq!(link.unwrap().problems().len(), 3, "{error}");
}

#[test]
fn what_the_layer_cannot_express_is_refused_by_the_name_of_its_feature() {
    let cases = [
        ("(module (memory i64 1))", "memory64"),
        ("(module (tag $e))", "exceptions"),
        (
            "(module (type $t (func)) (func (param (ref $t))))",
            "function_references",
        ),
        ("(module (func (param anyref)))", "gc"),
        ("(module (memory 1 (pagesize 1)))", "custom_page_sizes"),
    ];
    for (text, feature) in cases {
        let error = Module::new(&engine(), text.as_bytes()).unwrap_err();
        let ending = format!("(the feature `{feature}` is off)");
        assert!(error.to_string().ends_with(&ending), "{text}: {error}");
    }
}

#[test]
fn wrong_arguments_are_an_error() {
    let mut store = Store::new(&engine(), ());
    let text = r#"(module (func (export "f") (param i32)))"#;
    let instance = instantiate(&mut store, text, &Imports::default()).unwrap();
    let f = func(&store, &instance, "f");
    assert!(call(&mut store, &f, &[], 0).is_err());
    assert!(call(&mut store, &f, &[Val::I64(1)], 0).is_err());
    assert!(call(&mut store, &f, &[Val::I32(1)], 1).is_err());
    assert!(call(&mut store, &f, &[Val::I32(1)], 0).is_ok());
    let error = call(&mut store, &f, &[Val::V128(1)], 0).unwrap_err();
    assert!(error.to_string().contains("v128"), "{error}");
}
