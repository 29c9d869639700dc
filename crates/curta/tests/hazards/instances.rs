//! Hazards 42, 43 and 50–52: what instances share, and what is left of one that failed.

use super::engines::{alone, call, engines, modes, trap};
use curta::{
    Engine, ErrorKind, ExternRef, Func, Global, GlobalType, Instance, Linker, Memory, MemoryType,
    Module, Store, Trap, Val, ValType,
};

/// A store with an instance that exports a table of ten elements and a memory, which other instances import.
const SHARED: &str = r#"(module
    (memory (export "memory") 1 4) (table (export "table") 10 funcref)
    (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0)))
    (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
    (func (export "load_after_grow") (param i32) (result i32)
        (drop (call_indirect (result i32) (local.get 0)))
        (i32.store (i32.const 131072) (i32.const 5))
        (i32.load (i32.const 131072))))"#;

/// Imports of the shared memory and table in front of a module's other fields.
fn sharing(fields: &str) -> String {
    format!(
        r#"(module (import "shared" "memory" (memory 1 4)) (import "shared" "table" (table 10 funcref)) {fields})"#
    )
}

/// Instantiates a module with the shared things as imports.
fn beside(store: &mut Store<()>, shared: Instance, text: &str) -> Result<Instance, curta::Error> {
    let module = Module::new(store.engine(), text).expect("the module is valid");
    let imports =
        ["memory", "table"].map(|name| shared.get_export(&*store, name).expect("it is exported"));
    Instance::new(store, &module, &imports)
}

/// Functions of an instance that failed to be made stay in a shared table, and can be called with all they need.
#[test]
fn hazard_42_functions_of_a_failed_instance_stay_callable() {
    for engine in engines() {
        let (mut store, shared) = alone(&engine, SHARED);
        let failing = [
            sharing(
                r#"(global $g (mut i32) (i32.const 30)) (memory $own 1) (data (memory $own) (i32.const 0) "\05")
                (func $f (result i32) (global.set $g (i32.add (global.get $g) (i32.load8_u $own (i32.const 0)))) (global.get $g))
                (elem (i32.const 3) $f) (data (i32.const 65536) "x")"#,
            ),
            sharing(
                r#"(func $f (result i32) (i32.const 35)) (func $start unreachable) (start $start) (elem (i32.const 3) $f)"#,
            ),
            sharing(
                r#"(func $f (result i32) (i32.const 35)) (elem (i32.const 3) $f) (elem (i32.const 10) $f)"#,
            ),
        ];
        for text in &failing {
            let error =
                beside(&mut store, shared, text).expect_err("it fails after its first segment");
            assert!(error.trap().is_some(), "{error:?}");
            // What comes next may take the place that was left.
            for _ in 0..3 {
                alone(&engine, "(module (memory 1) (global i32 (i32.const 99)))");
                let other = Module::new(
                    &engine,
                    "(module (memory 1) (func (result i32) (i32.const 99)))",
                )
                .unwrap();
                Instance::new(&mut store, &other, &[]).unwrap();
            }
            assert_eq!(call::<i32, i32>(&mut store, shared, "call", 3).unwrap(), 35);
            shared
                .get_table(&store, "table")
                .unwrap()
                .set(&mut store, 3, Val::FuncRef(None))
                .unwrap();
        }
    }
}

