//! Functions translated by several threads at once.
//!
//! Threads take functions, each translating for itself: the large ones first, one by one, so that nobody begins one when the
//! others are done, and then runs of the others in order. What comes of a function does not depend on who translates it, so
//! the code is that of one thread. So is the error: when a function is refused, those behind it are left, and all before it
//! are still looked at.
//!
//! The thread that asks waits for those that have begun, and for no others: on a busy machine it is milliseconds until one that
//! is spawned gets to run, by when all may be done. So what threads share is owned by those that have begun, and by the one
//! that asks until it is alone with it and takes it back. One that begins later finds it gone, and ends.

use alloc::{
    sync::{Arc, Weak},
    vec::Vec,
};
use core::{
    hint, iter, mem,
    num::NonZeroUsize,
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
};
use std::{
    panic::{self, AssertUnwindSafe},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    thread::{self, Thread},
    time::Duration,
};

use super::{
    arriving::{self, Job, Translated, Worker},
    waiting::Waiting,
};
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

/// How long a thread that has helped waits to help again.
const PATIENCE: Duration = Duration::from_millis(500);

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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The functions that are to be translated.
struct Queue {
    job: Job,
    /// The bytes of a function that is not large, at most.
    most: usize,
    left: Mutex<Left>,
    /// What others than the thread that asks have done, or that they panicked.
    others: Mutex<Vec<thread::Result<Done>>>,
}

/// What a thread has translated, and what it had to refuse.
type Done = (Translated, Vec<Refused>);

/// A function that was refused, and why.
type Refused = (usize, ModuleError);

/// Those that no thread has taken yet.
struct Left {
    /// The large ones, the largest last.
    large: Vec<usize>,
    /// The others are in here, and large ones between them.
    others: Range<usize>,
    /// The bytes of all these; after one was refused, no fewer.
    bytes: usize,
}

impl Queue {
    fn new(job: Job) -> Queue {
        let bytes = job.bytes_from(job.functions.start);
        let most = run(bytes, &job);
        let is_large = |function: &usize| job.size(*function) > most;
        let mut large: Vec<usize> = job.functions.clone().filter(is_large).collect();
        large.sort_unstable_by_key(|function| job.size(*function));
        let left = Left {
            large,
            others: job.functions.clone(),
            bytes,
        };
        Queue {
            job,
            most,
            left: Mutex::new(left),
            others: Mutex::default(),
        }
    }

    fn is_large(&self, function: usize) -> bool {
        self.job.size(function) > self.most
    }

    /// Takes the largest of the large ones, or else the next run of the others; none if nothing is left.
    fn take(&self) -> Option<Range<usize>> {
        let mut left = lock(&self.left);
        if let Some(large) = left.large.pop() {
            left.bytes -= self.job.size(large);
            return Some(large..large + 1);
        }
        let run = run(left.bytes, &self.job);
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
        lock(&self.left).bytes > threads * BEGINNING
    }

    /// All functions that this thread gets.
    fn functions(&self) -> impl Iterator<Item = usize> {
        iter::from_fn(|| self.take()).flatten()
    }

    /// Lets nobody take a function any more that is behind one that was refused.
    fn refuse(&self, refused: usize) {
        let mut left = lock(&self.left);
        left.large.retain(|function| *function < refused);
        left.others.end = left.others.end.min(refused);
    }

    /// Translates what this thread gets, which is added to what it has done before. What it had to refuse.
    fn work(&self, worker: &mut Worker, done: &mut Translated) -> Vec<Refused> {
        let mut refused = Vec::new();
        while let Err(error) = worker.translate(&self.job, self.functions(), done) {
            self.refuse(error.0);
            refused.push(error);
        }
        done.look_back(&self.job);
        refused
    }
}

/// The bytes of the next run, if so many are left.
fn run(bytes: usize, job: &Job) -> usize {
    (bytes / (RUNS * job.threads)).clamp(LEAST_RUN, MOST_RUN)
}

/// What another thread is asked for.
struct Partner {
    /// Gone when the thread that asks waits for nobody any more.
    queue: Weak<Queue>,
    asking: Thread,
}

impl Partner {
    /// Takes part, if there is still something to take part in.
    fn run(self, worker: &mut Worker) {
        let Some(queue) = self.queue.upgrade() else {
            return;
        };
        // Nothing is used of what a panic leaves behind: it goes on in the thread that asks.
        let done = panic::catch_unwind(AssertUnwindSafe(|| {
            let mut own = mem::take(worker);
            let mut done = Translated::default();
            let refused = queue.work(&mut own, &mut done);
            *worker = own;
            (done, refused)
        }));
        lock(&queue.others).push(done);
        // In this order: whoever is woken finds itself alone.
        drop(queue);
        self.asking.unpark();
    }
}

