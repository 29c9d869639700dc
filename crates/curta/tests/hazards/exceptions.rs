//! Hazards 53 and 54: exceptions through everything that lies between a throw and its catch, and references that are kept.

use super::{
    engines::{alone, call, engines, func, modes, on_a_small_stack},
    measure::{assert_linear_time, peak},
};
use curta::{
    AsContextMut, Caller, Error, ErrorKind, ExternRef, Func, Instance, Linker, Module, Store,
};

/// Of two instances one throws into the other, with a host function between them.
const THROWER: &str = r#"(module
    (tag $t (export "tag") (param i32 i64))
    (memory (export "memory") 1) (data (i32.const 0) "\11")
    (global $g (mut i32) (i32.const 100))
    (func (export "throw") (param i32)
        (drop (memory.grow (i32.const 1)))
        (global.set $g (i32.add (global.get $g) (i32.const 1)))
        (throw $t (local.get 0) (i64.const 7))))"#;

const CATCHER: &str = r#"(module
    (import "thrower" "tag" (tag $t (param i32 i64)))
    (import "thrower" "throw" (func $throw (param i32)))
    (import "host" "between" (func $between (param i32)))
    (tag $own (param i32 i64))
    (memory (export "memory") 1) (data (i32.const 0) "\22")
    (table $table (export "table") 1 10 funcref)
    (global $g (mut i32) (i32.const 200))
    (func $state (result i32)
        ;; The memory, table and globals are again those of this instance, at their present size.
        (i32.store8 (i32.const 65535) (i32.const 1))
        (drop (table.grow $table (ref.null func) (i32.const 1)))
        (table.set $table (i32.sub (table.size $table) (i32.const 1)) (ref.null func))
        (i32.add (i32.load8_u (i32.const 0)) (i32.add (memory.size) (global.get $g))))
    (func $catch (param $n i32) (param $how i32) (result i32) (local $a i64) (local $b f64)
        (local.set $a (i64.const 5)) (local.set $b (f64.const 6))
        (block $caught (result i32 i64)
            (block $other
                (try_table (catch $own 1) (catch $t $caught) (catch_all $other)
                    (if (local.get $how)
                        (then (call $between (local.get $n)))
                        (else (call $throw (local.get $n)))))
                (return (i32.const -1)))
            (return (i32.const -2)))
        (if (i64.ne (i64.const 7)) (then unreachable))
        (if (i64.ne (local.get $a) (i64.const 5)) (then unreachable))
        (if (f64.ne (local.get $b) (f64.const 6)) (then unreachable)))
    (func (export "direct") (param i32) (result i32)
        (i32.add (call $catch (local.get 0) (i32.const 0)) (call $state)))
    (func (export "through_host") (param i32) (result i32)
        (i32.add (call $catch (local.get 0) (i32.const 1)) (call $state)))
    (func (export "uncaught") (param i32) (result i32) (call $between (local.get 0)) (i32.const 0)))"#;

/// A thrower, a host function that calls it, and a catcher.
fn chain(engine: &curta::Engine) -> (Store<u32>, Instance, Instance) {
    let mut store = Store::new(engine, 0);
    let thrower = Instance::new(&mut store, &Module::new(engine, THROWER).unwrap(), &[]).unwrap();
    let throw = thrower.get_typed_func::<i32, ()>(&store, "throw").unwrap();
    let mut linker = Linker::<u32>::new(engine);
    linker.instance(&mut store, "thrower", thrower).unwrap();
    linker
        .func_wrap(
            "host",
            "between",
            move |mut caller: Caller<'_, u32>, n: i32| -> Result<(), Error> {
                *caller.data_mut() += 1;
                let error = throw
                    .call(caller.as_context_mut(), n)
                    .expect_err("it throws");
                assert_eq!(error.kind(), ErrorKind::Exception);
                Err(error)
            },
        )
        .unwrap();
    let catcher = linker
        .instantiate(&mut store, &Module::new(engine, CATCHER).unwrap())
        .unwrap();
    (store, thrower, catcher)
}

