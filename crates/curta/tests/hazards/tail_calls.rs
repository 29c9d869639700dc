//! Hazards 47 and 48: calls in place of the caller, by the million.

use super::engines::{alone, call, engines, engines_with, on_a_small_stack, trap};
use curta::{Caller, Error, Func, Instance, Linker, Module, Store, Trap};

/// Turns of a loop of tail calls.
const TURNS: i64 = if cfg!(debug_assertions) {
    30_000
} else {
    1_000_000
};

/// Functions of one, of many and of no parameters that call each other in place, with arguments that change their places.
const GROWING: &str = r#"(module
    (type $one (func (param i64) (result i64)))
    (type $many (func (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)))
    (type $none (func (result i64)))
    (table funcref (elem $one_i $many_i))
    (elem declare func $one_r $many_r)
    (global $left (mut i64) (i64.const 0))
    (global $sum (mut i64) (i64.const 0))

    (func $one (export "direct") (type $one)
        (if (i64.eqz (local.get 0)) (then (return (i64.const -1))))
        (return_call $many (local.get 0) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)
            (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8) (i64.const 9)))
    (func $many (type $many)
        ;; Two places change with each turn; when they have met, it shrinks again.
        (if (i64.eq (local.get 1) (i64.const 9)) (then
            (if (i64.ne (local.get 9) (i64.const 1)) (then unreachable))
            (return_call $none_of (local.get 0))))
        (return_call $many (local.get 0) (local.get 9) (local.get 8) (local.get 7) (local.get 6)
            (local.get 5) (local.get 4) (local.get 3) (local.get 2) (local.get 1)))
    (func $none_of (param i64) (result i64)
        (global.set $left (i64.sub (local.get 0) (i64.const 1)))
        (return_call $none))
    (func $none (type $none) (local i64 i64 i64)
        (if (i64.ne (i64.const 0) (i64.or (local.get 0) (i64.or (local.get 1) (local.get 2)))) (then unreachable))
        (return_call $one (global.get $left)))

    (func $one_i (export "indirect") (type $one)
        (if (i64.eqz (local.get 0)) (then (return (i64.const -1))))
        (return_call_indirect (type $many) (i64.sub (local.get 0) (i64.const 1)) (i64.const 1) (i64.const 2)
            (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8) (i64.const 9) (i32.const 1)))
    (func $many_i (type $many)
        (if (i64.ne (local.get 9) (i64.const 9)) (then unreachable))
        (return_call_indirect (type $one) (local.get 0) (i32.const 0)))

    (func $one_r (export "by_reference") (type $one)
        (if (i64.eqz (local.get 0)) (then (return (i64.const -1))))
        (return_call_ref $many (i64.sub (local.get 0) (i64.const 1)) (i64.const 1) (i64.const 2)
            (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8) (i64.const 9)
            (ref.func $many_r)))
    (func $many_r (type $many)
        (if (i64.ne (local.get 9) (i64.const 9)) (then unreachable))
        (return_call_ref $one (local.get 0) (ref.func $one_r)))

    ;; Under a caller with values of its own, which must find them again.
    (func (export "kept") (param $n i64) (result i64) (local $a i64) (local $b f64)
        (local.set $a (i64.const 11)) (local.set $b (f64.const 31))
        (i64.add (i64.mul (local.get $n) (i64.const 100)) (call $one (local.get $n)))
        (i64.add (i64.add (local.get $a) (i64.trunc_f64_s (local.get $b))))))"#;

/// Tail calls by the million, with argument areas that grow and shrink, take no stack and mix up no values.
#[test]
fn hazard_47_tail_calls_grow_and_shrink_their_arguments() {
    on_a_small_stack(|| {
        for engine in engines_with(|config| {
            config.max_stack_bytes(8 << 10);
        }) {
            let (mut store, instance) = alone(&engine, GROWING);
            for name in ["direct", "indirect", "by_reference"] {
                assert_eq!(
                    call::<i64, i64>(&mut store, instance, name, TURNS).unwrap(),
                    -1,
                    "{name}"
                );
            }
            let kept = call::<i64, i64>(&mut store, instance, "kept", 1_000).unwrap();
            assert_eq!(kept, 100_000 - 1 + 11 + 31);
        }
    });
}

