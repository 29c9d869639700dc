//! A clock that goes only when it is asked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Clocks;
use crate::abi::{ClockId, Errno};

/// Time that depends on what a guest does and on nothing else, for runs that can be
/// repeated.
///
/// The real clock starts at a time that is given, 2000-01-01T00:00:00Z unless told
/// otherwise, every other clock at 0. They go together: by a microsecond each time one of
/// them is read, so that a guest which waits in a loop sees an end, and by the whole
/// timeout when a guest waits, which takes no time of the host.
///
/// Clones are one clock: keep one to tell or to change the time while a guest has it.
///
/// ```
/// use std::time::Duration;
///
/// let clock = curta_wasi::VirtualClock::new();
/// let wasi = curta_wasi::WasiCtx::builder().clocks(clock.clone()).build()?;
/// clock.advance(Duration::from_secs(1));
/// assert_eq!(clock.elapsed(), Duration::from_secs(1));
/// # Ok::<(), curta_wasi::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct VirtualClock {
    /// The real time at the start.
    start: u64,
    elapsed: Arc<Mutex<u64>>,
}

/// 2000-01-01T00:00:00Z.
const START: u64 = 946_684_800_000_000_000;

/// By how much reading a clock moves it.
const TICK: u64 = 1_000;

impl VirtualClock {
    /// A clock that starts in the year 2000.
    pub fn new() -> Self {
        VirtualClock {
            start: START,
            elapsed: Arc::default(),
        }
    }

    /// A clock that starts so long after 1970.
    pub fn starting_at(since_1970: Duration) -> Self {
        VirtualClock {
            start: nanoseconds(since_1970),
            elapsed: Arc::default(),
        }
    }

    /// How much time has passed since the start.
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.go(0))
    }

    /// Lets time pass.
    pub fn advance(&self, time: Duration) {
        self.go(nanoseconds(time));
    }

    /// Moves the clock and returns the time since the start, which ends where 64 bits do.
    fn go(&self, by: u64) -> u64 {
        let mut elapsed = self.elapsed.lock().unwrap_or_else(PoisonError::into_inner);
        *elapsed = elapsed.saturating_add(by);
        *elapsed
    }
}

impl Default for VirtualClock {
    fn default() -> Self {
        VirtualClock::new()
    }
}

impl Clocks for VirtualClock {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        let elapsed = self.go(TICK);
        Ok(match clock {
            ClockId::Realtime => self.start.saturating_add(elapsed),
            ClockId::Monotonic | ClockId::ProcessCputime | ClockId::ThreadCputime => elapsed,
        })
    }

    fn resolution(&mut self, _clock: ClockId) -> Result<u64, Errno> {
        Ok(TICK)
    }

    fn pass(&mut self, nanoseconds: u64) -> bool {
        self.go(nanoseconds);
        true
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Clocks, START, VirtualClock};
    use crate::abi::ClockId;

    #[test]
    fn all_clocks_go_together_and_only_when_they_are_used() {
        let mut clock = VirtualClock::new();
        assert_eq!(clock.now(ClockId::Monotonic), Ok(1_000));
        assert_eq!(clock.now(ClockId::Realtime), Ok(START + 2_000));
        assert!(clock.pass(5_000));
        assert_eq!(clock.now(ClockId::ThreadCputime), Ok(8_000));
        assert_eq!(clock.elapsed(), Duration::from_micros(8));
    }

    #[test]
    fn time_ends_where_64_bits_do() {
        let mut clock = VirtualClock::starting_at(Duration::from_secs(u64::MAX));
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(ClockId::Monotonic), Ok(u64::MAX));
        assert_eq!(clock.now(ClockId::Realtime), Ok(u64::MAX));
    }
}