/// Segments before the one that fails are applied, the failing one and those after it are not.
#[test]
fn hazard_43_segments_before_a_failure_are_visible() {
    for engine in engines() {
        let (mut store, shared) = alone(&engine, SHARED);
        let error = beside(&mut store, shared, &sharing(
            r#"(func $f (result i32) (i32.const 1))
            (elem (i32.const 0) $f) (data (i32.const 0) "\01") (data (i32.const 65535) "\02\03") (data (i32.const 1) "\04")"#,
        )).unwrap_err();
        assert_eq!(error.trap(), Some(Trap::MemoryOutOfBounds));
        assert_eq!(call::<i32, i32>(&mut store, shared, "load", 0).unwrap(), 1);
        assert_eq!(
            call::<i32, i32>(&mut store, shared, "load", 65_535).unwrap(),
            0,
            "nothing of the failing one"
        );
        assert_eq!(call::<i32, i32>(&mut store, shared, "load", 1).unwrap(), 0);
        assert_eq!(
            call::<i32, i32>(&mut store, shared, "call", 0).unwrap(),
            1,
            "tables come first"
        );

        let error = beside(&mut store, shared, &sharing(
            r#"(func $f (result i32) (i32.const 1)) (elem (i32.const 1) $f) (elem (i32.const 9) $f $f) (data (i32.const 8) "\07")"#,
        )).unwrap_err();
        assert_eq!(error.trap(), Some(Trap::TableOutOfBounds));
        assert_eq!(call::<i32, i32>(&mut store, shared, "call", 1).unwrap(), 1);
        assert_eq!(
            trap(call::<i32, i32>(&mut store, shared, "call", 9)),
            Trap::UninitializedElement
        );
        assert_eq!(
            call::<i32, i32>(&mut store, shared, "load", 8).unwrap(),
            0,
            "data comes after tables"
        );

        let error = beside(&mut store, shared, &sharing(
            r#"(func $start (i32.store8 (i32.const 16) (i32.const 9)) (drop (memory.grow (i32.const 1))) unreachable) (start $start)
            (data (i32.const 17) "\08")"#,
        )).unwrap_err();
        assert_eq!(error.trap(), Some(Trap::Unreachable));
        assert_eq!(call::<i32, i32>(&mut store, shared, "load", 16).unwrap(), 9);
        assert_eq!(call::<i32, i32>(&mut store, shared, "load", 17).unwrap(), 8);
        assert_eq!(shared.get_memory(&store, "memory").unwrap().size(&store), 2);
    }
}

/// Instances that share a memory or a table see at once what another one does with it, growth included.
#[test]
fn hazard_43_shared_memories_and_tables_are_one() {
    for engine in engines() {
        let (mut store, shared) = alone(&engine, SHARED);
        let other = beside(
            &mut store,
            shared,
            &sharing(
                r#"(func $grow (export "grow") (result i32) (memory.grow (i32.const 1)))
            (func (export "get") (result i32) (i32.load (i32.const 131072)))
            (func (export "grow_table") (result i32) (table.grow 0 (ref.func $grow) (i32.const 5)))
            (func (export "store") (param i32) (i32.store8 (local.get 0) (i32.const 77)))
            (elem (i32.const 5) $grow)"#,
            ),
        )
        .unwrap();
        call::<i32, ()>(&mut store, other, "store", 100).unwrap();
        assert_eq!(
            call::<i32, i32>(&mut store, shared, "load", 100).unwrap(),
            77
        );
        assert_eq!(call::<(), i32>(&mut store, other, "grow", ()).unwrap(), 1);
        // Grown by the callee, through the table, while the caller is in the middle of a function.
        assert_eq!(
            call::<i32, i32>(&mut store, shared, "load_after_grow", 5).unwrap(),
            5
        );
        assert_eq!(call::<(), i32>(&mut store, other, "get", ()).unwrap(), 5);
        assert_eq!(
            trap(call::<i32, i32>(&mut store, shared, "call", 12)),
            Trap::UndefinedElement
        );
        assert_eq!(
            call::<(), i32>(&mut store, other, "grow_table", ()).unwrap(),
            10
        );
        assert_eq!(call::<i32, i32>(&mut store, shared, "call", 12).unwrap(), 3);
    }
}

