//! The harness itself: what it accepts, and that it notices what it should notice.

use curta::Features;
use curta_wast::mode::Mode;
use curta_wast::script::{Cause, Script, ScriptOutcome};

fn run(text: &'static str) -> ScriptOutcome {
    let engine = Mode::LOOP
        .engine(Features::WASM2)
        .expect("every build has the loop");
    Script {
        name: "inline.wast".to_owned(),
        text,
    }
    .run(&engine)
}

fn passes(directives: usize, text: &'static str) {
    let outcome = run(text);
    assert!(outcome.failures.is_empty(), "{:#?}", outcome.failures);
    assert_eq!(outcome.directives, directives);
}

/// The failures as `LINE got`, of a script in which others may pass.
fn failures(text: &'static str) -> Vec<String> {
    run(text)
        .failures
        .iter()
        .map(|failure| format!("{} {}", failure.line, failure.got))
        .collect()
}

#[test]
fn every_directive_at_the_top_counts() {
    passes(
        8,
        r#"(module $m (func (export "f")) (global (export "g") i32 (i32.const 7)))
           (register "m")
           (invoke "f")
           (assert_return (invoke $m "f"))
           (assert_return (get "g") (i32.const 7))
           (assert_malformed (module quote "(func") "unexpected end")
           (assert_malformed (module binary "\00asm\02\00\00\00") "unknown binary version")
           (assert_invalid (module (func (result i32))) "type mismatch")"#,
    );
}

#[test]
fn a_wrong_value_is_noticed_and_shown_with_its_bits() {
    let outcome = run(r#"(module
          (func (export "one") (result i32) (i32.const 1))
          (func (export "nan") (result f32) (f32.const nan:0x200000)))
        (assert_return (invoke "one") (i32.const 2))
        (assert_return (invoke "one"))
        (assert_return (invoke "one") (i64.const 1))
        (assert_return (invoke "nan") (f32.const nan:canonical))
        (assert_return (invoke "nan") (f32.const nan:arithmetic))
        (assert_return (invoke "nan") (f32.const nan:0x200000))"#);
    assert_eq!(outcome.directives, 7);
    let shown: Vec<_> = outcome
        .failures
        .iter()
        .map(|f| (f.line, f.expected.as_str(), f.got.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            (4, "i32 2 (0x2)", "i32 1 (0x1)"),
            (5, "no value", "i32 1 (0x1)"),
            (6, "i64 1 (0x1)", "i32 1 (0x1)"),
            (7, "f32 nan:canonical", "f32 NaN (0x7fa00000)"),
            (8, "f32 nan:arithmetic", "f32 NaN (0x7fa00000)"),
        ]
    );
    assert_eq!(
        outcome.failures[0].directive,
        r#"assert_return of invoke "one""#
    );
}

#[test]
fn several_values_are_compared_one_by_one() {
    let failed = failures(
        r#"(module (func (export "two") (result i32 i64) (i32.const 1) (i64.const 2)))
        (assert_return (invoke "two") (i32.const 1) (i64.const 2))
        (assert_return (invoke "two") (either (i32.const 3) (i32.const 1)) (i64.const 2))
        (assert_return (invoke "two") (i32.const 1) (i64.const 3))
        (assert_return (invoke "two") (i32.const 1))"#,
    );
    let got = "(i32 1 (0x1), i64 2 (0x2))";
    assert_eq!(failed, [format!("4 {got}"), format!("5 {got}")]);
}

#[test]
fn references_are_told_apart() {
    let failed = failures(
        r#"(module
          (func (export "extern") (param externref) (result externref) (local.get 0))
          (func (export "func") (param funcref) (result funcref) (local.get 0))
          (func $f (export "own") (result funcref) (ref.func $f)))
        (assert_return (invoke "extern" (ref.extern 7)) (ref.extern 7))
        (assert_return (invoke "extern" (ref.extern 7)) (ref.extern))
        (assert_return (invoke "extern" (ref.extern 7)) (ref.extern 8))
        (assert_return (invoke "extern" (ref.extern 7)) (ref.null extern))
        (assert_return (invoke "extern" (ref.null extern)) (ref.null extern))
        (assert_return (invoke "extern" (ref.null extern)) (ref.null))
        (assert_return (invoke "extern" (ref.null extern)) (ref.null func))
        (assert_return (invoke "func" (ref.null func)) (ref.null func))
        (assert_return (invoke "func" (ref.null func)) (ref.func))
        (assert_return (invoke "own") (ref.func))
        (assert_return (invoke "own") (ref.null func))"#,
    );
    assert_eq!(
        failed,
        [
            "7 ref.extern 7",
            "8 ref.extern 7",
            "11 ref.null extern",
            "13 ref.null func",
            "15 ref.func",
        ]
    );
}

