//! Guest memory, checked.
//!
//! Every address and length that a guest passes goes through here, and only here. An
//! address is 32 bits wide; its end is computed in `usize` with a check, so nothing
//! wraps. A range outside the memory is [`Errno::Fault`] and nothing has been touched.
//!
//! What a guest can ask for in one call is bounded: a call looks at no more than
//! [`MAX_BUFFERS`] buffers of an array and moves no more bytes than its memory holds, so
//! that overlapping buffers cannot turn a small memory into long work. What is left over
//! is a short read or a short write, which every caller must expect anyway.

use core::ops::Range;

use smallvec::SmallVec;

use crate::abi::Errno;

/// How many buffers of an array one call looks at, as POSIX systems do (`IOV_MAX`).
pub(crate) const MAX_BUFFERS: usize = 1024;

/// The memory of the instance that called.
#[derive(Debug)]
pub(crate) struct GuestMemory<'a> {
    bytes: &'a mut [u8],
}

/// Ranges of guest memory that a call reads from or writes to, in order.
pub(crate) type Buffers = SmallVec<[Range<usize>; 8]>;

impl<'a> GuestMemory<'a> {
    /// Wraps the bytes of a memory.
    pub(crate) fn new(bytes: &'a mut [u8]) -> Self {
        GuestMemory { bytes }
    }

    /// Makes sure that `len` bytes at `address` exist, so that a result can be stored
    /// there after an effect that cannot be taken back.
    pub(crate) fn check(&self, address: u32, len: usize) -> Result<Range<usize>, Errno> {
        let start = usize::try_from(address).map_err(|_| Errno::Fault)?;
        let end = start.checked_add(len).ok_or(Errno::Fault)?;
        if end > self.bytes.len() {
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
        let range = self.range(address, len)?;
        Ok(&self.bytes[range])
    }

    /// `len` bytes at `address`, to write.
    pub(crate) fn slice_mut(&mut self, address: u32, len: u32) -> Result<&mut [u8], Errno> {
        let range = self.range(address, len)?;
        Ok(&mut self.bytes[range])
    }

    /// A range that [`GuestMemory::buffers`] has returned, to read.
    pub(crate) fn buffer(&self, range: &Range<usize>) -> &[u8] {
        &self.bytes[range.clone()]
    }

    /// A range that [`GuestMemory::buffers`] has returned, to write.
    pub(crate) fn buffer_mut(&mut self, range: &Range<usize>) -> &mut [u8] {
        &mut self.bytes[range.clone()]
    }

    /// Stores bytes.
    pub(crate) fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), Errno> {
        let range = self.check(address, bytes.len())?;
        self.bytes[range].copy_from_slice(bytes);
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
        Ok(self.bytes[range].as_chunks().0)
    }

    /// The buffers of an `iovec` or `ciovec` array. All of the array must lie in memory,
    /// and so must every buffer that is looked at. Empty ones are left out; the last
    /// range is cut where the total would exceed the size of the memory.
    ///
    /// The result is independent of the array: data that a read puts over the array
    /// changes nothing any more.
    ///
    /// # Errors
    /// [`Errno::Fault`] for a range outside the memory, [`Errno::Inval`] where the
    /// lengths add up to more than 32 bits can say.
    pub(crate) fn buffers(&self, address: u32, count: u32) -> Result<Buffers, Errno> {
        let mut buffers = Buffers::new();
        let mut claimed: u32 = 0;
        let mut room = self.bytes.len();
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
        let mut bytes = [0; 16];
        let memory = GuestMemory::new(&mut bytes);
        assert_eq!(memory.slice(12, 4).unwrap().len(), 4);
        assert_eq!(memory.slice(16, 0).unwrap().len(), 0);
        assert_eq!(memory.slice(13, 4), Err(Errno::Fault));
        assert_eq!(memory.slice(17, 0), Err(Errno::Fault));
    }

    #[test]
    fn address_plus_length_does_not_wrap() {
        let mut bytes = [0; 16];
        let memory = GuestMemory::new(&mut bytes);
        assert_eq!(memory.slice(u32::MAX, 1), Err(Errno::Fault));
        assert_eq!(memory.slice(8, u32::MAX), Err(Errno::Fault));
        assert_eq!(memory.slice(u32::MAX, u32::MAX), Err(Errno::Fault));
    }

    #[test]
    fn a_store_out_of_bounds_changes_nothing() {
        let mut bytes = [7; 6];
        let mut memory = GuestMemory::new(&mut bytes);
        assert_eq!(memory.write_u32(4, 0), Err(Errno::Fault));
        assert_eq!(bytes, [7; 6]);
    }

    #[test]
    fn an_array_longer_than_memory_is_a_fault_whatever_its_count() {
        let mut bytes = [0; 64];
        let memory = GuestMemory::new(&mut bytes);
        for count in [9, 1 << 29, u32::MAX] {
            assert_eq!(memory.buffers(0, count), Err(Errno::Fault), "{count}");
        }
        assert_eq!(memory.buffers(60, 0).unwrap().len(), 0);
    }

    #[test]
    fn a_buffer_that_wraps_is_a_fault() {
        let mut bytes = memory_with(64, &[(32, 8), (u32::MAX - 3, 8)]);
        let memory = GuestMemory::new(&mut bytes);
        assert_eq!(memory.buffers(0, 2), Err(Errno::Fault));
    }

    #[test]
    fn overlapping_buffers_move_no_more_than_the_memory_holds() {
        let mut bytes = memory_with(64, &[(0, 64), (0, 40), (0, 40)]);
        let memory = GuestMemory::new(&mut bytes);
        let buffers = memory.buffers(0, 3).unwrap();
        assert_eq!(buffers.as_slice(), core::slice::from_ref(&(0..64)));

        let mut bytes = memory_with(64, &[(24, 40), (24, 40), (24, 40)]);
        let memory = GuestMemory::new(&mut bytes);
        let buffers = memory.buffers(0, 3).unwrap();
        assert_eq!(buffers.as_slice(), [24..64, 24..48]);
    }

    #[test]
    fn empty_buffers_are_left_out_but_must_lie_in_memory() {
        let mut bytes = memory_with(64, &[(64, 0), (32, 4)]);
        let memory = GuestMemory::new(&mut bytes);
        let buffers = memory.buffers(0, 2).unwrap();
        assert_eq!(buffers.as_slice(), core::slice::from_ref(&(32..36)));

        let mut bytes = memory_with(64, &[(65, 0)]);
        let memory = GuestMemory::new(&mut bytes);
        assert_eq!(memory.buffers(0, 1), Err(Errno::Fault));
    }

    #[test]
    fn no_more_buffers_are_looked_at_than_the_limit() {
        let count = MAX_BUFFERS + 8;
        let mut pairs = vec![(0, 1); count];
        pairs[MAX_BUFFERS] = (u32::MAX, 1);
        let mut bytes = memory_with(count * 8, &pairs);
        let memory = GuestMemory::new(&mut bytes);
        let count = u32::try_from(count).unwrap();
        assert_eq!(memory.buffers(0, count).unwrap().len(), MAX_BUFFERS);
    }
}
