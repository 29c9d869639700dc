//! References with types of their own at the boundary of host and guest.

use super::{instance, message, setup};
use crate::{
    Caller, Config, Engine, Error, ErrorKind, Extern, ExternRef, ExternType, Features, Func,
    FuncType, Global, GlobalType, HeapType, Instance, Linker, Memory, MemoryType, Module, RefType,
    Store, Table, TableType, Trap, Val, ValType,
};
use alloc::format;

/// Functions that take and return references of several types.
const REFERENCES: &str = r#"
    (module
        (type $number (func (param i32)))
        (type $point (struct (field i32 i32)))
        (func $f (export "f") (type $number))
        (func $g (export "g"))
        (func (export "take") (param (ref $number)))
        (func (export "take null") (param (ref null $number)))
        (func (export "take any function") (param (ref func)))
        (func (export "take object") (param (ref extern)))
        (func (export "give") (result (ref $number)) (ref.func $f))
        (func (export "give null") (result (ref null $number)) (ref.null nofunc))
        (func (export "point") (param (ref null $point)) (result (ref null $point))
            (local.get 0))
        (func (export "exception") (param exnref) (result exnref) (local.get 0)))
"#;

fn references(store: &mut Store<()>) -> impl Fn(&Store<()>, &str) -> Func + use<> {
    let instance = instance(store, REFERENCES);
    move |store, name| instance.get_func(store, name).expect("it is exported")
}

/// The type that a module defines and the reference type takes.
fn defined(func: &Func, store: &Store<()>) -> RefType {
    let ty = func.ty(store);
    let values = ty.params().iter().chain(ty.results());
    let mut references = values.filter_map(|ty| ty.as_ref());
    references.next().expect("there is a reference")
}

#[test]
fn a_null_where_none_may_be_names_both() {
    let mut store = Store::new(&Engine::default(), ());
    let get = references(&mut store);
    let take = get(&store, "take");
    let expected = ValType::Ref(defined(&take, &store));
    let HeapType::Concrete(id) = defined(&take, &store).heap else {
        panic!("a defined type")
    };
    assert_eq!(
        message(take.call(&mut store, &[Val::FuncRef(None)], &mut [])),
        format!(
            "argument 0 of the function (func (param {expected})): \
             expected {expected} where {id} is (func (param i32)), found null"
        )
    );
    let object = get(&store, "take object");
    assert_eq!(
        message(object.call(&mut store, &[Val::ExternRef(None)], &mut [])),
        "argument 0 of the function (func (param (ref extern))): \
         expected (ref extern), found null"
    );
    get(&store, "take null")
        .call(&mut store, &[Val::FuncRef(None)], &mut [])
        .expect("null is a value of it");
}

#[test]
fn a_function_of_another_type_names_both() {
    let mut store = Store::new(&Engine::default(), ());
    let get = references(&mut store);
    let (f, g) = (get(&store, "f"), get(&store, "g"));
    for name in ["take", "take null"] {
        let take = get(&store, name);
        take.call(&mut store, &[f.into()], &mut []).expect("fits");
        let refused = message(take.call(&mut store, &[g.into()], &mut []));
        assert!(refused.contains("(func (param i32))"), "{refused}");
        assert!(
            refused.ends_with("found a function of type (func)"),
            "{refused}"
        );
    }
    // A function of the host's is of the plain type, which this one is.
    let host = Func::wrap(&mut store, |_: i32| ());
    get(&store, "take")
        .call(&mut store, &[host.into()], &mut [])
        .expect("fits");
    get(&store, "take any function")
        .call(&mut store, &[g.into()], &mut [])
        .expect("fits");
}

