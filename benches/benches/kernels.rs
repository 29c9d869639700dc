//! The workloads on curta alone, with the dispatch that it selects by itself: for watching one
//! change after another. To compare engines, use the table, in which they take turns.

use std::hint::black_box;

use benches::host::{self, Host};
use benches::workload::{self, Entry};
use criterion::{Criterion, criterion_group, criterion_main};
use curta::{Engine, Linker, Module, Store, Val};

fn kernels(criterion: &mut Criterion) {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    let (space, name) = host::NEXT;
    linker
        .func_wrap(space, name, host::next)
        .expect("the only definition");
    for workload in workload::all().expect("the lists can be read") {
        let (Entry::Run, Some(wasm)) = (&workload.entry, &workload.wasm) else {
            continue;
        };
        let module = Module::new(&engine, wasm).expect("our own module is valid");
        let mut store = Store::new(&engine, Host::default());
        let instance = linker
            .instantiate(&mut store, &module)
            .expect("it imports what there is");
        let run = instance
            .get_func(&mut store, "run")
            .expect("it exports `run`");
        criterion.bench_function(&workload.name, |bencher| {
            bencher.iter(|| {
                let mut results = [Val::I32(0)];
                let argument = [Val::I32(black_box(workload.full.argument))];
                run.call(&mut store, &argument, &mut results)
                    .expect("it does not trap");
                results
            });
        });
    }
}

criterion_group! {
    name = group;
    config = Criterion::default().sample_size(20);
    targets = kernels
}
criterion_main!(group);
