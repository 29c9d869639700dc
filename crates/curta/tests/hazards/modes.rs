//! Hazards 21 and 22: bodies that are compiled late, and code that is compiled cleverly.

use super::engines::{MODES, alone, call, engine, engines, func};
use curta::{CompilationMode, Dispatch, Error, ErrorKind, Instance, Module, Store};
use std::fmt::Write as _;

/// Whatever in a module is invalid under `Lazy` is the same error at every call of that function, and of no other.
#[test]
fn hazard_21_a_lazy_refusal_stays_what_it_is() {
    let text = r#"(module
        (global $n (export "n") (mut i32) (i32.const 0))
        (table funcref (elem $bad))
        (func $bad (export "bad") (result i32)
            (global.set $n (i32.const 1)) (i64.const 1))
        (func (export "good") (result i32) (i32.const 5))
        (func (export "calls") (result i32) (global.set $n (i32.const 7)) (call $bad))
        (func (export "calls_indirectly") (result i32) (call_indirect (result i32) (i32.const 0)))
        (func (export "in_place") (result i32) (return_call $bad))
        (func (export "caught") (result i32) (block (try_table (catch_all 0) (return (call $bad)))) (i32.const 3)))"#;
    let bytes = wat::parse_str(text).unwrap();
    for dispatch in [Dispatch::Auto, Dispatch::Loop] {
        for mode in [CompilationMode::Eager, CompilationMode::LazyTranslation] {
            Module::new(&engine(mode, dispatch, |_| ()), &bytes).expect_err("it is invalid");
        }
        let lazy = engine(CompilationMode::Lazy, dispatch, |_| ());
        Module::validate(&lazy, &bytes).expect_err("it is invalid");
        let (mut store, instance) = alone(&lazy, &bytes);
        let mut told = Vec::new();
        for _ in 0..4 {
            for name in ["bad", "calls", "calls_indirectly", "in_place", "caught"] {
                let error = call::<(), i32>(&mut store, instance, name, ()).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Module, "{name}: {error:?}");
                told.push(error.to_string());
                assert_eq!(
                    call::<(), i32>(&mut store, instance, "good", ()).unwrap(),
                    5
                );
            }
        }
        assert!(
            told.iter()
                .all(|said| *said == told[0] && said.contains("type mismatch")),
            "{told:?}"
        );
        let n = instance.get_global(&store, "n").unwrap().get(&store);
        assert_eq!(n.unwrap_i32(), 7, "nothing of the invalid body has run");
        // The module is the same for another store.
        let module = instance.module(&store);
        let mut other = Store::new(&lazy, ());
        let instance = Instance::new(&mut other, &module, &[]).unwrap();
        assert_eq!(
            call::<(), i32>(&mut other, instance, "bad", ())
                .unwrap_err()
                .to_string(),
            told[0]
        );
    }
}

/// Several threads that call the same functions first at the same time all get what they compute, or the same error.
#[test]
fn hazard_21_threads_compile_the_same_bodies() {
    let mut functions = String::new();
    for number in 0..200 {
        let invalid = if number % 10 == 9 {
            "(i64.const 1) (drop (i32.add))"
        } else {
            ""
        };
        write!(
            functions,
            r#"(func (export "{number}") (result i32) {invalid} (i32.const {number}))"#
        )
        .unwrap();
    }
    let valid = functions.replace("(i64.const 1) (drop (i32.add))", "");
    for mode in MODES {
        for dispatch in [Dispatch::Auto, Dispatch::Loop] {
            let engine = engine(mode, dispatch, |_| ());
            let functions = if mode == CompilationMode::Lazy {
                &functions
            } else {
                &valid
            };
            let module = Module::new(&engine, format!("(module {functions})")).unwrap();
            std::thread::scope(|scope| {
                for thread in 0..4 {
                    let module = &module;
                    scope.spawn(move || {
                        let mut store = Store::new(module.engine(), ());
                        let instance = Instance::new(&mut store, module, &[]).unwrap();
                        for turn in 0..200 {
                            let number = (turn + thread % 2) % 200;
                            let result =
                                call::<(), i32>(&mut store, instance, &number.to_string(), ());
                            if mode == CompilationMode::Lazy && number % 10 == 9 {
                                assert_eq!(result.unwrap_err().kind(), ErrorKind::Module);
                            } else {
                                assert_eq!(result.unwrap(), number);
                            }
                        }
                    });
                }
            });
        }
    }
}

