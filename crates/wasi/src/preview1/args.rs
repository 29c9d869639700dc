//! Arguments.

use crate::WasiCtx;
use crate::abi::Errno;
use crate::guest::GuestMemory;

/// Stores the arguments, each with a NUL at its end, one after another at `argv_buf`, and
/// an array of their addresses at `argv`. Nothing is stored where one of the two does not
/// fit.
///
/// # Errors
/// None but the common ones.
pub fn args_get(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    argv: u32,
    argv_buf: u32,
) -> Result<(), Errno> {
    ctx.args.store(memory, argv, argv_buf)
}

/// Stores how many arguments there are at `argc`, and how many bytes they take, NULs
/// included, at `argv_buf_size`.
///
/// # Errors
/// None but the common ones.
pub fn args_sizes_get(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    argc: u32,
    argv_buf_size: u32,
) -> Result<(), Errno> {
    let (count, bytes) = ctx.args.sizes()?;
    memory.check(argv_buf_size, 4)?;
    memory.write_u32(argc, count)?;
    memory.write_u32(argv_buf_size, bytes)
}
