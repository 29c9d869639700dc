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

/// The kind of a compare's operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Acc,
    Slot,
    Const,
}

/// Where a value is. Sixteen bytes: the stack is all that translation touches for each instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// In the accumulator of its class.
    Acc,
    Slot(SlotIndex),
    /// Its bits; 32-bit values are zero-extended.
    Const(u64),
    /// A compare that is computed where it is used, as [`Value::compare`] makes it and [`Value::as_compare`] reads it.
    Compare {
        op: CompareOp,
        a: Side,
        b: Side,
        /// Of the first operand in a slot.
        slot: SlotIndex,
        /// Of a constant, or of the second operand in a slot.
        bits: u64,
    },
    /// `local + constant`, for an address.
    AddImm(SlotIndex, u32),
    /// The accumulator, which the entry owns, + constant, for an address.
    AddAcc(u32),
    /// `local + local`, for an address.
    AddSlots(SlotIndex, SlotIndex),
    /// `local << constant`, for an address.
    ShlImm(SlotIndex, u8),
    /// `local + (local << constant)`, for an address.
    AddScaled(SlotIndex, SlotIndex, u8),
}

impl From<Place> for Value {
    #[inline]
    fn from(place: Place) -> Value {
        match place {
            Place::Acc => Value::Acc,
            Place::Slot(slot) => Value::Slot(slot),
            Place::Const(bits) => Value::Const(bits),
        }
    }
}

impl Value {
    /// A compare of two operands: at most one is a constant, and at most one is in an accumulator.
    pub(super) fn compare(op: CompareOp, a: Place, b: Place) -> Value {
        let (mut slots, mut constant) = ([None, None], None);
        let mut side = |place, number: usize| match place {
            Place::Acc => Side::Acc,
            Place::Slot(slot) => {
                slots[number] = Some(slot);
                Side::Slot
            }
            Place::Const(bits) => {
                constant = Some(bits);
                Side::Const
            }
        };
        let (a, b) = (side(a, 0), side(b, 1));
        let second = slots[1].unwrap_or_default();
        Value::Compare {
            op,
            a,
            b,
            slot: slots[0].unwrap_or(second),
            bits: constant.unwrap_or(u64::from(second.cast_unsigned())),
        }
    }

    /// The compare and its operands, if this is one.
    pub(super) fn as_compare(&self) -> Option<(CompareOp, Place, Place)> {
        let Value::Compare {
            op,
            a,
            b,
            slot,
            bits,
        } = *self
        else {
            return None;
        };
        let place = |side, slot| match side {
            Side::Acc => Place::Acc,
            Side::Slot => Place::Slot(slot),
            Side::Const => Place::Const(bits),
        };
        let second = if a == Side::Slot {
            (bits as u32).cast_signed()
        } else {
            slot
        };
        Some((op, place(a, slot), place(b, second)))
    }

    /// Where the value is, if it is computed.
    #[inline]
    pub(super) fn place(&self) -> Option<Place> {
        match self {
            Value::Acc => Some(Place::Acc),
            Value::Slot(slot) => Some(Place::Slot(*slot)),
            Value::Const(bits) => Some(Place::Const(*bits)),
            _ => None,
        }
    }

    #[inline]
    pub(super) fn is_computed(&self) -> bool {
        matches!(self, Value::Acc | Value::Slot(_) | Value::Const(_))
    }

    /// Whether it is in a slot, and nothing else.
    #[inline]
    pub(super) fn is_in(&self, slot: SlotIndex) -> bool {
        matches!(self, Value::Slot(at) if *at == slot)
    }

    /// The slots that it refers to.
    fn slots(self) -> [Option<SlotIndex>; 2] {
        let slot = |place| {
            if let Place::Slot(slot) = place {
                Some(slot)
            } else {
                None
            }
        };
        match self {
            Value::Acc | Value::Const(_) | Value::AddAcc(_) => [None, None],
            Value::Slot(a) | Value::AddImm(a, _) | Value::ShlImm(a, _) => [Some(a), None],
            Value::AddSlots(a, b) | Value::AddScaled(a, b, _) => [Some(a), Some(b)],
            Value::Compare { .. } => match self.as_compare() {
                Some((_, a, b)) => [slot(a), slot(b)],
                None => [None, None],
            },
        }
    }

