//! From where a value is to the operand of a cell.

use super::{
    stack::{Place, Value, class},
    translator::Translator,
};
use crate::code::{
    builder::{Builder, Word},
    catalog::HandlerId,
    op::{BinaryOp, CompareOp, Type},
    operand::{Class, Dest, SlotIndex, Source},
};

/// An operand as a cell has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operand {
    /// The slot's index, or the constant's bits; zeros above what is written of it.
    bits: u64,
    form: Form,
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
        bits: 0,
        form: Form::Acc,
    };

    /// What takes no room.
    pub(super) const NONE: Operand = Operand::ACC;

    #[inline]
    pub(super) fn slot(index: i16) -> Operand {
        Operand {
            bits: Word::slot(index).bits,
            form: Form::Slot,
        }
    }

    /// An operand of 32 bits.
    #[inline]
    pub(super) fn word32(word: u32) -> Operand {
        Operand {
            bits: u64::from(word),
            form: Form::Imm,
        }
    }

    /// A constant, as an immediate of 32 bits unless it needs 64.
    #[inline]
    pub(super) fn imm(ty: Type, bits: u64) -> Operand {
        let form = match ty {
            Type::F64 => Form::ImmF64,
            Type::I64 if !fits_immediate(ty, bits) => Form::Imm64,
            Type::I32 | Type::I64 | Type::F32 => return Operand::word32(bits as u32),
        };
        Operand { bits, form }
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

    #[inline]
    fn is_acc(self) -> bool {
        self.form == Form::Acc
    }

    /// As an immediate of 16 bits, if it is an integer that fits.
    pub(super) fn shortened(self, ty: Type) -> Operand {
        let integer = matches!(ty, Type::I32 | Type::I64);
        match i16::try_from(self.bits as i32) {
            Ok(value) if integer && self.form == Form::Imm => Operand {
                bits: u64::from(value.cast_unsigned()),
                form: Form::Imm16,
            },
            _ => self,
        }
    }

    #[inline]
    pub(super) fn word(self) -> Word {
        let len = match self.form {
            Form::Acc => 0,
            Form::Slot | Form::Imm16 => 2,
            Form::Imm => 4,
            Form::ImmF64 | Form::Imm64 => 8,
        };
        Word {
            bits: self.bits,
            len,
        }
    }

    #[inline(always)]
    pub(super) fn write(self, builder: &mut Builder) {
        builder.put(self.word());
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
            Place::Slot(slot) if self.accumulator(class(ty)).mirrors(slot) => Operand::ACC,
            Place::Slot(slot) => self.slot_operand(slot, number),
            Place::Const(bits) => Operand::imm(ty, bits),
        }
    }

    /// The operand for a slot, whatever the accumulator mirrors.
    #[inline]
    pub(super) fn slot_operand(&mut self, slot: SlotIndex, number: usize) -> Operand {
        Operand::slot(self.near_source(slot, number))
    }

    /// The operands for two places: at most one of them in the accumulator unless there is a handler for `square`, an
    /// immediate or a slot first only where the op does not commute.
    #[inline(always)]
    pub(super) fn operand_pair(
        &mut self,
        ty: Type,
        a: Place,
        b: Place,
        commutes: bool,
        square: Option<HandlerId>,
    ) -> (Operand, Operand) {
        let mut first = self.operand(ty, a, 0);
        let mut second = self.operand(ty, b, 1);
        if first.is_acc() && second.is_acc() {
            if square.is_some_and(|square| self.builder.catalog().has(square)) {
                return (first, second);
            }
            (first, second) = self.one_from_slot([a, b], [first, second], 0);
        }
        let exchange = match first.form {
            Form::Acc | Form::Imm16 => false,
            Form::Slot => second.is_acc(),
            Form::Imm | Form::ImmF64 | Form::Imm64 => true,
        };
        if commutes && exchange {
            (second, first)
        } else {
            (first, second)
        }
    }

    /// Two operands that would both be the accumulator, because it mirrors a slot that one or both are in. The first one's
    /// `number` is the operand's: see [`Translator::near_source`].
    #[cold]
    pub(super) fn one_from_slot(
        &mut self,
        places: [Place; 2],
        [first, second]: [Operand; 2],
        number: usize,
    ) -> (Operand, Operand) {
        match places {
            [_, Place::Slot(slot)] => (first, self.slot_operand(slot, number + 1)),
            [Place::Slot(slot), _] => (self.slot_operand(slot, number), second),
            _ => {
                unreachable!("two values in one accumulator; please report this as a bug of curta")
            }
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
        if first.source() == Source::Imm || second.is_acc() {
            (op.exchanged(), second, first)
        } else {
            (op, first, second)
        }
    }

    /// The op and operands that compute a deferred sum or shift into the slot of the entry `index`.
    pub(super) fn sum_operands(&mut self, index: usize, value: Value) -> (HandlerId, [Operand; 2]) {
        let ty = Type::I32;
        let (op, first, second) = match value {
            Value::AddImm(a, constant) => {
                let a = self.operand(ty, Place::Slot(a), 0);
                (BinaryOp::I32Add, a, Operand::imm(ty, u64::from(constant)))
            }
            Value::AddAcc(constant) => {
                self.release(Class::Int, index);
                let constant = Operand::imm(ty, u64::from(constant));
                (BinaryOp::I32Add, Operand::ACC, constant)
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
                self.clobber(Class::Int);
                let shift =
                    HandlerId::binary(BinaryOp::I32Shl, scaled.source(), Source::Imm, Dest::Acc);
                let by = Operand::imm(ty, u64::from(by));
                self.emit_at(index, shift, scaled, by);
                let base = self.slot_operand(base, 1);
                (BinaryOp::I32Add, Operand::ACC, base)
            }
            Value::Acc | Value::Slot(_) | Value::Const(_) | Value::Compare { .. } => {
                unreachable!("not a deferred sum; please report this as a bug of curta")
            }
        };
        let id = HandlerId::binary(op, first.source(), second.source(), Dest::Acc);
        (id, [first, second])
    }
}
