//! An error says what is wrong, where, what was expected and what was found.

use curta_module::{
    Features, Limits, Module, ModuleError, ModuleErrorKind, TypeRegistry, validate,
};

fn refusal(text: &str) -> ModuleError {
    let bytes = wat::parse_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    validate(&bytes, &Features::WASM2, &Limits::default())
        .expect_err(&format!("not refused: {text}"))
}

#[test]
fn an_invalid_module_is_explained_in_the_words_of_the_validator() {
    for (text, message) in [
        (
            "(module (func (local.get 7)))",
            "unknown local 7: local index out of bounds",
        ),
        (
            "(module (func (br 3)))",
            "unknown label: branch depth too large",
        ),
        (
            "(module (func (call 9)))",
            "unknown function 9: function index out of bounds",
        ),
        (
            "(module (export \"m\" (memory 0)))",
            "unknown memory 0: exported memory index out of bounds",
        ),
        (
            "(module (func $f) (export \"a\" (func $f)) (export \"a\" (func $f)))",
            "duplicate export name `a` already defined",
        ),
        (
            "(module (func $f (param i32)) (start $f))",
            "invalid start function type",
        ),
        (
            "(module (memory 65537))",
            "memory size must be at most 0x10000 65536-byte pages",
        ),
        (
            "(module (memory 2 1))",
            "size minimum must not be greater than maximum",
        ),
        (
            "(module (global i32 (i32.add (i32.const 1) (i32.const 1))))",
            "not executed by curta yet: extended_const",
        ),
        (
            "(module (global i32 (i32.clz (i32.const 1))))",
            "constant expression required: non-constant operator: visit_i32_clz",
        ),
        (
            "(module (memory 1) (func (drop (i32.load align=8 (i32.const 0)))))",
            "invalid memop alignment: alignment must not be larger than natural",
        ),
    ] {
        let error = refusal(text);
        if error.feature().is_none() {
            assert_eq!(error.kind(), ModuleErrorKind::Invalid, "{text}: {error}");
            assert_eq!(error.message(), message, "{text}");
        }
        let place = error.offset().expect("it has a place");
        assert!(
            error.to_string().contains(&format!("at byte {place:#x}: ")),
            "{error}"
        );
    }
}

#[test]
fn a_type_mismatch_tells_expected_and_found() {
    let error = refusal("(module (func (result i32) (f32.const 1)))");
    assert_eq!(error.message(), "type mismatch: expected i32, found f32");
    assert_eq!(
        (error.expected(), error.found()),
        (Some("i32"), Some("f32"))
    );

    let error = refusal("(module (func (drop)))");
    assert_eq!(
        error.message(),
        "type mismatch: expected a type but nothing on stack"
    );
    assert_eq!(
        (error.expected(), error.found()),
        (Some("a type"), Some("nothing on stack"))
    );

    let error = refusal("(module (func (br 3)))");
    assert_eq!((error.expected(), error.found()), (None, None));
}

#[test]
fn the_offset_of_an_error_in_a_body_is_that_in_the_file() {
    let text = "(module (func (nop) (nop) (drop)))";
    let bytes = wat::parse_str(text).expect("valid text");
    let error = refusal(text);
    assert_eq!(
        bytes[error.offset().expect("it has a place")],
        0x1a,
        "where the `drop` is"
    );
}

#[test]
fn an_invalid_body_does_not_keep_a_module_from_being_decoded() {
    let bytes = wat::parse_str("(module (func (drop)) (func))").expect("valid text");
    let module = Module::decode(
        bytes,
        &Features::WASM1,
        &Limits::default(),
        &TypeRegistry::new(),
    )
    .expect("everything but the bodies is valid");
    let allocations = wasmparser::FuncValidatorAllocations::default;
    assert!(module.body(1).validate(allocations()).is_ok());
    let error = module
        .body(0)
        .validate(allocations())
        .map(drop)
        .expect_err("invalid");
    assert_eq!(error.kind(), ModuleErrorKind::Invalid);
    // A body can be asked again, as a call to a function that was refused before does.
    let again = module
        .body(0)
        .validate(allocations())
        .map(drop)
        .expect_err("still invalid");
    assert_eq!(again.to_string(), error.to_string());
}
