//! Mappings of stores that are gone, for stores to come: what an engine keeps of them.
//!
//! Asking a platform for address space, for the right to use it and for the first pages of it takes many times as long as
//! the rest of an instance. So a mapping that is dropped is [renewed](Mapping::renew) and kept, usable as far as it was.
//!
//! Guarantees: a memory's mapping is as a fresh one, in every byte (under an image, the image's). A stack's may hold what
//! another store left, as it may hold what another instance of the same store left: of a stack nothing is read that was not
//! written before. A pool keeps no more mappings, bytes of memory and address space than it was told; those that wait
//! longest go first.
//!
//! When an engine goes, so do its mappings, but for one memory, all zero, and one stack, of which little was touched, as far
//! as a look tells. The next engine of the process takes them over: a program that makes an engine for each module pays for
//! them once.

use super::mapping::{Image, Mapping};
use crate::code::once::Lock;
use alloc::{sync::Arc, vec::Vec};
use core::{
    mem,
    ops::{Deref, DerefMut},
};

/// A memory of which no more was written is overwritten with zeros; of a larger one the pages go back to the platform.
/// 128 KiB are overwritten in 1.1 µs on the machine of docs/performance.md, where giving back takes 0.6 µs and 2 µs for
/// each page that is touched again.
pub(super) const KEPT_OF_MEMORY: usize = 128 * 1024;

/// The same the first time: whether the mapping will be used again is not known yet, and pages that were never touched cost
/// more to overwrite than to give back.
const KEPT_AT_FIRST: usize = 8 * 1024;

/// Of a stack that is not kept as it is; calls seldom go deeper.
const KEPT_OF_STACK: usize = 16 * 1024;

/// Of a stack that is left to another engine. What lies deeper was hardly ever touched, and would be by overwriting. Frames
/// lie one behind the other, so if the page behind was not touched, nothing was but by frames as large as that, and the
/// platform need not be told to take it back.
const LEFT_OF_STACK: usize = 4096;

/// Address space that waits in one pool at most: 256 memories of 4 GiB, or what a small machine can spare.
const MOST_RESERVED: usize = if usize::BITS < 64 {
    32 * 1024 * 1024
} else {
    1 << 40
};

/// Mappings of one use that wait for the next one.
pub(crate) struct MappingPool {
    contents: Contents,
    most: usize,
    most_bytes: usize,
    waiting: Lock<Waiting>,
    left: &'static Left,
}

enum Contents {
    Memories,
    Stacks,
}

/// What an engine that is gone has left to the next one of the process.
type Left = Lock<Option<Mapping>>;

/// Those that wait, the last to come last.
#[derive(Default)]
struct Waiting {
    mappings: Vec<Mapping>,
    /// How much memory they hold at most.
    bytes: usize,
    reserved: usize,
}

impl MappingPool {
    /// For memories: so many at most, which hold so many bytes at most together.
    pub(crate) fn of_memories(most: usize, most_bytes: usize) -> MappingPool {
        static LEFT: Left = Lock::new(None);
        MappingPool::of(Contents::Memories, most, most_bytes, &LEFT)
    }

    /// The same for value stacks.
    pub(crate) fn of_stacks(most: usize, most_bytes: usize) -> MappingPool {
        static LEFT: Left = Lock::new(None);
        MappingPool::of(Contents::Stacks, most, most_bytes, &LEFT)
    }

    fn of(contents: Contents, most: usize, most_bytes: usize, left: &'static Left) -> MappingPool {
        MappingPool {
            contents,
            most,
            most_bytes,
            waiting: Lock::default(),
            left,
        }
    }

    /// A mapping of `bytes` of address space, of which some may be usable already: the one that came last with the image
    /// over it, or one without any image. `None` as for [`Mapping::reserve`].
    pub(crate) fn take(
        self: &Arc<Self>,
        bytes: usize,
        image: Option<&Arc<Image>>,
    ) -> Option<Pooled> {
        let found = self.find(bytes, image);
        let mapping = match (found, &self.contents) {
            (Some(mapping), _) => mapping,
            (None, Contents::Memories) => Mapping::reserve(bytes)?,
            (None, Contents::Stacks) => Mapping::reserve_usable(bytes)?,
        };
        Some(Pooled {
            mapping,
            pool: Arc::clone(self),
        })
    }

