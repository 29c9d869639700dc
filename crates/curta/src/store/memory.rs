//! Linear memories, and the instructions on whole ranges of them.
//!
//! A memory lives in a [`Mapping`](super::mapping::Mapping) from the engine's pool: its address space is reserved when it is
//! made (at most what its type and the store allow), its pages become usable as it grows, and the mapping goes back to the
//! pool with the store. Sizes are computed in
//! `u64` with checked operations, so a size that the host cannot represent is refused, never
//! wrapped.
//!
//! Guarantees: bytes are zero until they are written; a refused `grow` changes nothing; where the
//! platform reserves address space, the base never moves. Elsewhere it may move whenever the
//! memory grows, so whoever keeps the base must read it again after anything that can grow.

use super::{
    instance::InstanceId,
    limiter::{Limiter, Refusal, ask_for_memory},
    mapping::Image,
    mapping_pool::{MappingPool, Pooled},
    store::StoreInner,
};
use crate::{error::Error, numeric::Trap};
use alloc::{format, sync::Arc};
use core::ops::Range;
use curta_module::MemoryType;

/// Which memory of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct MemoryId(pub(crate) u32);

impl MemoryId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The most bytes that any memory may have on this machine, a multiple of every page size.
const MOST_BYTES: u64 = (isize::MAX as u64) & !0xffff;

/// A linear memory.
pub(crate) struct Memory {
    ty: MemoryType,
    mapping: Pooled,
    /// Its present size: a multiple of the page size, at most what is committed.
    byte_len: usize,
    /// The size in bytes that it may not grow beyond.
    most: u64,
}

impl Memory {
    /// A memory of its type's minimal size, all zero, that may grow to `cap` bytes at most. Where the
    /// pool has a mapping with `image` laid over it, it is that.
    ///
    /// # Errors
    /// When the minimum exceeds `cap` or what the machine has.
    pub(crate) fn new(
        ty: MemoryType,
        cap: u64,
        pool: &Arc<MappingPool>,
        image: Option<&Arc<Image>>,
    ) -> Result<Memory, Error> {
        let byte_len = Memory::initial_size(&ty, cap)?;
        let most = most_bytes(&ty).min(cap).min(MOST_BYTES);
        let refused = |why: &str| Error::limit(format!("cannot allocate the memory {ty}: {why}"));
        let mut mapping = usize::try_from(most)
            .ok()
            .and_then(|most| pool.take(most, image))
            .ok_or_else(|| refused("it does not fit the address space"))?;
        if !mapping.commit(byte_len) {
            return Err(refused("the machine has not enough memory"));
        }
        Ok(Memory {
            ty,
            mapping,
            byte_len,
            most,
        })
    }

    /// The bytes that a memory of a type starts with.
    ///
    /// # Errors
    /// When they exceed `cap` or what the machine can address.
    fn initial_size(ty: &MemoryType, cap: u64) -> Result<usize, Error> {
        let most = most_bytes(ty).min(cap).min(MOST_BYTES);
        ty.minimum_bytes()
            .filter(|bytes| *bytes <= most)
            .and_then(|bytes| usize::try_from(bytes).ok())
            .ok_or_else(|| refused(ty, Refusal::Store(most)))
    }

    /// Its type as it was declared.
    pub(crate) fn declared(&self) -> &MemoryType {
        &self.ty
    }

    /// Its type as importers see it: the minimum is the present size.
    pub(crate) fn ty(&self) -> MemoryType {
        MemoryType {
            minimum: self.pages(),
            ..self.ty
        }
    }

    /// Where its bytes are, to be read and written. See the module's documentation on when it moves.
    #[inline]
    pub(crate) fn base_mut(&mut self) -> *mut u8 {
        self.mapping.base_mut(self.byte_len)
    }

    /// Makes the memory, to which nothing was written yet, begin with an image. `false`, with nothing
    /// changed, where that cannot be.
    pub(crate) fn lay(&mut self, image: &Arc<Image>) -> bool {
        self.mapping.lay(image)
    }

    /// Takes away the image that the memory may have come with, to which nothing was written yet.
    pub(crate) fn bare(&mut self) {
        if !self.mapping.bare() {
            self.data_mut().fill(0);
        }
    }

