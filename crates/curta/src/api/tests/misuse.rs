//! What hosts do wrong, and what they are told.

use super::{instance, message, setup};
use crate::{
    Engine, ErrorKind, Extern, ExternRef, Func, FuncType, Global, GlobalType, Instance, Linker,
    Memory, MemoryType, Module, RefType, Store, Table, TableType, Val, ValType,
};
use alloc::{format, string::String};

#[test]
fn handles_of_another_store_are_refused_with_an_error() {
    let engine = Engine::default();
    let (mut mine, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let func = Func::wrap(&mut other, |n: i32| n);
    let typed = func.typed::<i32, i32>(&other).unwrap();
    let memory = Memory::new(&mut other, MemoryType::new(1, None)).unwrap();
    let ty = GlobalType {
        content: ValType::FUNCREF,
        mutable: true,
    };
    let global = Global::new(&mut other, ty, Val::FuncRef(None)).unwrap();
    let ty = TableType::new(RefType::EXTERNREF, 1, None);
    let table = Table::new(&mut other, ty, Val::ExternRef(None)).unwrap();
    let object = ExternRef::new(&mut other, 1u8);

    let belongs = |what: &str| format!("this {what} belongs to another store");
    let error = typed.call(&mut mine, 1).unwrap_err();
    assert_eq!(
        (error.kind(), format!("{error}")),
        (ErrorKind::Usage, belongs("TypedFunc"))
    );
    assert_eq!(message(func.call(&mut mine, &[], &mut [])), belongs("Func"));
    assert_eq!(message(func.typed::<i32, i32>(&mine)), belongs("Func"));
    assert_eq!(message(memory.grow(&mut mine, 1)), belongs("Memory"));
    assert_eq!(message(memory.read(&mine, 0, &mut [])), belongs("Memory"));
    assert_eq!(message(memory.write(&mut mine, 0, &[])), belongs("Memory"));
    assert_eq!(
        message(global.set(&mut mine, Val::FuncRef(None))),
        belongs("Global")
    );
    assert_eq!(
        message(table.set(&mut mine, 0, Val::ExternRef(None))),
        belongs("Table")
    );
    assert_eq!(
        message(table.grow(&mut mine, 1, Val::ExternRef(None))),
        belongs("Table")
    );
    assert!(object.data(&mine).is_none());
}

#[test]
fn references_of_another_store_are_refused_as_values() {
    let engine = Engine::default();
    let (mut mine, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let func = Func::wrap(&mut other, || ());
    let object = ExternRef::new(&mut other, 1u8);
    let take = Func::wrap(&mut mine, |_: Option<Func>, _: Option<ExternRef>| ());
    let typed = take
        .typed::<(Option<Func>, Option<ExternRef>), ()>(&mine)
        .unwrap();

    let func_error = "this Func belongs to another store";
    let object_error = "this ExternRef belongs to another store";
    assert_eq!(
        message(typed.call(&mut mine, (Some(func), None))),
        func_error
    );
    assert_eq!(
        message(typed.call(&mut mine, (None, Some(object)))),
        object_error
    );
    let params = [Val::FuncRef(None), object.into()];
    assert_eq!(
        message(take.call(&mut mine, &params, &mut [])),
        object_error
    );
    let ty = GlobalType {
        content: ValType::FUNCREF,
        mutable: false,
    };
    assert_eq!(message(Global::new(&mut mine, ty, func.into())), func_error);
    let give = Func::wrap(&mut mine, move || Some(func));
    let give = give.typed::<(), Option<Func>>(&mine).unwrap();
    assert_eq!(message(give.call(&mut mine, ())), func_error);
}

#[test]
#[should_panic(expected = "this Memory belongs to another store")]
fn a_view_of_another_stores_memory_is_a_panic() {
    let mut other = Store::new(&Engine::default(), ());
    let memory = Memory::new(&mut other, MemoryType::new(1, None)).unwrap();
    memory.data(&Store::new(&Engine::default(), ()));
}

#[test]
#[should_panic(expected = "this Instance belongs to another store")]
fn exports_of_another_stores_instance_are_a_panic() {
    let mut other = Store::new(&Engine::default(), ());
    let instance = instance(&mut other, "(module)");
    instance.get_export(Store::new(&Engine::default(), ()), "f");
}

#[test]
fn imports_of_another_store_are_refused() {
    let text = r#"(module (import "host" "f" (func)))"#;
    let (mut store, mut linker, module) = setup((), text);
    let mut other = Store::new(store.engine(), ());
    let func = Func::wrap(&mut other, || ());
    let belongs = "this Func belongs to another store";
    assert_eq!(
        message(Instance::new(&mut store, &module, &[func.into()])),
        belongs
    );
    linker.define("host", "f", func).unwrap();
    let expected = format!("the definition of `host` `f`: {belongs}");
    assert_eq!(message(linker.instantiate(&mut store, &module)), expected);
}

#[test]
fn engines_are_not_mixed() {
    let (mut store, linker, module) = setup((), "(module)");
    let mut other = Store::new(&Engine::default(), ());
    let module_error = "the module and the store belong to different engines";
    assert_eq!(
        message(Instance::new(&mut other, &module, &[])),
        module_error
    );
    assert_eq!(
        message(linker.instantiate(&mut other, &module)),
        module_error
    );
    let linker = Linker::<()>::new(&Engine::default());
    let linker_error = "the linker and the store belong to different engines";
    assert_eq!(
        message(linker.instantiate(&mut store, &module)),
        linker_error
    );
}

#[test]
fn a_wrong_signature_names_both_sides() {
    let mut store = Store::new(&Engine::default(), ());
    let instance = instance(
        &mut store,
        r#"(module (func (export "f") (param i32 f64) (result i64) (i64.const 0)))"#,
    );
    let error = instance.get_typed_func::<(i32, f32), i64>(&store, "f");
    assert_eq!(
        message(error.map(|_| ())),
        "the export `f` cannot be called so: the function is of type \
         (func (param i32 f64) (result i64)), not (func (param i32 f32) (result i64))"
    );
}

#[test]
fn a_missing_export_names_what_there_is() {
    let mut store = Store::new(&Engine::default(), ());
    let text = r#"(module (func (export "run")) (memory (export "memory") 1))"#;
    let with = instance(&mut store, text);
    let missing = with.get_typed_func::<(), ()>(&store, "main").map(|_| ());
    assert_eq!(
        message(missing),
        "no export `main`: there is `run`, `memory`"
    );
    let memory = with.get_typed_func::<(), ()>(&store, "memory").map(|_| ());
    assert_eq!(
        message(memory),
        "the export `memory` is (memory 1), not a function"
    );
    let without = instance(&mut store, "(module)");
    let missing = without.get_typed_func::<(), ()>(&store, "main").map(|_| ());
    assert_eq!(
        message(missing),
        "no export `main`: the module exports nothing"
    );
    assert!(with.get_func(&store, "memory").is_none());
}

#[test]
fn arguments_and_results_are_checked() {
    let mut store = Store::new(&Engine::default(), ());
    let func = Func::wrap(&mut store, |a: i32, _: Option<ExternRef>| (a, 2i64));
    let ty = "(func (param i32 externref) (result i32 i64))";
    let mut results = [Val::I32(0); 2];
    let null = Val::ExternRef(None);
    assert_eq!(
        message(func.call(&mut store, &[Val::I32(1)], &mut results)),
        format!("the function {ty} takes 2 arguments, 1 was given")
    );
    assert_eq!(
        message(func.call(&mut store, &[Val::I32(1), null], &mut results[..1])),
        format!("the function {ty} returns 2 results, there is room for 1")
    );
    assert_eq!(
        message(func.call(&mut store, &[Val::I64(1), null], &mut results)),
        format!("argument 0 of the function {ty}: expected i32, found i64")
    );
    assert_eq!(
        message(func.call(&mut store, &[Val::I32(1), Val::FuncRef(None)], &mut results)),
        format!("argument 1 of the function {ty}: expected externref, found funcref")
    );
    func.call(&mut store, &[Val::I32(1), null], &mut results)
        .unwrap();
    assert_eq!(results, [Val::I32(1), Val::I64(2)]);
}

#[test]
fn a_dynamic_host_function_must_set_results_of_its_type() {
    let mut store = Store::new(&Engine::default(), ());
    let ty = FuncType::new([], [ValType::I64]);
    let func = Func::new(&mut store, ty, |_, _, results| {
        results[0] = Val::I32(1);
        Ok(())
    });
    assert_eq!(
        message(func.call(&mut store, &[], &mut [Val::I32(0)])),
        "result 0 of a host function (func (result i64)): expected i64, found i32"
    );
}

#[test]
fn types_that_are_not_built_are_refused() {
    let mut store = Store::new(&Engine::default(), ());
    let ty = FuncType::new([ValType::V128], []);
    let mut linker = Linker::<()>::new(store.engine());
    let defined = linker
        .func_new("host", "f", ty, |_, _, _| Ok(()))
        .map(|_| ());
    assert_eq!(message(defined), "values of type v128 are not built yet");
    let ty = MemoryType {
        shared: true,
        ..MemoryType::new(1, Some(1))
    };
    assert_eq!(
        message(Memory::new(&mut store, ty)),
        "memories of type (memory 1 1 shared) are not built yet"
    );
}

#[test]
fn impossible_limits_are_refused() {
    let mut store = Store::new(&Engine::default(), ());
    assert_eq!(
        message(Memory::new(&mut store, MemoryType::new(2, Some(1)))),
        "(memory 2 1) is no type: the minimum exceeds the maximum"
    );
    assert!(Memory::new(&mut store, MemoryType::new(0, Some(65_537))).is_err());
    assert!(Memory::new(&mut store, MemoryType::new(65_537, None)).is_err());
    let ty = TableType::new(RefType::FUNCREF, 2, Some(1));
    assert!(Table::new(&mut store, ty, Val::FuncRef(None)).is_err());
}

#[test]
fn a_name_is_defined_once_unless_shadowing_is_allowed() {
    let mut linker = Linker::<()>::new(&Engine::default());
    linker.func_wrap("m", "f", || ()).unwrap();
    let again = linker.func_wrap("m", "f", || ()).map(|_| ());
    assert_eq!(
        message(again),
        "`m` `f` is defined already (`Linker::allow_shadowing` lets it be replaced)"
    );
    linker
        .allow_shadowing(true)
        .func_wrap("m", "f", || 1)
        .unwrap();
}

#[test]
fn imports_given_in_order_are_counted() {
    let (mut store, _, module) = setup((), r#"(module (import "a" "b" (func)))"#);
    assert_eq!(
        message(Instance::new(&mut store, &module, &[])),
        "the module has 1 imports, 0 were given"
    );
}

#[test]
fn every_import_that_does_not_fit_is_reported() {
    let text = r#"
        (module
            (import "env" "func" (func (param i32)))
            (import "env" "memory" (memory 1 2))
            (import "env" "table" (table 1 funcref))
            (import "env" "global" (global (mut i32)))
            (import "env" "fine" (func))
            (import "evn" "missing" (func)))
    "#;
    let (mut store, mut linker, module) = setup((), text);
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    let ty = TableType::new(RefType::EXTERNREF, 1, None);
    let table = Table::new(&mut store, ty, Val::ExternRef(None)).unwrap();
    let ty = GlobalType {
        content: ValType::I32,
        mutable: false,
    };
    let global = Global::new(&mut store, ty, Val::I32(0)).unwrap();
    linker.func_wrap("env", "func", || 1i32).unwrap();
    linker.func_wrap("env", "fine", || ()).unwrap();
    for (name, item) in [
        ("memory", Extern::from(memory)),
        ("table", table.into()),
        ("global", global.into()),
    ] {
        linker.define("env", name, item).unwrap();
    }
    let error = linker.instantiate(&mut store, &module).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Link);
    let problems = error.link_error().unwrap().problems();
    let lines: alloc::vec::Vec<String> = problems
        .iter()
        .map(|problem| format!("{problem}"))
        .collect();
    assert_eq!(
        lines,
        [
            "incompatible import type: `env` `func`: expected (func (param i32)), \
         found (func (result i32))",
            "incompatible import type: `env` `memory`: expected (memory 1 2), found (memory 1); \
             its maximum must be at most 2 pages",
            "incompatible import type: `env` `table`: expected (table 1 funcref), \
         found (table 1 externref)",
            "incompatible import type: `env` `global`: expected (global (mut i32)), \
         found (global i32); it must be mutable",
            "unknown import: `evn` `missing` is missing, expected (func); nothing is defined under `evn`",
        ]
    );
}

#[test]
fn text_that_is_no_module_is_reported_with_its_place() {
    let error = Module::new(&Engine::default(), "(module\n  (func (resul i32)))").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Module);
    assert!(format!("{error}").contains("(resul i32)"), "{error}");
}

/// The default is the published 3.0; what curta executes beyond that has to be asked for.
#[test]
fn what_is_beyond_3_is_refused_unless_asked_for() {
    use crate::{Config, Feature, Features};
    let beyond = [
        ("(module (memory 1 (pagesize 1)))", Feature::CustomPageSizes),
        (
            "(module (func (param i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 0))))",
            Feature::WideArithmetic,
        ),
    ];
    let everything = Engine::new(Config::new().features(Features::ALL));
    for (text, feature) in beyond {
        let error = Module::new(&Engine::default(), text).unwrap_err();
        assert_eq!(error.module_error().unwrap().feature(), Some(feature));
        Module::new(&everything, text).unwrap();
    }
    // What is not built is refused by its name, asked for or not.
    for (text, feature) in [
        ("(module (func (param v128)))", Feature::Simd),
        (
            "(module (func (drop (ref.i31 (i32.const 1)))))",
            Feature::Gc,
        ),
        ("(module (memory 1 1 shared))", Feature::Threads),
    ] {
        for engine in [&Engine::default(), &everything] {
            let error = Module::new(engine, text).unwrap_err();
            assert_eq!(
                error.module_error().unwrap().feature(),
                Some(feature),
                "{text}"
            );
        }
    }
}
