//! Calls between host and guests: shapes of functions, re-entrance, errors and panics.

use super::{instance, message, setup};
use crate::{
    AsContextMut, Caller, Config, Engine, Error, ErrorKind, ExternRef, Func, FuncType, Instance,
    Linker, Module, Store, Trap, Val, ValType,
};
use alloc::{format, string::String, sync::Arc, vec::Vec};
use core::fmt;

/// An error of the host's.
#[derive(Debug, PartialEq)]
struct Refused(u32);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {}", self.0)
    }
}

impl core::error::Error for Refused {}

#[test]
fn closures_of_every_shape_are_host_functions() {
    let mut store = Store::new(&Engine::default(), 5i32);
    let store = &mut store;
    let ty = |func: Func, store: &Store<i32>| format!("{}", func.ty(store));
    let none = Func::wrap(&mut *store, || ());
    assert_eq!(ty(none, store), "(func)");
    let caller = Func::wrap(&mut *store, |caller: Caller<'_, i32>, n: i64| {
        *caller.data() as i64 + n
    });
    assert_eq!(ty(caller, store), "(func (param i64) (result i64))");
    assert_eq!(
        caller
            .typed::<i64, i64>(&*store)
            .unwrap()
            .call(&mut *store, 2)
            .unwrap(),
        7
    );
    let tuple = Func::wrap(&mut *store, |a: u32, b: f32, c: f64| (c, b, a));
    assert_eq!(
        ty(tuple, store),
        "(func (param i32 f32 f64) (result f64 f32 i32))"
    );
    let tuple = tuple
        .typed::<(u32, f32, f64), (f64, f32, u32)>(&*store)
        .unwrap();
    assert_eq!(
        tuple.call(&mut *store, (u32::MAX, 0.5, 1.5)).unwrap(),
        (1.5, 0.5, u32::MAX)
    );
    let fallible = Func::wrap(&mut *store, |fail: u32| match fail {
        0 => Ok((1i32, 2u64)),
        n => Err(Error::new(Refused(n))),
    });
    assert_eq!(ty(fallible, store), "(func (param i32) (result i32 i64))");
    let fallible = fallible.typed::<u32, (i32, u64)>(&*store).unwrap();
    assert_eq!(fallible.call(&mut *store, 0).unwrap(), (1, 2));
    let error = fallible.call(&mut *store, 3).unwrap_err();
    assert_eq!(
        (error.kind(), error.downcast_ref()),
        (ErrorKind::Host, Some(&Refused(3)))
    );
    let references = Func::wrap(&mut *store, |f: Option<Func>, x: Option<ExternRef>| (x, f));
    assert_eq!(
        ty(references, store),
        "(func (param funcref externref) (result externref funcref))"
    );
}

#[test]
fn sixteen_parameters_keep_their_order() {
    let text = r#"(module
        (import "host" "f" (func $f
            (param i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64)
            (result i32 i64 f32 f64)))
        (func (export "main")
            (param i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64)
            (result i32 i64 f32 f64)
            (call $f
                (local.get 0) (local.get 1) (local.get 2) (local.get 3)
                (local.get 4) (local.get 5) (local.get 6) (local.get 7)
                (local.get 8) (local.get 9) (local.get 10) (local.get 11)
                (local.get 12) (local.get 13) (local.get 14) (local.get 15))))"#;
    type Sixteen = (
        i32,
        i64,
        f32,
        f64,
        i32,
        i64,
        f32,
        f64,
        i32,
        i64,
        f32,
        f64,
        i32,
        i64,
        f32,
        f64,
    );
    let (mut store, mut linker, module) = setup((), text);
    #[rustfmt::skip]
    linker.func_wrap("host", "f", |
        a: i32, b: i64, c: f32, d: f64, e: i32, f: i64, g: f32, h: f64,
        i: i32, j: i64, k: f32, l: f64, m: i32, n: i64, o: f32, p: f64,
    | (a + 2 * e + 4 * i + 8 * m, b + 2 * f + 4 * j + 8 * n, c + 2. * g + 4. * k + 8. * o, d + 2. * h + 4. * l + 8. * p))
    .unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let main = instance
        .get_typed_func::<Sixteen, (i32, i64, f32, f64)>(&store, "main")
        .unwrap();
    let arguments = (
        1, 2, 3., 4., 5, 6, 7., 8., 9, 10, 11., 12., 13, 14, 15., 16.,
    );
    let expected = (
        1 + 10 + 36 + 104,
        2 + 12 + 40 + 112,
        3. + 14. + 44. + 120.,
        4. + 16. + 48. + 128.,
    );
    assert_eq!(main.call(&mut store, arguments).unwrap(), expected);
}