#[test]
fn references_of_a_known_type_are_references() {
    let mut store = Store::new(&Engine::default(), ());
    let get = references(&mut store);
    let mut results = [Val::I32(0)];
    get(&store, "give")
        .call(&mut store, &[], &mut results)
        .unwrap();
    assert_eq!(results, [Val::FuncRef(Some(get(&store, "f")))]);
    get(&store, "give null")
        .call(&mut store, &[], &mut results)
        .unwrap();
    assert_eq!(results, [Val::FuncRef(None)]);
    // A structure is of another hierarchy, of which there are only nulls yet.
    let point = get(&store, "point");
    let ty = ValType::Ref(defined(&point, &store));
    assert_eq!(Val::default_for_ty(ty), Some(Val::AnyRef(None)));
    point
        .call(&mut store, &[Val::AnyRef(None)], &mut results)
        .unwrap();
    assert_eq!(results, [Val::AnyRef(None)]);
    let refused = message(point.call(&mut store, &[Val::FuncRef(None)], &mut results));
    assert!(refused.ends_with(", found funcref"), "{refused}");
    get(&store, "exception")
        .call(&mut store, &[Val::ExnRef(None)], &mut results)
        .unwrap();
    assert_eq!(results, [Val::ExnRef(None)]);
}

#[test]
fn typed_functions_check_what_only_values_can_tell() {
    let mut store = Store::new(&Engine::default(), ());
    let get = references(&mut store);
    let (f, g) = (get(&store, "f"), get(&store, "g"));
    let take = get(&store, "take");
    let nullable = take.typed::<Option<Func>, ()>(&store).unwrap();
    nullable.call(&mut store, Some(f)).unwrap();
    let refused = message(nullable.call(&mut store, None));
    assert!(refused.ends_with("found null"), "{refused}");
    let refused = message(nullable.call(&mut store, Some(g)));
    assert!(
        refused.ends_with("found a function of type (func)"),
        "{refused}"
    );
    take.typed::<Func, ()>(&store)
        .unwrap()
        .call(&mut store, f)
        .unwrap();
    get(&store, "take any function")
        .typed::<Func, ()>(&store)
        .unwrap()
        .call(&mut store, g)
        .unwrap();
    let object = ExternRef::new(&mut store, 1);
    let take_object = get(&store, "take object");
    let typed = take_object.typed::<Option<ExternRef>, ()>(&store).unwrap();
    typed.call(&mut store, Some(object)).unwrap();
    let refused = message(typed.call(&mut store, None));
    assert!(
        refused.ends_with("expected (ref extern), found null"),
        "{refused}"
    );
    take_object
        .typed::<ExternRef, ()>(&store)
        .unwrap()
        .call(&mut store, object)
        .unwrap();

    // What is returned must fit without a look at it.
    let give = get(&store, "give").typed::<(), Func>(&store).unwrap();
    assert_eq!(give.call(&mut store, ()).unwrap(), f);
    let give_null = get(&store, "give null");
    assert!(give_null.typed::<(), Func>(&store).is_err());
    let give_null = give_null.typed::<(), Option<Func>>(&store).unwrap();
    assert_eq!(give_null.call(&mut store, ()).unwrap(), None);
    assert!(take.typed::<Option<ExternRef>, ()>(&store).is_err());
}

#[test]
fn host_functions_may_have_references_that_are_never_null() {
    let text = r#"
        (module
            (import "host" "same" (func $same (param (ref func)) (result (ref func))))
            (func $main (export "main") (result (ref func)) (call $same (ref.func $main))))
    "#;
    let (mut store, mut linker, module) = setup((), text);
    linker.func_wrap("host", "same", |func: Func| func).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let main = instance.get_typed_func::<(), Func>(&store, "main").unwrap();
    let func = main.call(&mut store, ()).unwrap();
    assert_eq!(Some(func), instance.get_func(&store, "main"));
}

#[test]
fn a_dynamic_host_function_returns_no_null_where_none_may_be() {
    let mut store = Store::new(&Engine::default(), ());
    let ty = FuncType::new([], [ValType::Ref(RefType::new(false, HeapType::Func))]);
    let func = Func::new(&mut store, ty, |_, _, _| Ok(()));
    assert_eq!(
        message(func.call(&mut store, &[], &mut [Val::I32(0)])),
        "result 0 of a host function (func (result (ref func))): expected (ref func), found null"
    );
}

