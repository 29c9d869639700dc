//! Address space: reserved at once, made usable piece by piece.
//!
//! The only file that talks to the platform. Linear memories grow inside a mapping without
//! moving, and value stacks are mappings whose pages cost nothing until they are touched.
//!
//! Relies on the platform's anonymous private mappings (`rustix`), or, where there are none (no
//! `std`, other systems, Miri, or when the platform refuses), on a zeroed buffer from the global
//! allocator. Guarantees: committed bytes read as zero until they are written, a failed
//! [`Mapping::commit`] changes nothing, and reserved but uncommitted bytes hold no memory.
//!
//! # Invariants
//! - `base` points at `capacity` bytes that this value alone owns, of which the first `committed`
//!   may be read and written by anyone who borrows the value (`&` to read, `&mut` to write). Both
//!   counts are multiples of [`GRANULE`].
//! - `kind` names how the bytes were obtained, hence how they are returned. A buffer of capacity
//!   0 is dangling.
//! - Raw pointers from [`Mapping::base`] are used only while no slice of this mapping is alive
//!   and, for buffers, only until the next `commit`.
#![allow(
    unsafe_code,
    reason = "mapping address space and handing it out as slices is what this file is for"
)]

use alloc::alloc::{alloc_zeroed, dealloc};
use core::{alloc::Layout, ops::Range, ptr::NonNull, slice};

/// Sizes are rounded up to this many bytes: a multiple of every page size in use (4, 16 and 64
/// KiB).
const GRANULE: usize = 64 * 1024;

/// A range of address space of a fixed maximal size, usable from its start up to what was
/// committed.
pub(crate) struct Mapping {
    base: NonNull<u8>,
    /// Bytes behind `base`: all of the reservation, or the buffer's size.
    capacity: usize,
    /// Bytes from `base` that may be used.
    committed: usize,
    /// The most that may ever be committed.
    reserved: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Address space from the platform: never moves.
    Reserved,
    /// A block of the global allocator: moves when it grows.
    Buffer,
}

