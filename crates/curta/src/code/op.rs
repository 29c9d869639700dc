//! **The table**: one row an internal operation that has a meaning of its own on values.
//!
//! A row names the op, its text, the visitor method of the WebAssembly instruction it comes from, its operand and result
//! types, and the pure function in [`crate::numeric`] that is its meaning. Where operands live is no part of a row: that is
//! a type parameter of the handlers ([`crate::exec`]) and a digit of the id ([`super::catalog::HandlerId`]).
//!
//! # Grammar of names
//! An op has the name of its WebAssembly instruction in camel case (`I32Add` for `i32.add`); ops without an instruction
//! of their own (`F64NotLt`) say what they compute. A *compare* yields a boolean and is the only kind
//! that branches and selects can absorb; it knows its negation and what it becomes when its operands are exchanged.
//!
//! # To add an op
//! Add its row here and its meaning in [`crate::numeric`]: the enum, the marker type, the visitor method, the handlers over
//! all operand places and the disassembly follow from the row.

use crate::numeric::Trap;

/// The type of a value in a slot or an accumulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    I32,
    I64,
    F32,
    F64,
}

/// A pure operation on two values of one type.
pub(crate) trait Binary: 'static {
    type Value;
    type Out;
    const OP: BinaryOp;
    fn eval(a: Self::Value, b: Self::Value) -> Result<Self::Out, Trap>;
}

/// A pure predicate on two values of one type.
pub(crate) trait Compare: 'static {
    type Value;
    const OP: CompareOp;
    fn eval(a: Self::Value, b: Self::Value) -> bool;
}

/// A pure operation on one value.
pub(crate) trait Unary: 'static {
    type In;
    type Out;
    const OP: UnaryOp;
    fn eval(a: Self::In) -> Result<Self::Out, Trap>;
}

/// Reads memory: `Memory` is what lies there (little endian), `Out` what it becomes.
pub(crate) trait Load: 'static {
    type Memory;
    type Out;
    const OP: LoadOp;
    fn convert(memory: Self::Memory) -> Self::Out;
}

/// Writes memory: `In` is the operand, `Memory` what is written of it (little endian).
pub(crate) trait Store: 'static {
    type In;
    type Memory;
    const OP: StoreOp;
    fn convert(value: Self::In) -> Self::Memory;
}

/// What a meaning returns: a value, or a value unless it traps.
trait Outcome<T> {
    fn outcome(self) -> Result<T, Trap>;
}

macro_rules! total {
    ($($ty:ty)*) => { $(impl Outcome<$ty> for $ty {
        #[inline(always)]
        fn outcome(self) -> Result<$ty, Trap> {
            Ok(self)
        }
    })* };
}

total!(i32 i64 f32 f64);

impl<T> Outcome<T> for Result<T, Trap> {
    #[inline(always)]
    fn outcome(self) -> Result<T, Trap> {
        self
    }
}

