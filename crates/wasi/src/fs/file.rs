//! An open file.

use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};

use smallvec::SmallVec;

use crate::abi::{Errno, FdFlags, FileStat, Whence};
use crate::fs::{NewTimes, stat};
use crate::guest::{Buffers, GuestMemory};

/// A file, a device or a pipe that was opened by path.
#[derive(Debug)]
pub(crate) struct File {
    file: cap_std::fs::File,
    flags: FdFlags,
}

impl File {
    /// Wraps a host file that was opened with `flags`.
    pub(crate) fn new(file: cap_std::fs::File, flags: FdFlags) -> Self {
        File { file, flags }
    }

    /// How reads and writes behave.
    pub(crate) fn flags(&self) -> FdFlags {
        self.flags
    }

    /// Attributes of the file.
    pub(crate) fn stat(&self) -> Result<FileStat, Errno> {
        Ok(stat(&self.file.metadata()?))
    }

    /// Reads at the current position into the buffers, one after another, and moves it.
    /// Stops early at the end of the file. An error after some bytes is the next call's.
    pub(crate) fn read(
        &mut self,
        memory: &mut GuestMemory<'_>,
        buffers: &Buffers,
    ) -> Result<u64, Errno> {
        let file = &mut self.file;
        fill(memory, buffers, |_, buffer| file.read(buffer))
    }

    /// Reads at `offset` and leaves the position as it is.
    pub(crate) fn read_at(
        &mut self,
        memory: &mut GuestMemory<'_>,
        buffers: &Buffers,
        offset: u64,
    ) -> Result<u64, Errno> {
        let file = &self.file;
        fill(memory, buffers, |done, buffer| {
            let at = offset
                .checked_add(done)
                .ok_or(io::ErrorKind::InvalidInput)?;
            positioned::read_at(file, buffer, at)
        })
    }

    /// Writes the buffers at the current position, or at the end in append mode.
    pub(crate) fn write(
        &mut self,
        memory: &GuestMemory<'_>,
        buffers: &Buffers,
    ) -> Result<u64, Errno> {
        write_to(&mut self.file, memory, buffers)
    }

    /// Writes at `offset` and leaves the position as it is.
    pub(crate) fn write_at(
        &mut self,
        memory: &GuestMemory<'_>,
        buffers: &Buffers,
        offset: u64,
    ) -> Result<u64, Errno> {
        let mut done = 0;
        for range in buffers {
            let buffer = memory.buffer(range);
            let at = offset.checked_add(done).ok_or(Errno::Fbig)?;
            let written = match retry(|| positioned::write_at(&self.file, buffer, at)) {
                Ok(written) => written,
                Err(_) if done > 0 => break,
                Err(error) => return Err(error.into()),
            };
            done += written as u64;
            if written < buffer.len() {
                break;
            }
        }
        Ok(done)
    }

    /// Moves the position and returns it.
    pub(crate) fn seek(&mut self, delta: i64, whence: Whence) -> Result<u64, Errno> {
        let target = match whence {
            Whence::Set => SeekFrom::Start(u64::try_from(delta).map_err(|_| Errno::Inval)?),
            Whence::Cur => SeekFrom::Current(delta),
            Whence::End => SeekFrom::End(delta),
        };
        Ok(self.file.seek(target)?)
    }

    /// The position.
    pub(crate) fn tell(&mut self) -> Result<u64, Errno> {
        Ok(self.file.stream_position()?)
    }

    /// Waits until data and attributes have reached the device.
    pub(crate) fn sync(&self) -> Result<(), Errno> {
        Ok(self.file.sync_all()?)
    }

    /// Waits until the data has reached the device.
    pub(crate) fn sync_data(&self) -> Result<(), Errno> {
        Ok(self.file.sync_data()?)
    }

    /// Cuts the file or extends it with zeros.
    pub(crate) fn set_size(&self, size: u64) -> Result<(), Errno> {
        Ok(self.file.set_len(size)?)
    }

    /// Sets the times of the file.
    pub(crate) fn set_times(&self, times: NewTimes) -> Result<(), Errno> {
        let mut host = std::fs::FileTimes::new();
        if let Some(accessed) = times.accessed {
            host = host.set_accessed(accessed);
        }
        if let Some(modified) = times.modified {
            host = host.set_modified(modified);
        }
        let file = self.file.try_clone()?.into_std();
        Ok(file.set_times(host)?)
    }

    /// Reserves space. `notsup` where the host or its file system has no such call:
    /// merely extending the file would promise what is not kept.
    pub(crate) fn allocate(&self, offset: u64, len: u64) -> Result<(), Errno> {
        if len == 0 {
            return Err(Errno::Inval);
        }
        let end = offset.checked_add(len).ok_or(Errno::Fbig)?;
        i64::try_from(end).map_err(|_| Errno::Fbig)?;
        self.allocate_on_host(offset, len)
    }

