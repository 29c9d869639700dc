//! When functions are translated, and by whom.

#[cfg(feature = "parallel")]
use crate::translate::tests::{Help, with_spawn};
use crate::{
    CompilationMode, Config, Dispatch, Engine, Func, Instance, Linker, Module, Store,
    translate::tests::set_failing,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(feature = "parallel")]
use std::sync::mpsc;

/// A bug of the translator is a panic of the host's call: it crosses no handler, and what was running can be called again.
#[test]
fn a_panic_while_translating_leaves_the_guest() {
    let text = r#"(module
        (import "host" "again" (func $again))
        (global $n (export "n") (mut i32) (i32.const 0))
        (func $inner (global.set $n (i32.add (global.get $n) (i32.const 1))))
        (func (export "run") (call $inner))
        (func (export "outer") (call $again)))"#;
    for mode in [CompilationMode::LazyTranslation, CompilationMode::Lazy] {
        for dispatch in [Dispatch::Auto, Dispatch::Loop] {
            let engine = Engine::new(Config::new().compilation_mode(mode).dispatch(dispatch));
            let module = Module::new(&engine, text).unwrap();
            let mut store = Store::new(&engine, None::<Func>);
            let mut linker = Linker::new(&engine);
            linker
                .func_wrap(
                    "host",
                    "again",
                    |mut caller: crate::Caller<'_, Option<Func>>| {
                        let run = caller.data().expect("set below");
                        run.call(&mut caller, &[], &mut [])
                    },
                )
                .unwrap();
            let instance: Instance = linker.instantiate(&mut store, &module).unwrap();
            let run = instance.get_func(&store, "run").unwrap();
            let outer = instance.get_func(&store, "outer").unwrap();
            *store.data_mut() = Some(run);
            for func in [run, outer, run] {
                set_failing(true);
                let panicked = catch_unwind(AssertUnwindSafe(|| {
                    func.call(&mut store, &[], &mut []).map_err(drop)
                }));
                set_failing(false);
                let payload = panicked.expect_err("it panics");
                assert_eq!(
                    payload.downcast_ref(),
                    Some(&"a bug of the translator"),
                    "the translator's own panic goes on"
                );
            }
            for func in [run, outer] {
                func.call(&mut store, &[], &mut []).unwrap();
            }
            let n = instance.get_global(&store, "n").unwrap().get(&store);
            assert_eq!(n.i32(), Some(2));
        }
    }
}

