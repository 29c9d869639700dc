//! Integer instructions.
//!
//! `i32` and `i64` mean the same at two widths, so each meaning is written once, over `Int`
//! (the operands' type) and `Uint` (the same bits, unsigned). Arithmetic wraps; a shift's or a
//! rotation's count is taken modulo the width.

use super::Trap;

/// Makes, from each row, the instruction at both widths. A row is the anchor of its definition
/// in the specification, the two names, the operands, the result and the meaning.
macro_rules! integer_instructions {
    ($(
        $(#[$doc:meta])+
        $anchor:literal $name32:ident $name64:ident ($($operand:ident),+) -> $result:ty
        $meaning:block
    )+) => {
        mod width32 {
            use super::Trap;
            type Int = i32;
            type Uint = u32;
            $( integer_instructions! {
                @one $(#[$doc])+ $anchor $name32 ($($operand),+) -> $result $meaning
            } )+
        }

        mod width64 {
            use super::Trap;
            type Int = i64;
            type Uint = u64;
            $( integer_instructions! {
                @one $(#[$doc])+ $anchor $name64 ($($operand),+) -> $result $meaning
            } )+
        }

        pub(crate) use width32::{$($name32),+};
        pub(crate) use width64::{$($name64),+};
    };
    (
        @one $(#[$doc:meta])+
        $anchor:literal $name:ident ($($operand:ident),+) -> $result:ty $meaning:block
    ) => {
        $(#[$doc])+
        ///
        #[doc = concat!(
            "[Definition](https://webassembly.github.io/spec/core/exec/numerics.html#",
            $anchor,
            ")"
        )]
        #[inline(always)]
        pub(crate) fn $name($($operand: Int),+) -> $result $meaning
    };
}

integer_instructions! {
    /// The number of zero bits above the highest one bit; the width if there is none.
    "op-iclz" i32_clz i64_clz (a) -> Int {
        a.leading_zeros() as Int
    }

    /// The number of zero bits below the lowest one bit; the width if there is none.
    "op-ictz" i32_ctz i64_ctz (a) -> Int {
        a.trailing_zeros() as Int
    }

    /// The number of one bits.
    "op-ipopcnt" i32_popcnt i64_popcnt (a) -> Int {
        a.count_ones() as Int
    }

    /// The sum, wrapped.
    "op-iadd" i32_add i64_add (a, b) -> Int {
        a.wrapping_add(b)
    }

    /// The difference, wrapped.
    "op-isub" i32_sub i64_sub (a, b) -> Int {
        a.wrapping_sub(b)
    }

    /// The product, wrapped.
    "op-imul" i32_mul i64_mul (a, b) -> Int {
        a.wrapping_mul(b)
    }

    /// The signed quotient, rounded toward zero.
    ///
    /// Traps on a zero divisor, and on the least integer divided by -1, whose quotient has no
    /// representation.
    "op-idiv" i32_div_s i64_div_s (a, b) -> Result<Int, Trap> {
        if b == 0 {
            return Err(Trap::IntegerDivideByZero);
        }
        a.checked_div(b).ok_or(Trap::IntegerOverflow)
    }

    /// The unsigned quotient, rounded toward zero.
    ///
    /// Traps on a zero divisor.
    "op-idiv" i32_div_u i64_div_u (a, b) -> Result<Int, Trap> {
        match (a as Uint).checked_div(b as Uint) {
            Some(quotient) => Ok(quotient as Int),
            None => Err(Trap::IntegerDivideByZero),
        }
    }

    /// The signed remainder, with the dividend's sign.
    ///
    /// Traps on a zero divisor. The least integer and -1 leave 0: only their quotient overflows.
    "op-irem" i32_rem_s i64_rem_s (a, b) -> Result<Int, Trap> {
        if b == 0 {
            return Err(Trap::IntegerDivideByZero);
        }
        Ok(a.wrapping_rem(b))
    }

    /// The unsigned remainder.
    ///
    /// Traps on a zero divisor.
    "op-irem" i32_rem_u i64_rem_u (a, b) -> Result<Int, Trap> {
        match (a as Uint).checked_rem(b as Uint) {
            Some(remainder) => Ok(remainder as Int),
            None => Err(Trap::IntegerDivideByZero),
        }
    }

    /// The bits that are set in both operands.
    "op-iand" i32_and i64_and (a, b) -> Int {
        a & b
    }

    /// The bits that are set in either operand.
    "op-ior" i32_or i64_or (a, b) -> Int {
        a | b
    }

    /// The bits that are set in exactly one operand.
    "op-ixor" i32_xor i64_xor (a, b) -> Int {
        a ^ b
    }

    /// `a` shifted left by `b` modulo the width; zeros enter.
    "op-ishl" i32_shl i64_shl (a, b) -> Int {
        a.wrapping_shl(b as u32)
    }

    /// `a` shifted right by `b` modulo the width; copies of the sign bit enter.
    "op-ishr" i32_shr_s i64_shr_s (a, b) -> Int {
        a.wrapping_shr(b as u32)
    }

    /// `a` shifted right by `b` modulo the width; zeros enter.
    "op-ishr" i32_shr_u i64_shr_u (a, b) -> Int {
        (a as Uint).wrapping_shr(b as u32) as Int
    }

    /// `a` rotated left by `b` modulo the width.
    "op-irotl" i32_rotl i64_rotl (a, b) -> Int {
        a.rotate_left(b as u32 % Int::BITS)
    }

    /// `a` rotated right by `b` modulo the width.
    "op-irotr" i32_rotr i64_rotr (a, b) -> Int {
        a.rotate_right(b as u32 % Int::BITS)
    }

    /// Whether the operand is zero.
    "op-ieqz" i32_eqz i64_eqz (a) -> bool {
        a == 0
    }

    /// Whether `a` equals `b`.
    "op-ieq" i32_eq i64_eq (a, b) -> bool {
        a == b
    }

    /// Whether `a` differs from `b`.
    "op-ine" i32_ne i64_ne (a, b) -> bool {
        a != b
    }

    /// Whether `a` is less than `b`, both signed.
    "op-ilt" i32_lt_s i64_lt_s (a, b) -> bool {
        a < b
    }

    /// Whether `a` is less than `b`, both unsigned.
    "op-ilt" i32_lt_u i64_lt_u (a, b) -> bool {
        (a as Uint) < (b as Uint)
    }

    /// Whether `a` is greater than `b`, both signed.
    "op-igt" i32_gt_s i64_gt_s (a, b) -> bool {
        a > b
    }

    /// Whether `a` is greater than `b`, both unsigned.
    "op-igt" i32_gt_u i64_gt_u (a, b) -> bool {
        (a as Uint) > (b as Uint)
    }

    /// Whether `a` is at most `b`, both signed.
    "op-ile" i32_le_s i64_le_s (a, b) -> bool {
        a <= b
    }

    /// Whether `a` is at most `b`, both unsigned.
    "op-ile" i32_le_u i64_le_u (a, b) -> bool {
        (a as Uint) <= (b as Uint)
    }

    /// Whether `a` is at least `b`, both signed.
    "op-ige" i32_ge_s i64_ge_s (a, b) -> bool {
        a >= b
    }

    /// Whether `a` is at least `b`, both unsigned.
    "op-ige" i32_ge_u i64_ge_u (a, b) -> bool {
        (a as Uint) >= (b as Uint)
    }

    /// The low 8 bits, read as a signed integer.
    "op-iextendn" i32_extend8_s i64_extend8_s (a) -> Int {
        a as i8 as Int
    }

    /// The low 16 bits, read as a signed integer.
    "op-iextendn" i32_extend16_s i64_extend16_s (a) -> Int {
        a as i16 as Int
    }
}

/// The low 32 bits, read as a signed integer.
///
/// [Definition](https://webassembly.github.io/spec/core/exec/numerics.html#op-iextendn)
#[inline(always)]
pub(crate) fn i64_extend32_s(a: i64) -> i64 {
    i64::from(a as i32)
}

#[cfg(test)]
mod tests;
