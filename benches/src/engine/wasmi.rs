//! wasmi with its default features, whose `auto-dispatch` selects its fastest backend (tail calls)
//! at `opt-level` 2 and 3 on the targets that have them.

use wasmi::{Engine as WasmiEngine, Func, Linker, Module, Store, Val};

use super::{Engine, Failure, Loaded};

/// wasmi with its default configuration.
pub(super) struct Wasmi;

impl Engine for Wasmi {
    fn name(&self) -> &'static str {
        super::BASELINE
    }

    fn load(&self, wasm: &[u8]) -> Result<Box<dyn Loaded>, Failure> {
        let engine = WasmiEngine::default();
        let module = Module::new(&engine, wasm)?;
        let mut store = Store::new(&engine, ());
        let linker = <Linker<()>>::new(&engine);
        let instance = linker.instantiate_and_start(&mut store, &module)?;
        let run = instance.get_func(&store, "run").ok_or("no export `run`")?;
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
        match results[0] {
            Val::I32(value) => Ok(i64::from(value)),
            Val::I64(value) => Ok(value),
            ref other => Err(format!("`run` answers {other:?}").into()),
        }
    }
}
