//! Rounding to integral values: `ceil`, `floor`, `trunc`, `nearest`.
//!
//! Targets that always have an instruction for it use it, through the standard library. On the
//! others (plain x86-64, which lacks SSE4.1, among them) that would be a call of a library
//! function: one around which the interpreter's registers have to be saved, and which in some
//! libraries lets a signalling NaN through unquieted. They round here, with one predictable
//! branch and a few additions or conversions; so do builds without the standard library. Both
//! ways give the same bits but for a NaN's.

use core::ops::{Add, Sub};

/// Where a value that is not integral goes.
#[derive(Clone, Copy, Debug)]
pub(in crate::numeric) enum Direction {
    /// To the next greater integral value.
    Up,
    /// To the next lesser integral value.
    Down,
    /// To the next integral value on the way to zero.
    TowardZero,
    /// To the nearest integral value; from the middle between two, to the even one.
    Nearest,
}

/// Rounds to an integral value of the same sign; a NaN becomes, or stays, quiet.
#[inline(always)]
pub(super) fn round<F: Format>(x: F, direction: Direction) -> F {
    match x.round_by_instruction(direction) {
        Some(rounded) => rounded,
        None => round_by_arithmetic(x, direction),
    }
}

/// [`round`] without an instruction for it.
#[inline(always)]
pub(super) fn round_by_arithmetic<F: Format>(x: F, direction: Direction) -> F {
    if x.magnitude() < F::INTEGRAL {
        // The first sum has no bits for a fraction, so it is rounded to the nearest integral
        // value, ties to even, as every sum is; the second is exact.
        let far = F::INTEGRAL.with_sign_of(x);
        let nearest = (x + far) - far;
        // `nearest` is 1 too far as often as not, so that is no branch, but a selection of what
        // is computed in any case.
        let rounded = match direction {
            Direction::Nearest => nearest,
            Direction::Up => {
                let above = nearest + F::ONE;
                if nearest < x { above } else { nearest }
            }
            Direction::Down => {
                let below = nearest - F::ONE;
                if nearest > x { below } else { nearest }
            }
            Direction::TowardZero => x.through_integer(),
        };
        // Only a zero can have lost its sign.
        rounded.with_sign_of(x)
    } else {
        // Integral already, or a NaN.
        x.quieted()
    }
}

/// One of the two float formats, as far as rounding has to know it.
pub(super) trait Format:
    Copy + PartialOrd + Add<Output = Self> + Sub<Output = Self>
{
    const ONE: Self;
    /// 2 to the number of fraction bits: the least power of two from which on every value is
    /// integral. Up to the next power of two, neighbours are 1 apart.
    const INTEGRAL: Self;

    /// The value with its sign cleared.
    fn magnitude(self) -> Self;

    /// The value with the sign of `other`.
    fn with_sign_of(self, other: Self) -> Self;

    /// A value below [`Format::INTEGRAL`] in magnitude, converted to an integer and back: without
    /// its fraction.
    fn through_integer(self) -> Self;

    /// The value; a signalling NaN made quiet.
    fn quieted(self) -> Self;

    /// What the target's own instruction returns, if it has one.
    fn round_by_instruction(self, direction: Direction) -> Option<Self>;
}

macro_rules! impl_format {
    ($float:ident, $bits:ident, $integer:ident) => {
        impl Format for $float {
            const ONE: Self = 1.0;
            const INTEGRAL: Self = (1_u64 << (Self::MANTISSA_DIGITS - 1)) as Self;

            #[inline(always)]
            fn magnitude(self) -> Self {
                Self::from_bits(self.to_bits() & ($bits::MAX >> 1))
            }

            #[inline(always)]
            fn with_sign_of(self, other: Self) -> Self {
                self.copysign(other)
            }

            #[inline(always)]
            fn through_integer(self) -> Self {
                self as $integer as Self
            }

            #[inline(always)]
            fn quieted(self) -> Self {
                // By bits: compilers may drop an addition of zero.
                let quiet = $bits::from(self.is_nan()) << (Self::MANTISSA_DIGITS - 2);
                Self::from_bits(self.to_bits() | quiet)
            }

            #[inline(always)]
            fn round_by_instruction(self, direction: Direction) -> Option<Self> {
                cfg_select! {
                    all(
                        feature = "std",
                        any(
                            // A feature of x86 alone.
                            target_feature = "sse4.1",
                            target_arch = "aarch64",
                            target_family = "wasm",
                        ),
                    ) => {
                        Some(match direction {
                            Direction::Up => self.ceil(),
                            Direction::Down => self.floor(),
                            Direction::TowardZero => self.trunc(),
                            Direction::Nearest => self.round_ties_even(),
                        })
                    }
                    _ => {
                        let _ = direction;
                        None
                    }
                }
            }
        }
    };
}

// The integers are those that processors convert to and from best.
impl_format!(f32, u32, isize);
impl_format!(f64, u64, i64);
