//! Handlers by id. The executor fills the table; the translator and the disassembler read it. Neither names a handler.
//!
//! An id follows from what the handler does (the op, where its operands live, where its result goes), by arithmetic that is
//! the same for whoever asks: the executor places each handler at the id that its type computes, the translator computes
//! the id of the handler that it wants. Never by address: the optimiser merges handlers with equal bodies.
//!
//! # Guarantees
//! Ids depend on the tables in this crate alone: the same on every architecture, build and run.

use alloc::boxed::Box;
use core::sync::atomic::{AtomicUsize, Ordering};

use super::{
    once::Once,
    op::{BinaryOp, CompareOp, LoadOp, StoreOp, UnaryOp},
    operand::{Address, Class, Description, Dest, Edge, Source},
};

/// Which handler, by what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HandlerId(pub(crate) u16);

/// Defines an enum of handlers that exist in one form only, in a fixed order.
macro_rules! plain {
    ($(#[$doc:meta])* $kind:ident { $($(#[$row:meta])* $name:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum $kind { $($(#[$row])* $name),* }
        impl $kind {
            /// Each of them, in order.
            pub(crate) const ALL: &[$kind] = &[$($kind::$name),*];
            const COUNT: usize = $kind::ALL.len();
        }
    };
}

plain! {
    /// Ops whose result comes from an out-of-line call.
    ValueCall {
        MemorySize, MemoryGrow, TableGet, TableSize, TableGrow, RefFunc,
    }
}

plain! {
    /// Ops without a result that are done by an out-of-line call.
    EffectCall {
        MemoryFill, MemoryCopy, MemoryInit, DataDrop, TableSet, TableFill, TableCopy, TableInit, ElemDrop,
    }
}

plain! {
    /// Handlers of one form.
    Plain {
        CopySlot, CopyMany, ZeroLocals, CopyImm, CopyImm64, CopyAccInt, CopyAccF64, CopyAccF32,
        /// A slot from one beyond 16 bits.
        CopyFromWide,
        /// A slot beyond 16 bits from another one.
        CopyToWide,
        GlobalSetImm,
        /// Makes sure that a frame beyond 16 bits fits the stack.
        CheckStack,
        Unreachable,
        /// Sets the register of the loop's head to the next cell.
        SetHead,
        BrTableAcc, BrTableSlot,
        Return, ReturnImm, ReturnMany,
        /// Calls a function of the module.
        Call,
        /// Fills bytes of memory 0: with what, how many.
        FillSlotSlot, FillSlotImm, FillImmSlot, FillImmImm,
        /// Copies bytes of memory 0: how many.
        CopyBytesSlot, CopyBytesImm,
        CallImport,
        CallIndirectAcc, CallIndirectSlot,
        /// Through a table other than the first.
        CallIndirectAny,
        /// Through a reference.
        CallRef,
        /// Calls that replace the running frame: of a function of the module, and of what has to be looked at.
        TailCall, TailCallImport, TailCallIndirect, TailCallRef,
        /// Traps on a null reference.
        NonNullAcc, NonNullSlot,
        /// Arithmetic on 128 bits.
        I64Add128, I64Sub128, I64MulWideS, I64MulWideU,
        /// Leaves the outermost frame.
        Exit,
        /// Returns into another instance.
        SwitchBack,
        /// Throws: a new exception, or one that is referred to.
        Throw, ThrowRef,
        /// Stands for a function that is translated when it is called first.
        EnterLazy,
    }
}

/// Three, and one that is none: so that a destination is two bits of an id.
const DESTS: usize = 4;
/// The operand places of two-operand ops; compares have neither the
/// accumulator on the right nor an immediate on the left: they are exchanged instead.
const PAIRS: usize = 10;
const COMPARE_PAIRS: usize = 4;
const ADDRESSES: usize = 7;
const STORE_SOURCES: usize = 4;
const EDGES: usize = 3;
const CLASSES: usize = 3;
/// The condition in the accumulator or a slot × two operands.
const SELECT_SHAPES: usize = 2 * SELECT_PAIRS;
const SELECT_PAIRS: usize = 9;
const SELECT_COMPARE_PAIRS: usize = 3;

// Handlers with a result come first, so many ids each.
const BINARY: usize = 0;
const COMPARE: usize = BINARY + BinaryOp::COUNT * PAIRS * DESTS;
const UNARY: usize = COMPARE + CompareOp::COUNT * COMPARE_PAIRS * DESTS;
const LOAD: usize = UNARY + UnaryOp::COUNT * 2 * DESTS;
const SELECT: usize = LOAD + LoadOp::COUNT * ADDRESSES * DESTS;
const SELECT_COMPARE: usize = SELECT + CLASSES * SELECT_SHAPES * DESTS;
const GLOBAL_GET: usize =
    SELECT_COMPARE + CompareOp::COUNT * COMPARE_PAIRS * SELECT_COMPARE_PAIRS * DESTS;
const VALUE_CALL: usize = GLOBAL_GET + CLASSES * 2 * DESTS;
const LOAD_OTHER: usize = VALUE_CALL + ValueCall::COUNT * DESTS;
const VALUES_END: usize = LOAD_OTHER + LoadOp::COUNT * DESTS;
const EFFECT_CALL: usize = VALUES_END;
const STORE: usize = EFFECT_CALL + EffectCall::COUNT;
const STORE_OTHER: usize = STORE + StoreOp::COUNT * ADDRESSES * STORE_SOURCES;
const GLOBAL_SET: usize = STORE_OTHER + StoreOp::COUNT;
const BR_COMPARE: usize = GLOBAL_SET + CLASSES * 2 * 2;
const BR_IF: usize = BR_COMPARE + CompareOp::COUNT * COMPARE_PAIRS * EDGES;
const BR: usize = BR_IF + 2 * 2 * EDGES;
const RETURN_VALUE: usize = BR + EDGES;
const PLAIN: usize = RETURN_VALUE + CLASSES * 2;

/// Numbers of two operand places: tables, for the translator asks for each op.
struct Pairs([[u8; Pairs::SOURCES]; Pairs::SOURCES]);

impl Pairs {
    const SOURCES: usize = 5;
    const NONE: u8 = u8::MAX;

    /// Those are numbered in their order.
    const fn of(pairs: &[(Source, Source)]) -> Pairs {
        let mut numbers = [[Pairs::NONE; Pairs::SOURCES]; Pairs::SOURCES];
        let mut number = 0;
        while number < pairs.len() {
            let (a, b) = pairs[number];
            numbers[a as usize][b as usize] = number as u8;
            number += 1;
        }
        Pairs(numbers)
    }

    /// # Panics
    /// When no handler has these two operand places.
    #[inline]
    const fn number(&self, a: Source, b: Source) -> usize {
        let number = self.0[a as usize][b as usize];
        assert!(
            number != Pairs::NONE,
            "no handler has these two operand places"
        );
        number as usize
    }
}

const fn pair(a: Source, b: Source) -> usize {
    const NUMBERS: Pairs = Pairs::of(&[
        (Source::Acc, Source::Slot),
        (Source::Slot, Source::Acc),
        (Source::Slot, Source::Slot),
        (Source::Acc, Source::Imm),
        (Source::Slot, Source::Imm),
        (Source::Imm, Source::Acc),
        (Source::Imm, Source::Slot),
        (Source::Acc, Source::Imm64),
        (Source::Slot, Source::Imm64),
        (Source::Acc, Source::Acc),
    ]);
    NUMBERS.number(a, b)
}

const fn compare_pair(a: Source, b: Source) -> usize {
    const NUMBERS: Pairs = Pairs::of(&[
        (Source::Acc, Source::Slot),
        (Source::Slot, Source::Slot),
        (Source::Acc, Source::Imm),
        (Source::Slot, Source::Imm),
    ]);
    NUMBERS.number(a, b)
}

const fn register_or_slot(a: Source) -> usize {
    match a {
        Source::Acc => 0,
        Source::Slot => 1,
        Source::Imm | Source::Imm16 | Source::Imm64 => {
            panic!("no handler takes an immediate here")
        }
    }
}

const fn id(base: usize, index: usize) -> HandlerId {
    HandlerId((base + index) as u16)
}

const fn value(base: usize, index: usize, dest: Dest) -> HandlerId {
    id(base, index * DESTS + dest as usize)
}

impl HandlerId {
    /// How many ids there are before the fused ones.
    pub(crate) const SINGLES: usize = PLAIN + Plain::COUNT;

    /// Where one that is not fused is found.
    pub(crate) fn place(self) -> Place {
        let id = usize::from(self.0);
        let behind = |batch: &Batch| batch.start() <= id;
        let batch = Batch::ALL[Batch::ALL.partition_point(behind) - 1];
        Place {
            batch,
            index: id - batch.start(),
        }
    }

    pub(crate) const fn binary(op: BinaryOp, a: Source, b: Source, dest: Dest) -> HandlerId {
        value(BINARY, op as usize * PAIRS + pair(a, b), dest)
    }

    pub(crate) const fn compare(op: CompareOp, a: Source, b: Source, dest: Dest) -> HandlerId {
        value(
            COMPARE,
            op as usize * COMPARE_PAIRS + compare_pair(a, b),
            dest,
        )
    }

    pub(crate) const fn unary(op: UnaryOp, a: Source, dest: Dest) -> HandlerId {
        value(UNARY, op as usize * 2 + register_or_slot(a), dest)
    }

    pub(crate) const fn load(op: LoadOp, address: Address, dest: Dest) -> HandlerId {
        value(LOAD, op as usize * ADDRESSES + address as usize, dest)
    }

    pub(crate) const fn store(op: StoreOp, address: Address, source: Source) -> HandlerId {
        id(
            STORE,
            (op as usize * ADDRESSES + address as usize) * STORE_SOURCES + source as usize,
        )
    }

    /// Of a memory other than the first, or with 64-bit addresses.
    pub(crate) const fn load_other(op: LoadOp, dest: Dest) -> HandlerId {
        value(LOAD_OTHER, op as usize, dest)
    }

    /// Of a memory other than the first, or with 64-bit addresses; the value is in a slot.
    pub(crate) const fn store_other(op: StoreOp) -> HandlerId {
        id(STORE_OTHER, op as usize)
    }

    /// `None` where both operands and the condition would be the same accumulator.
    pub(crate) const fn select(
        class: Class,
        condition: Source,
        a: Source,
        b: Source,
        dest: Dest,
    ) -> HandlerId {
        let operands = match (a, b) {
            (Source::Imm, Source::Imm) => 7,
            (Source::Acc, Source::Acc) => 8,
            (a, b) => pair(a, b),
        };
        value(
            SELECT,
            (class as usize * 2 + register_or_slot(condition)) * SELECT_PAIRS + operands,
            dest,
        )
    }

    /// Chooses between two integer values by a compare.
    pub(crate) const fn select_compare(
        op: CompareOp,
        places: [Source; 4],
        dest: Dest,
    ) -> HandlerId {
        let [a, b, c, d] = places;
        let operands = pair(c, d);
        assert!(
            operands < SELECT_COMPARE_PAIRS,
            "a select by a compare takes no immediate"
        );
        value(
            SELECT_COMPARE,
            (op as usize * COMPARE_PAIRS + compare_pair(a, b)) * SELECT_COMPARE_PAIRS + operands,
            dest,
        )
    }

    pub(crate) const fn global_get(class: Class, imported: bool, dest: Dest) -> HandlerId {
        value(GLOBAL_GET, class as usize * 2 + imported as usize, dest)
    }

    pub(crate) const fn global_set(class: Class, imported: bool, source: Source) -> HandlerId {
        id(
            GLOBAL_SET,
            (class as usize * 2 + imported as usize) * 2 + register_or_slot(source),
        )
    }

    pub(crate) const fn value_call(op: ValueCall, dest: Dest) -> HandlerId {
        value(VALUE_CALL, op as usize, dest)
    }

    pub(crate) const fn effect_call(op: EffectCall) -> HandlerId {
        id(EFFECT_CALL, op as usize)
    }

    pub(crate) const fn br_compare(op: CompareOp, a: Source, b: Source, edge: Edge) -> HandlerId {
        id(
            BR_COMPARE,
            (op as usize * COMPARE_PAIRS + compare_pair(a, b)) * EDGES + edge as usize,
        )
    }

    /// Branches when the operand is not zero (`nonzero`), or when it is.
    pub(crate) const fn br_if(nonzero: bool, a: Source, edge: Edge) -> HandlerId {
        id(
            BR_IF,
            (nonzero as usize * 2 + register_or_slot(a)) * EDGES + edge as usize,
        )
    }

    pub(crate) const fn br(edge: Edge) -> HandlerId {
        id(BR, edge as usize)
    }

    pub(crate) const fn return_value(class: Class, a: Source) -> HandlerId {
        id(RETURN_VALUE, class as usize * 2 + register_or_slot(a))
    }

    pub(crate) const fn plain(op: Plain) -> HandlerId {
        id(PLAIN, op as usize)
    }

    /// Copies the accumulator of a class to a slot.
    pub(crate) const fn copy_acc(class: Class) -> HandlerId {
        HandlerId::plain(match class {
            Class::Int => Plain::CopyAccInt,
            Class::F64 => Plain::CopyAccF64,
            Class::F32 => Plain::CopyAccF32,
        })
    }

    /// Where the result goes; `None` for handlers without one and for fused ones.
    #[inline]
    pub(crate) const fn dest(self) -> Option<Dest> {
        if self.0 as usize >= VALUES_END {
            return None;
        }
        Some(match self.0 as usize % DESTS {
            0 => Dest::Acc,
            1 => Dest::Both,
            _ => Dest::InPlace,
        })
    }

    /// The same op with another destination.
    ///
    /// # Panics
    /// Where there is no result.
    pub(crate) const fn with_dest(self, dest: Dest) -> HandlerId {
        assert!(self.dest().is_some(), "a handler with a result");
        HandlerId(self.0 - self.0 % DESTS as u16 + dest as u16)
    }

    /// The same op, its result written through if it goes to the accumulator.
    #[inline]
    pub(crate) const fn written_through(self) -> HandlerId {
        match self.dest() {
            Some(Dest::Acc) => self.with_dest(Dest::Both),
            _ => self,
        }
    }

    /// The form of a two-operand op that writes its first slot operand, which its cell has right behind the destination.
    pub(crate) const fn in_place(self) -> Option<HandlerId> {
        if self.0 as usize >= COMPARE {
            return None;
        }
        match self.0 as usize / DESTS % PAIRS {
            // accumulator and slot, slot and accumulator, two slots, slot and immediate
            0 | 1 | 2 | 4 | 8 => Some(self.with_dest(Dest::InPlace)),
            _ => None,
        }
    }

    /// Whether this returns from a function with one result or none, which lies in a slot or is a constant.
    pub(crate) const fn is_return_of_one(self) -> bool {
        let id = self.0 as usize;
        id == PLAIN + Plain::Return as usize
            || id == PLAIN + Plain::ReturnImm as usize
            || id >= RETURN_VALUE && id < PLAIN && (id - RETURN_VALUE) % 2 == 1
    }

    /// The exchanged form of a two-operand op of two slots that commutes, for which operands may be swapped in the cell.
    pub(crate) const fn commutes_in_slots(self) -> bool {
        if self.0 as usize >= COMPARE {
            return false;
        }
        let index = self.0 as usize / DESTS;
        if index % PAIRS != pair(Source::Slot, Source::Slot) {
            return false;
        }
        COMMUTES[index / PAIRS]
    }
}

/// Which rows of [`BinaryOp`] commute, by their number.
const COMMUTES: [bool; BinaryOp::COUNT] = {
    let mut all = [false; BinaryOp::COUNT];
    macro_rules! fill {
        ($($name:ident $text:literal $visit:ident($ty:ident) -> $out:ident = $meaning:path, commutes $commutes:literal;)*) => {
            $(all[BinaryOp::$name as usize] = BinaryOp::$name.commutes();)*
        };
    }
    super::op::for_each_binary!(fill);
    all
};

/// Up to three micro-ops in one handler.
pub(crate) type Group = [Option<HandlerId>; 3];

/// The same as a number, to look it up by: sixteen bits a micro-op, the first one lowest; 0 is none, else the id plus one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sequence(u64);

impl Sequence {
    pub(crate) fn one(id: HandlerId) -> Sequence {
        Sequence(u64::from(id.0) + 1)
    }

    pub(crate) const fn of(group: &Group) -> Sequence {
        let (mut sequence, mut part) = (Sequence(0), 0);
        while part < group.len() {
            if let Some(id) = group[part] {
                sequence = sequence.extended(part, id);
            }
            part += 1;
        }
        sequence
    }

    /// How many micro-ops there are.
    #[inline]
    pub(crate) fn len(self) -> usize {
        (u64::BITS - self.0.leading_zeros()).div_ceil(16) as usize
    }

    #[inline]
    pub(crate) fn part(self, part: usize) -> Option<HandlerId> {
        let number = (self.0 >> (16 * part)) as u16;
        number.checked_sub(1).map(HandlerId)
    }

    /// The same with another micro-op in the place of one.
    #[inline]
    pub(crate) const fn with(self, part: usize, id: HandlerId) -> Sequence {
        let at = 16 * part;
        Sequence(self.0 & !(0xffff << at) | (id.0 as u64 + 1) << at)
    }

    /// The same with one more micro-op, the one with the number `part`.
    #[inline]
    pub(crate) const fn extended(self, part: usize, id: HandlerId) -> Sequence {
        Sequence(self.0 | (id.0 as u64 + 1) << (16 * part))
    }

    /// The same without the last micro-op.
    pub(crate) fn without_last(self) -> Sequence {
        Sequence(self.0 & ((1 << (16 * (self.len() - 1))) - 1))
    }

    /// The same with results written through that are made in place.
    pub(crate) fn nowhere_in_place(self) -> Sequence {
        (0..self.len()).fold(self, |sequence, part| match self.part(part) {
            Some(id) if id.dest() == Some(Dest::InPlace) => {
                sequence.with(part, id.with_dest(Dest::Both))
            }
            _ => sequence,
        })
    }

    /// The same, its last result written through if it goes to the accumulator.
    #[inline]
    fn written_through(self) -> Sequence {
        let last = self.len() - 1;
        match self.part(last) {
            Some(id) => self.with(last, id.written_through()),
            None => self,
        }
    }

    /// A place in an index, and one in a sieve.
    #[inline]
    const fn hashes(self) -> (usize, usize) {
        let product = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((product >> 32) as usize, (product >> 48) as usize)
    }
}

/// How cells follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    /// Each handler jumps to the next.
    Threaded,
    /// Each handler returns to a loop.
    Looped,
}

