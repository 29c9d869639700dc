//! Calling one exported function: arguments from words, results as lines.

use std::ffi::OsString;

use curta::{ExternType, FuncType, HeapType, Module, Val, ValType};

use crate::failure::{Failure, Printable};

/// The type of an exported function.
pub(crate) fn function_type(module: &Module, name: &str) -> Result<FuncType, Failure> {
    match module.get_export(name) {
        Some(ExternType::Func(ty)) => Ok(ty),
        Some(other) => Err(Failure::usage(format!(
            "the export `{name}` is not a function: {other}"
        ))),
        None => Err(Failure::usage(format!(
            "the module exports no function `{name}`{}",
            functions(module)
        ))),
    }
}

/// The exported functions, as the end of a message.
pub(crate) fn functions(module: &Module) -> String {
    const MOST: usize = 20;
    let mut names: Vec<String> = module
        .exports()
        .filter(|export| matches!(export.ty(), ExternType::Func(_)))
        .map(|export| format!("`{}`", Printable(export.name())))
        .take(MOST + 1)
        .collect();
    if names.is_empty() {
        return "; it exports none at all".to_owned();
    }
    if names.len() > MOST {
        names[MOST] = "…".to_owned();
    }
    format!("; it exports {}", names.join(", "))
}

/// Arguments for a function of type `ty`, one word each.
pub(crate) fn arguments(
    name: &str,
    ty: &FuncType,
    words: &[OsString],
) -> Result<Vec<Val>, Failure> {
    let parameters = ty.params();
    if words.len() != parameters.len() {
        return Err(Failure::usage(format!(
            "the function `{name}` is of type {}: it takes {} argument{}, and {} {} given",
            ExternType::Func(ty.clone()),
            parameters.len(),
            if parameters.len() == 1 { "" } else { "s" },
            words.len(),
            if words.len() == 1 { "was" } else { "were" },
        )));
    }
    words
        .iter()
        .zip(parameters)
        .enumerate()
        .map(|(index, (word, &ty))| {
            let word = word.to_string_lossy();
            value(&word, ty).ok_or_else(|| {
                let number = index + 1;
                Failure::usage(format!(
                    "argument {number}, `{word}`, is not {}",
                    article(ty)
                ))
            })
        })
        .collect()
}

/// What a word should have been.
fn article(ty: ValType) -> String {
    match ty {
        ValType::I32 | ValType::I64 => format!("an {ty}, such as 7, -7 or 0x1f"),
        ValType::F32 | ValType::F64 => format!("an {ty}, such as 0.5, -1e9, inf or nan"),
        ValType::Ref(_) => format!("a {ty}: only `null` can be given"),
        ValType::V128 => format!("a {ty}: such arguments cannot be given yet"),
    }
}

/// The value of type `ty` that a word means.
fn value(word: &str, ty: ValType) -> Option<Val> {
    match ty {
        // Both ways to read the bits are welcome: -1 and 4294967295 are the same value.
        ValType::I32 => {
            let wide = integer(word)?;
            let signed = i32::try_from(wide).ok();
            let unsigned = u32::try_from(wide).ok().map(u32::cast_signed);
            signed.or(unsigned).map(Val::I32)
        }
        ValType::I64 => {
            let wide = integer(word)?;
            let signed = i64::try_from(wide).ok();
            let unsigned = u64::try_from(wide).ok().map(u64::cast_signed);
            signed.or(unsigned).map(Val::I64)
        }
        ValType::F32 if names_nan(word) => {
            let (negative, payload) = nan(word, 23)?;
            let payload = u32::try_from(payload).ok()?;
            Some(Val::F32(u32::from(negative) << 31 | 0x7f80_0000 | payload))
        }
        ValType::F64 if names_nan(word) => {
            let (negative, payload) = nan(word, 52)?;
            let sign = u64::from(negative) << 63;
            Some(Val::F64(sign | 0x7ff0_0000_0000_0000 | payload))
        }
        ValType::F32 => Some(Val::F32(word.parse::<f32>().ok()?.to_bits())),
        ValType::F64 => Some(Val::F64(word.parse::<f64>().ok()?.to_bits())),
        ValType::Ref(reference) if word == "null" && reference.nullable => match reference.heap {
            HeapType::Func => Some(Val::FuncRef(None)),
            HeapType::Extern => Some(Val::ExternRef(None)),
            _ => None,
        },
        ValType::Ref(_) | ValType::V128 => None,
    }
}