    /// Its present size in bytes.
    pub(crate) fn byte_len(&self) -> u64 {
        self.byte_len as u64
    }

    /// Its present size in pages.
    pub(crate) fn pages(&self) -> u64 {
        self.byte_len() >> self.page_size_log2()
    }

    /// The binary logarithm of its pages' size.
    pub(crate) fn page_size_log2(&self) -> u32 {
        self.ty.page_size_log2
    }

    /// Its bytes.
    pub(crate) fn data(&self) -> &[u8] {
        self.mapping.bytes(self.byte_len)
    }

    /// Its bytes, to be written.
    pub(crate) fn data_mut(&mut self) -> &mut [u8] {
        self.mapping.bytes_mut(self.byte_len)
    }

    /// Adds `delta` pages of zeros and returns the old size in pages.
    ///
    /// `None`, with nothing changed, beyond the type's maximum, the store's limit, or what the
    /// machine has.
    pub(crate) fn grow(&mut self, delta: u64) -> Option<u64> {
        let old = self.pages();
        let byte_len = self.size_after(delta).ok()?;
        self.mapping.commit(byte_len).then(|| {
            self.byte_len = byte_len;
            old
        })
    }

    /// The size in bytes after growing by `delta` pages, if type and store allow it.
    pub(crate) fn size_after(&self, delta: u64) -> Result<usize, Refusal> {
        let pages = self.pages().checked_add(delta);
        let bytes = pages.and_then(|pages| pages.checked_mul(self.ty.page_size()));
        let allowed = bytes.filter(|bytes| *bytes <= self.most);
        allowed
            .and_then(|bytes| usize::try_from(bytes).ok())
            .ok_or_else(|| match self.ty.maximum {
                Some(maximum) if pages.is_none_or(|pages| pages > maximum) => {
                    Refusal::Type(maximum)
                }
                _ => Refusal::Store(self.most),
            })
    }

    /// The bytes `offset .. offset + len` as indices, if all of them exist.
    fn range(&self, offset: u64, len: u64) -> Result<Range<usize>, Trap> {
        let end = offset
            .checked_add(len)
            .filter(|end| *end <= self.byte_len());
        match end {
            // Both are at most `byte_len`, which is a `usize`.
            Some(end) => Ok(offset as usize..end as usize),
            None => Err(Trap::MemoryOutOfBounds),
        }
    }

    /// The same as bytes to be written. Those behind them count as untouched.
    fn range_mut(&mut self, offset: u64, len: u64) -> Result<&mut [u8], Trap> {
        let range = self.range(offset, len)?;
        Ok(&mut self.mapping.bytes_mut(range.end)[range.start..])
    }

    fn fill(&mut self, dst: u64, value: u8, len: u64) -> Result<(), Trap> {
        self.range_mut(dst, len)?.fill(value);
        Ok(())
    }

    /// Writes `bytes` at `dst`; all or nothing.
    pub(crate) fn init(&mut self, dst: u64, bytes: &[u8]) -> Result<(), Trap> {
        let len = bytes.len() as u64;
        self.range_mut(dst, len)?.copy_from_slice(bytes);
        Ok(())
    }
}

/// Why there is no memory of a type.
fn refused(ty: &MemoryType, refusal: Refusal) -> Error {
    refusal.error(
        format_args!("cannot allocate the memory {ty}"),
        "pages",
        "bytes",
    )
}

/// The size in bytes that a type allows: its maximum, or all that its addresses and the result of
/// `memory.size` can express.
fn most_bytes(ty: &MemoryType) -> u64 {
    let expressible = match ty.memory64 {
        true => u64::MAX,
        false if ty.page_size_log2 == 0 => u64::from(u32::MAX),
        false => 1 << 32,
    };
    ty.maximum_bytes().unwrap_or(u64::MAX).min(expressible)
}

/// What handlers call, out of line. `memory` is the module's own index.
impl StoreInner {
    /// A memory of a type, which is not in the store yet.
    ///
    /// # Errors
    /// When the minimum is beyond what the store, its limiter or the machine allow.
    pub(crate) fn new_memory(
        &self,
        ty: MemoryType,
        image: Option<&Arc<Image>>,
        limiter: &mut Limiter<'_>,
    ) -> Result<Memory, Error> {
        let cap = self.limits.memory_bytes_of(&ty);
        let size = Memory::initial_size(&ty, cap)?;
        ask_for_memory(limiter, &ty, 0, size).map_err(|refusal| refused(&ty, refusal))?;
        let memory = Memory::new(ty, cap, &self.mappings, image);
        if memory.is_err()
            && let Some(limiter) = limiter
        {
            limiter.memory_grow_failed(0, size);
        }
        memory
    }

