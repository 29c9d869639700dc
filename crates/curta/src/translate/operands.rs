//! From where a value is to the operand of a cell.

use super::{
    stack::{Place, Value, class},
    translator::Translator,
};
use crate::code::{
    builder::Builder,
    catalog::HandlerId,
    op::{BinaryOp, CompareOp, Type},
    operand::{Dest, SlotIndex, Source},
};

/// An operand as a cell has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operand {
    form: Form,
    /// The slot's index, or the constant's bits.
    bits: u64,
}

/// Where an operand is, and so how long: a [`Source`], of which one is of two lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Acc,
    Slot,
    Imm,
    ImmF64,
    Imm16,
    Imm64,
}

impl Operand {
    pub(super) const ACC: Operand = Operand {
        form: Form::Acc,
        bits: 0,
    };

    #[inline]
    fn slot(index: i16) -> Operand {
        Operand {
            form: Form::Slot,
            bits: index as u64,
        }
    }

    #[inline]
    pub(super) fn imm(ty: Type, bits: u64) -> Operand {
        let form = match ty {
            Type::F64 => Form::ImmF64,
            Type::I32 | Type::I64 | Type::F32 => Form::Imm,
        };
        Operand { form, bits }
    }

    #[inline]
    pub(super) fn source(self) -> Source {
        match self.form {
            Form::Acc => Source::Acc,
            Form::Slot => Source::Slot,
            Form::Imm | Form::ImmF64 => Source::Imm,
            Form::Imm16 => Source::Imm16,
            Form::Imm64 => Source::Imm64,
        }
    }

    /// As an immediate of 16 bits, if it is an integer that fits.
    pub(super) fn shortened(self, ty: Type) -> Operand {
        let value = match ty {
            Type::I32 => i64::from(self.bits as i32),
            Type::I64 => self.bits.cast_signed(),
            Type::F32 | Type::F64 => return self,
        };
        if self.form == Form::Imm && i16::try_from(value).is_ok() {
            let form = Form::Imm16;
            return Operand { form, ..self };
        }
        self
    }

    /// As an immediate of 64 bits, if it is one that needs them.
    #[inline]
    pub(super) fn widened(self, ty: Type) -> Operand {
        if self.form == Form::Imm && !fits_immediate(ty, self.bits) {
            let form = Form::Imm64;
            return Operand { form, ..self };
        }
        self
    }

    #[inline(always)]
    pub(super) fn write(self, builder: &mut Builder) {
        match self.form {
            Form::Acc => builder,
            Form::Slot => builder.slot(self.bits as i16),
            Form::Imm => builder.word32(self.bits as u32),
            Form::Imm16 => builder.word16(self.bits as u16),
            Form::ImmF64 | Form::Imm64 => builder.word64(self.bits),
        };
    }
}

/// Whether a constant fits an immediate operand.
fn fits_immediate(ty: Type, bits: u64) -> bool {
    match ty {
        Type::I64 => i32::try_from(bits.cast_signed()).is_ok(),
        Type::I32 | Type::F32 | Type::F64 => true,
    }
}

