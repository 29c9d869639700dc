//! Hazards 44–46, 49 and 57: calls without end, frames of any size, and what is left afterwards.

use super::{
    engines::{alone, call, engine, engines, engines_with, func, on_a_small_stack, trap},
    measure::{assert_linear_time, peak},
};
use curta::{Caller, CompilationMode, Dispatch, Error, Func, Instance, Module, Store, Trap};

/// Calls that never return, by every way to call.
const ENDLESS: &str = r#"(module
    (type $f (func))
    (type $wide (func (param i64 i64 i64 i64 i64 i64 i64 i64) (result i64)))
    (table funcref (elem $indirect $wide $left))
    (elem declare func $by_reference)
    (global $depth (export "depth") (mut i64) (i64.const 0))
    (func $count (global.set $depth (i64.add (global.get $depth) (i64.const 1))))
    (func (export "reset") (global.set $depth (i64.const 0)))
    (func $direct (export "direct") (call $count) (call $direct))
    (func $indirect (export "indirect") (call $count) (call_indirect (type $f) (i32.const 0)))
    (func $by_reference (export "by_reference") (call $count) (call_ref $f (ref.func $by_reference)))
    (func $left (export "mutual") (call $count) (call $right))
    (func $right (call $count) (call_indirect (type $f) (i32.const 2)))
    (func $wide (type $wide) (call $count)
        (call $wide (local.get 7) (local.get 6) (local.get 5) (local.get 4)
            (local.get 3) (local.get 2) (local.get 1) (local.get 0)))
    (func (export "wide")
        (drop (call $wide (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)
            (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8))))
    (func $large (export "large") (local BIG) (call $count) (call $large))
    (func (export "fine") (result i32) (i32.const 42)))"#;

/// The module with a frame of so many locals.
fn endless(locals: usize) -> Vec<u8> {
    let text = ENDLESS.replace("BIG", &vec!["i64"; locals].join(" "));
    wat::parse_str(text).expect("it is text of a module")
}

/// Calls without end trap, by every way to call and with frames of any size, and cost no more memory than the stack may
/// have.
#[test]
fn hazard_44_endless_recursion_exhausts_the_stack() {
    let bytes = endless(40_000);
    on_a_small_stack(move || {
        for engine in engines_with(|config| {
            config.max_stack_bytes(1 << 20);
        }) {
            let (mut store, instance) = alone(&engine, &bytes);
            for name in [
                "direct",
                "indirect",
                "by_reference",
                "mutual",
                "wide",
                "large",
            ] {
                let memory = peak(|| {
                    for _ in 0..3 {
                        let result = call::<(), ()>(&mut store, instance, name, ());
                        assert_eq!(trap(result), Trap::CallStackExhausted, "{name}");
                    }
                });
                assert!(memory < 4 << 20, "{name} held {memory} bytes");
                assert_eq!(
                    call::<(), i32>(&mut store, instance, "fine", ()).unwrap(),
                    42
                );
            }
        }
    });
}

/// The limit is one of bytes: large frames reach it after fewer calls, and twice the bytes allow twice the calls.
#[test]
fn hazard_44_the_stack_is_limited_in_bytes() {
    let bytes = endless(1_000);
    let depth = |name: &str, stack: usize| {
        let engine = engine(CompilationMode::Eager, Dispatch::Auto, |config| {
            config.max_stack_bytes(stack);
        });
        let (mut store, instance) = alone(&engine, &bytes);
        trap(call::<(), ()>(&mut store, instance, name, ()));
        let depth = instance
            .get_global(&store, "depth")
            .expect("it is exported")
            .get(&store);
        depth.unwrap_i64()
    };
    for name in ["direct", "wide", "large"] {
        let (once, twice) = (depth(name, 1 << 20), depth(name, 1 << 21));
        assert!(
            (once * 19 / 10..=once * 21 / 10 + 2).contains(&twice),
            "{name}: {once} calls, then {twice}"
        );
    }
    assert!(depth("large", 1 << 20) <= (1 << 20) / 8_000);
    assert!(depth("direct", 1 << 20) > 8 * depth("large", 1 << 20));
}

/// Frames whose size is beyond any stack trap at their call, not before and without harm.
#[test]
fn hazard_44_a_frame_larger_than_the_stack_traps() {
    let bytes = endless(49_000);
    for stack in [0, 1, 8, 64, 4_096, 100_000] {
        for engine in engines_with(|config| {
            config.max_stack_bytes(100_000);
        }) {
            let mut config = engine.config().clone();
            config.max_stack_bytes(stack);
            let engine = curta::Engine::new(&config);
            let (mut store, instance) = alone(&engine, &bytes);
            let result = call::<(), ()>(&mut store, instance, "large", ());
            assert_eq!(trap(result), Trap::CallStackExhausted, "{stack} bytes");
            if stack >= 4_096 {
                assert_eq!(
                    call::<(), i32>(&mut store, instance, "fine", ()).unwrap(),
                    42
                );
            }
        }
    }
}

