//! Hazards 34 and 35 for memories: bulk operations beyond an end, and segments that were dropped.

use super::engines::{alone, call, engines, trap};
use curta::{Instance, Module, Store, Trap};

/// A module for bulk operations: bytes 0..16 are 1, 2, …
const BULK: &str = r#"(module (memory (export "memory") 1 1)
    (data (i32.const 0) "\01\02\03\04\05\06\07\08\09\0a\0b\0c\0d\0e\0f\10")
    (data (i32.const 65532) "\ee\ee\ee\ee")
    (data $passive "abcdefgh")
    (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init") (param i32 i32 i32) (memory.init $passive (local.get 0) (local.get 1) (local.get 2)))
    (func (export "fill_constant") (param i32 i32 i32) (memory.fill (i32.const 65530) (i32.const 7) (i32.const 7)))
    (func (export "copy_constant") (param i32 i32 i32) (memory.copy (i32.const 65530) (i32.const 0) (i32.const 7)))
    (func (export "init_constant") (param i32 i32 i32) (memory.init $passive (i32.const 65530) (i32.const 0) (i32.const 7)))
    (func (export "init_active") (param i32 i32 i32) (memory.init 0 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "drop") (param i32 i32 i32) (data.drop $passive)))"#;

/// A bulk operation beyond an end traps before it writes anything; of length zero it may be at an end, and not beyond.
#[test]
fn hazard_34_bulk_operations_write_all_or_nothing() {
    let end = 65_536u32;
    for engine in engines() {
        let (mut store, instance) = alone(&engine, BULK);
        let memory = instance.get_memory(&store, "memory").unwrap();
        let before = memory.data(&store).to_vec();
        let beyond = [
            ("fill", end - 4, 7, 5),
            ("fill", 0, 7, end + 1),
            ("fill", 1, 7, u32::MAX),
            ("fill", u32::MAX, 7, 2),
            ("fill", end + 1, 7, 0),
            ("fill_constant", 0, 0, 0),
            ("copy", end - 4, 0, 5),
            ("copy", 0, end - 4, 5),
            ("copy", 4, 0, end - 3),
            ("copy", 0, 4, end - 3),
            ("copy", u32::MAX, 0, 1),
            ("copy", 0, u32::MAX, 1),
            ("copy", 8, 8, u32::MAX),
            ("copy", end + 1, 0, 0),
            ("copy", 0, end + 1, 0),
            ("copy_constant", 0, 0, 0),
            ("init", end - 4, 0, 5),
            ("init", 0, 4, 5),
            ("init", 0, 0, 9),
            ("init", 0, u32::MAX, 2),
            ("init", u32::MAX, 0, 2),
            ("init", 0, 9, 0),
            ("init", end + 1, 0, 0),
            ("init_constant", 0, 0, 0),
            ("init_active", 0, 0, 1),
            ("init_active", 0, 1, 0),
        ];
        for (name, a, b, c) in beyond {
            let result = call::<(u32, u32, u32), ()>(&mut store, instance, name, (a, b, c));
            assert_eq!(trap(result), Trap::MemoryOutOfBounds, "{name} {a} {b} {c}");
            assert!(
                memory.data(&store) == before,
                "{name} {a} {b} {c} wrote something"
            );
        }
        let within = [
            ("fill", end, 7, 0),
            ("copy", end, end, 0),
            ("copy", end, 0, 0),
            ("copy", 0, end, 0),
        ];
        for (name, a, b, c) in within.into_iter().chain([
            ("init", end, 8, 0),
            ("init", 0, 8, 0),
            ("init_active", end, 0, 0),
        ]) {
            call::<(u32, u32, u32), ()>(&mut store, instance, name, (a, b, c)).unwrap();
        }
        assert!(memory.data(&store) == before);
        // Overlapping copies in both directions.
        call::<(u32, u32, u32), ()>(&mut store, instance, "copy", (2, 0, 8)).unwrap();
        assert_eq!(
            memory.data(&store)[..12],
            [1, 2, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12]
        );
        call::<(u32, u32, u32), ()>(&mut store, instance, "copy", (0, 3, 8)).unwrap();
        assert_eq!(
            memory.data(&store)[..12],
            [2, 3, 4, 5, 6, 7, 8, 11, 7, 8, 11, 12]
        );
        call::<(u32, u32, u32), ()>(&mut store, instance, "fill", (end - 4, 0x1ff, 4)).unwrap();
        assert_eq!(memory.data(&store)[65_531..], [0, 255, 255, 255, 255]);
        call::<(u32, u32, u32), ()>(&mut store, instance, "init", (end - 8, 0, 8)).unwrap();
        assert_eq!(memory.data(&store)[65_528..], *b"abcdefgh");
    }
}

