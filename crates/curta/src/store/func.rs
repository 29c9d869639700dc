//! Functions of a store: guests' and the host's, each known by a small entry that calls read.
//!
//! Relies on canonical type ids (equal ids, equal types, in one engine). Guarantees: entry 0 is
//! the null function, whose signature matches nothing, so that an indirect call needs one
//! comparison; entries are never removed or changed, so a [`FuncHandle`] stays valid as long as
//! its store.

use super::{instance::InstanceId, store::HostStore};
use crate::{code::operand::Class, error::Error};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::fmt;
use curta_module::{FuncType, ValType};

/// What a call needs to know about a function. Laid out for the executor, which reads the fields
/// by their offsets.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct FuncEntry {
    /// The address of the function's first cell, or of the host's [`HostFunc`]; 0 for the null function.
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
    /// What it returns.
    pub(crate) results: Results,
}

/// How many words a function returns, and which accumulator a single one is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Results(u32);

impl Results {
    /// Those of a function of these result types.
    pub(crate) fn of(types: &[ValType]) -> Results {
        let class = types.first().map_or(Class::Int, |ty| class_of(*ty));
        // No type that a guest can name has more than a thousand results.
        let count = u32::try_from(types.len())
            .unwrap_or(u32::MAX)
            .min(u32::MAX >> 2);
        Results(count << 2 | class as u32)
    }

    /// How many there are.
    pub(crate) fn count(self) -> usize {
        self.0 as usize >> 2
    }

    /// Where a single one is.
    pub(crate) fn class(self) -> Class {
        match self.0 & 3 {
            0 => Class::Int,
            1 => Class::F64,
            _ => Class::F32,
        }
    }
}

/// The accumulator that a value of a type travels in.
fn class_of(ty: ValType) -> Class {
    match ty {
        ValType::F64 => Class::F64,
        ValType::F32 => Class::F32,
        ValType::I32 | ValType::I64 | ValType::Ref(_) => Class::Int,
        ValType::V128 => unreachable!(
            "validated: vectors are refused at decoding; please report this as a bug of curta"
        ),
    }
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
/// The slice is as long as the larger of parameters and results, and holds the arguments first. A single result is returned,
/// and several are in the slice afterwards. A panic of the host's closure comes out as it is.
///
/// What it takes fits the registers that functions are called with.
pub(crate) type HostCallable =
    dyn Fn(&mut dyn HostStore, CalledBy, &mut [u64]) -> Result<u64, Error> + Send + Sync;

/// Who calls a host function: an instance's number, or [`HOST`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct CalledBy(u32);

impl CalledBy {
    /// The host itself.
    pub(crate) const HOST: CalledBy = CalledBy(HOST);

    /// An instance of the store.
    pub(crate) fn guest(instance: InstanceId) -> CalledBy {
        CalledBy(instance.0)
    }

    /// The instance, if a guest calls.
    pub(crate) fn instance(self) -> Option<InstanceId> {
        (self.0 != HOST).then_some(InstanceId(self.0))
    }
}

/// A host function and its type. Shared by the linkers and stores that know it, it stays where it is.
pub(crate) struct HostFunc {
    pub(crate) ty: FuncType,
    /// How long the slice is that it is called with.
    pub(crate) words: usize,
    /// Whether it sees the store, so that it may change anything there, and call back.
    pub(crate) sees_store: bool,
    pub(crate) call: Box<HostCallable>,
}

impl HostFunc {
    /// A host function of a type.
    #[inline]
    pub(crate) fn new(ty: FuncType, sees_store: bool, call: Box<HostCallable>) -> HostFunc {
        let words = ty.params().len().max(ty.results().len());
        HostFunc {
            ty,
            words,
            sees_store,
            call,
        }
    }
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
    /// Never taken out nor changed: entries hold their addresses.
    host: Vec<Arc<HostFunc>>,
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
            results: Results::of(&[]),
        };
        // With room for those of a small module.
        let mut entries = Vec::with_capacity(8);
        entries.push(null);
        Functions {
            entries,
            host: Vec::new(),
        }
    }

    /// Makes room for so many more.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.entries.reserve(more);
    }

    /// Appends an entry.
    pub(crate) fn push(&mut self, entry: FuncEntry) -> FuncHandle {
        let handle = FuncHandle::new(self.entries.len());
        self.entries.push(entry);
        handle
    }

    /// Appends a function of the host, whose type has the canonical id `signature`.
    pub(crate) fn push_host(&mut self, func: Arc<HostFunc>, signature: u32) -> FuncHandle {
        let params = func.ty.params().len() as u32;
        let results = Results::of(func.ty.results());
        let index = self.host.len() as u32;
        let code = Arc::as_ptr(&func).expose_provenance() as u64;
        self.host.push(func);
        let locals = params * 8;
        self.push(FuncEntry {
            code,
            signature,
            locals,
            instance: HOST,
            index,
            params,
            results,
        })
    }

    /// The host function of an entry that is one's.
    pub(crate) fn host(&self, entry: &FuncEntry) -> &Arc<HostFunc> {
        &self.host[entry.index as usize]
    }

    /// The entry behind a handle of this store.
    pub(crate) fn entry(&self, handle: FuncHandle) -> &FuncEntry {
        &self.entries[handle.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::{FuncEntry, FuncHandle, Functions, HOST, Results};
    use crate::code::operand::Class;
    use curta_module::ValType;

    #[test]
    fn results_are_counted_and_a_single_one_is_in_its_accumulator() {
        assert_eq!(Results::of(&[]).count(), 0);
        for (ty, class) in [
            (ValType::I32, Class::Int),
            (ValType::I64, Class::Int),
            (ValType::F32, Class::F32),
            (ValType::F64, Class::F64),
            (ValType::FUNCREF, Class::Int),
        ] {
            let one = Results::of(&[ty]);
            assert_eq!((one.count(), one.class()), (1, class));
            assert_eq!(Results::of(&[ty; 1000]).count(), 1000);
        }
    }

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
                results: Results::of(&[]),
            };
            let handle = functions.push(entry);
            assert_eq!(functions.entry(handle).index, index);
            assert_eq!(handle.0 % 32, 0);
        }
    }
}