    #[cfg(target_os = "linux")]
    fn allocate_on_host(&self, offset: u64, len: u64) -> Result<(), Errno> {
        let flags = rustix::fs::FallocateFlags::empty();
        let result = rustix::fs::fallocate(&self.file, flags, offset, len);
        result.map_err(|error| Errno::from(io::Error::from(error)))
    }

    #[cfg(not(target_os = "linux"))]
    fn allocate_on_host(&self, _offset: u64, _len: u64) -> Result<(), Errno> {
        Err(Errno::Notsup)
    }

    /// Changes append mode and waiting. How writes reach the device is fixed when a file
    /// is opened; a call that would change it is `notsup`.
    pub(crate) fn set_flags(&mut self, flags: FdFlags) -> Result<(), Errno> {
        let changed = flags.difference(self.flags);
        let fixed = FdFlags::SYNC.union(FdFlags::DSYNC).union(FdFlags::RSYNC);
        if changed.intersects(fixed) {
            return Err(Errno::Notsup);
        }
        if changed != FdFlags::empty() {
            self.set_flags_on_host(flags)?;
            self.flags = flags;
        }
        Ok(())
    }

    #[cfg(unix)]
    fn set_flags_on_host(&self, flags: FdFlags) -> Result<(), Errno> {
        use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
        let host = |error| Errno::from(io::Error::from(error));
        let mut status = fcntl_getfl(&self.file).map_err(host)?;
        status.set(OFlags::APPEND, flags.contains(FdFlags::APPEND));
        status.set(OFlags::NONBLOCK, flags.contains(FdFlags::NONBLOCK));
        fcntl_setfl(&self.file, status).map_err(host)
    }

    #[cfg(not(unix))]
    fn set_flags_on_host(&self, _flags: FdFlags) -> Result<(), Errno> {
        Err(Errno::Notsup)
    }
}

/// Fills the buffers by `read`, which is told how many bytes came before.
fn fill(
    memory: &mut GuestMemory<'_>,
    buffers: &Buffers,
    mut read: impl FnMut(u64, &mut [u8]) -> io::Result<usize>,
) -> Result<u64, Errno> {
    let mut done = 0;
    for range in buffers {
        let buffer = memory.buffer_mut(range);
        let got = match retry(|| read(done, buffer)) {
            Ok(got) => got,
            Err(_) if done > 0 => break,
            Err(error) => return Err(error.into()),
        };
        done += got as u64;
        if got < buffer.len() {
            break;
        }
    }
    Ok(done)
}

/// Writes the buffers with one call to the host; it may take less than all.
pub(crate) fn write_to<W: Write + ?Sized>(
    writer: &mut W,
    memory: &GuestMemory<'_>,
    buffers: &Buffers,
) -> Result<u64, Errno> {
    let written = match buffers.as_slice() {
        [] => return Ok(0),
        [only] => retry(|| writer.write(memory.buffer(only)))?,
        many => {
            let slices: SmallVec<[IoSlice<'_>; 8]> = many
                .iter()
                .map(|range| IoSlice::new(memory.buffer(range)))
                .collect();
            retry(|| writer.write_vectored(&slices))?
        }
    };
    // A library that asks again and again until all is written must not do so forever.
    if written == 0 {
        return Err(Errno::Nospc);
    }
    Ok(written as u64)
}

/// Calls again where a signal came between.
pub(crate) fn retry(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Reads and writes that leave the position alone.
#[cfg(unix)]
mod positioned {
    use std::io;

    use cap_std::fs::{File, FileExt};

    pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        i64::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput)?;
        file.read_at(buffer, offset)
    }

    pub(super) fn write_at(file: &File, buffer: &[u8], offset: u64) -> io::Result<usize> {
        i64::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput)?;
        file.write_at(buffer, offset)
    }
}

/// Where the host's calls move the position, it is put back.
#[cfg(not(unix))]
mod positioned {
    use std::io::{self, Read, Seek, SeekFrom, Write};

    use cap_std::fs::File;

    pub(super) fn read_at(mut file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let before = file.stream_position()?;
        file.seek(SeekFrom::Start(offset))?;
        let result = file.read(buffer);
        file.seek(SeekFrom::Start(before))?;
        result
    }

    pub(super) fn write_at(mut file: &File, buffer: &[u8], offset: u64) -> io::Result<usize> {
        let before = file.stream_position()?;
        file.seek(SeekFrom::Start(offset))?;
        let result = file.write(buffer);
        file.seek(SeekFrom::Start(before))?;
        result
    }
}
