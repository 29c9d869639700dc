//! Hazards 55 and 56: host functions that panic, and calls that are over.

use super::engines::{alone, call, engines, trap};
use curta::{AsContextMut, Caller, Error, ErrorKind, Func, Instance, Module, Store, Trap, Val};
use std::panic::{AssertUnwindSafe, catch_unwind};

const CALLER: &str = r#"(module
    (import "host" "f" (func $f (param i32) (result i32)))
    (memory (export "memory") 1)
    (table funcref (elem $f))
    (global $depth (mut i32) (i32.const 0))
    (func (export "direct") (param i32) (result i32)
        (i32.store (i32.const 0) (i32.const 1)) (call $f (local.get 0)) (i32.store (i32.const 4) (i32.const 1)))
    (func (export "indirect") (param i32) (result i32)
        (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0)))
    (func (export "in_place") (param i32) (result i32) (return_call $f (local.get 0)))
    (func (export "caught") (param i32) (result i32)
        (block (try_table (catch_all 0) (return (call $f (local.get 0))))) (i32.const -9))
    (func $deep (export "deep") (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (return (call $f (i32.const 0)))))
        (call $deep (i32.sub (local.get 0) (i32.const 1))))
    (func (export "fine") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))"#;

/// The message of a panic.
fn panic_of<R: std::fmt::Debug>(run: impl FnOnce() -> R) -> String {
    let panic = catch_unwind(AssertUnwindSafe(run)).expect_err("it panics");
    *panic
        .downcast::<String>()
        .expect("it is the panic that the host raised")
}

/// A panic of a host function goes on in the host that called the guest, which no guest sees; the store is useful
/// afterwards.
#[test]
fn hazard_55_panics_of_host_functions_reach_the_host() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let panics = Func::wrap(&mut store, |n: i32| -> i32 {
            panic!("{}", format!("host {n}"))
        });
        let instance = Instance::new(
            &mut store,
            &Module::new(&engine, CALLER).unwrap(),
            &[panics.into()],
        )
        .unwrap();
        for _ in 0..20 {
            for name in ["direct", "indirect", "in_place", "caught"] {
                let panic = panic_of(|| call::<i32, i32>(&mut store, instance, name, 7));
                assert_eq!(panic, "host 7", "{name}");
                assert_eq!(
                    call::<i32, i32>(&mut store, instance, "fine", 1).unwrap(),
                    2
                );
            }
            assert_eq!(
                panic_of(|| call::<i32, i32>(&mut store, instance, "deep", 5_000)),
                "host 0"
            );
            assert_eq!(
                call::<i32, i32>(&mut store, instance, "fine", 1).unwrap(),
                2
            );
        }
        let memory = instance.get_memory(&store, "memory").unwrap();
        assert_eq!(
            memory.data(&store)[..8],
            [1, 0, 0, 0, 0, 0, 0, 0],
            "what was done is done, the rest is not"
        );
    }
}

/// A panic below several levels of guests and hosts goes through all of them, and a level may stop it.
#[test]
fn hazard_55_panics_go_through_levels_of_guests() {
    for engine in engines() {
        for stopped in [false, true] {
            let mut store = Store::new(&engine, ());
            let nested = Func::wrap(
                &mut store,
                move |mut caller: Caller<'_, ()>, n: i32| -> Result<i32, Error> {
                    if n == 0 {
                        panic!("{}", "innermost".to_string());
                    }
                    let direct = caller
                        .get_export("direct")
                        .and_then(|export| export.into_func())
                        .expect("it is exported");
                    let direct = direct.typed::<i32, i32>(&caller)?;
                    if stopped && n == 3 {
                        let run = AssertUnwindSafe(|| direct.call(caller.as_context_mut(), n - 1));
                        return catch_unwind(run).unwrap_or(Ok(-3));
                    }
                    direct.call(&mut caller, n - 1)
                },
            );
            let instance = Instance::new(
                &mut store,
                &Module::new(&engine, CALLER).unwrap(),
                &[nested.into()],
            )
            .unwrap();
            for _ in 0..5 {
                if stopped {
                    assert_eq!(
                        call::<i32, i32>(&mut store, instance, "direct", 8).unwrap(),
                        -3
                    );
                } else {
                    assert_eq!(
                        panic_of(|| call::<i32, i32>(&mut store, instance, "direct", 8)),
                        "innermost"
                    );
                }
                assert_eq!(
                    call::<i32, i32>(&mut store, instance, "fine", 1).unwrap(),
                    2
                );
            }
            // None of the levels is still counted: as many as ever can be nested.
            let instance = {
                let again = Func::wrap(
                    &mut store,
                    |mut caller: Caller<'_, ()>, n: i32| -> Result<i32, Error> {
                        let direct = caller
                            .get_export("direct")
                            .and_then(|export| export.into_func())
                            .expect("it is exported");
                        if n == 0 {
                            return Ok(0);
                        }
                        direct.typed::<i32, i32>(&caller)?.call(&mut caller, n - 1)
                    },
                );
                Instance::new(
                    &mut store,
                    &Module::new(&engine, CALLER).unwrap(),
                    &[again.into()],
                )
                .unwrap()
            };
            assert_eq!(
                call::<i32, i32>(&mut store, instance, "direct", 90).unwrap(),
                0
            );
            assert_eq!(
                trap(call::<i32, i32>(&mut store, instance, "direct", 200)),
                Trap::CallStackExhausted
            );
        }
    }
}

