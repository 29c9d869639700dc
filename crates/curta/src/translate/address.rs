//! Addresses of loads and stores: what compilers add and shift right before an access costs no cell of its own.

use super::{
    stack::{Place, Value},
    translator::Translator,
};
use crate::code::{
    catalog::HandlerId,
    op::{LoadOp, StoreOp, Type},
    operand::{Address, Dest, SlotIndex, Source},
};
use wasmparser::{MemArg, MemArgTarget};

/// Six bytes of operands.
type Bytes = [u8; 6];

fn slot_and_word(slot: i16, word: u32) -> Bytes {
    let ([a, b], [c, d, e, f]) = (slot.to_ne_bytes(), word.to_ne_bytes());
    [a, b, c, d, e, f]
}

fn slots_and_half(first: i16, second: i16, half: u16) -> Bytes {
    let ([a, b], [c, d], [e, f]) = (
        first.to_ne_bytes(),
        second.to_ne_bytes(),
        half.to_ne_bytes(),
    );
    [a, b, c, d, e, f]
}

/// A slot that deferred sums may name.
fn near(slot: SlotIndex) -> i16 {
    debug_assert!(i16::try_from(slot).is_ok(), "only near slots are deferred");
    slot as i16
}

impl Translator<'_> {
    /// The address that an entry and a static offset make.
    fn address(&mut self, index: usize, offset: u32) -> (Address, Bytes) {
        match self.stack.get(index).value {
            Value::AddImm(slot, constant) if offset == 0 => {
                return (Address::SlotImm, slot_and_word(near(slot), constant));
            }
            Value::AddSlots(a, b) => {
                if let Ok(offset) = u16::try_from(offset) {
                    return (Address::SlotSlot, slots_and_half(near(a), near(b), offset));
                }
            }
            Value::AddScaled(base, scaled, by) if offset < 1 << 13 => {
                let half = u16::from(by) | (offset as u16) << 3;
                return (
                    Address::SlotScaled,
                    slots_and_half(near(base), near(scaled), half),
                );
            }
            Value::Const(base) => {
                if let Some(address) = (base as u32).checked_add(offset) {
                    return (Address::Const, slot_and_word(0, address));
                }
            }
            Value::Acc
            | Value::Slot(_)
            | Value::Compare { .. }
            | Value::AddImm(..)
            | Value::ShlImm(..)
            | Value::AddScaled(..) => {}
        }
        let place = self.prepare_variable(index);
        let operand = self.operand(Type::I32, place, 0);
        match (operand.source(), place) {
            (Source::Slot, Place::Slot(slot)) => {
                let slot = self.near_source(slot, 0);
                (Address::Slot, slot_and_word(slot, offset))
            }
            _ => (Address::Acc, slot_and_word(0, offset)),
        }
    }

    /// The memory that an access means, unless it is the first and has 32-bit addresses.
    fn other_memory(&self, memarg: &MemArg) -> Option<u32> {
        let MemArgTarget::Memory(memory) = memarg.target else {
            unreachable!("validated: memories only; please report this as a bug of curta");
        };
        (memory != 0 || self.module.memories()[0].memory64).then_some(memory)
    }

    pub(super) fn load(&mut self, op: LoadOp, memarg: MemArg) {
        if let Some(memory) = self.other_memory(&memarg) {
            let [address] = self.in_slots::<1>();
            self.pop();
            return self.emit(
                op.result(),
                HandlerId::load_other(op, Dest::Acc),
                |builder| {
                    builder.slot(address).word32(memory).word64(memarg.offset);
                },
            );
        }
        let top = self.stack.len() - 1;
        // Validated: offsets of 32-bit memories have 32 bits.
        let (address, bytes) = self.address(top, memarg.offset as u32);
        self.pop();
        self.emit(
            op.result(),
            HandlerId::load(op, address, Dest::Acc),
            |builder| {
                builder.raw(&bytes);
            },
        );
    }

    pub(super) fn store(&mut self, op: StoreOp, memarg: MemArg) {
        if let Some(memory) = self.other_memory(&memarg) {
            let [address, value] = self.in_slots::<2>();
            self.pop_many(2);
            self.builder
                .open(HandlerId::store_other(op))
                .slot(address)
                .slot(value)
                .word32(memory)
                .word64(memarg.offset);
            self.builder.close();
            return;
        }
        let value = self.stack.len() - 1;
        self.prepare(value);
        let (address, bytes) = self.address(value - 1, memarg.offset as u32);
        let place = self.ready(value);
        let ty = op.operand();
        let operand = self.operand(ty, place, 2).shortened(ty);
        self.pop_many(2);
        self.builder
            .open(HandlerId::store(op, address, operand.source()))
            .raw(&bytes);
        operand.write(&mut self.builder);
        self.builder.close();
    }
}