    /// The locals that it refers to, by their slots.
    fn locals(self) -> impl Iterator<Item = SlotIndex> + use<> {
        self.slots().into_iter().flatten().filter(|slot| *slot < 0)
    }
}

/// A value on the stack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) value: Value,
    pub(super) ty: Type,
    /// Whether it and all below are in their own slots, or are constants.
    flushed: bool,
    /// The locals that it refers to, counted from the last one; or [`NONE`].
    locals: [u32; 2],
    /// The reference before its own to each of these, or 0.
    before: [ReadRef; 2],
}

impl Entry {
    #[inline(always)]
    fn new(ty: Type, value: Value) -> Entry {
        Entry {
            value,
            ty,
            flushed: false,
            locals: [NONE; 2],
            before: [0; 2],
        }
    }

    /// Forgets what it refers to; it was on top.
    #[inline(always)]
    fn forget(&self, last_reads: &mut [ReadRef]) {
        let [first, second] = self.locals;
        if second != NONE {
            last_reads[second as usize] = self.before[1];
        }
        if first != NONE {
            last_reads[first as usize] = self.before[0];
        }
    }
}

/// A reference: twice the number of its entry and its own there, plus one.
type ReadRef = u32;

/// No local, or a reference that is in no list any more.
const NONE: u32 = u32::MAX;

#[derive(Default)]
pub(super) struct Stack {
    /// As many as there ever were; those from `len` on are room for others.
    entries: Vec<Entry>,
    len: usize,
    /// The last reference to each local, or 0. Locals are counted from the last one.
    last_reads: Vec<ReadRef>,
    /// What calls and jumps leave above the stack.
    reached: usize,
}

