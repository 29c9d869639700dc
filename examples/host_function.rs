// ANCHOR: all
// Lets guests call closures, which have the host's data at hand: `{ env: { log: console.log } }`.
use curta::{Caller, Engine, Error, Linker, Module, Store};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "env" "log" (func $log (param i32 i32)))
            (memory (export "memory") 1)
            (data (i32.const 16) "hello")
            (func (export "main") (call $log (i32.const 16) (i32.const 5))))"#,
    )?;

    // The host's data is what the guest has logged.
    // ANCHOR: log
    let mut linker = Linker::<Vec<String>>::new(&engine);
    linker.func_wrap(
        "env",
        "log",
        |mut caller: Caller<'_, Vec<String>>, at: u32, len: u32| {
            let memory = caller
                .get_export("memory")
                .and_then(|export| export.into_memory());
            let memory = memory.ok_or_else(|| Error::msg("the guest exports no memory"))?;
            let mut text = vec![0; len as usize];
            memory.read(&caller, at as usize, &mut text)?;
            caller.data_mut().push(String::from_utf8(text)?);
            Ok::<(), Error>(())
        },
    )?;
    // ANCHOR_END: log

    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate(&mut store, &module)?;
    instance
        .get_typed_func::<(), ()>(&store, "main")?
        .call(&mut store, ())?;
    assert_eq!(store.into_data(), ["hello"]);
    Ok(())
}
// ANCHOR_END: all
