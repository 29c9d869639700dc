//! The clock that runs are timed with: the CPU time of the calling thread, so that what else the
//! machine does counts only where it shares caches and cores.
//!
//! Where the platform has no such clock, the clock of the [`wall`] stands in; [`NAME`] says which it is.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// What the clock measures, for the table's heading.
pub const NAME: &str = if cfg!(unix) {
    "thread CPU time"
} else {
    "wall-clock time"
};

/// A point on the clock; only differences mean anything.
#[must_use]
#[cfg(unix)]
pub fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanoseconds)
}

/// A point on the clock; only differences mean anything.
#[must_use]
#[cfg(not(unix))]
pub fn now() -> Duration {
    wall()
}

/// A point on the clock of the wall, for what several threads do; only differences mean anything.
#[must_use]
pub fn wall() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}