/// Values of all callers survive while the stack grows below them.
#[test]
fn hazard_45_values_survive_the_growth_of_the_stack() {
    let text = r#"(module
        (func $sum (export "sum") (param $n i64) (result i64) (local $kept i64) (local $other f64)
            (if (result i64) (i64.eqz (local.get $n))
                (then (i64.const 0))
                (else
                    (local.set $kept (i64.mul (local.get $n) (i64.const 3)))
                    (local.set $other (f64.convert_i64_s (local.get $n)))
                    (i64.add (i64.const 1000000007)
                        (call $sum (i64.sub (local.get $n) (i64.const 1))))
                    (i64.add (local.get $kept))
                    (i64.add (i64.trunc_f64_s (local.get $other))))))
        (func $fib (export "fib") (param i32) (result i32)
            (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
                (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                    (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"#;
    for engine in engines() {
        let (mut store, instance) = alone(&engine, text);
        for n in [0i64, 1, 10, 1_000, 50_000] {
            let expected = n * 1_000_000_007 + 4 * n * (n + 1) / 2;
            assert_eq!(
                call::<i64, i64>(&mut store, instance, "sum", n).unwrap(),
                expected,
                "{n}"
            );
        }
        assert_eq!(
            call::<i32, i32>(&mut store, instance, "fib", 20).unwrap(),
            6_765
        );
    }
}

/// A million of whatever a guest can do in a loop leaves nothing on a small native stack.
#[test]
fn hazard_46_loops_leave_nothing_on_the_native_stack() {
    on_a_small_stack(|| {
        let text = r#"(module
            (memory 1)
            (table $table funcref (elem $id))
            (global $g (mut i32) (i32.const 0))
            (func $id (param i32) (result i32) (local.get 0))
            (func (export "run") (param $n i32) (result i32) (local $sum i32)
                (loop $again
                    (i32.store (i32.const 8) (call $id (local.get $n)))
                    (global.set $g (call_indirect (param i32) (result i32) (i32.load (i32.const 8)) (i32.const 0)))
                    (block $a (block $b (br_table $a $b (i32.and (local.get $n) (i32.const 1))))
                        (local.set $sum (i32.add (local.get $sum) (i32.const 1))))
                    (memory.fill (i32.const 16) (i32.const 1) (i32.const 3))
                    (drop (memory.grow (i32.const -1)))
                    (drop (table.grow $table (ref.null func) (i32.const -1)))
                    (br_if $again (local.tee $n (i32.sub (global.get $g) (i32.const 1)))))
                (local.get $sum)))"#;
        for engine in engines() {
            let (mut store, instance) = alone(&engine, text);
            let turns = if cfg!(debug_assertions) {
                20_000
            } else {
                1_000_000
            };
            assert_eq!(
                call::<u32, u32>(&mut store, instance, "run", turns).unwrap(),
                turns / 2
            );
        }
    });
}

/// Host and guest that call each other without end trap at the limit of their nesting, and the limits of the guest's
/// stack are not those of each level anew.
#[test]
fn hazard_49_host_and_guest_nest_to_a_limit() {
    let text = r#"(module
        (import "host" "again" (func $again))
        (global $depth (export "depth") (mut i32) (i32.const 0))
        (func (export "run") (global.set $depth (i32.add (global.get $depth) (i32.const 1))) (call $again))
        (func (export "fine") (result i32) (i32.const 42)))"#;
    for nesting in [1, 2, 10, 100] {
        for engine in engines_with(|config| {
            config.max_host_depth(100);
        }) {
            let mut config = engine.config().clone();
            let engine = curta::Engine::new(config.max_host_depth(nesting));
            let mut store = Store::new(&engine, ());
            let again = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| {
                let run = caller
                    .get_export("run")
                    .and_then(|export| export.into_func())
                    .expect("it is exported");
                run.call(&mut caller, &[], &mut [])
            });
            let instance = Instance::new(
                &mut store,
                &Module::new(&engine, text).unwrap(),
                &[again.into()],
            )
            .unwrap();
            let memory = peak(|| {
                let result = call::<(), ()>(&mut store, instance, "run", ());
                assert_eq!(trap(result), Trap::CallStackExhausted);
            });
            assert!(memory < 8 << 20, "{nesting} levels held {memory} bytes");
            let depth = instance
                .get_global(&store, "depth")
                .unwrap()
                .get(&store)
                .unwrap_i32();
            assert!(
                (1..=nesting as i32 + 1).contains(&depth),
                "{depth} of {nesting} levels"
            );
            assert!(
                nesting < 10 || depth >= nesting as i32 / 2,
                "{depth} of {nesting} levels"
            );
            assert_eq!(
                call::<(), i32>(&mut store, instance, "fine", ()).unwrap(),
                42
            );
        }
    }
}

/// Each level between host and guest uses up the stack of one entry at most: recursion on every level ends as well.
#[test]
fn hazard_49_recursion_on_every_level_is_bounded() {
    let text = r#"(module
        (import "host" "again" (func $again))
        (global $calls (export "calls") (mut i64) (i64.const 0))
        (func $down (export "run") (param $n i32)
            (global.set $calls (i64.add (global.get $calls) (i64.const 1)))
            (if (local.get $n)
                (then (call $down (i32.sub (local.get $n) (i32.const 1))))
                (else (call $again)))))"#;
    for engine in engines_with(|config| {
        config.max_stack_bytes(64 << 10).max_host_depth(50);
    }) {
        let mut store = Store::new(&engine, ());
        let again = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| {
            let run = caller
                .get_export("run")
                .and_then(|export| export.into_func())
                .expect("it is exported");
            run.typed::<i32, ()>(&caller)?.call(&mut caller, 200)
        });
        let instance = Instance::new(
            &mut store,
            &Module::new(&engine, text).unwrap(),
            &[again.into()],
        )
        .unwrap();
        let result = call::<i32, ()>(&mut store, instance, "run", 200);
        assert_eq!(trap(result), Trap::CallStackExhausted);
        let calls = instance
            .get_global(&store, "calls")
            .unwrap()
            .get(&store)
            .unwrap_i64();
        assert!(calls <= 51 * 201, "{calls} calls");
    }
}

