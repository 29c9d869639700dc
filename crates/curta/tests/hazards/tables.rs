//! Hazards 31–35 for tables: sizes that cannot be, growth that fails, and what is beyond an end.

use super::{
    engines::{alone, call, engines, modes, run, trap},
    measure::peak,
};
use curta::{ErrorKind, Instance, Module, Store, Trap};

/// Tables that no machine has are refused when they are made.
#[test]
fn hazard_31_tables_larger_than_the_address_space() {
    for engine in modes() {
        let memory = peak(|| {
            for size in [
                "4294967295",
                "i64 4294967296",
                "i64 18446744073709551615",
                "i64 2305843009213693952",
            ] {
                let error = run(&engine, format!("(module (table {size} funcref))")).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Limit, "{size} elements: {error:?}");
            }
        });
        assert!(memory < 1 << 20, "held {memory} bytes");
        for size in ["0 4294967295", "i64 0 18446744073709551615"] {
            run(&engine, format!("(module (table {size} funcref))"))
                .expect("it may ask for little");
        }
        let many = "(table 9000000 funcref)".repeat(1_000);
        let error = run(&engine, format!("(module {many})")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "not all of them: {error:?}");
    }
}

/// Growth by what cannot be had is -1 and changes nothing.
#[test]
fn hazard_32_table_growth_that_fails_says_so() {
    let text = r#"(module
        (table $open (export "open") 2 funcref) (table $small (export "small") 2 3 externref)
        (func (export "grow open") (param i32) (result i32) (table.grow $open (ref.null func) (local.get 0)))
        (func (export "grow small") (param i32) (result i32) (table.grow $small (ref.null extern) (local.get 0))))"#;
    for engine in engines() {
        let (mut store, instance) = alone(&engine, text);
        let memory = peak(|| {
            for elements in [
                1 << 30,
                0x7fff_ffff,
                0x8000_0000,
                u32::MAX - 2,
                u32::MAX - 1,
                u32::MAX,
            ] {
                for name in ["open", "small"] {
                    let grow = format!("grow {name}");
                    assert_eq!(
                        call::<u32, i32>(&mut store, instance, &grow, elements).unwrap(),
                        -1,
                        "{elements}"
                    );
                    let table = instance.get_table(&store, name).unwrap();
                    assert_eq!(table.size(&store), 2);
                }
            }
        });
        assert!(memory < 1 << 20, "held {memory} bytes");
        assert_eq!(
            call::<u32, i32>(&mut store, instance, "grow small", 2).unwrap(),
            -1
        );
        assert_eq!(
            call::<u32, i32>(&mut store, instance, "grow small", 1).unwrap(),
            2
        );
        assert_eq!(
            call::<u32, i32>(&mut store, instance, "grow small", 1).unwrap(),
            -1
        );
        assert_eq!(
            call::<u32, i32>(&mut store, instance, "grow small", 0).unwrap(),
            3
        );
    }
}

/// What a 64-bit table's growth and size say is 64 bits wide, and so is failure.
#[test]
fn hazard_33_64_bit_tables_have_64_bit_results() {
    let text = r#"(module
        (table $wide (export "wide") i64 3 10 funcref)
        (elem declare func $f)
        (func $f (export "f") (result i32) (i32.const 5))
        (func (export "grow") (param i64) (result i64) (table.grow $wide (ref.func $f) (local.get 0)))
        (func (export "size") (result i64) (table.size $wide))
        (func (export "failed") (param i64) (result i32)
            (i64.eq (table.grow $wide (ref.null func) (local.get 0)) (i64.const -1)))
        (func (export "get") (param i64) (result i32) (ref.is_null (table.get $wide (local.get 0))))
        (func (export "set") (param i64) (table.set $wide (local.get 0) (ref.func $f)))
        (func (export "fill") (param i64 i64) (table.fill $wide (local.get 0) (ref.func $f) (local.get 1)))
        (func (export "call") (param i64) (result i32) (call_indirect $wide (result i32) (local.get 0))))"#;
    for engine in engines() {
        let (mut store, instance) = alone(&engine, text);
        let store = &mut store;
        assert_eq!(
            call::<u64, i64>(store, instance, "grow", u64::MAX).unwrap(),
            -1
        );
        assert_eq!(
            call::<u64, i64>(store, instance, "grow", 1 << 32).unwrap(),
            -1
        );
        assert_eq!(
            call::<u64, i64>(store, instance, "grow", (1 << 32) + 1).unwrap(),
            -1
        );
        assert_eq!(call::<u64, i32>(store, instance, "failed", 8).unwrap(), 1);
        assert_eq!(call::<u64, i64>(store, instance, "grow", 2).unwrap(), 3);
        assert_eq!(call::<(), i64>(store, instance, "size", ()).unwrap(), 5);
        assert_eq!(call::<u64, i32>(store, instance, "get", 4).unwrap(), 0);
        assert_eq!(call::<u64, i32>(store, instance, "call", 4).unwrap(), 5);
        for index in [5, 1 << 32, (1 << 32) | 4, 1 << 63, u64::MAX] {
            assert_eq!(
                trap(call::<u64, i32>(store, instance, "get", index)),
                Trap::TableOutOfBounds,
                "{index:#x}"
            );
            assert_eq!(
                trap(call::<u64, ()>(store, instance, "set", index)),
                Trap::TableOutOfBounds,
                "{index:#x}"
            );
            assert_eq!(
                trap(call::<u64, i32>(store, instance, "call", index)),
                Trap::UndefinedElement,
                "{index:#x}"
            );
            let filled = call::<(u64, u64), ()>(store, instance, "fill", (index, u64::MAX - 3));
            assert_eq!(trap(filled), Trap::TableOutOfBounds, "{index:#x}");
        }
        let table = instance.get_table(&*store, "wide").unwrap();
        let nulls = (0..5)
            .filter(|index| table.get(&*store, *index).unwrap().is_null())
            .count();
        assert_eq!(nulls, 3);
    }
}

