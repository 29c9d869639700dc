//! Functions translated by several threads at once.
//!
//! Threads take functions, each translating for itself: the large ones first, one by one, so that nobody begins one when the
//! others are done, and then runs of the others in order. What comes of a function does not depend on who translates it, so
//! the code is that of one thread. So is the error: when a function is refused, those behind it are left, and all before it
//! are still looked at.

use alloc::vec::Vec;
use core::{
    hint, iter,
    num::NonZeroUsize,
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
};
use std::{
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
};

use super::arriving::{self, Job, Translated, Worker};
use curta_module::{Module, ModuleError};

/// Bytes of bodies for each thread at least, below which it costs more than it does.
const SHARE: usize = 4 * 1024;

/// Bytes of bodies in a run at most, which is enough that taking one costs nothing.
const MOST_RUN: usize = 8 * 1024;

/// Bytes in the last ones, so that all threads end at the same time.
const LEAST_RUN: usize = 128;

/// How many runs there would be for each thread if all were as large as the next one, when there is little left.
const RUNS: usize = 4;

/// About how many bytes of bodies each thread translates until one that is spawned begins.
const BEGINNING: usize = 2 * 1024;

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

/// The functions that are to be translated.
struct Queue<'j> {
    job: &'j Job<'j>,
    /// The bytes of a function that is not large, at most.
    most: usize,
    left: Mutex<Left>,
}

/// Those that no thread has taken yet.
struct Left {
    /// The large ones, the largest last.
    large: Vec<usize>,
    /// The others are in here, and large ones between them.
    others: Range<usize>,
    /// The bytes of the others.
    bytes: usize,
}

impl<'j> Queue<'j> {
    fn new(job: &'j Job<'j>) -> Queue<'j> {
        let bytes = job.bytes_from(job.functions.start);
        let most = run(bytes, job);
        let is_large = |function: &usize| job.size(*function) > most;
        let mut large: Vec<usize> = job.functions.clone().filter(is_large).collect();
        large.sort_unstable_by_key(|function| job.size(*function));
        let of_large: usize = large.iter().map(|function| job.size(*function)).sum();
        Queue {
            job,
            most,
            left: Mutex::new(Left {
                large,
                others: job.functions.clone(),
                bytes: bytes - of_large,
            }),
        }
    }

    fn is_large(&self, function: usize) -> bool {
        self.job.size(function) > self.most
    }

    fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the largest of the large ones, or else the next run of the others; none if nothing is left.
    fn take(&self) -> Option<Range<usize>> {
        let mut left = self.left();
        if let Some(large) = left.large.pop() {
            return Some(large..large + 1);
        }
        let run = run(left.bytes, self.job);
        let begun = left.others.find(|function| !self.is_large(*function))?;
        let mut taken = self.job.size(begun);
        while !left.others.is_empty() && taken < run && !self.is_large(left.others.start) {
            taken += self.job.size(left.others.start);
            left.others.next();
        }
        left.bytes -= taken;
        Some(begun..left.others.start)
    }

    /// Whether there will be something left for one more thread when it begins, beside so many.
    fn has_work_beside(&self, threads: usize) -> bool {
        let left = self.left();
        let large: usize = left.large.iter().map(|large| self.job.size(*large)).sum();
        left.bytes + large > threads * BEGINNING
    }

    /// All functions that this thread gets.
    fn functions(&self) -> impl Iterator<Item = usize> {
        iter::from_fn(|| self.take()).flatten()
    }

    /// Lets nobody take a function any more that is behind one that was refused.
    fn refuse(&self, refused: usize) {
        let mut left = self.left();
        left.large.retain(|function| *function < refused);
        left.others.end = left.others.end.min(refused);
    }
}

/// The bytes of the next run, if so many are left.
fn run(bytes: usize, job: &Job<'_>) -> usize {
    (bytes / (RUNS * job.threads)).clamp(LEAST_RUN, MOST_RUN)
}

/// A function that was refused, and why.
type Refused = (usize, ModuleError);

/// Translates on as many threads as the job says, this one included, or as many of them as there can be.
///
/// # Errors
/// The first body that is invalid, or beyond a limit.
pub(super) fn translate(
    job: &Job<'_>,
    worker: &mut Worker,
    done: &mut Translated,
) -> Result<(), ModuleError> {
    let queue = Queue::new(job);
    let work = |worker: &mut Worker, done: &mut Translated| {
        let mut refused: Vec<Refused> = Vec::new();
        while let Err(error) = worker.translate(job, queue.functions(), done) {
            queue.refuse(error.0);
            refused.push(error);
        }
        done.look_back(job);
        refused
    };
    let others = Mutex::new(Vec::with_capacity(job.threads));
    let working = AtomicUsize::new(0);
    let own = thread::scope(|scope| {
        for before in 1..job.threads {
            if !queue.has_work_beside(before) {
                break;
            }
            working.fetch_add(1, Ordering::Relaxed);
            let spawned = thread::Builder::new().spawn_scoped(scope, || {
                let mut done = Translated::default();
                let refused = work(&mut Worker::default(), &mut done);
                let mut others = others.lock().unwrap_or_else(PoisonError::into_inner);
                others.push((done, refused));
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
    let mut refused = own;
    for (translated, of_other) in others.into_inner().unwrap_or_else(PoisonError::into_inner) {
        done.append(translated);
        refused.extend(of_other);
    }
    let first = refused.into_iter().min_by_key(|(function, _)| *function);
    first.map_or(Ok(()), |(_, error)| Err(error))
}
