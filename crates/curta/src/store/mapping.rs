//! Address space: reserved at once, made usable piece by piece.
//!
//! The only file that talks to the platform. Linear memories grow inside a mapping without
//! moving, and value stacks are mappings whose pages cost nothing until they are touched.
//!
//! Relies on the platform's anonymous private mappings (`rustix`), or, where there are none (no
//! `std`, other systems, Miri, or when the platform refuses), on a zeroed buffer from the global
//! allocator. Guarantees: committed bytes read as zero (those of an [`Image`] that was laid over
//! them, as the image) until they are written, a failed [`Mapping::commit`] changes nothing, and
//! reserved but uncommitted bytes hold no memory.
//!
//! # Invariants
//! - `base` points at `capacity` bytes that this value alone owns, of which the first `committed`
//!   may be read and written by anyone who borrows the value (`&` to read, `&mut` to write). Both
//!   counts are multiples of [`GRANULE`].
//! - `kind` names how the bytes were obtained, hence how they are returned. A buffer of capacity
//!   0 is dangling.
//! - Raw pointers from [`Mapping::base_mut`] are used only while no slice of this mapping is alive
//!   and, for buffers, only until the next `commit`. Through them nothing is written beyond the
//!   length that was asked for.
//! - Bytes from `dirty` on were never written since the mapping was made or [renewed], so whoever
//!   gets one anew finds no byte of whoever had it before; or they were [forgotten], in mappings of
//!   which nobody reads a byte that he has not written.
//! - The bytes of an image never change, and it is mapped nowhere but privately: what a guest writes
//!   is its own copy of a page.
//!
//! [renewed]: Mapping::renew
//! [forgotten]: Mapping::forget_behind
#![allow(
    unsafe_code,
    reason = "mapping address space and handing it out as slices is what this file is for"
)]

use alloc::{
    alloc::{alloc_zeroed, dealloc},
    sync::Arc,
};
use core::{alloc::Layout, ops::Range, ptr::NonNull, slice};

/// Sizes are rounded up to this many bytes: a multiple of every page size in use (4, 16 and 64
/// KiB).
const GRANULE: usize = 64 * 1024;

/// What is given back begins at a multiple of this many bytes: the smallest page in use.
const PAGE: usize = 4096;

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
    /// Bytes from `base` that may have been written: all behind them are as at first.
    dirty: usize,
    /// Bytes from `base` that are as at first by having been overwritten, so that they hold memory.
    resident: usize,
    /// Whether it was renewed before.
    seasoned: bool,
    /// What lies over a part of it instead of zeros.
    image: Option<Arc<Image>>,
    kind: Kind,
}

/// Bytes that any number of mappings begin with, each writing to copies of its own.
pub(crate) struct Image {
    /// Where they go in a mapping, in bytes: whole [`GRANULE`]s.
    range: Range<usize>,
    file: platform::File,
}

