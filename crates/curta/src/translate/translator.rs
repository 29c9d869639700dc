//! The translator's state, and how results get where they are wanted: accumulators, write-through, spills, copies.

use alloc::{sync::Arc, vec::Vec};

use super::{
    assigned::{Assigned, Exposed},
    control::Label,
    locals::Locals,
    operands::Operand,
    stack::{Place, Stack, Value, class},
};
use crate::code::{
    builder::{Builder, PartRef, Word},
    catalog::{HandlerId, Plain},
    module::FrameSize,
    op::Type,
    operand::{Class, Dest, HEADER, SlotIndex},
};
use curta_module::Module;

/// What an accumulator holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accumulator {
    /// The slot with the same value, or [`NOWHERE`].
    slot: SlotIndex,
    /// The entry whose value is here, wholly or as an operand of a compare; or [`NOBODY`].
    owner: u32,
    /// The micro-op that made it, if that can still be made to write it to a slot.
    pub(super) producer: Option<PartRef>,
}

/// No slot has this index.
const NOWHERE: SlotIndex = SlotIndex::MIN;

/// No entry has this height.
const NOBODY: u32 = u32::MAX;

impl Default for Accumulator {
    fn default() -> Accumulator {
        Accumulator {
            slot: NOWHERE,
            owner: NOBODY,
            producer: None,
        }
    }
}

impl Accumulator {
    /// What an entry owns since a micro-op made it.
    #[inline]
    fn made(owner: usize, producer: Option<PartRef>) -> Accumulator {
        Accumulator {
            slot: NOWHERE,
            owner: owner as u32,
            producer,
        }
    }

    /// What a slot has as well.
    #[inline]
    fn saved(slot: SlotIndex) -> Accumulator {
        Accumulator {
            slot,
            ..Accumulator::default()
        }
    }

    /// Whether a slot has the same value.
    #[inline]
    pub(super) fn mirrors(&self, slot: SlotIndex) -> bool {
        self.slot == slot
    }

    /// The entry whose value is here.
    #[inline]
    pub(super) fn owner(&self) -> Option<usize> {
        (self.owner != NOBODY).then_some(self.owner as usize)
    }

    #[inline]
    pub(super) fn is_owned_by(&self, index: usize) -> bool {
        self.owner == index as u32
    }

    pub(super) fn set_owner(&mut self, index: usize) {
        self.owner = index as u32;
    }
}

/// In frames beyond 16-bit indices, operands that are far away pass through these slots first.
const SCRATCH: usize = 4;

/// The part of [`SCRATCH`] through which results leave.
const OUTGOING: usize = 3;

pub(super) struct Translator<'m> {
    pub(super) module: &'m Module,
    /// Of every function that the module defines.
    sizes: Arc<[FrameSize]>,
    pub(super) builder: Builder,
    pub(super) stack: Stack,
    pub(super) labels: Vec<Label>,
    pub(super) locals: Locals,
    pub(super) accumulators: [Accumulator; 3],
    /// Whether the next instruction can be reached. If not it is validated and not translated.
    pub(super) reachable: bool,
    /// Blocks that were opened in unreachable code.
    pub(super) skipped: u32,
    /// Whether slots may be beyond 16 bits.
    pub(super) wide: bool,
    /// A slot turned out to be beyond 16 bits in a function that was begun without them.
    pub(super) needs_wide: bool,
    /// The last place at which the register of loop heads may have changed.
    pub(super) head_changed: u32,
    pub(super) check_stack: Option<PartRef>,
    /// The cell that zeroes locals, in functions that have any beside their parameters.
    zero_locals: Option<PartRef>,
    /// The locals that were set on every way to here.
    pub(super) assigned: Assigned,
    pub(super) exposed: Exposed,
    pub(super) results: Vec<Type>,
}

