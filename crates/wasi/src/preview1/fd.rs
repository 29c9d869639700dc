//! Descriptors.

mod data;
mod directory;

use std::io::SeekFrom;

pub use data::{fd_pread, fd_pwrite, fd_read, fd_write};
pub use directory::{fd_prestat_dir_name, fd_prestat_get, fd_readdir};

use crate::WasiCtx;
use crate::abi::{Advice, ClockId, Errno, FdFlags, FdStat, FileStat, FileType, Rights, Whence};
use crate::fs::NewTimes;
use crate::guest::GuestMemory;
use crate::table::Kind;

/// Size of a count of bytes that a call stores.
const SIZE: usize = 4;

/// Size of a position that a call stores.
const FILESIZE: usize = 8;

/// Takes the hint `advice` on how `len` bytes at `offset` of a file will be used. The
/// host's own judgement is kept.
///
/// # Errors
/// [`Errno::Badf`] of a directory, [`Errno::Spipe`] of a stream or socket,
/// [`Errno::Inval`] where offset and length add up to more than 64 bits.
pub fn fd_advise(
    ctx: &mut WasiCtx,
    _memory: &mut dyn GuestMemory,
    fd: u32,
    offset: u64,
    len: u64,
    advice: u32,
) -> Result<(), Errno> {
    let file = ctx.table.get_mut(fd)?.file(Rights::FD_ADVISE)?;
    let advice = Advice::from_guest(advice)?;
    offset.checked_add(len).ok_or(Errno::Inval)?;
    file.advise(offset, len, advice)
}

/// Reserves space for `len` bytes at `offset` of a file, which grows to that.
///
/// # Errors
/// [`Errno::Inval`] for no bytes, [`Errno::Fbig`] where they end above 2^63,
/// [`Errno::Notsup`] where the host's file system has no such call (anywhere but on Linux),
/// [`Errno::Nospc`], [`Errno::Badf`] of a directory, [`Errno::Spipe`] of a stream.
pub fn fd_allocate(
    ctx: &mut WasiCtx,
    _memory: &mut dyn GuestMemory,
    fd: u32,
    offset: u64,
    len: u64,
) -> Result<(), Errno> {
    let file = ctx.table.get_mut(fd)?.file(Rights::FD_ALLOCATE)?;
    if len == 0 {
        return Err(Errno::Inval);
    }
    let end = offset.checked_add(len).ok_or(Errno::Fbig)?;
    i64::try_from(end).map_err(|_| Errno::Fbig)?;
    file.allocate(offset, len)
}

/// Closes a descriptor; any, also the first ones and given directories. Its number is
/// free again.
///
/// # Errors
/// Of an output stream, what its last flush says.
pub fn fd_close(ctx: &mut WasiCtx, _memory: &mut dyn GuestMemory, fd: u32) -> Result<(), Errno> {
    let mut closed = ctx.table.remove(fd)?;
    match &mut closed.kind {
        // The last chance of a stream to say that something was lost.
        Kind::Output(output) => output.flush(),
        _ => Ok(()),
    }
}

/// Waits until data has reached the device.
///
/// # Errors
/// [`Errno::Inval`] of an input stream or a socket, [`Errno::Io`].
pub fn fd_datasync(ctx: &mut WasiCtx, _memory: &mut dyn GuestMemory, fd: u32) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    let allowed = descriptor.require(Rights::FD_DATASYNC);
    match &mut descriptor.kind {
        Kind::File(file) => allowed.and_then(|()| file.sync_data()),
        Kind::Directory(directory) => allowed.and_then(|()| directory.sync()),
        Kind::Output(output) => allowed.and_then(|()| output.flush()),
        _ => Err(Errno::Inval),
    }
}

/// Stores kind, flags and rights of a descriptor at `stat` (24 bytes).
///
/// # Errors
/// None but the common ones.
pub fn fd_fdstat_get(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    stat: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get(fd)?;
    let (file_type, flags) = match &descriptor.kind {
        Kind::Input(input) => (input.file_type(), input.flags()),
        Kind::Output(output) => (output.file_type(), output.flags()),
        Kind::Directory(_) => (FileType::Directory, FdFlags::empty()),
        Kind::File(file) => (file.stat()?.file_type, file.flags()),
        #[cfg(unix)]
        Kind::Socket(socket) => (socket.file_type(), socket.flags()),
    };
    let record = FdStat {
        file_type,
        flags,
        rights: descriptor.rights,
        inheriting: descriptor.inheriting,
    };
    memory.write(stat, &record.encode())
}

