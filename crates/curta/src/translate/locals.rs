//! The types of a function's parameters and locals, in runs: fifty thousand locals of one type take no more than one.

use alloc::vec::Vec;

use crate::code::{op::Type, operand::SlotIndex};
use curta_module::ValType;

/// How values of a type are kept: references are words like `i64`.
pub(super) fn kept_as(ty: ValType) -> Type {
    match ty {
        ValType::I32 => Type::I32,
        ValType::F32 => Type::F32,
        ValType::F64 => Type::F64,
        ValType::I64 | ValType::Ref(_) => Type::I64,
        ValType::V128 => unreachable!(
            "validated: vectors are refused at decoding; please report this as a bug of curta"
        ),
    }
}

/// So many types are at hand one by one.
const NEAR: usize = 64;

#[derive(Default)]
pub(super) struct Locals {
    count: u32,
    /// The types of the first.
    near: Vec<Type>,
    /// The first local after each run, and the run's type.
    runs: Vec<(u32, Type)>,
}

impl Locals {
    pub(super) fn clear(&mut self) {
        self.count = 0;
        self.near.clear();
        self.runs.clear();
    }

    pub(super) fn push(&mut self, count: u32, ty: Type) {
        self.count += count;
        let near = NEAR.min(self.count as usize);
        self.near.resize(near.max(self.near.len()), ty);
        match self.runs.last_mut() {
            Some(run) if run.1 == ty => run.0 = self.count,
            _ => self.runs.push((self.count, ty)),
        }
    }

    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// The type of a local that validation has let pass.
    #[inline]
    pub(super) fn ty(&self, local: u32) -> Type {
        match self.near.get(local as usize) {
            Some(ty) => *ty,
            None => self.far(local),
        }
    }

    fn far(&self, local: u32) -> Type {
        let run = self.runs.partition_point(|run| run.0 <= local);
        self.runs[run].1
    }

    /// Where it is in the frame.
    pub(super) fn slot(&self, local: u32) -> SlotIndex {
        local as i32 - self.count as i32
    }
}
