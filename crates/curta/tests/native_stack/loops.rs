//! What a guest can do in a loop to leave its handlers, through the public API alone. Each function does it `turns` times.

use curta::{
    AsContextMut, Caller, CompilationMode, Config, Dispatch, Engine, Error, Func, Instance, Linker,
    Module, Store, Trap,
};

fn engine(dispatch: Dispatch) -> Engine {
    let mut config = Config::new();
    config.dispatch(dispatch);
    Engine::new(&config)
}

/// A module alone in a store.
fn alone(dispatch: Dispatch, module: &str) -> Result<(Store<()>, Instance), Error> {
    let engine = engine(dispatch);
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &Module::new(&engine, module)?, &[])?;
    Ok((store, instance))
}

/// A module whose only import is a function.
fn beside(
    dispatch: Dispatch,
    module: &str,
    host: impl FnOnce(&mut Store<()>) -> Func,
) -> Result<(Store<()>, Instance), Error> {
    let engine = engine(dispatch);
    let mut store = Store::new(&engine, ());
    let host = host(&mut store);
    let instance = Instance::new(&mut store, &Module::new(&engine, module)?, &[host.into()])?;
    Ok((store, instance))
}

/// A guest that calls function 0 `n` times and adds up what it returns.
const CALLER: &str = r#"(module
    (import "host" "one" (func $one (result i32)))
    (table funcref (elem $one))
    (func (export "run") (param $n i32) (result i32)
        (local $sum i32)
        (loop $again
            (local.set $sum (i32.add (local.get $sum) (call $one)))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
    (func (export "run_indirect") (param $n i32) (result i32)
        (local $sum i32)
        (loop $again
            (local.set $sum (i32.add (local.get $sum) (call_indirect (result i32) (i32.const 0))))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))"#;

fn run(name: &str, turns: u32, (mut store, instance): (Store<()>, Instance)) -> Result<(), Error> {
    let run = instance.get_typed_func::<u32, u32>(&mut store, name)?;
    assert_eq!(run.call(&mut store, turns)?, turns);
    Ok(())
}

pub(crate) fn a_trap_every_turn(dispatch: Dispatch, turns: u32) -> Result<(), Error> {
    const MODULE: &str = r#"(module
        (memory 1 1)
        (func (export "divide") (result i32) (i32.div_u (i32.const 1) (i32.const 0)))
        (func (export "load") (result i32) (i32.load (i32.const -1)))
        (func (export "fill") (result i32) (memory.fill (i32.const -1) (i32.const 0) (i32.const 9)) (i32.const 0))
        (func (export "unreachable") (result i32) unreachable))"#;
    let (mut store, instance) = alone(dispatch, MODULE)?;
    let traps = [
        ("divide", Trap::IntegerDivideByZero),
        ("load", Trap::MemoryOutOfBounds),
        ("fill", Trap::MemoryOutOfBounds),
        ("unreachable", Trap::Unreachable),
    ];
    for (name, trap) in traps {
        let run = instance.get_typed_func::<(), u32>(&mut store, name)?;
        for _ in 0..turns / 4 {
            let error = run.call(&mut store, ()).expect_err("it traps");
            assert_eq!(error.trap(), Some(trap));
        }
    }
    Ok(())
}

pub(crate) fn a_failed_growth_every_turn(dispatch: Dispatch, turns: u32) -> Result<(), Error> {
    const MODULE: &str = r#"(module
        (memory 1 1)
        (func (export "run") (param $n i32) (result i32)
            (local $failed i32)
            (loop $again
                (local.set $failed (i32.add (local.get $failed) (i32.eq (memory.grow (i32.const 1)) (i32.const -1))))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $failed)))"#;
    run("run", turns, alone(dispatch, MODULE)?)
}

pub(crate) fn a_host_call_every_turn(dispatch: Dispatch, turns: u32) -> Result<(), Error> {
    run(
        "run",
        turns,
        beside(dispatch, CALLER, |store| Func::wrap(store, || 1))?,
    )
}

pub(crate) fn an_indirect_host_call_every_turn(
    dispatch: Dispatch,
    turns: u32,
) -> Result<(), Error> {
    run(
        "run_indirect",
        turns,
        beside(dispatch, CALLER, |store| Func::wrap(store, || 1))?,
    )
}

pub(crate) fn a_call_of_another_instance_every_turn(
    dispatch: Dispatch,
    turns: u32,
) -> Result<(), Error> {
    const OTHER: &str = r#"(module (func (export "one") (result i32) (i32.const 1)))"#;
    for name in ["run", "run_indirect"] {
        let engine = engine(dispatch);
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let other = linker.instantiate(&mut store, &Module::new(&engine, OTHER)?)?;
        linker.instance(&mut store, "host", other)?;
        let instance = linker.instantiate(&mut store, &Module::new(&engine, CALLER)?)?;
        run(name, turns, (store, instance))?;
    }
    Ok(())
}

pub(crate) fn a_host_error_every_turn(dispatch: Dispatch, turns: u32) -> Result<(), Error> {
    let (mut store, instance) = beside(dispatch, CALLER, |store| {
        Func::wrap(store, || -> Result<i32, Error> { Err(Error::msg("no")) })
    })?;
    let run = instance.get_typed_func::<u32, u32>(&mut store, "run")?;
    for _ in 0..turns {
        let error = run.call(&mut store, 1).expect_err("the host refuses");
        assert_eq!(error.trap(), None);
    }
    Ok(())
}

