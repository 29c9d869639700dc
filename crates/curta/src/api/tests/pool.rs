//! What an engine keeps of stores that are gone: no guest sees a byte of another's.

use crate::{
    Config, Engine, Features, Func, Instance, Linker, Memory, MemoryType, Module, RefType, Store,
    Table, TableType, Trap, Val,
};
use alloc::{format, string::String, vec::Vec};

fn engine() -> Engine {
    let mut config = Config::new();
    config.features(Features::ALL);
    Engine::new(&config)
}

/// Memory types of several sizes and kinds, with the type of their addresses.
const TYPES: &[(&str, &str)] = &[
    ("1", "i32"),
    ("1 1", "i32"),
    ("2 9", "i32"),
    ("3", "i32"),
    ("17 40", "i32"),
    ("i64 1", "i64"),
    ("i64 5 20", "i64"),
    ("70000 200000 (pagesize 1)", "i32"),
    ("9 (pagesize 1)", "i32"),
];

/// A module with such a memory and functions that write to all of it.
fn scribbler(memory: &str, address: &str) -> String {
    format!(
        r#"(module
            (memory (export "memory") {memory})
            (func $everything (result {address})
                (local $pages {address})
                (local.set $pages (memory.size))
                ({address}.mul (local.get $pages) ({address}.const {page})))
            (func (export "scribble")
                (memory.fill ({address}.const 0) (i32.const 0xaa) (call $everything)))
            (func (export "grow") (drop (memory.grow ({address}.const 2))))
            (func (export "trap")
                (memory.fill ({address}.const 0) (i32.const 0xaa) (call $everything))
                (memory.fill (call $everything) (i32.const 1) ({address}.const 1))))"#,
        page = if memory.contains("pagesize") {
            1
        } else {
            65_536
        },
    )
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

fn call(store: &mut Store<()>, instance: Instance, name: &str) -> Result<(), crate::Error> {
    let func = instance.get_typed_func::<(), ()>(&*store, name)?;
    func.call(store, ())
}

#[test]
fn a_memory_is_zero_whatever_the_one_before_it_held() {
    let engine = engine();
    for (memory, address) in TYPES {
        let module = Module::new(&engine, scribbler(memory, address)).expect("it is valid");
        // Each twice, since the engine treats what it sees again in another way.
        for calls in [
            &["scribble"][..],
            &["scribble"],
            &["grow", "scribble"],
            &["grow", "scribble"],
            &["scribble", "grow", "trap"],
            &["trap"],
            &[],
            &["host"],
            &[],
        ] {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).unwrap();
            let found = instance.get_memory(&store, "memory").unwrap();
            assert!(is_zero(found.data(&store)), "{memory} before {calls:?}");
            for name in calls {
                if *name == "host" {
                    found.data_mut(&mut store).fill(0xbb);
                    continue;
                }
                let before = found.data(&store).len();
                let result = call(&mut store, instance, name);
                assert_eq!(result.is_err(), *name == "trap");
                assert!(is_zero(&found.data(&store)[before..]), "{memory}: grown");
            }
            let grown = found.data(&store).len();
            if found.grow(&mut store, 1).is_ok() {
                assert!(is_zero(&found.data(&store)[grown..]), "{memory}: grown");
            }
        }
    }
}

#[test]
fn a_memory_is_zero_after_an_instantiation_that_failed() {
    let engine = engine();
    let failing = [
        r#"(module (memory 1) (data (i32.const 100) "secret") (data (i32.const 65535) "beyond"))"#,
        r#"(module (memory 1) (func $f (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) unreachable)
            (start $f))"#,
        r#"(module (memory 1) (memory 60000000 (pagesize 1)) (table 20000000 funcref))"#,
    ];
    let plain = Module::new(&engine, r#"(module (memory (export "memory") 1))"#).unwrap();
    for text in failing {
        let module = Module::new(&engine, text).unwrap();
        for _ in 0..3 {
            let mut store = Store::new(&engine, ());
            assert!(Instance::new(&mut store, &module, &[]).is_err());
            drop(store);
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &plain, &[]).unwrap();
            let memory = instance.get_memory(&store, "memory").unwrap();
            assert!(is_zero(memory.data(&store)));
        }
    }
}

#[test]
fn a_memory_of_the_hosts_is_zero_too() {
    let engine = Engine::default();
    for _ in 0..4 {
        let mut store = Store::new(&engine, ());
        let memory = Memory::new(&mut store, MemoryType::new(2, None)).unwrap();
        assert!(is_zero(memory.data(&store)));
        memory.write(&mut store, 100_000, b"secret").unwrap();
    }
}

/// Data of 80,000 bytes from 70,001 on in two segments that overlap, all of it `x` but for the end.
fn large_data() -> String {
    format!(
        r#"(data (i32.const 70001) "{}") (data (i32.const 140001) "{}")"#,
        "x".repeat(75_000),
        "y".repeat(10_000)
    )
}