// SAFETY: a mapping owns its bytes, and they are bound to no thread.
unsafe impl Send for Mapping {}
// SAFETY: through `&Mapping` bytes can only be read.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Sets `bytes` of address space aside, none of it usable yet.
    ///
    /// Falls back to a buffer that is allocated by `commit` (and may move then) where the
    /// platform cannot reserve. `None` when no object can be that large on this machine.
    pub(crate) fn reserve(bytes: usize) -> Option<Mapping> {
        let reserved = round_up(bytes)?;
        if let Some(base) = platform::reserve(reserved) {
            return Some(Mapping {
                base,
                capacity: reserved,
                committed: 0,
                reserved,
                kind: Kind::Reserved,
            });
        }
        Some(Mapping {
            base: NonNull::dangling(),
            capacity: 0,
            committed: 0,
            reserved,
            kind: Kind::Buffer,
        })
    }

    /// Makes the first `bytes` usable; bytes that were not usable before are zero. Never shrinks.
    ///
    /// `false`, with nothing changed, when `bytes` exceeds the reservation or the machine has no
    /// memory left.
    pub(crate) fn commit(&mut self, bytes: usize) -> bool {
        let Some(wanted) = round_up(bytes).filter(|wanted| *wanted <= self.reserved) else {
            return false;
        };
        if wanted <= self.committed {
            return true;
        }
        let done = match self.kind {
            Kind::Reserved => platform::commit(self.base, self.committed, wanted),
            Kind::Buffer => wanted <= self.capacity || self.enlarge(wanted),
        };
        if done {
            self.committed = wanted;
        }
        done
    }

    /// Where the bytes are. Moves on `commit` only when [`Mapping::is_fixed`] is false.
    pub(crate) fn base(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    /// Whether the base stays the same for the mapping's whole life.
    #[cfg(test)]
    pub(crate) fn is_fixed(&self) -> bool {
        self.kind != Kind::Buffer
    }

    /// How many bytes are usable: what was committed, rounded up.
    #[cfg(test)]
    pub(crate) fn committed(&self) -> usize {
        self.committed
    }

    /// The first `len` bytes.
    ///
    /// # Panics
    /// When fewer are committed, which would be a bug of the caller.
    pub(crate) fn bytes(&self, len: usize) -> &[u8] {
        assert!(len <= self.committed, "only committed bytes are read");
        // SAFETY: the bytes are committed, hence readable and initialised (zeroed at first);
        // `&self` keeps writers out.
        unsafe { slice::from_raw_parts(self.base.as_ptr(), len) }
    }

    /// The first `len` bytes, to be written.
    ///
    /// # Panics
    /// When fewer are committed, which would be a bug of the caller.
    pub(crate) fn bytes_mut(&mut self, len: usize) -> &mut [u8] {
        assert!(len <= self.committed, "only committed bytes are written");
        // SAFETY: as for `bytes`; `&mut self` makes the access exclusive.
        unsafe { slice::from_raw_parts_mut(self.base.as_ptr(), len) }
    }

    /// The words that a range of the bytes is, each 8 bytes; it begins and ends with a whole one.
    ///
    /// # Panics
    /// When more than what is committed is asked for, which would be a bug of the caller.
    pub(crate) fn words(&self, range: Range<usize>) -> impl Iterator<Item = u64> {
        assert!(
            range.start <= range.end && range.end <= self.committed,
            "only committed bytes are read"
        );
        // SAFETY: as for `bytes`; nothing outside of the range is borrowed.
        let bytes =
            unsafe { slice::from_raw_parts(self.base.as_ptr().add(range.start), range.len()) };
        let (words, _) = bytes.as_chunks();
        words.iter().map(|word| u64::from_ne_bytes(*word))
    }

    /// Moves the bytes to a larger buffer. Doubles where it can, so that growing page by page
    /// stays linear.
    fn enlarge(&mut self, wanted: usize) -> bool {
        let roomy = self
            .capacity
            .saturating_mul(2)
            .min(self.reserved)
            .max(wanted);
        let Some((base, capacity)) = zeroed(roomy).or_else(|| zeroed(wanted)) else {
            return false;
        };
        // SAFETY: both blocks hold at least `committed` bytes and are distinct allocations.
        unsafe {
            core::ptr::copy_nonoverlapping(self.base.as_ptr(), base.as_ptr(), self.committed)
        };
        self.free_buffer();
        self.base = base;
        self.capacity = capacity;
        true
    }

    fn free_buffer(&mut self) {
        if let Some(layout) = layout(self.capacity) {
            // SAFETY: a buffer of a non-zero capacity came from `zeroed` with this very layout.
            unsafe { dealloc(self.base.as_ptr(), layout) };
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        match self.kind {
            Kind::Reserved => platform::release(self.base, self.capacity),
            Kind::Buffer => self.free_buffer(),
        }
    }
}

/// The next multiple of [`GRANULE`], unless no object can be that large.
fn round_up(bytes: usize) -> Option<usize> {
    bytes
        .checked_next_multiple_of(GRANULE)
        .filter(|bytes| *bytes <= isize::MAX as usize)
}

/// A zeroed block of exactly `capacity` bytes, or `None` when the allocator has none.
fn zeroed(capacity: usize) -> Option<(NonNull<u8>, usize)> {
    let layout = layout(capacity)?;
    // SAFETY: the layout's size is not zero.
    let base = NonNull::new(unsafe { alloc_zeroed(layout) })?;
    Some((base, capacity))
}

/// The layout of a buffer; `None` for the empty one, which is never allocated.
fn layout(capacity: usize) -> Option<Layout> {
    // Value stacks hold 8-byte slots (16 for vectors).
    Layout::from_size_align(capacity, 16)
        .ok()
        .filter(|layout| layout.size() != 0)
}

#[cfg(all(
    feature = "std",
    not(miri),
    any(
        target_os = "linux",
        target_os = "android",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd"
    )
))]
mod platform {
    //! Anonymous private mappings.
    use core::ptr::NonNull;
    use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

    /// On 32-bit machines address space itself is scarce: larger ranges are not set aside ahead
    /// of need.
    const SCARCE: usize = 16 * 1024 * 1024;

    pub(super) fn reserve(bytes: usize) -> Option<NonNull<u8>> {
        if bytes == 0 || (usize::BITS < 64 && bytes > SCARCE) {
            return None;
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let flags = MapFlags::PRIVATE;
        // SAFETY: a fresh mapping at an address of the platform's choice touches nothing that
        // exists.
        let base =
            unsafe { mmap_anonymous(core::ptr::null_mut(), bytes, ProtFlags::empty(), flags) };
        NonNull::new(base.ok()?.cast())
    }

    /// Makes `base + from .. base + to` readable and writable.
    pub(super) fn commit(base: NonNull<u8>, from: usize, to: usize) -> bool {
        // SAFETY: `from <= to <= reserved`, both multiples of the page size: only pages of this
        // mapping are touched.
        unsafe {
            mprotect(
                base.as_ptr().add(from).cast(),
                to - from,
                MprotectFlags::READ | MprotectFlags::WRITE,
            )
        }
        .is_ok()
    }

    pub(super) fn release(base: NonNull<u8>, bytes: usize) {
        // SAFETY: the mapping's owner is being dropped; nobody uses its bytes any more.
        // Unmapping a whole mapping of ours cannot fail, and there would be nobody to tell.
        let _ = unsafe { munmap(base.as_ptr().cast(), bytes) };
    }
}

#[cfg(not(all(
    feature = "std",
    not(miri),
    any(
        target_os = "linux",
        target_os = "android",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd"
    )
)))]
mod platform {
    //! Nothing to reserve with: every mapping is a buffer.
    use core::ptr::NonNull;

