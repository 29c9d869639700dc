//! A module that uses a feature that is off, or not built, is refused with the feature's name.

use curta_module::{
    Feature, Features, Limits, Module, ModuleError, ModuleErrorKind, TypeRegistry, validate,
};

/// Modules that each use one feature, and that only that feature's absence makes invalid.
const USES: &[(Feature, &str)] = &[
    (
        Feature::MutableGlobal,
        "(module (import \"m\" \"g\" (global (mut i32))))",
    ),
    (
        Feature::SaturatingFloatToInt,
        "(module (func (drop (i32.trunc_sat_f32_s (f32.const 1)))))",
    ),
    (
        Feature::SignExtension,
        "(module (func (drop (i32.extend8_s (i32.const 1)))))",
    ),
    (
        Feature::MultiValue,
        "(module (func (result i32 i32) (i32.const 1) (i32.const 2)))",
    ),
    (
        Feature::MultiValue,
        "(module (func (i32.const 1) (block (param i32) (drop))))",
    ),
    (
        Feature::BulkMemory,
        "(module (memory 1) (data \"x\")
           (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0))))",
    ),
    (Feature::BulkMemory, "(module (memory 1) (data \"x\"))"),
    (
        Feature::BulkMemoryOpt,
        "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))",
    ),
    (Feature::ReferenceTypes, "(module (func (param externref)))"),
    (
        Feature::ReferenceTypes,
        "(module (table 1 funcref) (table 1 funcref))",
    ),
    (
        Feature::ReferenceTypes,
        "(module (table 1 funcref) (func (drop (table.get 0 (i32.const 0)))))",
    ),
    (Feature::Simd, "(module (func (param v128)))"),
    (
        Feature::Simd,
        "(module (func (drop (v128.const i32x4 1 2 3 4))))",
    ),
    (Feature::Simd, "(module (func (local v128)))"),
    (
        Feature::Simd,
        "(module (global v128 (v128.const i32x4 1 2 3 4)))",
    ),
    (
        Feature::Simd,
        "(module (memory 1) (func (drop (v128.load (i32.const 0)))))",
    ),
    (
        Feature::ExtendedConst,
        "(module (global i32 (i32.add (i32.const 1) (i32.const 2))))",
    ),
    (Feature::TailCall, "(module (func $f (return_call $f)))"),
    (
        Feature::RelaxedSimd,
        "(module (func (param v128)
           (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0)))))",
    ),
    (Feature::MultiMemory, "(module (memory 1) (memory 1))"),
    (
        Feature::MultiMemory,
        "(module (import \"m\" \"m\" (memory 1)) (memory 1))",
    ),
    (Feature::Memory64, "(module (memory i64 1))"),
    (
        Feature::Memory64,
        "(module (memory i64 0x1_0000_0000_0000))",
    ),
    (Feature::Memory64, "(module (table i64 1 funcref))"),
    (
        Feature::FunctionReferences,
        "(module (func (param (ref func))))",
    ),
    (
        Feature::FunctionReferences,
        "(module (type $t (func)) (func (param (ref null $t)) (call_ref $t (local.get 0))))",
    ),
    (Feature::Gc, "(module (type (struct (field i32))))"),
    (Feature::Gc, "(module (func (param anyref)))"),
    (Feature::Gc, "(module (rec (type (func)) (type (func))))"),
    (Feature::Exceptions, "(module (tag))"),
    (Feature::Exceptions, "(module (func (param exnref)))"),
    (
        Feature::Exceptions,
        "(module (func (block $b (try_table (catch_all $b)))))",
    ),
    (Feature::Threads, "(module (memory 1 1 shared))"),
    (Feature::Threads, "(module (func (atomic.fence)))"),
    (
        Feature::WideArithmetic,
        "(module (func (param i64) (result i64 i64)
           (i64.mul_wide_u (local.get 0) (local.get 0))))",
    ),
    (Feature::CustomPageSizes, "(module (memory 1 (pagesize 1)))"),
    (Feature::LegacyExceptions, "(module (func try end))"),
    (
        Feature::StackSwitching,
        "(module (type $f (func)) (type (cont $f)))",
    ),
];

/// What a feature cannot be used without.
fn needed_by(feature: Feature) -> Features {
    let base = Features::WASM2.without(feature);
    match feature {
        Feature::RelaxedSimd => base.with(Feature::Simd),
        Feature::SaturatingFloatToInt
        | Feature::SignExtension
        | Feature::MultiValue
        | Feature::BulkMemory
        | Feature::BulkMemoryOpt
        | Feature::ReferenceTypes
        | Feature::MutableGlobal => base.without(Feature::Simd),
        _ => base,
    }
}

