//! Calls, and operations of the store.

use super::{
    operands::Operand,
    stack::{Place, Value, class},
    translator::Translator,
};
use crate::code::{
    catalog::{EffectCall, HandlerId, Plain, ValueCall},
    op::Type,
    operand::{Dest, Source},
};
use curta_module::{FuncIdx, FuncType, TypeIdx};

use super::locals::kept_as;

impl<'m> Translator<'m> {
    pub(super) fn call(&mut self, function: u32) {
        let module = self.module;
        let ty = module.func_type(FuncIdx::from(function));
        let first = self.arguments(ty.params().len());
        let window = self.canonical(first);
        let imported = module.imported_functions();
        let Some(defined) = (function as usize).checked_sub(imported) else {
            self.builder
                .open(HandlerId::plain(Plain::CallImport))
                .word32(function)
                .word32(window.cast_unsigned());
            self.builder.close();
            self.after_call(ty, first);
            return;
        };
        let size = self.frame_size(defined);
        let delta = window.cast_unsigned() * 8 + size.locals_bytes();
        self.builder
            .open(HandlerId::plain(Plain::Call))
            .word64(0)
            .word32(delta);
        let part = self.builder.close();
        self.builder.call_site(part, defined as u32);
        self.after_call(ty, first);
    }

    pub(super) fn call_indirect(&mut self, ty: u32, table: u32) {
        let module = self.module;
        let index = self.stack.len() - 1;
        self.prepare_variable(index);
        let ty = TypeIdx::from(ty);
        let signature = module.type_id(ty).as_u32();
        let ty = module.func_type_at(ty);
        let params = ty.params().len();
        // What is computed for the arguments may want the accumulator.
        let wide_index = module.tables()[table as usize].ty.table64;
        let deferred =
            (index - params..index).any(|argument| !self.stack.get(argument).value.is_computed());
        if deferred || table != 0 || self.wide || wide_index {
            self.canonicalize(index);
        }
        let place = self.ready(index);
        self.pop();
        let first = self.arguments(params);
        let window = self.canonical(first);
        if table != 0 || self.wide || wide_index {
            let slot = match place {
                Place::Slot(slot) => self.near_source(slot, 0),
                Place::Acc | Place::Const(_) => {
                    unreachable!("it is in a slot; please report this as a bug of curta")
                }
            };
            self.builder
                .open(HandlerId::plain(Plain::CallIndirectAny))
                .word32(table)
                .word32(signature)
                .word32(window.cast_unsigned())
                .slot(slot);
            self.builder.close();
        } else {
            let operand = self.operand(Type::I32, place, 0);
            let id = match operand.source() {
                Source::Acc => Plain::CallIndirectAcc,
                Source::Slot | Source::Imm | Source::Imm16 | Source::Imm64 => {
                    Plain::CallIndirectSlot
                }
            };
            let window = self.near(window).unwrap_or_default();
            self.builder
                .open(HandlerId::plain(id))
                .word32(signature)
                .slot(window);
            operand.write(&mut self.builder);
            self.builder.close();
        }
        self.stack.reach(first + params + 1);
        self.after_call(ty, first);
    }

    /// What a tail call's cell says of the running frame and the arguments.
    fn write_tail(&mut self, first: usize, arguments: usize) {
        let window = self.canonical(first);
        let locals = self.locals.count() * 8;
        self.builder
            .word32(locals)
            .word32(arguments as u32)
            .word32(window.cast_unsigned());
    }

    pub(super) fn return_call(&mut self, function: u32) {
        let module = self.module;
        let params = module.func_type(FuncIdx::from(function)).params().len();
        let first = self.arguments(params);
        match (function as usize).checked_sub(module.imported_functions()) {
            None => {
                self.builder
                    .open(HandlerId::plain(Plain::TailCallImport))
                    .word32(function);
                self.write_tail(first, params);
                self.builder.close();
            }
            Some(defined) => {
                let size = self.frame_size(defined);
                self.builder
                    .open(HandlerId::plain(Plain::TailCall))
                    .word64(0)
                    .word32(size.locals_bytes());
                self.write_tail(first, params);
                let part = self.builder.close();
                self.builder.call_site(part, defined as u32);
            }
        }
        self.unreachable();
    }

    pub(super) fn return_call_indirect(&mut self, ty: u32, table: u32) {
        let module = self.module;
        let index = self.stack.len() - 1;
        self.canonicalize(index);
        let slot = self.canonical(index);
        let ty = TypeIdx::from(ty);
        let signature = module.type_id(ty).as_u32();
        let params = module.func_type_at(ty).params().len();
        self.pop();
        let first = self.arguments(params);
        let slot = self.near_source(slot, 0);
        self.builder
            .open(HandlerId::plain(Plain::TailCallIndirect))
            .word32(table)
            .word32(signature)
            .slot(slot);
        self.write_tail(first, params);
        self.builder.close();
        self.unreachable();
    }