#[test]
fn values_known_at_run_time_pass_both_ways() {
    let text = r#"(module
        (import "host" "swap" (func $swap (param i32 f64) (result f64 i32)))
        (func (export "main") (param i32 f64) (result f64 i32)
            (call $swap (local.get 0) (local.get 1))))"#;
    let (mut store, mut linker, module) = setup((), text);
    let ty = FuncType::new([ValType::I32, ValType::F64], [ValType::F64, ValType::I32]);
    let swap = |_: Caller<'_, ()>, params: &[Val], results: &mut [Val]| {
        assert_eq!(*results, [Val::F64(0), Val::I32(0)]);
        results.copy_from_slice(&[params[1], params[0]]);
        Ok(())
    };
    linker.func_new("host", "swap", ty, swap).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let main = instance.get_func(&store, "main").unwrap();
    let mut results = [Val::I32(0); 2];
    // A signalling NaN keeps its bits on the way.
    let nan = Val::F64(0x7ff0_0000_0000_0001);
    main.call(&mut store, &[Val::I32(-1), nan], &mut results)
        .unwrap();
    assert_eq!(results, [nan, Val::I32(-1)]);
}

#[test]
fn a_host_error_leaves_the_guest_and_says_where_it_was() {
    let text = r#"(module
        (import "host" "fail" (func $fail))
        (func $inner (call $fail))
        (func $outer (export "main") (call $inner))
        (func (export "fine") (result i32) (i32.const 1)))"#;
    let (mut store, mut linker, module) = setup((), text);
    linker
        .func_wrap("host", "fail", || Err::<(), _>(Error::new(Refused(9))))
        .unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let main = instance.get_typed_func::<(), ()>(&store, "main").unwrap();
    for _ in 0..3 {
        let error = main.call(&mut store, ()).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Refused(9)));
        let frames = error.backtrace().unwrap().frames();
        let names: Vec<_> = frames.iter().map(|frame| frame.func_name()).collect();
        assert_eq!(names, [Some("inner"), Some("outer")]);
    }
    let fine = instance.get_typed_func::<(), i32>(&store, "fine").unwrap();
    assert_eq!(fine.call(&mut store, ()).unwrap(), 1);
}

#[test]
fn a_host_function_calls_back_into_its_caller() {
    let text = r#"(module
        (import "host" "half" (func $half (param i32) (result i32)))
        (memory (export "memory") 1)
        (global $depth (export "depth") (mut i32) (i32.const 0))
        (func (export "down") (param i32) (result i32)
            (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
            (if (result i32) (local.get 0)
                (then (i32.add (i32.const 1) (call $half (local.get 0))))
                (else (i32.load (i32.const 65536))))))"#;
    let (mut store, mut linker, module) = setup((), text);
    let half = |mut caller: Caller<'_, ()>, n: i32| -> Result<i32, Error> {
        let memory = caller
            .get_export("memory")
            .and_then(|export| export.into_memory())
            .unwrap();
        if n == 1 {
            // The guest's view of its memory must follow.
            memory.grow(&mut caller, 1)?;
            memory.write(&mut caller, 65_536, &100i32.to_le_bytes())?;
        }
        let instance = caller.instance().unwrap();
        let down = instance.get_typed_func::<i32, i32>(&caller, "down")?;
        down.call(&mut caller, n / 2)
    };
    linker.func_wrap("host", "half", half).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let down = instance.get_typed_func::<i32, i32>(&store, "down").unwrap();
    assert_eq!(down.call(&mut store, 20).unwrap(), 105);
    let depth = instance.get_global(&store, "depth").unwrap();
    assert_eq!(depth.get(&store), Val::I32(6));
}