/// Threads of this process that have helped.
static WAITING: Waiting<Partner> = Waiting::new();

/// How many threads were spawned in this process that have not begun.
static SPAWNED: AtomicUsize = AtomicUsize::new(0);

/// One of them, until it is dropped.
struct Spawned;

impl Spawned {
    /// None if there are as many as there are processors: then these have enough to do, and more threads would only pile up.
    fn one_more() -> Option<Spawned> {
        let before = SPAWNED.fetch_add(1, Ordering::Relaxed);
        let spawned = Spawned;
        (before < processors().get()).then_some(spawned)
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        SPAWNED.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Has a thread help, if there can be one.
fn ask(partner: Partner) -> bool {
    #[cfg(test)]
    if tests::spawns() {
        return tests::spawn(|| partner.run(&mut Worker::default()));
    }
    let Err(partner) = WAITING.give(partner) else {
        return true;
    };
    let Some(spawned) = Spawned::one_more() else {
        return false;
    };
    let run = || {
        drop(spawned);
        let mut worker = Worker::default();
        partner.run(&mut worker);
        while let Some(partner) = WAITING.wait(processors().get(), PATIENCE) {
            partner.run(&mut worker);
        }
    };
    thread::Builder::new().spawn(run).is_ok()
}

/// Translates on as many threads as the job says, this one included, or as many of them as there can be. Gives the job back.
///
/// # Errors
/// The first body that is invalid, or beyond a limit.
pub(super) fn translate(
    job: Job,
    worker: &mut Worker,
    done: &mut Translated,
) -> (Job, Result<(), ModuleError>) {
    let threads = job.threads;
    let queue = Arc::new(Queue::new(job));
    for before in 1..threads {
        let partner = || Partner {
            queue: Arc::downgrade(&queue),
            asking: thread::current(),
        };
        if !queue.has_work_beside(before) || !ask(partner()) {
            break;
        }
    }
    let mut refused = queue.work(worker, done);
    let Queue { job, others, .. } = alone(queue);
    for other in others.into_inner().unwrap_or_else(PoisonError::into_inner) {
        let (translated, of_other) = other.unwrap_or_else(|payload| panic::resume_unwind(payload));
        done.append(translated);
        refused.extend(of_other);
    }
    let first = refused.into_iter().min_by_key(|(function, _)| *function);
    (job, first.map_or(Ok(()), |(_, error)| Err(error)))
}

/// Waits until no other thread shares the queue; none can any more then.
fn alone(mut queue: Arc<Queue>) -> Queue {
    for _ in 0..LOOKS {
        if Arc::strong_count(&queue) == 1 {
            break;
        }
        hint::spin_loop();
    }
    loop {
        match Arc::try_unwrap(queue) {
            Ok(queue) => return queue,
            Err(shared) => queue = shared,
        }
        // Whoever shared it wakes this thread, now or already.
        thread::park();
    }
}

#[cfg(test)]
pub(super) mod tests {
    //! Threads that begin when a test says so, or not at all.

    use alloc::boxed::Box;
    use core::cell::RefCell;

    /// What a thread that helps another one would run.
    pub(crate) type Help = Box<dyn FnOnce() + Send>;

    type Spawn = Box<dyn FnMut(Help) -> bool>;

    std::thread_local! {
        static SPAWN: RefCell<Option<Spawn>> = const { RefCell::new(None) };
    }

    /// Does something, and meanwhile gives what threads would run that are to help this one to a function instead, which says
    /// whether there can be one.
    pub(crate) fn with_spawn<T>(
        spawn: impl FnMut(Help) -> bool + 'static,
        f: impl FnOnce() -> T,
    ) -> T {
        SPAWN.set(Some(Box::new(spawn)));
        let result = f();
        SPAWN.set(None);
        result
    }

    pub(super) fn spawns() -> bool {
        SPAWN.with_borrow(Option::is_some)
    }

    pub(super) fn spawn(help: impl FnOnce() + Send + 'static) -> bool {
        SPAWN.with_borrow_mut(|spawn| spawn.as_mut().is_some_and(|spawn| spawn(Box::new(help))))
    }
}
