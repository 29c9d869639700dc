//! Each instruction against integer arithmetic, bit for bit, on edge values, on all their pairs
//! and on pseudo-random bits. Where the specification leaves a NaN's bits open, the result has
//! to be one of those that it allows.

use core::hint::black_box;

use super::{rounding::round_by_arithmetic, *};
use crate::numeric::{
    oracle::{self, Format, Value},
    samples,
};

/// Asserts that `actual` is `expected`, or an allowed NaN if that is a NaN.
#[track_caller]
fn assert_float(format: Format, actual: u64, expected: u64, name: &str, operands: &[u64]) {
    let right = if format.is_nan(expected) {
        format.is_allowed_nan(actual, operands)
    } else {
        actual == expected
    };
    assert!(
        right,
        "{name} of {operands:#x?} is {actual:#x} instead of {expected:#x}"
    );
}

/// `a` and `b`, or `a` and `-b`, added.
fn sum(format: Format, a: u64, b: u64) -> u64 {
    let nan = format.infinity() | format.quiet();
    let (mut a, mut b) = match (format.value(a), format.value(b)) {
        (Value::Nan, _) | (_, Value::Nan) => return nan,
        (Value::Infinite { negative }, Value::Infinite { negative: other }) => {
            return if negative == other { a } else { nan };
        }
        (Value::Infinite { .. }, _) => return a,
        (_, Value::Infinite { .. }) => return b,
        (
            Value::Finite {
                negative,
                significand,
                exponent,
            },
            Value::Finite {
                negative: other,
                significand: term,
                exponent: scale,
            },
        ) => ((negative, significand, exponent), (other, term, scale)),
    };
    if a.2 < b.2 {
        (a, b) = (b, a);
    }
    // `a` is moved up to the exponent of `b`; if that is too far, `b` is less than half of the
    // last bit of any result and counts as one unit, far below.
    if b.1 == 0 && a.1 != 0 {
        return format.nearest(a.0, a.1, a.2, false);
    }
    if a.1 != 0 && a.2 - b.2 > 64 {
        b = (b.0, 1, a.2 - 64);
    }
    let shift = if a.1 == 0 { 0 } else { a.2 - b.2 };
    let with_sign = |negative: bool, magnitude: u128| {
        let magnitude = magnitude as i128;
        if negative { -magnitude } else { magnitude }
    };
    let total = with_sign(a.0, a.1 << shift) + with_sign(b.0, b.1);
    // An exact zero is positive, unless both operands are negative zeros.
    let negative = total < 0 || (total == 0 && a.0 && b.0);
    format.nearest(negative, total.unsigned_abs(), b.2, false)
}

fn product(format: Format, a: u64, b: u64) -> u64 {
    let nan = format.infinity() | format.quiet();
    let sign = (a ^ b) & format.sign();
    match (format.value(a), format.value(b)) {
        (Value::Nan, _) | (_, Value::Nan) => nan,
        (Value::Infinite { .. }, Value::Finite { significand: 0, .. })
        | (Value::Finite { significand: 0, .. }, Value::Infinite { .. }) => nan,
        (Value::Infinite { .. }, _) | (_, Value::Infinite { .. }) => format.infinity() | sign,
        (
            Value::Finite {
                significand,
                exponent,
                ..
            },
            Value::Finite {
                significand: factor,
                exponent: scale,
                ..
            },
        ) => format.nearest(sign != 0, significand * factor, exponent + scale, false),
    }
}

fn quotient(format: Format, a: u64, b: u64) -> u64 {
    let nan = format.infinity() | format.quiet();
    let sign = (a ^ b) & format.sign();
    match (format.value(a), format.value(b)) {
        (Value::Nan, _) | (_, Value::Nan) => nan,
        (Value::Infinite { .. }, Value::Infinite { .. })
        | (Value::Finite { significand: 0, .. }, Value::Finite { significand: 0, .. }) => nan,
        (Value::Infinite { .. }, _) | (_, Value::Finite { significand: 0, .. }) => {
            format.infinity() | sign
        }
        (Value::Finite { significand: 0, .. }, _) | (_, Value::Infinite { .. }) => sign,
        (
            Value::Finite {
                significand,
                exponent,
                ..
            },
            Value::Finite {
                significand: divisor,
                exponent: scale,
                ..
            },
        ) => {
            // Enough bits that the quotient is longer than a float's significand.
            let room = significand.leading_zeros();
            let dividend = significand << room;
            let exponent = exponent - room as i32 - scale;
            let more = dividend % divisor != 0;
            format.nearest(sign != 0, dividend / divisor, exponent, more)
        }
    }
}

