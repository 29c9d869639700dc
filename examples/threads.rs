// One module, a store for each thread.

use std::thread;

use curta::{Engine, Error, Instance, Module, Store};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, include_str!("fib.wat"))?;

    // Engine and module are shared; a store belongs to one thread at a time.
    // ANCHOR: threads
    let results: Result<Vec<u32>, Error> = thread::scope(|scope| {
        let run = |n: u32| {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[])?;
            instance
                .get_typed_func::<u32, u32>(&store, "fib")?
                .call(&mut store, n)
        };
        let threads: Vec<_> = (10..14).map(|n| scope.spawn(move || run(n))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    assert_eq!(results?, [55, 89, 144, 233]);
    // ANCHOR_END: threads
    Ok(())
}
