//! Addresses of loads and stores: what compilers add and shift right before an access costs no cell of its own.

use super::{
    operands::Operand,
    stack::{Place, Value},
    translator::Translator,
};
use crate::code::{
    catalog::HandlerId,
    op::{LoadOp, StoreOp, Type},
    operand::{Address, Class, Dest, SlotIndex, Source},
};
use wasmparser::{MemArg, MemArgTarget};

/// How an address is made, and from what.
#[derive(Clone, Copy)]
struct Made {
    by: Address,
    slot: i16,
    word: u32,
}

impl Made {
    /// A slot, and what the way makes of 32 more bits.
    fn by(by: Address, slot: i16, word: u32) -> Made {
        Made { by, slot, word }
    }

    fn operands(self) -> (Operand, Operand) {
        (Operand::slot(self.slot), Operand::word32(self.word))
    }
}

/// Two operands of 16 bits, which lie one behind the other.
fn halves(first: u16, second: u16) -> u32 {
    let ([a, b], [c, d]) = (first.to_ne_bytes(), second.to_ne_bytes());
    u32::from_ne_bytes([a, b, c, d])
}

/// A slot that deferred sums may name.
fn near(slot: SlotIndex) -> i16 {
    debug_assert!(i16::try_from(slot).is_ok(), "only near slots are deferred");
    slot as i16
}

impl Translator<'_> {
    /// The address that an entry and a static offset make.
    fn address(&mut self, index: usize, offset: u32) -> Made {
        match self.stack.get(index).value {
            Value::AddImm(slot, constant) if offset == 0 => {
                return Made::by(Address::SlotImm, near(slot), constant);
            }
            Value::AddAcc(constant) if offset == 0 => {
                return Made::by(Address::AccImm, 0, constant);
            }
            Value::AddSlots(a, b) => {
                if let Ok(offset) = u16::try_from(offset) {
                    let rest = halves(near(b).cast_unsigned(), offset);
                    return Made::by(Address::SlotSlot, near(a), rest);
                }
            }
            Value::AddScaled(base, scaled, by) if offset < 1 << 13 => {
                let half = u16::from(by) | (offset as u16) << 3;
                let rest = halves(near(scaled).cast_unsigned(), half);
                return Made::by(Address::SlotScaled, near(base), rest);
            }
            Value::Const(base) => {
                if let Some(address) = (base as u32).checked_add(offset) {
                    return Made::by(Address::Const, 0, address);
                }
            }
            Value::Acc
            | Value::Slot(_)
            | Value::Compare { .. }
            | Value::AddImm(..)
            | Value::AddAcc(..)
            | Value::ShlImm(..)
            | Value::AddScaled(..) => {}
        }
        let place = self.prepare_variable(index);
        let operand = self.operand(Type::I32, place, 0);
        match (operand.source(), place) {
            (Source::Slot, Place::Slot(slot)) => {
                let slot = self.near_source(slot, 0);
                Made::by(Address::Slot, slot, offset)
            }
            _ => Made::by(Address::Acc, 0, offset),
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
            let id = HandlerId::load_other(op, Dest::Acc);
            return self.emit_with(op.result(), id, |builder| {
                builder.slot(address).word32(memory).word64(memarg.offset);
            });
        }
        let top = self.stack.len() - 1;
        // Validated: offsets of 32-bit memories have 32 bits.
        let address = self.address(top, memarg.offset as u32);
        self.release(Class::Int, top);
        let id = HandlerId::load(op, address.by, Dest::Acc);
        let (slot, word) = address.operands();
        self.emit::<1>(op.result(), id, slot, word);
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
        let address = self.address(value - 1, memarg.offset as u32);
        let place = self.ready(value);
        let ty = op.operand();
        let operand = self.operand(ty, place, 2).shortened(ty);
        self.pop_many(2);
        let id = HandlerId::store(op, address.by, operand.source());
        let (slot, word) = address.operands();
        self.builder
            .cell(id, slot.word(), word.word(), operand.word());
    }
}
