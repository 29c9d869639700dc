//! The binary interface of preview 1: numbers, flags and records exactly as the
//! interface definition (`wasi_snapshot_preview1.witx`) lays them out, and where
//! `wasi_unstable` differs, its layout beside.
//!
//! Nothing here does anything; every other module speaks to the guest through these
//! types. Records are encoded and decoded byte by byte as little-endian, so the host's
//! own byte order and alignment never matter. A number from the guest that the
//! interface does not define is refused with [`Errno::Inval`], never reinterpreted.

mod errno;
mod flags;
mod records;
mod rights;
mod variants;

pub use errno::Errno;
pub use flags::{FdFlags, FstFlags, LookupFlags, OFlags, RiFlags, RoFlags, SdFlags, SubclockFlags};
pub use records::{Dirent, Event, FdStat, FileStat, Subscription, SubscriptionKind};
pub use rights::Rights;
pub use variants::{Advice, ClockId, EventType, FileType, Whence};