/// An exception reaches its catch through other instances and through host functions, with its values, and the catch
/// works with its own instance, memory, table and locals.
#[test]
fn hazard_53_exceptions_cross_instances_and_host_frames() {
    for engine in engines() {
        let (mut store, thrower, catcher) = chain(&engine);
        for name in ["direct", "through_host"] {
            let run = catcher.get_typed_func::<i32, i32>(&store, name).unwrap();
            for n in [1_000, 2_000] {
                assert_eq!(
                    run.call(&mut store, n).unwrap(),
                    n + 0x22 + 1 + 200,
                    "{name}"
                );
            }
        }
        assert_eq!(*store.data(), 2);
        let table = catcher.get_table(&store, "table").unwrap();
        assert_eq!(table.size(&store), 5, "it grew after each catch");
        assert_eq!(
            thrower.get_memory(&store, "memory").unwrap().size(&store),
            5
        );
        assert_eq!(
            catcher.get_memory(&store, "memory").unwrap().data(&store)[65_535],
            1
        );
        let error = catcher
            .get_typed_func::<i32, i32>(&store, "uncaught")
            .unwrap()
            .call(&mut store, 3)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Exception, "{error:?}");
    }
}

/// Traps and errors of host functions are none of a `catch_all`'s business.
#[test]
fn hazard_53_traps_and_host_errors_are_not_caught() {
    let text = r#"(module (import "host" "fail" (func $fail))
        (func $deep (call $deep))
        (func (export "trap") (block (try_table (catch_all 0) unreachable)))
        (func (export "deep") (block (try_table (catch_all 0) (call $deep))))
        (func (export "host") (block (try_table (catch_all 0) (call $fail)))))"#;
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let fail = Func::wrap(&mut store, || -> Result<(), Error> {
            Err(Error::msg("no"))
        });
        let instance = Instance::new(
            &mut store,
            &Module::new(&engine, text).unwrap(),
            &[fail.into()],
        )
        .unwrap();
        for (name, kind) in [
            ("trap", ErrorKind::Trap),
            ("deep", ErrorKind::Trap),
            ("host", ErrorKind::Host),
        ] {
            assert_eq!(
                call::<(), ()>(&mut store, instance, name, ())
                    .unwrap_err()
                    .kind(),
                kind,
                "{name}"
            );
        }
    }
}

/// Exceptions thrown and caught by the million, from deep below as well, leave nothing on either stack and nothing in
/// memory.
#[test]
fn hazard_53_exceptions_in_a_loop_leave_nothing() {
    let text = r#"(module (tag $t (param i32))
        (func $below (param $n i32) (param $depth i32)
            (if (local.get $depth) (then (call $below (local.get $n) (i32.sub (local.get $depth) (i32.const 1)))))
            (throw $t (local.get $n)))
        (func (export "run") (param $n i32) (param $depth i32) (result i32) (local $sum i32)
            (loop $again
                (local.set $sum (i32.add (local.get $sum)
                    (block $caught (result i32)
                        (try_table (result i32) (catch $t $caught)
                            (call $below (i32.const 1) (local.get $depth)) (i32.const 0)))))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum))
        (func (export "rethrow") (param $n i32) (param $depth i32) (result i32) (local $e exnref) (local $sum i32)
            (local.set $e (block $caught (result exnref)
                (try_table (catch_all_ref $caught) (throw $t (i32.const 3))) unreachable))
            (loop $again
                (local.set $sum (i32.add (local.get $sum)
                    (block $caught (result i32)
                        (try_table (catch $t $caught) (throw_ref (local.get $e))) unreachable)))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum)))"#;
    on_a_small_stack(move || {
        let turns = if cfg!(debug_assertions) {
            5_000
        } else {
            200_000
        };
        for engine in engines() {
            let (mut store, instance) = alone(&engine, text);
            let run = func::<(u32, u32), u32>(&store, instance, "run");
            run.call(&mut store, (100, 100)).unwrap();
            let memory = peak(|| {
                assert_eq!(run.call(&mut store, (turns, 0)).unwrap(), turns);
                assert_eq!(
                    run.call(&mut store, (turns / 100, 1_000)).unwrap(),
                    turns / 100
                );
            });
            assert!(memory < 1 << 20, "held {memory} bytes");
            let rethrow = func::<(u32, u32), u32>(&store, instance, "rethrow");
            assert_eq!(rethrow.call(&mut store, (turns, 0)).unwrap(), 3 * turns);
        }
    });
}

