//! Random numbers.

use crate::WasiCtx;
use crate::abi::Errno;
use crate::guest::GuestMemory;
use crate::random;

/// Fills a buffer with random bytes.
pub(super) fn random_get(
    _ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    buf: u32,
    buf_len: u32,
) -> Result<(), Errno> {
    random::fill(memory.slice_mut(buf, buf_len)?)
}