/// Indirect calls check the index, the element and the type, and nothing else: types of the same shape are one, also
/// of another module.
#[test]
fn hazard_50_indirect_calls_check_index_element_and_type() {
    let text = r#"(module
        (type $unused (func (param f64)))
        (type $a (func (param i32) (result i32)))
        (type $b (func (param i32) (result i32)))
        (type $other (func (param i64) (result i32)))
        (type $group (func (param i32) (result i32)))
        (import "host" "f" (func $host (type $a)))
        (import "peer" "g" (func $peer (type $b)))
        (import "peer" "h" (func $peer64 (type $other)))
        (table $empty 0 funcref)
        (table $table 8 8 funcref)
        (elem (table $table) (i32.const 0) func $own $own_other $host $peer $peer64)
        (func $own (type $a) (i32.const 10))
        (func $own_other (type $other) (i32.const 11))
        (func (export "as_a") (param i32) (result i32) (call_indirect $table (type $a) (i32.const 1) (local.get 0)))
        (func (export "as_b") (param i32) (result i32) (call_indirect $table (type $b) (i32.const 1) (local.get 0)))
        (func (export "as_group") (param i32) (result i32) (call_indirect $table (type $group) (i32.const 1) (local.get 0)))
        (func (export "as_other") (param i32) (result i32) (call_indirect $table (type $other) (i64.const 1) (local.get 0)))
        (func (export "as_unused") (param i32) (result i32)
            (call_indirect $table (type $unused) (f64.const 1) (local.get 0)) (i32.const 0))
        (func (export "in_empty") (param i32) (result i32) (call_indirect $empty (type $a) (i32.const 1) (local.get 0)))
        (func (export "in_place") (param i32) (result i32)
            (return_call_indirect $table (type $a) (i32.const 1) (local.get 0))))"#;
    let peer = r#"(module (type (func)) (type (func (param i64) (result i32))) (type (func (param i32) (result i32)))
        (func (export "g") (type 2) (i32.const 13)) (func (export "h") (type 1) (i32.const 14)))"#;
    for engine in engines() {
        let (mut store, peer) = alone(&engine, peer);
        let host = Func::wrap(&mut store, |_: i32| 12);
        let imports = [
            host.into(),
            peer.get_export(&store, "g").unwrap(),
            peer.get_export(&store, "h").unwrap(),
        ];
        let instance =
            Instance::new(&mut store, &Module::new(&engine, text).unwrap(), &imports).unwrap();
        let wrong = Err(Trap::IndirectCallTypeMismatch);
        let narrow = [Ok(10), wrong, Ok(12), Ok(13), wrong];
        let wide = [wrong, Ok(11), wrong, wrong, Ok(14)];
        for (name, expected) in [
            ("as_a", narrow),
            ("as_b", narrow),
            ("as_group", narrow),
            ("in_place", narrow),
            ("as_other", wide),
            ("as_unused", [wrong; 5]),
        ] {
            for (index, expected) in expected.into_iter().enumerate() {
                let result = call::<i32, i32>(&mut store, instance, name, index as i32);
                assert_eq!(
                    result.map_err(|error| error.trap().expect("a trap")),
                    expected,
                    "{name} {index}"
                );
            }
            for (index, expected) in [
                (5, Trap::UninitializedElement),
                (8, Trap::UndefinedElement),
                (-1, Trap::UndefinedElement),
            ] {
                assert_eq!(
                    trap(call::<i32, i32>(&mut store, instance, name, index)),
                    expected,
                    "{name} {index}"
                );
            }
        }
        for index in [0, 1, -1] {
            assert_eq!(
                trap(call::<i32, i32>(&mut store, instance, "in_empty", index)),
                Trap::UndefinedElement
            );
        }
    }
}

