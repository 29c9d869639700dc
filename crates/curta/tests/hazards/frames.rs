//! Hazard 23: operands and branches that lie farther away than a small field of the internal code reaches.

use super::{
    binary::{body, join},
    engines::{alone, call, engine, engines, run},
};
use curta::{CompilationMode, Dispatch, Instance, Module, Store, Val};
use std::fmt::Write as _;

/// Slots below those of the code in a wide frame: its operands are beyond 32,767.
const FAR: usize = 40_000;

/// Code that leaves one value of the type in `$r`; `$a` and `$b` are `i32`, `$x` and `$y` `i64`, `$f`, `$g` `f32`, `$p`, `$q`
/// `f64`, `$n` a `funcref`.
fn snippets() -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    for (ty, a, b) in [("i32", "$a", "$b"), ("i64", "$x", "$y")] {
        for op in [
            "add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr",
            "div_u", "rem_s",
        ] {
            binary(&mut all, ty, ty, op, a, b);
        }
        for op in [
            "eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u",
        ] {
            binary(&mut all, "i32", ty, op, a, b);
        }
        for op in ["clz", "ctz", "popcnt", "extend8_s", "extend16_s"] {
            all.push((ty, format!("({ty}.{op} (local.get {a}))")));
        }
        all.push(("i32", format!("({ty}.eqz (local.get {a}))")));
    }
    for (ty, a, b) in [("f32", "$f", "$g"), ("f64", "$p", "$q")] {
        for op in ["add", "sub", "mul", "div", "min", "max", "copysign"] {
            binary(&mut all, ty, ty, op, a, b);
        }
        for op in ["eq", "ne", "lt", "gt", "le", "ge"] {
            binary(&mut all, "i32", ty, op, a, b);
        }
        for op in ["abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt"] {
            all.push((ty, format!("({ty}.{op} (local.get {a}))")));
        }
        for op in ["trunc_f", "trunc_sat_f"] {
            let op = format!("{op}{}_s", &ty[1..]);
            all.push(("i32", format!("(i32.{op} (local.get {a}))")));
            all.push(("i64", format!("(i64.{op} (local.get {a}))")));
        }
        all.push((ty, format!("({ty}.convert_i32_u (local.get $a))")));
        all.push((ty, format!("({ty}.convert_i64_s (local.get $x))")));
    }
    all.extend(OTHERS.iter().map(|(ty, text)| (*ty, (*text).to_string())));
    all
}

