//! Random numbers.

use crate::WasiCtx;
use crate::abi::Errno;
use crate::guest::GuestMemory;

/// Fills `buf_len` bytes at `buf` with random bytes.
///
/// # Errors
/// [`Errno::Inval`] for more than [`Limits::random_bytes`](crate::Limits::random_bytes),
/// [`Errno::Io`] where the source fails.
pub fn random_get(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    buf: u32,
    buf_len: u32,
) -> Result<(), Errno> {
    let buffer = memory.slice_mut(buf, buf_len)?;
    if buffer.len() > ctx.limits.random_bytes {
        return Err(Errno::Inval);
    }
    ctx.random.fill(buffer)
}