const BULK: &str = r#"(module
    (table $t (export "t") 10 funcref) (table $u (export "u") 10 funcref)
    (func $a (result i32) (i32.const 1)) (func $b (result i32) (i32.const 2))
    (elem (table $t) (i32.const 0) func $a $b $a)
    (elem $passive func $a $b $a $b)
    (func (export "fill") (param i32 i32 i32) (table.fill $t (local.get 0) (ref.func $a) (local.get 2)))
    (func (export "copy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
    (func (export "across") (param i32 i32 i32) (table.copy $u $t (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init") (param i32 i32 i32) (table.init $t $passive (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init_active") (param i32 i32 i32) (table.init $t 0 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "drop") (param i32 i32 i32) (elem.drop $passive)))"#;

/// Bulk operations on tables beyond an end trap before they write anything; of length zero they may be at an end.
#[test]
fn hazard_34_bulk_operations_on_tables_write_all_or_nothing() {
    for engine in engines() {
        let (mut store, instance) = alone(&engine, BULK);
        let elements = |store: &Store<()>| -> Vec<_> {
            ["t", "u"]
                .into_iter()
                .flat_map(|name| {
                    let table = instance.get_table(store, name).unwrap();
                    (0..table.size(store))
                        .map(move |index| table.get(store, index))
                        .collect::<Vec<_>>()
                })
                .collect()
        };
        let before = elements(&store);
        let beyond = [
            ("fill", 7, 0, 4),
            ("fill", 11, 0, 0),
            ("fill", 1, 0, u32::MAX),
            ("fill", u32::MAX, 0, 2),
            ("copy", 7, 0, 4),
            ("copy", 0, 7, 4),
            ("copy", 11, 0, 0),
            ("copy", 0, 11, 0),
            ("copy", 2, 2, u32::MAX - 1),
            ("across", 8, 0, 3),
            ("across", 0, 8, 3),
            ("across", u32::MAX, 0, 1),
            ("init", 7, 0, 4),
            ("init", 0, 1, 4),
            ("init", 0, 5, 0),
            ("init", 11, 0, 0),
            ("init", 0, u32::MAX, 2),
            ("init_active", 0, 0, 1),
        ];
        for (name, a, b, c) in beyond {
            let result = call::<(u32, u32, u32), ()>(&mut store, instance, name, (a, b, c));
            assert_eq!(trap(result), Trap::TableOutOfBounds, "{name} {a} {b} {c}");
            assert!(
                elements(&store) == before,
                "{name} {a} {b} {c} wrote something"
            );
        }
        for name in ["fill", "copy", "across"] {
            call::<(u32, u32, u32), ()>(&mut store, instance, name, (10, 10, 0)).unwrap();
        }
        call::<(u32, u32, u32), ()>(&mut store, instance, "init", (10, 4, 0)).unwrap();
        call::<(u32, u32, u32), ()>(&mut store, instance, "init_active", (10, 0, 0)).unwrap();
        assert!(elements(&store) == before);
        call::<(u32, u32, u32), ()>(&mut store, instance, "copy", (1, 0, 3)).unwrap();
        let after = elements(&store);
        assert!(
            after[1] == before[0] && after[2] == before[1] && after[3] == before[2],
            "copied as if at once"
        );
    }
}

/// A dropped element segment is one of no elements; other instances keep theirs.
#[test]
fn hazard_35_dropped_element_segments_are_empty() {
    for engine in engines() {
        let module = Module::new(&engine, BULK).unwrap();
        let mut store = Store::new(&engine, ());
        let first = Instance::new(&mut store, &module, &[]).unwrap();
        let second = Instance::new(&mut store, &module, &[]).unwrap();
        let mut call = |instance, name: &str, params| {
            call::<(u32, u32, u32), ()>(&mut store, instance, name, params)
        };
        call(first, "init", (0, 0, 4)).unwrap();
        for _ in 0..2 {
            call(first, "drop", (0, 0, 0)).unwrap();
            call(first, "init", (10, 0, 0)).unwrap();
            assert_eq!(trap(call(first, "init", (0, 0, 1))), Trap::TableOutOfBounds);
            assert_eq!(trap(call(first, "init", (0, 1, 0))), Trap::TableOutOfBounds);
        }
        call(second, "init", (0, 0, 4)).unwrap();
    }
}
