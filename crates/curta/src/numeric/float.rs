//! Float instructions.
//!
//! `f32` and `f64` mean the same in two formats, so each meaning is written once, over `Float`.
//!
//! **NaNs.** `abs`, `neg` and `copysign` touch nothing but the sign bit, a signalling NaN's
//! included. Every other instruction that returns a float returns a quiet NaN for a NaN
//! operand, a canonical one if all its NaN operands are canonical. Processors do this by
//! themselves in arithmetic; what merely selects or rounds does it here (`min`, `max` and
//! [`rounding`]).

mod rounding;
#[cfg(any(test, not(feature = "std")))]
mod square_root;

pub(super) use rounding::Direction;
use rounding::round;

/// Makes, from each row, the instruction in both formats. A row is the anchor of its definition
/// in the specification, the two names, the operands, the result and the meaning.
macro_rules! float_instructions {
    ($(
        $(#[$doc:meta])+
        $anchor:literal $name32:ident $name64:ident ($($operand:ident),+) -> $result:ty
        $meaning:block
    )+) => {
        mod binary32 {
            use super::{Direction, round, square_root_of_f32 as square_root};
            type Float = f32;
            const SIGN: u32 = 1 << 31;
            $( float_instructions! {
                @one $(#[$doc])+ $anchor $name32 ($($operand),+) -> $result $meaning
            } )+
        }

        mod binary64 {
            use super::{Direction, round, square_root_of_f64 as square_root};
            type Float = f64;
            const SIGN: u64 = 1 << 63;
            $( float_instructions! {
                @one $(#[$doc])+ $anchor $name64 ($($operand),+) -> $result $meaning
            } )+
        }

        pub(crate) use binary32::{$($name32),+};
        pub(crate) use binary64::{$($name64),+};
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
        pub(crate) fn $name($($operand: Float),+) -> $result $meaning
    };
}

float_instructions! {
    /// The operand with its sign cleared.
    "op-fabs" f32_abs f64_abs (a) -> Float {
        Float::from_bits(a.to_bits() & !SIGN)
    }

    /// The operand with its sign flipped.
    "op-fneg" f32_neg f64_neg (a) -> Float {
        Float::from_bits(a.to_bits() ^ SIGN)
    }

    /// `a` with the sign of `b`.
    "op-fcopysign" f32_copysign f64_copysign (a, b) -> Float {
        Float::from_bits((a.to_bits() & !SIGN) | (b.to_bits() & SIGN))
    }

    /// The least integral value that is not less than the operand.
    "op-fceil" f32_ceil f64_ceil (a) -> Float {
        round(a, Direction::Up)
    }

    /// The greatest integral value that is not greater than the operand.
    "op-ffloor" f32_floor f64_floor (a) -> Float {
        round(a, Direction::Down)
    }

    /// The operand without its fraction.
    "op-ftrunc" f32_trunc f64_trunc (a) -> Float {
        round(a, Direction::TowardZero)
    }

    /// The integral value nearest to the operand; of two equally near, the even one.
    "op-fnearest" f32_nearest f64_nearest (a) -> Float {
        round(a, Direction::Nearest)
    }

    /// The square root, correctly rounded; a NaN below zero, -0 for -0.
    "op-fsqrt" f32_sqrt f64_sqrt (a) -> Float {
        square_root(a)
    }

    /// The sum, rounded to nearest.
    "op-fadd" f32_add f64_add (a, b) -> Float {
        a + b
    }

    /// The difference, rounded to nearest.
    "op-fsub" f32_sub f64_sub (a, b) -> Float {
        a - b
    }

    /// The product, rounded to nearest.
    "op-fmul" f32_mul f64_mul (a, b) -> Float {
        a * b
    }

    /// The quotient, rounded to nearest; an infinity or a NaN for a zero divisor.
    "op-fdiv" f32_div f64_div (a, b) -> Float {
        a / b
    }

    /// The lesser operand, where -0 is less than +0; a NaN if either is a NaN.
    "op-fmin" f32_min f64_min (a, b) -> Float {
        if a.is_nan() || b.is_nan() {
            // The sum of a NaN and anything is that NaN, made quiet.
            return a + b;
        }
        // Two selections that differ at most for equal operands, and these at most in a zero's
        // sign: -0 if either is. A branch on zeros or on the order would often be mispredicted.
        let least = if a < b { a } else { b };
        let least_too = if b < a { b } else { a };
        Float::from_bits(least.to_bits() | least_too.to_bits())
    }

    /// The greater operand, where +0 is greater than -0; a NaN if either is a NaN.
    "op-fmax" f32_max f64_max (a, b) -> Float {
        if a.is_nan() || b.is_nan() {
            // The sum of a NaN and anything is that NaN, made quiet.
            return a + b;
        }
        // As for the minimum, but +0 if either is.
        let greatest = if a > b { a } else { b };
        let greatest_too = if b > a { b } else { a };
        Float::from_bits(greatest.to_bits() & greatest_too.to_bits())
    }

    /// Whether the operands are equal. Zeros are, whatever their signs; a NaN equals nothing.
    "op-feq" f32_eq f64_eq (a, b) -> bool {
        a == b
    }

    /// Whether the operands are not equal: the opposite of `eq`, so true for a NaN.
    "op-fne" f32_ne f64_ne (a, b) -> bool {
        a != b
    }

    /// Whether `a` is less than `b`; false for a NaN.
    "op-flt" f32_lt f64_lt (a, b) -> bool {
        a < b
    }

    /// Whether `a` is greater than `b`; false for a NaN.
    "op-fgt" f32_gt f64_gt (a, b) -> bool {
        a > b
    }

    /// Whether `a` is at most `b`; false for a NaN.
    "op-fle" f32_le f64_le (a, b) -> bool {
        a <= b
    }

    /// Whether `a` is at least `b`; false for a NaN.
    "op-fge" f32_ge f64_ge (a, b) -> bool {
        a >= b
    }
}

/// The square root of an `f32`: the processor's where the standard library gives access to it.
#[inline(always)]
fn square_root_of_f32(a: f32) -> f32 {
    #[cfg(feature = "std")]
    return a.sqrt();
    #[cfg(not(feature = "std"))]
    return f32::from_bits(square_root::BINARY32.square_root(u64::from(a.to_bits())) as u32);
}

/// The square root of an `f64`: the processor's where the standard library gives access to it.
#[inline(always)]
fn square_root_of_f64(a: f64) -> f64 {
    #[cfg(feature = "std")]
    return a.sqrt();
    #[cfg(not(feature = "std"))]
    return f64::from_bits(square_root::BINARY64.square_root(a.to_bits()));
}

#[cfg(test)]
mod tests;
