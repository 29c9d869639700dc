//! The values that scripts pass as arguments and the patterns that `assert_return` holds results to.
//!
//! Numbers are compared bit for bit; a NaN pattern accepts the payloads that the specification allows
//! and no others. Floats never pass through the host's float registers on the way: `wast` keeps their
//! bits, and so does [`Val`].

use curta::{ExternRef, Store, Val};
use wast::core::{AbstractHeapType, HeapType, NanPattern, WastArgCore, WastRetCore};
use wast::token::{F32, F64};
use wast::{WastArg, WastRet};

/// What a script's `ref.extern N` stands for: a host value known by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostValue(pub u32);

/// The value of an argument in a script.
///
/// # Errors
/// Says which value the engine has no form for yet.
pub fn argument(store: &mut Store<()>, argument: &WastArg<'_>) -> Result<Val, String> {
    let WastArg::Core(core) = argument else {
        return Err("an argument of the component model".to_owned());
    };
    match core {
        WastArgCore::I32(value) => Ok(Val::I32(*value)),
        WastArgCore::I64(value) => Ok(Val::I64(*value)),
        WastArgCore::F32(value) => Ok(Val::F32(value.bits)),
        WastArgCore::F64(value) => Ok(Val::F64(value.bits)),
        WastArgCore::RefNull(heap) => null(heap),
        WastArgCore::RefExtern(number) => Ok(Val::ExternRef(Some(ExternRef::new(
            store,
            HostValue(*number),
        )))),
        WastArgCore::RefHost(_) => Err("a host value as an anyref".to_owned()),
        WastArgCore::V128(_) => Err("an argument of type v128".to_owned()),
    }
}

fn null(heap: &HeapType<'_>) -> Result<Val, String> {
    match hierarchy(heap) {
        Some(Hierarchy::Func) => Ok(Val::FuncRef(None)),
        Some(Hierarchy::Extern) => Ok(Val::ExternRef(None)),
        Some(Hierarchy::Any) => Ok(Val::AnyRef(None)),
        Some(Hierarchy::Exn) => Ok(Val::ExnRef(None)),
        Some(Hierarchy::Cont) | None => Err(format!("an argument of type {heap:?}")),
    }
}

/// The types of references that have a null in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hierarchy {
    Func,
    Extern,
    Any,
    Exn,
    Cont,
}

/// The hierarchy of a heap type; none of a type that is defined in a module.
fn hierarchy(heap: &HeapType<'_>) -> Option<Hierarchy> {
    use AbstractHeapType as Heap;
    let HeapType::Abstract { ty, .. } = heap else {
        return None;
    };
    Some(match ty {
        Heap::Func | Heap::NoFunc => Hierarchy::Func,
        Heap::Extern | Heap::NoExtern => Hierarchy::Extern,
        Heap::Any | Heap::Eq | Heap::Struct | Heap::Array | Heap::I31 | Heap::None => {
            Hierarchy::Any
        }
        Heap::Exn | Heap::NoExn => Hierarchy::Exn,
        Heap::Cont | Heap::NoCont => Hierarchy::Cont,
    })
}

/// The hierarchy of a value that is a null.
fn hierarchy_of_null(value: &Val) -> Option<Hierarchy> {
    match value {
        Val::FuncRef(None) => Some(Hierarchy::Func),
        Val::ExternRef(None) => Some(Hierarchy::Extern),
        Val::AnyRef(None) => Some(Hierarchy::Any),
        Val::ExnRef(None) => Some(Hierarchy::Exn),
        Val::I32(_)
        | Val::I64(_)
        | Val::F32(_)
        | Val::F64(_)
        | Val::FuncRef(Some(_))
        | Val::ExternRef(Some(_))
        | Val::AnyRef(Some(_))
        | Val::ExnRef(Some(_)) => None,
    }
}

