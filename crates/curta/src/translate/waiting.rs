//! Threads that have done something and wait for more to do, for a while.
//!
//! To wake a thread takes less than to begin one, and it still has the memory that it needed before. Whoever has something to
//! do gives it to those that wait, if there are enough of them, and does not learn when it is taken: a thread may be woken late,
//! and after a `fork` there is none in the new process, though some waited. So no more is given than there are threads, and
//! nobody may depend on its being done.

use alloc::vec::Vec;
use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Some threads, and what they are to do.
pub(super) struct Waiting<T> {
    state: Mutex<State<T>>,
    given: Condvar,
}

struct State<T> {
    threads: usize,
    /// No more than there are threads, each of which takes one.
    given: Vec<T>,
}

impl<T> Waiting<T> {
    pub(super) const fn new() -> Waiting<T> {
        Waiting {
            state: Mutex::new(State {
                threads: 0,
                given: Vec::new(),
            }),
            given: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has one of them do something; gives it back if all have something to do already.
    pub(super) fn give(&self, task: T) -> Result<(), T> {
        let mut state = self.state();
        if state.given.len() >= state.threads {
            return Err(task);
        }
        state.given.push(task);
        drop(state);
        self.given.notify_one();
        Ok(())
    }

    /// Waits for something to do, so long, beside fewer than so many others.
    pub(super) fn wait(&self, most: usize, long: Duration) -> Option<T> {
        let mut state = self.state();
        if state.threads >= most {
            return None;
        }
        state.threads += 1;
        let waited = self
            .given
            .wait_timeout_while(state, long, |state| state.given.is_empty());
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.threads -= 1;
        state.given.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    /// Longer than any test takes.
    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn nothing_is_given_to_nobody() {
        let waiting = Waiting::new();
        assert_eq!(waiting.give(1), Err(1));
        assert_eq!(waiting.wait(1, Duration::ZERO), None);
        assert_eq!(waiting.give(2), Err(2), "it has ended");
        assert_eq!(waiting.wait(0, LONG), None, "that would be one too many");
    }

    #[test]
    fn what_is_given_is_done_once() {
        const THREADS: usize = 3;
        const TASKS: usize = 200;
        let waiting = Waiting::new();
        let work = || {
            let next = || waiting.wait(THREADS, LONG).flatten();
            core::iter::from_fn(next).collect::<Vec<usize>>()
        };
        let mut done: Vec<usize> = thread::scope(|scope| {
            let threads = [(); THREADS].map(|()| scope.spawn(work));
            // The last ones are for the threads to end.
            for task in (0..TASKS).map(Some).chain([None; THREADS]) {
                while waiting.give(task).is_err() {
                    thread::yield_now();
                }
            }
            let done = threads.map(|thread| thread.join().unwrap());
            done.into_iter().flatten().collect()
        });
        done.sort_unstable();
        assert!(done.into_iter().eq(0..TASKS));
    }
}
