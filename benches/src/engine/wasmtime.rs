//! wasmtime: its two compilers to machine code, for scale, and Pulley, its interpreter.

use wasmtime::{
    Caller, Config, Engine as WasmtimeEngine, Error, FuncType, Instance, Linker, Module, Store,
    Strategy, Val, ValType,
};

use super::{Compiled, Engine, Failure, Running};
use crate::host::{self, Answer, Function, Host};

/// wasmtime with one of its ways to run.
pub(super) struct Wasmtime {
    name: &'static str,
    strategy: Strategy,
    /// What code is generated for, if not for this machine.
    target: Option<&'static str>,
}

impl Wasmtime {
    pub(super) fn cranelift() -> Self {
        Self {
            name: "wasmtime Cranelift",
            strategy: Strategy::Cranelift,
            target: None,
        }
    }

    pub(super) fn winch() -> Self {
        Self {
            name: "wasmtime Winch",
            strategy: Strategy::Winch,
            target: None,
        }
    }

    pub(super) fn pulley() -> Self {
        Self {
            name: "wasmtime Pulley",
            strategy: Strategy::Cranelift,
            target: Some(if cfg!(target_pointer_width = "64") {
                "pulley64"
            } else {
                "pulley32"
            }),
        }
    }
}

impl Engine for Wasmtime {
    fn name(&self) -> &'static str {
        self.name
    }

    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn Compiled>, Failure> {
        let mut config = Config::new();
        config.strategy(self.strategy);
        if let Some(target) = self.target {
            config.target(target)?;
        }
        let engine = WasmtimeEngine::new(&config)?;
        let module = Module::new(&engine, wasm)?;
        let mut linker = Linker::new(&engine);
        let (space, name) = host::NEXT;
        linker.func_wrap(space, name, host::next)?;
        for function in host::FUNCTIONS {
            let call = |caller: Caller<'_, Host>, arguments: &[Val], results: &mut [Val]| {
                call(function, caller, arguments, results)
            };
            let ty = type_of(&engine, function);
            linker.func_new(host::WASI, function.name, ty, call)?;
        }
        Ok(Box::new(Compilation { module, linker }))
    }
}

fn type_of(engine: &WasmtimeEngine, function: &Function) -> FuncType {
    let parameters = function.parameters.bytes().map(|letter| match letter {
        b'I' => ValType::I64,
        _ => ValType::I32,
    });
    let results = function.answers().then_some(ValType::I32);
    FuncType::new(engine, parameters, results)
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

struct Compilation {
    module: Module,
    linker: Linker<Host>,
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
        match results[0] {
            Val::I32(value) => Ok(i64::from(value)),
            Val::I64(value) => Ok(value),
            ref other => Err(format!("`run` answers {other:?}").into()),
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
