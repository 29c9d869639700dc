//! The types of a registry by number: written once, read without a lock.
//!
//! They are kept in buckets that double in size and never move, the first of one type, so that a
//! type's number is its place: the highest bit tells the bucket, the others where in it. Writers
//! are kept apart by whoever owns the entries; readers need nobody's leave, which is what makes a
//! subtype test while a guest runs as cheap as a few loads.

use alloc::boxed::Box;
use core::iter;

use super::TypeId;
use crate::SubType;

#[cfg(feature = "std")]
type Once<T> = std::sync::OnceLock<T>;
#[cfg(not(feature = "std"))]
type Once<T> = spin::Once<T>;

#[cfg(feature = "std")]
fn once<T>(cell: &Once<T>, value: impl FnOnce() -> T) -> &T {
    cell.get_or_init(value)
}

#[cfg(not(feature = "std"))]
fn once<T>(cell: &Once<T>, value: impl FnOnce() -> T) -> &T {
    cell.call_once(value)
}

/// As many buckets as ordinals have bits.
const BUCKETS: usize = 29;

/// A type, and what it extends.
pub(super) struct Entry {
    pub(super) ty: SubType,
    /// Every type that this one extends, the root of its hierarchy first.
    pub(super) supertypes: Box<[TypeId]>,
}

/// Every type of a registry.
pub(super) struct Entries {
    buckets: [Once<Box<[Once<Entry>]>>; BUCKETS],
}

impl Entries {
    /// No type.
    pub(super) const fn new() -> Entries {
        Entries {
            buckets: [const { Once::new() }; BUCKETS],
        }
    }

    /// The type with this number, if it was written.
    #[inline]
    pub(super) fn get(&self, id: TypeId) -> Option<&Entry> {
        let (bucket, place) = split(id);
        self.buckets.get(bucket)?.get()?.get(place)?.get()
    }

    /// Writes the type with this number; what was written before stays.
    pub(super) fn set(&self, id: TypeId, entry: Entry) {
        let (bucket, place) = split(id);
        let places = once(&self.buckets[bucket], || {
            iter::repeat_with(Once::new).take(1 << bucket).collect()
        });
        once(&places[place], || entry);
    }
}

impl Default for Entries {
    fn default() -> Entries {
        Entries::new()
    }
}

/// The bucket of a number, and where in it.
#[inline]
fn split(id: TypeId) -> (usize, usize) {
    let number = id.ordinal();
    // Zero is no type's ordinal; whoever makes such an id up finds no type.
    let bucket = number.checked_ilog2().unwrap_or(u32::MAX);
    let place = number & !1u32.checked_shl(bucket).unwrap_or_default();
    (bucket as usize, place as usize)
}

#[cfg(test)]
mod tests {
    use alloc::boxed::Box;

    use super::{Entries, Entry, split};
    use crate::{FuncType, SubType, TypeId, ValType};

    /// A function type's.
    fn id(ordinal: u32) -> TypeId {
        TypeId::from_u32(ordinal << TypeId::KIND_BITS).expect("not zero")
    }

    #[test]
    fn every_number_has_a_place_of_its_own() {
        assert_eq!(
            [1, 2, 3, 4, 7, 8].map(|number| split(id(number))),
            [(0, 0), (1, 0), (1, 1), (2, 0), (2, 3), (3, 0)]
        );
        let entries = Entries::new();
        let ty = |number: u32| {
            let params = (0..number % 9).map(|_| ValType::I32);
            SubType::from(FuncType::new(params, []))
        };
        for number in 1..1000 {
            assert!(entries.get(id(number)).is_none());
            let supertypes = Box::default();
            entries.set(
                id(number),
                Entry {
                    ty: ty(number),
                    supertypes,
                },
            );
        }
        for number in 1..1000 {
            assert_eq!(
                entries.get(id(number)).map(|entry| &entry.ty),
                Some(&ty(number))
            );
        }
        assert!(entries.get(id(1000)).is_none() && entries.get(id(TypeId::MOST)).is_none());
        assert!(
            entries
                .get(TypeId::from_u32(1).expect("not zero"))
                .is_none()
        );
        assert!(entries.get(TypeId::member(5)).is_none());
    }
}
