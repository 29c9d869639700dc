//! Does everything that a guest can do in a loop, a million times or as often as the first argument says, on a thread with
//! a native stack that a leak of one word each time would overflow.

#[path = "../../../crates/curta/tests/native_stack/loops.rs"]
mod loops;

use std::{env, process::ExitCode, thread, time::Instant};

use curta::{Dispatch, Engine, Error, internals};

/// Bytes of native stack.
const STACK: usize = 256 * 1024;

fn main() -> ExitCode {
    let turns = match env::args().nth(1).map(|argument| argument.parse()) {
        None => 1_000_000,
        Some(Ok(turns)) => turns,
        Some(Err(error)) => {
            eprintln!("the first argument is how often everything is done: {error}");
            return ExitCode::FAILURE;
        }
    };
    let thread = thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || run(turns));
    match thread.expect("a thread can be spawned").join() {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
        // A panic has said what it is.
        Err(_) => ExitCode::FAILURE,
    }
}

fn run(turns: u32) -> Result<(), Error> {
    let dispatch = Engine::default().dispatch();
    let start = Instant::now();
    for (what, run) in LOOPS {
        run(dispatch, turns)?;
        println!("{what}: {turns} times");
    }
    let done = internals::exercise(dispatch, turns)?;
    println!(
        "{} handlers ran in {} ways, {turns} times each; dispatch: {:?}; {:.1} s",
        done.handlers,
        done.ways,
        done.dispatch,
        start.elapsed().as_secs_f64()
    );
    for handler in done.partly {
        println!("not every way was found of `{handler}`");
    }
    Ok(())
}

type Run = fn(Dispatch, u32) -> Result<(), Error>;

const LOOPS: [(&str, Run); 12] = [
    ("a trap", loops::a_trap_every_turn),
    ("a failed growth", loops::a_failed_growth_every_turn),
    ("a host call", loops::a_host_call_every_turn),
    (
        "an indirect host call",
        loops::an_indirect_host_call_every_turn,
    ),
    (
        "a call of another instance",
        loops::a_call_of_another_instance_every_turn,
    ),
    ("a host function's error", loops::a_host_error_every_turn),
    (
        "a guest under a host function",
        loops::a_guest_under_a_host_function_every_turn,
    ),
    (
        "a hundred thousandth of an exhausted stack",
        loops::an_exhausted_stack_every_turn,
    ),
    ("a tail call", loops::a_tail_call_every_turn),
    (
        "a tail call of the host",
        loops::a_tail_call_of_the_host_every_turn,
    ),
    ("an exception", loops::an_exception_every_turn),
    (
        "a translation (of fifty thousand functions at most)",
        loops::a_translation_every_turn,
    ),
];

#[test]
fn an_unoptimised_host_gets_the_threaded_backend_and_keeps_its_stack() {
    assert!(
        cfg!(debug_assertions),
        "this host is not optimised, whatever curta is"
    );
    if cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
        assert_eq!(Engine::default().dispatch(), Dispatch::Threaded);
    }
    let thread = thread::Builder::new()
        .stack_size(STACK)
        .spawn(|| run(1_000_000));
    thread
        .expect("a thread can be spawned")
        .join()
        .expect("nothing panics")
        .expect("nothing fails");
}