/// Hands the rows of two-operand arithmetic to a macro: `Name "text" visitor(type) -> result = meaning, algebra;`.
macro_rules! for_each_binary {
    ($callback:ident) => { $callback! {
        I32Add      "i32.add"      visit_i32_add(i32)      -> i32 = int::i32_add, commutes true;
        I32Sub      "i32.sub"      visit_i32_sub(i32)      -> i32 = int::i32_sub, commutes false;
        I32Mul      "i32.mul"      visit_i32_mul(i32)      -> i32 = int::i32_mul, commutes true;
        I32DivS     "i32.div_s"    visit_i32_div_s(i32)    -> i32 = int::i32_div_s, commutes false;
        I32DivU     "i32.div_u"    visit_i32_div_u(i32)    -> i32 = int::i32_div_u, commutes false;
        I32RemS     "i32.rem_s"    visit_i32_rem_s(i32)    -> i32 = int::i32_rem_s, commutes false;
        I32RemU     "i32.rem_u"    visit_i32_rem_u(i32)    -> i32 = int::i32_rem_u, commutes false;
        I32And      "i32.and"      visit_i32_and(i32)      -> i32 = int::i32_and, commutes true;
        I32Or       "i32.or"       visit_i32_or(i32)       -> i32 = int::i32_or, commutes true;
        I32Xor      "i32.xor"      visit_i32_xor(i32)      -> i32 = int::i32_xor, commutes true;
        I32Shl      "i32.shl"      visit_i32_shl(i32)      -> i32 = int::i32_shl, commutes false;
        I32ShrS     "i32.shr_s"    visit_i32_shr_s(i32)    -> i32 = int::i32_shr_s, commutes false;
        I32ShrU     "i32.shr_u"    visit_i32_shr_u(i32)    -> i32 = int::i32_shr_u, commutes false;
        I32Rotl     "i32.rotl"     visit_i32_rotl(i32)     -> i32 = int::i32_rotl, commutes false;
        I32Rotr     "i32.rotr"     visit_i32_rotr(i32)     -> i32 = int::i32_rotr, commutes false;
        I64Add      "i64.add"      visit_i64_add(i64)      -> i64 = int::i64_add, commutes true;
        I64Sub      "i64.sub"      visit_i64_sub(i64)      -> i64 = int::i64_sub, commutes false;
        I64Mul      "i64.mul"      visit_i64_mul(i64)      -> i64 = int::i64_mul, commutes true;
        I64DivS     "i64.div_s"    visit_i64_div_s(i64)    -> i64 = int::i64_div_s, commutes false;
        I64DivU     "i64.div_u"    visit_i64_div_u(i64)    -> i64 = int::i64_div_u, commutes false;
        I64RemS     "i64.rem_s"    visit_i64_rem_s(i64)    -> i64 = int::i64_rem_s, commutes false;
        I64RemU     "i64.rem_u"    visit_i64_rem_u(i64)    -> i64 = int::i64_rem_u, commutes false;
        I64And      "i64.and"      visit_i64_and(i64)      -> i64 = int::i64_and, commutes true;
        I64Or       "i64.or"       visit_i64_or(i64)       -> i64 = int::i64_or, commutes true;
        I64Xor      "i64.xor"      visit_i64_xor(i64)      -> i64 = int::i64_xor, commutes true;
        I64Shl      "i64.shl"      visit_i64_shl(i64)      -> i64 = int::i64_shl, commutes false;
        I64ShrS     "i64.shr_s"    visit_i64_shr_s(i64)    -> i64 = int::i64_shr_s, commutes false;
        I64ShrU     "i64.shr_u"    visit_i64_shr_u(i64)    -> i64 = int::i64_shr_u, commutes false;
        I64Rotl     "i64.rotl"     visit_i64_rotl(i64)     -> i64 = int::i64_rotl, commutes false;
        I64Rotr     "i64.rotr"     visit_i64_rotr(i64)     -> i64 = int::i64_rotr, commutes false;
        // Sums and products of floats commute but for which NaN's payload comes out, which the specification leaves open;
        // a fixed order keeps results the same on every processor.
        F32Add      "f32.add"      visit_f32_add(f32)      -> f32 = float::f32_add, commutes false;
        F32Sub      "f32.sub"      visit_f32_sub(f32)      -> f32 = float::f32_sub, commutes false;
        F32Mul      "f32.mul"      visit_f32_mul(f32)      -> f32 = float::f32_mul, commutes false;
        F32Div      "f32.div"      visit_f32_div(f32)      -> f32 = float::f32_div, commutes false;
        F32Min      "f32.min"      visit_f32_min(f32)      -> f32 = float::f32_min, commutes false;
        F32Max      "f32.max"      visit_f32_max(f32)      -> f32 = float::f32_max, commutes false;
        F32Copysign "f32.copysign" visit_f32_copysign(f32) -> f32 = float::f32_copysign, commutes false;
        F64Add      "f64.add"      visit_f64_add(f64)      -> f64 = float::f64_add, commutes false;
        F64Sub      "f64.sub"      visit_f64_sub(f64)      -> f64 = float::f64_sub, commutes false;
        F64Mul      "f64.mul"      visit_f64_mul(f64)      -> f64 = float::f64_mul, commutes false;
        F64Div      "f64.div"      visit_f64_div(f64)      -> f64 = float::f64_div, commutes false;
        F64Min      "f64.min"      visit_f64_min(f64)      -> f64 = float::f64_min, commutes false;
        F64Max      "f64.max"      visit_f64_max(f64)      -> f64 = float::f64_max, commutes false;
        F64Copysign "f64.copysign" visit_f64_copysign(f64) -> f64 = float::f64_copysign, commutes false;
    } };
}