    fn find(&self, bytes: usize, image: Option<&Arc<Image>>) -> Option<Mapping> {
        if self.most == 0 {
            return None;
        }
        let mut waiting = self.waiting.write();
        let last = |fits: &dyn Fn(&Mapping) -> bool| {
            let mut mappings = waiting.mappings.iter();
            mappings.rposition(|mapping| mapping.is_space_for(bytes) && fits(mapping))
        };
        let with_image =
            image.and_then(|image| last(&|mapping: &Mapping| mapping.has_image(image)));
        match with_image.or_else(|| last(&|mapping: &Mapping| mapping.image().is_none())) {
            Some(at) => Some(waiting.remove(at)),
            None => self.left.write().take_if(|left| left.is_space_for(bytes)),
        }
    }

    /// Keeps a mapping, if it can be made as new and there is room.
    fn keep(&self, mut mapping: Mapping) {
        if self.most == 0 || mapping.reserved() > MOST_RESERVED {
            return;
        }
        let kept = match (&self.contents, mapping.is_seasoned()) {
            (Contents::Stacks, seasoned) => {
                // What a store has just left is the next one's without further ado.
                if self.waiting.read().bytes.saturating_add(mapping.holds()) <= self.most_bytes {
                    self.put(mapping);
                    return;
                }
                if seasoned { KEPT_OF_STACK } else { 0 }
            }
            (Contents::Memories, true) if mapping.dirty() <= KEPT_OF_MEMORY => KEPT_OF_MEMORY,
            (Contents::Memories, false) if mapping.dirty() <= KEPT_AT_FIRST => KEPT_AT_FIRST,
            (Contents::Memories, _) => 0,
        };
        if mapping.renew(kept) && (mapping.holds() <= self.most_bytes || mapping.renew(0)) {
            self.put(mapping);
        }
    }

    fn put(&self, mapping: Mapping) {
        // Whoever has to leave does so when the lock is free again.
        let mut leaving = Vec::new();
        let mut waiting = self.waiting.write();
        while !waiting.mappings.is_empty() && !self.has_room(&waiting, &mapping) {
            leaving.push(waiting.remove(0));
        }
        waiting.push(mapping);
        drop(waiting);
    }

    /// Leaves the mapping that came last to the next pool.
    fn leave(&self) {
        let mut waiting = self.waiting.write();
        let bare = |mapping: &Mapping| mapping.image().is_none();
        let Some(at) = waiting.mappings.iter().rposition(bare) else {
            return;
        };
        let mut mapping = waiting.remove(at);
        let is_new = match self.contents {
            Contents::Memories => true,
            Contents::Stacks => {
                if mapping.is_zero(LEFT_OF_STACK..2 * LEFT_OF_STACK) {
                    mapping.forget_behind(LEFT_OF_STACK);
                }
                mapping.renew(LEFT_OF_STACK)
            }
        };
        if is_new {
            let before = self.left.write().replace(mapping);
            // Given back when the lock is free again.
            drop(before);
        }
    }

    fn has_room(&self, waiting: &Waiting, mapping: &Mapping) -> bool {
        waiting.mappings.len() < self.most
            && waiting.bytes.saturating_add(mapping.holds()) <= self.most_bytes
            && waiting.reserved.saturating_add(mapping.reserved()) <= MOST_RESERVED
    }
}

impl Drop for MappingPool {
    fn drop(&mut self) {
        // Where addresses are scarce, nobody may ever need them again.
        if usize::BITS >= 64 {
            self.leave();
        }
    }
}

impl Waiting {
    fn push(&mut self, mapping: Mapping) {
        self.bytes += mapping.holds();
        self.reserved += mapping.reserved();
        self.mappings.push(mapping);
    }

    fn remove(&mut self, at: usize) -> Mapping {
        let mapping = self.mappings.remove(at);
        self.bytes -= mapping.holds();
        self.reserved -= mapping.reserved();
        mapping
    }
}

/// A mapping in use, which goes to its pool when it is dropped.
pub(crate) struct Pooled {
    mapping: Mapping,
    pool: Arc<MappingPool>,
}

impl Deref for Pooled {
    type Target = Mapping;

    fn deref(&self) -> &Mapping {
        &self.mapping
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut Mapping {
        &mut self.mapping
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        self.pool
            .keep(mem::replace(&mut self.mapping, Mapping::empty()));
    }
}

#[cfg(test)]
mod tests {
    use super::{Contents, KEPT_OF_MEMORY, LEFT_OF_STACK, Left, MappingPool, Pooled};
    use alloc::{sync::Arc, vec::Vec};

    const SPACE: usize = 1 << 20;

    fn take(pool: &Arc<MappingPool>, bytes: usize) -> Pooled {
        let mut mapping = pool.take(bytes, None).expect("small enough");
        assert!(mapping.commit(bytes));
        mapping
    }

    /// How many wait, and how much they hold.
    fn waiting(pool: &MappingPool) -> (usize, usize) {
        let waiting = pool.waiting.read();
        (waiting.mappings.len(), waiting.bytes)
    }

