//! A store with the host's data.

use super::{
    context::{AsContext, AsContextMut, StoreContext, StoreContextMut},
    engine::Engine,
};
use crate::{
    error::Error,
    store::{
        limiter::{Limiter, ResourceLimiter},
        store::{HostStore, StoreId, StoreInner},
    },
};
use alloc::{boxed::Box, format};
use core::{any::Any, fmt};

/// Everything that instances which may reach each other consist of, and data of the host's beside
/// it.
///
/// Instances, memories, tables, globals and functions are made in a store and live as long as it
/// does; handles such as [`Func`](crate::Func) and [`Memory`](crate::Memory) are small values that
/// mean something in their store only. A store is used by one thread at a time; it can be sent to
/// another if its data can.
///
/// ```
/// use curta::{Engine, Store};
///
/// let engine = Engine::default();
/// let mut store = Store::new(&engine, 0u32);
/// *store.data_mut() += 1;
/// assert_eq!(store.into_data(), 1);
/// ```
pub struct Store<T: 'static> {
    /// Boxed, so that moving a store is cheap.
    contents: Box<StoreWithData<T>>,
}

/// What a [`Store`] consists of.
pub(crate) struct StoreWithData<T> {
    pub(crate) inner: StoreInner,
    pub(crate) engine: Engine,
    pub(crate) data: T,
    limiter: Option<Box<FindLimiter<T>>>,
}

/// Finds the limiter in the host's data.
type FindLimiter<T> = dyn (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync;

impl<T> Store<T> {
    /// An empty store for modules of `engine`.
    pub fn new(engine: &Engine, data: T) -> Store<T> {
        let contents = StoreWithData {
            inner: engine.new_store(),
            engine: engine.clone(),
            data,
            limiter: None,
        };
        Store {
            contents: Box::new(contents),
        }
    }

    /// The host's data.
    pub fn data(&self) -> &T {
        &self.contents.data
    }

    /// The host's data, to be changed. Host functions get it from their
    /// [`Caller`](crate::Caller).
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.contents.data
    }

    /// Makes something in the host's data decide what memories and tables may grow to, and how many
    /// of them, and of instances, there may be. Asked from now on, also for what is there already.
    ///
    /// [`StoreLimits`](crate::StoreLimits) has fixed bounds; see [`ResourceLimiter`] for others.
    ///
    /// ```
    /// use curta::{Engine, Instance, Module, Store, StoreLimits, StoreLimitsBuilder};
    ///
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, "(module (memory 17))")?;
    /// let limits = StoreLimitsBuilder::new().memory_size(1 << 20).build();
    /// let mut store = Store::new(&engine, limits);
    /// store.limiter(|limits| limits);
    /// let error = Instance::new(&mut store, &module, &[]).unwrap_err();
    /// assert_eq!(error.to_string(), "cannot allocate the memory (memory 17): \
    ///     the store's limiter allows 1048576 bytes, 1114112 are asked for");
    /// # Ok::<(), curta::Error>(())
    /// ```
    pub fn limiter(
        &mut self,
        limiter: impl (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static,
    ) {
        self.contents.limiter = Some(Box::new(limiter));
    }

    /// Ends the store and keeps the host's data.
    pub fn into_data(self) -> T {
        self.contents.data
    }

    /// The engine that the store was made for.
    pub fn engine(&self) -> &Engine {
        &self.contents.engine
    }
}

impl<T: Default> Default for Store<T> {
    fn default() -> Store<T> {
        Store::new(&Engine::default(), T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("instances", &self.contents.inner.instances.len())
            .field("data", self.data())
            .finish_non_exhaustive()
    }
}

impl<T> AsContext for Store<T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext {
            store: &self.contents,
        }
    }
}

impl<T> AsContextMut for Store<T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut {
            store: &mut self.contents,
        }
    }
}

impl<T: 'static> HostStore for StoreWithData<T> {
    fn inner(&self) -> &StoreInner {
        &self.inner
    }

    fn inner_mut(&mut self) -> &mut StoreInner {
        &mut self.inner
    }

    fn inner_and_limiter(&mut self) -> (&mut StoreInner, Limiter<'_>) {
        let limiter = self.limiter.as_mut().map(|find| find(&mut self.data));
        (&mut self.inner, limiter)
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

impl StoreInner {
    /// Refuses a handle of another store.
    #[inline]
    pub(crate) fn check_home(&self, store: StoreId, what: &str) -> Result<(), Error> {
        if self.id == store {
            Ok(())
        } else {
            Err(foreign(what))
        }
    }

    /// Panics on a handle of another store: for functions that return no error.
    #[track_caller]
    pub(crate) fn assert_home(&self, store: StoreId, what: &str) {
        assert!(self.id == store, "{}", foreign(what));
    }
}

/// A handle used with a store that it does not belong to.
#[cold]
#[inline(never)]
pub(crate) fn foreign(what: &str) -> Error {
    Error::usage(format!("this {what} belongs to another store"))
}

#[cfg(test)]
mod tests {
    use super::Store;

    #[test]
    fn a_store_crosses_threads_if_its_data_does() {
        fn send<T: Send>() {}
        fn sync<T: Sync>() {}
        send::<Store<core::cell::Cell<u32>>>();
        sync::<Store<u32>>();
    }
}