/// Handlers, without the fused ones, that are looked for together: the first that is needed brings the others along. In the
/// order of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Batch {
    Binary,
    Compare,
    Unary,
    Load,
    Select,
    SelectCompare,
    /// Results of globals and of out-of-line calls.
    Value,
    /// Accesses to other memories, and out-of-line calls without a result.
    Rare,
    Store,
    GlobalSet,
    BrCompare,
    /// Returns, branches, calls, and what else exists in few forms: some of it is in every function.
    Plain,
}

impl Batch {
    pub(crate) const ALL: [Batch; 12] = [
        Batch::Binary,
        Batch::Compare,
        Batch::Unary,
        Batch::Load,
        Batch::Select,
        Batch::SelectCompare,
        Batch::Value,
        Batch::Rare,
        Batch::Store,
        Batch::GlobalSet,
        Batch::BrCompare,
        Batch::Plain,
    ];

    /// Its first id.
    const fn start(self) -> usize {
        match self {
            Batch::Binary => BINARY,
            Batch::Compare => COMPARE,
            Batch::Unary => UNARY,
            Batch::Load => LOAD,
            Batch::Select => SELECT,
            Batch::SelectCompare => SELECT_COMPARE,
            Batch::Value => GLOBAL_GET,
            Batch::Rare => LOAD_OTHER,
            Batch::Store => STORE,
            Batch::GlobalSet => GLOBAL_SET,
            Batch::BrCompare => BR_COMPARE,
            Batch::Plain => BR_IF,
        }
    }

