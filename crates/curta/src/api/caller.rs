//! Who calls a host function.

use super::{
    context::{AsContext, AsContextMut, StoreContext, StoreContextMut},
    engine::Engine,
    external::Extern,
    instance::Instance,
    store::StoreWithData,
};
use crate::store::{instance::InstanceId, store::HostStore};

/// A host function's view of the store and of the guest that calls it.
///
/// It lends the store like a `&mut Store<T>`: a host function can read and write memories, and
/// call back into guests.
///
/// ```
/// use curta::{Caller, Engine, Linker, Module, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module
///         (import "host" "print" (func $print (param i32 i32)))
///         (memory (export "memory") 1)
///         (data (i32.const 8) "hello")
///         (func (export "main") (call $print (i32.const 8) (i32.const 5))))
/// "#)?;
///
/// let mut linker = Linker::<String>::new(&engine);
/// linker.func_wrap("host", "print", |mut caller: Caller<'_, String>, at: u32, len: u32| {
///     let memory = caller.get_export("memory").and_then(|export| export.into_memory());
///     let memory = memory.ok_or_else(|| curta::Error::msg("no memory is exported"))?;
///     let mut text = vec![0; len as usize];
///     memory.read(&caller, at as usize, &mut text)?;
///     caller.data_mut().push_str(&String::from_utf8(text)?);
///     Ok::<(), curta::Error>(())
/// })?;
///
/// let mut store = Store::new(&engine, String::new());
/// let instance = linker.instantiate(&mut store, &module)?;
/// instance.get_typed_func::<(), ()>(&store, "main")?.call(&mut store, ())?;
/// assert_eq!(store.data(), "hello");
/// # Ok::<(), curta::Error>(())
/// ```
pub struct Caller<'a, T: 'static> {
    store: &'a mut StoreWithData<T>,
    instance: Option<InstanceId>,
}

impl<'a, T> Caller<'a, T> {
    pub(crate) fn new(
        store: &'a mut StoreWithData<T>,
        instance: Option<InstanceId>,
    ) -> Caller<'a, T> {
        Caller { store, instance }
    }

    /// The host's data in the store.
    pub fn data(&self) -> &T {
        &self.store.data
    }

    /// The host's data in the store, to be changed.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.store.data
    }

    /// The engine of the store.
    pub fn engine(&self) -> &Engine {
        &self.store.engine
    }

    /// What the calling instance exports as `name`. `None` without such an export, and when the
    /// host itself is the caller.
    pub fn get_export(&self, name: &str) -> Option<Extern> {
        self.instance()
            .and_then(|instance| instance.get_export(self, name))
    }

    /// The calling instance; `None` when the host itself is the caller.
    pub fn instance(&self) -> Option<Instance> {
        self.instance.map(|id| Instance {
            store: self.store.inner.id,
            id,
        })
    }
}

impl<T> AsContext for Caller<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { store: self.store }
    }
}

impl<T> AsContextMut for Caller<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { store: self.store }
    }
}

/// The store with its host data, of which only functions made for that data can be run.
pub(crate) fn with_data<T: 'static>(store: &mut dyn HostStore) -> &mut StoreWithData<T> {
    store
        .as_any_mut()
        .downcast_mut()
        .expect("functions come into a store only through handles and linkers of its data's type")
}