/// A module of many functions, of which some are said to be invalid, and one that calls all of them.
#[cfg(feature = "parallel")]
fn many_functions(invalid: &[usize]) -> std::string::String {
    let functions = (0..4_000).map(|number| {
        let result = if invalid.contains(&number) {
            "f32"
        } else {
            "i32"
        };
        std::format!(
            "(func (param i32) (result i32) (local {result})
                (if (i32.lt_s (local.get 0) (i32.const {number}))
                    (then (local.set 1 (call {} (i32.add (local.get 0) (i32.const {number}))))))
                (i32.xor (local.get 1) (i32.load (i32.and (local.get 0) (i32.const 4088)))))",
            (number * 7 + 1_000) % 4_000
        )
    });
    let functions: std::string::String = functions.collect();
    let calls = (0..4_000).map(|number| std::format!("(call {number} (i32.const 70000)) i32.add "));
    let calls: std::string::String = calls.collect();
    std::format!(
        "(module (memory 1) (export \"f\" (func 3)) {functions}
            (func (export \"all\") (param i32) (result i32) (i32.store (i32.const 368) (local.get 0)) (i32.const 0) {calls}))"
    )
}

#[cfg(feature = "parallel")]
fn with_threads(count: usize) -> Engine {
    let count = std::num::NonZeroUsize::new(count).unwrap();
    Engine::new(Config::new().compilation_threads(count))
}

/// What a module of many functions returns.
#[cfg(feature = "parallel")]
fn results(module: &Module) -> [Option<i32>; 5] {
    let mut store = Store::new(module.engine(), ());
    let instance = Instance::new(&mut store, module, &[]).unwrap();
    let calls = [("f", 2), ("f", 3), ("f", 1_000), ("f", -70_000), ("all", 7)];
    calls.map(|(name, argument)| {
        let func = instance.get_typed_func::<i32, i32>(&mut store, name);
        func.unwrap().call(&mut store, argument).ok()
    })
}

/// Calls go forward and back, across all that threads take at once.
#[cfg(feature = "parallel")]
#[test]
fn threads_make_the_same_code() {
    let text = many_functions(&[]);
    let alone = Module::new(&with_threads(1), &text).unwrap().disassemble();
    for threads in [2, 5, 64] {
        let module = Module::new(&with_threads(threads), &text).unwrap();
        assert!(module.disassemble() == alone, "of {threads} threads");
    }
}

#[cfg(feature = "parallel")]
#[test]
fn threads_run_what_they_made() {
    let text = many_functions(&[]);
    let run = |threads| results(&Module::new(&with_threads(threads), &text).unwrap());
    assert_eq!(run(4), run(1));
}

/// Calls of functions that are still to come are completed when these have come, whoever translates.
#[cfg(feature = "parallel")]
#[test]
fn threads_translate_what_arrives_in_pieces() {
    let text = many_functions(&[]);
    let bytes = wat::parse_str(&text).unwrap();
    let run = |threads, chunk| {
        let mut builder = crate::ModuleBuilder::new(&with_threads(threads));
        for chunk in bytes.chunks(chunk) {
            builder.push(chunk).unwrap();
        }
        results(&builder.finish().unwrap())
    };
    let alone = run(1, bytes.len());
    for chunk in [1_000, 20_000, 50_000] {
        assert_eq!(run(4, chunk), alone, "{chunk} bytes at a time");
    }
}

/// A thread that has helped helps again, whatever the engine is.
#[cfg(feature = "parallel")]
#[test]
fn threads_help_engines_that_dispatch_otherwise() {
    let text = many_functions(&[]);
    let threads = std::num::NonZeroUsize::new(4).unwrap();
    let compile = |dispatch| {
        let engine = Engine::new(
            Config::new()
                .compilation_threads(threads)
                .dispatch(dispatch),
        );
        Module::new(&engine, &text).unwrap()
    };
    let expected = results(&Module::new(&with_threads(1), &text).unwrap());
    for _ in 0..5 {
        for dispatch in [Dispatch::Auto, Dispatch::Loop] {
            assert_eq!(results(&compile(dispatch)), expected, "{dispatch:?}");
        }
    }
}

/// All is there without a thread that has not begun, and it finds nothing when it does.
#[cfg(feature = "parallel")]
#[test]
fn threads_that_do_not_begin_are_not_waited_for() {
    let text = many_functions(&[]);
    let bytes = wat::parse_str(&text).unwrap();
    let expected = results(&Module::new(&with_threads(1), &bytes).unwrap());
    let (sender, helps) = mpsc::channel::<Help>();
    let spawn = move |help| sender.send(help).is_ok();
    let module = with_spawn(spawn, || Module::new(&with_threads(4), &bytes).unwrap());
    assert_eq!(helps.try_iter().map(|help| help()).count(), 3);
    assert_eq!(results(&module), expected);

    // Some begin when another part of the module is translated.
    let (sender, helps) = mpsc::channel::<Help>();
    let spawn = move |help| {
        if let Ok(late) = helps.try_recv() {
            late();
        }
        sender.send(help).is_ok()
    };
    let module = with_spawn(spawn, || {
        let mut builder = crate::ModuleBuilder::new(&with_threads(4));
        for chunk in bytes.chunks(50_000) {
            builder.push(chunk).unwrap();
        }
        builder.finish().unwrap()
    });
    assert_eq!(results(&module), expected);
}

/// Nothing is left for the thread that asks when another is as quick, and all is when there can be no other.
#[cfg(feature = "parallel")]
#[test]
fn any_thread_may_translate_all() {
    let text = many_functions(&[]);
    let invalid = many_functions(&[1_700, 1_701, 3_000]);
    let expected = results(&Module::new(&with_threads(1), &text).unwrap());
    let error = Module::new(&with_threads(1), &invalid).unwrap_err();
    for is_quick in [true, false] {
        let spawn = move |help: Help| {
            if is_quick {
                help();
            }
            is_quick
        };
        let compile = |text| with_spawn(spawn, || Module::new(&with_threads(4), text));
        assert_eq!(results(&compile(&text).unwrap()), expected);
        let refused = compile(&invalid).unwrap_err();
        assert_eq!(refused.to_string(), error.to_string());
    }
}

/// A panic of a thread that helps is one of the thread that asks, which sees what it was.
#[cfg(feature = "parallel")]
#[test]
fn a_panic_of_a_thread_that_helps_goes_on_in_the_one_that_asks() {
    let text = many_functions(&[]);
    let spawn = |help: Help| {
        let failing = || {
            set_failing(true);
            help();
        };
        std::thread::spawn(failing).join().is_ok()
    };
    let compile = || Module::new(&with_threads(4), &text).map(drop);
    let payload = with_spawn(spawn, || catch_unwind(compile)).expect_err("it panics");
    assert_eq!(payload.downcast_ref(), Some(&"a bug of the translator"));
}

/// The first in the order of functions, whoever finds one first.
#[cfg(feature = "parallel")]
#[test]
fn threads_report_the_same_error() {
    for invalid in [&[3_999][..], &[1_700, 1_701, 3_000], &[0, 3_999]] {
        let text = many_functions(invalid);
        let error = |threads| Module::new(&with_threads(threads), &text).unwrap_err();
        let alone = error(1).to_string();
        for _ in 0..10 {
            assert_eq!(error(4).to_string(), alone);
        }
    }
}

/// A module of small functions with a large one here and there, which all catch what they throw; some are invalid.
#[cfg(feature = "parallel")]
fn large_among_small(invalid: &[usize]) -> std::string::String {
    let functions = (0..300).map(|number| {
        let size = if number % 50 == 20 { 500 + number } else { 3 };
        let adding = "(local.set 0 (i32.add (local.get 0) (i32.const 3)))".repeat(size);
        let result = if invalid.contains(&number) {
            "(f32.const 0)"
        } else {
            "(local.get 0)"
        };
        std::format!(
            "(func (export \"{number}\") (param i32) (result i32) {adding}
                (block $caught (result i32)
                    (try_table (catch $t $caught) (throw $t (i32.const {number}))) unreachable)
                (local.set 0 (i32.add (local.get 0))) {result})"
        )
    });
    let functions: std::string::String = functions.collect();
    std::format!("(module (tag $t (param i32)) {functions})")
}

