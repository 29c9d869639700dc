//! What one guest has: arguments, environment, streams, directories, clocks.
//!
//! A [`WasiCtx`] is part of a store's host data and belongs to one guest. It is made by a
//! [`WasiCtxBuilder`], which grants nothing that it is not told to grant.

mod builder;
mod capture;
mod streams;
mod strings;

use std::fmt;

pub use builder::{ConfigError, WasiCtxBuilder};
pub use capture::Capture;
pub(crate) use streams::{Input, Output};
pub(crate) use strings::Strings;

use crate::clock::Clocks;
use crate::table::Table;

/// The state that preview 1's functions work on, for one guest.
///
/// It is `Send`. Reads, writes and sleeping are done on the thread that runs the guest
/// and block it.
pub struct WasiCtx {
    pub(crate) args: Strings,
    pub(crate) environ: Strings,
    pub(crate) table: Table,
    pub(crate) clocks: Clocks,
}

impl WasiCtx {
    /// A builder that grants nothing yet.
    pub fn builder() -> WasiCtxBuilder {
        WasiCtxBuilder::new()
    }
}

impl fmt::Debug for WasiCtx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasiCtx").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::WasiCtx;

    #[test]
    fn a_context_can_move_to_another_thread() {
        fn is_send<T: Send>() {}
        is_send::<WasiCtx>();
    }
}