/// Hands the rows of predicates to a macro: `Name "text" (type) = meaning, negation, exchanged;`. The first group has a
/// WebAssembly instruction each, the second has none.
macro_rules! for_each_compare {
    ($callback:ident) => { $callback! {
        {
            I32Eq  "i32.eq"   visit_i32_eq(i32)   = int::i32_eq, not I32Ne, exchanged I32Eq;
            I32Ne  "i32.ne"   visit_i32_ne(i32)   = int::i32_ne, not I32Eq, exchanged I32Ne;
            I32LtS "i32.lt_s" visit_i32_lt_s(i32) = int::i32_lt_s, not I32GeS, exchanged I32GtS;
            I32LtU "i32.lt_u" visit_i32_lt_u(i32) = int::i32_lt_u, not I32GeU, exchanged I32GtU;
            I32GtS "i32.gt_s" visit_i32_gt_s(i32) = int::i32_gt_s, not I32LeS, exchanged I32LtS;
            I32GtU "i32.gt_u" visit_i32_gt_u(i32) = int::i32_gt_u, not I32LeU, exchanged I32LtU;
            I32LeS "i32.le_s" visit_i32_le_s(i32) = int::i32_le_s, not I32GtS, exchanged I32GeS;
            I32LeU "i32.le_u" visit_i32_le_u(i32) = int::i32_le_u, not I32GtU, exchanged I32GeU;
            I32GeS "i32.ge_s" visit_i32_ge_s(i32) = int::i32_ge_s, not I32LtS, exchanged I32LeS;
            I32GeU "i32.ge_u" visit_i32_ge_u(i32) = int::i32_ge_u, not I32LtU, exchanged I32LeU;
            I64Eq  "i64.eq"   visit_i64_eq(i64)   = int::i64_eq, not I64Ne, exchanged I64Eq;
            I64Ne  "i64.ne"   visit_i64_ne(i64)   = int::i64_ne, not I64Eq, exchanged I64Ne;
            I64LtS "i64.lt_s" visit_i64_lt_s(i64) = int::i64_lt_s, not I64GeS, exchanged I64GtS;
            I64LtU "i64.lt_u" visit_i64_lt_u(i64) = int::i64_lt_u, not I64GeU, exchanged I64GtU;
            I64GtS "i64.gt_s" visit_i64_gt_s(i64) = int::i64_gt_s, not I64LeS, exchanged I64LtS;
            I64GtU "i64.gt_u" visit_i64_gt_u(i64) = int::i64_gt_u, not I64LeU, exchanged I64LtU;
            I64LeS "i64.le_s" visit_i64_le_s(i64) = int::i64_le_s, not I64GtS, exchanged I64GeS;
            I64LeU "i64.le_u" visit_i64_le_u(i64) = int::i64_le_u, not I64GtU, exchanged I64GeU;
            I64GeS "i64.ge_s" visit_i64_ge_s(i64) = int::i64_ge_s, not I64LtS, exchanged I64LeS;
            I64GeU "i64.ge_u" visit_i64_ge_u(i64) = int::i64_ge_u, not I64LtU, exchanged I64LeU;
            F32Eq  "f32.eq"   visit_f32_eq(f32)   = float::f32_eq, not F32Ne, exchanged F32Eq;
            F32Ne  "f32.ne"   visit_f32_ne(f32)   = float::f32_ne, not F32Eq, exchanged F32Ne;
            F32Lt  "f32.lt"   visit_f32_lt(f32)   = float::f32_lt, not F32NotLt, exchanged F32Gt;
            F32Gt  "f32.gt"   visit_f32_gt(f32)   = float::f32_gt, not F32NotGt, exchanged F32Lt;
            F32Le  "f32.le"   visit_f32_le(f32)   = float::f32_le, not F32NotLe, exchanged F32Ge;
            F32Ge  "f32.ge"   visit_f32_ge(f32)   = float::f32_ge, not F32NotGe, exchanged F32Le;
            F64Eq  "f64.eq"   visit_f64_eq(f64)   = float::f64_eq, not F64Ne, exchanged F64Eq;
            F64Ne  "f64.ne"   visit_f64_ne(f64)   = float::f64_ne, not F64Eq, exchanged F64Ne;
            F64Lt  "f64.lt"   visit_f64_lt(f64)   = float::f64_lt, not F64NotLt, exchanged F64Gt;
            F64Gt  "f64.gt"   visit_f64_gt(f64)   = float::f64_gt, not F64NotGt, exchanged F64Lt;
            F64Le  "f64.le"   visit_f64_le(f64)   = float::f64_le, not F64NotLe, exchanged F64Ge;
            F64Ge  "f64.ge"   visit_f64_ge(f64)   = float::f64_ge, not F64NotGe, exchanged F64Le;
        }
        {
            F32NotLt "f32.not_lt" (f32) = |a, b| !float::f32_lt(a, b), not F32Lt, exchanged F32NotGt;
            F32NotGt "f32.not_gt" (f32) = |a, b| !float::f32_gt(a, b), not F32Gt, exchanged F32NotLt;
            F32NotLe "f32.not_le" (f32) = |a, b| !float::f32_le(a, b), not F32Le, exchanged F32NotGe;
            F32NotGe "f32.not_ge" (f32) = |a, b| !float::f32_ge(a, b), not F32Ge, exchanged F32NotLe;
            F64NotLt "f64.not_lt" (f64) = |a, b| !float::f64_lt(a, b), not F64Lt, exchanged F64NotGt;
            F64NotGt "f64.not_gt" (f64) = |a, b| !float::f64_gt(a, b), not F64Gt, exchanged F64NotLt;
            F64NotLe "f64.not_le" (f64) = |a, b| !float::f64_le(a, b), not F64Le, exchanged F64NotGe;
            F64NotGe "f64.not_ge" (f64) = |a, b| !float::f64_ge(a, b), not F64Ge, exchanged F64NotLe;
        }
    } };
}