/// A generator of numbers that are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// An expression of `i32` as text, and what it is for two parameters.
struct Expr {
    text: String,
    value: Box<dyn Fn(i32, i32) -> i32>,
}

/// An expression of at most this depth.
fn expression(dice: &mut Dice, depth: u32) -> Expr {
    if depth == 0 || dice.roll(8) == 0 {
        return match dice.roll(3) {
            0 => Expr {
                text: "(local.get 0)".into(),
                value: Box::new(|a, _| a),
            },
            1 => Expr {
                text: "(local.get 1)".into(),
                value: Box::new(|_, b| b),
            },
            _ => {
                let number = [0, 1, -1, 7, i32::MIN, i32::MAX, 31, 32][dice.roll(8) as usize];
                Expr {
                    text: format!("(i32.const {number})"),
                    value: Box::new(move |_, _| number),
                }
            }
        };
    }
    let x = expression(dice, depth - 1);
    let y = expression(dice, depth - 1);
    let unary = |name: &str, apply: fn(i32) -> i32, x: Expr| Expr {
        text: format!("(i32.{name} {})", x.text),
        value: Box::new(move |a, b| apply((x.value)(a, b))),
    };
    match dice.roll(12) {
        0 => unary("eqz", |x| i32::from(x == 0), x),
        1 => unary("clz", |x| x.leading_zeros() as i32, x),
        2 => unary("extend8_s", |x| i32::from(x as i8), x),
        3 | 4 => {
            let c = expression(dice, depth - 1);
            let text = format!("(select {} {} {})", x.text, y.text, c.text);
            Expr {
                text,
                value: Box::new(move |a, b| {
                    if (c.value)(a, b) != 0 {
                        (x.value)(a, b)
                    } else {
                        (y.value)(a, b)
                    }
                }),
            }
        }
        5 => {
            let c = expression(dice, depth - 1);
            let text = format!(
                "(if (result i32) {} (then {}) (else {}))",
                c.text, x.text, y.text
            );
            Expr {
                text,
                value: Box::new(move |a, b| {
                    if (c.value)(a, b) != 0 {
                        (x.value)(a, b)
                    } else {
                        (y.value)(a, b)
                    }
                }),
            }
        }
        6 => {
            // Leaves with x if the condition holds, else with y.
            let c = expression(dice, depth - 1);
            let text = format!(
                "(block (result i32) (drop (br_if 0 {} {})) {})",
                x.text, c.text, y.text
            );
            Expr {
                text,
                value: Box::new(move |a, b| {
                    if (c.value)(a, b) != 0 {
                        (x.value)(a, b)
                    } else {
                        (y.value)(a, b)
                    }
                }),
            }
        }
        7 => {
            // x is computed with what parameter 0 is, y with it changed, and then it is as before.
            let text = format!(
                "(i32.xor {} (block (result i32) (local.set 2 (local.get 0)) (local.set 0 (i32.add (local.get 0) (i32.const 3)))
                    {} (local.set 0 (i32.sub (local.get 0) (i32.const 3)))))",
                x.text, y.text
            );
            Expr {
                text,
                value: Box::new(move |a, b| (x.value)(a, b) ^ (y.value)(a.wrapping_add(3), b)),
            }
        }
        _ => {
            let (name, apply) = BINARY[dice.roll(BINARY.len() as u64) as usize];
            let text = format!("(i32.{name} {} {})", x.text, y.text);
            Expr {
                text,
                value: Box::new(move |a, b| apply((x.value)(a, b), (y.value)(a, b))),
            }
        }
    }
}

