//! wasm3, written in C, through the bindings of the crate `wasm3`.
//!
//! # Invariants
//! `unsafe` is here for one thing: the bindings hand out the guest's memory as a raw slice, valid
//! until the guest runs again. It is used within a host function, which calls no guest, and nothing
//! of it is kept.

#![allow(
    unsafe_code,
    reason = "the bindings give the guest's memory as a raw slice"
)]

use std::cell::RefCell;
use std::rc::Rc;

use wasm3::error::{Error, Trap};
use wasm3::{
    CallContext, Environment, Function as Wasm3Function, Module, ParsedModule, Runtime, WasmArgs,
    WasmType,
};

use super::typed::{Word, match_parameters};
use super::{Compiled, Engine, Failure, Running};
use crate::host::{self, Answer, Function, Host};

/// How many slots of 4 bytes its value stack has: 1 MiB. It recurses natively, so much more would let
/// a guest overflow the stack of this process.
const STACK: u32 = 1 << 18;

/// wasm3 with its default features but its own WASI.
pub(super) struct Wasm3;

impl Engine for Wasm3 {
    fn name(&self) -> &'static str {
        "wasm3 0.3"
    }

    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn Compiled>, Failure> {
        let environment = Environment::new().map_err(failure)?;
        ParsedModule::parse(&environment, wasm).map_err(failure)?;
        Ok(Box::new(Compilation(wasm.to_vec())))
    }
}

fn failure(error: Error) -> Failure {
    error.to_string().into()
}

fn call(
    host: &RefCell<Host>,
    function: &Function,
    context: &CallContext<'_>,
    words: &[u64],
) -> Result<i32, Trap> {
    // SAFETY: no guest runs before this function returns, and no other slice of its memory is
    // alive: only host functions take one, and none of them calls another.
    let mut memory = unsafe { &mut *context.memory_mut() };
    match host.borrow_mut().call(function, words, &mut memory) {
        Answer::Errno(errno) => Ok(errno),
        Answer::Exit => Err(Trap::Exit),
    }
}

fn link(
    module: &mut Module<'_>,
    function: &'static Function,
    host: Rc<RefCell<Host>>,
) -> Result<(), Failure> {
    let linked = if function.answers() {
        macro_rules! closure {
            ($($name:ident: $type:ty),*) => {
                module.link_closure(
                    host::WASI,
                    function.name,
                    move |context: CallContext<'_>, tuple!($($name: $type),*): tuple_type!($($type),*)| {
                        call(&host, function, &context, &[$($name.word()),*])
                    },
                )
            };
        }
        match_parameters!(function.parameters, closure)
    } else {
        module.link_closure(
            host::WASI,
            function.name,
            move |context: CallContext<'_>, status: i32| {
                call(&host, function, &context, &[status.word()]).map(|_| ())
            },
        )
    };
    unless_unused(linked)
}

/// A function that the module does not import is no failure.
fn unless_unused(linked: Result<(), Error>) -> Result<(), Failure> {
    match linked {
        Err(Error::FunctionNotFound) => Ok(()),
        other => other.map_err(failure),
    }
}

/// One parameter stands for itself, several for a tuple.
macro_rules! tuple {
    ($name:ident: $type:ty) => { $name };
    ($($name:ident: $type:ty),*) => { ($($name),*) };
}
macro_rules! tuple_type {
    ($type:ty) => { $type };
    ($($type:ty),*) => { ($($type),*) };
}
use {tuple, tuple_type};

/// The bytes: a parsed module is used up by its instance.
struct Compilation(Vec<u8>);

impl Compiled for Compilation {
    fn instantiate(&self, host: Host) -> Result<Box<dyn Running>, Failure> {
        let host = Rc::new(RefCell::new(host));
        let environment = Environment::new().map_err(failure)?;
        let runtime = environment.create_runtime(STACK).map_err(failure)?;
        let mut module = runtime
            .parse_and_load_module(&self.0[..])
            .map_err(failure)?;
        let (space, name) = host::NEXT;
        let next = |_: CallContext<'_>, x: i32| Ok(host::next(x));
        unless_unused(module.link_closure(space, name, next))?;
        for function in host::FUNCTIONS {
            link(&mut module, function, Rc::clone(&host))?;
        }
        Ok(Box::new(Kernel { runtime, host }))
    }
}

struct Kernel {
    runtime: Runtime,
    host: Rc<RefCell<Host>>,
}

impl Kernel {
    /// An export. (The runtime has the same function, which says of every failure that there is
    /// none of the name.)
    fn export<A: WasmArgs, R: WasmType>(
        &self,
        name: &str,
    ) -> Result<Wasm3Function<'_, A, R>, Error> {
        let module = self.runtime.modules().next();
        module.ok_or(Error::ModuleNotFound)?.find_function(name)
    }
}

impl Running for Kernel {
    fn run(&mut self, argument: i32) -> Result<i64, Failure> {
        // Which of the two `run` is can only be tried.
        let narrow: Result<Wasm3Function<'_, i32, i32>, _> = self.export("run");
        match narrow {
            Ok(run) => Ok(i64::from(run.call(argument).map_err(failure)?)),
            Err(Error::InvalidFunctionSignature) => {
                let run = self.export::<i32, i64>("run");
                run.and_then(|run| run.call(argument)).map_err(failure)
            }
            Err(error) => Err(failure(error)),
        }
    }

    fn steps(&mut self, times: i32) -> Result<i64, Failure> {
        let step = self.export::<i32, i32>("step");
        let step = step.map_err(failure)?;
        let mut x = 0;
        for _ in 0..times {
            x = step.call(x).map_err(failure)?;
        }
        Ok(i64::from(x))
    }

    fn start(&mut self) -> Result<i64, Failure> {
        let start = self.export::<(), ()>("_start");
        let result = start.and_then(|start| start.call());
        let host = self.host.borrow();
        match result {
            Err(error) if host.exit().is_none() => Err(failure(error)),
            _ => Ok(host.answer()?),
        }
    }
}