fn is_large_data(bytes: &[u8]) -> bool {
    let expected = |at| match at {
        70_001..140_001 => b'x',
        140_001..150_001 => b'y',
        _ => 0,
    };
    bytes
        .iter()
        .enumerate()
        .all(|(at, byte)| *byte == expected(at))
}

#[test]
fn shared_data_is_each_instances_own() {
    for images in [true, false] {
        let mut config = Config::new();
        config.memory_images(images);
        let engine = Engine::new(&config);
        let text = format!(
            r#"(module (memory (export "memory") 4) {}
                (func (export "scribble")
                    (memory.fill (i32.const 0) (i32.const 0xaa) (i32.const 0x40000)))
                (func (export "init")
                    (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 1))))"#,
            large_data()
        );
        let module = Module::new(&engine, text).unwrap();
        let plain = Module::new(&engine, r#"(module (memory (export "memory") 4))"#).unwrap();
        for _ in 0..4 {
            let mut stores: Vec<_> = (0..3).map(|_| Store::new(&engine, ())).collect();
            for store in &mut stores {
                let instance = Instance::new(&mut *store, &module, &[]).unwrap();
                let memory = instance.get_memory(&*store, "memory").unwrap();
                assert!(is_large_data(memory.data(&*store)));
                // Active segments are dropped, however their bytes got there.
                let error = call(store, instance, "init").unwrap_err();
                assert_eq!(error.trap(), Some(Trap::MemoryOutOfBounds));
                call(store, instance, "scribble").unwrap();
                memory.grow(&mut *store, 1).unwrap();
                assert!(is_zero(&memory.data(&*store)[0x40000..]));
            }
            drop(stores);
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &plain, &[]).unwrap();
            let memory = instance.get_memory(&store, "memory").unwrap();
            assert!(is_zero(memory.data(&store)));
        }
    }
}

#[test]
fn shared_data_does_not_come_before_elements() {
    let engine = Engine::default();
    // Succeeds or traps in its second element segment, as the global says; its function escapes first.
    let text = format!(
        r#"(module (import "env" "table" (table 1 funcref)) (import "env" "at" (global i32))
            (memory 4) {}
            (func $read (result i32) (i32.load8_u (i32.const 70001)))
            (elem (i32.const 0) $read) (elem (global.get 0) $read))"#,
        large_data()
    );
    let module = Module::new(&engine, text).unwrap();
    for (at, expected) in [(0, 120), (1, 0), (0, 120), (1, 0), (1, 0), (0, 120)] {
        let mut store = Store::new(&engine, ());
        let ty = TableType::new(RefType::FUNCREF, 1, None);
        let table = Table::new(&mut store, ty, Val::FuncRef(None)).unwrap();
        let ty = crate::GlobalType::new(crate::ValType::I32, false);
        let global = crate::Global::new(&mut store, ty, Val::I32(at)).unwrap();
        let mut linker = Linker::new(&engine);
        linker.define("env", "table", table).unwrap();
        linker.define("env", "at", global).unwrap();
        let made = linker.instantiate(&mut store, &module);
        assert_eq!(made.is_ok(), at == 0);
        let read: Func = table.get(&store, 0).unwrap().unwrap_funcref().unwrap();
        let read = read.typed::<(), i32>(&store).unwrap();
        assert_eq!(read.call(&mut store, ()).unwrap(), expected);
    }
}

#[test]
fn data_that_may_not_fit_is_written_in_order() {
    let engine = Engine::default();
    let text = format!(
        r#"(module (import "env" "memory" (memory $theirs 1)) (memory $own (export "own") 4)
            (data (memory $theirs) (i32.const 0) "first")
            (data (memory $own) (i32.const 0) "{}")
            (data (memory $theirs) (i32.const 65536) "beyond")
            (data (memory $theirs) (i32.const 0) "later"))"#,
        "x".repeat(100_000)
    );
    let module = Module::new(&engine, text).unwrap();
    for pages in [1, 2, 1, 2] {
        let mut store = Store::new(&engine, ());
        let memory = Memory::new(&mut store, MemoryType::new(pages, None)).unwrap();
        let made = Instance::new(&mut store, &module, &[memory.into()]);
        let expected = if pages == 1 { b"first" } else { b"later" };
        assert_eq!(
            (made.is_ok(), &memory.data(&store)[..5]),
            (pages == 2, &expected[..])
        );
        if let Ok(instance) = made {
            let own = instance.get_memory(&store, "own").unwrap();
            assert!(own.data(&store)[..100_000].iter().all(|byte| *byte == b'x'));
        }
    }
}

#[test]
fn an_engine_that_keeps_nothing_works_as_well() {
    let mut config = Config::new();
    config.pooled_mappings(0).pooled_bytes(0);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, scribbler("1", "i32")).unwrap();
    for _ in 0..3 {
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let memory = instance.get_memory(&store, "memory").unwrap();
        assert!(is_zero(memory.data(&store)));
        call(&mut store, instance, "scribble").unwrap();
    }
}
