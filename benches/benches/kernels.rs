//! The workloads on curta alone, with the dispatch that it selects by itself: for watching one
//! change after another. To compare engines, use the table, in which they take turns.

use std::hint::black_box;

use benches::workload::WORKLOADS;
use criterion::{Criterion, criterion_group, criterion_main};
use curta::{Engine, Instance, Module, Store, Val};

fn kernels(criterion: &mut Criterion) {
    for workload in WORKLOADS {
        let engine = Engine::default();
        let module = Module::new(&engine, workload.wasm).expect("our own module is valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
        let run = instance
            .get_func(&mut store, "run")
            .expect("it exports `run`");
        criterion.bench_function(workload.name, |bencher| {
            bencher.iter(|| {
                let mut results = [Val::I32(0)];
                run.call(
                    &mut store,
                    &[Val::I32(black_box(workload.full.argument))],
                    &mut results,
                )
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
