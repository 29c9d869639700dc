//! Each conversion against integer arithmetic, on edge values and on pseudo-random bits.

use core::hint::black_box;

use super::*;
use crate::numeric::{
    oracle::{BINARY32, BINARY64, Format, Value},
    samples,
};

/// Edge values, pseudo-random bits, and floats on either side of every limit of an integer type.
fn floats(format: Format) -> impl Iterator<Item = u64> {
    let all_bits = format.sign() | (format.sign() - 1);
    let beside_limits = [31, 32, 63, 64].into_iter().flat_map(move |power| {
        let limit = format.nearest(false, 1, power, false);
        // From the limit down by units of its last place, and up by those above it, which are
        // large enough to pass the next integers, or their halves, in the wider format.
        (0..=20).flat_map(move |place| {
            let step = if place == 0 { 0 } else { 1 << (place - 1) };
            [limit - step, limit + step]
                .into_iter()
                .flat_map(move |bits| [bits, bits | format.sign()])
        })
    });
    let beside_integers = [
        -1.0,
        -0.999_999_999_999_999_9,
        -0.5,
        2147483647.0,
        2147483647.5,
        2147483648.5,
        -2147483648.5,
        -2147483648.999_999_5,
        -2147483649.0,
        4294967295.5,
        4294967295.999_999_5,
    ];
    let beside_integers =
        beside_integers
            .into_iter()
            .map(move |x: f64| match format.exponent_bits {
                8 => u64::from((x as f32).to_bits()),
                _ => x.to_bits(),
            });
    samples::floats(format.fraction_bits, format.exponent_bits)
        .chain(beside_limits)
        .chain(beside_integers)
        .chain(samples::random(100_000).map(move |word| word & all_bits))
}

fn f32_of(bits: u64) -> f32 {
    f32::from_bits(black_box(bits as u32))
}

fn f64_of(bits: u64) -> f64 {
    f64::from_bits(black_box(bits))
}

#[test]
fn integers_wrap_and_extend() {
    for a in samples::integers() {
        let wide = i128::from(a);
        assert_eq!(i64::from(i32_wrap_i64(a)), (wide << 96 >> 96) as i64);
        let a = a as i32;
        assert_eq!(i64_extend_i32_s(a), i64::from(a));
        assert_eq!(i64_extend_i32_u(a), i64::from(a).rem_euclid(1 << 32));
    }
}

macro_rules! truncation_tests {
    ($(
        $trapping:ident $saturating:ident $format:ident $float:ident $fits:ident $int:ident;
    )+) => { $(
        #[test]
        fn $trapping() {
            for a in floats($format) {
                let fits = $format.integral_part(a).and_then(|whole| $fits::try_from(whole).ok());
                let expected = match fits {
                    Some(integer) => Ok(integer as $int),
                    None if $format.is_nan(a) => Err(Trap::InvalidConversionToInteger),
                    None => Err(Trap::IntegerOverflow),
                };
                assert_eq!(super::$trapping($float(a)), expected, "{a:#x}");
            }
        }

        #[test]
        fn $saturating() {
            for a in floats($format) {
                let fits = $format.integral_part(a).and_then(|whole| $fits::try_from(whole).ok());
                let expected = match fits {
                    Some(integer) => integer,
                    None if $format.is_nan(a) => 0,
                    None if $format.is_negative(a) => $fits::MIN,
                    None => $fits::MAX,
                };
                assert_eq!(super::$saturating($float(a)), expected as $int, "{a:#x}");
            }
        }
    )+ };
}

truncation_tests! {
    i32_trunc_f32_s i32_trunc_sat_f32_s BINARY32 f32_of i32 i32;
    i32_trunc_f32_u i32_trunc_sat_f32_u BINARY32 f32_of u32 i32;
    i32_trunc_f64_s i32_trunc_sat_f64_s BINARY64 f64_of i32 i32;
    i32_trunc_f64_u i32_trunc_sat_f64_u BINARY64 f64_of u32 i32;
    i64_trunc_f32_s i64_trunc_sat_f32_s BINARY32 f32_of i64 i64;
    i64_trunc_f32_u i64_trunc_sat_f32_u BINARY32 f32_of u64 i64;
    i64_trunc_f64_s i64_trunc_sat_f64_s BINARY64 f64_of i64 i64;
    i64_trunc_f64_u i64_trunc_sat_f64_u BINARY64 f64_of u64 i64;
}