impl Image {
    /// An image of `bytes` for the place `at` of mappings. `None` where the platform has none.
    pub(crate) fn new(at: usize, bytes: &[u8]) -> Option<Image> {
        let start = at / GRANULE * GRANULE;
        let end = round_up(at.checked_add(bytes.len())?)?;
        let file = platform::file(end - start, at - start, bytes)?;
        Some(Image {
            range: start..end,
            file,
        })
    }
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
        Mapping::from_platform(bytes, false)
    }

    /// The same, but all of it is usable already where the platform has set it aside.
    pub(crate) fn reserve_usable(bytes: usize) -> Option<Mapping> {
        Mapping::from_platform(bytes, true)
    }

    fn from_platform(bytes: usize, usable: bool) -> Option<Mapping> {
        let reserved = round_up(bytes)?;
        let mut mapping = Mapping::buffer(reserved);
        if let Some(base) = platform::reserve(reserved, usable) {
            mapping.base = base;
            mapping.capacity = reserved;
            mapping.kind = Kind::Reserved;
            mapping.committed = if usable { reserved } else { 0 };
        }
        Some(mapping)
    }

    /// What has no bytes, and never will.
    pub(crate) fn empty() -> Mapping {
        Mapping::buffer(0)
    }

    fn buffer(reserved: usize) -> Mapping {
        Mapping {
            base: NonNull::dangling(),
            capacity: 0,
            committed: 0,
            reserved,
            dirty: 0,
            resident: 0,
            seasoned: false,
            image: None,
            kind: Kind::Buffer,
        }
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
    pub(crate) fn base(&self) -> *const u8 {
        self.base.as_ptr()
    }

    /// The same, for writing the first `len` bytes.
    #[inline]
    pub(crate) fn base_mut(&mut self, len: usize) -> *mut u8 {
        // Nothing new mostly: calls wait for each other's stores.
        if len > self.dirty {
            self.dirty = len;
        }
        self.base.as_ptr()
    }

    /// Whether this is address space for so many bytes at most, and not a buffer.
    pub(crate) fn is_space_for(&self, bytes: usize) -> bool {
        self.kind == Kind::Reserved && round_up(bytes) == Some(self.reserved)
    }

    /// The address space that it takes.
    pub(crate) fn reserved(&self) -> usize {
        self.reserved
    }

    /// How many bytes may have been written since it was made or renewed, counted from the start.
    pub(crate) fn dirty(&self) -> usize {
        self.dirty
    }

    /// Bytes of memory that it may hold: what was written, or kept when it was renewed.
    pub(crate) fn holds(&self) -> usize {
        self.resident.max(self.dirty)
    }

    /// Whether it was renewed before, so that it is likely to be used over and over.
    pub(crate) fn is_seasoned(&self) -> bool {
        self.seasoned
    }

    /// The image that was laid over it.
    pub(crate) fn image(&self) -> Option<&Arc<Image>> {
        self.image.as_ref()
    }

    /// Makes all bytes what they were at first: zero, and those under an image the image's. What
    /// was written in the first `kept` bytes is overwritten, which is fast, but the memory stays in
    /// use; all other memory goes back to the platform.
    ///
    /// `false` when it cannot be done: then the mapping is of no further use.
    pub(crate) fn renew(&mut self, kept: usize) -> bool {
        if self.kind == Kind::Buffer {
            return false;
        }
        let kept = if self.image.is_some() { 0 } else { kept };
        let used = self.holds();
        let head = kept.min(self.dirty);
        if used <= kept {
            self.bytes_mut(head).fill(0);
        } else {
            let Some(to) = round_up(used).filter(|to| *to <= self.committed) else {
                return false;
            };
            // Where pages are larger than what is kept, that is refused: then nothing is.
            let from = kept.next_multiple_of(PAGE).min(to);
            self.bytes_mut(from.min(used)).fill(0);
            if !platform::discard(self.base, from, to) && !platform::discard(self.base, 0, to) {
                return false;
            }
        }
        self.resident = self.resident.max(head).min(kept);
        self.dirty = 0;
        self.seasoned = true;
        true
    }

    /// Takes what was written behind the first `kept` bytes for what was never written, so that it is
    /// not made zero: of a stack, of which nothing is read that was not written before.
    pub(crate) fn forget_behind(&mut self, kept: usize) {
        self.dirty = self.dirty.min(kept);
    }

    /// Whether a range of the bytes, as [`Mapping::words`] has it, is usable and all zero.
    pub(crate) fn is_zero(&self, range: Range<usize>) -> bool {
        range.end <= self.committed && self.words(range).all(|word| word == 0)
    }

    /// Lays an image over bytes that are committed and were not written yet: they are the image's
    /// from now on. `false`, with nothing changed, where the platform cannot.
    pub(crate) fn lay(&mut self, image: &Arc<Image>) -> bool {
        if self.has_image(image) {
            return true;
        }
        let free = self.kind == Kind::Reserved && self.dirty == 0 && self.image.is_none();
        if !free || image.range.end > self.committed {
            return false;
        }
        let laid = platform::lay(self.base, image.range.clone(), &image.file);
        if laid {
            self.image = Some(Arc::clone(image));
        }
        laid
    }

    /// Takes the image away again from a mapping that was not written: all bytes are zero.
    pub(crate) fn bare(&mut self) -> bool {
        let Some(image) = &self.image else {
            return true;
        };
        let bared = self.dirty == 0 && platform::bare(self.base, image.range.clone());
        if bared {
            self.image = None;
        }
        bared
    }

    /// Whether this very image was laid over it.
    pub(crate) fn has_image(&self, image: &Arc<Image>) -> bool {
        self.image
            .as_ref()
            .is_some_and(|own| Arc::ptr_eq(own, image))
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
        self.dirty = self.dirty.max(len);
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
    use core::{ops::Range, ptr::NonNull};
    use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) use super::without_images::{File, bare, file, lay};
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) use images::{File, bare, discard, file, lay};

    #[cfg(any(target_os = "linux", target_os = "android"))]
    const FLAGS: MapFlags = MapFlags::PRIVATE.union(MapFlags::NORESERVE);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const FLAGS: MapFlags = MapFlags::PRIVATE;

    /// On 32-bit machines address space itself is scarce: larger ranges are not set aside ahead
    /// of need.
    const SCARCE: usize = 16 * 1024 * 1024;

    const USABLE: ProtFlags = ProtFlags::READ.union(ProtFlags::WRITE);

    pub(super) fn reserve(bytes: usize, usable: bool) -> Option<NonNull<u8>> {
        if bytes == 0 || (usize::BITS < 64 && bytes > SCARCE) {
            return None;
        }
        let protection = if usable { USABLE } else { ProtFlags::empty() };
        // SAFETY: a fresh mapping at an address of the platform's choice touches nothing that
        // exists.
        let base = unsafe { mmap_anonymous(core::ptr::null_mut(), bytes, protection, FLAGS) };
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

    /// Puts zeros that hold no memory in the place of `range`, readable and writable, whatever was
    /// there.
    fn zeros(base: NonNull<u8>, range: Range<usize>) -> bool {
        // SAFETY: the range is of this mapping, whole pages, and its owner is borrowed exclusively:
        // no slice of it is alive.
        unsafe {
            mmap_anonymous(
                base.as_ptr().add(range.start).cast(),
                range.len(),
                USABLE,
                FLAGS | MapFlags::FIXED,
            )
        }
        .is_ok()
    }

    /// Elsewhere advice does not promise zeros, so a new mapping takes the place of the old one.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn discard(base: NonNull<u8>, from: usize, to: usize) -> bool {
        zeros(base, from..to)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    mod images {
        //! Images are files in memory that have no name.
        use super::{FLAGS, USABLE, zeros};
        use core::{ops::Range, ptr::NonNull};
        use rustix::{
            fd::OwnedFd,
            fs::{MemfdFlags, ftruncate, memfd_create},
            io::pwrite,
            mm::{Advice, MapFlags, madvise, mmap},
        };

        pub(in super::super) type File = OwnedFd;

        /// Makes `base + from .. base + to` what it was at first.
        pub(in super::super) fn discard(base: NonNull<u8>, from: usize, to: usize) -> bool {
            // SAFETY: whole pages of this mapping, whose owner is borrowed exclusively. On Linux
            // this advice is an order: the next access finds zeros, or the file.
            unsafe {
                madvise(
                    base.as_ptr().add(from).cast(),
                    to - from,
                    Advice::LinuxDontNeed,
                )
            }
            .is_ok()
        }

        /// A file of `len` bytes, all zero but for `bytes` from `at` on.
        pub(in super::super) fn file(len: usize, at: usize, bytes: &[u8]) -> Option<File> {
            let file = memfd_create(c"curta", MemfdFlags::CLOEXEC).ok()?;
            ftruncate(&file, len as u64).ok()?;
            let mut written = 0;
            while written < bytes.len() {
                match pwrite(&file, &bytes[written..], (at + written) as u64).ok()? {
                    0 => return None,
                    more => written += more,
                }
            }
            Some(file)
        }

        pub(in super::super) fn lay(base: NonNull<u8>, range: Range<usize>, file: &File) -> bool {
            // SAFETY: as in `zeros`; the file is as long as the range, nobody writes to it or
            // shortens it, and what is written here goes to private copies.
            unsafe {
                mmap(
                    base.as_ptr().add(range.start).cast(),
                    range.len(),
                    USABLE,
                    FLAGS | MapFlags::FIXED,
                    file,
                    0,
                )
            }
            .is_ok()
        }

        pub(in super::super) fn bare(base: NonNull<u8>, range: Range<usize>) -> bool {
            zeros(base, range)
        }
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

    pub(super) use super::without_images::{File, bare, file, lay};

    pub(super) fn discard(_base: NonNull<u8>, _from: usize, _to: usize) -> bool {
        false
    }

    pub(super) fn reserve(_bytes: usize, _usable: bool) -> Option<NonNull<u8>> {
        None
    }

    pub(super) fn commit(_base: NonNull<u8>, _from: usize, _to: usize) -> bool {
        false
    }

    pub(super) fn release(_base: NonNull<u8>, _bytes: usize) {}
}

#[cfg(not(all(
    feature = "std",
    not(miri),
    any(target_os = "linux", target_os = "android")
)))]
mod without_images {
    //! No image is ever made.
    use core::{convert::Infallible, ops::Range, ptr::NonNull};

