//! Paths, resolved in a directory descriptor.

use crate::WasiCtx;
use crate::abi::{Errno, FdFlags, LookupFlags, OFlags, Rights};
use crate::fs::{GuestPath, NewTimes, OpenRequest, Opened};
use crate::guest::GuestMemory;
use crate::table::{Descriptor, Kind};

/// The path that lies at an address.
fn path_at<'a>(memory: &'a GuestMemory<'_>, path: u32, len: u32) -> Result<GuestPath<'a>, Errno> {
    GuestPath::new(memory.slice(path, len)?)
}

/// Whether a link in the last component is followed.
fn follows(flags: u32) -> Result<bool, Errno> {
    Ok(LookupFlags::from_guest(flags)?.contains(LookupFlags::SYMLINK_FOLLOW))
}

/// Makes a directory.
pub(super) fn path_create_directory(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<(), Errno> {
    let directory = ctx
        .table
        .get(fd)?
        .directory(Rights::PATH_CREATE_DIRECTORY)?;
    directory.create_directory(path_at(memory, path, path_len)?)
}

/// Stores attributes of what a path names.
pub(super) fn path_filestat_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    filestat: u32,
) -> Result<(), Errno> {
    let directory = ctx.table.get(fd)?.directory(Rights::PATH_FILESTAT_GET)?;
    let stat = directory.stat_at(path_at(memory, path, path_len)?, follows(flags)?)?;
    memory.write(filestat, &stat.encode())
}

/// Sets the times of what a path names.
#[allow(clippy::too_many_arguments, reason = "the interface's signature")]
pub(super) fn path_filestat_set_times(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    atim: u64,
    mtim: u64,
    fst_flags: u32,
) -> Result<(), Errno> {
    let times = NewTimes::from_guest(atim, mtim, fst_flags)?;
    let follow = follows(flags)?;
    let directory = ctx
        .table
        .get(fd)?
        .directory(Rights::PATH_FILESTAT_SET_TIMES)?;
    directory.set_times_of(path_at(memory, path, path_len)?, follow, times)
}

/// Gives a file a further name. Following a link is refused, as the names of a link and
/// of its target are two things: `inval`.
#[allow(clippy::too_many_arguments, reason = "the interface's signature")]
pub(super) fn path_link(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result<(), Errno> {
    let source = ctx.table.get(fd)?.directory(Rights::PATH_LINK_SOURCE)?;
    let target = ctx.table.get(new_fd)?.directory(Rights::PATH_LINK_TARGET)?;
    if follows(flags)? {
        return Err(Errno::Inval);
    }
    let path = path_at(memory, path, path_len)?;
    source.hard_link(path, target, path_at(memory, new_path, new_path_len)?)
}

/// Opens a file or a directory and stores its descriptor.
///
/// What is opened gets the rights asked for, as far as they mean anything for it. Asking
/// for more than the directory passes on is `notcapable`.
#[allow(clippy::too_many_arguments, reason = "the interface's signature")]
pub(super) fn path_open(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    dirflags: u32,
    path: u32,
    path_len: u32,
    oflags: u32,
    rights_base: u64,
    rights_inheriting: u64,
    fdflags: u32,
    opened_fd: u32,
) -> Result<(), Errno> {
    let rights = Rights::from_guest(rights_base);
    let inheriting = Rights::from_guest(rights_inheriting);
    let request = OpenRequest {
        follow: follows(dirflags)?,
        oflags: OFlags::from_guest(oflags)?,
        rights,
        flags: FdFlags::from_guest(fdflags)?,
    };
    let mut needed = Rights::PATH_OPEN;
    if request.oflags.contains(OFlags::CREAT) {
        needed = needed.union(Rights::PATH_CREATE_FILE);
    }
    if request.oflags.contains(OFlags::TRUNC) {
        needed = needed.union(Rights::PATH_FILESTAT_SET_SIZE);
    }

    let parent = ctx.table.get(fd)?;
    let directory = parent.directory(needed)?;
    if !parent.inheriting.contains(rights.union(inheriting)) {
        return Err(Errno::Notcapable);
    }
    memory.check(opened_fd, 4)?;
    ctx.table.check_room()?;

    let descriptor = match directory.open(path_at(memory, path, path_len)?, &request)? {
        Opened::File(file) => Descriptor {
            kind: Kind::File(file),
            rights: rights.intersection(Rights::FILE),
            inheriting: Rights::NONE,
        },
        Opened::Directory(directory) => Descriptor {
            kind: Kind::Directory(directory),
            rights: rights.intersection(Rights::DIRECTORY),
            inheriting,
        },
    };
    let opened = ctx.table.insert(descriptor)?;
    memory.write_u32(opened_fd, opened)
}

/// Stores the target of a link, cut to the buffer, and how much was stored.
#[allow(clippy::too_many_arguments, reason = "the interface's signature")]
pub(super) fn path_readlink(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
    buf: u32,
    buf_len: u32,
    bufused: u32,
) -> Result<(), Errno> {
    let directory = ctx.table.get(fd)?.directory(Rights::PATH_READLINK)?;
    let target = directory.read_link(path_at(memory, path, path_len)?)?;
    let buffer = memory.slice_mut(buf, buf_len)?;
    let used = target.len().min(buffer.len());
    buffer[..used].copy_from_slice(&target.as_bytes()[..used]);
    memory.write_u32(bufused, u32::try_from(used).map_err(|_| Errno::Overflow)?)
}

/// Removes an empty directory.
pub(super) fn path_remove_directory(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<(), Errno> {
    let directory = ctx
        .table
        .get(fd)?
        .directory(Rights::PATH_REMOVE_DIRECTORY)?;
    directory.remove_directory(path_at(memory, path, path_len)?)
}

/// Moves what a path names.
#[allow(clippy::too_many_arguments, reason = "the interface's signature")]
pub(super) fn path_rename(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result<(), Errno> {
    let source = ctx.table.get(fd)?.directory(Rights::PATH_RENAME_SOURCE)?;
    let target = ctx.table.get(new_fd)?;
    let target = target.directory(Rights::PATH_RENAME_TARGET)?;
    let path = path_at(memory, path, path_len)?;
    source.rename(path, target, path_at(memory, new_path, new_path_len)?)
}

/// Makes a link. Its target obeys the rules for paths: what is absolute could only be
/// meant to lead out.
pub(super) fn path_symlink(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    target: u32,
    target_len: u32,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<(), Errno> {
    let directory = ctx.table.get(fd)?.directory(Rights::PATH_SYMLINK)?;
    let bytes = memory.slice(target, target_len)?;
    GuestPath::new(bytes)?;
    let target = core::str::from_utf8(bytes).map_err(|_| Errno::Ilseq)?;
    directory.symlink(target, path_at(memory, path, path_len)?)
}

/// Removes a file or a link.
pub(super) fn path_unlink_file(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<(), Errno> {
    let directory = ctx.table.get(fd)?.directory(Rights::PATH_UNLINK_FILE)?;
    directory.unlink(path_at(memory, path, path_len)?)
}