/// A decimal or, after `0x`, hexadecimal number with an optional sign. `_` may stand
/// between digits, as in the text format.
fn integer(word: &str) -> Option<i128> {
    let (negative, digits) = sign(word);
    let (digits, radix) = match digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        Some(hexadecimal) => (hexadecimal, 16),
        None => (digits, 10),
    };
    let outer = |digit: Option<char>| digit.is_some_and(|digit| digit.is_digit(radix));
    if !outer(digits.chars().next()) || !outer(digits.chars().next_back()) {
        return None;
    }
    let magnitude = i128::from_str_radix(&digits.replace('_', ""), radix).ok()?;
    Some(if negative { -magnitude } else { magnitude })
}

/// Whether a word is to be read as a NaN.
fn names_nan(word: &str) -> bool {
    sign(word).1.starts_with("nan")
}

/// A NaN as the text format and our own output write it, sign and the `width` bits of its
/// fraction: `nan`, or `nan:0x…` with the bits.
fn nan(word: &str, width: u32) -> Option<(bool, u64)> {
    let (negative, rest) = sign(word);
    if rest == "nan" {
        return Some((negative, 1 << (width - 1)));
    }
    let payload = u64::try_from(integer(rest.strip_prefix("nan:")?)?).ok()?;
    let fits = payload != 0 && payload >> width == 0;
    fits.then_some((negative, payload))
}

fn sign(word: &str) -> (bool, &str) {
    match word.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    }
}

#[cfg(test)]
mod tests {
    use curta::{RefType, Val, ValType};

    use super::value;

    /// The value of a word as text; empty where there is none.
    fn read(word: &str, ty: ValType) -> String {
        value(word, ty).map_or_else(String::new, |value| value.to_string())
    }

    #[test]
    fn integers_are_decimal_or_hexadecimal_signed_or_unsigned() {
        for (word, expected) in [
            ("7", "7"),
            ("-7", "-7"),
            ("+7", "7"),
            ("0x1f", "31"),
            ("-0x10", "-16"),
            ("1_000", "1000"),
            ("4294967295", "-1"),
            ("0xffffffff", "-1"),
            ("-2147483648", "-2147483648"),
        ] {
            assert_eq!(read(word, ValType::I32), expected, "{word}");
        }
        assert_eq!(read("18446744073709551615", ValType::I64), "-1");
        assert_eq!(
            read("0x8000000000000000", ValType::I64),
            i64::MIN.to_string()
        );
    }

    #[test]
    fn what_is_no_integer_or_too_large_is_refused() {
        for word in [
            "",
            "-",
            "0x",
            "x",
            "1.0",
            "1e3",
            "4294967296",
            "-2147483649",
            "--1",
            "+-1",
            "_1",
            "1_",
            "0x_1",
            "１",
            "99999999999999999999999999999999999999999999",
        ] {
            assert_eq!(read(word, ValType::I32), "", "{word}");
        }
        assert_eq!(read("18446744073709551616", ValType::I64), "");
    }

    #[test]
    fn floats_include_infinities_and_nans() {
        for (word, expected) in [
            ("0.5", "0.5"),
            ("-0", "-0"),
            ("1e9", "1000000000"),
            ("inf", "inf"),
            ("-inf", "-inf"),
            ("nan", "nan"),
            ("-nan", "-nan"),
            ("nan:0x1", "nan:0x1"),
        ] {
            assert_eq!(read(word, ValType::F32), expected, "{word}");
            assert_eq!(read(word, ValType::F64), expected, "{word}");
        }
        assert_eq!(read("nan:0x800000", ValType::F32), "");
        assert_eq!(read("nan:0x800000", ValType::F64), "nan:0x800000");
        for word in ["", "x", "nan:0x0", "nan:", "nan:-0x1", "0x", "1,5"] {
            assert_eq!(read(word, ValType::F64), "", "{word}");
        }
    }

    #[test]
    fn references_can_only_be_null() {
        let reference = ValType::Ref(RefType::EXTERNREF);
        assert_eq!(value("null", reference), Some(Val::ExternRef(None)));
        assert_eq!(value("0", reference), None);
    }
}