    pub(super) type File = Infallible;

    pub(super) fn file(_len: usize, _at: usize, _bytes: &[u8]) -> Option<File> {
        None
    }

    pub(super) fn lay(_base: NonNull<u8>, _range: Range<usize>, file: &File) -> bool {
        match *file {}
    }

    pub(super) fn bare(_base: NonNull<u8>, _range: Range<usize>) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::{GRANULE, Image, Kind, Mapping};
    use alloc::{sync::Arc, vec};

    fn both(bytes: usize) -> [Mapping; 2] {
        [
            Mapping::reserve(bytes).expect("small enough"),
            Mapping::buffer(bytes),
        ]
    }

    fn is_zero(mapping: &Mapping) -> bool {
        let bytes = mapping.bytes(mapping.committed());
        bytes.iter().all(|byte| *byte == 0)
    }

    #[test]
    fn a_renewed_mapping_is_zero_whatever_of_it_is_kept() {
        for kept in [0, 1, 4096, GRANULE, GRANULE + 5, 8 * GRANULE] {
            for written in [0, 1, 4097, GRANULE, 3 * GRANULE + 1, 4 * GRANULE] {
                let mut mapping = Mapping::reserve(8 * GRANULE).expect("small enough");
                if mapping.kind == Kind::Buffer {
                    assert!(!mapping.renew(kept));
                    continue;
                }
                assert!(mapping.commit(4 * GRANULE));
                for _ in 0..3 {
                    mapping.bytes_mut(written).fill(7);
                    assert!(mapping.renew(kept));
                    assert!(is_zero(&mapping), "{kept} kept of {written}");
                    assert!(mapping.holds() <= kept.min(written));
                    assert_eq!((mapping.dirty(), mapping.is_seasoned()), (0, true));
                }
                // What was kept is given back when less is kept the next time.
                assert!(mapping.renew(0));
                assert_eq!((mapping.holds(), is_zero(&mapping)), (0, true));
            }
        }
    }