    pub(super) fn reserve(_bytes: usize) -> Option<NonNull<u8>> {
        None
    }

    pub(super) fn commit(_base: NonNull<u8>, _from: usize, _to: usize) -> bool {
        false
    }

    pub(super) fn release(_base: NonNull<u8>, _bytes: usize) {}
}

#[cfg(test)]
mod tests {
    use super::{GRANULE, Kind, Mapping};
    use core::ptr::NonNull;

    fn buffer(reserved: usize) -> Mapping {
        Mapping {
            base: NonNull::dangling(),
            capacity: 0,
            committed: 0,
            reserved,
            kind: Kind::Buffer,
        }
    }

    fn both(bytes: usize) -> [Mapping; 2] {
        [
            Mapping::reserve(bytes).expect("small enough"),
            buffer(bytes),
        ]
    }

    #[test]
    fn committed_bytes_are_zero_and_keep_what_is_written() {
        for mut mapping in both(8 * GRANULE) {
            assert!(mapping.commit(GRANULE));
            assert!(mapping.bytes(GRANULE).iter().all(|byte| *byte == 0));
            mapping.bytes_mut(GRANULE).fill(7);
            for granules in 2..=8 {
                assert!(mapping.commit(granules * GRANULE));
                assert!(mapping.bytes(GRANULE).iter().all(|byte| *byte == 7));
                assert!(
                    mapping.bytes(granules * GRANULE)[GRANULE..]
                        .iter()
                        .all(|byte| *byte == 0)
                );
            }
        }
    }

    #[test]
    fn more_than_was_reserved_is_refused_and_changes_nothing() {
        for mut mapping in both(2 * GRANULE) {
            assert!(mapping.commit(GRANULE));
            mapping.bytes_mut(1)[0] = 1;
            assert!(!mapping.commit(2 * GRANULE + 1));
            assert!(!mapping.commit(usize::MAX));
            assert_eq!((mapping.committed(), mapping.bytes(1)[0]), (GRANULE, 1));
        }
    }

    #[test]
    fn reserved_space_does_not_move() {
        let mut mapping = Mapping::reserve(64 * GRANULE).expect("small enough");
        assert!(mapping.commit(1));
        let base = mapping.base();
        assert!(mapping.commit(64 * GRANULE));
        assert!(!mapping.is_fixed() || mapping.base() == base);
    }

    #[test]
    fn a_stack_committed_at_once_is_usable_everywhere() {
        for mut mapping in both(3 * GRANULE) {
            assert!(mapping.commit(3 * GRANULE));
            mapping.bytes_mut(3 * GRANULE)[3 * GRANULE - 1] = 1;
            assert_eq!(mapping.base() as usize % 16, 0);
        }
    }

    #[test]
    fn a_range_of_bytes_is_words() {
        for mut mapping in both(GRANULE) {
            assert!(mapping.commit(GRANULE));
            mapping.bytes_mut(16)[8..].copy_from_slice(&7u64.to_ne_bytes());
            assert!(mapping.words(0..24).eq([0, 7, 0]));
            assert!(mapping.words(8..16).eq([7]));
            assert_eq!(mapping.words(GRANULE..GRANULE).count(), 0);
        }
    }

    #[test]
    fn commit_never_shrinks() {
        for mut mapping in both(2 * GRANULE) {
            assert!(mapping.commit(2 * GRANULE) && mapping.commit(0));
            assert_eq!(mapping.committed(), 2 * GRANULE);
        }
    }

    #[test]
    fn what_no_machine_has_is_refused_at_once() {
        assert!(Mapping::reserve(usize::MAX).is_none());
        assert!(Mapping::reserve(isize::MAX as usize + 1).is_none());
    }

    #[test]
    fn huge_reservations_cost_nothing() {
        let many = (0..100).filter_map(|_| Mapping::reserve(1 << 30)).count();
        assert_eq!(many, 100);
    }
}
