//! Square roots by integer arithmetic, for builds without the standard library: `core` gives no
//! access to the processor's. Tests compare the two in every build.

/// One of the two float formats, whose values are handled as bits.
pub(super) struct Format {
    fraction_bits: u32,
    exponent_bits: u32,
}

pub(super) const BINARY32: Format = Format {
    fraction_bits: 23,
    exponent_bits: 8,
};

pub(super) const BINARY64: Format = Format {
    fraction_bits: 52,
    exponent_bits: 11,
};

impl Format {
    /// The bits of the square root, correctly rounded, of the value that `bits` stand for.
    pub(super) fn square_root(&self, bits: u64) -> u64 {
        let sign = 1 << (self.fraction_bits + self.exponent_bits);
        let infinity = ((1 << self.exponent_bits) - 1) << self.fraction_bits;
        let quiet = 1 << (self.fraction_bits - 1);
        match bits & !sign {
            0 => bits,
            magnitude if magnitude > infinity => bits | quiet,
            _ if bits & sign != 0 => infinity | quiet,
            magnitude if magnitude == infinity => infinity,
            magnitude => self.square_root_of_positive(magnitude),
        }
    }

    /// [`Format::square_root`] of a value above zero that is finite.
    fn square_root_of_positive(&self, bits: u64) -> u64 {
        let hidden_bit = 1_u64 << self.fraction_bits;
        // The exponent of the lowest bit of a normal value is its exponent field less `bias`.
        let bias = (1 << (self.exponent_bits - 1)) - 1 + self.fraction_bits as i32;

        // The value is `significand` times 2 to `exponent`, the significand's top bit at the
        // place of the hidden bit.
        let field = (bits >> self.fraction_bits) as i32;
        let mut significand = bits & (hidden_bit - 1);
        let mut exponent = field.max(1) - bias;
        if field == 0 {
            let missing = significand.leading_zeros() - hidden_bit.leading_zeros();
            significand <<= missing;
            exponent -= missing as i32;
        } else {
            significand |= hidden_bit;
        }

        // Scaled so that the root has one bit more than a significand, for rounding, and that
        // the remaining exponent is even.
        let scale = self.fraction_bits + 2;
        exponent -= scale as i32;
        if exponent % 2 != 0 {
            significand <<= 1;
            exponent -= 1;
        }
        let radicand = u128::from(significand) << scale;
        let root = match u64::try_from(radicand) {
            Ok(narrow) => narrow.isqrt(),
            Err(_) => radicand.isqrt() as u64,
        };

        // There are no ties: the square of an odd root is odd, and the radicand is even, so
        // beyond an odd root there is always a remainder. A carry into the next power of two
        // goes on into the exponent field, where it belongs.
        let rounded = (root + 1) >> 1;
        let field = (exponent / 2 + 1 + bias) as u64;
        (field << self.fraction_bits) + (rounded - hidden_bit)
    }
}
