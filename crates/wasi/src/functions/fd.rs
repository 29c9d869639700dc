//! Descriptors.

use crate::WasiCtx;
use crate::abi::{Advice, Errno, FdFlags, FdStat, FileStat, FileType, Rights, Whence};
use crate::fs::NewTimes;
use crate::guest::GuestMemory;
use crate::table::{Descriptor, Kind};

/// Size of a count of bytes that a call stores.
const SIZE: usize = 4;

/// Size of a position that a call stores.
const FILESIZE: usize = 8;

/// Makes sure that a descriptor may be read or written. A missing right to do so is
/// `badf`, as for a descriptor opened the other way on POSIX systems.
fn require_access(descriptor: &Descriptor, right: Rights) -> Result<(), Errno> {
    if descriptor.rights.contains(right) {
        Ok(())
    } else {
        Err(Errno::Badf)
    }
}

/// Stores a count of bytes.
fn store_count(memory: &mut GuestMemory<'_>, address: u32, count: u64) -> Result<(), Errno> {
    memory.write_u32(address, u32::try_from(count).map_err(|_| Errno::Overflow)?)
}

/// Takes a hint on how a file will be used. The host's own judgement is kept.
pub(super) fn fd_advise(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    len: u64,
    advice: u32,
) -> Result<(), Errno> {
    ctx.table.get_mut(fd)?.file(Rights::FD_ADVISE)?;
    Advice::from_guest(advice)?;
    offset.checked_add(len).ok_or(Errno::Inval)?;
    Ok(())
}

/// Reserves space for a part of a file.
pub(super) fn fd_allocate(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    len: u64,
) -> Result<(), Errno> {
    let file = ctx.table.get_mut(fd)?.file(Rights::FD_ALLOCATE)?;
    file.allocate(offset, len)
}

/// Closes a descriptor; any, also the first ones.
pub(super) fn fd_close(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
) -> Result<(), Errno> {
    let mut closed = ctx.table.remove(fd)?;
    match &mut closed.kind {
        // The last chance of a stream to say that something was lost.
        Kind::Output(output) => output.flush(),
        Kind::Input(_) | Kind::File(_) | Kind::Directory(_) => Ok(()),
    }
}

/// Waits until data has reached the device.
pub(super) fn fd_datasync(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    descriptor.require(Rights::FD_DATASYNC)?;
    match &mut descriptor.kind {
        Kind::File(file) => file.sync_data(),
        Kind::Directory(directory) => directory.sync(),
        Kind::Output(output) => output.flush(),
        Kind::Input(_) => Err(Errno::Inval),
    }
}

/// Stores kind, flags and rights of a descriptor.
pub(super) fn fd_fdstat_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    fdstat: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get(fd)?;
    let (file_type, flags) = match &descriptor.kind {
        Kind::Input(input) => (input.file_type(), FdFlags::empty()),
        Kind::Output(output) => (output.file_type(), FdFlags::empty()),
        Kind::Directory(_) => (FileType::Directory, FdFlags::empty()),
        Kind::File(file) => (file.stat()?.file_type, file.flags()),
    };
    let stat = FdStat {
        file_type,
        flags,
        rights: descriptor.rights,
        inheriting: descriptor.inheriting,
    };
    memory.write(fdstat, &stat.encode())
}

/// Changes the flags of a descriptor. Streams and directories have none to change.
pub(super) fn fd_fdstat_set_flags(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
) -> Result<(), Errno> {
    let flags = FdFlags::from_guest(flags)?;
    let descriptor = ctx.table.get_mut(fd)?;
    descriptor.require(Rights::FD_FDSTAT_SET_FLAGS)?;
    match &mut descriptor.kind {
        Kind::File(file) => file.set_flags(flags),
        Kind::Input(_) | Kind::Output(_) | Kind::Directory(_) => {
            if flags == FdFlags::empty() {
                Ok(())
            } else {
                Err(Errno::Notsup)
            }
        }
    }
}

/// Takes rights away. None can be added.
pub(super) fn fd_fdstat_set_rights(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    base: u64,
    inheriting: u64,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    let base = Rights::from_guest(base);
    let inheriting = Rights::from_guest(inheriting);
    if !descriptor.rights.contains(base) || !descriptor.inheriting.contains(inheriting) {
        return Err(Errno::Notcapable);
    }
    descriptor.rights = base;
    descriptor.inheriting = inheriting;
    Ok(())
}

/// Stores attributes of what a descriptor names.
pub(super) fn fd_filestat_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    filestat: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get(fd)?;
    descriptor.require(Rights::FD_FILESTAT_GET)?;
    let stat = match &descriptor.kind {
        Kind::Input(input) => FileStat::of_type(input.file_type()),
        Kind::Output(output) => FileStat::of_type(output.file_type()),
        Kind::File(file) => file.stat()?,
        Kind::Directory(directory) => directory.stat()?,
    };
    memory.write(filestat, &stat.encode())
}

/// Cuts a file or extends it with zeros.
pub(super) fn fd_filestat_set_size(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    size: u64,
) -> Result<(), Errno> {
    let file = ctx.table.get_mut(fd)?.file(Rights::FD_FILESTAT_SET_SIZE)?;
    file.set_size(size)
}

