//! Reading and writing.

use std::io::IoSlice;
use std::sync::Arc;

use smallvec::SmallVec;

use super::SIZE;
use crate::WasiCtx;
#[cfg(unix)]
use crate::abi::RiFlags;
use crate::abi::{Errno, Rights};
use crate::fs::File;
use crate::guest::{Buffers, GuestMemory};
#[cfg(unix)]
use crate::preview1::sock;
use crate::table::{Descriptor, Kind};
use crate::wait::Signal;

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
fn store_count(memory: &mut dyn GuestMemory, address: u32, count: usize) -> Result<(), Errno> {
    memory.write_u32(address, u32::try_from(count).map_err(|_| Errno::Overflow)?)
}

/// The buffers as a write wants them.
fn slices<'a>(
    memory: &'a dyn GuestMemory,
    buffers: &Buffers,
) -> Result<SmallVec<[IoSlice<'a>; 8]>, Errno> {
    buffers
        .iter()
        .map(|range| memory.buffer(range).map(IoSlice::new))
        .collect()
}

/// Does something with a file that may have to be waited for.
fn waiting(
    file: &mut dyn File,
    signal: &Arc<Signal>,
    read: bool,
    mut call: impl FnMut(&mut dyn File) -> Result<usize, Errno>,
) -> Result<usize, Errno> {
    #[cfg(unix)]
    loop {
        use crate::abi::FdFlags;
        use crate::wait::HostWait;
        match call(file) {
            Err(Errno::Again) if !file.flags().contains(FdFlags::NONBLOCK) => {
                let Some(fd) = file.host_descriptor() else {
                    return Err(Errno::Again);
                };
                signal.until_ready(|| {
                    if read {
                        HostWait::to_read_borrowed(fd).look()
                    } else {
                        HostWait::to_write_borrowed(fd).look()
                    }
                })?;
            }
            result => return result,
        }
    }
    #[cfg(not(unix))]
    {
        let _ = (signal, read);
        call(file)
    }
}

/// Reads a file at its position into the buffers, one after another. An error after some
/// bytes is the next call's.
fn read_file(
    file: &mut dyn File,
    memory: &mut dyn GuestMemory,
    buffers: &Buffers,
    signal: &Arc<Signal>,
) -> Result<usize, Errno> {
    let mut done = 0;
    for range in buffers {
        let buffer = memory.buffer_mut(range)?;
        let got = match waiting(file, signal, true, |file| file.read(buffer)) {
            Ok(got) => got.min(buffer.len()),
            Err(_) if done > 0 => break,
            Err(error) => return Err(error),
        };
        done += got;
        if got < buffer.len() || !is_regular(file) {
            break;
        }
    }
    Ok(done)
}

/// Whether a second read right after a first one cannot make the guest wait.
fn is_regular(file: &dyn File) -> bool {
    #[cfg(unix)]
    return file.host_descriptor().is_none();
    #[cfg(not(unix))]
    {
        let _ = file;
        true
    }
}

/// Reads into the `iovs_len` buffers at `iovs` from the position of a file, which moves, or
/// from a stream or socket, and stores how many bytes at `nread`. 0 bytes are the end.
///
/// A stream fills one buffer at most: what a terminal or a pipe has is handed on, rather
/// than kept back until a second one can be filled as well. It waits for something to read
/// unless its flags forbid it.
///
/// # Errors
/// [`Errno::Badf`] for what is not open for reading, a directory also; [`Errno::Inval`]
/// where the lengths add up to more than 32 bits; [`Errno::Again`] where there is nothing
/// to read and the flags forbid to wait; [`Errno::Intr`] where the host interrupts.
pub fn fd_read(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    nread: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    require_access(descriptor, Rights::FD_READ)?;
    let buffers = memory.buffers(iovs, iovs_len, ctx.limits.bytes_in_flight)?;
    memory.check(nread, SIZE)?;
    let count = match &mut descriptor.kind {
        Kind::Input(input) => match buffers.first() {
            Some(first) => input.read(memory.buffer_mut(first)?, &ctx.signal)?,
            None => 0,
        },
        Kind::File(file) => read_file(&mut **file, memory, &buffers, &ctx.signal)?,
        #[cfg(unix)]
        Kind::Socket(_) => sock::receive(ctx, memory, fd, &buffers, RiFlags::empty())?.0,
        Kind::Output(_) | Kind::Directory(_) => return Err(Errno::Badf),
    };
    store_count(memory, nread, count)
}