#[test]
fn host_and_guest_nested_without_end_trap() {
    let text = r#"(module
        (import "host" "again" (func $again))
        (func (export "main") (call $again)))"#;
    for depth in [3, 150] {
        let engine = Engine::new(Config::new().max_host_depth(depth));
        let module = Module::new(&engine, text).unwrap();
        let (mut store, mut linker) = (Store::new(&engine, 0u32), Linker::new(&engine));
        let again = |mut caller: Caller<'_, u32>| {
            *caller.data_mut() += 1;
            let main = caller
                .instance()
                .unwrap()
                .get_typed_func::<(), ()>(&caller, "main")?;
            main.call(&mut caller, ())
        };
        linker.func_wrap("host", "again", again).unwrap();
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let main = instance.get_typed_func::<(), ()>(&store, "main").unwrap();
        for _ in 0..2 {
            *store.data_mut() = 0;
            let error = main.call(&mut store, ()).unwrap_err();
            assert_eq!(error.trap(), Some(Trap::CallStackExhausted));
            assert_eq!(*store.data(), depth);
        }
    }
}

#[test]
fn recursion_without_end_traps_and_the_store_stays_usable() {
    let mut store = Store::new(&Engine::default(), ());
    let instance = instance(
        &mut store,
        r#"(module (func $f (export "f") (param i32) (result i32)
            (if (result i32) (local.get 0)
                (then (i32.add (i32.const 1) (call $f (local.get 0))))
                (else (i32.const 7)))))"#,
    );
    let f = instance.get_typed_func::<i32, i32>(&store, "f").unwrap();
    for _ in 0..2 {
        let error = f.call(&mut store, 1).unwrap_err();
        assert_eq!(error.trap(), Some(Trap::CallStackExhausted));
        assert_eq!(f.call(&mut store, 0).unwrap(), 7);
    }
}

#[cfg(feature = "std")]
#[test]
fn a_host_panic_goes_on_after_the_guests_frames_are_left() {
    use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

    /// Notes that it was dropped: a frame of the host's that the panic passed.
    struct Passed(Arc<std::sync::Mutex<Vec<&'static str>>>, &'static str);

    impl Drop for Passed {
        fn drop(&mut self) {
            self.0.lock().unwrap().push(self.1);
        }
    }

    let text = r#"(module
        (import "host" "reenter" (func $reenter))
        (import "host" "panic" (func $panic))
        (func (export "outer") (call $reenter))
        (func (export "inner") (call $panic))
        (func (export "fine") (result i32) (i32.const 1)))"#;
    let (mut store, mut linker, module) = setup((), text);
    let passed = Arc::new(std::sync::Mutex::new(Vec::new()));
    let note = Arc::clone(&passed);
    let reenter = move |mut caller: Caller<'_, ()>| {
        let _passed = Passed(Arc::clone(&note), "reenter");
        let inner = caller
            .instance()
            .unwrap()
            .get_typed_func::<(), ()>(&caller, "inner")?;
        inner.call(&mut caller, ())
    };
    let note = Arc::clone(&passed);
    let panic = move || -> Result<(), Error> {
        let _passed = Passed(Arc::clone(&note), "panic");
        panic_any(Refused(4))
    };
    linker.func_wrap("host", "reenter", reenter).unwrap();
    linker.func_wrap("host", "panic", panic).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let outer = instance.get_typed_func::<(), ()>(&store, "outer").unwrap();
    let fine = instance.get_typed_func::<(), i32>(&store, "fine").unwrap();
    for _ in 0..2 {
        let payload = catch_unwind(AssertUnwindSafe(|| outer.call(&mut store, ()))).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&Refused(4)));
        assert_eq!(
            core::mem::take(&mut *passed.lock().unwrap()),
            ["panic", "reenter"]
        );
        assert_eq!(fine.call(&mut store, ()).unwrap(), 1);
    }
}

