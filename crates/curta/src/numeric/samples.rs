//! Operands worth trying: edges of the number types, and pseudo-random bits.

/// Integers at and beside the edges of every type, and patterns between them. Their low 32 bits
/// are the edges of the narrower types.
pub(super) fn integers() -> impl Iterator<Item = i64> + Clone {
    const POWERS: [u32; 18] = [
        0, 1, 6, 7, 8, 14, 15, 16, 23, 24, 25, 30, 31, 32, 52, 53, 62, 63,
    ];
    const PATTERNS: [i64; 5] = [
        0,
        0x0123_4567_89ab_cdef,
        0x5555_5555_5555_5555,
        -0x5555_5555_5555_5556,
        -0x0123_4567_89ab_cdef,
    ];
    let beside_powers = POWERS.into_iter().flat_map(|power| {
        let power = 1_i64 << power;
        [
            power.wrapping_sub(1),
            power,
            power.wrapping_add(1),
            power.wrapping_neg().wrapping_sub(1),
            power.wrapping_neg(),
            power.wrapping_neg().wrapping_add(1),
        ]
    });
    PATTERNS.into_iter().chain(beside_powers)
}

/// The bits of floats whose exponents are at or beside an edge and whose fractions are, too:
/// zeros, subnormals, values on either side of a half, of the integer types' limits and of the
/// last fraction, infinities, and NaNs quiet, signalling and canonical.
pub(super) fn floats(fraction_bits: u32, exponent_bits: u32) -> impl Iterator<Item = u64> + Clone {
    const EXPONENTS: [i32; 17] = [
        -2, -1, 0, 1, 2, 22, 23, 24, 30, 31, 32, 51, 52, 53, 62, 63, 64,
    ];
    let last = (1 << exponent_bits) - 1;
    let bias = last >> 1;
    let exponents = EXPONENTS
        .into_iter()
        .map(move |exponent| (bias + exponent) as u64)
        .chain([0, 1, 2, last as u64 - 2, last as u64 - 1, last as u64]);
    let quiet = 1_u64 << (fraction_bits - 1);
    let all = (1_u64 << fraction_bits) - 1;
    let fractions = [0, 1, quiet - 1, quiet, quiet + 1, quiet >> 1, all - 1, all];
    exponents.flat_map(move |exponent| {
        fractions.into_iter().flat_map(move |fraction| {
            let magnitude = exponent << fraction_bits | fraction;
            [magnitude, magnitude | 1 << (fraction_bits + exponent_bits)]
        })
    })
}

/// `count` pseudo-random words (xorshift64*), the same ones every time.
pub(super) fn random(count: usize) -> impl Iterator<Item = u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    core::iter::repeat_with(move || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    })
    .take(count)
}
