//! Calls, and operations of the store.

use super::{
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

impl Translator<'_> {
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
        let zero = size.zero_bytes();
        let id = HandlerId::plain(if zero == 0 { Plain::Call } else { Plain::CallZero });
        self.builder.open(id).word64(0).word32(delta);
        if zero != 0 {
            self.builder.word32(zero);
        }
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
        let deferred = (index - params..index).any(|argument| !matches!(self.stack.get(argument).value, Value::At(_)));
        if deferred || table != 0 || self.wide {
            self.canonicalize(index);
        }
        let place = self.ready(index);
        self.pop();
        let first = self.arguments(params);
        let window = self.canonical(first);
        if table != 0 || self.wide {
            let slot = match place {
                Place::Slot(slot) => self.near_source(slot, 0),
                Place::Acc | Place::Const(_) => unreachable!("it is in a slot; please report this as a bug of curta"),
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
            let id = match operand.source {
                Source::Acc => Plain::CallIndirectAcc,
                Source::Slot | Source::Imm | Source::Imm16 => Plain::CallIndirectSlot,
            };
            let window = self.near(window).unwrap_or_default();
            self.builder.open(HandlerId::plain(id)).word32(signature).slot(window);
            operand.write(&mut self.builder);
            self.builder.close();
        }
        self.stack.reach(first + params + 1);
        self.after_call(ty, first);
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
                self.accumulator(class(ty)).owner = Some(first);
                self.stack.push(ty, Value::At(Place::Acc));
            }
            many => {
                for (i, ty) in many.iter().enumerate() {
                    let slot = self.canonical(first + i);
                    self.stack.push(kept_as(*ty), Value::At(Place::Slot(slot)));
                }
            }
        }
    }

    /// The near slots of the top `N` entries, for an operation of the store.
    fn in_slots<const N: usize>(&mut self) -> [i16; N] {
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

    /// An operation of the store with a result.
    pub(super) fn value_call<const N: usize, const I: usize>(&mut self, op: ValueCall, ty: Type, indices: [u32; I]) {
        let slots = self.in_slots::<N>();
        self.pop_many(N);
        self.emit(ty, HandlerId::value_call(op, Dest::Acc), |builder| {
            for slot in slots {
                builder.slot(slot);
            }
            for index in indices {
                builder.word32(index);
            }
        });
    }

    /// An operation of the store without a result.
    pub(super) fn effect_call<const N: usize, const I: usize>(&mut self, op: EffectCall, indices: [u32; I]) {
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
