//! What a run of the interpreter needs beside its registers: where they rest, the running instance's caches, and the ways out.

use alloc::{boxed::Box, vec::Vec};
use core::{any::Any, ptr};

use super::{
    dispatch::{self, Leaves},
    machine::{Accumulators, NO_TRAP},
};
use crate::{
    code::catalog::Backend,
    error::Error,
    numeric::Trap,
    store::{
        func::{FuncEntry, FuncHandle},
        instance::InstanceId,
        limiter::Limiter,
        memory::Memory,
        store::{HostStore, StoreInner},
        table::{Table, TableId},
        value_stack::Window,
    },
};

/// For accesses of 1, 2, 4, 8 and 16 bytes the number of addresses at which one fits a memory of `len` bytes.
fn limits_of(len: u64) -> [u64; 5] {
    core::array::from_fn(|width| (len + 1).saturating_sub(1 << width))
}

/// The store of a context that has none.
struct Nobody;

impl HostStore for Nobody {
    fn inner(&self) -> &StoreInner {
        unreachable!("there is no such store; please report this as a bug of curta")
    }
    fn inner_mut(&mut self) -> &mut StoreInner {
        unreachable!("there is no such store; please report this as a bug of curta")
    }
    fn inner_and_limiter(&mut self) -> (&mut StoreInner, Limiter<'_>) {
        unreachable!("there is no such store; please report this as a bug of curta")
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

/// Why a handler does not go on to a cell of its own choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    Trap(Trap),
    /// The trap that an out-of-line operation left in `pending`.
    Pending,
    /// A call that needs to be looked at; see [`Context::call`].
    CallFunction,
    /// A call of a host function, whose entry is known.
    CallHost,
    CallIndirect,
    CallRef,
    /// A function that is to be translated before it runs.
    Translate,
    /// A new exception, or one that is referred to.
    Throw,
    ThrowRef,
}

/// How many kinds of trap there are.
pub(super) const TRAPS: usize = Trap::ALL.len();

/// The number of ways out: one a trap, then the others.
pub(super) const LEAVES: usize = TRAPS + 8;

impl Leave {
    #[inline(always)]
    pub(super) const fn number(self) -> usize {
        match self {
            Leave::Trap(trap) => trap as usize,
            Leave::Pending => TRAPS,
            Leave::CallFunction => TRAPS + 1,
            Leave::CallIndirect => TRAPS + 2,
            Leave::CallRef => TRAPS + 3,
            Leave::Translate => TRAPS + 4,
            Leave::Throw => TRAPS + 5,
            Leave::ThrowRef => TRAPS + 6,
            Leave::CallHost => TRAPS + 7,
        }
    }
}

/// A call that a handler left to [`super::invoke`].
pub(super) struct PendingCall {
    /// The function's index in the instance, the element's in the table, or a function reference.
    pub(super) index: u64,
    /// The function's entry, once it is known.
    pub(super) entry: *const FuncEntry,
    pub(super) table: u32,
    pub(super) signature: u32,
    /// The first argument's slot.
    pub(super) window: *mut u64,
    /// The cell to go on at.
    pub(super) after: *const u8,
    /// Of a tail call: the running frame goes before the callee's comes.
    pub(super) tail: Option<Tail>,
}

/// What a tail call needs to know about the frame that it replaces.
#[derive(Clone, Copy)]
pub(super) struct Tail {
    /// Bytes of the running frame's parameters and locals.
    pub(super) locals: u32,
    /// How many arguments there are.
    pub(super) arguments: u32,
}

/// A return into another instance: what a frame's header has no room for.
pub(super) struct Switch {
    pub(super) instance: u32,
    pub(super) after: *const u8,
    pub(super) sp: *mut u64,
}

/// The number of no memory, no table and no instance.
const NONE: u32 = u32::MAX;

/// The machine's context: one an activation.
pub(crate) struct Context {
    /// The running instance's memory 0: for each width the number of addresses at which an access fits.
    pub(super) limits: [u64; 5],
    pub(super) globals: *mut u64,
    pub(super) global_cells: *const u64,
    /// The running instance's table 0.
    pub(super) table: *const u64,
    pub(super) table_len: u64,
    /// Which memory and table of the store these are, [`NONE`] without one.
    first_memory: u32,
    first_table: u32,
    /// The binary logarithm of the size of memory 0's pages.
    pub(super) page_size_log2: u32,
    /// The store's tables, and which of them the running instance's are.
    pub(super) tables: *mut Table,
    pub(super) table_ids: *const TableId,
    pub(super) entries: *const FuncEntry,
    /// The running instance's functions.
    pub(super) functions: *const FuncHandle,
    pub(super) instance: u32,
    /// The trap that an out-of-line operation ended in, or [`NO_TRAP`].
    pub(super) pending: u32,
    /// The last slot where a frame's header may be.
    pub(super) stack_end: *mut u64,
    pub(super) call: PendingCall,
    /// The backend's ways out, reached through memory: the optimiser would otherwise fold what they return into the handlers and
    /// turn their jumps to them into calls, with a frame for each.
    pub(super) leaves: &'static Leaves,

