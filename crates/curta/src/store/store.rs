//! The store: every runtime object of a group of instances that may reach each other.
//!
//! Objects are known by indices and live as long as the store. Nothing in it is bound to a
//! thread and nothing is a raw pointer: addresses that the executor follows are plain numbers
//! whose provenance was exposed. The host's data is not here but beside it, behind
//! [`HostStore`], so that nothing below the API is generic.

use super::{
    exception::Exceptions,
    externref::HostObject,
    func::{FuncEntry, FuncHandle, Functions, HostFunc},
    global::GlobalData,
    instance::InstanceData,
    limiter::Limiter,
    mapping_pool::MappingPool,
    memory::Memory,
    table::Table,
    tag::TagData,
    value_stack::ValueStack,
};
use alloc::{boxed::Box, collections::BTreeMap, sync::Arc, vec::Vec};
use core::{
    any::Any,
    sync::atomic::{AtomicUsize, Ordering},
};
use curta_module::{MemoryType, TypeRegistry};

/// A store with the host's data, seen without its type. Host functions get the data back by
/// downcasting.
pub(crate) trait HostStore: Any {
    /// The runtime objects.
    fn inner(&self) -> &StoreInner;
    /// The runtime objects, to be changed.
    fn inner_mut(&mut self) -> &mut StoreInner;
    /// The same, and the limiter beside them.
    fn inner_and_limiter(&mut self) -> (&mut StoreInner, Limiter<'_>);
    /// The store itself, to be downcast.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

/// Which store: no two in a process are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StoreId(pub(super) usize);

impl StoreId {
    /// No store's.
    pub(crate) const NONE: StoreId = StoreId(usize::MAX);

    fn unique() -> StoreId {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let next = NEXT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |id| id.checked_add(1));
        StoreId(next.expect("fewer stores are ever made than addresses exist"))
    }
}

/// What the objects of one store may use, whatever its limiter says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ceilings {
    /// Bytes of each memory with 32-bit addresses.
    pub(crate) memory_bytes: u64,
    /// Bytes of each memory with 64-bit addresses, as far as the machine can address them at all.
    pub(crate) memory64_bytes: u64,
    /// Elements of each table.
    pub(crate) table_elements: u64,
    /// Elements of all tables together.
    pub(crate) all_table_elements: u64,
    /// Words of all exceptions that are referred to.
    pub(crate) exception_words: usize,
}

impl Default for Ceilings {
    fn default() -> Ceilings {
        Ceilings {
            memory_bytes: 1 << 32,
            // As in the JavaScript API: 262,144 pages. So much address space is set aside for each,
            // of which a machine has room for thousands.
            memory64_bytes: 1 << 34,
            table_elements: 10_000_000,
            all_table_elements: 40_000_000,
            exception_words: 1 << 24,
        }
    }
}

impl Ceilings {
    /// Bytes that a memory of this type may have at most.
    pub(crate) fn memory_bytes_of(&self, ty: &MemoryType) -> u64 {
        if ty.memory64 {
            self.memory64_bytes
        } else {
            self.memory_bytes
        }
    }
}

/// Every runtime object of a store.
pub(crate) struct StoreInner {
    pub(crate) id: StoreId,
    pub(crate) registry: Arc<TypeRegistry>,
    pub(crate) limits: Ceilings,
    pub(crate) functions: Functions,
    pub(crate) instances: Vec<InstanceData>,
    pub(crate) memories: Vec<Memory>,
    pub(crate) tables: Vec<Table>,
    pub(crate) globals: Vec<GlobalData>,
    pub(crate) tags: Vec<TagData>,
    pub(crate) externrefs: Vec<HostObject>,
    pub(crate) exceptions: Exceptions,
    pub(crate) stack: ValueStack,
    pub(crate) idle: IdleContexts,
    /// Where memories get their mappings from.
    pub(crate) mappings: Arc<MappingPool>,
    /// Elements of all tables together.
    pub(crate) table_elements: u64,
    /// The handles of host functions that came from linkers, by their addresses (which the store
    /// keeps alive), so that instantiating again adds nothing.
    linked: BTreeMap<usize, FuncHandle>,
}

/// What the executor keeps from one activation for another: contexts, as which it alone knows them.
#[derive(Default)]
pub(crate) struct IdleContexts {
    /// The one of outermost activations, while none runs.
    pub(crate) outermost: Option<Box<dyn Any + Send + Sync>>,
    /// Those of activations within others.
    pub(crate) nested: Vec<Box<dyn Any + Send + Sync>>,
}

impl StoreInner {
    /// An empty store. Types are canonical in `registry`.
    pub(crate) fn new(
        registry: Arc<TypeRegistry>,
        limits: Ceilings,
        stack: ValueStack,
        mappings: Arc<MappingPool>,
    ) -> StoreInner {
        StoreInner {
            id: StoreId::unique(),
            registry,
            limits,
            functions: Functions::new(),
            instances: Vec::new(),
            memories: Vec::new(),
            tables: Vec::new(),
            globals: Vec::new(),
            tags: Vec::new(),
            externrefs: Vec::new(),
            exceptions: Exceptions::default(),
            stack,
            idle: IdleContexts::default(),
            mappings,
            table_elements: 0,
            linked: BTreeMap::new(),
        }
    }

    /// The entry of a function of this store.
    pub(crate) fn func(&self, handle: FuncHandle) -> &FuncEntry {
        self.functions.entry(handle)
    }

    /// Adds a function of the host's.
    pub(crate) fn push_host_func(&mut self, func: Arc<HostFunc>) -> FuncHandle {
        let signature = self.registry.intern_func(&func.ty).as_u32();
        self.functions.push_host(func, signature)
    }

    /// Adds a function of the host's unless it was added before.
    pub(crate) fn linked_host_func(&mut self, func: &Arc<HostFunc>) -> FuncHandle {
        let key = Arc::as_ptr(func).addr();
        if let Some(handle) = self.linked.get(&key) {
            return *handle;
        }
        let handle = self.push_host_func(Arc::clone(func));
        self.linked.insert(key, handle);
        handle
    }
}
