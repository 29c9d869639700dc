//! What one guest has: arguments, environment, streams, directories, clocks.
//!
//! A [`WasiCtx`] is part of a store's host data. It is made by a [`WasiCtxBuilder`], which
//! grants nothing that it is not told to grant.

mod builder;
mod limits;
mod strings;

use std::fmt;
use std::sync::Arc;

pub use builder::{ConfigError, WasiCtxBuilder};
pub use limits::Limits;
pub(crate) use strings::Strings;

use crate::clock::Clocks;
use crate::fs::Listings;
use crate::random::Random;
use crate::table::Table;
use crate::wait::{Interrupt, Signal};

/// The state that the functions work on.
///
/// It is `Send`. Reads, writes and waiting are done on the thread that runs the guest and
/// block it; another thread ends that by [`interrupt_handle`](Self::interrupt_handle).
///
/// Several instances may use one context in turn, of one store or, moved from store to
/// store, of several: what one has opened stays open for the next.
pub struct WasiCtx {
    pub(crate) args: Strings,
    pub(crate) environ: Strings,
    pub(crate) table: Table,
    pub(crate) clocks: Box<dyn Clocks>,
    pub(crate) random: Box<dyn Random>,
    pub(crate) limits: Limits,
    pub(crate) listings: Arc<Listings>,
    pub(crate) signal: Arc<Signal>,
}

impl WasiCtx {
    /// A builder that grants nothing yet.
    pub fn builder() -> WasiCtxBuilder {
        WasiCtxBuilder::new()
    }

    /// What ends calls that wait, from any thread.
    pub fn interrupt_handle(&self) -> Interrupt {
        Interrupt::new(&self.signal)
    }

    /// Whether an interrupt asks for the guest's end. Who links the functions into an
    /// engine asks this before each call, and after one that returned
    /// [`Errno::Intr`](crate::abi::Errno::Intr).
    pub fn is_interrupted(&self) -> bool {
        self.signal.is_interrupted()
    }

    /// Closes every descriptor, standard streams and given directories included. Readers
    /// of pipes from this guest then find the end.
    pub fn close_all(&mut self) {
        self.table.clear();
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
