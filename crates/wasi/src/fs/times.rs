//! Times to be set.

use std::time::{Duration, SystemTime};

use crate::abi::{Errno, FstFlags};

/// Times to set, in nanoseconds since 1970; `None` leaves one as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewTimes {
    /// Last access.
    pub accessed: Option<u64>,
    /// Last modification.
    pub modified: Option<u64>,
}

impl NewTimes {
    /// Takes the arguments of a call. `now` tells the time where that is to be set.
    ///
    /// # Errors
    /// [`Errno::Inval`] for unknown flags and for a time that is to be both given and now.
    pub(crate) fn from_guest(
        accessed: u64,
        modified: u64,
        flags: u32,
        now: impl FnOnce() -> Result<u64, Errno>,
    ) -> Result<Self, Errno> {
        let flags = FstFlags::from_guest(flags)?;
        let both = |given, now| flags.contains(given) && flags.contains(now);
        if both(FstFlags::ATIM, FstFlags::ATIM_NOW) || both(FstFlags::MTIM, FstFlags::MTIM_NOW) {
            return Err(Errno::Inval);
        }
        let now = if flags.intersects(FstFlags::ATIM_NOW.union(FstFlags::MTIM_NOW)) {
            Some(now()?)
        } else {
            None
        };
        let pick = |nanoseconds, given, is_now| {
            if flags.contains(given) {
                Some(nanoseconds)
            } else if flags.contains(is_now) {
                now
            } else {
                None
            }
        };
        Ok(NewTimes {
            accessed: pick(accessed, FstFlags::ATIM, FstFlags::ATIM_NOW),
            modified: pick(modified, FstFlags::MTIM, FstFlags::MTIM_NOW),
        })
    }

    /// Both times as the host's.
    ///
    /// # Errors
    /// [`Errno::Inval`] for a time that the host cannot express.
    pub fn to_system(self) -> Result<(Option<SystemTime>, Option<SystemTime>), Errno> {
        let system = |time: Option<u64>| {
            time.map(|time| {
                SystemTime::UNIX_EPOCH
                    .checked_add(Duration::from_nanos(time))
                    .ok_or(Errno::Inval)
            })
            .transpose()
        };
        Ok((system(self.accessed)?, system(self.modified)?))
    }
}

/// The host's time now, in nanoseconds since 1970; 0 before that.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| {
            u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
        })
}

#[cfg(test)]
mod tests {
    use super::NewTimes;
    use crate::abi::Errno;

    #[test]
    fn a_time_cannot_be_given_and_now_at_once() {
        for flags in [0b0011, 0b1100, 0b1111, 0b1_0000] {
            assert_eq!(
                NewTimes::from_guest(0, 0, flags, || Ok(1)),
                Err(Errno::Inval)
            );
        }
    }

    #[test]
    fn only_the_times_asked_for_are_set() {
        let times = NewTimes::from_guest(1, 2, 0b0100, || Ok(3)).unwrap();
        assert_eq!((times.accessed, times.modified), (None, Some(2)));
        let times = NewTimes::from_guest(1, 2, 0b1001, || Ok(3)).unwrap();
        assert_eq!((times.accessed, times.modified), (Some(1), Some(3)));
    }
}