#[test]
fn a_function_of_the_host_passes_through_guests_as_a_value() {
    let text = r#"(module
        (import "host" "call" (func $call (param funcref) (result i32)))
        (func $three (result i32) (i32.const 3))
        (elem declare func $three)
        (func (export "main") (result i32) (call $call (ref.func $three)))
        (func (export "null") (result i32) (call $call (ref.null func)))
        (func (export "same") (param funcref) (result funcref) (local.get 0)))"#;
    let (mut store, mut linker, module) = setup((), text);
    let call = |mut caller: Caller<'_, ()>, func: Option<Func>| {
        let func = func.ok_or_else(|| Error::msg("null was given"))?;
        func.typed::<(), i32>(&caller)?.call(&mut caller, ())
    };
    linker.func_wrap("host", "call", call).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let main = instance.get_typed_func::<(), i32>(&store, "main").unwrap();
    assert_eq!(main.call(&mut store, ()).unwrap(), 3);
    let null = instance.get_typed_func::<(), i32>(&store, "null").unwrap();
    assert_eq!(message(null.call(&mut store, ())), "null was given");
    let same = instance
        .get_typed_func::<Option<Func>, Option<Func>>(&store, "same")
        .unwrap();
    let func = Func::wrap(&mut store, || ());
    assert_eq!(same.call(&mut store, Some(func)).unwrap(), Some(func));
    assert_eq!(same.call(&mut store, None).unwrap(), None);
}

#[test]
fn the_upper_half_of_narrow_values_does_not_leak() {
    let mut store = Store::new(&Engine::default(), ());
    let instance = instance(
        &mut store,
        r#"(module
            (func (export "wrap") (param i64) (result i32) (i32.wrap_i64 (local.get 0)))
            (func (export "same") (param i64) (result i32 i32)
                (i32.wrap_i64 (local.get 0)) (i32.wrap_i64 (local.get 0))))"#,
    );
    let wrap = instance.get_typed_func::<u64, u32>(&store, "wrap").unwrap();
    let same = instance
        .get_typed_func::<u64, (i32, u32)>(&store, "same")
        .unwrap();
    assert_eq!(wrap.call(&mut store, u64::MAX << 1).unwrap(), 0xffff_fffe);
    assert_eq!(
        same.call(&mut store, 0xdead_beef_0000_0003).unwrap(),
        (3, 3)
    );
}

#[test]
fn contexts_are_lent_in_every_form() {
    fn through<C: AsContextMut<Data = String>>(mut ctx: C) -> i32 {
        let func = Func::wrap(&mut ctx, |caller: Caller<'_, String>| {
            caller.data().len() as i32
        });
        let func = func.typed::<(), i32>(&ctx).unwrap();
        func.call(&mut ctx.as_context_mut(), ()).unwrap()
    }
    let mut store = Store::new(&Engine::default(), String::from("four"));
    assert_eq!(through(&mut store), 4);
    assert_eq!(through(&mut &mut store), 4);
    assert_eq!(through(store.as_context_mut()), 4);
    let nested = Func::wrap(&mut store, |mut caller: Caller<'_, String>| {
        (through(&mut caller), through(caller))
    });
    let nested = nested.typed::<(), (i32, i32)>(&store).unwrap();
    assert_eq!(nested.call(&mut store, ()).unwrap(), (4, 4));
}

