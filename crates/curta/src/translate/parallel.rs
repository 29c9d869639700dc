//! Functions translated by several threads at once.
//!
//! The functions are cut into runs, which the threads take in order, each translating for itself. What comes of a function
//! does not depend on who translates it, so the code is that of one thread. So is the error: runs are taken in order, and
//! one that was taken is finished, so all before the first that is refused are looked at.

use alloc::vec::Vec;
use core::{
    hint::black_box,
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
};
use std::{panic, thread};

use super::arriving::{Job, Translated, Worker};
use curta_module::{Module, ModuleError};

/// Bytes of bodies in a run at most, which is enough that taking one costs nothing.
const RUN: usize = 8 * 1024;

/// Small modules are cut into about so many runs, so that threads end at the same time, but none of less than
/// [`LEAST_RUN`].
const RUNS: usize = 32;

/// Bytes.
const LEAST_RUN: usize = 2 * 1024;

/// Memory is asked for after so many runs: their code takes most of [`ROOM`].
const RUNS_IN_ROOM: usize = 4;

/// Bytes. Less than what allocators take from the system for itself, and give back when it is freed.
const ROOM: usize = 120 * 1024;

/// Has the allocator take memory for the code of several runs at once, by asking for it and giving it back. That of glibc
/// otherwise goes to the system for each page that a second thread fills, under a lock that all page faults of the process
/// wait for.
fn make_room() {
    drop(black_box(Vec::<u8>::with_capacity(ROOM)));
}

/// Cuts functions into runs.
pub(super) fn runs(module: &Module, functions: Range<usize>) -> Vec<Range<usize>> {
    let Some(last) = functions.clone().next_back() else {
        return Vec::new();
    };
    let all = module.body(last).range().end - module.body(functions.start).offset();
    let run = (all / RUNS).clamp(LEAST_RUN, RUN);
    let mut runs = Vec::with_capacity(all / run + 1);
    let (mut begun, mut bytes) = (functions.start, 0);
    for defined in functions.clone() {
        bytes += module.body(defined).size();
        if bytes >= run {
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
            if done.len() % RUNS_IN_ROOM == 0 {
                make_room();
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