fn square_root_by_search(format: Format, a: u64) -> u64 {
    match format.value(a) {
        Value::Finite { significand: 0, .. } => a,
        Value::Infinite { negative: false } => a,
        Value::Finite {
            negative: false,
            significand,
            exponent,
        } => {
            // Enough bits, and an even exponent.
            let room = significand.leading_zeros() - 2;
            let room = room + ((exponent - room as i32) as u32 & 1);
            let radicand = significand << room;
            let mut root = 0_u128;
            for place in (0..64).rev() {
                let longer = root | 1 << place;
                if longer * longer <= radicand {
                    root = longer;
                }
            }
            let more = root * root != radicand;
            format.nearest(false, root, (exponent - room as i32) / 2, more)
        }
        _ => format.infinity() | format.quiet(),
    }
}

/// The lesser of two operands, by an order in which -0 comes before +0.
fn lesser(format: Format, a: u64, b: u64) -> u64 {
    let rank = |bits: u64| {
        let magnitude = (bits & !format.sign()) as i64;
        if format.is_negative(bits) {
            -magnitude - 1
        } else {
            magnitude
        }
    };
    if format.is_nan(a) || format.is_nan(b) {
        format.infinity() | format.quiet()
    } else if rank(a) < rank(b) {
        a
    } else {
        b
    }
}

macro_rules! format_tests {
    (
        $width:ident, $Float:ident, $Bits:ident, $FORMAT:expr, $ROOTS:expr,
        $abs:ident $neg:ident $copysign:ident $ceil:ident $floor:ident $trunc:ident $nearest:ident
        $sqrt:ident $add:ident $sub:ident $mul:ident $div:ident $min:ident $max:ident
        $eq:ident $ne:ident $lt:ident $gt:ident $le:ident $ge:ident
    ) => {
        mod $width {
            use super::*;

            const FORMAT: Format = $FORMAT;

            fn operands() -> impl Iterator<Item = u64> + Clone {
                samples::floats(FORMAT.fraction_bits, FORMAT.exponent_bits)
            }

            /// All pairs of edge values, and pseudo-random pairs; in half of these the
            /// second operand is near the first in magnitude, so that sums cancel.
            fn for_all_pairs(mut check: impl FnMut(u64, u64)) {
                for a in operands() {
                    for b in operands() {
                        check(a, b);
                    }
                }
                let mut words = samples::random(200_000);
                while let (Some(a), Some(b)) = (words.next(), words.next()) {
                    let (a, b) = (u64::from(a as $Bits), u64::from(b as $Bits));
                    check(a, b);
                    check(
                        a,
                        a ^ (b >> 9 & FORMAT.infinity() << 1 >> 4) ^ (b & FORMAT.sign()),
                    );
                }
            }

            fn float(bits: u64) -> $Float {
                // What is known while compiling, compilers compute, with NaNs of their own.
                $Float::from_bits(black_box(bits as $Bits))
            }

            fn bits(float: $Float) -> u64 {
                u64::from(float.to_bits())
            }

            fn check_rounding(a: u64) {
                let instructions = [
                    ("ceil", $ceil as fn($Float) -> $Float, Direction::Up),
                    ("floor", $floor, Direction::Down),
                    ("trunc", $trunc, Direction::TowardZero),
                    ("nearest", $nearest, Direction::Nearest),
                ];
                for (name, instruction, direction) in instructions {
                    let expected = FORMAT.round(a, direction);
                    assert_float(FORMAT, bits(instruction(float(a))), expected, name, &[a]);
                    let computed = bits(round_by_arithmetic(float(a), direction));
                    assert_eq!(computed, expected, "{name} of {a:#x} by arithmetic");
                }
            }

            #[test]
            fn rounding_is_exact() {
                operands().for_each(check_rounding);
                let fraction = FORMAT.sign() | ((1 << FORMAT.fraction_bits) - 1);
                let bias = (1 << (FORMAT.exponent_bits - 1)) - 1;
                // A million patterns: each word as it is, and with an exponent for which there
                // is a fraction to round away and something to round to.
                for word in samples::random(500_000) {
                    let exponent = bias - 1 + (word >> 32) % 64;
                    let word = u64::from(word as $Bits);
                    check_rounding(word);
                    check_rounding((word & fraction) | (exponent << FORMAT.fraction_bits));
                }
            }

            #[test]
            fn sign_operations_change_nothing_but_the_sign() {
                for a in operands() {
                    let (magnitude, sign) = (a & !FORMAT.sign(), FORMAT.sign());
                    assert_eq!(bits($abs(float(a))), magnitude);
                    assert_eq!(bits($neg(float(a))), a ^ sign);
                    for b in operands() {
                        let signed = magnitude | (b & sign);
                        assert_eq!(bits($copysign(float(a), float(b))), signed);
                    }
                }
            }

            #[test]
            fn square_roots_are_correctly_rounded() {
                let check = |a: u64| {
                    let expected = square_root_by_search(FORMAT, a);
                    assert_float(FORMAT, bits($sqrt(float(a))), expected, "sqrt", &[a]);
                    let by_integers = $ROOTS.square_root(a);
                    assert_float(FORMAT, by_integers, expected, "sqrt by integers", &[a]);
                };
                operands().for_each(check);
                samples::random(100_000).for_each(|word| {
                    check(u64::from(word as $Bits));
                    check(u64::from(word as $Bits) & !FORMAT.sign());
                    // Subnormals, short ones among them.
                    check((word & ((1 << FORMAT.fraction_bits) - 1)) >> (word >> 58));
                });
            }

            #[test]
            fn sums_and_differences_are_correctly_rounded() {
                for_all_pairs(|a, b| {
                    let (x, y) = (float(a), float(b));
                    let difference = if FORMAT.is_nan(b) {
                        b
                    } else {
                        b ^ FORMAT.sign()
                    };
                    assert_float(FORMAT, bits($add(x, y)), sum(FORMAT, a, b), "add", &[a, b]);
                    let difference = sum(FORMAT, a, difference);
                    assert_float(FORMAT, bits($sub(x, y)), difference, "sub", &[a, b]);
                });
            }

            #[test]
            fn products_and_quotients_are_correctly_rounded() {
                for_all_pairs(|a, b| {
                    let (x, y) = (float(a), float(b));
                    assert_float(
                        FORMAT,
                        bits($mul(x, y)),
                        product(FORMAT, a, b),
                        "mul",
                        &[a, b],
                    );
                    assert_float(
                        FORMAT,
                        bits($div(x, y)),
                        quotient(FORMAT, a, b),
                        "div",
                        &[a, b],
                    );
                });
            }

            #[test]
            fn minimum_and_maximum_order_zeros_and_propagate_nans() {
                for_all_pairs(|a, b| {
                    let (x, y) = (float(a), float(b));
                    let sign = FORMAT.sign();
                    let greater = lesser(FORMAT, a ^ sign, b ^ sign) ^ sign;
                    assert_float(
                        FORMAT,
                        bits($min(x, y)),
                        lesser(FORMAT, a, b),
                        "min",
                        &[a, b],
                    );
                    assert_float(FORMAT, bits($max(x, y)), greater, "max", &[a, b]);
                });
            }

            #[test]
            fn comparisons_take_zeros_for_equal_and_nans_for_unordered() {
                for_all_pairs(|a, b| {
                    let (x, y) = (float(a), float(b));
                    let unordered = FORMAT.is_nan(a) || FORMAT.is_nan(b);
                    let zeros = (a | b) & !FORMAT.sign() == 0;
                    let equal = !unordered && (a == b || zeros);
                    let less = !unordered && !equal && lesser(FORMAT, a, b) == a;
                    let greater = !unordered && !equal && !less;
                    assert_eq!($eq(x, y), equal, "{a:#x} eq {b:#x}");
                    assert_eq!($ne(x, y), !equal, "{a:#x} ne {b:#x}");
                    assert_eq!($lt(x, y), less, "{a:#x} lt {b:#x}");
                    assert_eq!($gt(x, y), greater, "{a:#x} gt {b:#x}");
                    assert_eq!($le(x, y), less || equal, "{a:#x} le {b:#x}");
                    assert_eq!($ge(x, y), greater || equal, "{a:#x} ge {b:#x}");
                });
            }
        }
    };
}

