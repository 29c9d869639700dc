//! The clocks of a guest.

use std::time::{Duration, Instant, SystemTime};

use crate::abi::{ClockId, Errno};

/// Clocks, counted in nanoseconds.
///
/// The monotonic clock of a guest starts at 1 ns when its context is made: how long the
/// host has been up is none of its business.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clocks {
    start: Instant,
}

impl Clocks {
    /// Clocks of a guest that starts now.
    pub(crate) fn new() -> Self {
        Clocks {
            start: Instant::now(),
        }
    }

    /// The time.
    ///
    /// # Errors
    /// [`Errno::Notsup`] for processor time on a host that does not tell it, and
    /// [`Errno::Overflow`] for a time before 1970.
    pub(crate) fn now(&self, clock: ClockId) -> Result<u64, Errno> {
        match clock {
            ClockId::Realtime => nanoseconds(
                SystemTime::now()
                    .duration_since(SystemTime::UNIX_EPOCH)
                    .map_err(|_| Errno::Overflow)?,
            ),
            ClockId::Monotonic => nanoseconds(self.start.elapsed())?
                .checked_add(1)
                .ok_or(Errno::Overflow),
            ClockId::ProcessCputime | ClockId::ThreadCputime => processor_time(clock),
        }
    }
}

fn nanoseconds(time: Duration) -> Result<u64, Errno> {
    u64::try_from(time.as_nanos()).map_err(|_| Errno::Overflow)
}

#[cfg(unix)]
mod host {
    use rustix::time::{ClockId as Host, Timespec, clock_getres, clock_gettime};

    use crate::abi::{ClockId, Errno};

    fn host(clock: ClockId) -> Host {
        match clock {
            ClockId::Realtime => Host::Realtime,
            ClockId::Monotonic => Host::Monotonic,
            ClockId::ProcessCputime => Host::ProcessCPUTime,
            ClockId::ThreadCputime => Host::ThreadCPUTime,
        }
    }

    fn nanoseconds(time: Timespec) -> Result<u64, Errno> {
        let seconds = u64::try_from(time.tv_sec).map_err(|_| Errno::Overflow)?;
        let rest = u64::try_from(time.tv_nsec).map_err(|_| Errno::Overflow)?;
        seconds
            .checked_mul(1_000_000_000)
            .and_then(|whole| whole.checked_add(rest))
            .ok_or(Errno::Overflow)
    }

    pub(crate) fn processor_time(clock: ClockId) -> Result<u64, Errno> {
        nanoseconds(clock_gettime(host(clock)))
    }

    pub(crate) fn resolution(clock: ClockId) -> Result<u64, Errno> {
        nanoseconds(clock_getres(host(clock)))
    }
}

#[cfg(not(unix))]
mod host {
    use crate::abi::{ClockId, Errno};

    pub(crate) fn processor_time(_clock: ClockId) -> Result<u64, Errno> {
        Err(Errno::Notsup)
    }

    /// What these hosts' clocks count in.
    pub(crate) fn resolution(clock: ClockId) -> Result<u64, Errno> {
        match clock {
            ClockId::Realtime | ClockId::Monotonic => Ok(100),
            ClockId::ProcessCputime | ClockId::ThreadCputime => Err(Errno::Notsup),
        }
    }
}

use host::processor_time;
pub(crate) use host::resolution;

#[cfg(test)]
mod tests {
    use super::{Clocks, resolution};
    use crate::abi::ClockId;

    #[test]
    fn the_monotonic_clock_starts_near_zero_and_is_not_set_back() {
        let clocks = Clocks::new();
        let first = clocks.now(ClockId::Monotonic).unwrap();
        let second = clocks.now(ClockId::Monotonic).unwrap();
        assert!(0 < first && first <= second && second < 1_000_000_000);
    }

    #[test]
    fn the_real_clock_is_past_2020() {
        let now = Clocks::new().now(ClockId::Realtime).unwrap();
        assert!(now > 1_577_836_800_000_000_000);
    }

    #[test]
    fn every_clock_has_a_resolution() {
        for clock in [ClockId::Realtime, ClockId::Monotonic] {
            assert!(resolution(clock).unwrap() > 0);
        }
    }
}