/// Hands the rows of one-operand operations to a macro: `Name "text" visitor(type) -> result = meaning;`.
macro_rules! for_each_unary {
    ($callback:ident) => { $callback! {
        I32Clz           "i32.clz"                 visit_i32_clz(i32)                 -> i32 = int::i32_clz;
        I32Ctz           "i32.ctz"                 visit_i32_ctz(i32)                 -> i32 = int::i32_ctz;
        I32Popcnt        "i32.popcnt"              visit_i32_popcnt(i32)              -> i32 = int::i32_popcnt;
        I32Extend8S      "i32.extend8_s"           visit_i32_extend8_s(i32)           -> i32 = int::i32_extend8_s;
        I32Extend16S     "i32.extend16_s"          visit_i32_extend16_s(i32)          -> i32 = int::i32_extend16_s;
        I64Clz           "i64.clz"                 visit_i64_clz(i64)                 -> i64 = int::i64_clz;
        I64Ctz           "i64.ctz"                 visit_i64_ctz(i64)                 -> i64 = int::i64_ctz;
        I64Popcnt        "i64.popcnt"              visit_i64_popcnt(i64)              -> i64 = int::i64_popcnt;
        I64Extend8S      "i64.extend8_s"           visit_i64_extend8_s(i64)           -> i64 = int::i64_extend8_s;
        I64Extend16S     "i64.extend16_s"          visit_i64_extend16_s(i64)          -> i64 = int::i64_extend16_s;
        I64Extend32S     "i64.extend32_s"          visit_i64_extend32_s(i64)          -> i64 = int::i64_extend32_s;
        I64ExtendI32S    "i64.extend_i32_s"        visit_i64_extend_i32_s(i32)        -> i64 = convert::i64_extend_i32_s;
        I64ExtendI32U    "i64.extend_i32_u"        visit_i64_extend_i32_u(i32)        -> i64 = convert::i64_extend_i32_u;
        F32Abs           "f32.abs"                 visit_f32_abs(f32)                 -> f32 = float::f32_abs;
        F32Neg           "f32.neg"                 visit_f32_neg(f32)                 -> f32 = float::f32_neg;
        F32Ceil          "f32.ceil"                visit_f32_ceil(f32)                -> f32 = float::f32_ceil;
        F32Floor         "f32.floor"               visit_f32_floor(f32)               -> f32 = float::f32_floor;
        F32Trunc         "f32.trunc"               visit_f32_trunc(f32)               -> f32 = float::f32_trunc;
        F32Nearest       "f32.nearest"             visit_f32_nearest(f32)             -> f32 = float::f32_nearest;
        F32Sqrt          "f32.sqrt"                visit_f32_sqrt(f32)                -> f32 = float::f32_sqrt;
        F64Abs           "f64.abs"                 visit_f64_abs(f64)                 -> f64 = float::f64_abs;
        F64Neg           "f64.neg"                 visit_f64_neg(f64)                 -> f64 = float::f64_neg;
        F64Ceil          "f64.ceil"                visit_f64_ceil(f64)                -> f64 = float::f64_ceil;
        F64Floor         "f64.floor"               visit_f64_floor(f64)               -> f64 = float::f64_floor;
        F64Trunc         "f64.trunc"               visit_f64_trunc(f64)               -> f64 = float::f64_trunc;
        F64Nearest       "f64.nearest"             visit_f64_nearest(f64)             -> f64 = float::f64_nearest;
        F64Sqrt          "f64.sqrt"                visit_f64_sqrt(f64)                -> f64 = float::f64_sqrt;
        I32TruncF32S     "i32.trunc_f32_s"         visit_i32_trunc_f32_s(f32)         -> i32 = convert::i32_trunc_f32_s;
        I32TruncF32U     "i32.trunc_f32_u"         visit_i32_trunc_f32_u(f32)         -> i32 = convert::i32_trunc_f32_u;
        I32TruncF64S     "i32.trunc_f64_s"         visit_i32_trunc_f64_s(f64)         -> i32 = convert::i32_trunc_f64_s;
        I32TruncF64U     "i32.trunc_f64_u"         visit_i32_trunc_f64_u(f64)         -> i32 = convert::i32_trunc_f64_u;
        I64TruncF32S     "i64.trunc_f32_s"         visit_i64_trunc_f32_s(f32)         -> i64 = convert::i64_trunc_f32_s;
        I64TruncF32U     "i64.trunc_f32_u"         visit_i64_trunc_f32_u(f32)         -> i64 = convert::i64_trunc_f32_u;
        I64TruncF64S     "i64.trunc_f64_s"         visit_i64_trunc_f64_s(f64)         -> i64 = convert::i64_trunc_f64_s;
        I64TruncF64U     "i64.trunc_f64_u"         visit_i64_trunc_f64_u(f64)         -> i64 = convert::i64_trunc_f64_u;
        I32TruncSatF32S  "i32.trunc_sat_f32_s"     visit_i32_trunc_sat_f32_s(f32)     -> i32 = convert::i32_trunc_sat_f32_s;
        I32TruncSatF32U  "i32.trunc_sat_f32_u"     visit_i32_trunc_sat_f32_u(f32)     -> i32 = convert::i32_trunc_sat_f32_u;
        I32TruncSatF64S  "i32.trunc_sat_f64_s"     visit_i32_trunc_sat_f64_s(f64)     -> i32 = convert::i32_trunc_sat_f64_s;
        I32TruncSatF64U  "i32.trunc_sat_f64_u"     visit_i32_trunc_sat_f64_u(f64)     -> i32 = convert::i32_trunc_sat_f64_u;
        I64TruncSatF32S  "i64.trunc_sat_f32_s"     visit_i64_trunc_sat_f32_s(f32)     -> i64 = convert::i64_trunc_sat_f32_s;
        I64TruncSatF32U  "i64.trunc_sat_f32_u"     visit_i64_trunc_sat_f32_u(f32)     -> i64 = convert::i64_trunc_sat_f32_u;
        I64TruncSatF64S  "i64.trunc_sat_f64_s"     visit_i64_trunc_sat_f64_s(f64)     -> i64 = convert::i64_trunc_sat_f64_s;
        I64TruncSatF64U  "i64.trunc_sat_f64_u"     visit_i64_trunc_sat_f64_u(f64)     -> i64 = convert::i64_trunc_sat_f64_u;
        F32ConvertI32S   "f32.convert_i32_s"       visit_f32_convert_i32_s(i32)       -> f32 = convert::f32_convert_i32_s;
        F32ConvertI32U   "f32.convert_i32_u"       visit_f32_convert_i32_u(i32)       -> f32 = convert::f32_convert_i32_u;
        F32ConvertI64S   "f32.convert_i64_s"       visit_f32_convert_i64_s(i64)       -> f32 = convert::f32_convert_i64_s;
        F32ConvertI64U   "f32.convert_i64_u"       visit_f32_convert_i64_u(i64)       -> f32 = convert::f32_convert_i64_u;
        F64ConvertI32S   "f64.convert_i32_s"       visit_f64_convert_i32_s(i32)       -> f64 = convert::f64_convert_i32_s;
        F64ConvertI32U   "f64.convert_i32_u"       visit_f64_convert_i32_u(i32)       -> f64 = convert::f64_convert_i32_u;
        F64ConvertI64S   "f64.convert_i64_s"       visit_f64_convert_i64_s(i64)       -> f64 = convert::f64_convert_i64_s;
        F64ConvertI64U   "f64.convert_i64_u"       visit_f64_convert_i64_u(i64)       -> f64 = convert::f64_convert_i64_u;
        F32DemoteF64     "f32.demote_f64"          visit_f32_demote_f64(f64)          -> f32 = convert::f32_demote_f64;
        F64PromoteF32    "f64.promote_f32"         visit_f64_promote_f32(f32)         -> f64 = convert::f64_promote_f32;
        I32ReinterpretF32 "i32.reinterpret_f32"    visit_i32_reinterpret_f32(f32)     -> i32 = convert::i32_reinterpret_f32;
        I64ReinterpretF64 "i64.reinterpret_f64"    visit_i64_reinterpret_f64(f64)     -> i64 = convert::i64_reinterpret_f64;
        F32ReinterpretI32 "f32.reinterpret_i32"    visit_f32_reinterpret_i32(i32)     -> f32 = convert::f32_reinterpret_i32;
        F64ReinterpretI64 "f64.reinterpret_i64"    visit_f64_reinterpret_i64(i64)     -> f64 = convert::f64_reinterpret_i64;
    } };
}