    pub(crate) fn memory_id(&self, instance: InstanceId, memory: u32) -> MemoryId {
        self.instance(instance).memories[memory as usize]
    }

    fn memory_mut(&mut self, instance: InstanceId, memory: u32) -> &mut Memory {
        let id = self.memory_id(instance, memory);
        &mut self.memories[id.index()]
    }

    /// An address or length of a memory from an operand's word: where those are 32 bits wide, the upper half may hold
    /// anything.
    pub(crate) fn memory_word(&self, instance: InstanceId, memory: u32, word: u64) -> u64 {
        let memory = &self.memories[self.memory_id(instance, memory).index()];
        if memory.ty.memory64 {
            word
        } else {
            word & u64::from(u32::MAX)
        }
    }

    /// Reads `width` bytes at `address + offset`, as the low bits of a word.
    pub(crate) fn memory_load(
        &self,
        instance: InstanceId,
        memory: u32,
        address: u64,
        offset: u64,
        width: usize,
    ) -> Result<u64, Trap> {
        let address = self.memory_word(instance, memory, address);
        let memory = &self.memories[self.memory_id(instance, memory).index()];
        let start = address.checked_add(offset).ok_or(Trap::MemoryOutOfBounds)?;
        let range = memory.range(start, width as u64)?;
        let mut bytes = [0; 8];
        bytes[..width].copy_from_slice(&memory.data()[range]);
        Ok(u64::from_le_bytes(bytes))
    }

    /// Writes the low `width` bytes of a word at `address + offset`; all or nothing.
    pub(crate) fn memory_store(
        &mut self,
        instance: InstanceId,
        memory: u32,
        address: u64,
        offset: u64,
        value: u64,
        width: usize,
    ) -> Result<(), Trap> {
        let address = self.memory_word(instance, memory, address);
        let start = address.checked_add(offset).ok_or(Trap::MemoryOutOfBounds)?;
        self.memory_mut(instance, memory)
            .init(start, &value.to_le_bytes()[..width])
    }

    /// `memory.size`, in pages.
    pub(crate) fn memory_size(&self, instance: InstanceId, memory: u32) -> u64 {
        self.memories[self.memory_id(instance, memory).index()].pages()
    }

    /// `memory.fill`
    pub(crate) fn memory_fill(
        &mut self,
        instance: InstanceId,
        memory: u32,
        dst: u64,
        value: u8,
        len: u64,
    ) -> Result<(), Trap> {
        self.memory_mut(instance, memory).fill(dst, value, len)
    }

