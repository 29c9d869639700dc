//! Hazard 20: what validation must not let pass.

use super::engines::{modes, run};
use curta::ErrorKind;

/// Bodies of `run` that are invalid, in a module of a bit of everything.
const BODIES: [&str; 62] = [
    // Types of operands.
    "(drop (i32.add (i64.const 1) (i32.const 1)))",
    "(drop (i64.add (i64.const 1) (f64.const 1)))",
    "(drop (i32.eqz (ref.null func)))",
    "(drop (ref.is_null (i32.const 0)))",
    "(drop (i32.load (i64.const 0)))",
    "(drop (i64.load $wide (i32.const 0)))",
    "(i32.store (i32.const 0) (f32.const 1))",
    "(i64.store (i32.const 0) (i32.const 1))",
    "(memory.fill (i32.const 0) (i32.const 0) (f32.const 1))",
    "(memory.fill (i32.const 0) (i32.const 0) (i64.const 1))",
    "(memory.copy (i32.const 0) (f32.const 0) (i32.const 1))",
    "(memory.copy $wide 0 (i64.const 0) (i32.const 0) (i64.const 1))",
    "(memory.init $d (i32.const 0) (i32.const 0) (f32.const 1))",
    "(drop (memory.grow (f32.const 1)))",
    "(drop (memory.grow $wide (i32.const 1)))",
    "(table.set $funcs (i32.const 0) (i32.const 1))",
    "(table.set $funcs (i32.const 0) (ref.null extern))",
    "(table.set $funcs (i64.const 0) (ref.null func))",
    "(table.set $externs (i32.const 0) (ref.null func))",
    "(drop (table.grow $funcs (i32.const 0) (i32.const 1)))",
    "(table.fill $externs (i32.const 0) (ref.null func) (i32.const 1))",
    "(table.copy $funcs $externs (i32.const 0) (i32.const 0) (i32.const 1))",
    "(table.init $externs $e (i32.const 0) (i32.const 0) (i32.const 1))",
    "(global.set $constant (i32.const 1))",
    "(global.set $ref (i32.const 1))",
    "(global.set $ref (ref.null extern))",
    "(drop (i64.eqz (global.get $ref)))",
    "(drop (i32.eqz (call $takes (i64.const 1))))",
    "(drop (call $takes (i64.const 1)))",
    "(drop (call $takes))",
    "(call_indirect $funcs (type $t) (i32.const 1) (i64.const 0))",
    "(call_indirect $externs (type $t) (i32.const 1) (i32.const 0))",
    "(call_ref $t (i32.const 1) (ref.null func))",
    "(call_ref $t (i32.const 1) (i32.const 0))",
    "(call_ref $t (i32.const 1) (ref.func $run))",
    "(return_call $takes (i32.const 1))",
    "(drop (select (i32.const 1) (i64.const 1) (i32.const 0)))",
    "(drop (select (ref.null func) (ref.null func) (i32.const 0)))",
    "(drop (select (result i32) (ref.null func) (i32.const 1) (i32.const 0)))",
    "(drop (select (i32.const 1) (i32.const 1) (i64.const 0)))",
    "(throw $tag (i64.const 1))",
    "(throw_ref (ref.null func))",
    "(drop (block (result i32) (try_table (catch_all 0)) (i64.const 1)))",
    "(drop (block (result i64) (try_table (catch $tag 0)) (i64.const 1)))",
    // Structure.
    "(i32.const 1)",
    "(drop)",
    "(block (result i32))",
    "(drop (block (result i32) (i64.const 1)))",
    "(drop (block (result i32) (br 0)))",
    "(drop (if (result i32) (i32.const 1) (then (i32.const 1))))",
    "(drop (block (result i32) (br_if 0 (i32.const 1)) (i32.const 1)))",
    "(drop (block (result i32) (br_table 0 1 (i32.const 1) (i32.const 1))))",
    "(br 1)(drop (i32.add (i64.const 1)))",
    "unreachable (drop (i32.add (i64.const 1)))",
    "(return (i32.const 1)) (i64.const 1)",
    "(loop (drop (i32.const 1)) (br 0) (i64.const 1))",
    "(drop (local.get $l)) (local.set $l (i64.const 1))",
    "(drop (local.tee $l (f32.const 1)))",
    "(drop (local.get $nn))",
    "(if (i32.const 1) (then (local.set $nn (ref.func $other)))) (drop (local.get $nn))",
    "(block $b (drop (br_on_null $b (i32.const 1))))",
    "(drop (ref.as_non_null (i32.const 1)))",
];

