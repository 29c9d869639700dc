//! Tags: what tells exceptions apart.
//!
//! <https://webassembly.github.io/spec/core/exec/runtime.html#tag-instances>. A tag is known by its
//! identity alone: each one that a module defines, or the host makes, is another one in each
//! instance, even if the types are equal. An instance keeps the tags of its module's index space
//! in [`InstanceData::tags`], so a handler catches an exception when the two ids are equal.
//!
//! [`InstanceData::tags`]: super::instance::InstanceData::tags

use super::store::StoreInner;
use curta_module::{TagType, TypeId};

/// Which tag of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TagId(pub(crate) u32);

impl TagId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A tag: the type of the exceptions that bear it.
#[derive(Debug)]
pub(crate) struct TagData {
    pub(crate) ty: TagType,
    /// The canonical number of its function type.
    pub(crate) signature: TypeId,
}

impl StoreInner {
    /// Adds a tag, different from all others.
    pub(crate) fn push_tag(&mut self, ty: TagType) -> TagId {
        let id = TagId(self.tags.len() as u32);
        let signature = self.registry.intern_func(&ty.func);
        self.tags.push(TagData { ty, signature });
        id
    }

    /// The type of a tag of this store.
    pub(crate) fn tag_type(&self, id: TagId) -> &TagType {
        &self.tags[id.index()].ty
    }
}
