//! Functions of a store: guests' and the host's, each known by a small entry that calls read.
//!
//! Relies on canonical type ids (equal ids, equal types, in one engine). Guarantees: entry 0 is
//! the null function, whose signature matches nothing, so that an indirect call needs one
//! comparison; entries are never removed or changed, so a [`FuncHandle`] stays valid as long as
//! its store.

use super::{instance::InstanceId, store::HostStore};
use crate::error::Error;
use alloc::{sync::Arc, vec, vec::Vec};
use core::fmt;
use curta_module::FuncType;

/// What a call needs to know about a function. Laid out for the executor, which reads the fields
/// by their offsets.
#[repr(C, align(32))]
#[derive(Debug, Clone, Copy)]
pub(crate) struct FuncEntry {
    /// The address of the function's first cell; 0 for the host's functions.
    pub(crate) code: u64,
    /// The canonical id of its type; 0 for the null function alone.
    pub(crate) signature: u32,
    /// Bytes of parameters and locals, 8 each.
    pub(crate) locals: u32,
    /// The [`InstanceId`] it belongs to, or [`HOST`].
    pub(crate) instance: u32,
    /// Its index in its module, or in [`Functions::host`].
    pub(crate) index: u32,
    /// How many words its parameters take.
    pub(crate) params: u32,
}

const _: () = assert!(
    size_of::<FuncEntry>() == FuncHandle::SCALE as usize,
    "handles are byte offsets"
);

/// [`FuncEntry::instance`] of the host's functions.
pub(crate) const HOST: u32 = u32::MAX;

/// A function reference: the byte offset of its entry, so that null is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FuncHandle(pub(crate) u64);

impl FuncHandle {
    /// Bytes of an entry.
    const SCALE: u64 = 32;
    /// The null function reference.
    pub(crate) const NULL: FuncHandle = FuncHandle(0);

    /// The handle of the entry at `index`.
    pub(crate) fn new(index: usize) -> FuncHandle {
        FuncHandle(index as u64 * FuncHandle::SCALE)
    }

    /// The index of its entry.
    pub(crate) fn index(self) -> usize {
        // Handles count entries that exist in memory.
        (self.0 / FuncHandle::SCALE) as usize
    }

    /// Whether this is the null reference.
    pub(crate) fn is_null(self) -> bool {
        self == FuncHandle::NULL
    }
}

/// A host function: words in, words out.
///
/// The slice is as long as the larger of parameters and results, and holds the arguments first
/// and the results later. The instance is the caller's, if a guest calls. A panic of the host's
/// closure comes out as it is.
pub(crate) type HostCallable =
    dyn Fn(&mut dyn HostStore, Option<InstanceId>, &mut [u64]) -> Result<(), Error> + Send + Sync;

/// A host function and its type.
#[derive(Clone)]
pub(crate) struct HostFunc {
    pub(crate) ty: FuncType,
    /// Whether it sees the store, so that it may change anything there, and call back.
    pub(crate) sees_store: bool,
    pub(crate) call: Arc<HostCallable>,
}

impl fmt::Debug for HostFunc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostFunc")
            .field("ty", &self.ty)
            .finish_non_exhaustive()
    }
}

/// Every function of a store.
pub(crate) struct Functions {
    /// Entry 0 is the null function.
    pub(crate) entries: Vec<FuncEntry>,
    pub(crate) host: Vec<HostFunc>,
}

impl Functions {
    /// No function but the null one.
    pub(crate) fn new() -> Functions {
        let null = FuncEntry {
            code: 0,
            signature: 0,
            locals: 0,
            instance: HOST,
            index: u32::MAX,
            params: 0,
        };
        Functions {
            entries: vec![null],
            host: Vec::new(),
        }
    }

    /// Appends an entry.
    pub(crate) fn push(&mut self, entry: FuncEntry) -> FuncHandle {
        let handle = FuncHandle::new(self.entries.len());
        self.entries.push(entry);
        handle
    }

    /// Appends a function of the host, whose type has the canonical id `signature`.
    pub(crate) fn push_host(&mut self, func: HostFunc, signature: u32) -> FuncHandle {
        let params = func.ty.params().len() as u32;
        let index = self.host.len() as u32;
        self.host.push(func);
        let locals = params * 8;
        self.push(FuncEntry {
            code: 0,
            signature,
            locals,
            instance: HOST,
            index,
            params,
        })
    }

    /// The entry behind a handle of this store.
    pub(crate) fn entry(&self, handle: FuncHandle) -> &FuncEntry {
        &self.entries[handle.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::{FuncEntry, FuncHandle, Functions, HOST};

    #[test]
    fn the_null_function_matches_no_signature() {
        let functions = Functions::new();
        assert_eq!(functions.entry(FuncHandle::NULL).signature, 0);
        assert!(FuncHandle::NULL.is_null());
    }

    #[test]
    fn handles_lead_to_their_entries() {
        let mut functions = Functions::new();
        for index in 0..5 {
            let entry = FuncEntry {
                code: 0,
                signature: 1,
                locals: 0,
                instance: HOST,
                index,
                params: 0,
            };
            let handle = functions.push(entry);
            assert_eq!(functions.entry(handle).index, index);
            assert_eq!(handle.0 % 32, 0);
        }
    }
}
