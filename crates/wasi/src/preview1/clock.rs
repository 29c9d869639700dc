//! Clocks.

use crate::WasiCtx;
use crate::abi::{ClockId, Errno};
use crate::guest::GuestMemory;

/// Stores what the clock `id` counts in, in nanoseconds, at `resolution`; never 0.
///
/// # Errors
/// [`Errno::Inval`] for a clock that there is not, such as processor time where the host
/// does not tell it.
pub fn clock_res_get(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    id: u32,
    resolution: u32,
) -> Result<(), Errno> {
    let clock = ClockId::from_guest(id)?;
    memory.write_u64(resolution, ctx.clocks.resolution(clock)?)
}

/// Stores the time of the clock `id` at `time`. How exact it has to be (`precision`) is of
/// no matter: asking costs the same.
///
/// # Errors
/// [`Errno::Inval`] for a clock that there is not, [`Errno::Overflow`] for a time before
/// 1970.
pub fn clock_time_get(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    id: u32,
    _precision: u64,
    time: u32,
) -> Result<(), Errno> {
    let clock = ClockId::from_guest(id)?;
    memory.write_u64(time, ctx.clocks.now(clock)?)
}
