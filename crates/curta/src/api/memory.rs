//! Linear memories as the host sees them.

use super::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use crate::{
    error::Error,
    store::{
        memory::{Memory as MemoryData, MemoryId},
        store::{HostStore, StoreId, StoreInner},
    },
};
use alloc::format;
use core::ops::Range;
use curta_module::MemoryType;

/// A linear memory of a store.
///
/// A view of its bytes borrows the store, so nothing can grow the memory, or run a guest, while
/// the view is in use:
///
/// ```
/// use curta::{Engine, Memory, MemoryType, Store};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let memory = Memory::new(&mut store, MemoryType::new(1, Some(2)))?;
/// memory.write(&mut store, 8, b"hello")?;
/// assert_eq!(&memory.data(&store)[8..13], b"hello");
/// assert_eq!(memory.grow(&mut store, 1)?, 1);
/// assert_eq!(memory.size(&store), 2);
/// # Ok::<(), curta::Error>(())
/// ```
///
/// ```compile_fail,E0502
/// # use curta::{Engine, Memory, MemoryType, Store};
/// # let mut store = Store::new(&Engine::default(), ());
/// # let memory = Memory::new(&mut store, MemoryType::new(1, Some(2)))?;
/// let view = memory.data(&store);
/// memory.grow(&mut store, 1)?; // the view would dangle
/// assert_eq!(view[0], 0);
/// # Ok::<(), curta::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Memory {
    pub(crate) store: StoreId,
    pub(crate) id: MemoryId,
}

impl Memory {
    /// A memory of zeros. Address space for what it may grow to is reserved; pages cost memory
    /// only once they are touched.
    ///
    /// # Errors
    /// When the type is none that a module could define, or that of a shared memory, which is not
    /// built yet; when the minimum is beyond the store's limits, its
    /// [limiter](crate::Store::limiter) or the machine's memory.
    pub fn new(mut ctx: impl AsContextMut, ty: MemoryType) -> Result<Memory, Error> {
        check_type(&ty)?;
        let ctx = ctx.as_context_mut();
        let (store, mut limiter) = ctx.store.inner_and_limiter();
        store.ask_for_numbers(&limiter, 0, 1, 0)?;
        let memory = store.new_memory(ty, None, &mut limiter)?;
        Ok(Memory {
            store: store.id,
            id: store.push_memory(memory),
        })
    }