/// Types that only look alike are kept apart, and those that are alike are one, across modules that were made in another
/// order.
#[test]
fn hazard_50_recursive_types_are_compared_by_their_groups() {
    let fields =
        r#"(rec (type $f (func (param (ref null $g)))) (type $g (func (result (ref null $f)))))"#;
    let exporting =
        format!(r#"(module (type (func (param i32))) {fields} (func (export "f") (type $f)))"#);
    let single =
        r#"(module (rec (type $f (func (param (ref null $f))))) (func (export "f") (type $f)))"#;
    let sub = r#"(module (type $f (sub (func))) (type $s (sub $f (func))) (func (export "f") (type $s)))"#;
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let wants = |fields: &str, ty: &str| {
            let text = format!(
                r#"(module {fields} (import "m" "f" (func $f (type {ty}))) (table funcref (elem $f))
                (func (export "run") (drop (ref.cast_not_needed)) ))"#
            );
            text.replace("(drop (ref.cast_not_needed))", "")
        };
        let mut links = |exporter: &str, wanted: &str| {
            let exporter =
                Instance::new(&mut store, &Module::new(&engine, exporter).unwrap(), &[]).unwrap();
            let f = exporter.get_export(&store, "f").unwrap();
            Instance::new(&mut store, &Module::new(&engine, wanted).unwrap(), &[f]).is_ok()
        };
        assert!(links(&exporting, &wants(fields, "$f")));
        assert!(links(
            single,
            &wants("(rec (type $f (func (param (ref null $f)))))", "$f")
        ));
        assert!(!links(
            &exporting,
            &wants("(rec (type $f (func (param (ref null $f)))))", "$f")
        ));
        assert!(!links(
            &exporting,
            &wants(&fields.replace("(rec ", "(rec (type (func)) "), "$f")
        ));
        assert!(!links(single, &wants(fields, "$f")));
        assert!(links(
            sub,
            &wants("(type $f (sub (func))) (type $s (sub $f (func)))", "$s")
        ));
        assert!(
            links(sub, &wants("(type $f (sub (func)))", "$f")),
            "a subtype is good enough"
        );
        assert!(
            !links(sub, &wants("(type $f (func))", "$f")),
            "a final type is another one"
        );
        assert!(
            !links(
                "(module (type $f (sub (func))) (func (export \"f\") (type $f)))",
                &wants("(type $f (sub (func))) (type $s (sub $f (func)))", "$s")
            ),
            "a supertype is not"
        );
    }
}

/// What belongs to another store or engine is refused by everything that takes a handle, as an error.
#[test]
fn hazard_51_handles_of_other_stores_are_refused() {
    for engine in engines() {
        let (mut store, instance) = alone(&engine, SHARED);
        let (mut other, stranger) = alone(&engine, SHARED);
        let func = stranger.get_func(&other, "load").unwrap();
        let table = stranger.get_table(&other, "table").unwrap();
        let memory = stranger.get_memory(&other, "memory").unwrap();
        let object = ExternRef::new(&mut other, 5);
        let refused = |error: curta::Error| assert_eq!(error.kind(), ErrorKind::Usage, "{error:?}");
        refused(
            func.call(&mut store, &[Val::I32(0)], &mut [Val::I32(0)])
                .unwrap_err(),
        );
        refused(func.typed::<i32, i32>(&store).unwrap_err());
        refused(
            func.typed::<i32, i32>(&other)
                .unwrap()
                .call(&mut store, 0)
                .unwrap_err(),
        );
        refused(memory.grow(&mut store, 1).unwrap_err());
        refused(memory.write(&mut store, 0, &[1]).unwrap_err());
        refused(table.set(&mut store, 0, Val::FuncRef(None)).unwrap_err());
        let own = instance.get_table(&store, "table").unwrap();
        refused(own.set(&mut store, 0, Val::from(Some(func))).unwrap_err());
        let global = Global::new(
            &mut store,
            GlobalType {
                content: ValType::EXTERNREF,
                mutable: true,
            },
            Val::ExternRef(None),
        )
        .unwrap();
        refused(
            global
                .set(&mut store, Val::ExternRef(Some(object)))
                .unwrap_err(),
        );
        let text = sharing("");
        let module = Module::new(&engine, &text).unwrap();
        refused(Instance::new(&mut store, &module, &[memory.into(), table.into()]).unwrap_err());
        let mut linker = Linker::new(&engine);
        linker.instance(&mut other, "shared", stranger).unwrap();
        linker.instantiate(&mut other, &module).unwrap();
        linker.instantiate(&mut store, &module).unwrap_err();
        linker.instance(&mut store, "again", stranger).unwrap_err();

        let foreign = Module::new(&Engine::new(engine.config()), &text).unwrap();
        refused(linker.instantiate(&mut other, &foreign).unwrap_err());
        let foreign = Module::new(&Engine::new(engine.config()), "(module)").unwrap();
        refused(Instance::new(&mut store, &foreign, &[]).unwrap_err());
        assert_eq!(
            call::<i32, i32>(&mut store, instance, "load", 0).unwrap(),
            0
        );
    }
}