/// <https://webassembly.github.io/spec/core/valid/matching.html#external-types>
#[test]
fn a_function_of_a_subtype_is_imported_as_its_supertype() {
    let types = "(type $plain (func))
        (type $a (sub (func))) (type $b (sub $a (func))) (type $c (sub $b (func)))";
    let engine = Engine::default();
    let provider = format!(
        r#"(module {types} (func (export "a") (type $a)) (func (export "b") (type $b))
            (func (export "plain") (type $plain)))"#
    );
    let provider = Module::new(&engine, provider).unwrap();
    let mut store = Store::new(&engine, ());
    let provided = Instance::new(&mut store, &provider, &[]).unwrap();
    let mut import = |export: &str, ty: &str| {
        let module = format!(r#"(module {types} (import "m" "f" (func (type ${ty}))))"#);
        let module = Module::new(&engine, module).unwrap();
        let func = provided.get_export(&store, export).unwrap();
        Instance::new(&mut store, &module, &[func])
    };
    for (export, ty) in [("a", "a"), ("b", "b"), ("b", "a")] {
        import(export, ty).unwrap();
    }
    for (export, ty) in [("a", "b"), ("a", "c"), ("b", "c"), ("plain", "a")] {
        let error = import(export, ty).unwrap_err();
        let problem = &error.link_error().unwrap().problems()[0];
        assert_ne!(Some(problem.expected()), problem.found(), "{error}");
        assert!(
            format!("{error}").contains("expected (func (type $type"),
            "{error}"
        );
    }
}

#[test]
fn a_host_function_may_be_of_a_type_that_a_module_defines() {
    let text = r#"
        (module
            (rec (type $node (func (param (ref null $node)) (result i32))) (type $other (func)))
            (import "host" "f" (func $f (type $node)))
            (func (export "main") (result i32) (call $f (ref.func $f)))
            (elem declare func $f))
    "#;
    let (mut store, mut linker, module) = setup((), text);
    let Some(ExternType::Func(ty)) = module.imports().next().map(|import| import.ty().clone())
    else {
        panic!("a function is imported")
    };
    assert!(ty.type_id().is_some());
    // Of equal parameters and results, but not of the group.
    let plain = FuncType::new(ty.params().iter().copied(), ty.results().iter().copied());
    assert_ne!(plain, ty);
    let body = |_: crate::Caller<'_, ()>, params: &[Val], results: &mut [Val]| {
        results[0] = Val::I32(i32::from(!params[0].is_null()));
        Ok(())
    };
    linker.func_new("host", "f", plain, body).unwrap();
    let error = linker.instantiate(&mut store, &module).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Link);
    linker.allow_shadowing(true);
    linker.func_new("host", "f", ty.clone(), body).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let main = instance.get_typed_func::<(), i32>(&store, "main").unwrap();
    assert_eq!(main.call(&mut store, ()).unwrap(), 1);
    assert_eq!(Func::new(&mut store, ty.clone(), body).ty(&store), ty);
}

