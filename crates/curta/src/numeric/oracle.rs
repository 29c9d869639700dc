//! IEEE 754 by integer arithmetic alone, slow and plain: what the float instructions are tested
//! against. Floats are bits in a `u64`, of either [`Format`].

use super::float::Direction;

/// One of the two float formats.
#[derive(Clone, Copy, Debug)]
pub(super) struct Format {
    pub(super) fraction_bits: u32,
    pub(super) exponent_bits: u32,
}

pub(super) const BINARY32: Format = Format {
    fraction_bits: 23,
    exponent_bits: 8,
};

pub(super) const BINARY64: Format = Format {
    fraction_bits: 52,
    exponent_bits: 11,
};

/// What some bits stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// `significand` times 2 to `exponent`; a zero has the significand 0.
    Finite {
        negative: bool,
        significand: u128,
        exponent: i32,
    },
    Infinite {
        negative: bool,
    },
    Nan,
}

impl Format {
    pub(super) fn sign(self) -> u64 {
        1 << (self.fraction_bits + self.exponent_bits)
    }

    pub(super) fn infinity(self) -> u64 {
        ((1 << self.exponent_bits) - 1) << self.fraction_bits
    }

    pub(super) fn quiet(self) -> u64 {
        1 << (self.fraction_bits - 1)
    }

    pub(super) fn is_negative(self, bits: u64) -> bool {
        bits & self.sign() != 0
    }

    pub(super) fn is_nan(self, bits: u64) -> bool {
        bits & !self.sign() > self.infinity()
    }

    /// Whether `bits` are a NaN that an instruction may return: canonical if all NaNs among
    /// the operands are (or there are none), and quiet at least.
    pub(super) fn is_allowed_nan(self, bits: u64, operands: &[u64]) -> bool {
        let canonical = self.infinity() | self.quiet();
        let must_be_canonical = operands
            .iter()
            .all(|&operand| !self.is_nan(operand) || operand & !self.sign() == canonical);
        if must_be_canonical {
            bits & !self.sign() == canonical
        } else {
            self.is_nan(bits) && bits & self.quiet() != 0
        }
    }

    /// The exponent of the last bit of a subnormal.
    fn least_exponent(self) -> i32 {
        2 - (1 << (self.exponent_bits - 1)) - self.fraction_bits as i32
    }

    pub(super) fn value(self, bits: u64) -> Value {
        let negative = self.is_negative(bits);
        let magnitude = bits & !self.sign();
        let fraction = magnitude & ((1 << self.fraction_bits) - 1);
        let field = (magnitude >> self.fraction_bits) as i32;
        if self.is_nan(bits) {
            Value::Nan
        } else if magnitude == self.infinity() {
            Value::Infinite { negative }
        } else {
            let hidden = u64::from(field > 0) << self.fraction_bits;
            Value::Finite {
                negative,
                significand: u128::from(hidden | fraction),
                exponent: field.max(1) - 1 + self.least_exponent(),
            }
        }
    }

    /// The bits of the float nearest to a number somewhat above (`more`) or exactly at
    /// `significand` times 2 to `exponent`; of two equally near, the even one.
    pub(super) fn nearest(
        self,
        negative: bool,
        significand: u128,
        exponent: i32,
        more: bool,
    ) -> u64 {
        let sign = if negative { self.sign() } else { 0 };
        if significand == 0 && !more {
            return sign;
        }
        // Cut down to the bits that a float has, but not below the last bit of a subnormal.
        let length = 128 - significand.leading_zeros() as i32;
        let cut = (length - self.fraction_bits as i32 - 1).max(self.least_exponent() - exponent);
        let (kept, rest) = match cut {
            ..=0 => {
                assert!(!more, "the significand must be longer than a float's");
                (significand << -cut, 0)
            }
            1..=127 => (significand >> cut, significand << (128 - cut)),
            // What is cut off is below a half of the last bit, if it goes this far.
            _ => (0, 1),
        };
        let half = 1 << 127;
        let up = rest > half || (rest == half && (more || kept % 2 == 1));
        // A carry goes on into the exponent field, up to infinity, where it belongs.
        let kept = kept as u64 + u64::from(up);
        let field = (exponent + cut - self.least_exponent()) as u64;
        let magnitude = (field << self.fraction_bits) + kept;
        sign | magnitude.min(self.infinity())
    }

    /// The operand rounded to an integral value; of a NaN, the same NaN made quiet.
    pub(super) fn round(self, bits: u64, direction: Direction) -> u64 {
        let Value::Finite {
            negative,
            significand,
            exponent,
        } = self.value(bits)
        else {
            return if self.is_nan(bits) {
                bits | self.quiet()
            } else {
                bits
            };
        };
        if exponent >= 0 {
            return bits;
        }
        let cut = exponent.unsigned_abs().min(100);
        let (whole, rest, half) = (significand >> cut, significand % (1 << cut), 1 << (cut - 1));
        let away = match direction {
            Direction::Up => rest > 0 && !negative,
            Direction::Down => rest > 0 && negative,
            Direction::TowardZero => false,
            Direction::Nearest => rest > half || (rest == half && whole % 2 == 1),
        };
        self.nearest(negative, whole + u128::from(away), 0, false)
    }

    /// The operand without its fraction, if that is below 2 to 100 in magnitude.
    pub(super) fn integral_part(self, bits: u64) -> Option<i128> {
        let Value::Finite {
            negative,
            significand,
            exponent,
        } = self.value(bits)
        else {
            return None;
        };
        let whole = match exponent {
            ..=0 => significand >> exponent.unsigned_abs().min(100),
            1..=47 => significand << exponent,
            _ => return None,
        };
        let whole = whole as i128;
        Some(if negative { -whole } else { whole })
    }
}
