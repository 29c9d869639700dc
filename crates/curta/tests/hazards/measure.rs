//! What a bomb costs: time by the thread's clock, memory by an allocator that counts what each thread holds.
//!
//! # Invariants
//! - The allocator hands everything to the system's as it came, and only counts.
#![allow(unsafe_code, reason = "an allocator cannot be written without")]

use super::engines::modes;
use curta::Engine;
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

thread_local! {
    /// The bytes that this thread has allocated and not freed, and the most there have been.
    static HELD: Cell<(i64, i64)> = const { Cell::new((0, 0)) };
    /// How often this thread has asked for memory.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count(bytes: i64) {
    // At the end of a thread there may be nothing to count in.
    if bytes > 0 {
        let _ = ALLOCATIONS.try_with(|times| times.set(times.get() + 1));
    }
    let _ = HELD.try_with(|held| {
        let (now, peak) = held.get();
        held.set((now + bytes, peak.max(now + bytes)));
    });
}

// SAFETY: everything is handed to the system's allocator; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as i64));
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new: usize) -> *mut u8 {
        count(new as i64 - layout.size() as i64);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(pointer, layout, new) }
    }
}

/// The most that this thread held at once during something, beyond what it held before, in bytes.
pub(crate) fn peak(run: impl FnOnce()) -> u64 {
    let (before, outer) = HELD.get();
    HELD.set((before, before));
    run();
    let (now, peak) = HELD.get();
    HELD.set((now, peak.max(outer)));
    (peak - before).unsigned_abs()
}

/// How often this thread asked for memory, or for more of it, during something.
pub(crate) fn allocations<R>(run: impl FnOnce() -> R) -> (u64, R) {
    let before = ALLOCATIONS.get();
    let result = run();
    (ALLOCATIONS.get() - before, result)
}

/// Bytes of memory that any module may cost, however small it is.
pub(crate) const SMALL_CHANGE: u64 = 1 << 20;

/// Bytes of memory that a module may cost for each of its own: so many as there are when every byte is an instruction
/// whose code takes a few words, and vectors double.
const MEMORY_PER_BYTE: u64 = 400;

/// How much dearer a byte may be in a module ten times as large. A quadratic cost would make it ten times.
const DEARER: f64 = 4.0;

/// A bomb in two sizes, and what is done with it.
pub(crate) struct Bomb<'a> {
    pub(crate) small: &'a [u8],
    pub(crate) large: &'a [u8],
    /// Bytes of memory that may be held whatever the module's size, as by the limits.
    pub(crate) slack: u64,
}

/// Makes a bomb in two sizes, ten times apart, and sees on an engine of each mode that a byte of the larger costs about
/// what one of the smaller does.
pub(crate) fn assert_linear(
    size: usize,
    build: impl Fn(usize) -> Vec<u8>,
    run: impl Fn(&Engine, &[u8]),
) {
    let (small, large) = sizes(size, build);
    for engine in modes() {
        Bomb {
            small: &small,
            large: &large,
            slack: SMALL_CHANGE,
        }
        .assert_linear(|bytes| run(&engine, bytes));
    }
}

/// A bomb in two sizes, ten times apart: this size, or a smaller one where nothing is optimised.
pub(crate) fn sizes(size: usize, build: impl Fn(usize) -> Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    let size = if cfg!(debug_assertions) {
        size / 8
    } else {
        size
    };
    (build(size / 10), build(size))
}

impl Bomb<'_> {
    /// Sees that time and memory are linear in the sizes.
    pub(crate) fn assert_linear(&self, run: impl Fn(&[u8])) {
        let memory = peak(|| run(self.large));
        let allowed = self.slack + MEMORY_PER_BYTE * self.large.len() as u64;
        assert!(
            memory <= allowed,
            "{} bytes held {memory} at once",
            self.large.len()
        );
        assert_linear_time(self.small.len(), self.large.len(), |large| {
            run(if large { self.large } else { self.small })
        });
    }
}

/// One measurement at a time: tests run on several threads.
static CLOCK: Mutex<()> = Mutex::new(());

/// Waits until nobody else measures.
pub(crate) fn clock() -> MutexGuard<'static, ()> {
    CLOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sees that the large of two runs, of these amounts of work, takes no more time for each unit than the small one does.
///
/// Whatever disturbs makes a run longer, never shorter, so the shortest ones are compared, small ones in rows that take
/// about as long as a large one, and more tries are made before the claim is given up.
pub(crate) fn assert_linear_time(small: usize, large: usize, run: impl Fn(bool)) {
    const TRIES: u32 = 12;
    let _alone = clock();
    let row = (large / small).max(1);
    let mut shortest = [f64::INFINITY; 2];
    let mut ratio = f64::INFINITY;
    for attempt in 0..TRIES {
        let several = seconds(|| (0..row).for_each(|_| run(false)));
        shortest[0] = shortest[0].min(several / row as f64);
        shortest[1] = shortest[1].min(seconds(|| run(true)));
        ratio = (shortest[1] / large as f64) / (shortest[0] / small as f64);
        if ratio <= DEARER {
            println!(
                "{small} took {:.6} s, {large} took {:.6} s: {ratio:.2}",
                shortest[0], shortest[1]
            );
            return;
        }
        thread::sleep(Duration::from_millis(20 * u64::from(attempt)));
    }
    panic!(
        "{small} took {:.6} s, {large} took {:.6} s: {ratio:.1} times as much for each",
        shortest[0], shortest[1]
    );
}

/// How long something takes on this thread.
pub(crate) fn seconds(run: impl FnOnce()) -> f64 {
    let start = now();
    run();
    now() - start
}

/// The time that this thread has spent on a processor, in seconds: others that use the machine do not count.
#[cfg(unix)]
fn now() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The time by the clock, in seconds.
#[cfg(not(unix))]
fn now() -> f64 {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START
        .get_or_init(std::time::Instant::now)
        .elapsed()
        .as_secs_f64()
}