/// Hazard 51: numbers of types mean nothing in another engine.
#[test]
fn types_of_another_engine_are_refused() {
    let text =
        "(module (import \"m\" \"f\" (func (param (ref null $t)))) (type $t (func (param i64)))
        (rec (type $s (func)) (type (func))) (import \"m\" \"g\" (func (type $s))))";
    let (store, _, module) = setup((), text);
    let types: alloc::vec::Vec<FuncType> = module
        .imports()
        .map(|import| match import.ty() {
            ExternType::Func(ty) => ty.clone(),
            other => panic!("{other}"),
        })
        .collect();
    drop(store);
    let mut store = Store::new(&Engine::default(), ());
    let mut linker = Linker::<()>::new(store.engine());
    let foreign = |result: Result<(), Error>| {
        let message = message(result);
        assert!(message.ends_with("belongs to another engine"), "{message}");
    };
    for ty in types {
        foreign(
            linker
                .func_new("m", "f", ty.clone(), |_, _, _| Ok(()))
                .map(drop),
        );
        let func = crate::TagType { func: ty.clone() };
        foreign(crate::Tag::new(&mut store, func).map(drop));
        let Some(reference) = ty.params().first().and_then(|ty| ty.as_ref()) else {
            continue;
        };
        let null = Val::FuncRef(None);
        let table = TableType::new(reference, 1, None);
        foreign(Table::new(&mut store, table, null).map(drop));
        let global = GlobalType::new(reference.into(), false);
        foreign(Global::new(&mut store, global, null).map(drop));
    }
}

#[test]
fn tables_and_globals_of_typed_references_are_shared() {
    let text = r#"
        (module
            (type $number (func (result i32)))
            (func $one (type $number) (i32.const 1))
            (func $two (export "two") (type $number) (i32.const 2))
            (func $none (export "none"))
            (table $table (export "table") 2 4 (ref $number) (ref.func $one))
            (global (export "global") (mut (ref $number)) (ref.func $two))
            (table (export "nulls") 1 (ref null $number))
            (func (export "call") (param i32) (result i32)
                (call_indirect $table (type $number) (local.get 0))))
    "#;
    let mut store = Store::new(&Engine::default(), ());
    let instance = instance(&mut store, text);
    let [table, nulls] = ["table", "nulls"].map(|name| instance.get_table(&store, name).unwrap());
    let global = instance.get_global(&store, "global").unwrap();
    let [two, none] = ["two", "none"].map(|name| instance.get_func(&store, name).unwrap());
    let call = instance.get_typed_func::<i32, i32>(&store, "call").unwrap();
    assert_eq!(call.call(&mut store, 1).unwrap(), 1);
    assert_eq!(global.get(&store), two.into());
    table.set(&mut store, 1, two.into()).unwrap();
    assert_eq!(call.call(&mut store, 1).unwrap(), 2);
    for refused in [Val::FuncRef(None), none.into(), Val::I32(0)] {
        assert!(table.set(&mut store, 0, refused).is_err());
        assert!(table.grow(&mut store, 1, refused).is_err());
        assert!(global.set(&mut store, refused).is_err());
    }
    assert_eq!(
        (table.size(&store), call.call(&mut store, 0).unwrap()),
        (2, 1)
    );
    nulls.set(&mut store, 0, two.into()).unwrap();
    nulls.set(&mut store, 0, Val::FuncRef(None)).unwrap();
    assert!(nulls.set(&mut store, 0, none.into()).is_err());

    // Elements are of the very type, whatever may be assigned.
    let importer = |ty: &str| {
        let text = format!(
            r#"(module (type $number (func (result i32))) (import "m" "t" (table 1 {ty})))"#
        );
        Module::new(store.engine(), text).unwrap()
    };
    let modules = ["(ref $number)", "(ref null $number)", "funcref"].map(importer);
    let fits = |store: &mut Store<()>, module| {
        Instance::new(store, module, &[Extern::from(table)]).is_ok()
    };
    assert_eq!(
        modules.each_ref().map(|it| fits(&mut store, it)),
        [true, false, false]
    );
}

#[test]
fn memories_and_tables_with_64_bit_addresses_and_small_pages() {
    let mut store = Store::new(&Engine::new(Config::new().features(Features::ALL)), ());
    let wide = MemoryType {
        memory64: true,
        ..MemoryType::new(1, Some(3))
    };
    let memory = Memory::new(&mut store, wide).unwrap();
    assert_eq!(memory.grow(&mut store, 2).unwrap(), 1);
    assert_eq!(
        message(memory.grow(&mut store, u64::MAX)),
        "cannot grow the memory (memory i64 1 3) of 3 pages by 18446744073709551615 more: its maximum is 3 pages"
    );
    let bytes = MemoryType {
        page_size_log2: 0,
        ..MemoryType::new(3, None)
    };
    let bytes = Memory::new(&mut store, bytes).unwrap();
    assert_eq!(
        (bytes.grow(&mut store, 2).unwrap(), bytes.data_size(&store)),
        (3, 5)
    );
    let unusual = MemoryType {
        page_size_log2: 12,
        ..wide
    };
    assert!(message(Memory::new(&mut store, unusual)).contains("is no type"));

    let ty = TableType {
        table64: true,
        ..TableType::new(RefType::EXTERNREF, 1, Some(u64::MAX))
    };
    let table = Table::new(&mut store, ty, Val::ExternRef(None)).unwrap();
    assert_eq!(table.grow(&mut store, 1, Val::ExternRef(None)).unwrap(), 1);
    assert!(
        table
            .grow(&mut store, u64::MAX, Val::ExternRef(None))
            .is_err()
    );
    assert!(
        Table::new(
            &mut store,
            TableType {
                table64: false,
                ..ty
            },
            Val::ExternRef(None)
        )
        .is_err()
    );

    // Neither stands in for one of the other sort.
    for (import, fits) in [
        ("(memory i64 1)", true),
        ("(memory 1)", false),
        ("(memory i64 1 2)", false),
    ] {
        let text = format!(r#"(module (import "m" "m" {import}))"#);
        let module = Module::new(store.engine(), text).unwrap();
        let made = Instance::new(&mut store, &module, &[memory.into()]);
        assert_eq!(made.is_ok(), fits, "{import}");
    }
    for (import, fits) in [("(memory 1 (pagesize 1))", true), ("(memory 1)", false)] {
        let text = format!(r#"(module (import "m" "m" {import}))"#);
        let module = Module::new(store.engine(), text).unwrap();
        let made = Instance::new(&mut store, &module, &[bytes.into()]);
        assert_eq!(made.is_ok(), fits, "{import}");
    }
    for (import, fits) in [
        ("(table i64 2 externref)", true),
        ("(table 2 externref)", false),
    ] {
        let text = format!(r#"(module (import "m" "t" {import}))"#);
        let module = Module::new(store.engine(), text).unwrap();
        let made = Instance::new(&mut store, &module, &[table.into()]);
        assert_eq!(made.is_ok(), fits, "{import}");
    }
}

/// Hazards 31 and 39.
#[test]
fn a_64_bit_memory_is_bounded_by_the_store_not_by_its_type() {
    let mut store = Store::new(&Engine::default(), ());
    let instance = instance(
        &mut store,
        r#"(module
            (memory (export "memory") i64 0 0x1_0000_0000_0000)
            (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0))))"#,
    );
    let grow = instance.get_typed_func::<u64, i64>(&store, "grow").unwrap();
    for delta in [1 << 48, 1 << 40, (1 << 18) + 1, u64::MAX, u64::MAX / 65_536] {
        assert_eq!(grow.call(&mut store, delta).unwrap(), -1, "{delta}");
    }
    assert_eq!(grow.call(&mut store, 1).unwrap(), 0);
    let module = Module::new(store.engine(), "(module (memory i64 0x1_0000_0000))").unwrap();
    let error = Instance::new(&mut store, &module, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
}

/// <https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions>
#[test]
fn constant_expressions_compute_and_refer_to_what_comes_before() {
    let text = r#"
        (module
            (import "m" "base" (global $base i32))
            (import "m" "wide" (global $wide i64))
            (type $number (func (result i32)))
            (func $seven (type $number) (i32.const 7))
            (global $a (export "a") i32
                (i32.sub (i32.mul (global.get $base) (i32.const 3)) (i32.const 1)))
            (global $b (export "b") i64 (i64.add (global.get $wide) (i64.const -2)))
            (global $c (export "c") i32 (i32.add (global.get $a) (global.get $a)))
            (global $f (ref $number) (ref.func $seven))
            (global $n (export "n") (ref null $number) (ref.null nofunc))
            (memory (export "memory") 1)
            (data (offset (i32.add (global.get $a) (i32.const 1))) "x")
            (table $t (export "t") 10 (ref null $number))
            (elem (offset (i32.sub (global.get $c) (global.get $a))) (ref null $number)
                (item (global.get $f)) (item (global.get $n)))
            (func (export "call") (param i32) (result i32)
                (call_indirect $t (type $number) (local.get 0))))
    "#;
    let (mut store, mut linker, module) = setup((), text);
    let ty = |content| GlobalType::new(content, false);
    let base = Global::new(&mut store, ty(ValType::I32), Val::I32(3)).unwrap();
    let wide = Global::new(&mut store, ty(ValType::I64), Val::I64(1)).unwrap();
    linker.define("m", "base", base).unwrap();
    linker.define("m", "wide", wide).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let value = |name| instance.get_global(&store, name).unwrap().get(&store);
    assert_eq!(
        ["a", "b", "c", "n"].map(value),
        [Val::I32(8), Val::I64(-1), Val::I32(16), Val::FuncRef(None)]
    );
    let memory = instance.get_memory(&store, "memory").unwrap();
    assert_eq!(memory.data(&store)[9], b'x');
    let call = instance.get_typed_func::<i32, i32>(&store, "call").unwrap();
    assert_eq!(call.call(&mut store, 8).unwrap(), 7);
    let table = instance.get_table(&store, "t").unwrap();
    assert_eq!(table.get(&store, 9), Some(Val::FuncRef(None)));
}

#[test]
fn instructions_on_objects_are_refused_by_name() {
    let engine = Engine::default();
    for text in [
        "(module (type $s (struct)) (func (drop (struct.new $s))))",
        "(module (type $s (struct)) (global (ref $s) (struct.new $s)))",
        "(module (func (param anyref) (drop (ref.test eqref (local.get 0)))))",
        "(module (func (drop (ref.i31 (i32.const 1)))))",
    ] {
        let error = Module::new(&engine, text).unwrap_err();
        let error = error.module_error().unwrap();
        assert_eq!(error.kind(), crate::ModuleErrorKind::NotBuilt, "{text}");
        assert_eq!(error.feature(), Some(crate::Feature::Gc), "{text}");
        assert_eq!(
            Module::validate(&engine, text)
                .unwrap_err()
                .module_error()
                .unwrap()
                .kind(),
            error.kind()
        );
    }
}

#[test]
fn a_guest_finds_its_tables_where_a_host_function_left_them() {
    let (mut store, mut linker, module) = setup(
        (),
        r#"(module
            (import "host" "table" (table $imported 1 externref))
            (import "host" "move" (func $move))
            (table $own 2 externref)
            (func (export "run") (param i32) (result i32 i32 externref externref)
                (table.set $own (i32.const 1) (table.get $imported (i32.const 0)))
                (call $move)
                (table.size $own)
                (table.size $imported)
                (table.get $own (i32.const 1))
                (table.get $imported (local.get 0))))"#,
    );
    let object = ExternRef::new(&mut store, 7_u32);
    let null = Val::ExternRef(None);
    let ty = TableType::new(RefType::EXTERNREF, 1, None);
    let table = Table::new(&mut store, ty, Val::ExternRef(Some(object))).unwrap();
    let moves = Func::wrap(&mut store, move |mut caller: Caller<'_, ()>| {
        for _ in 0..100 {
            Table::new(&mut caller, ty, null).expect("there is room");
        }
        table.grow(&mut caller, 1_000, null).map(|_| ())
    });
    linker.define("host", "table", table).unwrap();
    linker.define("host", "move", moves).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance.get_func(&store, "run").unwrap();
    let mut results = [Val::I32(0), Val::I32(0), null, null];
    run.call(&mut store, &[Val::I32(0)], &mut results).unwrap();
    assert!(matches!(
        results,
        [
            Val::I32(2),
            Val::I32(1_001),
            Val::ExternRef(Some(_)),
            Val::ExternRef(Some(_)),
        ]
    ));
    run.call(&mut store, &[Val::I32(1_500)], &mut results)
        .unwrap();
    assert!(matches!(results[3], Val::ExternRef(None)));
    assert_eq!(
        run.call(&mut store, &[Val::I32(-1)], &mut results)
            .unwrap_err()
            .trap(),
        Some(Trap::TableOutOfBounds)
    );
}
