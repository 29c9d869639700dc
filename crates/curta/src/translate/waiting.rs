//! Threads that have done something and wait for more to do, for a while.
//!
//! To wake a thread takes less than to begin one, and it still has the memory that it needed before. Whoever has something to
//! do gives it to one that waits, and does not learn when it is taken: a thread may be woken late, and after a `fork` there is
//! none in the new process, though some waited. So each is given one thing at most, and nobody may depend on its being done.
//!
//! Linux often wakes a thread on the processor where it fell asleep, busy or not, while a new one goes to one that is idle. So
//! what is to be done beside the thread that gives it is not for one that fell asleep where that one runs.

use alloc::vec::Vec;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// Some threads, and what they are to do.
pub(super) struct Waiting<T> {
    threads: Mutex<Vec<Sleeper<T>>>,
}

/// One of them.
struct Sleeper<T> {
    thread: Thread,
    /// Where it fell asleep, if that is known.
    processor: Option<usize>,
    given: Option<T>,
}

impl<T> Waiting<T> {
    pub(super) const fn new() -> Waiting<T> {
        Waiting {
            threads: Mutex::new(Vec::new()),
        }
    }

    fn threads(&self) -> MutexGuard<'_, Vec<Sleeper<T>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has one of them do something; gives it back if there is none that would be quick.
    pub(super) fn give(&self, task: T) -> Result<(), T> {
        self.give_from(processor(), task)
    }

    /// The same, from a thread that runs on this processor.
    fn give_from(&self, here: Option<usize>, task: T) -> Result<(), T> {
        let mut threads = self.threads();
        let is_free = |sleeper: &&mut Sleeper<T>| {
            sleeper.given.is_none() && (here.is_none() || sleeper.processor != here)
        };
        let Some(sleeper) = threads.iter_mut().find(is_free) else {
            return Err(task);
        };
        sleeper.given = Some(task);
        let thread = sleeper.thread.clone();
        drop(threads);
        thread.unpark();
        Ok(())
    }

    /// Waits for something to do, so long, beside fewer than so many others.
    pub(super) fn wait(&self, most: usize, long: Duration) -> Option<T> {
        self.wait_at(processor(), most, long)
    }

    /// The same, on this processor.
    fn wait_at(&self, here: Option<usize>, most: usize, long: Duration) -> Option<T> {
        let begun = Instant::now();
        let thread = thread::current();
        let id = thread.id();
        let mut threads = self.threads();
        if threads.len() >= most {
            return None;
        }
        threads.push(Sleeper {
            thread,
            processor: here,
            given: None,
        });
        loop {
            let left = long.saturating_sub(begun.elapsed());
            let own = threads
                .iter()
                .position(|sleeper| sleeper.thread.id() == id)?;
            if threads[own].given.is_some() || left.is_zero() {
                return threads.swap_remove(own).given;
            }
            drop(threads);
            thread::park_timeout(left);
            threads = self.threads();
        }
    }
}

/// The processor that this thread runs on, where the system says so.
fn processor() -> Option<usize> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return Some(rustix::thread::sched_getcpu());
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn nothing_is_given_to_a_thread_that_would_be_in_the_way() {
        let waiting = Waiting::new();
        thread::scope(|scope| {
            let thread = scope.spawn(|| waiting.wait_at(Some(7), 1, LONG));
            while waiting.threads().is_empty() {
                thread::yield_now();
            }
            assert_eq!(waiting.give_from(Some(7), 1), Err(1));
            assert_eq!(waiting.give_from(Some(6), 2), Ok(()));
            assert_eq!(thread.join().unwrap(), Some(2));
        });
    }

    #[test]
    fn what_is_given_is_done_once() {
        const THREADS: usize = 3;
        const TASKS: usize = 200;
        let waiting = Waiting::new();
        let work = || {
            let next = || waiting.wait_at(None, THREADS, LONG).flatten();
            core::iter::from_fn(next).collect::<Vec<usize>>()
        };
        let mut done: Vec<usize> = thread::scope(|scope| {
            let threads = [(); THREADS].map(|()| scope.spawn(work));
            // The last ones are for the threads to end.
            for task in (0..TASKS).map(Some).chain([None; THREADS]) {
                while waiting.give_from(None, task).is_err() {
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
