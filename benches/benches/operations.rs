//! Single operations on curta alone, with the dispatch that it selects by itself: for watching one
//! change after another. To compare engines, use the table, in which they take turns.

use std::hint::black_box;

use benches::host::{self, Host};
use benches::startup::generate;
use benches::workload::{self, Entry, Group};
use criterion::{Criterion, criterion_group, criterion_main};
use curta::{CompilationMode, Config, Engine, Instance, Linker, Module, Store, Val};

/// The micro workloads, each with its small call: some microseconds of one kind of instruction.
fn instructions(criterion: &mut Criterion) {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    let (space, name) = host::NEXT;
    linker
        .func_wrap(space, name, host::next)
        .expect("the only definition");
    let mut workloads = workload::all().expect("the lists can be read");
    workloads.retain(|it| it.group == Group::Micro && it.entry == Entry::Run);
    for workload in workloads {
        let wasm = workload.wasm.expect("it is checked in");
        let module = Module::new(&engine, wasm).expect("our own module is valid");
        let mut store = Store::new(&engine, Host::default());
        let instance = linker
            .instantiate(&mut store, &module)
            .expect("it imports what there is");
        let run = instance
            .get_func(&mut store, "run")
            .expect("it exports `run`");
        let id = format!("instructions/{}", workload.name);
        criterion.bench_function(&id, |bencher| {
            bencher.iter(|| {
                let mut results = [Val::I32(0)];
                let argument = [Val::I32(black_box(workload.quick.argument))];
                run.call(&mut store, &argument, &mut results)
                    .expect("it does not trap");
                results
            });
        });
    }
}

/// What happens before and around the guest's code.
fn embedding(criterion: &mut Criterion) {
    let engine = Engine::default();
    let wasm = generate::module(100_000);
    criterion.bench_function("embedding/translate 100 KB", |bencher| {
        bencher.iter(|| Module::new(&engine, &wasm).expect("it is valid"));
    });
    let mut config = Config::new();
    config.compilation_mode(CompilationMode::Lazy);
    let lazy = Engine::new(&config);
    criterion.bench_function("embedding/decode 100 KB", |bencher| {
        bencher.iter(|| Module::new(&lazy, &wasm).expect("it is valid"));
    });
    for (name, pages) in [("no memory", None), ("a memory", Some(1))] {
        let module = Module::new(&engine, generate::small(pages)).expect("it is valid");
        let id = format!("embedding/store and instance, {name}");
        criterion.bench_function(&id, |bencher| {
            bencher.iter(|| {
                let mut store = Store::new(&engine, ());
                let instance = Instance::new(&mut store, &module, &[]);
                (instance.expect("it imports nothing"), store)
            });
        });
    }
    let module = Module::new(&engine, generate::small(None)).expect("it is valid");
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
    let run = instance
        .get_typed_func::<i32, i64>(&mut store, "run")
        .expect("it exports `run`");
    criterion.bench_function("embedding/typed call", |bencher| {
        bencher.iter(|| {
            run.call(&mut store, black_box(1))
                .expect("it does not trap")
        });
    });
}

criterion_group! {
    name = group;
    config = Criterion::default().sample_size(20);
    targets = instructions, embedding
}
criterion_main!(group);