/// Hands the rows of loads to a macro: `Name "text" visitor memory -> result = conversion;`.
macro_rules! for_each_load {
    ($callback:ident) => {
        $callback! {
            I32Load    "i32.load"     visit_i32_load     i32 -> i32 = |m| m;
            I64Load    "i64.load"     visit_i64_load     i64 -> i64 = |m| m;
            F32Load    "f32.load"     visit_f32_load     u32 -> f32 = |m| f32::from_bits(m);
            F64Load    "f64.load"     visit_f64_load     u64 -> f64 = |m| f64::from_bits(m);
            I32Load8S  "i32.load8_s"  visit_i32_load8_s  i8  -> i32 = |m| i32::from(m);
            I32Load8U  "i32.load8_u"  visit_i32_load8_u  u8  -> i32 = |m| i32::from(m);
            I32Load16S "i32.load16_s" visit_i32_load16_s i16 -> i32 = |m| i32::from(m);
            I32Load16U "i32.load16_u" visit_i32_load16_u u16 -> i32 = |m| i32::from(m);
            I64Load8S  "i64.load8_s"  visit_i64_load8_s  i8  -> i64 = |m| i64::from(m);
            I64Load8U  "i64.load8_u"  visit_i64_load8_u  u8  -> i64 = |m| i64::from(m);
            I64Load16S "i64.load16_s" visit_i64_load16_s i16 -> i64 = |m| i64::from(m);
            I64Load16U "i64.load16_u" visit_i64_load16_u u16 -> i64 = |m| i64::from(m);
            I64Load32S "i64.load32_s" visit_i64_load32_s i32 -> i64 = |m| i64::from(m);
            I64Load32U "i64.load32_u" visit_i64_load32_u u32 -> i64 = |m| i64::from(m);
        }
    };
}