/// Changes the flags of a descriptor: `append` and `nonblock` of files, `nonblock` of
/// streams and sockets. Directories have none to change.
///
/// # Errors
/// [`Errno::Notsup`] for a flag that cannot be changed: how writes reach the device is
/// fixed when a file is opened.
pub fn fd_fdstat_set_flags(
    ctx: &mut WasiCtx,
    _memory: &mut dyn GuestMemory,
    fd: u32,
    flags: u32,
) -> Result<(), Errno> {
    let flags = FdFlags::from_guest(flags)?;
    let descriptor = ctx.table.get_mut(fd)?;
    descriptor.require(Rights::FD_FDSTAT_SET_FLAGS)?;
    match &mut descriptor.kind {
        Kind::File(file) => file.set_flags(flags),
        Kind::Input(input) => input.set_flags(flags),
        Kind::Output(output) => output.set_flags(flags),
        #[cfg(unix)]
        Kind::Socket(socket) => socket.set_flags(flags),
        Kind::Directory(_) if flags == FdFlags::empty() => Ok(()),
        Kind::Directory(_) => Err(Errno::Notsup),
    }
}

/// Takes rights away from a descriptor, and from what is opened through it later. None can
/// be added.
///
/// # Errors
/// [`Errno::Notcapable`] for a right that the descriptor does not have.
pub fn fd_fdstat_set_rights(
    ctx: &mut WasiCtx,
    _memory: &mut dyn GuestMemory,
    fd: u32,
    fs_rights_base: u64,
    fs_rights_inheriting: u64,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    let base = Rights::from_guest(fs_rights_base);
    let inheriting = Rights::from_guest(fs_rights_inheriting);
    if !descriptor.rights.contains(base) || !descriptor.inheriting.contains(inheriting) {
        return Err(Errno::Notcapable);
    }
    descriptor.rights = base;
    descriptor.inheriting = inheriting;
    Ok(())
}

/// Stores attributes of what a descriptor names at `buf` (64 bytes). Of streams and
/// sockets they are the kind and zeros.
///
/// # Errors
/// None but the common ones.
pub fn fd_filestat_get(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    buf: u32,
) -> Result<(), Errno> {
    memory.write(buf, &filestat(ctx, fd)?.encode())
}

/// Attributes of what a descriptor names.
pub(crate) fn filestat(ctx: &WasiCtx, fd: u32) -> Result<FileStat, Errno> {
    let descriptor = ctx.table.get(fd)?;
    descriptor.require(Rights::FD_FILESTAT_GET)?;
    match &descriptor.kind {
        Kind::Input(input) => Ok(FileStat::of_type(input.file_type())),
        Kind::Output(output) => Ok(FileStat::of_type(output.file_type())),
        Kind::File(file) => file.stat(),
        Kind::Directory(directory) => directory.stat(),
        #[cfg(unix)]
        Kind::Socket(socket) => Ok(FileStat::of_type(socket.file_type())),
    }
}

/// Cuts a file to `size` bytes or extends it with zeros. The position stays.
///
/// # Errors
/// [`Errno::Inval`] above 2^63, [`Errno::Fbig`], [`Errno::Nospc`], [`Errno::Notcapable`]
/// of a file that is not open for writing, [`Errno::Badf`] of a directory,
/// [`Errno::Spipe`] of a stream.
pub fn fd_filestat_set_size(
    ctx: &mut WasiCtx,
    _memory: &mut dyn GuestMemory,
    fd: u32,
    size: u64,
) -> Result<(), Errno> {
    let file = ctx.table.get_mut(fd)?.file(Rights::FD_FILESTAT_SET_SIZE)?;
    i64::try_from(size).map_err(|_| Errno::Inval)?;
    file.set_size(size)
}

