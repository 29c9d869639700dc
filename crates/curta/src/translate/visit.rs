//! One method a WebAssembly instruction. Numeric instructions, loads and stores come from the rows of the op table.

use super::{
    locals::kept_as,
    operands::Operand,
    stack::{Place, Value, class},
    translator::Translator,
};
use crate::{
    code::{
        catalog::{EffectCall, HandlerId, Plain, ValueCall},
        op::{self, BinaryOp, CompareOp, LoadOp, StoreOp, Type, UnaryOp},
        operand::{Class, Dest, SlotIndex, Source},
    },
    numeric::{convert, int},
};
use wasmparser::{HeapType, Ieee32, Ieee64, MemArg, ValType};

macro_rules! binary_visitors {
    ($($name:ident $text:literal $visit:ident($ty:ident) -> $out:ident = $meaning:path, commutes $commutes:literal;)*) => {
        impl Translator<'_> { $(
            pub(super) fn $visit(&mut self) {
                self.binary(BinaryOp::$name);
            }
        )* }
    };
}

macro_rules! compare_visitors {
    (
        { $($name:ident $text:literal $visit:ident($ty:ident) = $meaning:path, not $not:ident, exchanged $exchanged:ident;)* }
        { $($internal:tt)* }
    ) => {
        impl Translator<'_> { $(
            pub(super) fn $visit(&mut self) {
                self.compare(CompareOp::$name);
            }
        )* }
    };
}

macro_rules! unary_visitors {
    ($($name:ident $text:literal $visit:ident($ty:ident) -> $out:ident = $meaning:path;)*) => {
        impl Translator<'_> { $(
            pub(super) fn $visit(&mut self) {
                self.unary(UnaryOp::$name);
            }
        )* }
    };
}

macro_rules! load_visitors {
    ($($name:ident $text:literal $visit:ident $memory:ident -> $out:ident = |$m:ident| $convert:expr;)*) => {
        impl Translator<'_> { $(
            pub(super) fn $visit(&mut self, memarg: MemArg) {
                self.load(LoadOp::$name, memarg);
            }
        )* }
    };
}

macro_rules! store_visitors {
    ($($name:ident $text:literal $visit:ident $ty:ident -> $memory:ident = |$v:ident| $convert:expr;)*) => {
        impl Translator<'_> { $(
            pub(super) fn $visit(&mut self, memarg: MemArg) {
                self.store(StoreOp::$name, memarg);
            }
        )* }
    };
}

op::for_each_binary!(binary_visitors);
op::for_each_compare!(compare_visitors);
op::for_each_unary!(unary_visitors);
op::for_each_load!(load_visitors);
op::for_each_store!(store_visitors);

/// Whether a value is not a constant.
#[inline]
fn is_variable(place: Place) -> bool {
    !matches!(place, Place::Const(_))
}