fn refusal(text: &str, features: Features) -> ModuleError {
    let bytes = wat::parse_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    validate(&bytes, &features, &Limits::default())
        .expect_err(&format!("not refused under {features}: {text}"))
}

#[test]
fn a_feature_that_is_off_is_named() {
    for &(feature, text) in USES {
        let error = refusal(text, needed_by(feature));
        if feature == Feature::RelaxedSimd {
            // Its operands are vectors, which are refused first.
            assert_eq!(error.feature(), Some(Feature::Simd), "{text}: {error}");
            continue;
        }
        assert_eq!(error.kind(), ModuleErrorKind::FeatureOff, "{text}: {error}");
        assert_eq!(error.feature(), Some(feature), "{text}: {error}");
        let expected = format!("(the feature `{feature}` is off)");
        assert!(error.to_string().ends_with(&expected), "{text}: {error}");
        assert!(error.offset().is_some(), "{text}: {error}");
    }
}

#[test]
fn a_feature_that_is_asked_for_but_not_built_is_named() {
    for &(feature, text) in USES {
        if Features::BUILT.contains(feature) {
            continue;
        }
        let error = refusal(text, Features::KNOWN);
        assert_eq!(error.kind(), ModuleErrorKind::NotBuilt, "{text}: {error}");
        let named = error.feature().expect("it is named");
        assert!(!Features::BUILT.contains(named), "{text}: {error}");
        if feature != Feature::RelaxedSimd {
            assert_eq!(named, feature, "{text}: {error}");
        }
        let expected = format!("not executed by curta yet: {named}");
        assert!(error.message().starts_with(&expected), "{text}: {error}");
    }
}