    #[test]
    fn an_image_comes_back_when_a_mapping_is_renewed_and_goes_when_it_is_bared() {
        let bytes = vec![9; GRANULE];
        let Some(image) = Image::new(GRANULE + 10, &bytes).map(Arc::new) else {
            return; // The platform has none.
        };
        let mut mapping = Mapping::reserve(8 * GRANULE).expect("small enough");
        assert!(mapping.commit(2 * GRANULE) && !mapping.lay(&image));
        assert!(mapping.commit(4 * GRANULE) && mapping.lay(&image));
        let as_image = |mapping: &Mapping| {
            let is = |(at, byte): (usize, &u8)| {
                *byte == 9 * u8::from((GRANULE + 10..2 * GRANULE + 10).contains(&at))
            };
            mapping.bytes(4 * GRANULE).iter().enumerate().all(is)
        };
        assert!(as_image(&mapping));
        for _ in 0..2 {
            mapping.bytes_mut(4 * GRANULE).fill(1);
            assert!(mapping.renew(GRANULE) && as_image(&mapping));
        }
        // Others with the same image have seen none of this.
        let mut other = Mapping::reserve(8 * GRANULE).expect("small enough");
        assert!(other.commit(3 * GRANULE) && other.lay(&image));
        assert_eq!(other.bytes(2 * GRANULE)[2 * GRANULE - 1], 9);
        assert!(mapping.bare() && is_zero(&mapping) && mapping.image().is_none());
        mapping.bytes_mut(1)[0] = 1;
        assert!(!mapping.lay(&image), "only over what was not written");
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
    fn what_is_reserved_to_be_usable_is_so_at_once() {
        let mut mapping = Mapping::reserve_usable(3 * GRANULE).expect("small enough");
        assert!(mapping.kind == Kind::Buffer || mapping.committed() == 3 * GRANULE);
        assert!(mapping.commit(3 * GRANULE) && is_zero(&mapping));
        mapping.bytes_mut(3 * GRANULE).fill(1);
        assert!(mapping.kind == Kind::Buffer || mapping.renew(GRANULE) && is_zero(&mapping));
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