#[test]
fn a_guest_calls_functions_of_other_instances() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let counter = r#"(module
        (memory 1)
        (func (export "next") (param i32) (result i32)
            (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (local.get 0)))
            (i32.load (i32.const 0))))"#;
    let counter = Module::new(&engine, counter).unwrap();
    let user = r#"(module
        (import "counter" "next" (func $next (param i32) (result i32)))
        (memory 1)
        (data (i32.const 0) "\64")
        (func (export "main") (result i32)
            (drop (call $next (i32.const 1)))
            (i32.add (call $next (i32.const 1)) (i32.load (i32.const 0)))))"#;
    let user = Module::new(&engine, user).unwrap();
    let counter: Instance = linker.instantiate(&mut store, &counter).unwrap();
    linker.instance(&mut store, "counter", counter).unwrap();
    let user = linker.instantiate(&mut store, &user).unwrap();
    let main = user.get_typed_func::<(), i32>(&store, "main").unwrap();
    assert_eq!(main.call(&mut store, ()).unwrap(), 102);
    assert_eq!(main.call(&mut store, ()).unwrap(), 104);
    let next = linker
        .get(&mut store, "counter", "next")
        .unwrap()
        .into_func()
        .unwrap();
    assert_eq!(
        next.typed::<i32, i32>(&store)
            .unwrap()
            .call(&mut store, 0)
            .unwrap(),
        4
    );
}

/// What a call finds of its instance is what it is now, whichever call was before: of another instance, one within a host
/// function, one that trapped, or none since the memory grew.
#[test]
fn each_call_finds_its_own_instance_as_it_is() {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "again" (func $again (param i32) (result i32)))
            (memory (export "memory") 1)
            (global $calls (mut i32) (i32.const 0))
            (func (export "read") (param i32) (result i32)
                (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
                (i32.load8_u (local.get 0)))
            (func (export "calls") (result i32) (global.get $calls))
            (func (export "nested") (param i32) (result i32)
                (i32.add (call $again (local.get 0)) (i32.load8_u (local.get 0)))))"#,
    )
    .unwrap();
    let mut store = Store::new(&engine, None::<Instance>);
    let mut linker = Linker::new(&engine);
    let again = |mut caller: Caller<'_, Option<Instance>>, at: i32| {
        let other = caller.data().expect("both instances are made");
        let read = other.get_typed_func::<i32, i32>(&mut caller, "read")?;
        Ok::<_, Error>(read.call(&mut caller, at)? + read.call(&mut caller, at)?)
    };
    linker.func_wrap("host", "again", again).unwrap();
    let instances = [1_u8, 10].map(|byte| {
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        memory.write(&mut store, 5, &[byte]).unwrap();
        (instance, memory)
    });
    let [(first, memory), (second, _)] = instances;
    *store.data_mut() = Some(second);
    let ask = |store: &mut Store<_>, instance: Instance, name, at: i32| {
        instance
            .get_typed_func::<i32, i32>(&mut *store, name)
            .unwrap()
            .call(store, at)
    };
    assert_eq!(ask(&mut store, first, "read", 5).unwrap(), 1);
    assert_eq!(ask(&mut store, second, "read", 5).unwrap(), 10);
    assert_eq!(ask(&mut store, first, "nested", 5).unwrap(), 21);
    assert_eq!(ask(&mut store, first, "read", 5).unwrap(), 1);
    let beyond = ask(&mut store, first, "read", 70_000).unwrap_err();
    assert_eq!(beyond.trap(), Some(Trap::MemoryOutOfBounds));
    let within = ask(&mut store, first, "nested", 70_000).unwrap_err();
    assert_eq!(within.trap(), Some(Trap::MemoryOutOfBounds));
    memory.grow(&mut store, 1).unwrap();
    memory.write(&mut store, 70_000, &[3]).unwrap();
    assert_eq!(ask(&mut store, first, "read", 70_000).unwrap(), 3);
    assert_eq!(ask(&mut store, second, "read", 5).unwrap(), 10);
    let calls = first
        .get_typed_func::<(), i32>(&mut store, "calls")
        .unwrap();
    let mut moved = store;
    assert_eq!(calls.call(&mut moved, ()).unwrap(), 4);
}
