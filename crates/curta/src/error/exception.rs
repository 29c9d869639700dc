//! An exception outside of the guests.

use alloc::boxed::Box;
use core::fmt;
use curta_module::TagType;

/// An exception that left the guests, or that a host function throws into them.
///
/// A value of its own: nothing in a store is bound to it. What it means, its store alone knows.
#[derive(Clone, Debug)]
pub(crate) struct Thrown {
    /// The number of the store.
    pub(crate) store: usize,
    /// Its tag, as the store numbers them.
    pub(crate) tag: u32,
    /// The tag's type.
    pub(crate) ty: TagType,
    /// A word for each parameter of the type.
    pub(crate) words: Box<[u64]>,
}

impl Thrown {
    pub(crate) fn new(store: usize, tag: u32, ty: TagType, words: &[u64]) -> Thrown {
        let words = words.into();
        Thrown {
            store,
            tag,
            ty,
            words,
        }
    }
}

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "uncaught exception of type {}", self.ty)
    }
}
