//! The interpreter leaves nothing on the native stack, however often anything is done: every handler of the catalogue, and
//! everything else that a guest can do in a loop, runs on a thread whose stack a leak of a single word would overflow.

#[path = "native_stack/loops.rs"]
mod loops;

use curta::{Dispatch, internals};

/// Bytes of native stack.
const STACK: usize = 256 * 1024;

/// In the threaded backend a million, of which each could leave a word. The loop backend returns to its driver after each
/// cell and has nothing to leave, so a few show that the cells are what they should be.
const fn turns(dispatch: Dispatch) -> u32 {
    match dispatch {
        Dispatch::Threaded => 1_000_000,
        Dispatch::Auto | Dispatch::Loop => 200,
    }
}

/// The backends of this build.
fn backends() -> impl Iterator<Item = Dispatch> {
    let threaded = internals::THREADED.then_some(Dispatch::Threaded);
    threaded.into_iter().chain([Dispatch::Loop])
}

fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(run)
        .expect("a thread can be spawned");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn every_handler(dispatch: Dispatch) {
    on_a_small_stack(move || {
        let done = internals::exercise(dispatch, turns(dispatch)).expect("the modules are valid");
        assert_eq!(done.dispatch, dispatch);
        assert!(
            done.handlers > 2_000,
            "{} handlers are not all of them",
            done.handlers
        );
        // Every one of them ran. Not every way can be found of a few cells in which one value is an address and an index
        // as well, two branches exclude each other, or a branch would leave the frame that a return behind it belongs to.
        assert!(
            done.partly.len() * 200 <= done.handlers,
            "of these not every way was found: {:#?}",
            done.partly
        );
    });
}

#[test]
fn every_handler_runs_on_a_small_native_stack() {
    backends().for_each(every_handler);
}

macro_rules! loops {
    ($($name:ident)*) => { $(
        #[test]
        fn $name() {
            on_a_small_stack(|| {
                for dispatch in backends() {
                    loops::$name(dispatch, turns(dispatch)).expect("nothing traps but what should");
                }
            });
        }
    )* };
}

loops! {
    a_trap_every_turn
    a_failed_growth_every_turn
    a_host_call_every_turn
    an_indirect_host_call_every_turn
    a_call_of_another_instance_every_turn
    a_host_error_every_turn
    a_guest_under_a_host_function_every_turn
    an_exhausted_stack_every_turn
    a_tail_call_every_turn
    a_tail_call_of_the_host_every_turn
    an_exception_every_turn
    a_translation_every_turn
}
