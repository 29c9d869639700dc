//! sf-nano-core built with its interpreter alone (no JIT), with its default configuration.

use sf_nano_core::{Config, Engine as SfEngine, Func, Instance, Value};

use super::{Engine, Failure, Loaded};

/// The interpreter of sf-nano-core.
pub(super) struct SfNano;

impl Engine for SfNano {
    fn name(&self) -> &'static str {
        "sf-nano 0.6"
    }

    fn load(&self, wasm: &[u8]) -> Result<Box<dyn Loaded>, Failure> {
        let engine = SfEngine::new(Config::new()).map_err(|error| error.to_string())?;
        let instance = Instance::new(&engine, wasm, &[]).map_err(|error| error.to_string())?;
        let run = instance.get_func("run").ok_or("no export `run`")?;
        Ok(Box::new(Kernel { instance, run }))
    }
}

struct Kernel {
    instance: Instance,
    run: Func,
}

impl Loaded for Kernel {
    fn run(&mut self, argument: i32) -> Result<i64, Failure> {
        let mut results = [Value::I32(0)];
        self.instance
            .call(&self.run, &[Value::I32(argument)], &mut results)
            .map_err(|error| error.to_string())?;
        match results[0] {
            Value::I32(value) => Ok(i64::from(value)),
            Value::I64(value) => Ok(value),
            ref other => Err(format!("`run` answers {other:?}").into()),
        }
    }
}
