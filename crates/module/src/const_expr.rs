//! Constant expressions as data: the initial values of globals and tables, the offsets and items
//! of segments.
//!
//! They are kept in the order of the binary format, which is that of a stack machine, and are
//! evaluated by the engine in a loop: nothing here or there recurses. Validation has proved that
//! the operands are there and have the right types.
//!
//! <https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions>

use smallvec::SmallVec;
use wasmparser::Operator;

use crate::convert::TypeScope;
use crate::{
    Feature, FuncIdx, GlobalIdx, HeapType, Limit, Limits, ModuleError, ModuleErrorKind, TypeIdx,
};

/// A validated constant expression.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ConstExpr {
    /// Nearly every one is a single instruction, which then needs no memory of its own.
    ops: SmallVec<[ConstOp; 1]>,
}

/// An instruction of a constant expression.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ConstOp {
    /// Push an `i32`.
    I32Const(i32),
    /// Push an `i64`.
    I64Const(i64),
    /// Push an `f32`, given by its bits.
    F32Const(u32),
    /// Push an `f64`, given by its bits.
    F64Const(u64),
    /// Push the value of a global.
    GlobalGet(GlobalIdx),
    /// Push the null reference of a type.
    RefNull(HeapType),
    /// Push a reference to a function.
    RefFunc(FuncIdx),
    /// Pop two `i32`, push their sum, which wraps around.
    I32Add,
    /// Pop two `i32`, push their difference, which wraps around.
    I32Sub,
    /// Pop two `i32`, push their product, which wraps around.
    I32Mul,
    /// Pop two `i64`, push their sum, which wraps around.
    I64Add,
    /// Pop two `i64`, push their difference, which wraps around.
    I64Sub,
    /// Pop two `i64`, push their product, which wraps around.
    I64Mul,
    /// Pop an `i32`, push a reference to its lower 31 bits.
    RefI31,
    /// Pop the fields, push a reference to a new structure of them.
    StructNew(TypeIdx),
    /// Push a reference to a new structure of default values.
    StructNewDefault(TypeIdx),
    /// Pop a length and the value before it, push a reference to a new array of that value.
    ArrayNew(TypeIdx),
    /// Pop a length, push a reference to a new array of default values.
    ArrayNewDefault(TypeIdx),
    /// Pop so many elements, push a reference to a new array of them.
    ArrayNewFixed(TypeIdx, u32),
    /// Pop a host reference, push it as one of the guest's.
    AnyConvertExtern,
    /// Pop a reference of the guest's, push it as one of the host's.
    ExternConvertAny,
}

impl ConstExpr {
    /// The instructions in their order, the closing `end` left out. Never empty.
    #[must_use]
    pub fn ops(&self) -> &[ConstOp] {
        &self.ops
    }

    /// The function that the expression is a reference to, if it is nothing else.
    #[must_use]
    pub fn as_ref_func(&self) -> Option<FuncIdx> {
        match *self.ops() {
            [ConstOp::RefFunc(func)] => Some(func),
            _ => None,
        }
    }

    /// Reads an expression that has been validated.
    pub(crate) fn read(
        expression: &wasmparser::ConstExpr<'_>,
        scope: TypeScope<'_>,
        limits: &Limits,
    ) -> Result<ConstExpr, ModuleError> {
        let mut reader = expression.get_operators_reader();
        let mut ops = SmallVec::new();
        loop {
            let offset = usize::try_from(reader.original_position()).unwrap_or(usize::MAX);
            let op = reader.read().map_err(|error| {
                ModuleError::from_parser(&error, scope.requested(), ModuleErrorKind::Malformed)
            })?;
            if matches!(op, Operator::End) {
                return Ok(ConstExpr { ops });
            }
            if ops.len() == limits.const_expr_ops() {
                let asked = ops.len() as u64 + 1;
                let maximum = limits.const_expr_ops() as u64;
                return Err(ModuleError::limit(
                    Limit::ConstExprOps,
                    asked,
                    maximum,
                    offset,
                ));
            }
            if let Some(feature) = Feature::of_instruction(&op)
                && !feature.has_instructions()
            {
                return Err(ModuleError::not_built(feature, offset));
            }
            ops.push(const_op(&op, scope, offset)?);
        }
    }
}

fn const_op(
    op: &Operator<'_>,
    scope: TypeScope<'_>,
    offset: usize,
) -> Result<ConstOp, ModuleError> {
    Ok(match *op {
        Operator::I32Const { value } => ConstOp::I32Const(value),
        Operator::I64Const { value } => ConstOp::I64Const(value),
        Operator::F32Const { value } => ConstOp::F32Const(value.bits()),
        Operator::F64Const { value } => ConstOp::F64Const(value.bits()),
        Operator::GlobalGet { global_index } => ConstOp::GlobalGet(global_index.into()),
        Operator::RefNull { hty } => ConstOp::RefNull(scope.heap_type(hty, offset)?),
        Operator::RefFunc { function_index } => ConstOp::RefFunc(function_index.into()),
        Operator::I32Add => ConstOp::I32Add,
        Operator::I32Sub => ConstOp::I32Sub,
        Operator::I32Mul => ConstOp::I32Mul,
        Operator::I64Add => ConstOp::I64Add,
        Operator::I64Sub => ConstOp::I64Sub,
        Operator::I64Mul => ConstOp::I64Mul,
        Operator::RefI31 => ConstOp::RefI31,
        Operator::StructNew { struct_type_index } => ConstOp::StructNew(struct_type_index.into()),
        Operator::StructNewDefault { struct_type_index } => {
            ConstOp::StructNewDefault(struct_type_index.into())
        }
        Operator::ArrayNew { array_type_index } => ConstOp::ArrayNew(array_type_index.into()),
        Operator::ArrayNewDefault { array_type_index } => {
            ConstOp::ArrayNewDefault(array_type_index.into())
        }
        Operator::ArrayNewFixed {
            array_type_index,
            array_size,
        } => ConstOp::ArrayNewFixed(array_type_index.into(), array_size),
        Operator::AnyConvertExtern => ConstOp::AnyConvertExtern,
        Operator::ExternConvertAny => ConstOp::ExternConvertAny,
        // What validation lets through beyond these came with proposals that are not built.
        ref other => {
            let feature = Feature::of_instruction(other).unwrap_or(Feature::CustomDescriptors);
            return Err(ModuleError::not_built(feature, offset));
        }
    })
}