#[test]
fn a_trap_has_to_come_and_in_the_right_words() {
    let failed = failures(
        r#"(module
          (func (export "trap") unreachable)
          (func (export "fine") (result i32) (i32.const 1))
          (func $deep (export "deep") (call $deep)))
        (assert_trap (invoke "trap") "unreachable")
        (assert_trap (invoke "trap") "integer overflow")
        (assert_trap (invoke "fine") "unreachable")
        (assert_return (invoke "trap"))
        (invoke "trap")
        (assert_exhaustion (invoke "deep") "call stack exhausted")
        (assert_exhaustion (invoke "fine") "call stack exhausted")"#,
    );
    assert_eq!(
        failed,
        [
            "6 trap: unreachable",
            "7 a return of i32 1 (0x1)",
            "8 trap: unreachable",
            "9 trap: unreachable",
            "11 a return of i32 1 (0x1)",
        ]
    );
}

#[test]
fn a_module_has_to_be_refused_in_the_right_phase() {
    let failed = failures(
        r#"(assert_invalid (module (func)) "type mismatch")
        (assert_malformed (module quote "(func)") "unexpected token")
        (assert_malformed (module quote "(func (result i32))") "unexpected token")
        (assert_invalid (module (func (result i32))) "unknown local")
        (assert_unlinkable (module (func (result i32))) "unknown import")
        (assert_unlinkable (module) "unknown import")"#,
    );
    let lines: Vec<_> = failed.iter().map(|got| &got[..1]).collect();
    assert_eq!(lines, ["1", "2", "3", "4", "5", "6"], "{failed:#?}");
}

#[test]
fn a_link_error_is_told_from_a_trap_and_from_another_link_error() {
    let failed = failures(
        r#"(assert_unlinkable (module (import "spectest" "unknown" (func))) "unknown import")
        (assert_unlinkable (module (import "spectest" "print" (func (param i32))))
          "incompatible import type")
        (assert_unlinkable (module (import "spectest" "print" (func (param i32)))) "unknown import")
        (assert_unlinkable (module (func $f unreachable) (start $f)) "unknown import")
        (assert_trap (module (func $f unreachable) (start $f)) "unreachable")"#,
    );
    let lines: Vec<_> = failed.iter().map(|got| &got[..1]).collect();
    assert_eq!(lines, ["4", "5"], "{failed:#?}");
}

#[test]
fn after_a_module_that_failed_no_older_one_answers() {
    let failed = failures(
        r#"(module $m (func (export "f")))
        (module $m (import "nowhere" "nothing" (func)))
        (invoke "f")
        (invoke $m "f")"#,
    );
    assert_eq!(failed.len(), 3, "{failed:#?}");
    assert_eq!(failed[1], "3 there is no current module");
    assert_eq!(failed[2], "4 there is no module $m");
}

#[test]
fn a_definition_has_instances_of_its_own() {
    passes(
        10,
        r#"(module definition $d
          (global $g (mut i32) (i32.const 0))
          (func (export "next") (result i32)
            (global.set $g (i32.add (global.get $g) (i32.const 1)))
            (global.get $g)))
        (module instance $a $d)
        (module instance $b $d)
        (assert_return (invoke $a "next") (i32.const 1))
        (assert_return (invoke $a "next") (i32.const 2))
        (assert_return (invoke $b "next") (i32.const 1))
        (assert_return (invoke "next") (i32.const 2))
        (register "counter" $a)
        (module (import "counter" "next" (func $next (result i32)))
          (func (export "next") (result i32) (call $next)))
        (assert_return (invoke "next") (i32.const 3))"#,
    );
}

#[test]
fn functions_that_escaped_a_failed_instantiation_stay_callable() {
    passes(
        4,
        r#"(module $host
          (table (export "table") 1 funcref)
          (func (export "call") (result i32) (call_indirect (result i32) (i32.const 0))))
        (register "host" $host)
        (assert_trap
          (module
            (import "host" "table" (table 1 funcref))
            (memory 1)
            (elem (i32.const 0) $seven)
            (data (i32.const 65536) "x")
            (func $seven (result i32) (i32.add (i32.load8_u (i32.const 0)) (i32.const 7))))
          "out of bounds memory access")
        (assert_return (invoke $host "call") (i32.const 7))"#,
    );
}