    /// How many ids it has.
    pub(crate) fn len(self) -> usize {
        let next = Batch::ALL.get(self as usize + 1);
        next.map_or(HandlerId::SINGLES, |next| next.start()) - self.start()
    }
}

/// Where something is in the rows of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) batch: Batch,
    pub(crate) index: usize,
}

/// What is known of a handler that is not fused; nothing where there is none.
#[derive(Clone, Copy, Default)]
pub(crate) struct Row {
    pub(crate) address: u64,
    pub(crate) description: Option<&'static Description>,
}

/// The sequences that exist in fused form.
#[derive(Clone, Copy)]
pub(crate) struct Fusions {
    pub(crate) groups: &'static [Group],
    /// Made by [`index`], or a single 0 for no groups.
    pub(crate) index: &'static [u64],
    /// Made by [`sieve`].
    pub(crate) sieve: &'static Sieve,
    /// Makes the addresses of their handlers, in this order.
    pub(crate) addresses: fn() -> Box<[u64]>,
}

/// How long the index of groups is: a power of two, and at most half full.
pub(crate) const fn index_len(groups: &[Group]) -> usize {
    (groups.len() * 2).next_power_of_two()
}

/// An open-addressed index: 0 is free, else a sequence above the 16 bits of its number. Each is looked up with its last
/// result written through.
pub(crate) const fn index<const LEN: usize>(groups: &[Group]) -> [u64; LEN] {
    let mut index = [0; LEN];
    let mut number = 0;
    while number < groups.len() {
        let sequence = Sequence::of(&groups[number]);
        let mut at = sequence.hashes().0 & (LEN - 1);
        while index[at] != 0 {
            at = (at + 1) & (LEN - 1);
        }
        index[at] = sequence.0 << 16 | number as u64;
        number += 1;
    }
    index
}