impl Translator<'_> {
    fn binary(&mut self, op: BinaryOp) {
        match op {
            BinaryOp::I32Sub | BinaryOp::I64Sub if self.subtract_constant() => {
                let add = if op == BinaryOp::I32Sub {
                    BinaryOp::I32Add
                } else {
                    BinaryOp::I64Add
                };
                return self.binary(add);
            }
            BinaryOp::I32Add if self.defer_add() => return,
            BinaryOp::I32Shl if self.defer_shift() => return,
            _ => {}
        }
        let (a, b) = match self.stack.top_two() {
            // As most are.
            [Some(a), Some(b)] if is_variable(a) => (a, b),
            _ => self.two_factors(op),
        };
        let square = HandlerId::binary(op, Source::Acc, Source::Acc, Dest::Acc);
        let (a, b) = self.operand_pair(op.ty(), a, b, op.commutes(), Some(square));
        let id = HandlerId::binary(op, a.source(), b.source(), Dest::Acc);
        self.emit::<2>(op.ty(), id, a, b);
    }

    /// The operands of a two-operand op: as [`Translator::two_operands`], but a constant on the right may be large, and
    /// on either side where they commute.
    fn two_factors(&mut self, op: BinaryOp) -> (Place, Place) {
        let top = self.stack.len() - 1;
        let left = if op.commutes() {
            self.prepare_constant(top - 1)
        } else {
            self.prepare(top - 1)
        };
        let right = self.prepare_constant(top);
        if !is_variable(left) && !is_variable(right) {
            self.const_to_slot(top - 1);
        }
        (self.ready(top - 1), right)
    }

    /// The top two operands, at most one of them a constant.
    fn two_operands(&mut self) -> (Place, Place) {
        let top = self.stack.len() - 1;
        self.prepare(top - 1);
        let b = self.prepare(top);
        if !is_variable(b) {
            self.const_to_slot(top - 1);
        }
        (self.ready(top - 1), b)
    }

    /// Turns `x - constant` into `x + -constant`, so that sums need one form.
    fn subtract_constant(&mut self) -> bool {
        let top = self.stack.len() - 1;
        let entry = self.stack.get(top);
        let Value::Const(bits) = entry.value else {
            return false;
        };
        let negated = match entry.ty {
            Type::I32 => u64::from((bits as u32).wrapping_neg()),
            Type::I64 | Type::F32 | Type::F64 => bits.wrapping_neg(),
        };
        self.stack.set(top, Value::Const(negated));
        true
    }

    /// The slot of a local that is read lazily and can be named in an address.
    fn local_of(value: Value) -> Option<SlotIndex> {
        match value {
            Value::Slot(slot) if slot < 0 && i16::try_from(slot).is_ok() => Some(slot),
            _ => None,
        }
    }

    /// Keeps a sum that an address may absorb.
    fn defer_add(&mut self) -> bool {
        let top = self.stack.len() - 1;
        let (a, b) = (self.stack.get(top - 1).value, self.stack.get(top).value);
        let (local_a, local_b) = (Translator::local_of(a), Translator::local_of(b));
        let sum = match (a, b) {
            (Value::Acc, Value::Const(bits)) => Some(Value::AddAcc(bits as u32)),
            (Value::Const(bits), Value::Acc) => {
                self.accumulator(Class::Int).set_owner(top - 1);
                Some(Value::AddAcc(bits as u32))
            }
            (Value::AddAcc(constant), Value::Const(bits)) => {
                Some(Value::AddAcc(constant.wrapping_add(bits as u32)))
            }
            (Value::AddImm(slot, constant), Value::Const(bits)) => {
                Some(Value::AddImm(slot, constant.wrapping_add(bits as u32)))
            }
            (_, Value::Const(bits)) => local_a.map(|slot| Value::AddImm(slot, bits as u32)),
            (Value::Const(bits), _) => local_b.map(|slot| Value::AddImm(slot, bits as u32)),
            (Value::ShlImm(scaled, by), _) => {
                local_b.map(|slot| Value::AddScaled(slot, scaled, by))
            }
            (_, Value::ShlImm(scaled, by)) => {
                local_a.map(|slot| Value::AddScaled(slot, scaled, by))
            }
            _ => local_a.zip(local_b).map(|(a, b)| Value::AddSlots(a, b)),
        };
        self.defer(sum)
    }

    /// Keeps a shift that an address may absorb.
    fn defer_shift(&mut self) -> bool {
        let top = self.stack.len() - 1;
        let (a, b) = (self.stack.get(top - 1).value, self.stack.get(top).value);
        let shift = match b {
            Value::Const(by) if by < 8 => {
                Translator::local_of(a).map(|slot| Value::ShlImm(slot, by as u8))
            }
            _ => None,
        };
        self.defer(shift)
    }

    /// What it is made of owns no accumulator.
    #[inline]
    fn defer(&mut self, value: Option<Value>) -> bool {
        if let Some(value) = value {
            self.stack.replace::<2>(Type::I32, value);
        }
        value.is_some()
    }

    fn unary(&mut self, op: UnaryOp) {
        let top = self.stack.len() - 1;
        let place = self.prepare_variable(top);
        let operand = self.operand(op.operand(), place, 0);
        self.release(class(op.operand()), top);
        let id = HandlerId::unary(op, operand.source(), Dest::Acc);
        self.emit::<1>(op.result(), id, operand, Operand::NONE);
    }

    /// Keeps a compare until it is used: a branch or a select may absorb it.
    fn compare(&mut self, op: CompareOp) {
        let (a, b) = match self.stack.top_two() {
            // As most are.
            [Some(a), Some(b)] if is_variable(a) && (is_variable(b) || op.ty() == Type::I32) => {
                (a, b)
            }
            _ => self.two_operands(),
        };
        let top = self.stack.len() - 1;
        let height = top - 1;
        let class = class(op.ty());
        let accumulator = self.accumulator(class);
        let owned = accumulator.is_owned_by(top) || accumulator.is_owned_by(height);
        let (own, above) = (self.canonical(height), self.canonical(top));
        // A slot above the compare's own may be written by others; and where one operand is in the compare's own slot, an
        // accumulator of floats could not be saved there. (Where that of integers has to make way, the compare is computed.)
        let in_way = a == Place::Slot(above)
            || b == Place::Slot(above)
            || owned && class != Class::Int && (a == Place::Slot(own) || b == Place::Slot(own));
        if in_way {
            let (op, a, b) = self.compare_operands(op, a, b);
            self.pop_many(2);
            let id = HandlerId::compare(op, a.source(), b.source(), Dest::Acc);
            return self.emit::<0>(Type::I32, id, a, b);
        }
        if owned {
            self.accumulator(class).set_owner(height);
        }
        self.stack.replace::<2>(Type::I32, Value::compare(op, a, b));
    }

    fn compare_with_zero(&mut self, op: CompareOp) {
        self.stack.push(op.ty(), Value::Const(0));
        self.compare(op);
    }

    pub(super) fn visit_i32_eqz(&mut self) {
        let top = self.stack.len() - 1;
        if let Some((op, a, b)) = self.stack.get(top).value.as_compare() {
            self.stack.set(top, Value::compare(op.negated(), a, b));
            return;
        }
        self.equals_zero(CompareOp::I32Eq, |bits| int::i32_eqz(bits as i32));
    }

    pub(super) fn visit_i64_eqz(&mut self) {
        self.equals_zero(CompareOp::I64Eq, |bits| int::i64_eqz(bits.cast_signed()));
    }

    /// `eqz` is a compare with zero, or known.
    fn equals_zero(&mut self, op: CompareOp, meaning: fn(u64) -> bool) {
        let top = self.stack.len() - 1;
        if let Value::Const(bits) = self.stack.get(top).value {
            self.pop();
            self.constant(Type::I32, u64::from(meaning(bits)));
        } else {
            self.compare_with_zero(op);
        }
    }

    /// Nothing to do: whoever reads an `i32` reads 32 bits.
    pub(super) fn visit_i32_wrap_i64(&mut self) {
        let top = self.stack.len() - 1;
        self.materialize(top);
        if let Value::Const(bits) = self.stack.get(top).value {
            let wrapped = convert::i32_wrap_i64(bits.cast_signed()).cast_unsigned();
            self.stack.set(top, Value::Const(u64::from(wrapped)));
        }
        self.stack.set_type(top, Type::I32);
    }

    pub(super) fn visit_i32_const(&mut self, value: i32) {
        self.constant(Type::I32, u64::from(value.cast_unsigned()));
    }

    pub(super) fn visit_i64_const(&mut self, value: i64) {
        self.constant(Type::I64, value.cast_unsigned());
    }

    pub(super) fn visit_f32_const(&mut self, value: Ieee32) {
        self.constant(Type::F32, u64::from(value.bits()));
    }

    pub(super) fn visit_f64_const(&mut self, value: Ieee64) {
        self.constant(Type::F64, value.bits());
    }

    fn constant(&mut self, ty: Type, bits: u64) {
        self.stack.push(ty, Value::Const(bits));
    }

    pub(super) fn visit_local_get(&mut self, local: u32) {
        let (ty, slot) = (self.locals.ty(local), self.locals.slot(local));
        if !self.assigned.has(local) {
            self.exposed.add(local);
        }
        self.stack.push(ty, Value::Slot(slot));
    }

    pub(super) fn visit_local_set(&mut self, local: u32) {
        self.set_local(local);
        self.pop();
    }

    pub(super) fn visit_local_tee(&mut self, local: u32) {
        self.set_local(local);
        let top = self.stack.len() - 1;
        if !matches!(self.stack.get(top).value, Value::Const(_)) {
            let slot = self.locals.slot(local);
            self.stack.set(top, Value::Slot(slot));
        }
    }

    /// Writes the top value to a local, after saving what was read of it and not used yet.
    fn set_local(&mut self, local: u32) {
        let slot = self.locals.slot(local);
        self.assigned.set(local);
        let top = self.stack.len() - 1;
        while let Some(reader) = self.stack.reader(slot, top) {
            self.canonicalize(reader);
        }
        if self.stack.get(top).value.is_in(slot) {
            return;
        }
        // Most are set to what was just computed.
        if !self.set_fresh(top, slot) {
            self.put_in_slot(top, slot);
        }
    }

    pub(super) fn visit_global_get(&mut self, global: u32) {
        let (ty, imported, index) = self.global(global);
        let id = HandlerId::global_get(class(ty), imported, Dest::Acc);
        self.emit::<0>(ty, id, Operand::word32(index), Operand::NONE);
    }

    pub(super) fn visit_global_set(&mut self, global: u32) {
        let (ty, imported, index) = self.global(global);
        let top = self.stack.len() - 1;
        self.materialize(top);
        if let (false, Value::Const(bits)) = (imported, self.stack.get(top).value) {
            self.pop();
            self.builder
                .open(HandlerId::plain(Plain::GlobalSetImm))
                .word32(index)
                .word64(bits);
            self.builder.close();
            return;
        }
        let place = self.prepare_variable(top);
        let operand = self.operand(ty, place, 0);
        self.pop();
        self.builder
            .open(HandlerId::global_set(class(ty), imported, operand.source()))
            .word32(index);
        operand.write(&mut self.builder);
        self.builder.close();
    }

    /// A global's type, whether it is imported, and the index by which it is reached.
    fn global(&self, global: u32) -> (Type, bool, u32) {
        let ty = kept_as(self.module.globals()[global as usize].ty.content);
        match global.checked_sub(self.module.imported_globals() as u32) {
            Some(own) => (ty, false, own),
            None => (ty, true, global),
        }
    }

    pub(super) fn visit_nop(&mut self) {}

    pub(super) fn visit_unreachable(&mut self) {
        self.builder.open(HandlerId::plain(Plain::Unreachable));
        self.builder.close();
        self.unreachable();
    }

    pub(super) fn visit_return(&mut self) {
        self.return_current();
    }

    pub(super) fn visit_drop(&mut self) {
        self.pop();
    }

    pub(super) fn visit_typed_select(&mut self, _: ValType) {
        self.visit_select();
    }

    pub(super) fn visit_select(&mut self) {
        let condition = self.stack.len() - 1;
        self.prepare(condition - 2);
        self.prepare(condition - 1);
        let ty = self.stack.get(condition - 1).ty;
        if let (Class::Int, Some((op, c, d))) =
            (class(ty), self.stack.get(condition).value.as_compare())
            && op.ty() == Type::I32
            && self.select_by_compare(ty, op, c, d)
        {
            return;
        }
        let c = self.prepare_variable(condition);
        let (a, b) = (self.ready(condition - 2), self.ready(condition - 1));
        let c = self.operand(Type::I32, c, 0);
        let mut first = self.operand(ty, a, 1);
        let mut second = self.operand(ty, b, 2);
        if first.source() == Source::Acc && second.source() == Source::Acc {
            (first, second) = self.one_from_slot([a, b], [first, second], 1);
        }
        self.pop_many(3);
        let id = HandlerId::select(
            class(ty),
            c.source(),
            first.source(),
            second.source(),
            Dest::Acc,
        );
        self.emit_with(ty, id, |builder| {
            c.write(builder);
            first.write(builder);
            second.write(builder);
        });
    }

    fn select_by_compare(&mut self, ty: Type, op: CompareOp, c: Place, d: Place) -> bool {
        let condition = self.stack.len() - 1;
        let (a, b) = (self.ready(condition - 2), self.ready(condition - 1));
        if !is_variable(a) || !is_variable(b) || self.wide {
            return false;
        }
        let (op, c, d) = self.compare_operands(op, c, d);
        let mut first = self.operand(ty, a, 2);
        let mut second = self.operand(ty, b, 3);
        if first.source() == Source::Acc && second.source() == Source::Acc {
            (first, second) = self.one_from_slot([a, b], [first, second], 1);
        }
        self.pop_many(3);
        let id = HandlerId::select_compare(
            op,
            [c.source(), d.source(), first.source(), second.source()],
            Dest::Acc,
        );
        self.emit_with(ty, id, |builder| {
            c.write(builder);
            d.write(builder);
            first.write(builder);
            second.write(builder);
        });
        true
    }

    pub(super) fn visit_ref_null(&mut self, _: HeapType) {
        self.constant(Type::I64, 0);
    }

    pub(super) fn visit_ref_is_null(&mut self) {
        self.compare_with_zero(CompareOp::I64Eq);
    }

    pub(super) fn visit_ref_func(&mut self, function: u32) {
        self.value_call::<0, 1>(ValueCall::RefFunc, Type::I64, [function]);
    }

    pub(super) fn visit_ref_as_non_null(&mut self) {
        let top = self.stack.len() - 1;
        let place = self.prepare_variable(top);
        let operand = self.operand(Type::I64, place, 0);
        let id = match operand.source() {
            Source::Acc => Plain::NonNullAcc,
            Source::Slot | Source::Imm | Source::Imm16 | Source::Imm64 => Plain::NonNullSlot,
        };
        self.builder.open(HandlerId::plain(id));
        operand.write(&mut self.builder);
        self.builder.close();
    }

    pub(super) fn visit_i64_add128(&mut self) {
        self.wide_arithmetic::<4>(Plain::I64Add128);
    }

    pub(super) fn visit_i64_sub128(&mut self) {
        self.wide_arithmetic::<4>(Plain::I64Sub128);
    }

    pub(super) fn visit_i64_mul_wide_s(&mut self) {
        self.wide_arithmetic::<2>(Plain::I64MulWideS);
    }

    pub(super) fn visit_i64_mul_wide_u(&mut self) {
        self.wide_arithmetic::<2>(Plain::I64MulWideU);
    }

    /// An op of `N` operands with two results, which go to their slots.
    fn wide_arithmetic<const N: usize>(&mut self, op: Plain) {
        let slots = self.in_slots::<N>();
        self.pop_many(N);
        let height = self.stack.len();
        let results = [self.canonical(height), self.canonical(height + 1)];
        let near = results.map(|slot| self.near_dest(slot));
        self.builder.open(HandlerId::plain(op));
        for slot in near.into_iter().chain(slots) {
            self.builder.slot(slot);
        }
        self.builder.close();
        for (slot, near) in results.into_iter().zip(near) {
            self.copy_far(slot, near);
            self.written(slot);
            self.stack.push(Type::I64, Value::Slot(slot));
        }
    }

    pub(super) fn visit_memory_size(&mut self, memory: u32) {
        self.value_call::<0, 1>(ValueCall::MemorySize, self.memory_index(memory), [memory]);
    }

    pub(super) fn visit_memory_grow(&mut self, memory: u32) {
        self.value_call::<1, 1>(ValueCall::MemoryGrow, self.memory_index(memory), [memory]);
    }

    /// The type of a memory's addresses and sizes.
    fn memory_index(&self, memory: u32) -> Type {
        if self.module.memories()[memory as usize].memory64 {
            Type::I64
        } else {
            Type::I32
        }
    }

    /// The type of a table's indices and sizes.
    fn table_index(&self, table: u32) -> Type {
        if self.module.tables()[table as usize].ty.table64 {
            Type::I64
        } else {
            Type::I32
        }
    }

    pub(super) fn visit_memory_init(&mut self, data: u32, memory: u32) {
        self.effect_call::<3, 2>(EffectCall::MemoryInit, [memory, data]);
    }

    pub(super) fn visit_memory_copy(&mut self, to: u32, from: u32) {
        if to != 0 || from != 0 || self.memory_index(0) == Type::I64 {
            return self.effect_call::<3, 2>(EffectCall::MemoryCopy, [to, from]);
        }
        let [to, from, len] = self.in_slots_or_immediate([false, false, true]);
        let op = match len.source() {
            Source::Imm => Plain::CopyBytesImm,
            _ => Plain::CopyBytesSlot,
        };
        self.write_bulk(op, [to, from, len]);
    }

    pub(super) fn visit_memory_fill(&mut self, memory: u32) {
        if memory != 0 || self.memory_index(0) == Type::I64 {
            return self.effect_call::<3, 1>(EffectCall::MemoryFill, [memory]);
        }
        let [to, value, len] = self.in_slots_or_immediate([false, true, true]);
        let op = match (value.source(), len.source()) {
            (Source::Imm, Source::Imm) => Plain::FillImmImm,
            (Source::Imm, _) => Plain::FillImmSlot,
            (_, Source::Imm) => Plain::FillSlotImm,
            _ => Plain::FillSlotSlot,
        };
        self.write_bulk(op, [to, value, len]);
    }

    /// A bulk operation on memory 0.
    fn write_bulk(&mut self, op: Plain, operands: [Operand; 3]) {
        self.pop_many(3);
        self.builder.open(HandlerId::plain(op));
        for operand in operands {
            operand.write(&mut self.builder);
        }
        self.builder.close();
    }

    pub(super) fn visit_data_drop(&mut self, data: u32) {
        self.effect_call::<0, 1>(EffectCall::DataDrop, [data]);
    }

    pub(super) fn visit_table_get(&mut self, table: u32) {
        self.value_call::<1, 1>(ValueCall::TableGet, Type::I64, [table]);
    }

    pub(super) fn visit_table_set(&mut self, table: u32) {
        self.effect_call::<2, 1>(EffectCall::TableSet, [table]);
    }

    pub(super) fn visit_table_size(&mut self, table: u32) {
        self.value_call::<0, 1>(ValueCall::TableSize, self.table_index(table), [table]);
    }

    pub(super) fn visit_table_grow(&mut self, table: u32) {
        self.value_call::<2, 1>(ValueCall::TableGrow, self.table_index(table), [table]);
    }

    pub(super) fn visit_table_fill(&mut self, table: u32) {
        self.effect_call::<3, 1>(EffectCall::TableFill, [table]);
    }

    pub(super) fn visit_table_copy(&mut self, to: u32, from: u32) {
        self.effect_call::<3, 2>(EffectCall::TableCopy, [to, from]);
    }

    pub(super) fn visit_table_init(&mut self, elem: u32, table: u32) {
        self.effect_call::<3, 2>(EffectCall::TableInit, [table, elem]);
    }

    pub(super) fn visit_elem_drop(&mut self, elem: u32) {
        self.effect_call::<0, 1>(EffectCall::ElemDrop, [elem]);
    }
}