    /// `memory.copy`, between any two memories; ranges may overlap.
    pub(crate) fn memory_copy(
        &mut self,
        instance: InstanceId,
        dst_memory: u32,
        src_memory: u32,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Result<(), Trap> {
        let to = self.memory_id(instance, dst_memory).index();
        let from = self.memory_id(instance, src_memory).index();
        match self.memories.get_disjoint_mut([to, from]) {
            Ok([to, from]) => {
                let source = from.range(src, len)?;
                to.range_mut(dst, len)?
                    .copy_from_slice(&from.data()[source]);
            }
            // The same memory twice.
            Err(_) => {
                let memory = &mut self.memories[to];
                let (source, range) = (memory.range(src, len)?, memory.range(dst, len)?);
                memory.data_mut().copy_within(source, range.start);
            }
        }
        Ok(())
    }

    /// `memory.init`: copies from a data segment of the module, which is empty once dropped.
    pub(crate) fn memory_init(
        &mut self,
        instance: InstanceId,
        memory: u32,
        data: u32,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Result<(), Trap> {
        let id = self.memory_id(instance, memory);
        // Field by field, so that the segment can be read while the memory is written.
        let segment = self.instances[instance.index()].data_segment(data);
        let end = src
            .checked_add(len)
            .filter(|end| *end <= segment.len() as u64);
        let end = end.ok_or(Trap::MemoryOutOfBounds)?;
        self.memories[id.index()].init(dst, &segment[src as usize..end as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;
    use crate::{numeric::Trap, store::mapping_pool::MappingPool};
    use alloc::sync::Arc;
    use curta_module::MemoryType;

    const PAGE: u64 = 65_536;
    const CAP: u64 = 1 << 32;

    fn memory(minimum: u64, maximum: Option<u64>) -> Memory {
        new(MemoryType::new(minimum, maximum), CAP).expect("small enough")
    }

    fn new(ty: MemoryType, cap: u64) -> Result<Memory, crate::Error> {
        Memory::new(ty, cap, &Arc::new(MappingPool::of_memories(0, 0)), None)
    }

    #[test]
    fn grow_adds_zeroed_pages_and_keeps_the_rest() {
        let mut memory = memory(1, None);
        memory.data_mut()[65_535] = 9;
        assert_eq!(memory.grow(2), Some(1));
        assert_eq!((memory.pages(), memory.byte_len()), (3, 3 * PAGE));
        assert_eq!(memory.data()[65_535], 9);
        assert!(memory.data()[65_536..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_refused_grow_changes_nothing() {
        let mut memory = memory(1, Some(2));
        for delta in [2, 65_536, u64::from(u32::MAX), u64::MAX, u64::MAX / PAGE] {
            assert_eq!(memory.grow(delta), None);
            assert_eq!(memory.pages(), 1);
        }
        assert_eq!(
            (memory.grow(1), memory.grow(0), memory.grow(1)),
            (Some(1), Some(2), None)
        );
    }

    #[test]
    fn the_stores_limit_binds_where_the_type_has_none() {
        let mut memory = new(MemoryType::new(0, None), 3 * PAGE).expect("small enough");
        assert_eq!((memory.grow(4), memory.grow(3)), (None, Some(0)));
        let error = new(MemoryType::new(4, None), 3 * PAGE)
            .err()
            .expect("too large");
        assert_eq!(
            alloc::format!("{error}"),
            "cannot allocate the memory (memory 4): it may have at most 196608 bytes here"
        );
    }

    #[test]
    fn huge_maxima_cost_nothing() {
        // An emulator of other processors may note every page that was ever reserved.
        for _ in 0..100 {
            memory(0, Some(65_536));
        }
    }

    #[test]
    fn sizes_beyond_u64_are_refused() {
        for minimum in [1 << 48, u64::MAX] {
            let ty = MemoryType {
                memory64: true,
                ..MemoryType::new(minimum, None)
            };
            assert!(new(ty, u64::MAX).is_err());
        }
    }

    #[test]
    fn ranges_are_checked_without_wrapping() {
        let mut memory = memory(1, None);
        assert_eq!(memory.fill(PAGE - 1, 1, 1), Ok(()));
        assert_eq!(memory.fill(PAGE, 1, 0), Ok(()));
        for (dst, len) in [
            (PAGE, 1),
            (PAGE + 1, 0),
            (PAGE - 1, 2),
            (u64::MAX, 1),
            (1, u64::MAX),
        ] {
            assert_eq!(memory.fill(dst, 2, len), Err(Trap::MemoryOutOfBounds));
        }
        assert_eq!(memory.init(PAGE - 1, &[3, 3]), Err(Trap::MemoryOutOfBounds));
        assert_eq!(
            memory.data()[65_535],
            1,
            "nothing is written when not everything fits"
        );
    }

    #[test]
    fn a_memory_of_no_pages_has_no_bytes() {
        let mut memory = memory(0, None);
        assert!(memory.data_mut().is_empty());
        assert_eq!(memory.fill(0, 1, 0), Ok(()));
        assert_eq!(memory.fill(0, 1, 1), Err(Trap::MemoryOutOfBounds));
    }

    #[test]
    fn pages_of_one_byte_grow_by_bytes() {
        let ty = MemoryType {
            page_size_log2: 0,
            ..MemoryType::new(3, Some(5))
        };
        let mut memory = new(ty, CAP).expect("small enough");
        assert_eq!(
            (memory.pages(), memory.grow(2), memory.byte_len()),
            (3, Some(3), 5)
        );
        assert_eq!(memory.grow(1), None);
    }
}