/// An instruction of two operands from locals, from constants, and from the stack.
fn binary(
    all: &mut Vec<(&'static str, String)>,
    result: &'static str,
    ty: &str,
    op: &str,
    a: &str,
    b: &str,
) {
    all.push((
        result,
        format!("({ty}.{op} (local.get {a}) (local.get {b}))"),
    ));
    all.push((
        result,
        format!("({ty}.{op} (local.get {a}) ({ty}.const 5))"),
    ));
    all.push((
        result,
        format!("({ty}.{op} ({ty}.const 5) (local.get {b}))"),
    ));
    all.push((
        result,
        format!(
            "({ty}.{op} (local.get {a}) (block (result {ty}) (call $nothing) (local.get {b})))"
        ),
    ));
}

/// Everything that is no plain arithmetic.
const OTHERS: [(&str, &str); 62] = [
    ("i32", "(i32.wrap_i64 (local.get $x))"),
    ("i64", "(i64.extend_i32_s (local.get $a))"),
    ("i64", "(i64.extend_i32_u (local.get $a))"),
    ("i64", "(i64.extend32_s (local.get $x))"),
    ("f32", "(f32.demote_f64 (local.get $p))"),
    ("f64", "(f64.promote_f32 (local.get $f))"),
    ("i32", "(i32.reinterpret_f32 (local.get $f))"),
    ("i64", "(i64.reinterpret_f64 (local.get $p))"),
    ("f32", "(f32.reinterpret_i32 (local.get $a))"),
    ("f64", "(f64.reinterpret_i64 (local.get $x))"),
    ("i32", "(i32.load (local.get $a))"),
    ("i64", "(i64.load offset=3 (local.get $a))"),
    ("f32", "(f32.load offset=3 (local.get $a))"),
    ("f64", "(f64.load (i32.add (local.get $a) (i32.const 1)))"),
    ("i32", "(i32.load8_s (local.get $a))"),
    ("i64", "(i64.load16_u (local.get $a))"),
    ("i32", "(i32.load $second (local.get $a))"),
    ("i64", "(i64.load $wide (i64.extend_i32_u (local.get $a)))"),
    ("i32", "(i32.store (local.get $a) (local.get $b)) (i32.load (local.get $a))"),
    ("i64", "(i64.store offset=9 (local.get $a) (local.get $y)) (i64.load offset=9 (local.get $a))"),
    ("i64", "(i64.store8 (local.get $a) (local.get $y)) (i64.load (local.get $a))"),
    ("f64", "(f64.store (local.get $a) (local.get $q)) (f64.load (local.get $a))"),
    ("f32", "(f32.store (local.get $a) (local.get $g)) (f32.load (local.get $a))"),
    ("i32", "(i32.store $second (local.get $a) (i32.const 77)) (i32.load $second (local.get $a))"),
    ("i32", "(memory.size)"),
    ("i32", "(memory.grow (i32.sub (local.get $a) (local.get $a)))"),
    ("i32", "(memory.fill (local.get $a) (local.get $b) (i32.const 4)) (i32.load (local.get $a))"),
    ("i32", "(memory.copy (local.get $a) (local.get $b) (i32.const 4)) (i32.load (local.get $a))"),
    ("i32", "(memory.init $data (local.get $a) (i32.const 1) (i32.const 4)) (i32.load (local.get $a))"),
    ("i32", "(global.set $g32 (local.get $a)) (i32.add (global.get $g32) (local.get $b))"),
    ("f64", "(global.set $g64 (local.get $p)) (f64.add (global.get $g64) (local.get $q))"),
    ("i32", "(select (local.get $a) (local.get $b) (i32.lt_s (local.get $a) (local.get $b)))"),
    ("i64", "(select (local.get $x) (local.get $y) (i64.eqz (local.get $x)))"),
    ("f64", "(select (local.get $p) (local.get $q) (local.get $a))"),
    ("i32", "(ref.is_null (select (result funcref) (local.get $n) (ref.null func) (local.get $a)))"),
    ("i32", "(local.tee $a (i32.add (local.get $a) (local.get $b))) (i32.add (local.get $a))"),
    ("i32", "(local.get $a) (local.set $a (i32.const 5)) (i32.mul (local.get $a))"),
    ("i64", "(local.get $x) (local.get $y) (local.set $x) (local.set $y) (i64.sub (local.get $x) (local.get $y))"),
    ("i32", "(if (result i32) (i32.lt_u (local.get $a) (local.get $b)) (then (local.get $a)) (else (local.get $b)))"),
    ("i32", "(if (result i32) (i64.gt_s (local.get $x) (i64.const 4)) (then (i32.const 1)) (else (local.get $b)))"),
    ("i32", "(block (result i32) (br_if 0 (local.get $a) (f64.lt (local.get $p) (local.get $q))) (drop) (local.get $b))"),
    ("i32", "(block (result i32) (br 0 (i32.add (local.get $a) (local.get $b))))"),
    ("i32", "(block (result i32) (i32.const 1) (local.get $a) (local.get $b) (br_table 0 0 0 (i32.const 1)))"),
    (
        "i32",
        "(block $k (result i32) (block $l (result i32) (i32.const 8) (local.get $b) (br_table $k $l $k
            (i32.and (local.get $a) (i32.const 3)))) (i32.add (i32.const 100)))",
    ),
    (
        "i32",
        "(loop $again (local.set $b (i32.add (local.get $b) (local.get $a)))
            (br_if $again (i32.lt_s (local.get $b) (i32.const 1000)))) (local.get $b)",
    ),
    (
        "i64",
        "(local.get $x) (i64.const 10) (loop $again (param i64 i64) (result i64) (i64.sub (i64.const 1)) (local.tee $y)
            (i64.eqz) (if (param i64) (result i64) (then) (else (i64.add (i64.const 3)) (local.get $y) (br $again))))",
    ),
    ("i32", "(call $sum (local.get $a) (local.get $x) (local.get $f) (local.get $p))"),
    ("i32", "(call $sum (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4))"),
    ("i32", "(call_indirect (type $sum) (local.get $a) (local.get $y) (local.get $g) (local.get $q) (i32.const 0))"),
    ("i32", "(call_ref $sum (local.get $b) (local.get $y) (local.get $g) (local.get $q) (ref.func $sum))"),
    ("f64", "(call $many (local.get $a) (local.get $p)) (local.set $q) (local.set $b) (f64.add (local.get $q) (f64.convert_i32_s (local.get $b)))"),
    ("i32", "(call $host (local.get $a) (local.get $p))"),
    ("i32", "(call_indirect (type $host) (local.get $b) (local.get $q) (i32.const 1))"),
    ("i32", "(table.set $t (local.get $a) (local.get $n)) (ref.is_null (table.get $t (local.get $a)))"),
    ("i32", "(table.fill $t (i32.const 0) (ref.func $nothing) (local.get $a)) (ref.is_null (table.get $t (i32.const 1)))"),
    ("i32", "(table.copy $t $t (local.get $a) (i32.const 0) (i32.const 2)) (table.size $t)"),
    ("i32", "(table.grow $t (local.get $n) (i32.const 0))"),
    ("i32", "(block $null (br_on_null $null (local.get $n)) (drop) (local.set $b (i32.const 3))) (local.get $b)"),
    ("i32", "(block $c (result i32) (try_table (catch $tag $c) (throw $tag (i32.add (local.get $a) (i32.const 1)))) (i32.const 0))"),
    (
        "i32",
        "(block $c (result i32 exnref) (try_table (catch_ref $tag $c) (call $throws (local.get $b))) unreachable)
            (ref.is_null) (i32.add)",
    ),
    ("i64", "(i64.add128 (local.get $x) (local.get $y) (local.get $y) (i64.const -1)) (i64.xor)"),
    ("i64", "(i64.mul_wide_s (local.get $x) (local.get $y)) (i64.xor)"),
];

