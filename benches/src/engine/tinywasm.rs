//! tinywasm with its default features.

use std::cell::RefCell;
use std::rc::Rc;

use tinywasm::types::{FuncType, WasmType, WasmValue};
use tinywasm::{Error, FuncContext, HostFunction, Imports, Memory, Module, ModuleInstance, Store};

use super::{Compiled, Engine, Failure, Running};
use crate::host::{self, Answer, Function, Host};

/// tinywasm with its default configuration.
pub(super) struct Tinywasm;

impl Engine for Tinywasm {
    fn name(&self) -> &'static str {
        "tinywasm 0.10"
    }

    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn Compiled>, Failure> {
        Ok(Box::new(Compilation(tinywasm::parse_bytes(wasm)?)))
    }
}

fn type_of(function: &Function) -> FuncType {
    let parameters = function.parameters.bytes().map(|letter| match letter {
        b'I' => WasmType::I64,
        _ => WasmType::I32,
    });
    let parameters: Vec<WasmType> = parameters.collect();
    let results: &[WasmType] = if function.answers() {
        &[WasmType::I32]
    } else {
        &[]
    };
    FuncType::new(&parameters, results)
}

/// The memory of a guest, of which there is no slice to be had.
struct Bytes<'a> {
    memory: Memory,
    store: &'a mut Store,
}

impl host::Memory for Bytes<'_> {
    fn read(&self, at: u64, buffer: &mut [u8]) -> Option<()> {
        let at = usize::try_from(at).ok()?;
        self.memory.read_exact(self.store, at, buffer).ok()
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> Option<()> {
        let at = usize::try_from(at).ok()?;
        self.memory.copy_from_slice(self.store, at, bytes).ok()
    }
}

fn call(
    function: &Function,
    host: &mut Host,
    mut context: FuncContext<'_>,
    arguments: &[WasmValue],
) -> Result<Vec<WasmValue>, Error> {
    let mut words = [0; host::MOST_PARAMETERS];
    for (word, argument) in words.iter_mut().zip(arguments) {
        *word = match *argument {
            WasmValue::I32(value) => u64::from(value.cast_unsigned()),
            WasmValue::I64(value) => value.cast_unsigned(),
            _ => return Err(Error::Other("another type than WASI's".to_owned())),
        };
    }
    let mut memory = Bytes {
        memory: context.memory("memory")?,
        store: context.store_mut(),
    };
    match host.call(function, &words[..arguments.len()], &mut memory) {
        Answer::Errno(errno) => Ok(vec![WasmValue::I32(errno)]),
        Answer::Exit => Err(Error::Other(host::EXITED.to_owned())),
    }
}

struct Compilation(Module);

impl Compiled for Compilation {
    fn instantiate(&self, host: Host) -> Result<Box<dyn Running>, Failure> {
        let host = Rc::new(RefCell::new(host));
        let mut store = Store::default();
        let mut imports = Imports::new();
        let (space, name) = host::NEXT;
        let next = HostFunction::from(&mut store, |_, x: i32| Ok(host::next(x)));
        imports.define(space, name, next);
        for function in host::FUNCTIONS {
            let host = Rc::clone(&host);
            let call = move |context: FuncContext<'_>, arguments: &[WasmValue]| {
                call(function, &mut host.borrow_mut(), context, arguments)
            };
            let func = HostFunction::from_untyped(&mut store, &type_of(function), call);
            imports.define(host::WASI, function.name, func);
        }
        let instance = ModuleInstance::instantiate(&mut store, &self.0, Some(imports))?;
        Ok(Box::new(Kernel {
            store,
            instance,
            host,
        }))
    }
}

struct Kernel {
    store: Store,
    instance: ModuleInstance,
    host: Rc<RefCell<Host>>,
}

impl Running for Kernel {
    fn run(&mut self, argument: i32) -> Result<i64, Failure> {
        let run = self.instance.func_untyped(&self.store, "run")?;
        let results = run.call(&mut self.store, &[WasmValue::I32(argument)])?;
        match results[..] {
            [WasmValue::I32(value)] => Ok(i64::from(value)),
            [WasmValue::I64(value)] => Ok(value),
            _ => Err(format!("`run` answers {results:?}").into()),
        }
    }

    fn steps(&mut self, times: i32) -> Result<i64, Failure> {
        let step = self.instance.func::<i32, i32>(&self.store, "step")?;
        let mut x = 0;
        for _ in 0..times {
            x = step.call(&mut self.store, x)?;
        }
        Ok(i64::from(x))
    }

    fn start(&mut self) -> Result<i64, Failure> {
        let start = self.instance.func::<(), ()>(&self.store, "_start")?;
        let result = start.call(&mut self.store, ());
        let host = self.host.borrow();
        match result {
            Err(error) if host.exit().is_none() => Err(error.into()),
            _ => Ok(host.answer()?),
        }
    }
}
