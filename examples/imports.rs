// What the host gives to a guest: functions, and an error that names all that is missing.

use curta::{Caller, Engine, Error, Extern, Linker, Module, Store};

/// The host's data, within reach of every function that asks for its caller.
struct Host {
    lines: Vec<String>,
}

/// Reads text from the guest's memory.
fn log(mut caller: Caller<'_, Host>, address: u32, length: u32) -> Result<(), Error> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        return Err(Error::msg("the guest exports no memory"));
    };
    let mut bytes = vec![0; length as usize];
    memory.read(&caller, address as usize, &mut bytes)?;
    let line = String::from_utf8(bytes).map_err(Error::new)?;
    caller.data_mut().lines.push(line);
    Ok(())
}

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "env" "log" (func $log (param i32 i32)))
            (import "env" "now" (func $now (result i64)))
            (memory (export "memory") 1)
            (data (i32.const 16) "hello")
            (func (export "greet") (result i64)
                (call $log (i32.const 16) (i32.const 5))
                (call $now)))"#,
    )?;

    // ANCHOR: define
    let mut linker = Linker::new(&engine);
    linker.func_wrap("env", "log", log)?;
    linker.func_wrap("env", "now", || 1_700_000_000_i64)?;
    // ANCHOR_END: define

    // ANCHOR: instantiate
    let mut store = Store::new(&engine, Host { lines: Vec::new() });
    let instance = linker.instantiate(&mut store, &module)?;
    // ANCHOR_END: instantiate

    let greet = instance.get_typed_func::<(), i64>(&store, "greet")?;
    assert_eq!(greet.call(&mut store, ())?, 1_700_000_000);
    assert_eq!(store.data().lines, ["hello"]);

    // Without them, the error lists every import that is missing or does not fit.
    // ANCHOR: missing
    let mut empty = Linker::new(&engine);
    empty.func_wrap("env", "log", |_: i64| ())?;
    let error = empty.instantiate(&mut store, &module).unwrap_err();
    let link = error.link_error().expect("imports are at fault");
    let names: Vec<&str> = link
        .problems()
        .iter()
        .map(|problem| problem.name())
        .collect();
    assert_eq!(names, ["log", "now"]);
    // ANCHOR_END: missing

    // To look at a module that needs more than the host has.
    // ANCHOR: traps
    let mut linker = Linker::new(&engine);
    linker.define_unknown_imports_as_traps(&module)?;
    linker.instantiate(&mut store, &module)?;
    // ANCHOR_END: traps
    Ok(())
}