/// Reads into the `iovs_len` buffers at `iovs` from `offset` in a file, and stores how many
/// bytes at `nread`. The position stays.
///
/// # Errors
/// As of [`fd_read`]; [`Errno::Inval`] for an offset above 2^63, [`Errno::Spipe`] of a
/// stream, a socket or a pipe.
pub fn fd_pread(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nread: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    require_access(descriptor, Rights::FD_READ)?;
    let file = descriptor.file(Rights::FD_SEEK)?;
    let buffers = memory.buffers(iovs, iovs_len, ctx.limits.bytes_in_flight)?;
    memory.check(nread, SIZE)?;
    i64::try_from(offset).map_err(|_| Errno::Inval)?;
    let mut done = 0;
    for range in &buffers {
        let buffer = memory.buffer_mut(range)?;
        let at = offset.checked_add(done as u64).ok_or(Errno::Inval)?;
        let got = match file.read_at(buffer, at) {
            Ok(got) => got.min(buffer.len()),
            Err(_) if done > 0 => break,
            Err(error) => return Err(error),
        };
        done += got;
        if got < buffer.len() {
            break;
        }
    }
    store_count(memory, nread, done)
}

/// Writes the `iovs_len` buffers at `iovs` at the position of a file, which moves, or in
/// append mode at its end, or to a stream or socket, and stores how many bytes were taken
/// at `nwritten`: fewer where there is no more room now.
///
/// # Errors
/// [`Errno::Badf`] for what is not open for writing, a directory also; [`Errno::Inval`]
/// where the lengths add up to more than 32 bits; [`Errno::Nospc`] where nothing more is
/// taken; [`Errno::Pipe`] where nobody reads; [`Errno::Again`] where there is no room and
/// the flags forbid to wait; [`Errno::Intr`] where the host interrupts.
pub fn fd_write(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    nwritten: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    require_access(descriptor, Rights::FD_WRITE)?;
    let buffers = memory.buffers(iovs, iovs_len, ctx.limits.bytes_in_flight)?;
    memory.check(nwritten, SIZE)?;
    let count = match &mut descriptor.kind {
        Kind::Output(output) => output.write(&slices(memory, &buffers)?, &ctx.signal)?,
        Kind::File(file) => {
            let slices = slices(memory, &buffers)?;
            waiting(&mut **file, &ctx.signal, false, |file| file.write(&slices))?
        }
        #[cfg(unix)]
        Kind::Socket(_) => sock::send(ctx, memory, fd, &buffers)?,
        Kind::Input(_) | Kind::Directory(_) => return Err(Errno::Badf),
    };
    store_count(memory, nwritten, count)
}

/// Writes the `iovs_len` buffers at `iovs` at `offset` in a file, in append mode too, and
/// stores how many bytes were taken at `nwritten`. The position stays.
///
/// # Errors
/// As of [`fd_write`]; [`Errno::Inval`] for an offset above 2^63, [`Errno::Fbig`],
/// [`Errno::Spipe`] of a stream, a socket or a pipe.
pub fn fd_pwrite(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nwritten: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    require_access(descriptor, Rights::FD_WRITE)?;
    let file = descriptor.file(Rights::FD_SEEK)?;
    let buffers = memory.buffers(iovs, iovs_len, ctx.limits.bytes_in_flight)?;
    memory.check(nwritten, SIZE)?;
    i64::try_from(offset).map_err(|_| Errno::Inval)?;
    let mut done = 0;
    for range in &buffers {
        let buffer = memory.buffer(range)?;
        let at = offset.checked_add(done as u64).ok_or(Errno::Fbig)?;
        let written = match file.write_at(buffer, at) {
            Ok(written) => written.min(buffer.len()),
            Err(_) if done > 0 => break,
            Err(error) => return Err(error),
        };
        done += written;
        if written < buffer.len() {
            break;
        }
    }
    store_count(memory, nwritten, done)
}
