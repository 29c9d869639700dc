//! An open file of the host.

use std::fs::File as StdFile;
use std::io::{IoSlice, Read, Seek, SeekFrom};

use super::stat::stat;
use crate::abi::{Errno, FdFlags, FileStat};
use crate::fs::{File, NewTimes};
use crate::stdio::{retry, write_to};

/// A file, a device or a pipe that was opened by path.
#[derive(Debug)]
pub(super) struct HostFile {
    file: StdFile,
    flags: FdFlags,
    /// Whether it is a regular file, which never has to be waited for.
    regular: bool,
}

impl HostFile {
    /// Wraps a host file that was opened with `flags`, and to not block.
    pub(super) fn new(file: StdFile, flags: FdFlags, regular: bool) -> Self {
        HostFile {
            file,
            flags,
            regular,
        }
    }

    /// In append mode POSIX writes at the offset that is asked for, and Linux at the end.
    /// So the mode is off for the time of the call; nobody else has this file.
    #[cfg(unix)]
    fn without_append(&self, call: impl FnOnce() -> Result<usize, Errno>) -> Result<usize, Errno> {
        if !self.flags.contains(FdFlags::APPEND) {
            return call();
        }
        self.set_append(false)?;
        let result = call();
        self.set_append(true)?;
        result
    }

    #[cfg(unix)]
    fn set_append(&self, append: bool) -> Result<(), Errno> {
        use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
        let mut status = fcntl_getfl(&self.file)?;
        status.set(OFlags::APPEND, append);
        Ok(fcntl_setfl(&self.file, status)?)
    }

    #[cfg(not(unix))]
    fn without_append(&self, call: impl FnOnce() -> Result<usize, Errno>) -> Result<usize, Errno> {
        if self.flags.contains(FdFlags::APPEND) {
            return Err(Errno::Notsup);
        }
        call()
    }

    #[cfg(not(unix))]
    fn set_append(&self, _append: bool) -> Result<(), Errno> {
        Err(Errno::Notsup)
    }

    #[cfg(target_os = "linux")]
    fn allocate_on_host(&self, offset: u64, len: u64) -> Result<(), Errno> {
        let flags = rustix::fs::FallocateFlags::empty();
        Ok(rustix::fs::fallocate(&self.file, flags, offset, len)?)
    }

    #[cfg(not(target_os = "linux"))]
    fn allocate_on_host(&self, _offset: u64, _len: u64) -> Result<(), Errno> {
        Err(Errno::Notsup)
    }
}

impl File for HostFile {
    fn stat(&self) -> Result<FileStat, Errno> {
        let metadata = cap_std::fs::Metadata::from_file(&self.file)?;
        Ok(stat(&metadata))
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Errno> {
        Ok(retry(|| self.file.read(buffer))?)
    }

    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<usize, Errno> {
        i64::try_from(offset).map_err(|_| Errno::Inval)?;
        Ok(retry(|| positioned::read_at(&self.file, buffer, offset))?)
    }

    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize, Errno> {
        write_to(&mut self.file, buffers)
    }

    fn write_at(&mut self, buffer: &[u8], offset: u64) -> Result<usize, Errno> {
        i64::try_from(offset).map_err(|_| Errno::Inval)?;
        self.without_append(|| Ok(retry(|| positioned::write_at(&self.file, buffer, offset))?))
    }

    fn seek(&mut self, to: SeekFrom) -> Result<u64, Errno> {
        Ok(self.file.seek(to)?)
    }

    fn tell(&self) -> Result<u64, Errno> {
        let mut file = &self.file;
        Ok(file.stream_position()?)
    }

    fn sync(&self) -> Result<(), Errno> {
        Ok(self.file.sync_all()?)
    }

    fn sync_data(&self) -> Result<(), Errno> {
        Ok(self.file.sync_data()?)
    }

    fn set_size(&self, size: u64) -> Result<(), Errno> {
        Ok(self.file.set_len(size)?)
    }

    fn set_times(&self, times: NewTimes) -> Result<(), Errno> {
        let (accessed, modified) = times.to_system()?;
        let mut host = std::fs::FileTimes::new();
        if let Some(accessed) = accessed {
            host = host.set_accessed(accessed);
        }
        if let Some(modified) = modified {
            host = host.set_modified(modified);
        }
        Ok(self.file.set_times(host)?)
    }

    /// `notsup` where the host or its file system has no such call: merely extending the
    /// file would promise what is not kept.
    fn allocate(&self, offset: u64, len: u64) -> Result<(), Errno> {
        self.allocate_on_host(offset, len)
    }

    fn flags(&self) -> FdFlags {
        self.flags
    }

    /// Changes append mode and waiting. How writes reach the device is fixed when a file
    /// is opened; a call that would change it is `notsup`.
    fn set_flags(&mut self, flags: FdFlags) -> Result<(), Errno> {
        let changed = flags.difference(self.flags);
        let fixed = FdFlags::SYNC.union(FdFlags::DSYNC).union(FdFlags::RSYNC);
        if changed.intersects(fixed) {
            return Err(Errno::Notsup);
        }
        if changed.contains(FdFlags::APPEND) {
            self.set_append(flags.contains(FdFlags::APPEND))?;
        }
        self.flags = flags;
        Ok(())
    }

    #[cfg(unix)]
    fn host_descriptor(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        use std::os::fd::AsFd;
        (!self.regular).then(|| self.file.as_fd())
    }
}

/// Reads and writes that leave the position alone.
#[cfg(unix)]
mod positioned {
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::FileExt;

    pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        file.read_at(buffer, offset)
    }

    pub(super) fn write_at(file: &File, buffer: &[u8], offset: u64) -> io::Result<usize> {
        file.write_at(buffer, offset)
    }
}

/// Where the host's calls move the position, it is put back.
#[cfg(not(unix))]
mod positioned {
    use std::fs::File;
    use std::io::{self, Read, Seek, SeekFrom, Write};

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
