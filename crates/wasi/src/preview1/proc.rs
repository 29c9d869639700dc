//! The guest as a process: signals, giving way.

use crate::WasiCtx;
use crate::abi::Errno;
use crate::guest::GuestMemory;

/// Raising the signal `signal` is not supported; wasi-libc never asks for it, and no guest
/// signals its host.
///
/// # Errors
/// [`Errno::Inval`] for a number that is no signal's (31 and above), else
/// [`Errno::Notsup`].
pub fn proc_raise(
    _ctx: &mut WasiCtx,
    _memory: &mut dyn GuestMemory,
    signal: u32,
) -> Result<(), Errno> {
    /// `sys`, the last one that the interface names.
    const LAST: u32 = 30;
    if signal > LAST {
        return Err(Errno::Inval);
    }
    Err(Errno::Notsup)
}

/// Lets other threads of the host go first.
///
/// # Errors
/// None.
pub fn sched_yield(_ctx: &mut WasiCtx, _memory: &mut dyn GuestMemory) -> Result<(), Errno> {
    std::thread::yield_now();
    Ok(())
}