    /// The type as it was declared; the present size is [`Memory::size`].
    ///
    /// # Panics
    /// When the memory belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> MemoryType {
        *self.of(&ctx.as_context().store.inner).declared()
    }

    /// The present size in pages.
    ///
    /// # Panics
    /// When the memory belongs to another store.
    pub fn size(&self, ctx: impl AsContext) -> u64 {
        self.of(&ctx.as_context().store.inner).pages()
    }

    /// The present size in bytes.
    ///
    /// # Panics
    /// When the memory belongs to another store.
    pub fn data_size(&self, ctx: impl AsContext) -> usize {
        self.of(&ctx.as_context().store.inner).data().len()
    }

    /// Adds `delta` pages of zeros and returns the old size in pages.
    ///
    /// # Errors
    /// When the memory's maximum, the store's limits or [limiter](crate::Store::limiter), or the
    /// machine's memory do not allow it: the message says which, and nothing has changed. When the
    /// memory belongs to another store.
    pub fn grow(&self, mut ctx: impl AsContextMut, delta: u64) -> Result<u64, Error> {
        let store = ctx.as_context_mut().store;
        store.inner.check_home(self.store, "Memory")?;
        let grown = (store as &mut dyn HostStore).grow_memory(self.id, delta);
        grown.map_err(|refusal| {
            let memory = &store.inner.memories[self.id.index()];
            let (ty, pages) = (memory.declared(), memory.pages());
            let wanted =
                format_args!("cannot grow the memory {ty} of {pages} pages by {delta} more");
            refusal.error(wanted, "pages", "bytes")
        })
    }

    /// All of its bytes.
    ///
    /// # Panics
    /// When the memory belongs to another store.
    pub fn data<'a, T: 'static>(&self, ctx: impl Into<StoreContext<'a, T>>) -> &'a [u8] {
        self.of(&ctx.into().store.inner).data()
    }

    /// All of its bytes, to be written.
    ///
    /// # Panics
    /// When the memory belongs to another store.
    pub fn data_mut<'a, T: 'static>(&self, ctx: impl Into<StoreContextMut<'a, T>>) -> &'a mut [u8] {
        self.data_and_store_mut(ctx).0
    }

    /// All of its bytes, to be written, and the host's data beside them.
    ///
    /// # Panics
    /// When the memory belongs to another store.
    pub fn data_and_store_mut<'a, T: 'static>(
        &self,
        ctx: impl Into<StoreContextMut<'a, T>>,
    ) -> (&'a mut [u8], &'a mut T) {
        let store = ctx.into().store;
        store.inner.assert_home(self.store, "Memory");
        (
            store.inner.memories[self.id.index()].data_mut(),
            &mut store.data,
        )
    }

    /// Copies bytes from `offset` on into `buffer`.
    ///
    /// # Errors
    /// When they reach beyond the end, with offset, length and size in the message. When the
    /// memory belongs to another store. Nothing is written then.
    pub fn read(&self, ctx: impl AsContext, offset: usize, buffer: &mut [u8]) -> Result<(), Error> {
        let bytes = self.slice(ctx.as_context(), offset, buffer.len(), "read")?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }

    /// So many bytes from `offset` on.
    pub(crate) fn slice<'a, T>(
        &self,
        ctx: StoreContext<'a, T>,
        offset: usize,
        len: usize,
        what: &str,
    ) -> Result<&'a [u8], Error> {
        let store = &ctx.store.inner;
        store.check_home(self.store, "Memory")?;
        let data = store.memories[self.id.index()].data();
        Ok(&data[range(data.len(), offset, len, what)?])
    }

    /// Copies `buffer` to `offset`.
    ///
    /// # Errors
    /// When it reaches beyond the end, with offset, length and size in the message. When the
    /// memory belongs to another store. Nothing is written then.
    pub fn write(
        &self,
        mut ctx: impl AsContextMut,
        offset: usize,
        buffer: &[u8],
    ) -> Result<(), Error> {
        let store = &mut ctx.as_context_mut().store.inner;
        store.check_home(self.store, "Memory")?;
        let data = store.memories[self.id.index()].data_mut();
        let range = range(data.len(), offset, buffer.len(), "write")?;
        data[range].copy_from_slice(buffer);
        Ok(())
    }

    #[track_caller]
    fn of<'a>(&self, store: &'a StoreInner) -> &'a MemoryData {
        store.assert_home(self.store, "Memory");
        &store.memories[self.id.index()]
    }
}

fn range(size: usize, offset: usize, len: usize, what: &str) -> Result<Range<usize>, Error> {
    match offset.checked_add(len) {
        Some(end) if end <= size => Ok(offset..end),
        _ => Err(Error::bounds(format!(
            "cannot {what} {len} bytes at offset {offset}: the memory has {size} bytes"
        ))),
    }
}

/// Refuses what no module could define today.
fn check_type(ty: &MemoryType) -> Result<(), Error> {
    if ty.shared {
        return Err(Error::usage(format!(
            "memories of type {ty} are not built yet"
        )));
    }
    if !matches!(ty.page_size_log2, 0 | MemoryType::PAGE_SIZE_LOG2) {
        return Err(Error::usage(format!(
            "{ty:?} is no type: a page has 1 byte or 65536"
        )));
    }
    // With pages of a byte, the size itself must have as many bits.
    let most = match (ty.memory64, ty.page_size_log2) {
        (false, 0) => u64::from(u32::MAX),
        (false, log2) => 1 << (32 - log2),
        (true, 0) => u64::MAX,
        (true, log2) => 1 << (64 - log2),
    };
    if ty.minimum > ty.maximum.unwrap_or(most) {
        return Err(Error::usage(format!(
            "{ty} is no type: the minimum exceeds the maximum"
        )));
    }
    if ty.maximum.unwrap_or(ty.minimum) > most {
        let bits = if ty.memory64 { 64 } else { 32 };
        return Err(Error::usage(format!(
            "{ty} is no type: {bits} bits address {most} pages"
        )));
    }
    Ok(())
}
