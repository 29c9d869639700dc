//! The abstract operand stack: where each value is.
//!
//! A value that was read from a local is not copied, so it must be kept when the local is set before the value is used. To
//! find those values without a scan, every reference to a local is noted, in a list that goes from the local's last
//! reference to earlier ones; a `local.set` walks the list and empties it, which is paid for by the reads that filled it.
//! References are noted when an entry is on top, and forgotten when it is taken off or found to refer to the local no more:
//! so lists have the order of the stack, and whatever goes off the stack is at the head of its lists.

use alloc::vec::Vec;

use crate::code::{
    op::{CompareOp, Type},
    operand::{Class, SlotIndex},
};

/// The accumulator that values of a type use.
pub(super) fn class(ty: Type) -> Class {
    match ty {
        Type::I32 | Type::I64 => Class::Int,
        Type::F64 => Class::F64,
        Type::F32 => Class::F32,
    }
}

/// An operand that is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the accumulator of its class.
    Acc,
    Slot(SlotIndex),
    /// Its bits; 32-bit values are zero-extended.
    Const(u64),
}

/// Where a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    At(Place),
    /// A compare that is computed where it is used; at most one operand is in an accumulator.
    Compare(CompareOp, Place, Place),
    /// `local + constant`, for an address.
    AddImm(SlotIndex, u32),
    /// `local + local`, for an address.
    AddSlots(SlotIndex, SlotIndex),
    /// `local << constant`, for an address.
    ShlImm(SlotIndex, u8),
    /// `local + (local << constant)`, for an address.
    AddScaled(SlotIndex, SlotIndex, u8),
}

impl Value {
    /// The slots that it refers to.
    fn slots(&self) -> [Option<SlotIndex>; 2] {
        let slot = |place: &Place| {
            if let Place::Slot(slot) = place {
                Some(*slot)
            } else {
                None
            }
        };
        match self {
            Value::At(place) => [slot(place), None],
            Value::Compare(_, a, b) => [slot(a), slot(b)],
            Value::AddImm(a, _) | Value::ShlImm(a, _) => [Some(*a), None],
            Value::AddSlots(a, b) | Value::AddScaled(a, b, _) => [Some(*a), Some(*b)],
        }
    }

    /// The locals that it refers to, by their slots.
    fn locals(&self) -> impl Iterator<Item = SlotIndex> + use<> {
        self.slots().into_iter().flatten().filter(|slot| *slot < 0)
    }
}

/// A value on the stack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) ty: Type,
    pub(super) value: Value,
}

/// An entry's reference to a local.
#[derive(Debug, Clone, Copy)]
struct Read {
    entry: u32,
    /// The local's number; [`FORGOTTEN`] when this is in no list.
    local: u32,
    /// The local's reference before this one: its number plus one, or 0.
    before: u32,
}

const FORGOTTEN: u32 = u32::MAX;

#[derive(Default)]
pub(super) struct Stack {
    entries: Vec<Entry>,
    /// References to locals, in the order of the entries.
    reads: Vec<Read>,
    /// The last reference to each local: its number plus one, or 0.
    last_reads: Vec<u32>,
    locals: u32,
    /// As many entries from the bottom are in their own slots, or are constants.
    flushed: usize,
    /// The most entries there ever were.
    highest: usize,
}