/// Sets the times of a file or a directory, as `fst_flags` say: to what is given, in
/// nanoseconds since 1970, or to now. Now is what the guest's clock says.
///
/// # Errors
/// [`Errno::Inval`] for a time that is to be both given and now, and for one that the host
/// cannot express; [`Errno::Notsup`] of a stream or a socket.
pub fn fd_filestat_set_times(
    ctx: &mut WasiCtx,
    _memory: &mut dyn GuestMemory,
    fd: u32,
    atim: u64,
    mtim: u64,
    fst_flags: u32,
) -> Result<(), Errno> {
    let clocks = &mut ctx.clocks;
    let times = NewTimes::from_guest(atim, mtim, fst_flags, || clocks.now(ClockId::Realtime))?;
    let descriptor = ctx.table.get(fd)?;
    match &descriptor.kind {
        Kind::File(file) => {
            descriptor.require(Rights::FD_FILESTAT_SET_TIMES)?;
            file.set_times(times)
        }
        Kind::Directory(directory) => {
            descriptor.require(Rights::FD_FILESTAT_SET_TIMES)?;
            directory.set_times(times)
        }
        _ => Err(Errno::Notsup),
    }
}

/// Moves the descriptor `fd` to the number `to`, whose descriptor, a given directory also,
/// is closed by that. Both must be open. One that is moved to its own number stays as it
/// is.
///
/// # Errors
/// None but the common ones.
pub fn fd_renumber(
    ctx: &mut WasiCtx,
    _memory: &mut dyn GuestMemory,
    fd: u32,
    to: u32,
) -> Result<(), Errno> {
    ctx.table.renumber(fd, to)
}

/// Moves the position of a file by `offset` from the start (`whence` 0), the position (1)
/// or the end (2), and stores it at `newoffset`. It may lie beyond the end. Asking where it
/// is takes no more than the right to be told.
///
/// # Errors
/// [`Errno::Inval`] before the start or above 2^63, [`Errno::Spipe`] of a stream, a socket
/// or a pipe, [`Errno::Badf`] of a directory.
pub fn fd_seek(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    offset: i64,
    whence: u32,
    newoffset: u32,
) -> Result<(), Errno> {
    seek(
        ctx,
        memory,
        fd,
        offset,
        Whence::from_guest(whence)?,
        newoffset,
    )
}

/// The same for a `whence` of any numbering.
pub(crate) fn seek(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    offset: i64,
    whence: Whence,
    newoffset: u32,
) -> Result<(), Errno> {
    if offset == 0 && whence == Whence::Cur {
        return fd_tell(ctx, memory, fd, newoffset);
    }
    let file = ctx.table.get_mut(fd)?.file(Rights::FD_SEEK)?;
    memory.check(newoffset, FILESIZE)?;
    let target = match whence {
        Whence::Set => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::Inval)?),
        Whence::Cur => SeekFrom::Current(offset),
        Whence::End => SeekFrom::End(offset),
    };
    let reached = file.seek(target)?;
    memory.write_u64(newoffset, reached)
}

/// Waits until data and attributes have reached the device.
///
/// # Errors
/// [`Errno::Inval`] of an input stream or a socket, [`Errno::Io`].
pub fn fd_sync(ctx: &mut WasiCtx, _memory: &mut dyn GuestMemory, fd: u32) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    let allowed = descriptor.require(Rights::FD_SYNC);
    match &mut descriptor.kind {
        Kind::File(file) => allowed.and_then(|()| file.sync()),
        Kind::Directory(directory) => allowed.and_then(|()| directory.sync()),
        Kind::Output(output) => allowed.and_then(|()| output.flush()),
        _ => Err(Errno::Inval),
    }
}

/// Stores the position of a file at `offset`. The right to seek implies the right to be
/// told.
///
/// # Errors
/// [`Errno::Spipe`] of a stream, a socket or a pipe, [`Errno::Badf`] of a directory.
pub fn fd_tell(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    offset: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    let right = if descriptor.rights.contains(Rights::FD_SEEK) {
        Rights::FD_SEEK
    } else {
        Rights::FD_TELL
    };
    let position = descriptor.file(right)?.tell()?;
    memory.write_u64(offset, position)
}