/// Sets the times of what a descriptor names.
pub(super) fn fd_filestat_set_times(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    atim: u64,
    mtim: u64,
    fst_flags: u32,
) -> Result<(), Errno> {
    let times = NewTimes::from_guest(atim, mtim, fst_flags)?;
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
        Kind::Input(_) | Kind::Output(_) => Err(Errno::Notsup),
    }
}

/// Reads at an offset and leaves the position as it is.
pub(super) fn fd_pread(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nread: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    require_access(descriptor, Rights::FD_READ)?;
    let file = descriptor.file(Rights::FD_SEEK)?;
    let buffers = memory.buffers(iovs, iovs_len)?;
    memory.check(nread, SIZE)?;
    let count = file.read_at(memory, &buffers, offset)?;
    store_count(memory, nread, count)
}

/// Stores that a descriptor is a directory given by the embedder, and how long its name
/// is. Any other is `badf`: that is how libraries find the end of the list.
pub(super) fn fd_prestat_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    prestat: u32,
) -> Result<(), Errno> {
    let name = preopened_name(ctx, fd)?;
    let len = u32::try_from(name.len()).map_err(|_| Errno::Overflow)?;
    // The tag of a directory is 0; so is the padding.
    let mut record = [0; 8];
    record[4..].copy_from_slice(&len.to_le_bytes());
    memory.write(prestat, &record)
}

/// Stores the name of a directory given by the embedder, without a NUL.
pub(super) fn fd_prestat_dir_name(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
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
        Kind::Input(_) | Kind::Output(_) | Kind::File(_) => Err(Errno::Badf),
    }
}

/// Writes at an offset and leaves the position as it is.
pub(super) fn fd_pwrite(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nwritten: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    require_access(descriptor, Rights::FD_WRITE)?;
    let file = descriptor.file(Rights::FD_SEEK)?;
    let buffers = memory.buffers(iovs, iovs_len)?;
    memory.check(nwritten, SIZE)?;
    let count = file.write_at(memory, &buffers, offset)?;
    store_count(memory, nwritten, count)
}

/// Reads at the current position.
pub(super) fn fd_read(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    nread: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    require_access(descriptor, Rights::FD_READ)?;
    let buffers = memory.buffers(iovs, iovs_len)?;
    memory.check(nread, SIZE)?;
    let count = match &mut descriptor.kind {
        Kind::Input(input) => input.read(memory, &buffers)?,
        Kind::File(file) => file.read(memory, &buffers)?,
        Kind::Output(_) | Kind::Directory(_) => return Err(Errno::Badf),
    };
    store_count(memory, nread, count)
}

/// Stores entries of a directory.
pub(super) fn fd_readdir(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buf: u32,
    buf_len: u32,
    cookie: u64,
    bufused: u32,
) -> Result<(), Errno> {
    let directory = ctx.table.get_mut(fd)?.directory_mut(Rights::FD_READDIR)?;
    memory.check(bufused, SIZE)?;
    let used = directory.read_entries(cookie, memory.slice_mut(buf, buf_len)?)?;
    store_count(memory, bufused, used as u64)
}

/// Moves a descriptor to the number of another, which is closed by that.
pub(super) fn fd_renumber(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    to: u32,
) -> Result<(), Errno> {
    ctx.table.renumber(fd, to)
}

/// Moves the position and stores it. Asking where it is takes no more than the right to
/// be told.
pub(super) fn fd_seek(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    delta: i64,
    whence: u32,
    position: u32,
) -> Result<(), Errno> {
    let whence = Whence::from_guest(whence)?;
    if delta == 0 && whence == Whence::Cur {
        return fd_tell(ctx, memory, fd, position);
    }
    let file = ctx.table.get_mut(fd)?.file(Rights::FD_SEEK)?;
    memory.check(position, FILESIZE)?;
    let reached = file.seek(delta, whence)?;
    memory.write_u64(position, reached)
}

/// Waits until data and attributes have reached the device.
pub(super) fn fd_sync(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    descriptor.require(Rights::FD_SYNC)?;
    match &mut descriptor.kind {
        Kind::File(file) => file.sync(),
        Kind::Directory(directory) => directory.sync(),
        Kind::Output(output) => output.flush(),
        Kind::Input(_) => Err(Errno::Inval),
    }
}

/// Stores the position. The right to seek implies the right to be told.
pub(super) fn fd_tell(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    position: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    let file = if descriptor.rights.contains(Rights::FD_SEEK) {
        descriptor.file(Rights::FD_SEEK)?
    } else {
        descriptor.file(Rights::FD_TELL)?
    };
    memory.write_u64(position, file.tell()?)
}

/// Writes at the current position.
pub(super) fn fd_write(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    nwritten: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    require_access(descriptor, Rights::FD_WRITE)?;
    let buffers = memory.buffers(iovs, iovs_len)?;
    memory.check(nwritten, SIZE)?;
    let count = match &mut descriptor.kind {
        Kind::Output(output) => output.write(memory, &buffers)?,
        Kind::File(file) => file.write(memory, &buffers)?,
        Kind::Input(_) | Kind::Directory(_) => return Err(Errno::Badf),
    };
    store_count(memory, nwritten, count)
}