/// The same with numbers that name nothing.
const MISSING: [&str; 22] = [
    "local.get 99 drop",
    "i32.const 1 local.set 99",
    "global.get 99 drop",
    "i32.const 1 global.set 99",
    "call 99",
    "return_call 99",
    "ref.func 99 drop",
    "br 1000",
    "i32.const 1 br_if 1000",
    "i32.const 1 br_table 0 1000 0",
    "i32.const 0 i32.load 7 drop",
    "memory.size 7 drop",
    "i32.const 0 i32.const 0 i32.const 0 memory.fill 7",
    "i32.const 0 i32.const 0 i32.const 0 memory.init 99",
    "data.drop 99",
    "elem.drop 99",
    "i32.const 0 table.get 99 drop",
    "i32.const 0 i32.const 0 i32.const 0 table.init 0 99",
    "i32.const 0 call_indirect 99 (type 0)",
    "i32.const 0 call_indirect 0 (type 99)",
    "throw 99",
    "i32.const 0 i32.load align=8 drop",
];

/// A module whose function `run` has this body.
fn around(body: &str) -> String {
    format!(
        r#"(module
            (type $t (func (param i32) (result i32)))
            (tag $tag (param i32))
            (memory 1) (memory $wide i64 1)
            (table $funcs 3 funcref) (table $externs 3 externref)
            (global $constant i32 (i32.const 1)) (global $ref (mut funcref) (ref.null func))
            (func $takes (type $t) (local.get 0))
            (func $other)
            (func $run (export "run") (local $l i32) (local $nn (ref func)) {body})
            (elem $e func $takes $other $run) (data $d "data"))"#
    )
}

/// Bodies that confuse types, or name what is not there, are refused in every mode: at once, or when they are called,
/// before anything of them has run.
#[test]
fn hazard_20_invalid_bodies_are_refused() {
    for engine in modes() {
        run(&engine, around("nop")).expect("the rest is valid");
        for body in BODIES.iter().chain(&MISSING) {
            let text = around(body);
            let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{body}: {error}"));
            let error = run(&engine, bytes).expect_err(body);
            assert_eq!(error.kind(), ErrorKind::Module, "{body}: {error:?}");
            let said = error.to_string();
            assert!(
                said.contains("invalid") || said.contains("malformed"),
                "{body}: {said}"
            );
        }
    }
}

/// Invalid modules are refused when they are made, in every mode.
#[test]
fn hazard_20_invalid_modules_are_refused_at_once() {
    let fields = [
        "(global i32 (i64.const 1))",
        "(global i32 (global.get 0))",
        "(global $m (mut i32) (i32.const 1)) (global i32 (global.get $m))",
        "(global i32 (i32.div_s (i32.const 1) (i32.const 1)))",
        "(global i32)",
        "(global (ref func) (ref.null func))",
        "(global funcref (ref.func 5))",
        "(memory 1) (data (i64.const 0) \"\")",
        "(memory 1) (data 3 (i32.const 0) \"\")",
        "(data (i32.const 0) \"\")",
        "(memory 2 1)",
        "(memory 65537)",
        "(table 2 1 funcref)",
        "(table 1 (ref func))",
        "(table 1 externref) (func $f) (elem (i32.const 0) func $f)",
        "(table 1 funcref) (elem (i64.const 0) func)",
        "(elem (i32.const 0) func)",
        "(elem func 3)",
        "(func (type 3))",
        "(export \"e\" (func 0))",
        "(export \"e\" (memory 0))",
        "(func $f (param i32)) (start $f)",
        "(tag (result i32))",
        "(import \"a\" \"b\" (func (type 7)))",
        "(type (func (param (ref 5))))",
        "(type $a (func)) (type (sub $a (func)))",
        "(type $a (sub (func (param i32)))) (type (sub $a (func)))",
    ];
    for engine in modes() {
        for field in fields {
            let bytes = wat::parse_str(format!("(module {field})"))
                .unwrap_or_else(|error| panic!("{field}: {error}"));
            curta::Module::new(&engine, bytes).expect_err(field);
        }
    }
}
