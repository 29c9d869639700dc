//! A program that embeds curta alone and makes one call, for `startup` to set beside the empty one.

use benches::startup::generate;
use curta::{Engine, Error, Instance, Module, Store};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, generate::small(None))?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let run = instance.get_typed_func::<i32, i64>(&mut store, "run")?;
    run.call(&mut store, 5)?;
    Ok(())
}
