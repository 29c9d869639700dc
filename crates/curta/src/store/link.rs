//! Matching what a module imports with what it is given.
//!
//! <https://webassembly.github.io/spec/core/valid/matching.html>. All imports are matched before
//! anything is allocated, and every one that is missing or does not fit is reported, not only the
//! first.

use super::{
    func::{FuncHandle, HOST},
    global::GlobalId,
    memory::MemoryId,
    store::StoreInner,
    table::TableId,
    tag::TagId,
};
use crate::error::{LinkError, LinkProblem};
use alloc::vec::Vec;
use curta_module::{ExternType, FuncIdx, FuncType, ImportKind, Module, TypeId};

/// Something of a store that can be imported and exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    /// A function.
    Func(FuncHandle),
    /// A table.
    Table(TableId),
    /// A memory.
    Memory(MemoryId),
    /// A global.
    Global(GlobalId),
    /// A tag.
    Tag(TagId),
}

impl StoreInner {
    /// The type of a function of this store.
    pub(crate) fn func_type(&self, handle: FuncHandle) -> FuncType {
        let entry = self.func(handle);
        if entry.instance == HOST {
            return self.functions.host(entry).ty.clone();
        }
        let module = &self.instances[entry.instance as usize].module.module;
        module.func_type(FuncIdx::new(entry.index)).clone()
    }

    /// The type of anything of this store, as importers see it: with its present size.
    pub(crate) fn item_type(&self, item: Item) -> ExternType {
        match item {
            Item::Func(handle) => ExternType::Func(self.func_type(handle)),
            Item::Table(id) => ExternType::Table(self.tables[id.index()].ty()),
            Item::Memory(id) => ExternType::Memory(self.memories[id.index()].ty()),
            Item::Global(id) => ExternType::Global(self.globals[id.index()].ty),
            Item::Tag(id) => ExternType::Tag(self.tag_type(id).clone()),
        }
    }

    /// Matches every import of `module` with what is offered for it, in order; `None` is missing.
    ///
    /// # Errors
    /// All imports that are missing or do not fit.
    pub(crate) fn link(
        &self,
        module: &Module,
        offered: &[Option<Item>],
    ) -> Result<Vec<Item>, LinkError> {
        let mut items = Vec::with_capacity(offered.len());
        let mut problems = Vec::new();
        for (import, offer) in module.imports().iter().zip(offered) {
            match *offer {
                Some(item) if self.fits(module, &import.ty, item) => items.push(item),
                offer => problems.push(LinkProblem::new(
                    &import.module,
                    &import.name,
                    module.import_type(import),
                    offer.map(|item| self.item_type(item)),
                )),
            }
        }
        if problems.is_empty() {
            Ok(items)
        } else {
            Err(LinkError::new(problems))
        }
    }

    fn fits(&self, module: &Module, expected: &ImportKind, item: Item) -> bool {
        match (expected, item) {
            (ImportKind::Func(ty), Item::Func(handle)) => {
                // The null function, whose signature is 0, is never offered.
                TypeId::from_u32(self.func(handle).signature)
                    .is_some_and(|found| self.registry.is_subtype(found, module.type_id(*ty)))
            }
            (ImportKind::Table(ty), Item::Table(_)) => self
                .item_type(item)
                .matches(&ExternType::Table(*ty), &self.registry),
            (ImportKind::Memory(ty), Item::Memory(_)) => self
                .item_type(item)
                .matches(&ExternType::Memory(*ty), &self.registry),
            (ImportKind::Global(ty), Item::Global(_)) => self
                .item_type(item)
                .matches(&ExternType::Global(*ty), &self.registry),
            // The very type: neither a subtype nor a supertype.
            (ImportKind::Tag(ty), Item::Tag(id)) => {
                self.tags[id.index()].signature == module.type_id(*ty)
            }
            (
                ImportKind::Func(_)
                | ImportKind::Table(_)
                | ImportKind::Memory(_)
                | ImportKind::Global(_)
                | ImportKind::Tag(_),
                _,
            ) => false,
        }
    }
}
