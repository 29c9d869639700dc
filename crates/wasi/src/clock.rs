//! The clocks of a guest: the host's, or ones that are told what time it is.

mod host;
mod virtual_clock;

use std::fmt;

pub use host::HostClocks;
pub use virtual_clock::VirtualClock;

use crate::abi::{ClockId, Errno};

/// Where a guest's time comes from.
///
/// Times are nanoseconds: since 1970 for the real clock, since whenever for the others.
pub trait Clocks: fmt::Debug + Send {
    /// The time.
    ///
    /// # Errors
    /// [`Errno::Inval`] for a clock that there is not, and [`Errno::Overflow`] for a time
    /// that 64 bits cannot say.
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno>;

    /// What a clock counts in; never 0.
    ///
    /// # Errors
    /// [`Errno::Inval`] for a clock that there is not.
    fn resolution(&mut self, clock: ClockId) -> Result<u64, Errno>;

    /// A guest waits for that long, and nothing else that it waits for has happened.
    /// Returns whether the time has passed by this call: clocks that go by themselves say
    /// `false`, and the guest waits for the host.
    fn pass(&mut self, nanoseconds: u64) -> bool;
}