#[test]
fn a_feature_that_is_built_is_let_pass() {
    for &(feature, text) in USES {
        if Features::BUILT.contains(feature) {
            let bytes = wat::parse_str(text).expect("valid text");
            validate(&bytes, &Features::BUILT, &Limits::default())
                .unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    }
}

#[test]
fn vectors_are_a_part_of_two_but_not_built() {
    let error = refusal("(module (func (param v128)))", Features::WASM2);
    assert_eq!(
        error.to_string(),
        "module refused at byte 0xb: not executed by curta yet: simd (SIMD support is not enabled)"
    );
    let error = refusal(
        "(module (func (param v128)))",
        Features::WASM2.without(Feature::Simd),
    );
    assert_eq!(
        error.to_string(),
        "module refused at byte 0xb: SIMD support is not enabled (the feature `simd` is off)"
    );
}

/// Bytes that are no vector instruction are told from one that is not built, and that from one that
/// would be invalid in any case.
#[test]
fn a_vector_instruction_is_read_before_it_is_refused() {
    /// A module with a memory, and the section behind it.
    fn module(section: &[u8]) -> Vec<u8> {
        let head = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x05\x03\x01\0\x01";
        [head, section].concat()
    }
    fn section(id: u8, start: &[u8], code: &[u8]) -> Vec<u8> {
        let size = u8::try_from(start.len() + code.len()).expect("a byte");
        module(&[&[id, size], start, code].concat())
    }
    let in_body = |code: &[u8]| {
        let size = u8::try_from(code.len() + 1).expect("a byte");
        section(10, &[1, size, 0], code)
    };
    let in_global = |code: &[u8]| section(6, &[1, 0x7f, 0], code);
    let check = |bytes: Vec<u8>, kind, message: &str| {
        let error = validate(&bytes, &Features::WASM3, &Limits::default()).expect_err(message);
        assert_eq!((error.kind(), error.message()), (kind, message));
        assert_eq!(
            error.feature().is_some(),
            kind == ModuleErrorKind::NotBuilt,
            "{error}"
        );
    };
    use ModuleErrorKind::{Invalid, Malformed, NotBuilt};
    let simd = "not executed by curta yet: simd (SIMD support is not enabled)";
    let relaxed = "not executed by curta yet: relaxed_simd (relaxed SIMD support is not enabled)";
    let cut = "unexpected end-of-file";
    let constant = [&[0xfd, 0x0c][..], &[7; 16], &[0x0b]].concat();

    check(in_body(&constant), NotBuilt, simd);
    check(in_global(&constant), NotBuilt, simd);
    check(in_body(&constant[..17]), Malformed, cut);
    check(in_global(&constant[..17]), Malformed, cut);
    // `i8x16.splat` and `i8x16.relaxed_swizzle`.
    check(in_body(&[0xfd, 0x0f, 0x0b]), NotBuilt, simd);
    check(in_body(&[0xfd, 0x80, 0x02, 0x0b]), NotBuilt, relaxed);
    check(
        in_global(&[0xfd, 0x0f, 0x0b]),
        Invalid,
        "constant expression required: not a vector instruction",
    );
    // `i8x16.extract_lane_s`, `i8x16.shuffle`.
    check(in_body(&[0xfd, 0x15]), Malformed, cut);
    check(in_body(&[0xfd, 0x15, 0x0b]), NotBuilt, simd);
    check(in_body(&[0xfd, 0x0d, 0, 1, 2, 3]), Malformed, cut);
    // `v128.load` with a memory, then with reserved bits; `v128.load8_lane` without a lane.
    check(in_body(&[0xfd, 0x00, 0x44, 0, 3, 0x0b]), NotBuilt, simd);
    check(
        in_body(&[0xfd, 0x00, 0x80, 1, 3, 0x0b]),
        Malformed,
        "malformed memop: reserved flags bits set",
    );
    check(in_body(&[0xfd, 0x54, 0, 0]), Malformed, cut);
    // Codes that no instruction has.
    check(
        in_body(&[0xfd, 0x9a, 0x01, 0x0b]),
        Malformed,
        "unknown 0xfd subopcode: 0x9a",
    );
    check(
        in_body(&[0xfd, 0x94, 0x02, 0x0b]),
        Malformed,
        "unknown 0xfd subopcode: 0x114",
    );
    check(
        in_body(&[0xfd, 0xff, 0xff, 0xff, 0xff, 0xff]),
        Malformed,
        "invalid var_u32: integer representation too long",
    );
}

#[test]
fn a_component_is_refused_as_one() {
    let component = *b"\0asm\x0d\0\x01\0";
    for features in [Features::NONE, Features::WASM2, Features::KNOWN] {
        let error = Module::decode(
            component,
            &features,
            &Limits::default(),
            &TypeRegistry::new(),
        )
        .expect_err("a component is no module");
        assert_eq!(error.kind(), ModuleErrorKind::Component);
        assert!(error.to_string().contains("component"), "{error}");
    }
    // An older version of the component model's format.
    let error = validate(b"\0asm\x0a\0\x01\0", &Features::WASM2, &Limits::default());
    assert_eq!(
        error.expect_err("refused").kind(),
        ModuleErrorKind::Component
    );
}

#[test]
fn an_error_that_no_feature_would_mend_names_none() {
    for text in [
        "(module (func (result i32)))",
        "(module (func (i32.const 1)))",
        "(module (export \"f\" (func 0)))",
    ] {
        let error = refusal(text, Features::WASM1);
        assert_eq!(
            (error.kind(), error.feature()),
            (ModuleErrorKind::Invalid, None),
            "{text}"
        );
    }
}

#[test]
fn sets_have_the_algebra_of_sets() {
    let two = Features::WASM2;
    assert_eq!(two.with(Feature::Gc).without(Feature::Gc), two);
    assert!(Features::KNOWN.contains(Feature::Gc));
    assert_eq!(Features::KNOWN.intersection(two), two);
    assert_eq!(Features::NONE.union(two), two);
    assert_eq!(two.iter().collect::<Features>(), two);
    assert!(
        !two.without(Feature::BulkMemoryOpt)
            .contains(Feature::BulkMemory)
    );
    assert!(
        !two.without(Feature::BulkMemory)
            .contains(Feature::BulkMemoryOpt)
    );
    assert!(
        Features::NONE
            .with(Feature::ReferenceTypes)
            .contains(Feature::CallIndirectOverlong)
    );
    assert!(
        !Features::WASM3.contains(Feature::Threads),
        "threads are not a part of 3.0"
    );
    for &feature in Feature::ALL {
        assert_eq!(Feature::from_name(feature.name()), Some(feature));
        assert!(!Features::KNOWN.without(feature).contains(feature));
        assert!(Features::NONE.with(feature).contains(feature));
    }
}

#[test]
fn presets_have_names() {
    for (name, preset) in [
        ("wasm1", Features::WASM1),
        ("wasm2", Features::WASM2),
        ("wasm3", Features::WASM3),
        ("all", Features::ALL),
    ] {
        assert_eq!(Features::from_name(name), Some(preset));
    }
    assert_eq!(Features::from_name("wasm4"), None);
}