#[test]
fn a_script_that_is_none_is_one_failure() {
    let outcome = run("(module)\n(assert_something)");
    assert_eq!(outcome.directives, 1);
    assert_eq!(outcome.failures.len(), 1);
    assert_eq!(outcome.failures[0].line, 2);
}

/// The outcome of a script under 3.0, in every mode that this build has.
fn in_every_mode(text: &'static str) -> impl Iterator<Item = (Mode, ScriptOutcome)> {
    Mode::ALL.into_iter().filter_map(move |mode| {
        let engine = mode.engine(Features::WASM3).ok()?;
        let name = "inline.wast".to_owned();
        Some((mode, Script { name, text }.run(&engine)))
    })
}

#[test]
fn an_invalid_body_is_refused_in_every_mode_and_a_valid_one_runs() {
    for (mode, outcome) in in_every_mode(
        r#"(module (func (export "two") (result i32) (i32.const 2)))
        (assert_return (invoke "two") (i32.const 2))
        (assert_invalid (module (func (result i32))) "type mismatch")
        (assert_malformed
          (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
            "\0a\05\01\03\00\ff\0b")
          "illegal opcode")
        (assert_invalid (module (func)) "type mismatch")
        (assert_invalid (module (func (result i32))) "unknown local")"#,
    ) {
        let lines: Vec<_> = outcome.failures.iter().map(|f| f.line).collect();
        assert_eq!(lines, [8, 9], "{mode}: {:#?}", outcome.failures);
    }
}

#[test]
fn what_is_not_built_is_told_from_what_is_wrong() {
    for (mode, outcome) in in_every_mode(
        r#"(module $m (func (export "f") (result v128) (v128.const i64x2 0 0)))
        (register "m" $m)
        (module (import "m" "f" (func)))
        (module (func (export "one") (result i32) (i32.const 1)))
        (assert_return (invoke "one") (i32.const 2))"#,
    ) {
        let causes: Vec<_> = outcome.failures.iter().map(|f| f.cause).collect();
        assert_eq!(
            causes,
            [
                Cause::NotBuilt,
                Cause::Consequence,
                Cause::Consequence,
                Cause::Wrong
            ],
            "{mode}: {:#?}",
            outcome.failures
        );
    }
}

#[test]
fn nulls_are_told_apart_by_their_hierarchy() {
    for (mode, outcome) in in_every_mode(
        r#"(module
          (type $t (func))
          (func (export "same") (param (ref null $t)) (result (ref null $t)) (local.get 0)))
        (assert_return (invoke "same" (ref.null func)) (ref.null nofunc))
        (assert_return (invoke "same" (ref.null func)) (ref.null))
        (assert_return (invoke "same" (ref.null nofunc)) (ref.null func))
        (assert_return (invoke "same" (ref.null func)) (ref.null extern))
        (module
          (func (export "any") (param anyref) (result anyref) (local.get 0))
          (func (export "exn") (param exnref) (result exnref) (local.get 0)))
        (assert_return (invoke "any" (ref.null none)) (ref.null any))
        (assert_return (invoke "any" (ref.null any)) (ref.null struct))
        (assert_return (invoke "exn" (ref.null exn)) (ref.null))
        (assert_return (invoke "exn" (ref.null exn)) (ref.null noexn))
        (assert_return (invoke "any" (ref.null any)) (ref.any))
        (assert_return (invoke "exn" (ref.null exn)) (ref.null any))"#,
    ) {
        let lines: Vec<_> = outcome.failures.iter().map(|f| f.line).collect();
        assert_eq!(lines, [7, 15, 16], "{mode}: {:#?}", outcome.failures);
    }
}

#[test]
fn an_exception_is_told_from_a_trap_and_from_a_return() {
    for (mode, outcome) in in_every_mode(
        r#"(module (tag $e)
          (func (export "throw") (throw $e))
          (func (export "trap") unreachable)
          (func (export "fine")))
        (assert_exception (invoke "throw"))
        (assert_exception (invoke "trap"))
        (assert_exception (invoke "fine"))
        (assert_trap (invoke "throw") "unreachable")
        (assert_return (invoke "throw"))"#,
    ) {
        let lines: Vec<_> = outcome.failures.iter().map(|f| f.line).collect();
        assert_eq!(lines, [6, 7, 8, 9], "{mode}: {:#?}", outcome.failures);
    }
}