/// The functions around the snippets.
const AROUND: &str = r#"
    (type $sum (func (param i32 i64 f32 f64) (result i32)))
    (type $host (func (param i32 f64) (result i32)))
    (import "host" "f" (func $host (type $host)))
    (tag $tag (param i32))
    (memory 1) (memory $second 1) (memory $wide i64 1)
    (data (i32.const 0) "some data of the memory, which is loaded from many places of it")
    (data (memory $second) (i32.const 0) "and other data in the second memory")
    (data $data "passive data")
    (table $calls funcref (elem $sum $host)) (table $t 100 funcref)
    (global $g32 (mut i32) (i32.const 3)) (global $g64 (mut f64) (f64.const 3))
    (elem declare func $sum $nothing)
    (func $nothing)
    (func $throws (param i32) (throw $tag (local.get 0)))
    (func $many (param i32 f64) (result i32 f64) (i32.add (local.get 0) (i32.const 1)) (f64.add (local.get 1) (f64.const 1)))
    (func $sum (type $sum)
        (i32.add (i32.add (local.get 0) (i32.wrap_i64 (local.get 1)))
            (i32.add (i32.trunc_sat_f32_s (local.get 2)) (i32.trunc_sat_f64_s (local.get 3)))))"#;

/// Where a snippet's values lie.
#[derive(Clone, Copy, Debug)]
enum Frame {
    /// In the first slots.
    Small,
    /// Behind many locals.
    FarLocals,
    /// Locals first, operands above many others.
    FarOperands,
}