macro_rules! conversion_tests {
    ($($name:ident $int:ident as $read:ident => $format:ident;)+) => { $(
        #[test]
        fn $name() {
            // Fewer leading bits make halves of a last place likelier.
            let short = samples::random(100_000).map(|word| (word as i64) >> (word & 63));
            let random = samples::random(100_000).map(|word| word as i64);
            for a in samples::integers().chain(random).chain(short) {
                let a = a as $int;
                let value = i128::from(a as $read);
                let expected = $format.nearest(value < 0, value.unsigned_abs(), 0, false);
                assert_eq!(u64::from(super::$name(black_box(a)).to_bits()), expected, "{a}");
            }
        }
    )+ };
}

conversion_tests! {
    f32_convert_i32_s i32 as i32 => BINARY32;
    f32_convert_i32_u i32 as u32 => BINARY32;
    f32_convert_i64_s i64 as i64 => BINARY32;
    f32_convert_i64_u i64 as u64 => BINARY32;
    f64_convert_i32_s i32 as i32 => BINARY64;
    f64_convert_i32_u i32 as u32 => BINARY64;
    f64_convert_i64_s i64 as i64 => BINARY64;
    f64_convert_i64_u i64 as u64 => BINARY64;
}

/// Asserts that `actual` is the float of format `to` nearest to that of format `from`, or for a
/// NaN a quiet one, canonical for a canonical one.
#[track_caller]
fn assert_converted(from: Format, to: Format, operand: u64, actual: u64) {
    match from.value(operand) {
        Value::Nan => {
            let canonical = operand & !from.sign() == from.infinity() | from.quiet();
            let payload = if canonical { to.quiet() } else { 1 };
            assert!(
                to.is_allowed_nan(actual, &[to.infinity() | payload]),
                "{operand:#x}"
            );
        }
        Value::Infinite { negative } => {
            let sign = if negative { to.sign() } else { 0 };
            assert_eq!(actual, to.infinity() | sign);
        }
        Value::Finite {
            negative,
            significand,
            exponent,
        } => {
            let expected = to.nearest(negative, significand, exponent, false);
            assert_eq!(actual, expected, "{operand:#x}");
        }
    }
}

#[test]
fn demotion_rounds_to_nearest_and_quiets() {
    // Bits of f32, promoted by hand with bits below the last place, demote around its halves.
    let around_halves = samples::random(100_000).map(|word| {
        let exponent = 1023 - 160 + (word >> 32) % 300;
        let tail = [0, 1, (1 << 28) - 1, 1 << 28, (1 << 28) + 1][(word >> 60) as usize % 5];
        (word >> 63) << 63 | exponent << 52 | (word & 0x7f_ffff) << 29 | tail
    });
    for a in floats(BINARY64).chain(around_halves) {
        let actual = f32_demote_f64(f64_of(a)).to_bits();
        assert_converted(BINARY64, BINARY32, a, u64::from(actual));
    }
}

#[test]
fn promotion_is_exact_and_quiets() {
    for a in floats(BINARY32) {
        let actual = f64_promote_f32(f32_of(a)).to_bits();
        assert_converted(BINARY32, BINARY64, a, actual);
    }
}

#[test]
fn reinterpretation_keeps_every_bit() {
    for a in floats(BINARY32) {
        let integer = a as u32 as i32;
        assert_eq!(i32_reinterpret_f32(f32_of(a)), integer);
        assert_eq!(f32_reinterpret_i32(black_box(integer)).to_bits(), a as u32);
    }
    for a in floats(BINARY64) {
        assert_eq!(i64_reinterpret_f64(f64_of(a)), a as i64);
        assert_eq!(f64_reinterpret_i64(black_box(a as i64)).to_bits(), a);
    }
}