impl<'m> Translator<'m> {
    pub(super) fn new(
        module: &'m Module,
        sizes: Arc<[FrameSize]>,
        builder: Builder,
    ) -> Translator<'m> {
        Translator {
            module,
            sizes,
            builder,
            stack: Stack::default(),
            labels: Vec::new(),
            locals: Locals::default(),
            accumulators: Default::default(),
            reachable: true,
            skipped: 0,
            wide: false,
            needs_wide: false,
            head_changed: 0,
            check_stack: None,
            zero_locals: None,
            assigned: Assigned::ALL,
            exposed: Exposed::default(),
            results: Vec::new(),
        }
    }

    /// The slots below the header in frames of a function.
    pub(super) fn frame_size(&self, defined: usize) -> FrameSize {
        self.sizes[defined]
    }

    /// Begins a function, in whose frame slots may be beyond 16 bits or not.
    pub(super) fn begin(&mut self, wide: bool) {
        self.builder.clear();
        self.labels.clear();
        self.locals.clear();
        self.results.clear();
        self.accumulators = Default::default();
        (self.reachable, self.skipped) = (true, 0);
        (self.wide, self.needs_wide) = (wide, false);
        self.head_changed = 0;
        self.check_stack = None;
        self.zero_locals = None;
        self.exposed = Exposed::default();
    }

    /// The locals are known: the body begins.
    pub(super) fn begin_body(&mut self, params: u32, results: usize) {
        self.stack.reset(self.locals.count());
        if self.locals.count() > params {
            self.builder
                .open(HandlerId::plain(Plain::ZeroLocals))
                .word32(0)
                .word32(0);
            self.zero_locals = Some(self.builder.close());
            self.builder.barrier();
        }
        if self.wide {
            self.builder
                .open(HandlerId::plain(Plain::CheckStack))
                .word32(0);
            self.check_stack = Some(self.builder.close());
        }
        self.open_function(results);
    }

    /// The body has ended.
    pub(super) fn end_body(&mut self) {
        if let Some(part) = self.check_stack {
            let slots = self.canonical(self.stack.highest() + 1);
            let at = self.builder.operands_of(part);
            self.builder.set_word32(at, slots.cast_unsigned());
        }
        if let Some(part) = self.zero_locals {
            match self.exposed.range() {
                Some((first, count)) => {
                    let at = self.builder.operands_of(part);
                    let slot = self.locals.slot(first);
                    self.builder.set_word32(at, slot.cast_unsigned());
                    self.builder.set_word32(at + 4, count);
                }
                None => self.builder.begin_behind(part),
            }
        }
        // A frame that needs no check of its own must be addressable.
        let highest = self.canonical(self.stack.highest() + 1);
        self.near(highest);
        self.builder.thread_returns();
    }

    /// The slot of the stack's entry at a height: its canonical slot.
    pub(super) fn canonical(&self, height: usize) -> SlotIndex {
        (HEADER + if self.wide { SCRATCH } else { 0 } + height) as SlotIndex
    }

    fn scratch(number: usize) -> i16 {
        (HEADER + number) as i16
    }

    pub(super) fn accumulator(&mut self, class: Class) -> &mut Accumulator {
        &mut self.accumulators[class as usize]
    }

    /// A slot's index as cells have it, or `None` in a wide function when it is too far away.
    #[inline]
    pub(super) fn near(&mut self, slot: SlotIndex) -> Option<i16> {
        match i16::try_from(slot) {
            Ok(near) => Some(near),
            Err(_) if self.wide => None,
            Err(_) => {
                self.needs_wide = true;
                Some(0)
            }
        }
    }

    /// A slot to read, brought near if need be: `number` says through which scratch slot, one an operand.
    #[inline]
    pub(super) fn near_source(&mut self, slot: SlotIndex, number: usize) -> i16 {
        match self.near(slot) {
            Some(near) => near,
            None => self.bring_near(slot, Translator::scratch(number)),
        }
    }

    #[cold]
    fn bring_near(&mut self, slot: SlotIndex, near: i16) -> i16 {
        self.builder
            .open(HandlerId::plain(Plain::CopyFromWide))
            .slot(near)
            .word32(slot.cast_unsigned());
        self.builder.close();
        near
    }

    /// A slot to write: itself, or a scratch slot from which [`Translator::copy_far`] takes it. The two results of an op
    /// must be neighbours, so that they have a scratch slot each.
    pub(super) fn near_dest(&mut self, slot: SlotIndex) -> i16 {
        self.near(slot)
            .unwrap_or(Translator::scratch(slot as usize % 2))
    }

    /// Takes a result to where it belongs, if [`Translator::near_dest`] put it elsewhere.
    pub(super) fn copy_far(&mut self, slot: SlotIndex, near: i16) {
        if SlotIndex::from(near) != slot && self.wide {
            self.copy_out(slot, near);
        }
    }

    /// Emits an op whose result goes to the accumulator, and puts that in the place of the top `TAKEN` entries. These own no
    /// accumulator but the result's; see [`Translator::release`].
    #[inline(always)]
    pub(super) fn emit<const TAKEN: usize>(
        &mut self,
        ty: Type,
        id: HandlerId,
        first: Operand,
        second: Operand,
    ) {
        let height = self.result::<TAKEN>(ty);
        let producer = self.emit_at(height, id, first, second);
        *self.accumulator(class(ty)) = Accumulator::made(height, producer);
    }

    /// The same for more operands, which `write` writes; takes nothing off the stack.
    #[inline(always)]
    pub(super) fn emit_with(&mut self, ty: Type, id: HandlerId, write: impl FnOnce(&mut Builder)) {
        let height = self.result::<0>(ty);
        let (dest, is_own) = self.dest(height);
        self.builder.open(id).slot(dest);
        write(&mut self.builder);
        let producer = Some(self.builder.close()).filter(|_| is_own);
        *self.accumulator(class(ty)) = Accumulator::made(height, producer);
    }

    /// Puts a result in the place of the top `TAKEN` entries, and saves what its accumulator has. The result's height.
    #[inline(always)]
    fn result<const TAKEN: usize>(&mut self, ty: Type) -> usize {
        let height = self.stack.replace::<TAKEN>(ty, Value::Acc);
        if let Some(owner) = self.accumulator(class(ty)).owner()
            && owner < height
        {
            self.spill(class(ty), owner);
        }
        height
    }

    /// The slot that a cell has for the result of the entry at a height, and whether that is the entry's own and not one for
    /// all that are too far away.
    #[inline]
    fn dest(&mut self, height: usize) -> (i16, bool) {
        let slot = self.canonical(height);
        match self.near(slot) {
            Some(near) => (near, true),
            None => (Translator::scratch(OUTGOING), false),
        }
    }

    /// Emits an op whose result is that of the entry at a height. Not its producer when its slot is too far away.
    #[inline]
    pub(super) fn emit_at(
        &mut self,
        height: usize,
        id: HandlerId,
        first: Operand,
        second: Operand,
    ) -> Option<PartRef> {
        let (dest, is_own) = self.dest(height);
        let dest = Word::slot(dest);
        let part = self.builder.cell(id, dest, first.word(), second.word());
        is_own.then_some(part)
    }

    /// Makes sure that nothing needs an accumulator any more.
    #[inline]
    pub(super) fn clobber(&mut self, class: Class) {
        if let Some(owner) = self.accumulator(class).owner() {
            self.spill(class, owner);
        }
        *self.accumulator(class) = Accumulator::default();
    }

    /// Forgets what accumulators hold: the next cell can be reached from elsewhere. Nothing may own one.
    pub(super) fn forget(&mut self) {
        self.accumulators = Default::default();
        self.builder.barrier();
    }

    /// Saves what an entry has in an accumulator to the entry's slot.
    pub(super) fn spill(&mut self, class: Class, owner: usize) {
        let slot = self.canonical(owner);
        // What is made of the accumulator and cannot be said of the slot is computed now: an accumulator that is owned
        // mirrors no slot, so no operand that was chosen already is in it.
        let computes = match self.stack.get(owner).value {
            Value::AddAcc(_) => true,
            value => value
                .as_compare()
                .is_some_and(|(_, a, b)| [a, b].contains(&Place::Slot(slot))),
        };
        if computes {
            self.compute(owner);
        }
        if !self.write_through(class, slot) {
            self.copy_accumulator(class, slot);
        }
        let saved = |place| {
            if place == Place::Acc {
                Place::Slot(slot)
            } else {
                place
            }
        };
        let value = self.stack.get(owner).value;
        if matches!(value, Value::Acc) {
            self.stack.set(owner, Value::Slot(slot));
        } else if let Some((op, a, b)) = value.as_compare() {
            self.stack
                .set(owner, Value::compare(op, saved(a), saved(b)));
        }
        *self.accumulator(class) = Accumulator::saved(slot);
    }

    /// Patches the producer of an accumulator to write a slot as well.
    fn write_through(&mut self, class: Class, slot: SlotIndex) -> bool {
        let Some(producer) = self.accumulator(class).producer else {
            return false;
        };
        let Some(near) = self.near(slot) else {
            return false;
        };
        let patched = self.builder.write_through(producer, near);
        if patched {
            self.accumulator(class).producer = None;
        }
        patched
    }

    /// Copies an accumulator to a slot.
    fn copy_accumulator(&mut self, class: Class, slot: SlotIndex) {
        let near = self.near(slot);
        let to = Word::slot(near.unwrap_or(Translator::scratch(OUTGOING)));
        self.builder
            .cell(HandlerId::copy_acc(class), to, Word::NONE, Word::NONE);
        if near.is_none() {
            self.copy_out(slot, Translator::scratch(OUTGOING));
        }
    }

    fn copy_out(&mut self, slot: SlotIndex, near: i16) {
        self.builder
            .open(HandlerId::plain(Plain::CopyToWide))
            .word32(slot.cast_unsigned())
            .slot(near);
        self.builder.close();
    }

    /// Writes a constant to a slot.
    fn copy_const(&mut self, slot: SlotIndex, ty: Type, bits: u64) {
        let near = self.near(slot);
        let to = near.unwrap_or(Translator::scratch(OUTGOING));
        // 32-bit values may be sign-extended: nobody reads their upper half.
        let short = match ty {
            Type::I32 => Some(bits as i32),
            Type::I64 | Type::F64 => i32::try_from(bits.cast_signed()).ok(),
            Type::F32 => Some(bits as i32),
        };
        match short {
            Some(word) => {
                self.builder
                    .open(HandlerId::plain(Plain::CopyImm))
                    .slot(to)
                    .word32(word.cast_unsigned());
            }
            None => {
                self.builder
                    .open(HandlerId::plain(Plain::CopyImm64))
                    .slot(to)
                    .word64(bits);
            }
        }
        self.builder.close();
        if near.is_none() {
            self.copy_out(slot, to);
        }
    }

    fn copy_slot(&mut self, to: SlotIndex, from: SlotIndex) {
        let from = self.near_source(from, 0);
        match self.near(to) {
            Some(to) => {
                let (to, from) = (Word::slot(to), Word::slot(from));
                self.builder
                    .cell(HandlerId::plain(Plain::CopySlot), to, from, Word::NONE);
            }
            None => self.copy_out(to, from),
        }
    }

    /// Says that a slot was written: no accumulator has its value any more.
    pub(super) fn written(&mut self, slot: SlotIndex) {
        for accumulator in &mut self.accumulators {
            if accumulator.mirrors(slot) {
                accumulator.slot = NOWHERE;
            }
        }
    }

    /// Puts a constant operand into its entry's slot.
    pub(super) fn const_to_slot(&mut self, index: usize) {
        if let Value::Const(_) = self.stack.get(index).value {
            self.canonicalize(index);
        }
    }

    /// Puts an entry into its own slot.
    pub(super) fn canonicalize(&mut self, index: usize) {
        let slot = self.canonical(index);
        if self.stack.get(index).value.is_in(slot) {
            return;
        }
        self.put_in_slot(index, slot);
        self.stack.set(index, Value::Slot(slot));
    }

    /// Writes an entry's value to a slot. A constant remains one; what was in the accumulator is there without an owner, and
    /// it is for the caller to say that the entry is in the slot now, or to take it off the stack.
    pub(super) fn put_in_slot(&mut self, index: usize, slot: SlotIndex) {
        self.materialize(index);
        let entry = self.stack.get(index);
        let class = class(entry.ty);
        match entry.value {
            Value::Slot(from) if from == slot => {}
            Value::Slot(from) => {
                if self.accumulator(class).mirrors(from) {
                    self.written(slot);
                    self.copy_accumulator(class, slot);
                } else {
                    self.copy_slot(slot, from);
                    self.written(slot);
                }
            }
            Value::Const(bits) => {
                self.copy_const(slot, entry.ty, bits);
                self.written(slot);
            }
            Value::Acc if slot == self.canonical(index) => {
                self.written(slot);
                self.spill(class, index);
            }
            Value::Acc => {
                if !self.set_fresh(index, slot) {
                    self.written(slot);
                    self.copy_accumulator(class, slot);
                    *self.accumulator(class) = Accumulator::saved(slot);
                }
            }
            Value::Compare { .. }
            | Value::AddImm(..)
            | Value::AddAcc(..)
            | Value::AddSlots(..)
            | Value::ShlImm(..)
            | Value::AddScaled(..) => {
                unreachable!("it was computed just now; please report this as a bug of curta")
            }
        }
    }

    /// Has the micro-op that made an entry's value in an accumulator write another slot than the entry's as well, if nothing
    /// was emitted since, which may read or write that slot.
    #[inline]
    pub(super) fn set_fresh(&mut self, index: usize, slot: SlotIndex) -> bool {
        let entry = self.stack.get(index);
        let class = class(entry.ty);
        let producer = self.accumulators[class as usize].producer;
        let fresh = matches!(entry.value, Value::Acc)
            && producer.is_some_and(|producer| self.builder.is_last(producer))
            && self.write_through(class, slot);
        if fresh {
            self.written(slot);
            *self.accumulator(class) = Accumulator::saved(slot);
        }
        fresh
    }

    /// Takes the top off the stack.
    #[inline(always)]
    pub(super) fn pop(&mut self) {
        let index = self.stack.len() - 1;
        let entry = self.stack.get(index);
        let class = match &entry.value {
            Value::Acc => class(entry.ty),
            Value::AddAcc(_) => Class::Int,
            Value::Compare { op, .. } => class(op.ty()),
            // In no accumulator.
            _ => return self.stack.pop(),
        };
        self.stack.pop();
        self.release(class, index);
    }

    /// Says that an entry is about to be gone, and with it what it may have in an accumulator.
    #[inline]
    pub(super) fn release(&mut self, class: Class, index: usize) {
        let accumulator = self.accumulator(class);
        if accumulator.is_owned_by(index) {
            accumulator.owner = NOBODY;
        }
    }

    #[inline]
    pub(super) fn pop_many(&mut self, count: usize) {
        for _ in 0..count {
            self.pop();
        }
    }

    /// Saves every accumulator that an entry below a height owns.
    pub(super) fn spill_below(&mut self, height: usize) {
        for class in Class::ALL {
            if let Some(owner) = self.accumulator(class).owner()
                && owner < height
            {
                self.spill(class, owner);
            }
        }
    }

    /// Puts all values but constants into their own slots, so that every way to what follows finds them there.
    pub(super) fn flush(&mut self) {
        for index in self.stack.flushed()..self.stack.len() {
            self.materialize(index);
            if !matches!(self.stack.get(index).value, Value::Const(_)) {
                self.canonicalize(index);
            }
        }
        self.stack.set_flushed();
    }

    /// Computes a deferred value into the accumulator, in its entry's place.
    #[inline(always)]
    pub(super) fn materialize(&mut self, index: usize) {
        if !self.stack.get(index).value.is_computed() {
            self.compute(index);
        }
    }

    #[inline(never)]
    fn compute(&mut self, index: usize) {
        let value = self.stack.get(index).value;
        let (id, [first, second]) = if let Some((op, a, b)) = value.as_compare() {
            let (op, a, b) = self.compare_operands(op, a, b);
            self.release(class(op.ty()), index);
            (
                HandlerId::compare(op, a.source(), b.source(), Dest::Acc),
                [a, b],
            )
        } else {
            self.sum_operands(index, value)
        };
        self.clobber(Class::Int);
        let producer = self.emit_at(index, id, first, second);
        self.stack.set(index, Value::Acc);
        *self.accumulator(Class::Int) = Accumulator::made(index, producer);
    }
}