/// Exceptions by the million to which there is a reference for a while are reclaimed, wherever the reference was.
#[test]
fn hazard_54_exceptions_that_nobody_refers_to_are_reclaimed() {
    let text = r#"(module (tag $t (param i64))
        (table $table 100 exnref)
        (func $caught (param $n i64) (result exnref)
            (block $caught (result exnref)
                (try_table (catch_all_ref $caught) (throw $t (local.get $n))) unreachable))
        (func $value (param $e exnref) (result i64)
            (block $caught (result i64)
                (try_table (catch $t $caught) (throw_ref (local.get $e))) unreachable))
        (func (export "run") (param $n i64) (result i64) (local $first exnref) (local $last exnref)
            (local.set $first (call $caught (i64.const -5)))
            (loop $again
                (local.set $last (call $caught (local.get $n)))
                ;; Each stays in the table for a hundred turns.
                (table.set $table (i32.rem_u (i32.wrap_i64 (local.get $n)) (i32.const 100)) (local.get $last))
                (if (i64.ne (call $value (local.get $last)) (local.get $n)) (then unreachable))
                (br_if $again (i64.ne (i64.const 0) (local.tee $n (i64.sub (local.get $n) (i64.const 1))))))
            ;; What is still referred to is still what it was.
            (if (i64.ne (call $value (table.get $table (i32.const 99))) (i64.const 99)) (then unreachable))
            (call $value (local.get $first))))"#;
    on_a_small_stack(move || {
        let mut turns: u64 = if cfg!(debug_assertions) {
            100_000
        } else {
            10_000_000
        };
        for engine in engines() {
            let (mut store, instance) = alone(&engine, text);
            let run = func::<u64, i64>(&store, instance, "run");
            run.call(&mut store, 100).unwrap();
            let memory = peak(|| assert_eq!(run.call(&mut store, turns).unwrap(), -5));
            assert!(memory < 2 << 20, "{turns} turns held {memory} bytes");
            // That is seen once; the other engines are to do the same.
            turns = turns.min(500_000);
        }
    });
}

/// Exceptions that are all referred to end in a clear error, which the store survives.
#[test]
fn hazard_54_exceptions_that_are_kept_are_limited() {
    let text = r#"(module (tag $t (param exnref i64 i64 i64 i64 i64 i64 i64 i64))
        (global $last (mut exnref) (ref.null exn))
        (func (export "run")
            (loop $again
                (global.set $last (block $caught (result exnref)
                    (try_table (catch_all_ref $caught)
                        (throw $t (global.get $last) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)
                            (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8))) unreachable))
                (br $again)))
        (func (export "forget") (global.set $last (ref.null exn)))
        (func (export "once") (result i64)
            (block $caught (result exnref i64 i64 i64 i64 i64 i64 i64 i64)
                (try_table (catch $t $caught)
                    (throw $t (global.get $last) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)
                        (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8))) unreachable)
            (return)))"#;
    // Keeping so many takes a while, and is no matter of dispatch or mode.
    for engine in engines().take(1) {
        let (mut store, instance) = alone(&engine, text);
        let memory = peak(|| {
            let error = call::<(), ()>(&mut store, instance, "run", ()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Limit, "{error:?}");
            assert!(error.to_string().contains("exceptions"), "{error}");
        });
        assert!(memory < 1 << 30, "held {memory} bytes");
        call::<(), ()>(&mut store, instance, "forget", ()).unwrap();
        assert_eq!(
            call::<(), i64>(&mut store, instance, "once", ()).unwrap(),
            8
        );
    }
}

/// Throwing through the functions of a module costs nothing for their number, in whatever order they were translated.
#[test]
fn hazard_53_exceptions_do_not_look_at_every_function() {
    const MANY: usize = if cfg!(debug_assertions) {
        3_000
    } else {
        50_000
    };
    let module = |others: usize| {
        let functions = "(func (drop (i32.const 1)))".repeat(others);
        let all: String = (0..others).map(|number| format!("{number} ")).collect();
        let text = format!(
            r#"(module {functions} (table funcref (elem {all})) (tag $t)
                (func $throw (throw $t))
                (func (export "all") (local $n i32)
                    (loop $again
                        (call_indirect (local.get $n))
                        (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const {others})))))
                (func (export "run") (param $n i32)
                    (loop $again
                        (block $caught (try_table (catch $t $caught) (call $throw)))
                        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"#
        );
        wat::parse_str(text).unwrap()
    };
    let (few, many) = (module(10), module(MANY));
    for engine in modes() {
        let mut stores = [&few, &many].map(|bytes| {
            let (mut store, instance) = alone(&engine, bytes);
            call::<(), ()>(&mut store, instance, "all", ()).unwrap();
            let run = func::<u32, ()>(&store, instance, "run");
            std::cell::RefCell::new((store, run))
        });
        let stores = &mut stores;
        assert_linear_time(1, 1, |large| {
            let (store, run) = &mut *stores[usize::from(large)].borrow_mut();
            run.call(store, 2_000).unwrap();
        });
    }
}

