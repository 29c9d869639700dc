//! Evaluating constant expressions: initial values of globals, offsets and items of segments.
//!
//! <https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions>. What
//! an operation means is `numeric`'s; here is only the stack, whose height the module's limits
//! bound.

use super::func::FuncHandle;
use crate::numeric::int;
use curta_module::ConstOp;
use smallvec::SmallVec;

/// What constant expressions may refer to, by the module's indices.
pub(crate) struct Constants<G, F> {
    /// A global's word.
    pub(crate) global: G,
    /// A function's handle.
    pub(crate) func: F,
}

impl<G: Fn(usize) -> u64, F: Fn(usize) -> FuncHandle> Constants<G, F> {
    /// The value as a word.
    pub(crate) fn evaluate(&self, ops: &[ConstOp]) -> u64 {
        let mut stack = Stack(SmallVec::new());
        for op in ops {
            let word = match op {
                ConstOp::I32Const(value) => from_i32(*value),
                ConstOp::I64Const(value) => *value as u64,
                ConstOp::F32Const(bits) => u64::from(*bits),
                ConstOp::F64Const(bits) => *bits,
                ConstOp::GlobalGet(global) => (self.global)(global.index()),
                ConstOp::RefNull(_) => 0,
                ConstOp::RefFunc(func) => (self.func)(func.index()).0,
                ConstOp::I32Add => stack.binary_i32(int::i32_add),
                ConstOp::I32Sub => stack.binary_i32(int::i32_sub),
                ConstOp::I32Mul => stack.binary_i32(int::i32_mul),
                ConstOp::I64Add => stack.binary_i64(int::i64_add),
                ConstOp::I64Sub => stack.binary_i64(int::i64_sub),
                ConstOp::I64Mul => stack.binary_i64(int::i64_mul),
                ConstOp::RefI31
                | ConstOp::StructNew(_)
                | ConstOp::StructNewDefault(_)
                | ConstOp::ArrayNew(_)
                | ConstOp::ArrayNewDefault(_)
                | ConstOp::ArrayNewFixed(..)
                | ConstOp::AnyConvertExtern
                | ConstOp::ExternConvertAny => {
                    unreachable!("decoded: what is not built has been refused")
                }
            };
            stack.0.push(word);
        }
        stack.pop()
    }
}

/// The operands so far, as words.
struct Stack(SmallVec<[u64; 4]>);

impl Stack {
    fn pop(&mut self) -> u64 {
        self.0.pop().expect("validated: an operand is there")
    }

    fn binary_i32(&mut self, op: fn(i32, i32) -> i32) -> u64 {
        let (right, left) = (self.pop(), self.pop());
        // The upper half of an i32's word may hold anything.
        from_i32(op(left as u32 as i32, right as u32 as i32))
    }

    fn binary_i64(&mut self, op: fn(i64, i64) -> i64) -> u64 {
        let (right, left) = (self.pop(), self.pop());
        op(left as i64, right as i64) as u64
    }
}

fn from_i32(value: i32) -> u64 {
    u64::from(value as u32)
}

#[cfg(test)]
mod tests {
    use super::{Constants, FuncHandle};
    use curta_module::{ConstOp, FuncIdx, GlobalIdx};

    fn evaluate(ops: &[ConstOp]) -> u64 {
        let constants = Constants {
            global: |index| 0xffff_0000_0000_0005 + index as u64,
            func: FuncHandle::new,
        };
        constants.evaluate(ops)
    }

    #[test]
    fn arithmetic_wraps_and_keeps_its_operands_order() {
        assert_eq!(evaluate(&[ConstOp::I32Const(-1)]), 0xffff_ffff);
        assert_eq!(
            evaluate(&[ConstOp::I32Const(3), ConstOp::I32Const(5), ConstOp::I32Sub]),
            0xffff_fffe
        );
        assert_eq!(
            evaluate(&[
                ConstOp::I64Const(i64::MAX),
                ConstOp::I64Const(1),
                ConstOp::I64Add
            ]),
            1 << 63
        );
    }

    #[test]
    fn the_upper_half_of_an_i32_word_does_not_count() {
        let global = ConstOp::GlobalGet(GlobalIdx::new(1));
        assert_eq!(
            evaluate(&[global, ConstOp::I32Const(2), ConstOp::I32Mul]),
            12
        );
    }

    #[test]
    fn references_are_handles() {
        assert_eq!(
            evaluate(&[ConstOp::RefFunc(FuncIdx::new(3))]),
            FuncHandle::new(3).0
        );
    }
}