    pub(super) fn call_ref(&mut self, ty: u32) {
        let (ty, slot, first) = self.reference_and_arguments(ty);
        let window = self.canonical(first);
        self.builder
            .open(HandlerId::plain(Plain::CallRef))
            .word32(window.cast_unsigned())
            .slot(slot);
        self.builder.close();
        self.stack.reach(first + ty.params().len() + 1);
        self.after_call(ty, first);
    }

    pub(super) fn return_call_ref(&mut self, ty: u32) {
        let (ty, slot, first) = self.reference_and_arguments(ty);
        self.builder
            .open(HandlerId::plain(Plain::TailCallRef))
            .slot(slot);
        self.write_tail(first, ty.params().len());
        self.builder.close();
        self.unreachable();
    }

    /// Takes a reference off the stack, whose slot stays as it is, and settles the arguments below it.
    fn reference_and_arguments(&mut self, ty: u32) -> (&'m FuncType, i16, usize) {
        let module = self.module;
        let ty = module.func_type_at(TypeIdx::from(ty));
        let index = self.stack.len() - 1;
        self.canonicalize(index);
        let slot = self.canonical(index);
        self.pop();
        let first = self.arguments(ty.params().len());
        // After the arguments, which may pass through the scratch slots.
        let slot = self.near_source(slot, 0);
        (ty, slot, first)
    }

    /// Puts arguments where the callee's parameters will be, and saves what accumulators hold for entries below.
    fn arguments(&mut self, count: usize) -> usize {
        let first = self.stack.len() - count;
        self.spill_below(first);
        for index in first..self.stack.len() {
            self.canonicalize(index);
        }
        first
    }

    /// Pushes what a call returned.
    fn after_call(&mut self, ty: &FuncType, first: usize) {
        let params = self.stack.len() - first;
        self.pop_many(params);
        self.forget();
        self.head_changed = self.builder.here();
        match ty.results() {
            [] => {}
            [one] => {
                let ty = kept_as(*one);
                self.accumulator(class(ty)).set_owner(first);
                self.stack.push(ty, Value::Acc);
            }
            many => {
                for (i, ty) in many.iter().enumerate() {
                    let slot = self.canonical(first + i);
                    self.stack.push(kept_as(*ty), Value::Slot(slot));
                }
            }
        }
    }

    /// The near slots of the top `N` entries, for an operation of the store.
    pub(super) fn in_slots<const N: usize>(&mut self) -> [i16; N] {
        let first = self.stack.len() - N;
        for index in first..self.stack.len() {
            self.prepare_variable(index);
        }
        let mut slots = [0; N];
        for (number, slot) in slots.iter_mut().enumerate() {
            let index = first + number;
            if self.ready(index) == Place::Acc {
                self.canonicalize(index);
            }
            if let Place::Slot(at) = self.ready(index) {
                *slot = self.near_source(at, number);
            }
        }
        slots
    }

    /// The top three entries, all `i32`: in near slots, or immediates where they are constants and may be.
    pub(super) fn in_slots_or_immediate(&mut self, immediate: [bool; 3]) -> [Operand; 3] {
        let first = self.stack.len() - 3;
        for (number, immediate) in immediate.into_iter().enumerate() {
            if immediate {
                self.prepare(first + number);
            } else {
                self.prepare_variable(first + number);
            }
        }
        core::array::from_fn(|number| {
            let index = first + number;
            if self.ready(index) == Place::Acc {
                self.canonicalize(index);
            }
            match self.ready(index) {
                Place::Slot(slot) => self.slot_operand(slot, number),
                Place::Const(bits) => Operand::imm(Type::I32, bits),
                Place::Acc => unreachable!("it was saved; please report this as a bug of curta"),
            }
        })
    }

    /// An operation of the store with a result.
    pub(super) fn value_call<const N: usize, const I: usize>(
        &mut self,
        op: ValueCall,
        ty: Type,
        indices: [u32; I],
    ) {
        let slots = self.in_slots::<N>();
        self.pop_many(N);
        self.emit_with(ty, HandlerId::value_call(op, Dest::Acc), |builder| {
            for slot in slots {
                builder.slot(slot);
            }
            for index in indices {
                builder.word32(index);
            }
        });
    }

    /// An operation of the store without a result.
    pub(super) fn effect_call<const N: usize, const I: usize>(
        &mut self,
        op: EffectCall,
        indices: [u32; I],
    ) {
        let slots = self.in_slots::<N>();
        self.pop_many(N);
        self.builder.open(HandlerId::effect_call(op));
        for slot in slots {
            self.builder.slot(slot);
        }
        for index in indices {
            self.builder.word32(index);
        }
        self.builder.close();
    }
}
