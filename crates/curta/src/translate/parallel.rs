//! Functions translated by several threads at once.
//!
//! The functions are cut into runs, which the threads take in order, each translating for itself. What comes of a function
//! does not depend on who translates it, so the code is that of one thread. So is the error: runs are taken in order, and
//! one that was taken is finished, so all before the first that is refused are looked at.

use alloc::vec::Vec;
use core::{
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
};
use std::{panic, thread};

use super::arriving::{Job, Translated, Worker};
use curta_module::{Module, ModuleError};

/// Bytes of bodies in a run: enough that taking one costs nothing, and little enough that threads end at the same time.
const RUN: usize = 8 * 1024;

/// Cuts functions into runs.
pub(super) fn runs(module: &Module, functions: Range<usize>) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let (mut begun, mut bytes) = (functions.start, 0);
    for defined in functions.clone() {
        bytes += module.body(defined).size();
        if bytes >= RUN {
            runs.push(begun..defined + 1);
            (begun, bytes) = (defined + 1, 0);
        }
    }
    if begun < functions.end {
        runs.push(begun..functions.end);
    }
    runs
}

/// Translates runs on so many threads, this one included, or as many of them as there can be. In order.
///
/// # Errors
/// The first body that is invalid, or beyond a limit.
pub(super) fn translate(
    job: &Job<'_>,
    runs: &[Range<usize>],
    threads: usize,
) -> Result<Vec<Translated>, ModuleError> {
    let (next, refused) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
    let work = || {
        let mut worker = Worker::default();
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(run) = runs.get(number) else {
                return done;
            };
            if number > refused.load(Ordering::Relaxed) {
                return done;
            }
            let mut translated = Translated::default();
            let result = worker.translate(job, run.clone(), &mut translated);
            if result.is_err() {
                refused.fetch_min(number, Ordering::Relaxed);
            }
            done.push((number, result.map(|()| translated)));
        }
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(runs.len()))
            .map_while(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
            .collect();
        let mut done = work();
        for other in others {
            match other.join() {
                Ok(part) => done.extend(part),
                Err(bug) => panic::resume_unwind(bug),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}
