//! Guest memory, checked.
//!
//! [`GuestMemory`] is all that the functions ask of an engine. Every address and length
//! that a guest passes goes through the methods here, and only through these. An
//! address is 32 bits wide; its end is computed in `usize` with a check, so nothing
//! wraps. A range outside the memory is [`Errno::Fault`] and nothing has been touched.
//!
//! What a guest can ask for in one call is bounded: a call looks at no more than
//! [`MAX_BUFFERS`] buffers of an array and moves no more bytes than its memory holds and
//! its limits allow, so that overlapping buffers cannot turn a small memory into long
//! work. What is left over is a short read or a short write, which every caller must
//! expect anyway.

use core::ops::Range;

use smallvec::SmallVec;

use crate::abi::Errno;

/// The memory of the instance that calls, as an engine hands it to the functions.
///
/// Both accessors are checked: a range that is not wholly inside the memory is `None`.
/// Nothing here may move or shrink while a function runs.
///
/// ```
/// use curta_wasi::{GuestMemory, WasiCtx, preview1};
///
/// let mut wasi = WasiCtx::builder().args(["a", "bc"]).build()?;
/// let mut memory = vec![0; 64];
/// preview1::args_sizes_get(&mut wasi, &mut memory, 0, 4).unwrap();
/// assert_eq!(memory.get(0..8), Some(&[2, 0, 0, 0, 5, 0, 0, 0][..]));
/// # Ok::<(), curta_wasi::ConfigError>(())
/// ```
pub trait GuestMemory {
    /// How many bytes there are.
    fn size(&self) -> usize;

    /// The bytes of a range, to read.
    fn get(&self, range: Range<usize>) -> Option<&[u8]>;

    /// The bytes of a range, to write.
    fn get_mut(&mut self, range: Range<usize>) -> Option<&mut [u8]>;
}

impl GuestMemory for Vec<u8> {
    fn size(&self) -> usize {
        self.len()
    }

    fn get(&self, range: Range<usize>) -> Option<&[u8]> {
        self.as_slice().get(range)
    }

    fn get_mut(&mut self, range: Range<usize>) -> Option<&mut [u8]> {
        self.as_mut_slice().get_mut(range)
    }
}

impl GuestMemory for &mut [u8] {
    fn size(&self) -> usize {
        self.len()
    }

    fn get(&self, range: Range<usize>) -> Option<&[u8]> {
        <[u8]>::get(self, range)
    }

    fn get_mut(&mut self, range: Range<usize>) -> Option<&mut [u8]> {
        <[u8]>::get_mut(self, range)
    }
}

/// How many buffers of an array one call looks at, as POSIX systems do (`IOV_MAX`).
pub(crate) const MAX_BUFFERS: usize = 1024;

/// Ranges of guest memory that a call reads from or writes to, in order.
pub(crate) type Buffers = SmallVec<[Range<usize>; 8]>;

