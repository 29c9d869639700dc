//! sf-nano-core built with its interpreter alone (no JIT), with its default configuration.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use sf_nano_core::{
    Caller, Config, Engine as SfEngine, Func, Import, Instance, Module, Value, WasmError,
};

use super::{Compiled, Engine, Failure, Running};
use crate::host::{self, Answer, Function, Host};

/// The interpreter of sf-nano-core.
pub(super) struct SfNano;

impl Engine for SfNano {
    fn name(&self) -> &'static str {
        "sf-nano 0.6"
    }

    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn Compiled>, Failure> {
        let engine = SfEngine::new(Config::new()).map_err(failure)?;
        let module = Module::new("main", wasm).map_err(failure)?;
        Ok(Box::new(Compilation {
            engine,
            wasm: wasm.to_vec(),
            module: Cell::new(Some(module)),
        }))
    }
}

fn failure(error: impl ToString) -> Failure {
    error.to_string().into()
}

struct Compilation {
    engine: SfEngine,
    wasm: Vec<u8>,
    /// An instance consumes its module; the first one gets this, further ones decode again.
    module: Cell<Option<Module>>,
}

impl Compiled for Compilation {
    fn instantiate(&self, host: Host) -> Result<Box<dyn Running>, Failure> {
        let host = Rc::new(RefCell::new(host));
        let module = match self.module.take() {
            Some(module) => module,
            None => Module::new("main", &self.wasm).map_err(failure)?,
        };
        let instance =
            Instance::from_module(&self.engine, module, &imports(&host)).map_err(failure)?;
        Ok(Box::new(Kernel { instance, host }))
    }
}

fn imports(host: &Rc<RefCell<Host>>) -> Vec<Import> {
    let (space, name) = host::NEXT;
    let mut imports = vec![Import::func(space, name, |_, arguments, results| {
        match (arguments, results) {
            (&[Value::I32(x)], [result]) => *result = Value::I32(host::next(x)),
            _ => return Err(WasmError::trap("another type than `next` has")),
        }
        Ok(())
    })];
    imports.extend(host::FUNCTIONS.iter().map(|function| {
        let host = Rc::clone(host);
        Import::func(
            host::WASI,
            function.name,
            move |caller, arguments, results| {
                call(function, &mut host.borrow_mut(), caller, arguments, results)
            },
        )
    }));
    imports
}

fn call(
    function: &Function,
    host: &mut Host,
    caller: &mut Caller<'_>,
    arguments: &[Value],
    results: &mut [Value],
) -> Result<(), WasmError> {
    let mut words = [0; host::MOST_PARAMETERS];
    for (word, argument) in words.iter_mut().zip(arguments) {
        *word = match *argument {
            Value::I32(value) => u64::from(value.cast_unsigned()),
            Value::I64(value) => value.cast_unsigned(),
            _ => return Err(WasmError::trap("another type than WASI's")),
        };
    }
    let mut memory = caller
        .memory_mut()
        .ok_or_else(|| WasmError::trap("no memory"))?;
    match host.call(function, &words[..arguments.len()], &mut memory) {
        Answer::Errno(errno) => results[0] = Value::I32(errno),
        Answer::Exit => return Err(WasmError::trap(host::EXITED)),
    }
    Ok(())
}

struct Kernel {
    instance: Instance,
    host: Rc<RefCell<Host>>,
}

impl Kernel {
    fn export(&self, name: &str) -> Result<Func, Failure> {
        let func = self.instance.get_func(name);
        func.ok_or_else(|| format!("no export `{name}`").into())
    }
}

impl Running for Kernel {
    fn run(&mut self, argument: i32) -> Result<i64, Failure> {
        let run = self.export("run")?;
        let mut results = [Value::I32(0)];
        self.instance
            .call(&run, &[Value::I32(argument)], &mut results)
            .map_err(failure)?;
        match results[0] {
            Value::I32(value) => Ok(i64::from(value)),
            Value::I64(value) => Ok(value),
            ref other => Err(format!("`run` answers {other:?}").into()),
        }
    }

    fn steps(&mut self, times: i32) -> Result<i64, Failure> {
        let step = self.export("step")?;
        let mut x = [Value::I32(0)];
        for _ in 0..times {
            let argument = [x[0]];
            self.instance
                .call(&step, &argument, &mut x)
                .map_err(failure)?;
        }
        match x[0] {
            Value::I32(x) => Ok(i64::from(x)),
            ref other => Err(format!("`step` answers {other:?}").into()),
        }
    }

    fn start(&mut self) -> Result<i64, Failure> {
        let start = self.export("_start")?;
        let result = self.instance.call(&start, &[], &mut []);
        let host = self.host.borrow();
        match result {
            Err(error) if host.exit().is_none() => Err(failure(error)),
            _ => Ok(host.answer()?),
        }
    }
}