/// A function that runs a snippet in a frame.
fn function(name: &str, ty: &str, code: &str, frame: Frame, depth: usize) -> String {
    let locals =
        "(local $a i32) (local $b i32) (local $x i64) (local $y i64) (local $f f32) (local $g f32)
        (local $p f64) (local $q f64) (local $n funcref)";
    let fill = "(local.set $a (i32.const 13)) (local.set $b (i32.const 27)) (local.set $x (i64.const -6))
        (local.set $y (i64.const 0x123456789ab)) (local.set $f (f32.const 2.5)) (local.set $g (f32.const -7))
        (local.set $p (f64.const -0.5)) (local.set $q (f64.const 1e10)) (local.set $n (ref.func $nothing))";
    match frame {
        Frame::Small => format!("(func (export \"{name}\") (result {ty}) {locals} {fill} {code})"),
        Frame::FarLocals => {
            let filler = "i64 ".repeat(depth);
            format!(
                "(func (export \"{name}\") (result {ty}) (local {filler}) {locals} {fill} {code})"
            )
        }
        Frame::FarOperands => {
            // The values below come from a call, so that they take their slots.
            let below = "call $thousand ".repeat(depth / 1_000);
            let drops = "drop ".repeat(depth / 1_000 * 1_000);
            format!(
                "(func (export \"{name}\") (result {ty}) {locals} (local $r {ty}) {fill} {below} {code} (local.set $r) {drops} (local.get $r))"
            )
        }
    }
}