/// Whether `values` are as many as the patterns and each is accepted by its own.
pub fn all_match(store: &Store<()>, patterns: &[WastRet<'_>], values: &[Val]) -> bool {
    patterns.len() == values.len()
        && patterns
            .iter()
            .zip(values)
            .all(|(pattern, value)| match pattern {
                WastRet::Core(core) => matches(store, core, value),
                _ => false,
            })
}

fn matches(store: &Store<()>, pattern: &WastRetCore<'_>, value: &Val) -> bool {
    match pattern {
        WastRetCore::I32(expected) => matches!(value, Val::I32(got) if got == expected),
        WastRetCore::I64(expected) => matches!(value, Val::I64(got) if got == expected),
        WastRetCore::F32(expected) => matches!(value, Val::F32(got) if f32_matches(expected, *got)),
        WastRetCore::F64(expected) => matches!(value, Val::F64(got) if f64_matches(expected, *got)),
        WastRetCore::RefNull(None) => value.is_null(),
        WastRetCore::RefNull(Some(heap)) => match hierarchy(heap) {
            Some(expected) => hierarchy_of_null(value) == Some(expected),
            None => value.is_null(),
        },
        WastRetCore::RefExtern(None) => matches!(value, Val::ExternRef(Some(_))),
        WastRetCore::RefExtern(Some(number)) => {
            host_value(store, value) == Some(HostValue(*number))
        }
        WastRetCore::RefFunc(_) => matches!(value, Val::FuncRef(Some(_))),
        WastRetCore::Either(cases) => cases.iter().any(|case| matches(store, case, value)),
        WastRetCore::RefAny => matches!(value, Val::AnyRef(Some(_))),
        // No value of these types leaves the engine yet.
        WastRetCore::V128(_)
        | WastRetCore::RefHost(_)
        | WastRetCore::RefEq
        | WastRetCore::RefArray
        | WastRetCore::RefStruct
        | WastRetCore::RefI31
        | WastRetCore::RefI31Shared => false,
    }
}

fn host_value(store: &Store<()>, value: &Val) -> Option<HostValue> {
    let Val::ExternRef(Some(reference)) = value else {
        return None;
    };
    reference.data(store)?.downcast_ref::<HostValue>().copied()
}

/// A canonical NaN has the payload 1000…0 and any sign; an arithmetic NaN has any payload with that
/// uppermost bit set.
fn f32_matches(pattern: &NanPattern<F32>, bits: u32) -> bool {
    match pattern {
        NanPattern::CanonicalNan => bits & 0x7fff_ffff == 0x7fc0_0000,
        NanPattern::ArithmeticNan => bits & 0x7fc0_0000 == 0x7fc0_0000,
        NanPattern::Value(value) => bits == value.bits,
    }
}

/// As [`f32_matches`].
fn f64_matches(pattern: &NanPattern<F64>, bits: u64) -> bool {
    match pattern {
        NanPattern::CanonicalNan => bits & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000,
        NanPattern::ArithmeticNan => bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
        NanPattern::Value(value) => bits == value.bits,
    }
}

/// Patterns in words, for a report.
#[must_use]
pub fn describe_patterns(patterns: &[WastRet<'_>]) -> String {
    let words: Vec<_> = patterns
        .iter()
        .map(|pattern| match pattern {
            WastRet::Core(core) => describe(core),
            _ => "a component's value".to_owned(),
        })
        .collect();
    listed(&words)
}

fn describe(pattern: &WastRetCore<'_>) -> String {
    match pattern {
        WastRetCore::I32(value) => i32_words(*value),
        WastRetCore::I64(value) => i64_words(*value),
        WastRetCore::F32(NanPattern::Value(value)) => f32_words(value.bits),
        WastRetCore::F64(NanPattern::Value(value)) => f64_words(value.bits),
        WastRetCore::F32(NanPattern::CanonicalNan) => "f32 nan:canonical".to_owned(),
        WastRetCore::F64(NanPattern::CanonicalNan) => "f64 nan:canonical".to_owned(),
        WastRetCore::F32(NanPattern::ArithmeticNan) => "f32 nan:arithmetic".to_owned(),
        WastRetCore::F64(NanPattern::ArithmeticNan) => "f64 nan:arithmetic".to_owned(),
        WastRetCore::RefExtern(Some(number)) => format!("ref.extern {number}"),
        WastRetCore::RefHost(number) => format!("ref.host {number}"),
        WastRetCore::Either(cases) => {
            let cases: Vec<_> = cases.iter().map(describe).collect();
            format!("either {}", cases.join(" or "))
        }
        WastRetCore::V128(_)
        | WastRetCore::RefNull(_)
        | WastRetCore::RefExtern(None)
        | WastRetCore::RefFunc(_)
        | WastRetCore::RefAny
        | WastRetCore::RefEq
        | WastRetCore::RefArray
        | WastRetCore::RefStruct
        | WastRetCore::RefI31
        | WastRetCore::RefI31Shared => format!("{pattern:?}"),
    }
}

/// Values in words, for a report: floats with their bits, references with what they hold.
pub fn describe_values(store: &Store<()>, values: &[Val]) -> String {
    let words: Vec<_> = values
        .iter()
        .map(|value| match value {
            Val::I32(value) => i32_words(*value),
            Val::I64(value) => i64_words(*value),
            Val::F32(bits) => f32_words(*bits),
            Val::F64(bits) => f64_words(*bits),
            Val::FuncRef(None) => "ref.null func".to_owned(),
            Val::FuncRef(Some(_)) => "ref.func".to_owned(),
            Val::ExternRef(None) => "ref.null extern".to_owned(),
            Val::AnyRef(None) => "ref.null any".to_owned(),
            Val::AnyRef(Some(_)) => "ref.any".to_owned(),
            Val::ExnRef(None) => "ref.null exn".to_owned(),
            Val::ExnRef(Some(_)) => "an exception".to_owned(),
            Val::ExternRef(Some(_)) => match host_value(store, value) {
                Some(HostValue(number)) => format!("ref.extern {number}"),
                None => "ref.extern of something else".to_owned(),
            },
        })
        .collect();
    listed(&words)
}

fn listed(words: &[String]) -> String {
    match words {
        [] => "no value".to_owned(),
        [one] => one.clone(),
        more => format!("({})", more.join(", ")),
    }
}

fn i32_words(value: i32) -> String {
    format!("i32 {value} ({value:#x})")
}

fn i64_words(value: i64) -> String {
    format!("i64 {value} ({value:#x})")
}

fn f32_words(bits: u32) -> String {
    format!("f32 {:?} ({bits:#010x})", f32::from_bits(bits))
}

fn f64_words(bits: u64) -> String {
    format!("f64 {:?} ({bits:#018x})", f64::from_bits(bits))
}

#[cfg(test)]
mod tests {
    use super::{f32_matches, f64_matches};
    use wast::core::NanPattern;
    use wast::token::{F32, F64};

    #[test]
    fn a_canonical_nan_has_one_payload_and_either_sign() {
        for (bits, accepted) in [
            (0x7fc0_0000, true),
            (0xffc0_0000, true),
            (0x7fc0_0001, false),
            (0x7f80_0001, false),
            (0x7f80_0000, false),
            (0x3f80_0000, false),
        ] {
            assert_eq!(
                f32_matches(&NanPattern::CanonicalNan, bits),
                accepted,
                "{bits:#x}"
            );
        }
        for (bits, accepted) in [
            (0x7ff8_0000_0000_0000, true),
            (0xfff8_0000_0000_0000, true),
            (0x7ff8_0000_0000_0001, false),
            (0x7ff0_0000_0000_0001, false),
            (0x7ff0_0000_0000_0000, false),
        ] {
            assert_eq!(
                f64_matches(&NanPattern::CanonicalNan, bits),
                accepted,
                "{bits:#x}"
            );
        }
    }

    #[test]
    fn an_arithmetic_nan_is_any_quiet_one() {
        for (bits, accepted) in [
            (0x7fc0_0000, true),
            (0xffc0_0000, true),
            (0x7fff_ffff, true),
            (0x7fbf_ffff, false),
            (0x7f80_0001, false),
            (0x7f80_0000, false),
        ] {
            assert_eq!(
                f32_matches(&NanPattern::ArithmeticNan, bits),
                accepted,
                "{bits:#x}"
            );
        }
        for (bits, accepted) in [
            (0x7ff8_0000_0000_0000, true),
            (0xffff_ffff_ffff_ffff, true),
            (0x7ff7_ffff_ffff_ffff, false),
            (0x7ff0_0000_0000_0000, false),
        ] {
            assert_eq!(
                f64_matches(&NanPattern::ArithmeticNan, bits),
                accepted,
                "{bits:#x}"
            );
        }
    }

    #[test]
    fn a_float_is_its_bits() {
        assert!(f32_matches(&NanPattern::Value(F32 { bits: 0 }), 0));
        assert!(!f32_matches(
            &NanPattern::Value(F32 { bits: 0 }),
            0x8000_0000
        ));
        let signalling = 0x7ff0_0000_0000_0001;
        assert!(f64_matches(
            &NanPattern::Value(F64 { bits: signalling }),
            signalling
        ));
        assert!(!f64_matches(
            &NanPattern::Value(F64 { bits: signalling }),
            signalling | 0x0008_0000_0000_0000
        ));
    }
}
