//! The guest as a process: its end, signals, giving way.

use curta::Error;

use crate::abi::Errno;
use crate::guest::GuestMemory;
use crate::{Exit, WasiCtx};

/// Ends the guest. To the engine this is an error that every frame passes on; whoever
/// called the guest finds an [`Exit`] in it.
pub(super) fn proc_exit(code: u32) -> Result<(), Error> {
    Err(Error::new(Exit(code.cast_signed())))
}

/// Raising a signal is not supported; wasi-libc never asks for it.
pub(super) fn proc_raise(
    _ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    _signal: u32,
) -> Result<(), Errno> {
    Err(Errno::Notsup)
}

/// Lets other threads of the host go first.
pub(super) fn sched_yield(_ctx: &mut WasiCtx, _memory: &mut GuestMemory<'_>) -> Result<(), Errno> {
    std::thread::yield_now();
    Ok(())
}
