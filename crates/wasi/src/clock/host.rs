//! The clocks of the host.

use std::time::{Duration, Instant, SystemTime};

use super::Clocks;
use crate::abi::{ClockId, Errno};

/// The host's clocks.
///
/// The monotonic clock of a guest starts at 1 ns when its context is made: how long the
/// host has been up is none of its business. Processor time is that of the host's process
/// and thread, which run the guest.
#[derive(Clone, Copy, Debug)]
pub struct HostClocks {
    start: Instant,
}

impl HostClocks {
    /// Clocks of a guest that starts now.
    pub fn new() -> Self {
        HostClocks {
            start: Instant::now(),
        }
    }
}

impl Default for HostClocks {
    fn default() -> Self {
        HostClocks::new()
    }
}

impl Clocks for HostClocks {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        match clock {
            ClockId::Realtime => nanoseconds(
                SystemTime::now()
                    .duration_since(SystemTime::UNIX_EPOCH)
                    .map_err(|_| Errno::Overflow)?,
            ),
            ClockId::Monotonic => nanoseconds(self.start.elapsed())?
                .checked_add(1)
                .ok_or(Errno::Overflow),
            ClockId::ProcessCputime | ClockId::ThreadCputime => system::processor_time(clock),
        }
    }

    fn resolution(&mut self, clock: ClockId) -> Result<u64, Errno> {
        system::resolution(clock)
    }

    fn pass(&mut self, _nanoseconds: u64) -> bool {
        false
    }
}

fn nanoseconds(time: Duration) -> Result<u64, Errno> {
    u64::try_from(time.as_nanos()).map_err(|_| Errno::Overflow)
}

#[cfg(unix)]
mod system {
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

    pub(super) fn processor_time(clock: ClockId) -> Result<u64, Errno> {
        nanoseconds(clock_gettime(host(clock)))
    }

    pub(super) fn resolution(clock: ClockId) -> Result<u64, Errno> {
        nanoseconds(clock_getres(host(clock)))
    }
}

#[cfg(not(unix))]
mod system {
    use crate::abi::{ClockId, Errno};

    pub(super) fn processor_time(_clock: ClockId) -> Result<u64, Errno> {
        Err(Errno::Inval)
    }

    /// What these hosts' clocks count in.
    pub(super) fn resolution(clock: ClockId) -> Result<u64, Errno> {
        match clock {
            ClockId::Realtime | ClockId::Monotonic => Ok(100),
            ClockId::ProcessCputime | ClockId::ThreadCputime => Err(Errno::Inval),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Clocks, HostClocks};
    use crate::abi::ClockId;

    #[test]
    fn the_monotonic_clock_starts_near_zero_and_is_not_set_back() {
        let mut clocks = HostClocks::new();
        let first = clocks.now(ClockId::Monotonic).unwrap();
        let second = clocks.now(ClockId::Monotonic).unwrap();
        assert!(0 < first && first <= second && second < 1_000_000_000);
    }

    #[test]
    fn the_real_clock_is_past_2020() {
        let now = HostClocks::new().now(ClockId::Realtime).unwrap();
        assert!(now > 1_577_836_800_000_000_000);
    }

    #[test]
    fn every_clock_has_a_resolution() {
        for clock in [ClockId::Realtime, ClockId::Monotonic] {
            assert!(HostClocks::new().resolution(clock).unwrap() > 0);
        }
    }
}
