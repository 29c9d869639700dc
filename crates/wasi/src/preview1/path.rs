//! Paths, resolved in a directory descriptor.
//!
//! Of every function here: a path is relative UTF-8 without NUL, up to 4096 bytes;
//! [`Errno::Ilseq`], [`Errno::Inval`] and [`Errno::Nametoolong`] otherwise. An empty one is
//! [`Errno::Noent`]. One that leads out of its directory, from its first byte or by way of
//! `..` or a link, is [`Errno::Perm`], and one that goes through more than 40 links is
//! [`Errno::Loop`]. Slashes, `.` or `..` at its end mean a directory, and a link there is
//! followed. A descriptor that is no directory is [`Errno::Notdir`]. What would change a
//! read-only directory is [`Errno::Rofs`].

use crate::WasiCtx;
use crate::abi::{ClockId, Errno, FdFlags, FileStat, LookupFlags, OFlags, Rights};
use crate::fs::{GuestPath, NewTimes, OpenOptions, Opened};
use crate::guest::GuestMemory;
use crate::table::{Descriptor, Kind};

/// The path that lies at an address.
fn path_at(memory: &dyn GuestMemory, path: u32, len: u32) -> Result<GuestPath<'_>, Errno> {
    GuestPath::new(memory.slice(path, len)?)
}

/// Whether a link in the last component is followed.
fn follows(flags: u32) -> Result<bool, Errno> {
    Ok(LookupFlags::from_guest(flags)?.contains(LookupFlags::SYMLINK_FOLLOW))
}

