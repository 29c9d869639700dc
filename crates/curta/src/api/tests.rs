//! The embedding API in use and misuse, through the crate's public names.

mod calls;
mod compilation;
mod exceptions;
mod instantiation;
mod limits;
mod linker;
mod loops;
mod misuse;
mod objects;
mod pool;
mod references;

use crate::{Engine, Error, Instance, Linker, Module, Store};

/// An instance of a module in the text format, without imports.
fn instance(store: &mut Store<()>, text: &str) -> Instance {
    let module = Module::new(store.engine(), text).expect("the test's module is valid");
    Instance::new(store, &module, &[]).expect("the test's module can be instantiated")
}

/// A new store, a linker and a module of one engine.
fn setup<T: 'static>(data: T, text: &str) -> (Store<T>, Linker<T>, Module) {
    let engine = Engine::default();
    let module = Module::new(&engine, text).expect("the test's module is valid");
    (Store::new(&engine, data), Linker::new(&engine), module)
}

/// The message of an error.
#[track_caller]
fn message<T>(result: Result<T, Error>) -> alloc::string::String {
    match result {
        Ok(_) => panic!("expected an error"),
        Err(error) => alloc::string::ToString::to_string(&error),
    }
}