/// A chain of exceptions, each of which holds the one before it, is let go without recursion.
#[test]
fn hazard_54_a_long_chain_of_references_is_let_go() {
    let text = r#"(module (tag $t (param exnref))
        (global $last (mut exnref) (ref.null exn))
        (func (export "run") (param $n i32)
            (loop $again
                (global.set $last (block $caught (result exnref)
                    (try_table (catch_all_ref $caught) (throw $t (global.get $last))) unreachable))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
        (func (export "length") (result i32) (local $n i32)
            (loop $again
                (if (i32.eqz (ref.is_null (global.get $last))) (then
                    (local.set $n (i32.add (local.get $n) (i32.const 1)))
                    (global.set $last (block $caught (result exnref)
                        (try_table (catch $t $caught) (throw_ref (global.get $last))) unreachable))
                    (br $again))))
            (local.get $n))
        (func (export "forget") (global.set $last (ref.null exn))))"#;
    on_a_small_stack(move || {
        let length = if cfg!(debug_assertions) {
            20_000
        } else {
            300_000
        };
        for engine in engines() {
            let (mut store, instance) = alone(&engine, text);
            call::<u32, ()>(&mut store, instance, "run", length).unwrap();
            assert_eq!(
                call::<(), u32>(&mut store, instance, "length", ()).unwrap(),
                length
            );
            call::<u32, ()>(&mut store, instance, "run", length).unwrap();
            call::<(), ()>(&mut store, instance, "forget", ()).unwrap();
            call::<u32, ()>(&mut store, instance, "run", length).unwrap();
            drop(store);
        }
    });
}

/// Host objects stay what they are wherever a guest puts them: locals, globals, tables, exceptions, across host calls.
#[test]
fn hazard_54_host_references_survive_wherever_they_are_kept() {
    let text = r#"(module
        (import "host" "make" (func $make (param i32) (result externref)))
        (import "host" "read" (func $read (param externref) (result i32)))
        (tag $t (param externref))
        (table $table 10 externref) (global $global (mut externref) (ref.null extern))
        (global $sum (mut i32) (i32.const 0))
        (func (export "run") (result i32) (local $local externref)
            (local.set $local (call $make (i32.const 1)))
            (global.set $global (call $make (i32.const 10)))
            (table.set $table (i32.const 9) (call $make (i32.const 100)))
            (call $make (i32.const 1000))
            (block $caught (result externref)
                (try_table (catch $t $caught) (throw $t (call $make (i32.const 10000)))) unreachable)
            (drop (call $make (i32.const 5)))
            (call $read)
            (i32.add (call $read (local.get $local)))
            (i32.add (call $read (global.get $global)))
            (i32.add (call $read (table.get $table (i32.const 9))))
            (global.set $sum)
            (i32.add (call $read) (global.get $sum)))
        (func (export "null") (result i32) (call $read (ref.null extern))))"#;
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let make = Func::wrap(&mut store, |mut caller: Caller<'_, ()>, n: i32| {
            Some(ExternRef::new(&mut caller, n))
        });
        let read = Func::wrap(
            &mut store,
            |caller: Caller<'_, ()>, object: Option<ExternRef>| -> i32 {
                let object =
                    object.and_then(|object| object.data(&caller)?.downcast_ref::<i32>().copied());
                object.unwrap_or(-1)
            },
        );
        let module = Module::new(&engine, text).unwrap();
        let instance = Instance::new(&mut store, &module, &[make.into(), read.into()]).unwrap();
        assert_eq!(
            call::<(), i32>(&mut store, instance, "null", ()).unwrap(),
            -1
        );
        for _ in 0..50 {
            assert_eq!(
                call::<(), i32>(&mut store, instance, "run", ()).unwrap(),
                11_111
            );
        }
    }
}
