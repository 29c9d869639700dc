//! Clocks.

use crate::WasiCtx;
use crate::abi::{ClockId, Errno};
use crate::clock;
use crate::guest::GuestMemory;

/// Stores what a clock counts in, in nanoseconds.
pub(super) fn clock_res_get(
    _ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    id: u32,
    resolution: u32,
) -> Result<(), Errno> {
    let clock = ClockId::from_guest(id)?;
    memory.write_u64(resolution, clock::resolution(clock)?)
}

/// Stores the time. How exact it has to be is of no matter: asking costs the same.
pub(super) fn clock_time_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    id: u32,
    _precision: u64,
    time: u32,
) -> Result<(), Errno> {
    let clock = ClockId::from_guest(id)?;
    memory.write_u64(time, ctx.clocks.now(clock)?)
}