/// Hands the rows of stores to a macro: `Name "text" visitor type -> memory = conversion;`.
macro_rules! for_each_store {
    ($callback:ident) => {
        $callback! {
            I32Store   "i32.store"   visit_i32_store   i32 -> u32 = |v| v.cast_unsigned();
            I64Store   "i64.store"   visit_i64_store   i64 -> u64 = |v| v.cast_unsigned();
            F32Store   "f32.store"   visit_f32_store   f32 -> u32 = |v| v.to_bits();
            F64Store   "f64.store"   visit_f64_store   f64 -> u64 = |v| v.to_bits();
            I32Store8  "i32.store8"  visit_i32_store8  i32 -> u8  = |v| v as u8;
            I32Store16 "i32.store16" visit_i32_store16 i32 -> u16 = |v| v as u16;
            I64Store8  "i64.store8"  visit_i64_store8  i64 -> u8  = |v| v as u8;
            I64Store16 "i64.store16" visit_i64_store16 i64 -> u16 = |v| v as u16;
            I64Store32 "i64.store32" visit_i64_store32 i64 -> u32 = |v| v as u32;
        }
    };
}

pub(crate) use {for_each_binary, for_each_compare, for_each_load, for_each_store, for_each_unary};

/// The [`Type`] of a Rust type.
macro_rules! type_of {
    (i32) => {
        Type::I32
    };
    (i64) => {
        Type::I64
    };
    (f32) => {
        Type::F32
    };
    (f64) => {
        Type::F64
    };
}