    fn has_pools() -> bool {
        super::Mapping::reserve(SPACE).is_some_and(|mapping| mapping.is_fixed())
    }

    #[test]
    fn what_is_taken_again_is_zero_and_stays_where_it_is() {
        if !has_pools() {
            return;
        }
        let pool = Arc::new(MappingPool::of_memories(2, SPACE));
        let base = take(&pool, SPACE).base();
        for written in [0, 1, 5000, KEPT_OF_MEMORY, KEPT_OF_MEMORY + 1, SPACE] {
            let mut mapping = take(&pool, SPACE);
            assert_eq!(mapping.base(), base);
            assert!(mapping.bytes(SPACE).iter().all(|byte| *byte == 0));
            mapping.bytes_mut(written).fill(1);
        }
        assert!(
            take(&pool, SPACE)
                .bytes(SPACE)
                .iter()
                .all(|byte| *byte == 0)
        );
    }

    #[test]
    fn no_more_is_kept_than_was_allowed() {
        if !has_pools() {
            return;
        }
        let pool = Arc::new(MappingPool::of_memories(3, 2 * KEPT_OF_MEMORY));
        for round in 0..2 {
            let mut many: Vec<_> = (0..5).map(|_| take(&pool, SPACE)).collect();
            for mapping in &mut many {
                mapping.bytes_mut(KEPT_OF_MEMORY).fill(1);
            }
            drop(many);
            let (count, resident) = waiting(&pool);
            assert!(count <= 3 && resident <= 2 * KEPT_OF_MEMORY, "{round}");
        }
        assert!(
            waiting(&pool).1 >= KEPT_OF_MEMORY,
            "what is used again stays resident"
        );
    }

    #[test]
    fn another_size_is_no_match_and_the_oldest_goes_first() {
        if !has_pools() {
            return;
        }
        let pool = Arc::new(MappingPool::of_memories(1, SPACE));
        drop(take(&pool, SPACE));
        let other = take(&pool, 2 * SPACE);
        assert_eq!(waiting(&pool).0, 1);
        drop(other);
        assert!(pool.waiting.read().mappings[0].is_space_for(2 * SPACE));
    }

    #[test]
    fn stacks_are_kept_as_they_are_while_there_is_room() {
        if !has_pools() {
            return;
        }
        let pool = Arc::new(MappingPool::of_stacks(3, SPACE + SPACE / 2));
        for _ in 0..2 {
            let mut many: Vec<_> = (0..5).map(|_| take(&pool, SPACE)).collect();
            for mapping in &mut many {
                mapping.bytes_mut(SPACE).fill(1);
            }
            drop(many);
            let (count, bytes) = waiting(&pool);
            assert!(count == 3 && bytes <= SPACE + SPACE / 2, "{bytes}");
        }
    }

    #[test]
    fn a_pool_of_none_keeps_nothing() {
        let pool = Arc::new(MappingPool::of_stacks(0, 0));
        drop(take(&pool, SPACE));
        assert_eq!(waiting(&pool), (0, 0));
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn what_a_pool_leaves_to_the_next_one_is_zero() {
        static MEMORY: Left = Left::new(None);
        static STACK: Left = Left::new(None);
        if !has_pools() {
            return;
        }
        let memories = || MappingPool::of(Contents::Memories, 2, 2 * SPACE, &MEMORY);
        let stacks = || MappingPool::of(Contents::Stacks, 2, 2 * SPACE, &STACK);
        for new in [&memories as &dyn Fn() -> MappingPool, &stacks] {
            let mut before = None;
            for written in [SPACE, LEFT_OF_STACK, LEFT_OF_STACK + 8, 1, 0, SPACE] {
                let pool = Arc::new(new());
                let mut mapping = take(&pool, SPACE);
                assert!(mapping.holds() <= LEFT_OF_STACK.max(KEPT_OF_MEMORY));
                assert!(mapping.bytes(SPACE).iter().all(|byte| *byte == 0));
                assert!(before.is_none_or(|before| before == mapping.base()));
                before = Some(mapping.base());
                // What another pool leaves meanwhile does not outlive what this one does.
                drop(take(&Arc::new(new()), SPACE));
                mapping.base_mut(SPACE);
                mapping.bytes_mut(written).fill(1);
            }
            // Another size is of no use, and a pool of none takes nothing.
            assert_ne!(Some(take(&Arc::new(new()), 2 * SPACE).base()), before);
        }
        let none = Arc::new(MappingPool::of(Contents::Stacks, 0, 0, &STACK));
        drop(take(&none, 2 * SPACE));
        assert!(STACK.read().is_some());
    }
}