/// Instructions of two operands, and what they are.
const BINARY: [(&str, fn(i32, i32) -> i32); 18] = [
    ("add", i32::wrapping_add),
    ("sub", i32::wrapping_sub),
    ("mul", i32::wrapping_mul),
    ("and", |x, y| x & y),
    ("or", |x, y| x | y),
    ("xor", |x, y| x ^ y),
    ("shl", |x, y| x.wrapping_shl(y as u32)),
    ("shr_s", |x, y| x.wrapping_shr(y as u32)),
    ("shr_u", |x, y| (x as u32).wrapping_shr(y as u32) as i32),
    ("rotl", |x, y| x.rotate_left(y as u32 & 31)),
    ("eq", |x, y| i32::from(x == y)),
    ("ne", |x, y| i32::from(x != y)),
    ("lt_s", |x, y| i32::from(x < y)),
    ("lt_u", |x, y| i32::from((x as u32) < (y as u32))),
    ("gt_s", |x, y| i32::from(x > y)),
    ("le_u", |x, y| i32::from(x as u32 <= y as u32)),
    ("ge_s", |x, y| i32::from(x >= y)),
    ("ge_u", |x, y| i32::from(x as u32 >= y as u32)),
];

/// Instructions that are fused compute what they do alone: expressions by the hundred, compared with their meaning.
#[test]
fn hazard_22_fused_code_computes_what_was_written() -> Result<(), Error> {
    let mut dice = Dice(20_261_121);
    let expressions: Vec<Expr> = (0..400)
        .map(|number| expression(&mut dice, 2 + number % 4))
        .collect();
    let mut text = String::from("(module ");
    for (number, expression) in expressions.iter().enumerate() {
        write!(
            text,
            r#"(func (export "{number}") (param i32 i32) (result i32) (local i32) {})"#,
            expression.text
        )
        .unwrap();
    }
    let bytes = wat::parse_str(text + ")").unwrap();
    let values = [0, 1, -1, 2, 31, 32, 255, i32::MIN, i32::MAX, 0x1234_5678];
    for engine in engines() {
        let (mut store, instance) = alone(&engine, &bytes);
        for (number, expression) in expressions.iter().enumerate() {
            let function = func::<(i32, i32), i32>(&store, instance, &number.to_string());
            for a in values {
                for b in values {
                    let found = function.call(&mut store, (a, b))?;
                    assert_eq!(
                        found,
                        (expression.value)(a, b),
                        "{a} {b}: {}",
                        expression.text
                    );
                }
            }
        }
    }
    Ok(())
}

/// `select` on a comparison with zero, in every arrangement, takes the operand that it should.
#[test]
fn hazard_22_select_with_a_condition_that_is_negated() {
    let conditions: [(&str, fn(i32) -> bool); 6] = [
        ("(i32.eqz (local.get 0))", |a| a == 0),
        ("(i32.eqz (i32.eqz (local.get 0)))", |a| a != 0),
        ("(i32.ne (local.get 0) (i32.const 0))", |a| a != 0),
        ("(i32.eqz (i32.lt_s (local.get 0) (i32.const 2)))", |a| {
            a >= 2
        }),
        ("(i64.eqz (i64.extend_i32_s (local.get 0)))", |a| a == 0),
        (
            "(i32.eqz (f64.lt (f64.convert_i32_s (local.get 0)) (f64.const 1)))",
            |a| a >= 1,
        ),
    ];
    let mut text = String::from("(module ");
    for (number, (condition, _)) in conditions.iter().enumerate() {
        write!(
            text,
            r#"(func (export "select {number}") (param i32) (result i32) (select (i32.const 10) (i32.const 20) {condition}))
            (func (export "if {number}") (param i32) (result i32)
                (if (result i32) {condition} (then (i32.const 10)) (else (i32.const 20))))
            (func (export "br_if {number}") (param i32) (result i32)
                (block (br_if 0 {condition}) (return (i32.const 20))) (i32.const 10))
            (func (export "value {number}") (param i32) (result i32) (local i32)
                (local.set 1 {condition}) (i32.sub (i32.const 20) (i32.mul (local.get 1) (i32.const 10))))"#
        )
        .unwrap();
    }
    let bytes = wat::parse_str(text + ")").unwrap();
    for engine in engines() {
        let (mut store, instance) = alone(&engine, &bytes);
        for (number, (condition, holds)) in conditions.iter().enumerate() {
            for a in [0, 1, 2, -1, i32::MIN, i32::MAX] {
                for form in ["select", "if", "br_if", "value"] {
                    let found =
                        call::<i32, i32>(&mut store, instance, &format!("{form} {number}"), a)
                            .unwrap();
                    assert_eq!(
                        found,
                        if holds(a) { 10 } else { 20 },
                        "{form} {condition} of {a}"
                    );
                }
            }
        }
    }
}