format_tests! {
    binary32, f32, u32, oracle::BINARY32, square_root::BINARY32,
    f32_abs f32_neg f32_copysign f32_ceil f32_floor f32_trunc f32_nearest
    f32_sqrt f32_add f32_sub f32_mul f32_div f32_min f32_max
    f32_eq f32_ne f32_lt f32_gt f32_le f32_ge
}

format_tests! {
    binary64, f64, u64, oracle::BINARY64, square_root::BINARY64,
    f64_abs f64_neg f64_copysign f64_ceil f64_floor f64_trunc f64_nearest
    f64_sqrt f64_add f64_sub f64_mul f64_div f64_min f64_max
    f64_eq f64_ne f64_lt f64_gt f64_le f64_ge
}

#[test]
fn a_few_results_that_anyone_can_check() {
    assert_eq!(f64_nearest(2.5), 2.0);
    assert_eq!(f64_nearest(3.5), 4.0);
    assert_eq!(f64_nearest(0.499_999_999_999_999_94), 0.0);
    assert_eq!(f64_floor(-0.5), -1.0);
    assert!(f64_ceil(-0.5).is_sign_negative());
    assert!(f32_trunc(-0.9).is_sign_negative());
    assert!(f32_min(0.0, -0.0).is_sign_negative());
    assert!(f32_max(-0.0, 0.0).is_sign_positive());
    assert_eq!(f64_sqrt(2.0), core::f64::consts::SQRT_2);
    assert_eq!(f32_div(1.0, -0.0), f32::NEG_INFINITY);
}