/// A tail call between functions of no and of a thousand parameters, each of which must arrive.
#[test]
fn hazard_47_a_thousand_arguments_grow_in_place() {
    let params = "i32 ".repeat(1_000);
    let arguments: String = (0..1_000)
        .map(|number| format!("(i32.add (local.get 0) (i32.const {number})) "))
        .collect();
    let checks: String = (0..1_000)
        .map(|number| {
            format!("(if (i32.ne (local.get {number}) (i32.add (local.get 0) (i32.const {number}))) (then unreachable)) ")
        })
        .collect();
    let text = format!(
        "(module
            (func $narrow (export \"run\") (param i32) (result i32)
                (if (i32.eqz (local.get 0)) (then (return (i32.const 77))))
                (return_call $wide {arguments}))
            (func $wide (param {params}) (result i32)
                {checks}
                (return_call $narrow (i32.sub (local.get 0) (i32.const 1)))))"
    );
    let bytes = wat::parse_str(text).expect("it is text of a module");
    for engine in engines_with(|config| {
        config.max_stack_bytes(64 << 10);
    }) {
        let (mut store, instance) = alone(&engine, &bytes);
        assert_eq!(
            call::<i32, i32>(&mut store, instance, "run", 300).unwrap(),
            77
        );
    }
}

/// Endless mutual tail calls into frames that do not fit trap rather than write beyond the stack.
#[test]
fn hazard_47_a_tail_call_into_a_frame_that_does_not_fit_traps() {
    let locals = "i64 ".repeat(2_000);
    let text = format!(
        "(module
            (func (export \"run\") (param i32) (result i32) (return_call $large (local.get 0) (i32.const 1)))
            (func $large (param i32 i32) (result i32) (local {locals}) (local.get 0))
            (func (export \"fine\") (result i32) (i32.const 42)))"
    );
    for engine in engines_with(|config| {
        config.max_stack_bytes(8 << 10);
    }) {
        let (mut store, instance) = alone(&engine, &text);
        assert_eq!(
            trap(call::<i32, i32>(&mut store, instance, "run", 1)),
            Trap::CallStackExhausted
        );
        assert_eq!(
            call::<(), i32>(&mut store, instance, "fine", ()).unwrap(),
            42
        );
    }
}

/// Tail calls across instances end in the right memory, and so does the caller that they return to.
#[test]
fn hazard_47_tail_calls_cross_instances() {
    let ring = r#"(module
        (import "next" "step" (func $next (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (global $id (export "id") (mut i32) (i32.const 0))
        (func (export "step") (param $n i32) (param $sum i32) (result i32)
            (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
            (if (i32.eqz (local.get $n)) (then (return (local.get $sum))))
            (return_call $next (i32.sub (local.get $n) (i32.const 1)) (i32.add (local.get $sum) (global.get $id))))
        (func (export "twice") (param $n i32) (result i32)
            (call $next (local.get $n) (i32.const 0))
            (i32.mul (i32.const 10000000))
            (i32.add (global.get $id))))"#;
    let base = r#"(module
        (table (export "table") 1 funcref)
        (func (export "step") (param i32 i32) (result i32)
            (return_call_indirect (param i32 i32) (result i32) (local.get 0) (local.get 1) (i32.const 0))))"#;
    for engine in engines() {
        let (mut store, base) = alone(&engine, base);
        let module = Module::new(&engine, ring).unwrap();
        let mut previous = base;
        let mut ring = Vec::new();
        for id in 1..=3 {
            let next = previous.get_export(&store, "step").unwrap();
            let instance = Instance::new(&mut store, &module, &[next]).unwrap();
            instance
                .get_global(&store, "id")
                .unwrap()
                .set(&mut store, id.into())
                .unwrap();
            ring.push(instance);
            previous = instance;
        }
        let last = previous.get_func(&store, "step").unwrap();
        base.get_table(&store, "table")
            .unwrap()
            .set(&mut store, 0, Some(last).into())
            .unwrap();
        let turns = 3_000;
        let result = call::<i32, i32>(&mut store, ring[2], "twice", turns).unwrap();
        // 2, 1, 3, 2, 1, 3, …: from the second, through the base without a count.
        let ids = [2, 1, 3];
        let sum: i32 = (0..turns as usize).map(|turn| ids[turn % 3]).sum();
        assert_eq!(result, sum.wrapping_mul(10_000_000).wrapping_add(3));
        let steps: i32 = ring
            .iter()
            .map(|instance| {
                let memory = instance.get_memory(&store, "memory").unwrap();
                i32::from_le_bytes(memory.data(&store)[..4].try_into().unwrap())
            })
            .sum();
        assert_eq!(steps, turns + 1);
    }
}

/// A host function may be what is called in place: directly, through a table and through a reference, with more arguments
/// than the caller has and fewer; its results are the caller's, and its errors as well.
#[test]
fn hazard_48_host_functions_are_called_in_place() {
    let text = r#"(module
        (type $wide (func (param i32 i32 i32 i32 i32 i32) (result i32)))
        (import "host" "wide" (func $wide (type $wide)))
        (import "host" "none" (func $none (result i32)))
        (import "host" "fail" (func $fail (param i32) (result i32)))
        (import "host" "back" (func $back (param i32) (result i32)))
        (table funcref (elem $wide $none $fail))
        (elem declare func $wide)
        (func $direct (param i32) (result i32)
            (return_call $wide (local.get 0) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6)))
        (func $indirect (param i32) (result i32)
            (return_call_indirect (type $wide) (local.get 0) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5)
                (i32.const 6) (i32.const 0)))
        (func $by_reference (param i32) (result i32)
            (return_call_ref $wide (local.get 0) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6)
                (ref.func $wide)))
        (func $shrinking (param i32 i64 i64 i64 i64 i64 i64) (result i32) (return_call $none))
        (func (export "run") (param $n i32) (result i32) (local $sum i32) (local $kept i32)
            (loop $again
                (local.set $kept (local.get $n))
                (local.set $sum (i32.add (local.get $sum) (call $direct (local.get $n))))
                (local.set $sum (i32.sub (local.get $sum) (call $indirect (local.get $n))))
                (local.set $sum (i32.add (local.get $sum) (call $by_reference (local.get $n))))
                (local.set $sum (i32.sub (local.get $sum) (call $direct (local.get $kept))))
                (local.set $sum (i32.add (local.get $sum) (call $shrinking (local.get $n)
                    (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1))))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum))
        (func (export "once") (param i32) (result i32) (return_call $direct (local.get 0)))
        (func (export "fail") (param i32) (result i32) (return_call $fail (local.get 0)))
        (func (export "fail_indirectly") (param i32) (result i32)
            (return_call_indirect (param i32) (result i32) (local.get 0) (i32.const 2)))
        (func (export "ping") (param i32) (result i32)
            (if (i32.eqz (local.get 0)) (then (return (i32.const 5))))
            (return_call $back (i32.sub (local.get 0) (i32.const 1)))))"#;
    on_a_small_stack(move || {
        for engine in engines_with(|config| {
            config.max_stack_bytes(8 << 10).max_host_depth(20);
        }) {
            let module = Module::new(&engine, text).unwrap();
            let mut linker = Linker::<()>::new(&engine);
            let wide = |a: i32, b: i32, c: i32, d: i32, e: i32, f: i32| {
                a + 10 * b + 100 * c + 1_000 * d + 10_000 * e + 100_000 * f
            };
            linker.func_wrap("host", "wide", wide).unwrap();
            linker.func_wrap("host", "none", || 1).unwrap();
            linker
                .func_wrap("host", "fail", |code: i32| -> Result<i32, Error> {
                    Err(Error::msg(format!("code {code}")))
                })
                .unwrap();
            linker
                .func_wrap("host", "back", |mut caller: Caller<'_, ()>, n: i32| {
                    let ping = caller
                        .get_export("ping")
                        .and_then(|export| export.into_func())
                        .expect("it is exported");
                    ping.typed::<i32, i32>(&caller)?.call(&mut caller, n)
                })
                .unwrap();
            let mut store = Store::new(&engine, ());
            let instance = linker.instantiate(&mut store, &module).unwrap();
            let turns = TURNS as i32 / 10;
            assert_eq!(
                call::<i32, i32>(&mut store, instance, "run", turns).unwrap(),
                turns
            );
            assert_eq!(
                call::<i32, i32>(&mut store, instance, "once", 1).unwrap(),
                654_321
            );
            for name in ["fail", "fail_indirectly"] {
                let error = call::<i32, i32>(&mut store, instance, name, 9).unwrap_err();
                assert_eq!(error.to_string(), "code 9");
            }
            assert_eq!(
                call::<i32, i32>(&mut store, instance, "ping", 5).unwrap(),
                5
            );
            assert_eq!(
                trap(call::<i32, i32>(&mut store, instance, "ping", 1_000)),
                Trap::CallStackExhausted
            );
        }
    });
}

/// A host function that is called in place from the host's own call returns to the host.
#[test]
fn hazard_48_a_host_function_in_place_of_the_outermost_guest() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let host = Func::wrap(&mut store, |a: i64, b: f64| -> (f64, i64) {
            (b + 1.0, a + 1)
        });
        let text = r#"(module
            (import "host" "f" (func $f (param i64 f64) (result f64 i64)))
            (func (export "run") (result f64 i64) (return_call $f (i64.const 1) (f64.const 2))))"#;
        let instance = Instance::new(
            &mut store,
            &Module::new(&engine, text).unwrap(),
            &[host.into()],
        )
        .unwrap();
        assert_eq!(
            call::<(), (f64, i64)>(&mut store, instance, "run", ()).unwrap(),
            (3.0, 2)
        );
    }
}
