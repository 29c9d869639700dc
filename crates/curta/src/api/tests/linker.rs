//! Definitions by name.

use super::{message, setup};
use crate::{Engine, ErrorKind, Func, Instance, Linker, Memory, MemoryType, Module, Store};

const LIBRARY: &str = r#"(module
    (global $ready (mut i32) (i32.const 0))
    (func (export "_initialize") (global.set $ready (i32.const 1)))
    (func (export "ready") (result i32) (global.get $ready)))"#;

#[test]
fn a_module_is_initialised_and_its_exports_defined() {
    let (mut store, mut linker, library) = setup((), LIBRARY);
    let main = Module::new(
        store.engine(),
        r#"(module (import "lib" "ready" (func $ready (result i32)))
            (func (export "main") (result i32) (call $ready)))"#,
    )
    .unwrap();
    linker.module(&mut store, "lib", &library).unwrap();
    let instance = linker.instantiate(&mut store, &main).unwrap();
    let main = instance.get_typed_func::<(), i32>(&store, "main").unwrap();
    assert_eq!(main.call(&mut store, ()).unwrap(), 1);
}

#[test]
fn a_name_that_is_taken_is_found_before_anything_is_made() {
    let (mut store, mut linker, library) = setup((), LIBRARY);
    linker.func_wrap("lib", "ready", || 7).unwrap();
    let taken = "`lib` `ready` is defined already (`Linker::allow_shadowing` lets it be replaced)";
    assert_eq!(message(linker.module(&mut store, "lib", &library)), taken);
    assert!(alloc::format!("{store:?}").contains("instances: 0"));

    let instance = Instance::new(&mut store, &library, &[]).unwrap();
    assert_eq!(message(linker.instance(&mut store, "lib", instance)), taken);
    assert_eq!(linker.names().count(), 1, "`_initialize` is not defined");
    linker.allow_shadowing(true);
    linker.instance(&mut store, "lib", instance).unwrap();
    assert_eq!(linker.names().count(), 2);
}

#[test]
fn definitions_are_listed_in_order_and_are_the_same_each_time() {
    let mut store = Store::new(&Engine::default(), ());
    let mut linker = Linker::new(store.engine());
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    linker.define("b", "memory", memory).unwrap();
    linker.func_wrap("b", "f", || ()).unwrap();
    linker.func_wrap("a", "z", || ()).unwrap();
    let all: alloc::vec::Vec<_> = linker.iter(&mut store).collect();
    assert_eq!(all.len(), 3);
    assert_eq!((all[0].0, all[0].1), ("a", "z"));
    assert_eq!((all[1].0, all[1].1), ("b", "f"));
    assert_eq!(all[2], ("b", "memory", memory.into()));
    assert_eq!(linker.get(&mut store, "b", "f"), Some(all[1].2));
}

#[test]
fn unknown_functions_become_traps_and_nothing_else_does() {
    let (mut store, mut linker, module) = setup(
        (),
        r#"(module
            (import "env" "known" (func $known (result i32)))
            (import "env" "unknown" (func $unknown (param i32) (result i64)))
            (func (export "known") (result i32) (call $known))
            (func (export "unknown") (result i64) (call $unknown (i32.const 1))))"#,
    );
    linker.func_wrap("env", "known", || 5).unwrap();
    linker.define_unknown_imports_as_traps(&module).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let known = instance.get_typed_func::<(), i32>(&store, "known").unwrap();
    assert_eq!(known.call(&mut store, ()).unwrap(), 5);
    let unknown = instance
        .get_typed_func::<(), i64>(&store, "unknown")
        .unwrap();
    let error = unknown.call(&mut store, ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Host);
    assert_eq!(
        error.to_string(),
        "unknown import: `env` `unknown` was called, and is not defined"
    );

    let memory = Module::new(
        store.engine(),
        r#"(module (import "env" "memory" (memory 1)))"#,
    )
    .unwrap();
    linker.define_unknown_imports_as_traps(&memory).unwrap();
    assert!(linker.instantiate(&mut store, &memory).is_err());
    let foreign = Module::new(&Engine::default(), "(module)").unwrap();
    assert_eq!(
        message(linker.define_unknown_imports_as_traps(&foreign)),
        "the linker and the module belong to different engines"
    );
}

#[test]
fn a_replaced_definition_does_not_change_what_was_linked_before() {
    let (mut store, mut linker, module) = setup(
        (),
        r#"(module (import "m" "f" (func $f (result i32)))
            (func (export "f") (result i32) (call $f)))"#,
    );
    linker.func_wrap("m", "f", || 1).unwrap();
    let before = linker.instantiate(&mut store, &module).unwrap();
    linker
        .allow_shadowing(true)
        .func_wrap("m", "f", || 2)
        .unwrap();
    let after = linker.instantiate(&mut store, &module).unwrap();
    let mut call = |instance: Instance| {
        let f = instance.get_typed_func::<(), i32>(&store, "f").unwrap();
        f.call(&mut store, ()).unwrap()
    };
    assert_eq!((call(before), call(after)), (1, 2));
}

#[test]
fn a_definition_of_another_store_is_refused_by_name() {
    let (mut store, mut linker, module) = setup((), r#"(module (import "env" "f" (func)))"#);
    let mut other = Store::new(store.engine(), ());
    let f = Func::wrap(&mut other, || ());
    linker.define("env", "f", f).unwrap();
    assert_eq!(
        message(linker.instantiate(&mut store, &module)),
        "the definition of `env` `f`: this Func belongs to another store"
    );
}
