//! The functions of `wasi_unstable` that are not those of preview 1.
//!
//! The older interface has the same functions, without `sock_accept`. Four of them pass
//! records or numbers of another layout: the count of names in attributes of files has 32
//! bits, the origins of a seek are numbered otherwise, and the subscription to a clock has an
//! identifier more. All others are shared with [`preview1`].

use crate::WasiCtx;
use crate::abi::{Errno, Subscription, Whence};
use crate::guest::GuestMemory;
use crate::preview1;

/// As [`preview1::fd_filestat_get`], with the record of 56 bytes.
///
/// # Errors
/// The same.
pub fn fd_filestat_get(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    buf: u32,
) -> Result<(), Errno> {
    memory.write(buf, &preview1::filestat(ctx, fd)?.encode_unstable())
}

/// As [`preview1::path_filestat_get`], with the record of 56 bytes.
///
/// # Errors
/// The same.
pub fn path_filestat_get(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    buf: u32,
) -> Result<(), Errno> {
    let stat = preview1::filestat_at(ctx, memory, fd, flags, (path, path_len))?;
    memory.write(buf, &stat.encode_unstable())
}

/// As [`preview1::fd_seek`], from the position (`whence` 0), the end (1) or the start (2).
///
/// # Errors
/// The same.
pub fn fd_seek(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    offset: i64,
    whence: u32,
    newoffset: u32,
) -> Result<(), Errno> {
    let whence = Whence::from_unstable_guest(whence)?;
    preview1::seek(ctx, memory, fd, offset, whence, newoffset)
}

/// As [`preview1::poll_oneoff`], with subscriptions of 56 bytes.
///
/// # Errors
/// The same.
pub fn poll_oneoff(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    in_: u32,
    out: u32,
    nsubscriptions: u32,
    nevents: u32,
) -> Result<(), Errno> {
    preview1::poll(
        ctx,
        memory,
        (in_, out, nsubscriptions, nevents),
        Subscription::decode_unstable,
    )
}