/// Makes a directory.
///
/// # Errors
/// [`Errno::Exist`] where something has the name, [`Errno::Noent`] where its directory is
/// not there.
pub fn path_create_directory(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
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

/// Stores attributes of what a path names at `buf` (64 bytes). A link in the last component
/// is followed if `flags` say so.
///
/// # Errors
/// [`Errno::Noent`], [`Errno::Notdir`].
pub fn path_filestat_get(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    buf: u32,
) -> Result<(), Errno> {
    let stat = filestat_at(ctx, memory, fd, flags, (path, path_len))?;
    memory.write(buf, &stat.encode())
}

/// Attributes of what a path names.
pub(crate) fn filestat_at(
    ctx: &WasiCtx,
    memory: &dyn GuestMemory,
    fd: u32,
    flags: u32,
    (path, path_len): (u32, u32),
) -> Result<FileStat, Errno> {
    let directory = ctx.table.get(fd)?.directory(Rights::PATH_FILESTAT_GET)?;
    directory.stat_at(path_at(memory, path, path_len)?, follows(flags)?)
}

/// Sets the times of what a path names, as
/// [`fd_filestat_set_times`](super::fd_filestat_set_times) does. A link in the last
/// component is followed if `flags` say so.
///
/// # Errors
/// [`Errno::Inval`] for a time that is to be both given and now, and for one that the host
/// cannot express; [`Errno::Noent`].
#[allow(clippy::too_many_arguments, reason = "the interface's signature")]
pub fn path_filestat_set_times(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    atim: u64,
    mtim: u64,
    fst_flags: u32,
) -> Result<(), Errno> {
    let clocks = &mut ctx.clocks;
    let times = NewTimes::from_guest(atim, mtim, fst_flags, || clocks.now(ClockId::Realtime))?;
    let follow = follows(flags)?;
    let directory = ctx
        .table
        .get(fd)?
        .directory(Rights::PATH_FILESTAT_SET_TIMES)?;
    directory.set_times_of(path_at(memory, path, path_len)?, follow, times)
}

/// Gives the file `old_path` in `old_fd` the further name `new_path` in `new_fd`. A link
/// gets one itself.
///
/// # Errors
/// [`Errno::Inval`] where `old_flags` ask to follow links: a name of the link and one of its
/// target are two things, and hosts have no call for the latter that cannot be led astray.
/// [`Errno::Exist`], [`Errno::Noent`], [`Errno::Perm`] of a directory, [`Errno::Xdev`]
/// between file systems.
#[allow(clippy::too_many_arguments, reason = "the interface's signature")]
pub fn path_link(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    old_fd: u32,
    old_flags: u32,
    old_path: u32,
    old_path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result<(), Errno> {
    let source = ctx.table.get(old_fd)?.directory(Rights::PATH_LINK_SOURCE)?;
    let target = ctx.table.get(new_fd)?.directory(Rights::PATH_LINK_TARGET)?;
    if follows(old_flags)? {
        return Err(Errno::Inval);
    }
    let path = path_at(memory, old_path, old_path_len)?;
    source.hard_link(path, target, path_at(memory, new_path, new_path_len)?)
}

/// Opens a file or a directory and stores its descriptor at `opened_fd`: the smallest
/// number that is free.
///
/// `fs_rights_base` says whether it will be read and written; for the rights that it gets
/// see [above](super#rights). `fs_rights_inheriting` must be among those that `fd` passes
/// on, and that is all. A link in the last component is followed if `dirflags` say so, and
/// else [`Errno::Loop`]. Opening never waits: a pipe without a writer is at its end, and
/// one without a reader is [`Errno::Nxio`] to a writer.
///
/// # Errors
/// [`Errno::Notcapable`] for asking for more than `fd` passes on, [`Errno::Noent`],
/// [`Errno::Exist`], [`Errno::Isdir`] for writing to a directory or making a file under a
/// name that can only be a directory's, [`Errno::Notdir`], [`Errno::Inval`] for `directory`
/// together with `creat`, `excl` or `trunc`, [`Errno::Mfile`] where the table of
/// descriptors is full (and then nothing is made).
#[allow(clippy::too_many_arguments, reason = "the interface's signature")]
pub fn path_open(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    dirflags: u32,
    path: u32,
    path_len: u32,
    oflags: u32,
    fs_rights_base: u64,
    fs_rights_inheriting: u64,
    fdflags: u32,
    opened_fd: u32,
) -> Result<(), Errno> {
    let asked = Rights::from_guest(fs_rights_base);
    let inherited = Rights::from_guest(fs_rights_inheriting);
    let oflags = OFlags::from_guest(oflags)?;
    let options = OpenOptions {
        follow: follows(dirflags)?,
        read: asked.intersects(Rights::FD_READ.union(Rights::FD_READDIR)),
        write: asked.contains(Rights::FD_WRITE),
        create: oflags.contains(OFlags::CREAT),
        exclusive: oflags.contains(OFlags::EXCL),
        truncate: oflags.contains(OFlags::TRUNC),
        directory: oflags.contains(OFlags::DIRECTORY),
        flags: FdFlags::from_guest(fdflags)?,
    };
    let mut needed = Rights::PATH_OPEN;
    if options.create {
        needed = needed.union(Rights::PATH_CREATE_FILE);
    }
    if options.truncate {
        needed = needed.union(Rights::PATH_FILESTAT_SET_SIZE);
    }

    let parent = ctx.table.get(fd)?;
    let directory = parent.directory(needed)?;
    let inheriting = parent.inheriting;
    if !inheriting.contains(asked.union(inherited)) {
        return Err(Errno::Notcapable);
    }
    memory.check(opened_fd, 4)?;
    ctx.table.check_room()?;

    let descriptor = match directory.open(path_at(memory, path, path_len)?, &options)? {
        Opened::File(file) => Descriptor {
            kind: Kind::File(file),
            rights: file_rights(&options, asked).intersection(inheriting),
            inheriting: Rights::NONE,
        },
        Opened::Dir(dir) => Descriptor {
            kind: Kind::Directory(crate::fs::Directory::new(dir)),
            rights: Rights::DIRECTORY.intersection(inheriting),
            inheriting,
        },
    };
    let opened = ctx.table.insert(descriptor)?;
    memory.write_u32(opened_fd, opened)
}

/// What a file that was opened so may be used for.
fn file_rights(options: &OpenOptions, asked: Rights) -> Rights {
    let mut rights = Rights::FILE;
    if !asked.contains(Rights::FD_READ) {
        rights = rights.without(Rights::FD_READ);
    }
    if !options.write {
        rights = rights.without(Rights::WRITES);
    }
    rights
}

/// Stores the target of a link into the `buf_len` bytes at `buf`, cut to what fits, and how
/// much was stored at `bufused`.
///
/// # Errors
/// [`Errno::Inval`] for what is no link, [`Errno::Noent`], [`Errno::Perm`] for a link with
/// an absolute target, which tells of the host and leads out, [`Errno::Ilseq`] for a target
/// that is not UTF-8.
#[allow(clippy::too_many_arguments, reason = "the interface's signature")]
pub fn path_readlink(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    path: u32,
    path_len: u32,
    buf: u32,
    buf_len: u32,
    bufused: u32,
) -> Result<(), Errno> {
    let directory = ctx.table.get(fd)?.directory(Rights::PATH_READLINK)?;
    let target = directory.read_link(path_at(memory, path, path_len)?)?;
    memory.check(bufused, 4)?;
    let buffer = memory.slice_mut(buf, buf_len)?;
    let used = target.len().min(buffer.len());
    buffer[..used].copy_from_slice(&target.as_bytes()[..used]);
    memory.write_u32(bufused, u32::try_from(used).map_err(|_| Errno::Overflow)?)
}

/// Removes an empty directory.
///
/// # Errors
/// [`Errno::Notempty`], [`Errno::Notdir`], [`Errno::Noent`], [`Errno::Inval`] for `.`.
pub fn path_remove_directory(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
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

/// Moves what `old_path` in `fd` names to the name `new_path` in `new_fd`, in place of what
/// has that name. Open descriptors go on naming what they name.
///
/// # Errors
/// [`Errno::Noent`], [`Errno::Notdir`] for a directory over something else,
/// [`Errno::Isdir`] for something else over a directory, [`Errno::Notempty`] for a directory
/// over one that is not empty, [`Errno::Inval`] for a directory into itself,
/// [`Errno::Busy`] for a path that ends in `.` or `..`, [`Errno::Xdev`] between file
/// systems.
#[allow(clippy::too_many_arguments, reason = "the interface's signature")]
pub fn path_rename(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    old_path: u32,
    old_path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result<(), Errno> {
    let source = ctx.table.get(fd)?.directory(Rights::PATH_RENAME_SOURCE)?;
    let target = ctx.table.get(new_fd)?;
    let target = target.directory(Rights::PATH_RENAME_TARGET)?;
    let path = path_at(memory, old_path, old_path_len)?;
    source.rename(path, target, path_at(memory, new_path, new_path_len)?)
}

/// Makes the link `new_path` in `fd` with the target `old_path`, which need not exist.
///
/// # Errors
/// [`Errno::Perm`] for an absolute target, which could only be meant to lead out;
/// [`Errno::Exist`], [`Errno::Noent`], also for an empty target.
pub fn path_symlink(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    old_path: u32,
    old_path_len: u32,
    fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result<(), Errno> {
    let directory = ctx.table.get(fd)?.directory(Rights::PATH_SYMLINK)?;
    let bytes = memory.slice(old_path, old_path_len)?;
    GuestPath::new(bytes)?;
    let target = core::str::from_utf8(bytes).map_err(|_| Errno::Ilseq)?;
    directory.symlink(target, path_at(memory, new_path, new_path_len)?)
}

/// Removes a name that is not one of a directory.
///
/// # Errors
/// [`Errno::Isdir`] of a directory, [`Errno::Noent`], [`Errno::Notdir`].
pub fn path_unlink_file(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<(), Errno> {
    let directory = ctx.table.get(fd)?.directory(Rights::PATH_UNLINK_FILE)?;
    directory.unlink(path_at(memory, path, path_len)?)
}
