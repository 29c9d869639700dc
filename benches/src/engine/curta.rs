//! curta, once with each of its dispatch backends.

use curta::{Config, Dispatch, Engine as CurtaEngine, Func, Instance, Module, Store, Val};

use super::{Engine, Failure, Loaded, UNAVAILABLE};

/// curta with a fixed dispatch backend.
pub(super) struct Curta {
    name: &'static str,
    dispatch: Dispatch,
}

impl Curta {
    pub(super) fn threaded() -> Self {
        Self {
            name: "curta threaded",
            dispatch: Dispatch::Threaded,
        }
    }

    pub(super) fn looping() -> Self {
        Self {
            name: "curta loop",
            dispatch: Dispatch::Loop,
        }
    }
}

impl Engine for Curta {
    fn name(&self) -> &'static str {
        self.name
    }

    fn load(&self, wasm: &[u8]) -> Result<Box<dyn Loaded>, Failure> {
        let mut config = Config::new();
        config.dispatch(self.dispatch);
        let engine = CurtaEngine::new(&config);
        // An engine falls back to the loop where a build has no threaded backend: no time of the
        // one may be shown under the name of the other.
        if engine.dispatch() != self.dispatch {
            return Err(UNAVAILABLE.into());
        }
        let module = Module::new(&engine, wasm)?;
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        let run = instance
            .get_func(&mut store, "run")
            .ok_or("no export `run`")?;
        Ok(Box::new(Kernel { store, run }))
    }
}

struct Kernel {
    store: Store<()>,
    run: Func,
}

impl Loaded for Kernel {
    fn run(&mut self, argument: i32) -> Result<i64, Failure> {
        let mut results = [Val::I32(0)];
        self.run
            .call(&mut self.store, &[Val::I32(argument)], &mut results)?;
        match &results[0] {
            Val::I32(value) => Ok(i64::from(*value)),
            Val::I64(value) => Ok(*value),
            other => Err(format!("`run` answers {other}").into()),
        }
    }
}