/// The enum of a kind of op, with what the rows say of each.
macro_rules! op_enum {
    ($(#[$doc:meta])* $kind:ident { $($name:ident $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum $kind { $($name),* }

        impl $kind {
            /// How many ops there are of this kind.
            pub(crate) const COUNT: usize = [$($text),*].len();

            /// The op's name in listings.
            pub(crate) const fn text(self) -> &'static str {
                match self { $($kind::$name => $text),* }
            }
        }
    };
}

macro_rules! binary_ops {
    ($($name:ident $text:literal $visit:ident($ty:ident) -> $out:ident = $meaning:path, commutes $commutes:literal;)*) => {
        op_enum! {
            /// Two operands of one type, a result.
            BinaryOp { $($name $text),* }
        }
        impl BinaryOp {
            /// The type of both operands and of the result.
            pub(crate) const fn ty(self) -> Type {
                match self { $(BinaryOp::$name => type_of!($ty)),* }
            }

            /// Whether the operands may be exchanged.
            pub(crate) const fn commutes(self) -> bool {
                match self { $(BinaryOp::$name => $commutes),* }
            }
        }
        $(
            pub(crate) struct $name;
            impl Binary for $name {
                type Value = $ty;
                type Out = $out;
                const OP: BinaryOp = BinaryOp::$name;
                #[inline(always)]
                fn eval(a: $ty, b: $ty) -> Result<$out, Trap> {
                    $meaning(a, b).outcome()
                }
            }
        )*
    };
}