/// A module of functions for these snippets, in a frame with so many slots below.
fn framed(snippets: &[(&'static str, String)], frame: Frame, depth: usize) -> Vec<u8> {
    let mut text = format!("(module {AROUND} ");
    let thousand = "i32 ".repeat(1_000);
    let ones = "i32.const 1 ".repeat(1_000);
    write!(text, "(func $thousand (result {thousand}) {ones})").unwrap();
    for (number, (ty, code)) in snippets.iter().enumerate() {
        text += &function(&number.to_string(), ty, code, frame, depth);
    }
    wat::parse_str(text + ")").unwrap_or_else(|error| panic!("{error}"))
}

/// What each of a module's first functions gives, in their order.
fn values(engine: &curta::Engine, bytes: &[u8], count: usize) -> Vec<Val> {
    let module = Module::new(engine, bytes).unwrap();
    let mut store = Store::new(engine, ());
    let host = curta::Func::wrap(&mut store, |a: i32, b: f64| {
        a.wrapping_mul(3).wrapping_add(b as i32)
    });
    let instance = Instance::new(&mut store, &module, &[host.into()]).unwrap();
    (0..count)
        .map(|number| {
            let function = instance.get_func(&store, &number.to_string()).unwrap();
            let mut results = [Val::I32(0)];
            function
                .call(&mut store, &[], &mut results)
                .expect("the snippets do not trap");
            results[0]
        })
        .collect()
}

/// Sees that snippets give in a frame what they give in a small one, on each of these engines.
fn assert_same(
    engines: &[curta::Engine],
    snippets: &[(&'static str, String)],
    frame: Frame,
    depth: usize,
) {
    /// So many functions of a module are about as large as modules should be.
    const TOGETHER: usize = 60;
    for chunk in snippets.chunks(TOGETHER) {
        let small = framed(chunk, Frame::Small, 0);
        let far = framed(chunk, frame, depth);
        for engine in engines {
            let expected = values(engine, &small, chunk.len());
            let found = values(engine, &far, chunk.len());
            for (((_, code), expected), found) in chunk.iter().zip(expected).zip(found) {
                assert_eq!(found, expected, "{frame:?}, {depth}: {code}");
            }
        }
    }
}

/// Unoptimised, reading the text of so many locals is slow: each test takes some of the snippets only, each others.
fn some_snippets(part: usize) -> Vec<(&'static str, String)> {
    const PARTS: usize = if cfg!(debug_assertions) { 12 } else { 1 };
    let all = snippets().into_iter();
    all.skip(part % PARTS).step_by(PARTS).collect()
}

/// Every kind of instruction is the same in a frame of forty thousand slots as in a small one, by its locals and by its
/// operands.
#[test]
fn hazard_23_instructions_in_wide_frames() {
    let engines: Vec<_> = engines().collect();
    assert_same(&engines, &some_snippets(0), Frame::FarLocals, FAR);
    assert_same(&engines, &some_snippets(1), Frame::FarOperands, FAR);
}

/// Every kind of instruction is the same across the border of each width that a slot's number could have.
#[test]
fn hazard_23_instructions_at_the_borders_of_widths() {
    let engine = [engine(CompilationMode::Eager, Dispatch::Auto, |_| ())];
    assert_same(&engine, &snippets(), Frame::FarLocals, 120);
    assert_same(&engine, &snippets(), Frame::FarLocals, 250);
    for (part, border) in [32_754, 32_758, 32_762].into_iter().enumerate() {
        assert_same(&engine, &some_snippets(part), Frame::FarLocals, border);
    }
}

/// Tail calls of every kind out of a wide frame, and into one.
#[test]
fn hazard_23_tail_calls_in_wide_frames() {
    let filler = "i64 ".repeat(FAR);
    let text = format!(
        r#"(module
            (type $t (func (param i32 i64 f64) (result f64)))
            (table funcref (elem $sum $wide)) (elem declare func $sum)
            (func $sum (type $t) (f64.add (f64.convert_i32_s (local.get 0)) (f64.add (f64.convert_i64_s (local.get 1)) (local.get 2))))
            (func $wide (type $t) (local {filler}) (local $a i32) (local $b i64) (local $c f64)
                (local.set $a (local.get 0)) (local.set $b (local.get 1)) (local.set $c (local.get 2))
                (return_call $sum (local.get $a) (local.get $b) (local.get $c)))
            (func (export "indirect") (type $t) (local {filler}) (local $a i32)
                (local.set $a (i32.const 1))
                (return_call_indirect (type $t) (local.get 0) (local.get 1) (local.get 2) (local.get $a)))
            (func (export "reference") (type $t) (local {filler}) (local $a i32) (local $f (ref null $t))
                (local.set $a (local.get 0)) (local.set $f (ref.func $sum))
                (return_call_ref $t (local.get $a) (local.get 1) (local.get 2) (local.get $f)))
            (func (export "return") (type $t) (local {filler}) (local $a f64)
                (local.set $a (f64.add (f64.convert_i64_s (local.get 1)) (local.get 2)))
                (return (f64.add (local.get $a) (f64.convert_i32_s (local.get 0))))))"#
    );
    let bytes = wat::parse_str(text).unwrap();
    for engine in engines() {
        let (mut store, instance) = alone(&engine, &bytes);
        for name in ["indirect", "reference", "return"] {
            let sum =
                call::<(i32, i64, f64), f64>(&mut store, instance, name, (1, 20, 300.5)).unwrap();
            assert_eq!(sum, 321.5, "{name}");
        }
    }
}

/// Branches over hundreds of thousands of instructions, forward, back, conditional, fused and through tables.
#[test]
fn hazard_23_branches_reach_far() {
    let far = "(local.set $s (i32.add (local.get $s) (local.get $n)))".repeat(100_000);
    let text = format!(
        r#"(module (func (export "f") (param $n i32) (result i32) (local $s i32)
            (block $skip (block $skip_too
                (br_if $skip (i32.gt_s (local.get $n) (i32.const 1000)))
                (br_table $skip_too $skip (i32.eq (local.get $n) (i32.const 77)))
                {far})
                (if (i32.eqz (local.get $n)) (then {far}) (else (local.set $s (i32.const 5)))))
            (loop $again
                (if (i32.lt_s (local.get $n) (i32.const 3)) (then {far}))
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if $again (i32.lt_s (local.get $n) (i32.const 10))))
            (local.get $s)))"#
    );
    let bytes = wat::parse_str(text).unwrap();
    for engine in engines() {
        let (mut store, instance) = alone(&engine, &bytes);
        for (n, expected) in [(5_000, 0), (77, 0), (0, 300_000), (2, 200_005), (9, 5)] {
            assert_eq!(
                call::<i32, i32>(&mut store, instance, "f", n).unwrap(),
                expected,
                "{n}"
            );
        }
    }
}

/// A body of a megabyte of calls, branches and loads runs to its end.
#[test]
fn hazard_23_long_bodies_run_to_their_end() {
    let piece = [
        0x20, 0, 0x41, 1, 0x6a, 0x21, 0, 0x02, 0x40, 0x20, 0, 0x45, 0x0d, 0, 0x0b,
    ];
    let check = [
        0x20, 0, 0x41, 0xd0, 0x86, 0x03, 0x47, 0x04, 0x40, 0x00, 0x0b,
    ];
    let code = join(&[&piece.repeat(50_000), &check]);
    for engine in engines() {
        run(&engine, body(&[(1, 0x7f)], &code)).unwrap();
    }
}
