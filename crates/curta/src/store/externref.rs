//! Host objects that guests hold as `externref`.
//!
//! A reference is the object's index in the store plus one, so null is 0. Objects live as long as
//! the store: a guest may keep a reference anywhere.

use super::store::StoreInner;
use alloc::boxed::Box;
use core::any::Any;

/// An object of the host's.
pub(crate) type HostObject = Box<dyn Any + Send + Sync>;

impl StoreInner {
    /// Adds an object and returns its word.
    pub(crate) fn push_externref(&mut self, object: HostObject) -> u64 {
        self.externrefs.push(object);
        self.externrefs.len() as u64
    }

    /// The object behind a word of this store; `None` for null.
    pub(crate) fn externref(&self, word: u64) -> Option<&HostObject> {
        let index = usize::try_from(word.checked_sub(1)?).ok()?;
        self.externrefs.get(index)
    }

    /// The same, to be changed.
    pub(crate) fn externref_mut(&mut self, word: u64) -> Option<&mut HostObject> {
        let index = usize::try_from(word.checked_sub(1)?).ok()?;
        self.externrefs.get_mut(index)
    }
}
