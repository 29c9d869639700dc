use curta::{Caller, Engine, Error, Linker, Module, Store};

/// The guest may import this. The host's data, here a `Vec`, is within reach of every call.
fn note(mut caller: Caller<'_, Vec<i32>>, x: i32) {
    caller.data_mut().push(x);
}

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, include_str!("double.wat"))?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "note", note)?;

    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate(&mut store, &module)?;
    let double = instance.get_typed_func::<i32, i32>(&mut store, "double")?;
    assert_eq!(double.call(&mut store, 21)?, 42);
    assert_eq!(store.data(), &[21]);
    Ok(())
}