/// A bit for each hash that a listed sequence has: few others have one of these, and what says so stays in the cache.
pub(crate) type Sieve = [u64; 1 << 10];

pub(crate) const fn sieve(groups: &[Group]) -> Sieve {
    let mut sieve = [0; 1 << 10];
    let mut number = 0;
    while number < groups.len() {
        let (_, bit) = Sequence::of(&groups[number]).hashes();
        sieve[bit / 64] |= 1 << (bit % 64);
        number += 1;
    }
    sieve
}

/// All handlers of one dispatch backend: addresses, texts, and which sequences exist in fused form.
pub(crate) struct Catalog {
    backend: Backend,
    /// By batch, once it is needed.
    batches: [Once<Box<[Row]>>; Batch::ALL.len()],
    rows: fn(Batch) -> Box<[Row]>,
    fusions: Fusions,
    /// The addresses of handlers by their ids; 0 where nobody has asked yet, or there is none.
    known: &'static [AtomicUsize],
    /// The numbers of fusions that are passed over, to find out what they are good for.
    #[cfg(feature = "internals")]
    hidden: core::ops::Range<usize>,
    /// Of the fused ones, once one is needed.
    fused: Once<Box<[u64]>>,
    /// Two cells that belong to no function: the outermost frame's return, and the one into another instance.
    stubs: Box<[u64; 2]>,
}

