//! Arguments.

use crate::WasiCtx;
use crate::abi::Errno;
use crate::guest::GuestMemory;

/// Stores the arguments and an array of their addresses.
pub(super) fn args_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    argv: u32,
    argv_buf: u32,
) -> Result<(), Errno> {
    ctx.args.store(memory, argv, argv_buf)
}

/// Stores how many arguments there are and how many bytes they take.
pub(super) fn args_sizes_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    argc: u32,
    argv_buf_size: u32,
) -> Result<(), Errno> {
    let (count, bytes) = ctx.args.sizes()?;
    memory.write_u32(argc, count)?;
    memory.write_u32(argv_buf_size, bytes)
}
