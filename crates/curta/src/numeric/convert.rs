//! Conversions between the four number types.

use super::Trap;

/// The low 32 bits.
///
/// [Definition](https://webassembly.github.io/spec/core/exec/numerics.html#op-wrap)
#[inline(always)]
pub(crate) fn i32_wrap_i64(a: i64) -> i32 {
    a as i32
}

/// The same value, the operand signed.
///
/// [Definition](https://webassembly.github.io/spec/core/exec/numerics.html#op-extend)
#[inline(always)]
pub(crate) fn i64_extend_i32_s(a: i32) -> i64 {
    i64::from(a)
}

/// The same value, the operand unsigned.
///
/// [Definition](https://webassembly.github.io/spec/core/exec/numerics.html#op-extend)
#[inline(always)]
pub(crate) fn i64_extend_i32_u(a: i32) -> i64 {
    i64::from(a as u32)
}

/// Makes the instructions from a float to an integer, both those that trap and those that
/// saturate. A row is the two names, the float type, the integer type that the value has to
/// fit, a type that the processor converts to without more ado, the result's type, and the two
/// floats next to those that fit: the greatest whose integral part is too small and the least
/// whose integral part is too great.
macro_rules! float_to_integer {
    ($(
        $trapping:ident $saturating:ident
        $float:ident => $fits:ident via $swift:ident as $int:ident, $below:literal $above:literal;
    )+) => { $(
        /// The operand without its fraction.
        ///
        /// Traps on a NaN, and where the result does not fit.
        ///
        /// [Definition](https://webassembly.github.io/spec/core/exec/numerics.html#op-trunc)
        #[inline(always)]
        pub(crate) fn $trapping(a: $float) -> Result<$int, Trap> {
            if $below < a && a < $above {
                Ok(a as $swift as $int)
            } else {
                Err(no_integer(a.is_nan()))
            }
        }

        /// The operand without its fraction; the nearest integer that fits if that does not,
        /// and 0 for a NaN.
        ///
        /// [Definition](https://webassembly.github.io/spec/core/exec/numerics.html#op-trunc-sat)
        #[inline(always)]
        pub(crate) fn $saturating(a: $float) -> $int {
            // Which is what Rust means by `as`.
            a as $fits as $int
        }
    )+ };
}

/// For a value that is known to fit an `i32`: on 64-bit processors a conversion to `i64` is one
/// instruction and a check of its overflow, a conversion to `i32` two clamps more.
type SwiftI32 = isize;

/// For a value that is known to fit a `u32`, likewise.
#[cfg(target_pointer_width = "64")]
type SwiftU32 = i64;
#[cfg(not(target_pointer_width = "64"))]
type SwiftU32 = u32;

float_to_integer! {
    i32_trunc_f32_s i32_trunc_sat_f32_s
        f32 => i32 via SwiftI32 as i32, -2147483904.0 2147483648.0;
    i32_trunc_f32_u i32_trunc_sat_f32_u
        f32 => u32 via SwiftU32 as i32, -1.0 4294967296.0;
    i32_trunc_f64_s i32_trunc_sat_f64_s
        f64 => i32 via SwiftI32 as i32, -2147483649.0 2147483648.0;
    i32_trunc_f64_u i32_trunc_sat_f64_u
        f64 => u32 via SwiftU32 as i32, -1.0 4294967296.0;
    i64_trunc_f32_s i64_trunc_sat_f32_s
        f32 => i64 via i64 as i64, -9223373136366403584.0 9223372036854775808.0;
    i64_trunc_f32_u i64_trunc_sat_f32_u
        f32 => u64 via u64 as i64, -1.0 18446744073709551616.0;
    i64_trunc_f64_s i64_trunc_sat_f64_s
        f64 => i64 via i64 as i64, -9223372036854777856.0 9223372036854775808.0;
    i64_trunc_f64_u i64_trunc_sat_f64_u
        f64 => u64 via u64 as i64, -1.0 18446744073709551616.0;
}

/// Why a float has no integer.
#[cold]
fn no_integer(is_nan: bool) -> Trap {
    if is_nan {
        Trap::InvalidConversionToInteger
    } else {
        Trap::IntegerOverflow
    }
}

/// Makes the instructions from an integer to a float. A row is the name, the operand type, the
/// integer type that it is read as, and the float type.
macro_rules! integer_to_float {
    ($($name:ident $int:ty as $read:ty => $float:ty;)+) => { $(
        /// The float nearest to the operand; of two equally near, the one with an even fraction.
        ///
        /// [Definition](https://webassembly.github.io/spec/core/exec/numerics.html#op-convert)
        #[inline(always)]
        pub(crate) fn $name(a: $int) -> $float {
            a as $read as $float
        }
    )+ };
}

integer_to_float! {
    f32_convert_i32_s i32 as i32 => f32;
    f32_convert_i32_u i32 as u32 => f32;
    f32_convert_i64_s i64 as i64 => f32;
    f32_convert_i64_u i64 as u64 => f32;
    f64_convert_i32_s i32 as i32 => f64;
    f64_convert_i32_u i32 as u32 => f64;
    f64_convert_i64_s i64 as i64 => f64;
    f64_convert_i64_u i64 as u64 => f64;
}

/// The nearest `f32`; a NaN becomes, or stays, quiet.
///
/// [Definition](https://webassembly.github.io/spec/core/exec/numerics.html#op-demote)
#[inline(always)]
pub(crate) fn f32_demote_f64(a: f64) -> f32 {
    a as f32
}

/// The same value; a NaN becomes, or stays, quiet.
///
/// [Definition](https://webassembly.github.io/spec/core/exec/numerics.html#op-promote)
#[inline(always)]
pub(crate) fn f64_promote_f32(a: f32) -> f64 {
    f64::from(a)
}

/// The operand's bits.
///
/// [Definition](https://webassembly.github.io/spec/core/exec/numerics.html#op-reinterpret)
#[inline(always)]
pub(crate) fn i32_reinterpret_f32(a: f32) -> i32 {
    a.to_bits() as i32
}

/// The operand's bits.
///
/// [Definition](https://webassembly.github.io/spec/core/exec/numerics.html#op-reinterpret)
#[inline(always)]
pub(crate) fn i64_reinterpret_f64(a: f64) -> i64 {
    a.to_bits() as i64
}

/// The operand's bits.
///
/// [Definition](https://webassembly.github.io/spec/core/exec/numerics.html#op-reinterpret)
#[inline(always)]
pub(crate) fn f32_reinterpret_i32(a: i32) -> f32 {
    f32::from_bits(a as u32)
}

/// The operand's bits.
///
/// [Definition](https://webassembly.github.io/spec/core/exec/numerics.html#op-reinterpret)
#[inline(always)]
pub(crate) fn f64_reinterpret_i64(a: i64) -> f64 {
    f64::from_bits(a as u64)
}

#[cfg(test)]
mod tests;