impl Stack {
    /// Begins a function with that many parameters and locals.
    pub(super) fn reset(&mut self, locals: u32) {
        while !self.reads.is_empty() {
            self.forget_last_read();
        }
        self.entries.clear();
        self.flushed = 0;
        self.highest = 0;
        self.locals = locals;
        if self.last_reads.len() < locals as usize {
            self.last_reads.resize(locals as usize, 0);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn highest(&self) -> usize {
        self.highest
    }

    /// Makes room for what a call or a jump leaves above the stack.
    pub(super) fn reach(&mut self, height: usize) {
        self.highest = self.highest.max(height);
    }

    pub(super) fn flushed(&self) -> usize {
        self.flushed
    }

    pub(super) fn set_flushed(&mut self) {
        self.flushed = self.entries.len();
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> &Entry {
        &self.entries[index]
    }

    #[inline(always)]
    pub(super) fn push(&mut self, ty: Type, value: Value) {
        self.note(value);
        self.entries.push(Entry { ty, value });
        self.highest = self.highest.max(self.entries.len());
    }

    /// Takes the top off, if there is one.
    #[inline]
    pub(super) fn pop(&mut self) {
        self.entries.truncate(self.entries.len().saturating_sub(1));
        self.forget_reads();
        self.flushed = self.flushed.min(self.entries.len());
    }

    /// Puts another value in an entry's place. Below the top it may refer to no local that the one before did not.
    pub(super) fn set(&mut self, index: usize, value: Value) {
        if index + 1 == self.entries.len() {
            let ty = self.entries[index].ty;
            self.entries.truncate(index);
            self.forget_reads();
            self.note(value);
            self.entries.push(Entry { ty, value });
        } else {
            debug_assert!(
                value
                    .locals()
                    .all(|local| self.entries[index].value.locals().any(|old| old == local)),
                "references are noted in the order of the stack"
            );
            self.entries[index].value = value;
        }
    }

    pub(super) fn set_type(&mut self, index: usize, ty: Type) {
        self.entries[index].ty = ty;
    }

    /// An entry that reads a local, other than `except`, which is the top.
    #[inline]
    pub(super) fn reader(&mut self, local: SlotIndex, except: usize) -> Option<usize> {
        let number = self.number(local);
        if self.last_reads[number as usize] == 0 {
            return None;
        }
        self.reader_in_list(local, number, except)
    }

    fn reader_in_list(&mut self, local: SlotIndex, number: u32, except: usize) -> Option<usize> {
        let (mut after, mut at) = (0, self.last_reads[number as usize]);
        while at != 0 {
            let Read { entry, before, .. } = self.reads[at as usize - 1];
            let entry = entry as usize;
            if entry == except {
                after = at;
            } else if self.entries[entry].value.locals().any(|slot| slot == local) {
                return Some(entry);
            } else {
                self.reads[at as usize - 1].local = FORGOTTEN;
                match after {
                    0 => self.last_reads[number as usize] = before,
                    _ => self.reads[after as usize - 1].before = before,
                }
            }
            at = before;
        }
        None
    }

    /// The number of the local in a slot.
    fn number(&self, slot: SlotIndex) -> u32 {
        self.locals.wrapping_add_signed(slot)
    }

    /// Notes what the next entry refers to.
    #[inline(always)]
    fn note(&mut self, value: Value) {
        match value {
            Value::At(Place::Slot(slot)) => {
                if slot < 0 {
                    self.note_read(slot);
                }
            }
            Value::At(_) => {}
            _ => self.note_reads(value),
        }
    }

    fn note_reads(&mut self, value: Value) {
        for local in value.locals() {
            self.note_read(local);
        }
    }

    #[inline]
    fn note_read(&mut self, slot: SlotIndex) {
        let local = self.number(slot);
        let last = &mut self.last_reads[local as usize];
        self.reads.push(Read {
            entry: self.entries.len() as u32,
            local,
            before: *last,
        });
        *last = self.reads.len() as u32;
    }

    /// Forgets what the entry referred to that was on top.
    #[inline]
    fn forget_reads(&mut self) {
        let entry = self.entries.len();
        while self
            .reads
            .last()
            .is_some_and(|read| read.entry as usize == entry)
        {
            self.forget_last_read();
        }
    }

    fn forget_last_read(&mut self) {
        if let Some(read) = self.reads.pop()
            && read.local != FORGOTTEN
        {
            self.last_reads[read.local as usize] = read.before;
        }
    }
}