macro_rules! compare_ops {
    (
        { $($name:ident $text:literal $visit:ident($ty:ident) = $meaning:path, not $not:ident, exchanged $exchanged:ident;)* }
        { $($name2:ident $text2:literal ($ty2:ident) = $meaning2:expr, not $not2:ident, exchanged $exchanged2:ident;)* }
    ) => {
        op_enum! {
            /// Two operands of one type, a boolean.
            CompareOp { $($name $text,)* $($name2 $text2),* }
        }
        impl CompareOp {
            /// The type of both operands.
            pub(crate) const fn ty(self) -> Type {
                match self {
                    $(CompareOp::$name => type_of!($ty),)*
                    $(CompareOp::$name2 => type_of!($ty2),)*
                }
            }

            /// True exactly when this one is false.
            pub(crate) const fn negated(self) -> CompareOp {
                match self {
                    $(CompareOp::$name => CompareOp::$not,)*
                    $(CompareOp::$name2 => CompareOp::$not2,)*
                }
            }

            /// The same with its operands exchanged.
            pub(crate) const fn exchanged(self) -> CompareOp {
                match self {
                    $(CompareOp::$name => CompareOp::$exchanged,)*
                    $(CompareOp::$name2 => CompareOp::$exchanged2,)*
                }
            }
        }
        $( compare_ops!(@op $name $ty $meaning); )*
        $( compare_ops!(@op $name2 $ty2 $meaning2); )*
    };
    (@op $name:ident $ty:ident $meaning:expr) => {
        pub(crate) struct $name;
        impl Compare for $name {
            type Value = $ty;
            const OP: CompareOp = CompareOp::$name;
            #[inline(always)]
            fn eval(a: $ty, b: $ty) -> bool {
                let meaning: fn($ty, $ty) -> bool = $meaning;
                meaning(a, b)
            }
        }
    };
}

macro_rules! unary_ops {
    ($($name:ident $text:literal $visit:ident($ty:ident) -> $out:ident = $meaning:path;)*) => {
        op_enum! {
            /// One operand, a result.
            UnaryOp { $($name $text),* }
        }
        impl UnaryOp {
            /// The operand's type.
            pub(crate) const fn operand(self) -> Type {
                match self { $(UnaryOp::$name => type_of!($ty)),* }
            }

            /// The result's type.
            pub(crate) const fn result(self) -> Type {
                match self { $(UnaryOp::$name => type_of!($out)),* }
            }
        }
        $(
            pub(crate) struct $name;
            impl Unary for $name {
                type In = $ty;
                type Out = $out;
                const OP: UnaryOp = UnaryOp::$name;
                #[inline(always)]
                fn eval(a: $ty) -> Result<$out, Trap> {
                    $meaning(a).outcome()
                }
            }
        )*
    };
}

macro_rules! load_ops {
    ($($name:ident $text:literal $visit:ident $memory:ident -> $out:ident = |$m:ident| $convert:expr;)*) => {
        op_enum! {
            /// Reads linear memory.
            LoadOp { $($name $text),* }
        }
        impl LoadOp {
            /// The result's type.
            pub(crate) const fn result(self) -> Type {
                match self { $(LoadOp::$name => type_of!($out)),* }
            }
        }
        $(
            pub(crate) struct $name;
            impl Load for $name {
                type Memory = $memory;
                type Out = $out;
                const OP: LoadOp = LoadOp::$name;
                #[inline(always)]
                fn convert($m: $memory) -> $out {
                    $convert
                }
            }
        )*
    };
}

macro_rules! store_ops {
    ($($name:ident $text:literal $visit:ident $ty:ident -> $memory:ident = |$v:ident| $convert:expr;)*) => {
        op_enum! {
            /// Writes linear memory.
            StoreOp { $($name $text),* }
        }
        impl StoreOp {
            /// The type of the value of which (a part) is written.
            pub(crate) const fn operand(self) -> Type {
                match self { $(StoreOp::$name => type_of!($ty)),* }
            }
        }
        $(
            pub(crate) struct $name;
            impl Store for $name {
                type In = $ty;
                type Memory = $memory;
                const OP: StoreOp = StoreOp::$name;
                #[inline(always)]
                fn convert($v: $ty) -> $memory {
                    $convert
                }
            }
        )*
    };
}

use crate::numeric::{convert, float, int};

for_each_binary!(binary_ops);
for_each_compare!(compare_ops);
for_each_unary!(unary_ops);
for_each_load!(load_ops);
for_each_store!(store_ops);