/// Lengths and places of bulk operations in 64-bit memories do not wrap, nor between memories of both widths.
#[test]
fn hazard_34_bulk_operations_in_64_bits_do_not_wrap() {
    let text = r#"(module (memory $wide (export "wide") i64 1) (memory $plain (export "plain") 1) (data $d "abcd")
        (func (export "fill") (param i64 i64) (memory.fill $wide (local.get 0) (i32.const 7) (local.get 1)))
        (func (export "copy") (param i64 i64) (memory.copy $wide $wide (i64.const 0) (local.get 0) (local.get 1)))
        (func (export "out") (param i64 i64) (memory.copy $plain $wide (i32.const 0) (local.get 0) (i32.wrap_i64 (local.get 1))))
        (func (export "in") (param i64 i64) (memory.copy $wide $plain (local.get 0) (i32.const 0) (i32.wrap_i64 (local.get 1))))
        (func (export "init") (param i64 i64) (memory.init $d $wide (local.get 0) (i32.const 0) (i32.wrap_i64 (local.get 1)))))"#;
    let text = text.replace("memory.init $d $wide", "memory.init $wide $d");
    for engine in engines() {
        let (mut store, instance) = alone(&engine, &text);
        for name in ["fill", "copy", "out", "in", "init"] {
            for (a, b) in [
                (u64::MAX, 1),
                (u64::MAX, 2),
                (1 << 32, 1),
                ((1 << 32) - 1, 2),
                (65_536, 1),
                (65_537, 0),
                (1 << 63, 1),
            ] {
                let result = call::<(u64, u64), ()>(&mut store, instance, name, (a, b));
                assert_eq!(
                    trap(result),
                    Trap::MemoryOutOfBounds,
                    "{name} {a:#x} {b:#x}"
                );
            }
            call::<(u64, u64), ()>(&mut store, instance, name, (65_536, 0)).unwrap();
        }
        for (a, b) in [
            (0, u64::MAX),
            (1, u64::MAX),
            (8, 1 << 32),
            (65_535, u64::MAX - 65_534),
        ] {
            for name in ["fill", "copy"] {
                let result = call::<(u64, u64), ()>(&mut store, instance, name, (a, b));
                assert_eq!(
                    trap(result),
                    Trap::MemoryOutOfBounds,
                    "{name} {a:#x} {b:#x}"
                );
            }
        }
        for name in ["wide", "plain"] {
            let memory = instance.get_memory(&store, name).unwrap();
            assert!(memory.data(&store).iter().all(|byte| *byte == 0), "{name}");
        }
    }
}

/// A dropped data segment is one of no bytes; dropping it again is fine; other instances keep theirs.
#[test]
fn hazard_35_dropped_data_segments_are_empty() {
    for engine in engines() {
        let module = Module::new(&engine, BULK).unwrap();
        let mut store = Store::new(&engine, ());
        let first = Instance::new(&mut store, &module, &[]).unwrap();
        let second = Instance::new(&mut store, &module, &[]).unwrap();
        let mut call = |instance, name: &str, params| {
            call::<(u32, u32, u32), ()>(&mut store, instance, name, params)
        };
        call(first, "init", (0, 0, 8)).unwrap();
        for _ in 0..2 {
            call(first, "drop", (0, 0, 0)).unwrap();
            call(first, "init", (0, 0, 0)).unwrap();
            call(first, "init", (65_536, 0, 0)).unwrap();
            assert_eq!(
                trap(call(first, "init", (0, 0, 1))),
                Trap::MemoryOutOfBounds
            );
            assert_eq!(
                trap(call(first, "init", (0, 1, 0))),
                Trap::MemoryOutOfBounds
            );
        }
        call(second, "init", (0, 0, 8)).unwrap();
    }
}
