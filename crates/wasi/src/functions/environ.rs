//! The environment.

use crate::WasiCtx;
use crate::abi::Errno;
use crate::guest::GuestMemory;

/// Stores the variables as `NAME=VALUE` and an array of their addresses.
pub(super) fn environ_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    environ: u32,
    environ_buf: u32,
) -> Result<(), Errno> {
    ctx.environ.store(memory, environ, environ_buf)
}

/// Stores how many variables there are and how many bytes they take.
pub(super) fn environ_sizes_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    environ_count: u32,
    environ_buf_size: u32,
) -> Result<(), Errno> {
    let (count, bytes) = ctx.environ.sizes()?;
    memory.write_u32(environ_count, count)?;
    memory.write_u32(environ_buf_size, bytes)
}
