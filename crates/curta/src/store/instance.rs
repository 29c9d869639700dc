//! Instances: a module's code joined with the store's objects that it uses.
//!
//! An instance holds ids of what it imports and defines, by the module's own indices (imported
//! ones first), and the words of the globals that it defines. Instances are never removed: a
//! function that escaped from a failed one must stay callable.

use super::{
    func::FuncHandle, global::GlobalId, image::Images, memory::MemoryId, segment::ElementState,
    store::StoreInner, table::TableId, tag::TagId,
};
use crate::code::module::ModuleCode;
use alloc::{sync::Arc, vec::Vec};
use curta_module::Module;

/// Which instance of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct InstanceId(pub(crate) u32);

impl InstanceId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A module and its translation, shared by all its instances in all stores of an engine.
pub(crate) struct CompiledModule {
    pub(crate) module: Module,
    pub(crate) code: ModuleCode,
    pub(crate) images: Images,
}

/// An instance of a module.
pub(crate) struct InstanceData {
    pub(crate) module: Arc<CompiledModule>,
    /// The words of the globals that the instance itself defines, in order. Never resized after
    /// creation: the executor holds its address.
    pub(crate) globals: Vec<u64>,
    /// Where the word of each global is, by the module's index.
    pub(crate) global_cells: Vec<u64>,
    pub(crate) functions: Vec<FuncHandle>,
    pub(crate) tables: Vec<TableId>,
    pub(crate) memories: Vec<MemoryId>,
    pub(crate) global_ids: Vec<GlobalId>,
    pub(crate) tags: Vec<TagId>,
    /// The element segments, evaluated; dropped ones are empty.
    pub(crate) elements: Vec<ElementState>,
    /// Which data segments are dropped.
    pub(crate) dropped_data: Vec<bool>,
}

impl StoreInner {
    /// An instance by its id.
    pub(crate) fn instance(&self, id: InstanceId) -> &InstanceData {
        &self.instances[id.index()]
    }

    /// An instance by its id, to be changed.
    pub(crate) fn instance_mut(&mut self, id: InstanceId) -> &mut InstanceData {
        &mut self.instances[id.index()]
    }

    /// `ref.func`: the word of a function by its module's index.
    pub(crate) fn ref_func(&self, instance: InstanceId, func: u32) -> u64 {
        self.instance(instance).functions[func as usize].0
    }
}