impl Stack {
    /// Begins a function with that many parameters and locals.
    pub(super) fn reset(&mut self, locals: u32) {
        while self.len > 0 {
            self.pop();
        }
        self.entries.clear();
        self.reached = 0;
        if self.last_reads.len() < locals as usize {
            self.last_reads.resize(locals as usize, 0);
        }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The most entries there ever were.
    pub(super) fn highest(&self) -> usize {
        self.reached.max(self.entries.len())
    }

    /// Makes room for what a call or a jump leaves above the stack.
    pub(super) fn reach(&mut self, height: usize) {
        self.reached = self.reached.max(height);
    }

    /// As many entries from the bottom were in their own slots, or were constants, when that was last said.
    pub(super) fn flushed(&self) -> usize {
        let entries = &self.entries[..self.len];
        let last = entries.iter().rposition(|entry| entry.flushed);
        last.map_or(0, |last| last + 1)
    }

    /// Says that all entries are in their own slots, or are constants.
    pub(super) fn set_flushed(&mut self) {
        let flushed = self.flushed();
        for entry in &mut self.entries[flushed..self.len] {
            entry.flushed = true;
        }
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> &Entry {
        &self.entries[index]
    }

    #[inline(always)]
    pub(super) fn push(&mut self, ty: Type, value: Value) {
        let top = self.len;
        self.put(top, ty, value);
        self.note(top, value);
    }

    /// Makes a value the top one, at a height up to which there are others.
    #[inline(always)]
    fn put(&mut self, height: usize, ty: Type, value: Value) {
        let entry = Entry::new(ty, value);
        match self.entries.get_mut(height) {
            Some(room) => *room = entry,
            None => self.grow(entry),
        }
        self.len = height + 1;
    }

    /// Puts a value in the place of the top `TAKEN` entries. Its height.
    #[inline(always)]
    pub(super) fn replace<const TAKEN: usize>(&mut self, ty: Type, value: Value) -> usize {
        let height = self.len - TAKEN;
        let entries = self.entries.get_mut(height..);
        let Some(taken) = entries.and_then(<[Entry]>::first_chunk_mut::<TAKEN>) else {
            unreachable!("validated: there are operands; please report this as a bug of curta");
        };
        for entry in taken.iter().rev() {
            entry.forget(&mut self.last_reads);
        }
        match taken.first_mut() {
            Some(room) => *room = Entry::new(ty, value),
            None => self.put(height, ty, value),
        }
        self.len = height + 1;
        self.note(height, value);
        height
    }

    /// The places of the top two that are computed.
    #[inline(always)]
    pub(super) fn top_two(&self) -> [Option<Place>; 2] {
        match self.entries.get(self.len.wrapping_sub(2)..self.len) {
            Some([a, b]) => [a.value.place(), b.value.place()],
            _ => [None, None],
        }
    }

    #[cold]
    fn grow(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Takes the top off, if there is one.
    #[inline]
    pub(super) fn pop(&mut self) {
        if let Some(top) = self.len.checked_sub(1) {
            self.len = top;
            self.forget(top);
        }
    }

    /// Puts another value in an entry's place. Below the top it may refer to no local that the one before did not.
    pub(super) fn set(&mut self, index: usize, value: Value) {
        if index + 1 == self.len {
            self.forget(index);
            let entry = &mut self.entries[index];
            (entry.value, entry.locals) = (value, [NONE; 2]);
            self.note(index, value);
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
        if self.last_reads[number(local) as usize] == 0 {
            return None;
        }
        self.reader_in_list(local, except)
    }

    fn reader_in_list(&mut self, local: SlotIndex, except: usize) -> Option<usize> {
        let number = number(local) as usize;
        let (mut after, mut at) = (0, self.last_reads[number]);
        while at != 0 {
            let entry = entry_of(at);
            let before = *self.before(at);
            if entry == except {
                after = at;
            } else if self.entries[entry].value.locals().any(|slot| slot == local) {
                return Some(entry);
            } else {
                self.entries[entry].locals[own_of(at)] = NONE;
                match after {
                    0 => self.last_reads[number] = before,
                    _ => *self.before(after) = before,
                }
            }
            at = before;
        }
        None
    }

    fn before(&mut self, at: ReadRef) -> &mut ReadRef {
        &mut self.entries[entry_of(at)].before[own_of(at)]
    }

    /// Notes what the top refers to.
    #[inline(always)]
    fn note(&mut self, top: usize, value: Value) {
        match value {
            Value::Slot(slot) if slot < 0 => self.note_read(top, 0, slot),
            Value::Acc | Value::Slot(_) | Value::Const(_) | Value::AddAcc(_) => {}
            Value::AddImm(local, _) | Value::ShlImm(local, _) => self.note_read(top, 0, local),
            Value::AddSlots(..) | Value::AddScaled(..) | Value::Compare { .. } => {
                self.note_reads(top, value);
            }
        }
    }

    fn note_reads(&mut self, top: usize, value: Value) {
        for (own, local) in value.locals().enumerate() {
            self.note_read(top, own, local);
        }
    }

    #[inline]
    fn note_read(&mut self, top: usize, own: usize, slot: SlotIndex) {
        let local = number(slot);
        let read = (2 * top + own + 1) as ReadRef;
        let before = core::mem::replace(&mut self.last_reads[local as usize], read);
        let entry = &mut self.entries[top];
        (entry.locals[own], entry.before[own]) = (local, before);
    }

    /// Forgets what an entry refers to that was on top.
    #[inline]
    fn forget(&mut self, entry: usize) {
        self.entries[entry].forget(&mut self.last_reads);
    }
}

/// The number of the local in a slot, counted from the last one.
#[inline]
fn number(slot: SlotIndex) -> u32 {
    !slot.cast_unsigned()
}

fn entry_of(read: ReadRef) -> usize {
    (read as usize - 1) / 2
}

/// Which of its entry's references one is.
fn own_of(read: ReadRef) -> usize {
    (read as usize - 1) % 2
}

#[cfg(test)]
mod tests {
    use super::{Place, Value};
    use crate::code::op::CompareOp;

    #[test]
    fn values_are_small() {
        assert_eq!(size_of::<Value>(), 16);
    }

    #[test]
    fn compares_keep_their_operands() {
        let places = [
            Place::Acc,
            Place::Slot(-7),
            Place::Slot(40),
            Place::Const(!3),
        ];
        for (i, a) in places.into_iter().enumerate() {
            for (j, b) in places.into_iter().enumerate() {
                if i == j && !matches!(a, Place::Slot(_)) {
                    continue;
                }
                let value = Value::compare(CompareOp::F64Lt, a, b);
                assert_eq!(value.as_compare(), Some((CompareOp::F64Lt, a, b)));
            }
        }
    }
}