/// Large functions are not taken in order, and lie in memory as they were taken.
#[cfg(feature = "parallel")]
#[test]
fn threads_take_large_functions_first() {
    let text = large_among_small(&[]);
    let alone = Module::new(&with_threads(1), &text).unwrap();
    for threads in [2, 5] {
        let engine = with_threads(threads);
        let module = Module::new(&engine, &text).unwrap();
        assert!(module.disassemble() == alone.disassemble());
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        for number in 0..300 {
            let f = instance.get_typed_func::<i32, i32>(&mut store, &std::format!("{number}"));
            let size = if number % 50 == 20 { 500 + number } else { 3 };
            assert_eq!(
                f.unwrap().call(&mut store, 1).unwrap(),
                1 + 3 * size + number
            );
        }
    }
    for invalid in [
        &[220][..],
        &[270, 220, 20],
        &[219, 220],
        &[0, 270],
        &[271, 270],
        &[150, 299],
    ] {
        let text = large_among_small(invalid);
        let error = |threads| Module::new(&with_threads(threads), &text).unwrap_err();
        let alone = error(1).to_string();
        for threads in [2, 3, 4] {
            for _ in 0..5 {
                assert_eq!(error(threads).to_string(), alone, "{invalid:?}");
            }
        }
    }
}

/// The code of a module takes several blocks of memory; frames are found in each of them.
#[test]
fn a_trap_says_where_it_was_in_whatever_block_of_code() {
    let adding: std::string::String = (1..2_000)
        .map(|number| {
            std::format!("(local.set 0 (i32.mul (local.get 0) (i32.const {number})))(i32.store (i32.const 0) (local.get 0))")
        })
        .collect();
    let functions: std::string::String = (0..50)
        .map(|number| {
            let callee = (number * 7 + 20) % 50;
            std::format!(
                "(func (export \"{number}\") (param i32 i32) {adding}
                    (if (i32.eqz (local.get 1)) (then unreachable))
                    (call {callee} (local.get 0) (i32.const 0)))"
            )
        })
        .collect();
    let bytes = wat::parse_str(std::format!("(module (memory 1) {functions})")).unwrap();
    for mode in [CompilationMode::Eager, CompilationMode::LazyTranslation] {
        let engine = Engine::new(Config::new().compilation_mode(mode));
        let module = Module::new(&engine, &bytes).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        for number in [0, 1, 17, 30, 49] {
            let f =
                instance.get_typed_func::<(i32, i32), ()>(&mut store, &std::format!("{number}"));
            let error = f.unwrap().call(&mut store, (1, 1)).unwrap_err();
            let frames = error.backtrace().unwrap().frames().iter();
            let found: std::vec::Vec<u32> = frames.map(crate::Frame::func_index).collect();
            assert_eq!(found, [(number * 7 + 20) % 50, number]);
        }
    }
}