impl dyn GuestMemory + '_ {
    /// Makes sure that `len` bytes at `address` exist, so that a result can be stored
    /// there after an effect that cannot be taken back.
    pub(crate) fn check(&self, address: u32, len: usize) -> Result<Range<usize>, Errno> {
        let start = usize::try_from(address).map_err(|_| Errno::Fault)?;
        let end = start.checked_add(len).ok_or(Errno::Fault)?;
        if end > self.size() {
            return Err(Errno::Fault);
        }
        Ok(start..end)
    }

    /// `len` bytes at `address`, as the guest counts them.
    fn range(&self, address: u32, len: u32) -> Result<Range<usize>, Errno> {
        self.check(address, usize::try_from(len).map_err(|_| Errno::Fault)?)
    }

    /// `len` bytes at `address`, to read.
    pub(crate) fn slice(&self, address: u32, len: u32) -> Result<&[u8], Errno> {
        self.buffer(&self.range(address, len)?)
    }

    /// `len` bytes at `address`, to write.
    pub(crate) fn slice_mut(&mut self, address: u32, len: u32) -> Result<&mut [u8], Errno> {
        let range = self.range(address, len)?;
        self.buffer_mut(&range)
    }

    /// A range that was checked, to read.
    pub(crate) fn buffer(&self, range: &Range<usize>) -> Result<&[u8], Errno> {
        self.get(range.clone()).ok_or(Errno::Fault)
    }

    /// A range that was checked, to write.
    pub(crate) fn buffer_mut(&mut self, range: &Range<usize>) -> Result<&mut [u8], Errno> {
        self.get_mut(range.clone()).ok_or(Errno::Fault)
    }

    /// Stores bytes.
    pub(crate) fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), Errno> {
        let range = self.check(address, bytes.len())?;
        self.buffer_mut(&range)?.copy_from_slice(bytes);
        Ok(())
    }

    /// Stores a 32-bit word.
    pub(crate) fn write_u32(&mut self, address: u32, value: u32) -> Result<(), Errno> {
        self.write(address, &value.to_le_bytes())
    }

    /// Stores a 64-bit word.
    pub(crate) fn write_u64(&mut self, address: u32, value: u64) -> Result<(), Errno> {
        self.write(address, &value.to_le_bytes())
    }

    /// An array of `count` records of `N` bytes each.
    pub(crate) fn array<const N: usize>(
        &self,
        address: u32,
        count: u32,
    ) -> Result<&[[u8; N]], Errno> {
        let count = usize::try_from(count).map_err(|_| Errno::Fault)?;
        let len = count.checked_mul(N).ok_or(Errno::Fault)?;
        let range = self.check(address, len)?;
        Ok(self.buffer(&range)?.as_chunks().0)
    }

    /// The buffers of an `iovec` or `ciovec` array, `limit` bytes at most. All of the
    /// array must lie in memory, and so must every buffer that is looked at. Empty ones
    /// are left out; the last range is cut where the total would exceed the limit or the
    /// size of the memory.
    ///
    /// The result is independent of the array: data that a read puts over the array
    /// changes nothing any more.
    ///
    /// # Errors
    /// [`Errno::Fault`] for a range outside the memory, [`Errno::Inval`] where the
    /// lengths add up to more than 32 bits can say.
    pub(crate) fn buffers(&self, address: u32, count: u32, limit: usize) -> Result<Buffers, Errno> {
        let mut buffers = Buffers::new();
        let mut claimed: u32 = 0;
        let mut room = self.size().min(limit);
        for &[b0, b1, b2, b3, l0, l1, l2, l3] in
            self.array::<8>(address, count)?.iter().take(MAX_BUFFERS)
        {
            let len = u32::from_le_bytes([l0, l1, l2, l3]);
            let mut range = self.range(u32::from_le_bytes([b0, b1, b2, b3]), len)?;
            claimed = claimed.checked_add(len).ok_or(Errno::Inval)?;
            range.end = range.start + range.len().min(room);
            if !range.is_empty() {
                room -= range.len();
                buffers.push(range);
            }
        }
        Ok(buffers)
    }
}

#[cfg(test)]
mod tests {
    use super::{GuestMemory, MAX_BUFFERS};
    use crate::abi::Errno;

