//! curta, with each of its dispatch backends, and with each time when it may translate.

use std::num::NonZeroUsize;

use curta::{
    Caller, CompilationMode, Config, Dispatch, Engine as CurtaEngine, Error, FuncType, Instance,
    Linker, Module, Store, Val, ValType,
};

use super::{Compiled, Engine, Failure, Running, UNAVAILABLE};
use crate::host::{self, Answer, Function, Host};

/// curta with a fixed dispatch backend and a fixed time to translate.
pub(super) struct Curta {
    name: &'static str,
    dispatch: Dispatch,
    mode: CompilationMode,
    /// How many may translate, if not as many as there are processors.
    threads: Option<NonZeroUsize>,
}

impl Curta {
    pub(super) fn threaded() -> Self {
        Self {
            name: "curta threaded",
            dispatch: Dispatch::Threaded,
            mode: CompilationMode::Eager,
            threads: None,
        }
    }

    /// The threaded backend, translating as `mode` says.
    pub(super) fn starting(name: &'static str, mode: CompilationMode) -> Self {
        Self {
            name,
            mode,
            ..Self::threaded()
        }
    }

    /// The threaded backend, translating at once on one thread.
    pub(super) fn alone() -> Self {
        Self {
            threads: Some(NonZeroUsize::MIN),
            ..Self::starting("curta 1 thread", CompilationMode::Eager)
        }
    }

    #[cfg(not(feature = "lean"))]
    pub(super) fn looping() -> Self {
        Self {
            name: "curta loop",
            dispatch: Dispatch::Loop,
            ..Self::threaded()
        }
    }
}

impl Engine for Curta {
    fn name(&self) -> &'static str {
        self.name
    }

    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn Compiled>, Failure> {
        let mut config = Config::new();
        config.dispatch(self.dispatch);
        config.compilation_mode(self.mode);
        if let Some(threads) = self.threads {
            config.compilation_threads(threads);
        }
        let engine = CurtaEngine::new(&config);
        // An engine falls back to the loop where a build has no threaded backend: no time of the
        // one may be shown under the name of the other.
        if engine.dispatch() != self.dispatch {
            return Err(UNAVAILABLE.into());
        }
        Compilation::compile(&engine, wasm)
    }
}

fn type_of(function: &Function) -> FuncType {
    let parameters = function.parameters.bytes().map(|letter| match letter {
        b'I' => ValType::I64,
        _ => ValType::I32,
    });
    FuncType::new(parameters, function.answers().then_some(ValType::I32))
}

fn call(
    function: &Function,
    mut caller: Caller<'_, Host>,
    arguments: &[Val],
    results: &mut [Val],
) -> Result<(), Error> {
    let mut words = [0; host::MOST_PARAMETERS];
    for (word, argument) in words.iter_mut().zip(arguments) {
        *word = match *argument {
            Val::I32(value) => u64::from(value.cast_unsigned()),
            Val::I64(value) => value.cast_unsigned(),
            _ => return Err(Error::msg("another type than WASI's")),
        };
    }
    let memory = caller
        .get_export("memory")
        .and_then(|export| export.into_memory())
        .ok_or_else(|| Error::msg("no export `memory`"))?;
    let (mut memory, host) = memory.data_and_store_mut(&mut caller);
    match host.call(function, &words[..arguments.len()], &mut memory) {
        Answer::Errno(errno) => results[0] = Val::I32(errno),
        Answer::Exit => return Err(Error::msg(host::EXITED)),
    }
    Ok(())
}

/// A module and what it is linked with.
pub(super) struct Compilation {
    module: Module,
    linker: Linker<Host>,
}

impl Compilation {
    /// Compiles `wasm` with an engine, and links what the host has.
    pub(super) fn compile(engine: &CurtaEngine, wasm: &[u8]) -> Result<Box<dyn Compiled>, Failure> {
        let module = Module::new(engine, wasm)?;
        let mut linker = Linker::new(engine);
        let (space, name) = host::NEXT;
        linker.func_wrap(space, name, host::next)?;
        for function in host::FUNCTIONS {
            let call = |caller: Caller<'_, Host>, arguments: &[Val], results: &mut [Val]| {
                call(function, caller, arguments, results)
            };
            linker.func_new(host::WASI, function.name, type_of(function), call)?;
        }
        Ok(Box::new(Compilation { module, linker }))
    }
}

impl Compiled for Compilation {
    fn instantiate(&self, host: Host) -> Result<Box<dyn Running>, Failure> {
        let mut store = Store::new(self.module.engine(), host);
        let instance = self.linker.instantiate(&mut store, &self.module)?;
        Ok(Box::new(Kernel { store, instance }))
    }
}

struct Kernel {
    store: Store<Host>,
    instance: Instance,
}

impl Running for Kernel {
    fn run(&mut self, argument: i32) -> Result<i64, Failure> {
        let run = self.instance.get_func(&mut self.store, "run");
        let mut results = [Val::I32(0)];
        run.ok_or("no export `run`")?
            .call(&mut self.store, &[Val::I32(argument)], &mut results)?;
        match &results[0] {
            Val::I32(value) => Ok(i64::from(*value)),
            Val::I64(value) => Ok(*value),
            other => Err(format!("`run` answers {other}").into()),
        }
    }

    fn steps(&mut self, times: i32) -> Result<i64, Failure> {
        let step = self
            .instance
            .get_typed_func::<i32, i32>(&mut self.store, "step")?;
        let mut x = 0;
        for _ in 0..times {
            x = step.call(&mut self.store, x)?;
        }
        Ok(i64::from(x))
    }

    fn start(&mut self) -> Result<i64, Failure> {
        let start = self
            .instance
            .get_typed_func::<(), ()>(&mut self.store, "_start")?;
        match start.call(&mut self.store, ()) {
            Err(error) if self.store.data().exit().is_none() => Err(error.into()),
            _ => Ok(self.store.data().answer()?),
        }
    }
}