impl Translator<'_> {
    /// Makes an entry's value ready: computed, and in a slot if it is a constant that fits no immediate.
    #[inline]
    pub(super) fn prepare(&mut self, index: usize) -> Place {
        self.materialize(index);
        let entry = self.stack.get(index);
        if let Value::Const(bits) = entry.value
            && !fits_immediate(entry.ty, bits)
        {
            self.const_to_slot(index);
        }
        self.ready(index)
    }

    /// The same, with constants as they are.
    #[inline]
    pub(super) fn prepare_constant(&mut self, index: usize) -> Place {
        self.materialize(index);
        self.ready(index)
    }

    /// The same, with every constant in a slot.
    #[inline]
    pub(super) fn prepare_variable(&mut self, index: usize) -> Place {
        self.materialize(index);
        self.const_to_slot(index);
        self.ready(index)
    }

    /// Where the value of an entry is that was prepared.
    #[inline]
    pub(super) fn ready(&self, index: usize) -> Place {
        match self.stack.get(index).value.place() {
            Some(place) => place,
            None => unreachable!("it was prepared; please report this as a bug of curta"),
        }
    }

    /// The operand for a place. `number` is the operand's: see [`Translator::near_source`].
    #[inline]
    pub(super) fn operand(&mut self, ty: Type, place: Place, number: usize) -> Operand {
        match place {
            Place::Acc => Operand::ACC,
            Place::Slot(slot) if self.accumulator(class(ty)).slot == Some(slot) => Operand::ACC,
            Place::Slot(slot) => self.slot_operand(slot, number),
            Place::Const(bits) => Operand::imm(ty, bits),
        }
    }

    /// The operand for a slot, whatever the accumulator mirrors.
    #[inline]
    pub(super) fn slot_operand(&mut self, slot: SlotIndex, number: usize) -> Operand {
        Operand::slot(self.near_source(slot, number))
    }

    /// The operands of a two-operand op: both in the accumulator where it has a form for squares.
    pub(super) fn binary_operands(
        &mut self,
        op: BinaryOp,
        a: Place,
        b: Place,
    ) -> (Operand, Operand) {
        let square = HandlerId::binary(op, Source::Acc, Source::Acc, Dest::Acc);
        self.operand_pair(op.ty(), a, b, op.commutes(), Some(square))
    }

    /// The operands for two places: at most one of them in the accumulator unless there is a handler for `square`, an
    /// immediate or a slot first only where the op does not commute.
    #[inline]
    fn operand_pair(
        &mut self,
        ty: Type,
        a: Place,
        b: Place,
        commutes: bool,
        square: Option<HandlerId>,
    ) -> (Operand, Operand) {
        let mut first = self.operand(ty, a, 0);
        let mut second = self.operand(ty, b, 1);
        if first.source() == Source::Acc && second.source() == Source::Acc {
            if square.is_some_and(|square| self.builder.catalog().has(square)) {
                return (first, second);
            }
            // Both are the slot that the accumulator mirrors, or one is.
            match (a, b) {
                (_, Place::Slot(slot)) => second = self.slot_operand(slot, 1),
                (Place::Slot(slot), _) => first = self.slot_operand(slot, 0),
                _ => unreachable!(
                    "two values in one accumulator; please report this as a bug of curta"
                ),
            }
        }
        let exchange = first.source() == Source::Imm
            || first.source() == Source::Slot && second.source() == Source::Acc;
        if commutes && exchange {
            (second, first)
        } else {
            (first, second)
        }
    }

    /// The operands of a compare, exchanged so that an accumulator comes first and an immediate last.
    pub(super) fn compare_operands(
        &mut self,
        op: CompareOp,
        a: Place,
        b: Place,
    ) -> (CompareOp, Operand, Operand) {
        let (first, second) = self.operand_pair(op.ty(), a, b, false, None);
        if first.source() == Source::Imm || second.source() == Source::Acc {
            (op.exchanged(), second, first)
        } else {
            (op, first, second)
        }
    }

    /// The op and operands that compute a deferred sum or shift into the slot of the entry `index`.
    pub(super) fn sum_operands(
        &mut self,
        index: usize,
        value: Value,
    ) -> (HandlerId, [Option<Operand>; 2]) {
        let ty = Type::I32;
        let (op, first, second) = match value {
            Value::AddImm(a, constant) => {
                let a = self.operand(ty, Place::Slot(a), 0);
                (BinaryOp::I32Add, a, Operand::imm(ty, u64::from(constant)))
            }
            Value::AddSlots(a, b) => {
                let (a, b) = self.operand_pair(ty, Place::Slot(a), Place::Slot(b), true, None);
                (BinaryOp::I32Add, a, b)
            }
            Value::ShlImm(a, by) => {
                let a = self.operand(ty, Place::Slot(a), 0);
                (BinaryOp::I32Shl, a, Operand::imm(ty, u64::from(by)))
            }
            Value::AddScaled(base, scaled, by) => {
                let scaled = self.operand(ty, Place::Slot(scaled), 0);
                self.clobber(crate::code::operand::Class::Int);
                let shift =
                    HandlerId::binary(BinaryOp::I32Shl, scaled.source(), Source::Imm, Dest::Acc);
                self.emit_at(index, shift, |builder| {
                    scaled.write(builder);
                    Operand::imm(ty, u64::from(by)).write(builder);
                });
                let base = self.slot_operand(base, 1);
                (BinaryOp::I32Add, Operand::ACC, base)
            }
            Value::Acc | Value::Slot(_) | Value::Const(_) | Value::Compare { .. } => {
                unreachable!("not a deferred sum; please report this as a bug of curta")
            }
        };
        let id = HandlerId::binary(op, first.source(), second.source(), Dest::Acc);
        (id, [Some(first), Some(second)])
    }
}
