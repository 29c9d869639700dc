//! Functions translated by several threads at once.
//!
//! Threads take runs of functions in order, each translating for itself. What comes of a function does not depend on who
//! translates it, so the code is that of one thread. So is the error: runs are taken in order, and one that was taken is
//! finished up to the first that is refused, so all before that one are looked at.

use alloc::vec::Vec;
use core::{
    hint, iter,
    num::NonZeroUsize,
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
};
use std::{
    sync::{Mutex, OnceLock, PoisonError},
    thread,
};

use super::arriving::{self, Job, Translated, Worker};
use curta_module::{Module, ModuleError};

/// Bytes of bodies for each thread at least, below which it costs more than it does.
const SHARE: usize = 4 * 1024;

/// Bytes of bodies in a run at most, which is enough that taking one costs nothing.
const MOST_RUN: usize = 8 * 1024;

/// Bytes, in the last ones, so that all threads end at the same time.
const LEAST_RUN: usize = 512;

/// How many runs there would be for each thread if all were as large as the next one, when there is little left.
const RUNS: usize = 4;

/// How often a thread that has nothing left to do looks for the others to end before it goes to sleep: what they are still at
/// is short mostly, and to be woken takes longer.
const LOOKS: usize = 1_000;

/// How many threads are of use for functions: of as many as may translate, or as the platform has processors.
pub(super) fn threads(
    module: &Module,
    functions: &Range<usize>,
    most: Option<NonZeroUsize>,
) -> usize {
    let shares = arriving::bytes(module, functions) / SHARE;
    if shares < 2 {
        return 1;
    }
    let most = most.unwrap_or_else(processors);
    most.get().min(shares)
}

/// Asked once in a process: Linux has files read for it, which takes as long as to translate a small module.
fn processors() -> NonZeroUsize {
    static PROCESSORS: OnceLock<NonZeroUsize> = OnceLock::new();
    *PROCESSORS.get_or_init(|| thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
}

/// The functions that no thread has taken yet.
struct Queue<'j> {
    job: &'j Job<'j>,
    left: Mutex<Range<usize>>,
}

impl Queue<'_> {
    /// Takes the next run; none if nothing is left.
    fn take(&self) -> Option<Range<usize>> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = left.next()?;
        let all = self.job.bytes_from(begun);
        let run = (all / (RUNS * self.job.threads)).clamp(LEAST_RUN, MOST_RUN);
        while !left.is_empty() && all - self.job.bytes_from(left.start) < run {
            left.next();
        }
        Some(begun..left.start)
    }

    /// The functions of all runs that this thread gets.
    fn functions(&self) -> impl Iterator<Item = usize> {
        iter::from_fn(|| self.take()).flatten()
    }

    /// Lets nobody take any more.
    fn close(&self) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.start = left.end;
    }
}

/// Translates on as many threads as the job says, this one included, or as many of them as there can be.
///
/// # Errors
/// The first body that is invalid, or beyond a limit.
pub(super) fn translate(
    job: &Job<'_>,
    worker: &mut Worker,
    done: &mut Translated,
) -> Result<(), ModuleError> {
    let queue = Queue {
        job,
        left: Mutex::new(job.functions.clone()),
    };
    let work = |worker: &mut Worker, done: &mut Translated| {
        let result = worker.translate(job, queue.functions(), done);
        match result {
            Ok(()) => done.look_back(job),
            Err(_) => queue.close(),
        }
        result
    };
    let others = Mutex::new(Vec::with_capacity(job.threads));
    let working = AtomicUsize::new(0);
    let own = thread::scope(|scope| {
        for _ in 1..job.threads {
            working.fetch_add(1, Ordering::Relaxed);
            let spawned = thread::Builder::new().spawn_scoped(scope, || {
                let mut done = Translated::default();
                let result = work(&mut Worker::default(), &mut done);
                let mut others = others.lock().unwrap_or_else(PoisonError::into_inner);
                others.push((done, result));
                working.fetch_sub(1, Ordering::Relaxed);
            });
            if spawned.is_err() {
                working.fetch_sub(1, Ordering::Relaxed);
                break;
            }
        }
        let own = work(worker, done);
        for _ in 0..LOOKS {
            if working.load(Ordering::Relaxed) == 0 {
                break;
            }
            hint::spin_loop();
        }
        own
    });
    let mut first = own.err();
    for (translated, result) in others.into_inner().unwrap_or_else(PoisonError::into_inner) {
        done.append(translated);
        first = first
            .into_iter()
            .chain(result.err())
            .min_by_key(|(at, _)| *at);
    }
    first.map_or(Ok(()), |(_, error)| Err(error))
}