/// Imports must match in kind, type, mutability and limits, each as the specification says.
#[test]
fn hazard_52_imports_are_matched_exactly() {
    let exports = r#"(module
        (func (export "f") (param i32) (result i64) (i64.const 0))
        (global (export "g") i32 (i32.const 0)) (global (export "gm") (mut i32) (i32.const 0))
        (global (export "gf") (ref null func) (ref.null func))
        (memory (export "m") 2) (memory (export "m5") 2 5) (memory (export "m64") i64 2 5)
        (table (export "t") 3 funcref) (table (export "t5") 3 5 funcref) (table (export "te") 3 5 externref)
        (table (export "t64") i64 3 5 funcref) (tag (export "x") (param i32)))"#;
    let cases = [
        ("f", "(func (param i32) (result i64))", true),
        ("f", "(func (param i32))", false),
        ("f", "(func (param i32) (result i32))", false),
        ("f", "(func (param i32 i32) (result i64))", false),
        ("f", "(global i32)", false),
        ("g", "(global i32)", true),
        ("g", "(global (mut i32))", false),
        ("g", "(global i64)", false),
        ("gm", "(global (mut i32))", true),
        ("gm", "(global i32)", false),
        ("gf", "(global funcref)", true),
        ("gf", "(global (ref func))", false),
        ("m", "(memory 2)", true),
        ("m", "(memory 1)", true),
        ("m", "(memory 3)", false),
        ("m", "(memory 2 5)", false),
        ("m", "(memory 2 65536)", false),
        ("m", "(memory i64 2)", false),
        ("m", "(table 2 funcref)", false),
        ("m5", "(memory 0)", true),
        ("m5", "(memory 2 5)", true),
        ("m5", "(memory 2 6)", true),
        ("m5", "(memory 2 4)", false),
        ("m64", "(memory i64 2 5)", true),
        ("m64", "(memory 2 5)", false),
        ("t", "(table 3 funcref)", true),
        ("t", "(table 0 funcref)", true),
        ("t", "(table 4 funcref)", false),
        ("t", "(table 3 5 funcref)", false),
        ("t5", "(table 3 5 funcref)", true),
        ("t5", "(table 3 4 funcref)", false),
        ("t5", "(table 3 5 externref)", false),
        ("t5", "(table 3 5 (ref func))", false),
        ("te", "(table 3 externref)", true),
        ("t64", "(table i64 3 5 funcref)", true),
        ("t64", "(table 3 5 funcref)", false),
        ("x", "(tag (param i32))", true),
        ("x", "(tag (param i64))", false),
        ("x", "(tag)", false),
        ("x", "(func (param i32))", false),
        ("nothing", "(func)", false),
    ];
    for engine in modes() {
        let (mut store, exporter) = alone(&engine, exports);
        let mut linker = Linker::new(&engine);
        linker.instance(&mut store, "e", exporter).unwrap();
        for (name, ty, matches) in cases {
            let text = format!(r#"(module (import "e" "{name}" {ty}))"#);
            let module = Module::new(&engine, &text).unwrap();
            let linked = linker.instantiate(&mut store, &module);
            assert_eq!(linked.is_ok(), matches, "{name} as {ty}: {linked:?}");
            if let Err(error) = linked {
                assert_eq!(error.kind(), ErrorKind::Link, "{error:?}");
            }
        }
    }
}

/// The size that a memory has now is what is matched, not the one that it was made with.
#[test]
fn hazard_52_growth_counts_when_imports_are_matched() {
    for engine in modes() {
        let mut store = Store::new(&engine, ());
        let memory = Memory::new(&mut store, MemoryType::new(1, Some(4))).unwrap();
        let wants = Module::new(&engine, r#"(module (import "m" "m" (memory 3 4)))"#).unwrap();
        Instance::new(&mut store, &wants, &[memory.into()]).unwrap_err();
        memory.grow(&mut store, 2).unwrap();
        Instance::new(&mut store, &wants, &[memory.into()]).unwrap();
        Instance::new(&mut store, &wants, &[]).unwrap_err();
        Instance::new(&mut store, &wants, &[memory.into(), memory.into()]).unwrap_err();
    }
}
