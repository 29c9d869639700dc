//! The instance that handlers are run in: one of everything that an operand can name.

use alloc::{sync::Arc, vec::Vec};

use super::{cells, operands::OFFSET, roles::Roles};
use crate::{
    api::{
        config::{Config, Dispatch},
        context::AsContextMut,
        engine::Engine,
        external::Extern,
        func::Func,
        global::Global,
        instance::Instance,
        memory::Memory,
        module::Module,
        store::Store,
        value::Val,
    },
    code::catalog::{Backend, Catalog},
    error::Error,
    exec,
    store::func::FuncEntry,
};

/// A module with memories and tables that cannot grow, functions to call that say who they are, segments to copy from and
/// others to drop. Table 0 has what is called, table 1 what is changed. Function 0 is the host's, 1 another instance's.
const MODULE: &str = r#"(module
    (import "host" "call" (func $host (result i32)))
    (import "other" "call" (func $other (result i32)))
    (import "other" "global" (global (mut i64)))
    (global (export "global") (mut i64) (i64.const 1))
    (memory (export "memory") 1 1)
    (tag)
    (table funcref (elem $plain $host $other $locals))
    (table 8 8 funcref)
    (elem func $plain $plain $plain $plain)
    (elem func $plain)
    (data "12345678")
    (data "1")
    (func $plain (export "plain") (result i32) (i32.const 11))
    (func $locals (export "locals") (result i32)
        (local i64 i64 i64 i64 i64 i64 i64 i64 i64) (i32.const 12))
    (func $few (export "few") (result i32) (local i64) (i32.const 13))
    (func (export "frame") (result i64 i64) (unreachable))
    (export "host" (func $host))
    (export "other" (func $other)))"#;

/// Another instance, and so another memory and other globals.
const OTHER: &str = r#"(module
    (global (export "global") (mut i64) (i64.const 1))
    (func (export "call") (result i32) (i32.const 14)))"#;

/// What the host's function returns.
const FROM_HOST: i32 = 15;

pub(super) struct World {
    store: Store<()>,
    /// The handlers, by the ids that cells of this world's store have.
    pub(super) catalog: Arc<Catalog>,
    memory: Memory,
    /// The instance's own global and the imported one.
    globals: [Global; 2],
    frame: Func,
    /// Guest functions of the instance with the same type: no locals, many, few.
    pub(super) callees: [FuncEntry; 3],
    /// References to functions of the same type: of the instance, the host's, another instance's.
    pub(super) references: [u64; 4],
    /// A reference to an exception.
    pub(super) exception: u64,
    pub(super) roles: Roles,
}

impl World {
    /// A world whose handlers are those of a dispatch backend.
    pub(super) fn new(dispatch: Dispatch) -> Result<World, Error> {
        let mut config = Config::new();
        config.dispatch(dispatch);
        let engine = Engine::new(&config);
        let backend = match engine.dispatch() {
            Dispatch::Loop => Backend::Looped,
            Dispatch::Auto | Dispatch::Threaded => Backend::Threaded,
        };
        let mut store = Store::new(&engine, ());
        let other = Instance::new(&mut store, &Module::new(&engine, OTHER)?, &[])?;
        let host = Func::wrap(&mut store, || FROM_HOST);
        let mut imports: Vec<Extern> = Vec::from([host.into()]);
        imports.extend(
            ["call", "global"]
                .into_iter()
                .filter_map(|name| other.get_export(&store, name)),
        );
        let instance = Instance::new(&mut store, &Module::new(&engine, MODULE)?, &imports)?;
        let missing = || Error::msg("the module exports it");
        let func = |name| instance.get_func(&store, name).ok_or_else(missing);
        let [plain, locals, few] = [func("plain")?, func("locals")?, func("few")?];
        let references = [plain, func("host")?, func("other")?, locals].map(|func| func.handle.0);
        let frame = func("frame")?;
        let memory = instance.get_memory(&store, "memory").ok_or_else(missing)?;
        let global = |instance: Instance| instance.get_global(&store, "global").ok_or_else(missing);
        let globals = [global(instance)?, global(other)?];
        let inner = &mut store.as_context_mut().store.inner;
        let callees = [plain, locals, few].map(|func| *inner.func(func.handle));
        let tag = inner.instance(instance.id).tags[0];
        let exception = inner.exceptions.push(tag, Vec::new());
        // As if the host had it: it is never forgotten.
        inner.exceptions.refer_to(exception);
        inner.pin_exception(exception);
        let catalog = exec::catalog::catalog(backend);
        Ok(World {
            store,
            catalog,
            memory,
            globals,
            frame,
            callees,
            references,
            exception,
            roles: Roles::new(),
        })
    }

    /// How the world's handlers follow each other.
    pub(super) fn dispatch(&self) -> Dispatch {
        self.store.engine().dispatch()
    }

    /// Puts a word where addresses of zero lead, zeroes everything else in memory that handlers may have written, and sets
    /// globals to what they began as.
    pub(super) fn reset(&mut self, word: u64) {
        for global in self.globals {
            let set = global.set(&mut self.store, Val::I64(1));
            set.expect("the module says that they are variables of this type");
        }
        let memory = &mut self.memory.data_mut(&mut self.store)[..1024];
        memory.fill(0);
        memory[usize::from(OFFSET)..][..8].copy_from_slice(&word.to_le_bytes());
    }

    /// Runs cells as the body of a function of the instance that has no parameters and returns two words.
    ///
    /// # Safety
    /// The cells are well formed, and name things of this world only.
    #[allow(
        unsafe_code,
        reason = "cells that were put together by hand are run here and nowhere else"
    )]
    pub(super) unsafe fn run(&mut self, words: &[u64]) -> Result<[u64; 2], Error> {
        let mut results = [0; 2];
        let store = self.store.as_context_mut().store;
        // SAFETY: by contract; the words are borrowed, so they stay where they are.
        let result = unsafe {
            exec::invoke::call_cells(store, self.frame.handle, cells::entry(words), &mut results)
        };
        // As every way into a store does.
        result.map_err(|error| store.inner.let_out(error))?;
        Ok(results)
    }
}