/// After every kind of trap, and as often as there is one, the store is as useful as before.
#[test]
fn hazard_57_a_store_is_useful_after_every_trap() {
    let text = r#"(module
        (memory 1 1) (table 1 1 funcref)
        (global $state (export "state") (mut i32) (i32.const 0))
        (func $step (global.set $state (i32.add (global.get $state) (i32.const 1))))
        (func $deep (export "deep") (call $step) (call $deep))
        (func (export "unreachable") (call $step) unreachable)
        (func (export "divide") (call $step) (drop (i32.div_s (i32.const 1) (i32.const 0))))
        (func (export "load") (call $step) (drop (i32.load (i32.const -1))))
        (func (export "null") (call $step) (call_indirect (i32.const 0)))
        (func (export "fine") (param i32) (result i32) (call $step) (i32.add (local.get 0) (i32.const 1))))"#;
    let traps = [
        ("unreachable", Trap::Unreachable),
        ("divide", Trap::IntegerDivideByZero),
        ("load", Trap::MemoryOutOfBounds),
        ("null", Trap::UninitializedElement),
        ("deep", Trap::CallStackExhausted),
    ];
    for engine in engines_with(|config| {
        config.max_stack_bytes(32 << 10);
    }) {
        let (mut store, instance) = alone(&engine, text);
        for turn in 0..20 {
            for (name, expected) in traps {
                assert_eq!(
                    trap(call::<(), ()>(&mut store, instance, name, ())),
                    expected
                );
                assert_eq!(
                    call::<i32, i32>(&mut store, instance, "fine", turn).unwrap(),
                    turn + 1
                );
            }
        }
        let state = instance
            .get_global(&store, "state")
            .unwrap()
            .get(&store)
            .unwrap_i32();
        assert!(
            state > 20 * 9,
            "what was done before a trap stays done: {state}"
        );
    }
}

/// Traps and exhausted stacks by the thousand hold nothing, and cost each what the first did.
#[test]
fn hazard_57_traps_leave_nothing_behind() -> Result<(), Error> {
    let bytes = endless(4);
    for engine in engines_with(|config| {
        config.max_stack_bytes(32 << 10);
    }) {
        let (mut store, instance) = alone(&engine, &bytes);
        let direct = func::<(), ()>(&store, instance, "direct");
        direct.call(&mut store, ()).unwrap_err();
        let memory = peak(|| {
            for _ in 0..2_000 {
                direct.call(&mut store, ()).unwrap_err();
            }
        });
        assert!(memory < 256 << 10, "held {memory} bytes");
        let store = std::cell::RefCell::new(store);
        assert_linear_time(20, 200, |large| {
            for _ in 0..if large { 200 } else { 20 } {
                direct.call(&mut *store.borrow_mut(), ()).unwrap_err();
            }
        });
    }
    Ok(())
}