    /// A memory of `size` bytes with an array of (address, length) pairs at its start.
    fn memory_with(size: usize, pairs: &[(u32, u32)]) -> Vec<u8> {
        let mut bytes = vec![0; size];
        for (slot, (address, len)) in bytes.chunks_exact_mut(8).zip(pairs) {
            slot[..4].copy_from_slice(&address.to_le_bytes());
            slot[4..].copy_from_slice(&len.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn a_range_may_end_where_the_memory_ends_and_not_later() {
        let bytes = vec![0; 16];
        let memory: &dyn GuestMemory = &bytes;
        assert_eq!(memory.slice(12, 4).unwrap().len(), 4);
        assert_eq!(memory.slice(16, 0).unwrap().len(), 0);
        assert_eq!(memory.slice(13, 4), Err(Errno::Fault));
        assert_eq!(memory.slice(17, 0), Err(Errno::Fault));
    }

    #[test]
    fn address_plus_length_does_not_wrap() {
        let bytes = vec![0; 16];
        let memory: &dyn GuestMemory = &bytes;
        assert_eq!(memory.slice(u32::MAX, 1), Err(Errno::Fault));
        assert_eq!(memory.slice(8, u32::MAX), Err(Errno::Fault));
        assert_eq!(memory.slice(u32::MAX, u32::MAX), Err(Errno::Fault));
    }

    #[test]
    fn a_store_out_of_bounds_changes_nothing() {
        let mut bytes = vec![7; 6];
        let memory: &mut dyn GuestMemory = &mut bytes;
        assert_eq!(memory.write_u32(4, 0), Err(Errno::Fault));
        assert_eq!(bytes, [7; 6]);
    }

    #[test]
    fn an_array_longer_than_memory_is_a_fault_whatever_its_count() {
        let bytes = vec![0; 64];
        let memory: &dyn GuestMemory = &bytes;
        for count in [9, 1 << 29, u32::MAX] {
            assert_eq!(
                memory.buffers(0, count, usize::MAX),
                Err(Errno::Fault),
                "{count}"
            );
        }
        assert_eq!(memory.buffers(60, 0, usize::MAX).unwrap().len(), 0);
    }

    #[test]
    fn a_buffer_that_wraps_is_a_fault() {
        let bytes = memory_with(64, &[(32, 8), (u32::MAX - 3, 8)]);
        let memory: &dyn GuestMemory = &bytes;
        assert_eq!(memory.buffers(0, 2, usize::MAX), Err(Errno::Fault));
    }

    #[test]
    fn overlapping_buffers_move_no_more_than_the_memory_holds() {
        let bytes = memory_with(64, &[(0, 64), (0, 40), (0, 40)]);
        let memory: &dyn GuestMemory = &bytes;
        let buffers = memory.buffers(0, 3, usize::MAX).unwrap();
        assert_eq!(buffers.as_slice(), core::slice::from_ref(&(0..64)));

        let bytes = memory_with(64, &[(24, 40), (24, 40), (24, 40)]);
        let memory: &dyn GuestMemory = &bytes;
        let buffers = memory.buffers(0, 3, usize::MAX).unwrap();
        assert_eq!(buffers.as_slice(), [24..64, 24..48]);
    }

    #[test]
    fn empty_buffers_are_left_out_but_must_lie_in_memory() {
        let bytes = memory_with(64, &[(64, 0), (32, 4)]);
        let memory: &dyn GuestMemory = &bytes;
        let buffers = memory.buffers(0, 2, usize::MAX).unwrap();
        assert_eq!(buffers.as_slice(), core::slice::from_ref(&(32..36)));

        let bytes = memory_with(64, &[(65, 0)]);
        let memory: &dyn GuestMemory = &bytes;
        assert_eq!(memory.buffers(0, 1, usize::MAX), Err(Errno::Fault));
    }

    #[test]
    fn no_more_buffers_are_looked_at_than_the_limit() {
        let count = MAX_BUFFERS + 8;
        let mut pairs = vec![(0, 1); count];
        pairs[MAX_BUFFERS] = (u32::MAX, 1);
        let bytes = memory_with(count * 8, &pairs);
        let memory: &dyn GuestMemory = &bytes;
        let count = u32::try_from(count).unwrap();
        assert_eq!(
            memory.buffers(0, count, usize::MAX).unwrap().len(),
            MAX_BUFFERS
        );
    }

    #[test]
    fn no_more_bytes_are_moved_than_the_limit() {
        let bytes = memory_with(64, &[(32, 8), (40, 8), (48, 8)]);
        let memory: &dyn GuestMemory = &bytes;
        assert_eq!(
            memory.buffers(0, 3, 12).unwrap().as_slice(),
            [32..40, 40..44]
        );
        assert_eq!(memory.buffers(0, 3, 0).unwrap().len(), 0);
    }
}
