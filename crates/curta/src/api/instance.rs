//! Instances as the host sees them.

use super::{
    context::{AsContext, AsContextMut, StoreContext},
    external::{Export, Extern},
    func::Func,
    global::Global,
    memory::Memory,
    module::Module,
    store::StoreWithData,
    table::Table,
    tag::Tag,
};
use crate::{
    error::Error,
    exec,
    store::{
        instance::{InstanceData, InstanceId},
        link::Item,
        store::{HostStore as _, StoreId},
    },
};
use alloc::{format, vec::Vec};
use curta_module::ExportItem;

/// An instance of a module in a store.
///
/// Most instances come from [`Linker::instantiate`](crate::Linker::instantiate), which finds the
/// imports by name; [`Instance::new`] takes them in order.
///
/// ```
/// use curta::{Engine, Instance, Module, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module
///         (memory (export "memory") 1)
///         (func (export "one") (result i32) (i32.const 1)))
/// "#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// for export in instance.exports(&store) {
///     println!("{} is {}", export.name(), export.into_extern().ty(&store));
/// }
/// assert!(instance.get_memory(&store, "memory").is_some());
/// assert_eq!(instance.get_typed_func::<(), i32>(&store, "one")?.call(&mut store, ())?, 1);
/// # Ok::<(), curta::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Instance {
    pub(crate) store: StoreId,
    pub(crate) id: InstanceId,
}

impl Instance {
    /// Makes an instance with these imports, in the module's order, and runs its start function.
    ///
    /// ```
    /// use curta::{Engine, Func, Instance, Module, Store};
    ///
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"
    ///     (module
    ///         (import "host" "answer" (func $answer (result i32)))
    ///         (global $seen (export "seen") (mut i32) (i32.const 0))
    ///         (func $start (global.set $seen (call $answer)))
    ///         (start $start))
    /// "#)?;
    /// let mut store = Store::new(&engine, ());
    /// let answer = Func::wrap(&mut store, || 42);
    /// let instance = Instance::new(&mut store, &module, &[answer.into()])?;
    /// let seen = instance.get_global(&store, "seen").expect("it is exported");
    /// assert_eq!(seen.get(&store).i32(), Some(42));
    /// # Ok::<(), curta::Error>(())
    /// ```
    ///
    /// # Errors
    /// - Imports of the wrong number, or all that do not fit
    ///   ([`Error::link_error`](crate::Error::link_error)).
    /// - A memory or table that is beyond the store's limits or the machine's memory.
    /// - A trap of an active segment that does not fit, or of the start function. What was written
    ///   until then stays written.
    /// - A module of another engine, or imports of another store.
    ///
    /// # Panics
    /// When a host function that the start function called panicked.
    pub fn new(
        mut ctx: impl AsContextMut,
        module: &Module,
        imports: &[Extern],
    ) -> Result<Instance, Error> {
        let store = ctx.as_context_mut().store;
        let wanted = module.compiled.module.imports().len();
        if imports.len() != wanted {
            let given = imports.len();
            return Err(Error::usage(format!(
                "the module has {wanted} imports, {given} were given"
            )));
        }
        let offered = imports
            .iter()
            .map(|import| import.item(&store.inner).map(Some))
            .collect::<Result<Vec<_>, _>>()?;
        store.check_engine(module)?;
        let items = store.inner.link(&module.compiled.module, &offered)?;
        store.instantiate(module, &items)
    }

    /// What is exported as `name`, whatever it is.
    ///
    /// # Panics
    /// When the instance belongs to another store.
    pub fn get_export(&self, ctx: impl AsContext, name: &str) -> Option<Extern> {
        let instance = self.data(ctx.as_context());
        let item = instance.module.module.export(name)?;
        Some(Extern::from_item(instance.item(item), self.store))
    }

    /// The function that is exported as `name`.
    ///
    /// # Panics
    /// When the instance belongs to another store.
    pub fn get_func(&self, ctx: impl AsContext, name: &str) -> Option<Func> {
        self.get_export(ctx, name)?.into_func()
    }

