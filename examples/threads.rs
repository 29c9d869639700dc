// ANCHOR: all
// Runs guests side by side: one store a thread; the engine and the module are shared.
use curta::{Engine, Error, Instance, Module, Store};
use std::thread;

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module (func $fib (export "fib") (param i32) (result i32)
            (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
                (then (local.get 0))
                (else (i32.add
                    (call $fib (i32.sub (local.get 0) (i32.const 1)))
                    (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"#,
    )?;
    // ANCHOR: threads
    let fib = |n: i32| -> Result<i32, Error> {
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        let fib = instance.get_typed_func::<i32, i32>(&store, "fib")?;
        fib.call(&mut store, n)
    };
    let results: Result<Vec<i32>, Error> = thread::scope(|scope| {
        let threads: Vec<_> = (10..14).map(|n| scope.spawn(move || fib(n))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("it does not panic"))
            .collect()
    });
    assert_eq!(results?, [55, 89, 144, 233]);
    // ANCHOR_END: threads
    Ok(())
}
// ANCHOR_END: all