/// A panic in the start function leaves the store useful.
#[test]
fn hazard_55_a_panic_in_the_start_function() {
    let text = r#"(module (import "host" "f" (func $f)) (start $f))"#;
    for engine in engines() {
        let (mut store, other) = alone(
            &engine,
            "(module (func (export \"fine\") (result i32) (i32.const 4)))",
        );
        let panics = Func::wrap(&mut store, || -> () { panic!("{}", "start".to_string()) });
        let module = Module::new(&engine, text).unwrap();
        for _ in 0..5 {
            assert_eq!(
                panic_of(|| Instance::new(&mut store, &module, &[panics.into()])),
                "start"
            );
            assert_eq!(call::<(), i32>(&mut store, other, "fine", ()).unwrap(), 4);
        }
    }
}

/// A call that ended, by whatever, cannot be gone on with: each call begins anew, with its own arguments.
///
/// There is no handle of a call that was suspended, so there is none to be used twice or in another store.
#[test]
fn hazard_56_a_call_that_ended_is_over() {
    let text = r#"(module
        (import "host" "f" (func $f (param i32) (result i32)))
        (global $entered (export "entered") (mut i32) (i32.const 0))
        (global $left (export "left") (mut i32) (i32.const 0))
        (func (export "run") (param i32) (result i32) (local $zero i32)
            (if (local.get $zero) (then unreachable))
            (local.set $zero (i32.const 1))
            (global.set $entered (i32.add (global.get $entered) (i32.const 1)))
            (call $f (local.get 0))
            (global.set $left (i32.add (global.get $left) (i32.const 1)))))"#;
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let f = Func::wrap(&mut store, |n: i32| match n {
            0 => Err(Error::msg("stopped")),
            1 => Err(Trap::Unreachable.into()),
            2 => panic!("{}", "panicked".to_string()),
            n => Ok(n * 2),
        });
        let instance = Instance::new(
            &mut store,
            &Module::new(&engine, text).unwrap(),
            &[f.into()],
        )
        .unwrap();
        let run = instance.get_func(&store, "run").unwrap();
        for turn in 1..=10 {
            let mut results = [Val::I32(0)];
            let error = run
                .call(&mut store, &[Val::I32(0)], &mut results)
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Host);
            let error = run
                .call(&mut store, &[Val::I32(1)], &mut results)
                .unwrap_err();
            assert_eq!(error.trap(), Some(Trap::Unreachable));
            panic_of(|| run.call(&mut store, &[Val::I32(2)], &mut [Val::I32(0)]));
            run.call(&mut store, &[Val::I32(21)], &mut results).unwrap();
            assert_eq!(results[0].unwrap_i32(), 42);
            let count = |name: &str| {
                instance
                    .get_global(&store, name)
                    .unwrap()
                    .get(&store)
                    .unwrap_i32()
            };
            assert_eq!((count("entered"), count("left")), (4 * turn, turn));
        }
    }
}
