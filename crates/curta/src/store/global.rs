//! Globals. Each is one word, at home in the instance that defined it, or on its own if the host
//! made it.
//!
//! The executor reads and writes globals through the addresses in
//! [`InstanceData::global_cells`], which is why a word's home never moves; the safe code here and
//! in the API goes through the home.
//!
//! [`InstanceData::global_cells`]: super::instance::InstanceData::global_cells

use super::{instance::InstanceId, store::StoreInner};
use alloc::{vec, vec::Vec};
use curta_module::GlobalType;

/// Which global of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct GlobalId(pub(crate) u32);

impl GlobalId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A global: its type and where its word is.
#[derive(Debug)]
pub(crate) struct GlobalData {
    pub(crate) ty: GlobalType,
    pub(crate) home: GlobalHome,
}

/// Where a global's word is.
#[derive(Debug)]
pub(crate) enum GlobalHome {
    /// Among the instance's own globals.
    Instance {
        /// The instance that defined it.
        instance: InstanceId,
        /// Its index in [`InstanceData::globals`](super::instance::InstanceData::globals).
        own: u32,
    },
    /// On its own: exactly one word. A vector, because its contents may be aliased by address
    /// while the vector itself moves, which a box forbids.
    Host(Vec<u64>),
}

impl StoreInner {
    /// A new global of the host's.
    pub(crate) fn push_host_global(&mut self, ty: GlobalType, word: u64) -> GlobalId {
        self.push_global(GlobalData {
            ty,
            home: GlobalHome::Host(vec![word]),
        })
    }

    pub(crate) fn push_global(&mut self, global: GlobalData) -> GlobalId {
        let id = GlobalId(self.globals.len() as u32);
        self.globals.push(global);
        id
    }

    /// The global's value as a word.
    pub(crate) fn global_word(&self, id: GlobalId) -> u64 {
        match &self.globals[id.index()].home {
            GlobalHome::Instance { instance, own } => {
                self.instances[instance.index()].globals[*own as usize]
            }
            GlobalHome::Host(word) => word[0],
        }
    }

    /// Sets the global's value, of whatever mutability: that is for the caller to check.
    pub(crate) fn set_global_word(&mut self, id: GlobalId, value: u64) {
        *self.global_word_mut(id) = value;
    }

    /// The address of the global's word, for code that reads and writes it directly. It stays
    /// the same for the store's whole life.
    pub(crate) fn global_address(&mut self, id: GlobalId) -> u64 {
        let cell = match &mut self.globals[id.index()].home {
            GlobalHome::Instance { instance, own } => {
                let globals = &mut self.instances[instance.index()].globals;
                globals.as_mut_ptr().wrapping_add(*own as usize)
            }
            GlobalHome::Host(word) => word.as_mut_ptr(),
        };
        cell.expose_provenance() as u64
    }

    fn global_word_mut(&mut self, id: GlobalId) -> &mut u64 {
        match &mut self.globals[id.index()].home {
            GlobalHome::Instance { instance, own } => {
                &mut self.instances[instance.index()].globals[*own as usize]
            }
            GlobalHome::Host(word) => &mut word[0],
        }
    }
}
