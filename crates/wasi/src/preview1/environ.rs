//! The environment.

use crate::WasiCtx;
use crate::abi::Errno;
use crate::guest::GuestMemory;

/// Stores the variables as `NAME=VALUE`, each with a NUL at its end, one after another at
/// `environ_buf`, and an array of their addresses at `environ`. Nothing is stored where one
/// of the two does not fit.
///
/// # Errors
/// None but the common ones.
pub fn environ_get(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    environ: u32,
    environ_buf: u32,
) -> Result<(), Errno> {
    ctx.environ.store(memory, environ, environ_buf)
}

/// Stores how many variables there are at `environ_count`, and how many bytes they take,
/// `=` and NULs included, at `environ_buf_size`.
///
/// # Errors
/// None but the common ones.
pub fn environ_sizes_get(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    environ_count: u32,
    environ_buf_size: u32,
) -> Result<(), Errno> {
    let (count, bytes) = ctx.environ.sizes()?;
    memory.check(environ_buf_size, 4)?;
    memory.write_u32(environ_count, count)?;
    memory.write_u32(environ_buf_size, bytes)
}
