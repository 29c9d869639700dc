//! What descriptors of directories tell: their listing, and the names of given ones.

use super::SIZE;
use crate::WasiCtx;
use crate::abi::{Errno, Rights};
use crate::guest::GuestMemory;
use crate::table::Kind;

/// Stores that a descriptor is a directory given by the embedder, and how long its name is,
/// at `buf` (8 bytes).
///
/// # Errors
/// [`Errno::Badf`] for any other descriptor: that is how libraries find the end of the
/// list.
pub fn fd_prestat_get(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    buf: u32,
) -> Result<(), Errno> {
    let name = preopened_name(ctx, fd)?;
    let len = u32::try_from(name.len()).map_err(|_| Errno::Overflow)?;
    // The tag of a directory is 0; so is the padding.
    let mut record = [0; 8];
    record[4..].copy_from_slice(&len.to_le_bytes());
    memory.write(buf, &record)
}

/// Stores the name of a directory given by the embedder, without a NUL, into the `path_len`
/// bytes at `path`.
///
/// # Errors
/// [`Errno::Nametoolong`] where it does not fit, [`Errno::Badf`] for any other descriptor.
pub fn fd_prestat_dir_name(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<(), Errno> {
    let name = preopened_name(ctx, fd)?.as_bytes();
    let buffer = memory.slice_mut(path, path_len)?;
    let room = buffer.get_mut(..name.len()).ok_or(Errno::Nametoolong)?;
    room.copy_from_slice(name);
    Ok(())
}

fn preopened_name(ctx: &WasiCtx, fd: u32) -> Result<&str, Errno> {
    match &ctx.table.get(fd)?.kind {
        Kind::Directory(directory) => directory.preopened_name().ok_or(Errno::Badf),
        _ => Err(Errno::Badf),
    }
}

/// Stores entries of a directory into the `buf_len` bytes at `buf`, from the one that
/// `cookie` names, and how many bytes they take at `bufused`. Fewer than `buf_len` mean that
/// there are no more; the last entry may be cut and comes again when its cookie is asked
/// for.
///
/// Cookie 0 takes the listing anew; others are places in the listing that was taken then,
/// so what is there all the time comes exactly once, whatever is made or removed meanwhile.
/// `.` and `..` come first. Names that are not UTF-8 are left out.
///
/// # Errors
/// [`Errno::Notdir`] of anything but a directory, [`Errno::Nomem`] where the listing has
/// more names than
/// [`Limits::directory_entries`](crate::Limits::directory_entries) leave.
pub fn fd_readdir(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    buf: u32,
    buf_len: u32,
    cookie: u64,
    bufused: u32,
) -> Result<(), Errno> {
    let directory = ctx.table.get_mut(fd)?.directory_mut(Rights::FD_READDIR)?;
    memory.check(bufused, SIZE)?;
    let buffer = memory.slice_mut(buf, buf_len)?;
    let used = directory.read_entries(cookie, buffer, &ctx.listings)?;
    memory.write_u32(bufused, u32::try_from(used).map_err(|_| Errno::Overflow)?)
}
