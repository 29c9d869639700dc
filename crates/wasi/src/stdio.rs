//! Standard streams: what a guest reads from and writes to besides files.

mod capture;
mod pipe;
mod streams;

pub use capture::Capture;
pub use pipe::{PipeReader, PipeWriter, pipe};
pub(crate) use streams::{Input, Output};
#[cfg(all(feature = "host", not(target_os = "wasi")))]
pub(crate) use streams::{retry, write_to};
