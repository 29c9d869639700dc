//! Stores, and access to them.

use wasm_runtime_layer::backend::{
    AsContext, AsContextMut, WasmStore, WasmStoreContext, WasmStoreContextMut,
};

use crate::Engine;

/// What a store of curta's holds: the host's data, and the engine that the layer asks stores for.
pub(crate) struct Hosted<T> {
    engine: Engine,
    data: T,
}

/// A store.
pub struct Store<T: 'static>(curta::Store<Hosted<T>>);

/// Access to a store, for reading.
pub struct StoreContext<'a, T: 'static>(pub(crate) curta::StoreContext<'a, Hosted<T>>);

/// Access to a store.
pub struct StoreContextMut<'a, T: 'static>(pub(crate) curta::StoreContextMut<'a, Hosted<T>>);

impl<T: 'static> WasmStore<T, Engine> for Store<T> {
    fn new(engine: &Engine, data: T) -> Store<T> {
        let hosted = Hosted {
            engine: engine.clone(),
            data,
        };
        Store(curta::Store::new(engine.curta(), hosted))
    }

    fn engine(&self) -> &Engine {
        &self.0.data().engine
    }

    fn data(&self) -> &T {
        &self.0.data().data
    }

    fn data_mut(&mut self) -> &mut T {
        &mut self.0.data_mut().data
    }

    fn into_data(self) -> T {
        self.0.into_data().data
    }
}

impl<T: 'static> AsContext<Engine> for Store<T> {
    type UserState = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(curta::AsContext::as_context(&self.0))
    }
}

impl<T: 'static> AsContextMut<Engine> for Store<T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut(curta::AsContextMut::as_context_mut(&mut self.0))
    }
}

impl<T: 'static> AsContext<Engine> for StoreContext<'_, T> {
    type UserState = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(self.0)
    }
}

impl<'a, T: 'static> WasmStoreContext<'a, T, Engine> for StoreContext<'a, T> {
    fn engine(&self) -> &Engine {
        &self.0.data().engine
    }

    fn data(&self) -> &T {
        &self.0.data().data
    }
}

impl<T: 'static> AsContext<Engine> for StoreContextMut<'_, T> {
    type UserState = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(curta::AsContext::as_context(&self.0))
    }
}

impl<T: 'static> AsContextMut<Engine> for StoreContextMut<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut(curta::AsContextMut::as_context_mut(&mut self.0))
    }
}

impl<'a, T: 'static> WasmStoreContext<'a, T, Engine> for StoreContextMut<'a, T> {
    fn engine(&self) -> &Engine {
        &self.0.data().engine
    }

    fn data(&self) -> &T {
        &self.0.data().data
    }
}

impl<'a, T: 'static> WasmStoreContextMut<'a, T, Engine> for StoreContextMut<'a, T> {
    fn data_mut(&mut self) -> &mut T {
        &mut self.0.data_mut().data
    }
}
