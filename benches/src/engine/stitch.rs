//! makepad-stitch with its default configuration.

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};

use makepad_stitch::{
    Engine as StitchEngine, Error, Func, FuncError, Instance, Linker, Mem, Module, Store, Val,
    ValType,
};

use super::typed::{Word, match_parameters};
use super::{Compiled, Engine, Failure, Running};
use crate::host::{self, Answer, Function, Host};

/// Stitch with its default configuration.
pub(super) struct Stitch;

impl Engine for Stitch {
    fn name(&self) -> &'static str {
        super::STITCH
    }

    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn Compiled>, Failure> {
        let engine = StitchEngine::new();
        let module = Module::new(&engine, wasm)?;
        Ok(Box::new(Compilation { engine, module }))
    }
}

thread_local! {
    /// The memory of the guest that this thread runs. Host functions have no other way to find it:
    /// they are not told who calls, and may not own a `Mem`, which does not change threads.
    static MEMORY: Cell<Option<Mem>> = const { Cell::new(None) };
}

/// What host functions share with the instance.
type Shared = Arc<Mutex<Host>>;

fn call(
    shared: &Shared,
    function: &Function,
    store: &mut Store,
    words: &[u64],
) -> Result<i32, Error> {
    let mut host = shared.lock().unwrap_or_else(PoisonError::into_inner);
    // Errors of its own that a host may make are few; this one stands for exiting.
    let leave = || Error::from(FuncError::ResultCountMismatch);
    let memory = MEMORY.get().ok_or_else(leave)?;
    match host.call(function, words, &mut memory.bytes_mut(store)) {
        Answer::Errno(errno) => Ok(errno),
        Answer::Exit => Err(leave()),
    }
}

fn wrap(shared: &Shared, function: &'static Function, store: &mut Store) -> Result<Func, Failure> {
    let shared = Arc::clone(shared);
    if !function.answers() {
        return Ok(Func::wrap(
            store,
            move |store: &mut Store, status: i32| -> Result<(), Error> {
                call(&shared, function, store, &[status.word()]).map(|_| ())
            },
        ));
    }
    macro_rules! closure {
        ($($name:ident: $type:ty),*) => {
            Func::wrap(store, move |store: &mut Store, $($name: $type),*| -> Result<(i32,), Error> {
                Ok((call(&shared, function, store, &[$($name.word()),*])?,))
            })
        };
    }
    Ok(match_parameters!(function.parameters, closure))
}

struct Compilation {
    engine: StitchEngine,
    module: Module,
}

impl Compiled for Compilation {
    fn instantiate(&self, host: Host) -> Result<Box<dyn Running>, Failure> {
        let shared = Arc::new(Mutex::new(host));
        let mut store = Store::new(self.engine.clone());
        let mut linker = Linker::new();
        let (space, name) = host::NEXT;
        let next = Func::wrap(&mut store, host::next);
        linker.define(space, name, next);
        for function in host::FUNCTIONS {
            let func = wrap(&shared, function, &mut store)?;
            linker.define(host::WASI, function.name, func);
        }
        let instance = linker.instantiate(&mut store, &self.module)?;
        Ok(Box::new(Kernel {
            store,
            instance,
            shared,
        }))
    }
}

struct Kernel {
    store: Store,
    instance: Instance,
    shared: Shared,
}

impl Kernel {
    fn export(&self, name: &str) -> Result<Func, Failure> {
        let func = self.instance.exported_func(name);
        func.ok_or_else(|| format!("no export `{name}`").into())
    }
}

impl Running for Kernel {
    fn run(&mut self, argument: i32) -> Result<i64, Failure> {
        let run = self.export("run")?;
        // It writes as much as the value that is there before has.
        let mut results = match run.type_(&self.store).results() {
            [ValType::I64] => [Val::I64(0)],
            _ => [Val::I32(0)],
        };
        run.call(&mut self.store, &[Val::I32(argument)], &mut results)?;
        match results[0] {
            Val::I32(value) => Ok(i64::from(value)),
            Val::I64(value) => Ok(value),
            ref other => Err(format!("`run` answers {other:?}").into()),
        }
    }

    fn steps(&mut self, times: i32) -> Result<i64, Failure> {
        let step = self.export("step")?;
        let mut x = [Val::I32(0)];
        for _ in 0..times {
            let argument = [x[0]];
            step.call(&mut self.store, &argument, &mut x)?;
        }
        match x[0] {
            Val::I32(x) => Ok(i64::from(x)),
            ref other => Err(format!("`step` answers {other:?}").into()),
        }
    }

    fn start(&mut self) -> Result<i64, Failure> {
        let start = self.export("_start")?;
        MEMORY.set(self.instance.exported_mem("memory"));
        let result = start.call(&mut self.store, &[], &mut []);
        let host = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Err(error) if host.exit().is_none() => Err(error.into()),
            _ => Ok(host.answer()?),
        }
    }
}