/// The host calls back into the guest that called it.
pub(crate) fn a_guest_under_a_host_function_every_turn(
    dispatch: Dispatch,
    turns: u32,
) -> Result<(), Error> {
    const MODULE: &str = r#"(module
        (import "host" "call_back" (func $call_back (result i32)))
        (func (export "one") (result i32) (i32.const 1))
        (func (export "run") (param $n i32) (result i32)
            (local $sum i32)
            (loop $again
                (local.set $sum (i32.add (local.get $sum) (call $call_back)))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum)))"#;
    let caller = beside(dispatch, MODULE, |store| {
        Func::wrap(store, |mut caller: Caller<'_, ()>| -> Result<u32, Error> {
            let export = caller.get_export("one").and_then(curta::Extern::into_func);
            let one = export.ok_or_else(|| Error::msg("the guest exports it"))?;
            one.typed::<(), u32>(&caller)?
                .call(caller.as_context_mut(), ())
        })
    })?;
    run("run", turns, caller)
}

/// Recursion to the end of the guest's stack, which is no end of the native one.
pub(crate) fn an_exhausted_stack_every_turn(dispatch: Dispatch, turns: u32) -> Result<(), Error> {
    const MODULE: &str = r#"(module (func $deeper (export "run") (result i32) (call $deeper)))"#;
    let (mut store, instance) = alone(dispatch, MODULE)?;
    let run = instance.get_typed_func::<(), u32>(&mut store, "run")?;
    // Each turn is half a million calls.
    for _ in 0..turns.div_ceil(100_000) {
        let error = run.call(&mut store, ()).expect_err("it does not end");
        assert_eq!(error.trap(), Some(Trap::CallStackExhausted));
    }
    Ok(())
}

pub(crate) fn a_tail_call_every_turn(dispatch: Dispatch, turns: u32) -> Result<(), Error> {
    const MODULE: &str = r#"(module
        (type $step (func (param i32 i32) (result i32)))
        (table funcref (elem $direct $reference))
        (func $direct (export "run") (type $step)
            (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
            (return_call $indirect (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 1))))
        (func $indirect (type $step)
            (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
            (return_call_indirect (type $step)
                (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 1)) (i32.const 1)))
        (func $reference (type $step)
            (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
            (return_call_ref $step
                (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 1)) (ref.func $direct)))
        (elem declare func $direct))"#;
    let (mut store, instance) = alone(dispatch, MODULE)?;
    let run = instance.get_typed_func::<(u32, u32), u32>(&mut store, "run")?;
    assert_eq!(run.call(&mut store, (turns, 0))?, turns);
    Ok(())
}

/// The host's function returns to the caller of the one that calls it.
pub(crate) fn a_tail_call_of_the_host_every_turn(
    dispatch: Dispatch,
    turns: u32,
) -> Result<(), Error> {
    const MODULE: &str = r#"(module
        (import "host" "one" (func $one (result i32)))
        (func $tail (result i32) (return_call $one))
        (func (export "run") (param $n i32) (result i32)
            (local $sum i32)
            (loop $again
                (local.set $sum (i32.add (local.get $sum) (call $tail)))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum)))"#;
    run(
        "run",
        turns,
        beside(dispatch, MODULE, |store| Func::wrap(store, || 1))?,
    )
}

/// Thrown by a callee, caught with a reference to it, thrown again, and caught for good.
pub(crate) fn an_exception_every_turn(dispatch: Dispatch, turns: u32) -> Result<(), Error> {
    const MODULE: &str = r#"(module
        (tag $tag (param i32))
        (func $throw (throw $tag (i32.const 1)))
        (func $one (result i32)
            (block $outer (result i32)
                (try_table (catch $tag $outer)
                    (block $inner (result i32 exnref)
                        (try_table (catch_ref $tag $inner) (call $throw))
                        (unreachable))
                    (throw_ref))
                (unreachable)))
        (func (export "run") (param $n i32) (result i32)
            (local $sum i32)
            (loop $again
                (local.set $sum (i32.add (local.get $sum) (call $one)))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum)))"#;
    run("run", turns, alone(dispatch, MODULE)?)
}

/// Each function is translated when it is called first. There are never a million: each of them is some memory, and a leak
/// of a word each is found with fifty thousand.
pub(crate) fn a_translation_every_turn(dispatch: Dispatch, turns: u32) -> Result<(), Error> {
    let functions = turns.min(50_000);
    let mut module = String::from("(module (type $one (func (result i32)))\n");
    module += "(func $one (export \"one\") (result i32) (i32.const 1))\n";
    for _ in 0..functions {
        module += "(func (result i32) (i32.const 1))\n";
    }
    let indices = (1..=functions)
        .map(|function| format!("{function} "))
        .collect::<String>();
    module += &format!("(table funcref (elem {indices}))\n");
    module += r#"(func (export "run") (param $n i32) (result i32)
        (local $sum i32)
        (loop $again
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (local.set $sum (i32.add (local.get $sum) (call_indirect (type $one) (local.get $n))))
            (br_if $again (local.get $n)))
        (local.get $sum)))"#;
    let mut config = Config::new();
    config
        .dispatch(dispatch)
        .compilation_mode(CompilationMode::LazyTranslation);
    let engine = Engine::new(&config);
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &Module::new(&engine, module)?, &[])?;
    run("run", functions, (store, instance))
}