    // Where registers rest: all around calls out of the machine and at the end, and in the loop backend most of them
    // whenever no handler runs.
    pub(super) ip: *const u8,
    pub(super) sp: *mut u64,
    pub(super) head: *const u8,
    pub(super) acc: Accumulators,
    pub(super) mem: *mut u8,

    /// The activation's part of the value stack.
    pub(super) window: Window,
    pub(super) store: *mut dyn HostStore,
    pub(super) switches: Vec<Switch>,
    pub(super) switch_back: *const u8,
    pub(super) exit: *const u8,
    /// What a host function failed with.
    pub(super) failure: Option<Failure>,
}

/// How a host function ended other than by returning.
pub(super) enum Failure {
    Error(Error),
    #[cfg_attr(
        not(feature = "std"),
        allow(dead_code, reason = "panics are caught with std only")
    )]
    Panic(Box<dyn Any + Send>),
}

impl Context {
    /// A context about to run a cell, which belongs to no store and no stack yet.
    #[inline]
    pub(super) fn idle(ip: *const u8) -> Context {
        Context {
            limits: [0; 5],
            globals: ptr::null_mut(),
            global_cells: ptr::null(),
            table: ptr::null(),
            table_len: 0,
            first_memory: NONE,
            first_table: NONE,
            page_size_log2: 0,
            tables: ptr::null_mut(),
            table_ids: ptr::null(),
            entries: ptr::null(),
            functions: ptr::null(),
            instance: NONE,
            pending: NO_TRAP,
            stack_end: ptr::null_mut(),
            call: PendingCall {
                index: 0,
                entry: ptr::null(),
                table: 0,
                signature: 0,
                window: ptr::null_mut(),
                after: ptr::null(),
                tail: None,
            },
            leaves: dispatch::leaves_of(Backend::Looped),
            ip,
            sp: ptr::null_mut(),
            head: ptr::null(),
            acc: Accumulators {
                int: 0,
                f64: 0.0,
                f32: 0.0,
            },
            mem: ptr::null_mut(),
            window: Window::NOWHERE,
            store: ptr::null_mut::<Nobody>(),
            switches: Vec::new(),
            switch_back: ptr::null(),
            exit: ptr::null(),
            failure: None,
        }
    }

    /// Makes an instance the running one.
    #[inline(always)]
    pub(super) fn switch_to(&mut self, instance: InstanceId, store: &mut StoreInner) {
        // What an instance consists of is the same for as long as its store lives.
        if self.instance != instance.0 {
            self.adopt(instance, store);
        }
        self.renew(store);
    }

    /// Notes what an instance consists of.
    #[inline(never)]
    fn adopt(&mut self, instance: InstanceId, store: &mut StoreInner) {
        self.instance = instance.0;
        let instance = &mut store.instances[instance.index()];
        self.globals = instance.globals.as_mut_ptr();
        self.global_cells = instance.global_cells.as_ptr();
        self.functions = instance.functions.as_ptr();
        self.first_memory = instance.memories.first().map_or(NONE, |memory| memory.0);
        self.first_table = instance.tables.first().map_or(NONE, |table| table.0);
        self.table_ids = instance.tables.as_ptr();
        let memory = store.memories.get(self.first_memory as usize);
        self.page_size_log2 = memory.map_or(0, Memory::page_size_log2);
    }

    /// Notes where the store has what the running instance uses: after anything that may grow or move it.
    #[inline(always)]
    pub(super) fn renew(&mut self, store: &mut StoreInner) {
        self.entries = store.functions.entries.as_ptr();
        let tables = store.tables.as_mut_ptr();
        // Calls by the host wait for stores.
        if self.tables != tables {
            self.tables = tables;
        }
        let (mem, len) = match store.memories.get_mut(self.first_memory as usize) {
            Some(memory) => (memory.base_mut(), memory.byte_len()),
            None => (ptr::null_mut(), 0),
        };
        self.mem = mem;
        if self.limits[0] != len {
            self.limits = limits_of(len);
        }
        (self.table, self.table_len) = match store.tables.get(self.first_table as usize) {
            Some(table) => (table.base(), table.size()),
            None => (ptr::null(), 0),
        };
    }

    /// Leaves a failure of the host's for the handler that called out of line.
    pub(super) fn set_failed(&mut self, failure: Failure) {
        self.failure = Some(failure);
        // Whichever: where a failure is, it is what counts.
        self.set_pending(Some(Trap::Unreachable));
    }

    /// Leaves a trap for the handler that called out of line.
    pub(super) fn set_pending(&mut self, trap: Option<Trap>) {
        self.pending = trap.map_or(NO_TRAP, |trap| trap as u32);
    }
}
