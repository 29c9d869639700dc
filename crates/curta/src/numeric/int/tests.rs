//! Each instruction against the same computation in `i128`, where nothing wraps, on every pair
//! of edge values.

use super::*;
use crate::numeric::samples;

macro_rules! width_tests {
    (
        $width:ident, $Int:ident, $Uint:ident,
        $clz:ident $ctz:ident $popcnt:ident $add:ident $sub:ident $mul:ident
        $div_s:ident $div_u:ident $rem_s:ident $rem_u:ident $and:ident $or:ident $xor:ident
        $shl:ident $shr_s:ident $shr_u:ident $rotl:ident $rotr:ident
        $eqz:ident $eq:ident $ne:ident $lt_s:ident $lt_u:ident $gt_s:ident $gt_u:ident
        $le_s:ident $le_u:ident $ge_s:ident $ge_u:ident $extend8_s:ident $extend16_s:ident
    ) => {
        mod $width {
            use super::*;

            const BITS: u32 = $Int::BITS;

            fn operands() -> impl Iterator<Item = $Int> + Clone {
                samples::integers().map(|operand| operand as $Int)
            }

            fn for_all_pairs(mut check: impl FnMut($Int, $Int)) {
                for a in operands() {
                    for b in operands() {
                        check(a, b);
                    }
                }
            }

            fn signed(a: $Int) -> i128 {
                i128::from(a)
            }

            fn unsigned(a: $Int) -> i128 {
                i128::from(a as $Uint)
            }

            /// The bits of `a`, least significant first.
            fn bits(a: $Int) -> impl DoubleEndedIterator<Item = bool> {
                (0..BITS).map(move |place| unsigned(a) >> place & 1 == 1)
            }

            fn from_bits(bits: impl Iterator<Item = bool>) -> $Int {
                bits.zip(0..BITS)
                    .fold(0, |sum, (bit, place)| sum | i128::from(bit) << place) as $Int
            }

            #[test]
            fn counts_are_those_of_the_bits() {
                for a in operands() {
                    let leading = bits(a).rev().take_while(|&bit| !bit).count();
                    let trailing = bits(a).take_while(|&bit| !bit).count();
                    let ones = bits(a).filter(|&bit| bit).count();
                    assert_eq!($clz(a), leading as $Int, "clz {a:#x}");
                    assert_eq!($ctz(a), trailing as $Int, "ctz {a:#x}");
                    assert_eq!($popcnt(a), ones as $Int, "popcnt {a:#x}");
                }
            }

            #[test]
            fn arithmetic_wraps() {
                for_all_pairs(|a, b| {
                    assert_eq!($add(a, b), (signed(a) + signed(b)) as $Int, "{a} + {b}");
                    assert_eq!($sub(a, b), (signed(a) - signed(b)) as $Int, "{a} - {b}");
                    assert_eq!($mul(a, b), (signed(a) * signed(b)) as $Int, "{a} * {b}");
                });
            }

            #[test]
            fn quotients_round_toward_zero_or_trap() {
                for_all_pairs(|a, b| {
                    let quotient = |a: i128, b: i128, greatest: i128| {
                        let quotient = a.checked_div(b).ok_or(Trap::IntegerDivideByZero)?;
                        if quotient > greatest {
                            return Err(Trap::IntegerOverflow);
                        }
                        Ok(quotient as $Int)
                    };
                    let s = quotient(signed(a), signed(b), signed($Int::MAX));
                    let u = quotient(unsigned(a), unsigned(b), unsigned(-1));
                    assert_eq!($div_s(a, b), s, "div_s {a} {b}");
                    assert_eq!($div_u(a, b), u, "div_u {a} {b}");
                });
                assert_eq!($div_s($Int::MIN, -1), Err(Trap::IntegerOverflow));
                assert_eq!($div_u($Int::MIN, -1), Ok(0));
                assert_eq!($div_s(-7, 2), Ok(-3));
            }

            #[test]
            fn remainders_have_the_sign_of_the_dividend_or_trap() {
                for_all_pairs(|a, b| {
                    let remainder = |a: i128, b: i128| match a.checked_rem(b) {
                        Some(remainder) => Ok(remainder as $Int),
                        None => Err(Trap::IntegerDivideByZero),
                    };
                    let s = remainder(signed(a), signed(b));
                    let u = remainder(unsigned(a), unsigned(b));
                    assert_eq!($rem_s(a, b), s, "rem_s {a} {b}");
                    assert_eq!($rem_u(a, b), u, "rem_u {a} {b}");
                });
                assert_eq!($rem_s($Int::MIN, -1), Ok(0));
                assert_eq!($rem_s(-7, 2), Ok(-1));
            }

            #[test]
            fn logic_works_bit_by_bit() {
                for_all_pairs(|a, b| {
                    let both = || bits(a).zip(bits(b));
                    assert_eq!($and(a, b), from_bits(both().map(|(a, b)| a && b)));
                    assert_eq!($or(a, b), from_bits(both().map(|(a, b)| a || b)));
                    assert_eq!($xor(a, b), from_bits(both().map(|(a, b)| a != b)));
                });
            }

            #[test]
            fn shifts_take_their_count_modulo_the_width() {
                for_all_pairs(|a, b| {
                    let count = unsigned(b) % i128::from(BITS);
                    assert_eq!($shl(a, b), (unsigned(a) << count) as $Int, "{a} << {b}");
                    assert_eq!($shr_s(a, b), (signed(a) >> count) as $Int, "{a} >> {b}");
                    assert_eq!($shr_u(a, b), (unsigned(a) >> count) as $Int, "{a} >>> {b}");
                });
            }

            #[test]
            fn rotations_take_their_count_modulo_the_width() {
                for_all_pairs(|a, b| {
                    let count = unsigned(b) % i128::from(BITS);
                    let twice = unsigned(a) << BITS | unsigned(a);
                    let left = twice << count >> BITS;
                    assert_eq!($rotl(a, b), left as $Int, "rotl {a} {b}");
                    assert_eq!($rotr(a, b), (twice >> count) as $Int, "rotr {a} {b}");
                });
            }

            #[test]
            fn comparisons_order_signed_and_unsigned_values() {
                for_all_pairs(|a, b| {
                    let s = signed(a).cmp(&signed(b));
                    let u = unsigned(a).cmp(&unsigned(b));
                    assert_eq!($eq(a, b), s.is_eq());
                    assert_eq!($ne(a, b), s.is_ne());
                    assert_eq!($lt_s(a, b), s.is_lt());
                    assert_eq!($gt_s(a, b), s.is_gt());
                    assert_eq!($le_s(a, b), s.is_le());
                    assert_eq!($ge_s(a, b), s.is_ge());
                    assert_eq!($lt_u(a, b), u.is_lt());
                    assert_eq!($gt_u(a, b), u.is_gt());
                    assert_eq!($le_u(a, b), u.is_le());
                    assert_eq!($ge_u(a, b), u.is_ge());
                    assert_eq!($eqz(a), signed(a) == 0);
                });
            }

            #[test]
            fn extensions_repeat_the_sign_bit_of_a_part() {
                for a in operands() {
                    let extended = |part: usize| {
                        let sign = bits(a).nth(part - 1).into_iter();
                        from_bits(bits(a).take(part).chain(sign.cycle()))
                    };
                    assert_eq!($extend8_s(a), extended(8), "extend8_s {a:#x}");
                    assert_eq!($extend16_s(a), extended(16), "extend16_s {a:#x}");
                }
            }
        }
    };
}