impl Catalog {
    /// From what makes the rows of a batch, and the fused ones; these have the ids behind all others. `known` has a place for
    /// each, 0 or what this backend's catalogues know.
    pub(crate) fn new(
        backend: Backend,
        rows: fn(Batch) -> Box<[Row]>,
        fusions: Fusions,
        known: &'static [AtomicUsize],
    ) -> Catalog {
        debug_assert!(
            fusions
                .groups
                .iter()
                .map(Sequence::of)
                .all(|sequence| sequence == sequence.written_through()),
            "sequences are looked up with their last result written through"
        );
        let mut catalog = Catalog {
            backend,
            batches: [const { Once::new() }; Batch::ALL.len()],
            rows,
            fusions,
            known,
            #[cfg(feature = "internals")]
            hidden: 0..0,
            fused: Once::new(),
            stubs: Box::default(),
        };
        // Not asked whether it is known, which would only make the platform show a page of zeros first.
        let stub = |op| catalog.find(HandlerId::plain(op));
        catalog.stubs = Box::new([stub(Plain::Exit), stub(Plain::SwitchBack)]);
        catalog
    }

    /// What is known of a handler that is not fused.
    fn row(&self, id: HandlerId) -> &Row {
        let place = id.place();
        let batch = &self.batches[place.batch as usize];
        &batch.get_or_init(|| (self.rows)(place.batch))[place.index]
    }

