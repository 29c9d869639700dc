//! What instances take from the platform: mappings, and memory that comes back when their stores are dropped.
//!
//! One test alone, since both are counted for the whole process.

#![cfg(target_os = "linux")]

use curta::{Engine, Instance, Module, Store};
use std::fs;

const INSTANCES: usize = 200;

fn mappings() -> usize {
    fs::read_to_string("/proc/self/maps")
        .expect("Linux tells")
        .lines()
        .count()
}

fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    kilobytes
        .expect("it is there")
        .parse::<usize>()
        .expect("a number")
        * 1024
}

fn store(engine: &Engine, module: &Module) -> Store<()> {
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, module, &[]).expect("it can be instantiated");
    let run = instance
        .get_typed_func::<(), ()>(&store, "run")
        .expect("it is exported");
    run.call(&mut store, ()).expect("it does not trap");
    store
}

#[test]
fn instances_take_few_mappings_and_give_their_memory_back() {
    let engine = Engine::default();
    let touch = r#"(func (export "run")
        (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x100000)))"#;
    let plain = format!("(module (memory 16) {touch})");
    // In the middle of the memory, so that there is something before and behind it.
    let data = "x".repeat(200_000);
    let shared = format!(r#"(module (memory 32) {touch} (data (i32.const 0x100000) "{data}"))"#);
    for text in [plain, shared] {
        let module = Module::new(&engine, text).expect("it is valid");
        drop(store(&engine, &module));
        let before = (mappings(), resident());
        let stores: Vec<_> = (0..INSTANCES).map(|_| store(&engine, &module)).collect();
        let (more, bytes) = (mappings() - before.0, resident() - before.1);
        // Four at most for the memory, and one for the store's stack.
        assert!(
            more <= 5 * INSTANCES + 8,
            "{more} mappings of {INSTANCES} instances"
        );
        assert!(bytes >= INSTANCES << 20, "all of them touched a mebibyte");
        drop(stores);
        let kept = resident().saturating_sub(before.1);
        assert!(kept <= 24 << 20, "{kept} bytes are kept of {bytes}");
        // A thousand one after the other use the same memory again and again.
        (0..1000).for_each(|_| drop(store(&engine, &module)));
        let kept = resident().saturating_sub(before.1);
        assert!(kept <= 24 << 20, "{kept} bytes are kept of a thousand");
        println!(
            "{} mappings an instance, {kept} bytes kept",
            more as f64 / INSTANCES as f64
        );
    }
}
