//! A panic of the engine is a failed directive, not the end of the run.
//!
//! [`catch`] runs a closure and turns a panic into its message and place. While it runs, the panic
//! hook keeps quiet on this thread; panics of other threads go to the hook that was there before.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static CAUGHT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `work`; a panic becomes `a panic at FILE:LINE: MESSAGE`.
///
/// What `work` had borrowed may be left half done: the caller goes on with it and whatever fails
/// because of that counts as failed too.
///
/// # Errors
/// The panic's words.
pub fn catch<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            if CATCHING.get() {
                CAUGHT.set(Some(describe(info)));
            } else {
                previous(info);
            }
        }));
    });
    CATCHING.set(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(false);
    result.map_err(|_payload| {
        CAUGHT
            .take()
            .unwrap_or_else(|| "a panic that the hook did not see".to_owned())
    })
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let message = info
        .payload()
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| info.payload().downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)");
    match info.location() {
        Some(place) => format!("a panic at {}:{}: {message}", place.file(), place.line()),
        None => format!("a panic: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::catch;

    #[test]
    fn a_panic_becomes_its_words_and_its_place() {
        let words = catch(|| -> () { panic!("seven is {}", 7) }).unwrap_err();
        assert!(words.starts_with("a panic at "), "{words}");
        assert!(words.contains("panics.rs:"), "{words}");
        assert!(words.ends_with(": seven is 7"), "{words}");
    }

    #[test]
    fn a_result_comes_through() {
        assert_eq!(catch(|| 7), Ok(7));
    }
}