    /// Which of the fused ones it is, if it is any.
    fn number(id: HandlerId) -> Option<usize> {
        usize::from(id.0).checked_sub(HandlerId::SINGLES)
    }

    /// The same but for the fusions with these numbers, which are passed over.
    #[cfg(feature = "internals")]
    pub(crate) fn without(&self, numbers: core::ops::Range<usize>) -> Catalog {
        Catalog {
            hidden: numbers,
            ..Catalog::new(self.backend, self.rows, self.fusions, self.known)
        }
    }

    pub(crate) fn backend(&self) -> Backend {
        self.backend
    }

    /// The address of the cell that ends the outermost frame.
    pub(crate) fn exit(&self) -> u64 {
        self.stubs.as_ptr().expose_provenance() as u64
    }

    /// The address of the cell that returns into another instance.
    pub(crate) fn switch_back(&self) -> u64 {
        self.exit() + 8
    }

    /// The address that goes into cells.
    #[inline]
    pub(crate) fn address(&self, id: HandlerId) -> u64 {
        match self.known[usize::from(id.0)].load(Ordering::Relaxed) {
            0 => self.find(id),
            known => known as u64,
        }
    }

    #[cold]
    fn find(&self, id: HandlerId) -> u64 {
        let address = match Catalog::number(id) {
            None => self.row(id).address,
            Some(fused) => self.fused.get_or_init(self.fusions.addresses)[fused],
        };
        self.known[usize::from(id.0)].store(address as usize, Ordering::Relaxed);
        assert!(
            address != 0,
            "no handler has the id {}; please report this as a bug of curta",
            id.0
        );
        address
    }

