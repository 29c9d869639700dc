//! Arithmetic on 128 bits in two halves of 64, low half first.
//!
//! <https://github.com/WebAssembly/wide-arithmetic>

/// Joins two halves.
fn join(low: i64, high: i64) -> u128 {
    u128::from(low.cast_unsigned()) | u128::from(high.cast_unsigned()) << 64
}

/// The two halves.
fn split(value: u128) -> (i64, i64) {
    (value as i64, (value >> 64) as i64)
}

/// `i64.add128`: the sum, wrapping.
#[inline(always)]
pub(crate) fn i64_add128(a_low: i64, a_high: i64, b_low: i64, b_high: i64) -> (i64, i64) {
    split(join(a_low, a_high).wrapping_add(join(b_low, b_high)))
}

/// `i64.sub128`: the difference, wrapping.
#[inline(always)]
pub(crate) fn i64_sub128(a_low: i64, a_high: i64, b_low: i64, b_high: i64) -> (i64, i64) {
    split(join(a_low, a_high).wrapping_sub(join(b_low, b_high)))
}

/// `i64.mul_wide_s`: the whole signed product.
#[inline(always)]
pub(crate) fn i64_mul_wide_s(a: i64, b: i64) -> (i64, i64) {
    split((i128::from(a) * i128::from(b)).cast_unsigned())
}

/// `i64.mul_wide_u`: the whole unsigned product.
#[inline(always)]
pub(crate) fn i64_mul_wide_u(a: i64, b: i64) -> (i64, i64) {
    split(u128::from(a.cast_unsigned()) * u128::from(b.cast_unsigned()))
}

#[cfg(test)]
mod tests {
    use super::{i64_add128, i64_mul_wide_s, i64_mul_wide_u, i64_sub128};

    #[test]
    fn carries_go_to_the_high_half() {
        assert_eq!(i64_add128(-1, 0, 1, 0), (0, 1));
        assert_eq!(i64_add128(-1, -1, 1, 0), (0, 0));
        assert_eq!(i64_sub128(0, 1, 1, 0), (-1, 0));
        assert_eq!(i64_sub128(0, 0, 1, 0), (-1, -1));
    }

    #[test]
    fn products_are_whole() {
        assert_eq!(i64_mul_wide_s(-1, -1), (1, 0));
        assert_eq!(i64_mul_wide_s(i64::MIN, 2), (0, -1));
        assert_eq!(i64_mul_wide_u(-1, -1), (1, -2));
        assert_eq!(i64_mul_wide_u(i64::MIN, 2), (0, 1));
    }
}