width_tests! {
    width32, i32, u32,
    i32_clz i32_ctz i32_popcnt i32_add i32_sub i32_mul
    i32_div_s i32_div_u i32_rem_s i32_rem_u i32_and i32_or i32_xor
    i32_shl i32_shr_s i32_shr_u i32_rotl i32_rotr
    i32_eqz i32_eq i32_ne i32_lt_s i32_lt_u i32_gt_s i32_gt_u
    i32_le_s i32_le_u i32_ge_s i32_ge_u i32_extend8_s i32_extend16_s
}

width_tests! {
    width64, i64, u64,
    i64_clz i64_ctz i64_popcnt i64_add i64_sub i64_mul
    i64_div_s i64_div_u i64_rem_s i64_rem_u i64_and i64_or i64_xor
    i64_shl i64_shr_s i64_shr_u i64_rotl i64_rotr
    i64_eqz i64_eq i64_ne i64_lt_s i64_lt_u i64_gt_s i64_gt_u
    i64_le_s i64_le_u i64_ge_s i64_ge_u i64_extend8_s i64_extend16_s
}

#[test]
fn i64_extend32_s_repeats_the_sign_bit_of_the_low_half() {
    for a in samples::integers() {
        let low = i128::from(a).rem_euclid(1 << 32);
        let signed = if low >= 1 << 31 { low - (1 << 32) } else { low };
        assert_eq!(i64_extend32_s(a), signed as i64, "{a:#x}");
    }
}
