//! Borrowing a store: what every function that needs one accepts.

use super::{engine::Engine, store::StoreWithData};

/// Anything that lends a store for reading: a [`Store`](crate::Store), a
/// [`Caller`](crate::Caller), and references to them.
pub trait AsContext {
    /// The host's data in the store.
    type Data: 'static;

    /// Lends the store.
    fn as_context(&self) -> StoreContext<'_, Self::Data>;
}

/// Anything that lends a store for reading and writing: a [`Store`](crate::Store), a
/// [`Caller`](crate::Caller), and mutable references to them.
///
/// So a function of the host's own works both outside of calls and within them:
///
/// ```
/// use curta::{AsContextMut, Engine, Error, Memory, MemoryType, Store};
///
/// /// Writes a text with a zero after it.
/// fn write_text(ctx: impl AsContextMut, memory: Memory, at: usize, text: &str) -> Result<(), Error> {
///     memory.write(ctx, at, &[text.as_bytes(), &[0]].concat())
/// }
///
/// let mut store = Store::new(&Engine::default(), ());
/// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
/// write_text(&mut store, memory, 8, "hello")?;
/// assert_eq!(&memory.data(&store)[8..14], b"hello\0");
/// # Ok::<(), Error>(())
/// ```
pub trait AsContextMut: AsContext {
    /// Lends the store.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, Self::Data>;
}

/// A store, borrowed for reading.
pub struct StoreContext<'a, T: 'static> {
    pub(crate) store: &'a StoreWithData<T>,
}

/// A store, borrowed for reading and writing.
pub struct StoreContextMut<'a, T: 'static> {
    pub(crate) store: &'a mut StoreWithData<T>,
}

impl<'a, T> StoreContext<'a, T> {
    /// The host's data.
    pub fn data(&self) -> &'a T {
        &self.store.data
    }

    /// The engine that the store was made for.
    pub fn engine(&self) -> &'a Engine {
        &self.store.engine
    }
}

impl<T> StoreContextMut<'_, T> {
    /// The host's data.
    pub fn data(&self) -> &T {
        &self.store.data
    }

    /// The host's data, to be changed.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.store.data
    }

    /// The engine that the store was made for.
    pub fn engine(&self) -> &Engine {
        &self.store.engine
    }
}

impl<T> Clone for StoreContext<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StoreContext<'_, T> {}

impl<T> AsContext for StoreContext<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        *self
    }
}

impl<T> AsContext for StoreContextMut<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { store: self.store }
    }
}

impl<T> AsContextMut for StoreContextMut<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { store: self.store }
    }
}

impl<C: AsContext> AsContext for &C {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContext> AsContext for &mut C {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContextMut> AsContextMut for &mut C {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        C::as_context_mut(self)
    }
}

impl<'a, C: AsContext> From<&'a C> for StoreContext<'a, C::Data> {
    fn from(context: &'a C) -> StoreContext<'a, C::Data> {
        context.as_context()
    }
}

impl<'a, C: AsContext> From<&'a mut C> for StoreContext<'a, C::Data> {
    fn from(context: &'a mut C) -> StoreContext<'a, C::Data> {
        C::as_context(context)
    }
}

impl<'a, C: AsContextMut> From<&'a mut C> for StoreContextMut<'a, C::Data> {
    fn from(context: &'a mut C) -> StoreContextMut<'a, C::Data> {
        context.as_context_mut()
    }
}