    /// The memory that is exported as `name`.
    ///
    /// # Panics
    /// When the instance belongs to another store.
    pub fn get_memory(&self, ctx: impl AsContext, name: &str) -> Option<Memory> {
        self.get_export(ctx, name)?.into_memory()
    }

    /// The table that is exported as `name`.
    ///
    /// # Panics
    /// When the instance belongs to another store.
    pub fn get_table(&self, ctx: impl AsContext, name: &str) -> Option<Table> {
        self.get_export(ctx, name)?.into_table()
    }

    /// The global that is exported as `name`.
    ///
    /// # Panics
    /// When the instance belongs to another store.
    pub fn get_global(&self, ctx: impl AsContext, name: &str) -> Option<Global> {
        self.get_export(ctx, name)?.into_global()
    }

    /// The tag that is exported as `name`.
    ///
    /// # Panics
    /// When the instance belongs to another store.
    pub fn get_tag(&self, ctx: impl AsContext, name: &str) -> Option<Tag> {
        self.get_export(ctx, name)?.into_tag()
    }

    /// All exports, in the module's order.
    ///
    /// # Panics
    /// When the instance belongs to another store.
    pub fn exports<'a, T: 'static>(
        &self,
        ctx: impl Into<StoreContext<'a, T>>,
    ) -> impl ExactSizeIterator<Item = Export<'a>> {
        let (store, instance) = (self.store, self.data(ctx.into()));
        instance.module.module.exports().iter().map(move |export| {
            let external = Extern::from_item(instance.item(export.item), store);
            Export {
                name: &export.name,
                external,
            }
        })
    }

    /// The module that this is an instance of.
    ///
    /// # Panics
    /// When the instance belongs to another store.
    pub fn module(&self, ctx: impl AsContext) -> Module {
        let ctx = ctx.as_context();
        let compiled = alloc::sync::Arc::clone(&self.data(ctx).module);
        Module {
            engine: ctx.store.engine.clone(),
            compiled,
        }
    }

    #[track_caller]
    pub(crate) fn data<'a, T>(&self, ctx: StoreContext<'a, T>) -> &'a InstanceData {
        let store = &ctx.store.inner;
        store.assert_home(self.store, "Instance");
        store.instance(self.id)
    }
}

impl InstanceData {
    /// The store's name for what is exported.
    fn item(&self, item: ExportItem) -> Item {
        match item {
            ExportItem::Func(func) => Item::Func(self.functions[func.index()]),
            ExportItem::Table(table) => Item::Table(self.tables[table.index()]),
            ExportItem::Memory(memory) => Item::Memory(self.memories[memory.index()]),
            ExportItem::Global(global) => Item::Global(self.global_ids[global.index()]),
            ExportItem::Tag(tag) => Item::Tag(self.tags[tag.index()]),
        }
    }
}

impl<T: 'static> StoreWithData<T> {
    /// Refuses modules of another engine: their types have other numbers.
    pub(crate) fn check_engine(&self, module: &Module) -> Result<(), Error> {
        if self.engine.same(&module.engine) {
            return Ok(());
        }
        Err(Error::usage(
            "the module and the store belong to different engines",
        ))
    }

    /// Makes an instance from matched imports and runs its start function.
    pub(crate) fn instantiate(
        &mut self,
        module: &Module,
        imports: &[Item],
    ) -> Result<Instance, Error> {
        let (store, limiter) = self.inner_and_limiter();
        let id = store.instantiate(&module.compiled, imports, limiter)?;
        if let Some(start) = module.compiled.module.start() {
            let start = self.inner.instance(id).functions[start.index()];
            let ran = exec::invoke::call(self, start, &mut []);
            ran.map_err(|error| self.inner.let_out(error))?;
        }
        Ok(Instance {
            store: self.inner.id,
            id,
        })
    }
}
