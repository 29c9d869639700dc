//! curta: a small, exact WebAssembly interpreter that never generates machine code.
//!
//! ```
//! use curta::{Engine, Linker, Module, Store};
//!
//! let engine = Engine::default();
//! let module = Module::new(&engine, r#"(module
//!     (import "host" "double" (func $double (param i32) (result i32)))
//!     (func (export "quadruple") (param i32) (result i32)
//!         (call $double (call $double (local.get 0)))))"#)?;
//!
//! let mut linker = Linker::new(&engine);
//! linker.func_wrap("host", "double", |x: i32| x * 2)?;
//!
//! let mut store = Store::new(&engine, ());
//! let instance = linker.instantiate(&mut store, &module)?;
//! let quadruple = instance.get_typed_func::<i32, i32>(&mut store, "quadruple")?;
//! assert_eq!(quadruple.call(&mut store, 21)?, 84);
//! # Ok::<(), curta::Error>(())
//! ```
//!
//! An [`Engine`] holds settings, a [`Module`] is translated code that any number of threads share, and a [`Store`] holds
//! the instances that may reach each other, with the host's data of type `T`. A [`Linker`] knows what modules may import.
//! Nothing a guest does can crash the host: it traps, and the call returns an [`Error`].
//!
//! # Where to look
//!
//! | to | there is |
//! |---|---|
//! | load a module | [`Module::new`], `Module::from_file`, `Module::from_reader`; [`ModuleBuilder`] for chunks that arrive; [`Module::validate`] to check only |
//! | look at it | [`Module::imports`], [`Module::exports`]: names and types, as the text format writes them |
//! | give it imports | [`Linker`], or [`Instance::new`] with everything in order |
//! | let it call the host | [`Linker::func_wrap`], [`Func::wrap`]; [`Caller`] for the store and the guest that calls |
//! | call it | [`Instance::get_typed_func`]; [`Instance::typed_exports`] for all that a host needs at once; [`Func::call`] with [`Val`]s |
//! | exchange data | [`Memory`], with [`Ptr`] and [`Slice`] for typed addresses; [`Table`], [`Global`], [`ExternRef`] |
//! | bound what it uses | [`Config`] for stack and nesting, [`Limits`] for modules, [`Store::limiter`] for memories, tables and instances |
//! | know what went wrong | [`Error`]: its kind, the trap and its [`Backtrace`], all imports that do not fit ([`LinkError`]) |
//!
//! # Features
//! `std` (default): panics of host functions are caught at the boundary, memories reserve address space where the platform
//! can. Without it the crate needs only `alloc`. `wat` (default): modules may be given as text.
//!
//! `lean`: a small part of the machine code and of the compile time, for guests that take longer. Most of an optimised
//! build of the engine is handlers of two or three instructions at once, and this leaves out all but a few of those. What
//! is computed is the same. Since Cargo unites features, one dependent that asks for it decides for all of a program.
//!
//! `parallel` (default): modules from some kilobytes on are translated by several threads when they are made
//! (`Config::compilation_threads` says by how many at most).
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod api;
mod code;
mod error;
mod exec;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals;
mod numeric;
mod store;
mod translate;

pub use api::{
    caller::Caller,
    config::{CompilationMode, Config, Dispatch},
    context::{AsContext, AsContextMut, StoreContext, StoreContextMut},
    engine::Engine,
    exception::{Exception, ExnRef},
    external::{Export, Extern},
    externref::ExternRef,
    func::Func,
    global::Global,
    guest_ptr::{GuestData, Ptr, Slice},
    host_func::{IntoFunc, WasmReturn},
    instance::Instance,
    linker::Linker,
    memory::Memory,
    module::{ExportType, ImportType, Module},
    module_builder::ModuleBuilder,
    store::Store,
    table::Table,
    tag::Tag,
    typed_exports::{FromExport, TypedExports},
    typed_func::{TypedFunc, WasmParams, WasmResults, WasmTy},
    value::{AnyRef, Val},
};
pub use curta_module::{
    ExternType, Feature, Features, FuncType, GlobalType, HeapType, Limit, Limits, MemoryType,
    ModuleError, ModuleErrorKind, RefType, TableType, TagType, ValType,
};
pub use error::{Backtrace, Error, ErrorKind, Frame, LinkError, LinkProblem};
pub use numeric::Trap;
pub use store::limiter::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};
