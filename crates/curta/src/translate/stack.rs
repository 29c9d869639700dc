//! The abstract operand stack: where each value is.
//!
//! A value that was read from a local is not copied, so it must be kept when the local is set before the value is used. To
//! find those values without a scan, every reference to a local is a node in that local's list; a `local.set` walks the
//! list and empties it, which is paid for by the reads that filled it.

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
    fn slots(self) -> [Option<SlotIndex>; 2] {
        let slot = |place| {
            if let Place::Slot(slot) = place {
                Some(slot)
            } else {
                None
            }
        };
        match self {
            Value::At(place) => [slot(place), None],
            Value::Compare(_, a, b) => [slot(a), slot(b)],
            Value::AddImm(a, _) | Value::ShlImm(a, _) => [Some(a), None],
            Value::AddSlots(a, b) | Value::AddScaled(a, b, _) => [Some(a), Some(b)],
        }
    }
}

/// A value on the stack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) ty: Type,
    pub(super) value: Value,
}

/// Says which node comes next and before; 0 is none, else the number of a node plus one.
#[derive(Debug, Clone, Copy, Default)]
struct Link {
    /// The local, counted from 1; 0 when this node is in no list.
    local: u32,
    next: u32,
    previous: u32,
}

/// The head of a local's list, valid in the function whose number it bears.
#[derive(Debug, Clone, Copy, Default)]
struct Head {
    function: u32,
    first: u32,
}

#[derive(Default)]
pub(super) struct Stack {
    entries: Vec<Entry>,
    links: Vec<[Link; 2]>,
    heads: Vec<Head>,
    function: u32,
    locals: u32,
    /// As many entries from the bottom are in their own slots, or are constants.
    flushed: usize,
    /// The most entries there ever were.
    highest: usize,
}

impl Stack {
    /// Begins a function with that many parameters and locals.
    pub(super) fn reset(&mut self, locals: u32) {
        self.entries.clear();
        self.links.clear();
        self.flushed = 0;
        self.highest = 0;
        self.locals = locals;
        if self.function == u32::MAX {
            self.heads.clear();
            self.function = 0;
        }
        self.function += 1;
        if self.heads.len() < locals as usize {
            self.heads.resize(locals as usize, Head::default());
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

    pub(super) fn get(&self, index: usize) -> Entry {
        self.entries[index]
    }

    pub(super) fn push(&mut self, ty: Type, value: Value) {
        let index = self.entries.len();
        self.entries.push(Entry { ty, value });
        self.links.push([Link::default(); 2]);
        self.link(index, value);
        self.highest = self.highest.max(self.entries.len());
    }

    /// Takes the top off.
    ///
    /// # Panics
    /// When there is none, which validation rules out.
    pub(super) fn pop(&mut self) -> Entry {
        let index = self.entries.len() - 1;
        self.unlink(index);
        self.links.pop();
        self.flushed = self.flushed.min(index);
        match self.entries.pop() {
            Some(entry) => entry,
            None => unreachable!(
                "validated: the operand is there; please report this as a bug of curta"
            ),
        }
    }

    pub(super) fn set(&mut self, index: usize, value: Value) {
        self.unlink(index);
        self.entries[index].value = value;
        self.link(index, value);
    }

    pub(super) fn set_type(&mut self, index: usize, ty: Type) {
        self.entries[index].ty = ty;
    }

    /// An entry that reads a local, other than `except`.
    pub(super) fn reader(&self, local: SlotIndex, except: usize) -> Option<usize> {
        let head = self.heads[self.number(local)? as usize];
        if head.function != self.function {
            return None;
        }
        let mut node = head.first;
        while node != 0 {
            let (entry, side) = ((node as usize - 1) / 2, (node as usize - 1) % 2);
            if entry != except {
                return Some(entry);
            }
            node = self.links[entry][side].next;
        }
        None
    }

    /// The number of the local in a slot.
    fn number(&self, slot: SlotIndex) -> Option<u32> {
        if slot < 0 {
            Some((slot + self.locals as i32) as u32)
        } else {
            None
        }
    }

    fn link(&mut self, index: usize, value: Value) {
        for (side, slot) in value.slots().into_iter().enumerate() {
            let Some(local) = slot.and_then(|slot| self.number(slot)) else {
                continue;
            };
            let node = (index * 2 + side) as u32 + 1;
            let head = &mut self.heads[local as usize];
            if head.function != self.function {
                *head = Head {
                    function: self.function,
                    first: 0,
                };
            }
            let next = core::mem::replace(&mut head.first, node);
            self.links[index][side] = Link {
                local: local + 1,
                next,
                previous: 0,
            };
            if next != 0 {
                self.link_mut(next).previous = node;
            }
        }
    }

    fn unlink(&mut self, index: usize) {
        for side in 0..2 {
            let Link {
                local,
                next,
                previous,
            } = core::mem::take(&mut self.links[index][side]);
            if local == 0 {
                continue;
            }
            if next != 0 {
                self.link_mut(next).previous = previous;
            }
            if previous != 0 {
                self.link_mut(previous).next = next;
            } else {
                self.heads[local as usize - 1].first = next;
            }
        }
    }

    fn link_mut(&mut self, node: u32) -> &mut Link {
        &mut self.links[(node as usize - 1) / 2][(node as usize - 1) % 2]
    }
}