    /// Whether there is a handler for the id.
    pub(crate) fn has(&self, id: HandlerId) -> bool {
        self.known[usize::from(id.0)].load(Ordering::Relaxed) != 0
            || match Catalog::number(id) {
                None => self.row(id).address != 0,
                Some(fused) => fused < self.fusions.groups.len(),
            }
    }

    /// What a micro-op says of itself.
    pub(crate) fn description(&self, id: HandlerId) -> Option<&'static Description> {
        match Catalog::number(id) {
            None => self.row(id).description,
            Some(_) => None,
        }
    }

    /// Every id that has a handler, with its micro-ops.
    #[cfg_attr(
        not(feature = "internals"),
        allow(dead_code, reason = "the tests of handlers walk them")
    )]
    pub(crate) fn handlers(&self) -> impl Iterator<Item = (HandlerId, Group)> + '_ {
        (0..HandlerId::SINGLES + self.fusions.groups.len())
            .map(|number| HandlerId(number as u16))
            .filter(|id| self.has(*id))
            .map(move |id| {
                let fused = Catalog::number(id);
                let alone = [Some(id), None, None];
                (id, fused.map_or(alone, |fused| self.fusions.groups[fused]))
            })
    }

    /// The handler that does all of a sequence: of one, itself; of more, a fused one if there is any. The canonical slot of
    /// a result may always be written, so a sequence listed with its last result written through serves for the
    /// accumulator too.
    #[inline]
    pub(crate) fn fused(&self, sequence: Sequence) -> Option<HandlerId> {
        if sequence.len() == 1 {
            return sequence.part(0);
        }
        self.listed(sequence.written_through())
    }

    /// The same for a sequence with one more micro-op, the one with the number `part`.
    pub(crate) fn extended(
        &self,
        sequence: Sequence,
        part: usize,
        id: HandlerId,
    ) -> Option<HandlerId> {
        self.listed(sequence.extended(part, id.written_through()))
    }

    /// Whether there may be such a handler: most often this says that there is none.
    #[inline]
    pub(crate) fn may_extend(&self, sequence: Sequence, part: usize, id: HandlerId) -> bool {
        let (_, bit) = sequence.extended(part, id.written_through()).hashes();
        self.fusions.sieve[bit / 64] >> (bit % 64) & 1 != 0
    }

    /// The handler of a sequence as it is listed.
    fn listed(&self, sequence: Sequence) -> Option<HandlerId> {
        let index = self.fusions.index;
        let (at, _) = sequence.hashes();
        let mut at = at & (index.len() - 1);
        while index[at] != 0 {
            if index[at] >> 16 == sequence.0 {
                let number = index[at] as u16;
                #[cfg(feature = "internals")]
                if self.hidden.contains(&usize::from(number)) {
                    return None;
                }
                return Some(HandlerId(HandlerId::SINGLES as u16 + number));
            }
            at = (at + 1) & (index.len() - 1);
        }
        None
    }
}
