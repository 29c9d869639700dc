//! An open file in memory.

use std::io::{IoSlice, SeekFrom};

use super::MemoryFs;
use super::tree::Content;
use crate::abi::{Errno, FdFlags, FileStat};
use crate::fs::{File, NewTimes};

/// An open file.
#[derive(Debug)]
pub(super) struct MemoryFile {
    /// Keeps the node.
    handle: MemoryFs,
    position: u64,
    flags: FdFlags,
}

impl MemoryFile {
    pub(super) fn new(handle: MemoryFs, flags: FdFlags) -> Self {
        MemoryFile {
            handle,
            position: 0,
            flags,
        }
    }

    fn size(&self) -> Result<u64, Errno> {
        Ok(self.stat()?.size)
    }
}

impl File for MemoryFile {
    fn stat(&self) -> Result<FileStat, Errno> {
        self.handle.shared.lock().stat(self.handle.node)
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Errno> {
        let got = self.read_at(buffer, self.position)?;
        self.position += got as u64;
        Ok(got)
    }

    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<usize, Errno> {
        i64::try_from(offset).map_err(|_| Errno::Inval)?;
        let tree = self.handle.shared.lock();
        let Content::File(bytes) = &tree.get(self.handle.node)?.content else {
            return Err(Errno::Isdir);
        };
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|start| bytes.get(start..))
            .unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize, Errno> {
        if self.flags.contains(FdFlags::APPEND) {
            self.position = self.size()?;
        }
        let mut done = 0;
        for buffer in buffers {
            match self.write_at(buffer, self.position) {
                Ok(written) => {
                    done += written;
                    self.position += written as u64;
                    if written < buffer.len() {
                        break;
                    }
                }
                Err(_) if done > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn write_at(&mut self, buffer: &[u8], offset: u64) -> Result<usize, Errno> {
        i64::try_from(offset).map_err(|_| Errno::Inval)?;
        let shared = &self.handle.shared;
        let now = shared.now();
        shared.lock().write(self.handle.node, buffer, offset, now)
    }

    fn seek(&mut self, to: SeekFrom) -> Result<u64, Errno> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(delta) => self.position.checked_add_signed(delta),
            SeekFrom::End(delta) => self.size()?.checked_add_signed(delta),
        };
        let target = target.ok_or(Errno::Inval)?;
        i64::try_from(target).map_err(|_| Errno::Inval)?;
        self.position = target;
        Ok(target)
    }

    fn tell(&self) -> Result<u64, Errno> {
        Ok(self.position)
    }

    fn sync(&self) -> Result<(), Errno> {
        Ok(())
    }

    fn sync_data(&self) -> Result<(), Errno> {
        Ok(())
    }

    fn set_size(&self, size: u64) -> Result<(), Errno> {
        i64::try_from(size).map_err(|_| Errno::Inval)?;
        let shared = &self.handle.shared;
        let now = shared.now();
        shared.lock().resize(self.handle.node, size, now)
    }

    fn set_times(&self, times: NewTimes) -> Result<(), Errno> {
        let shared = &self.handle.shared;
        let now = shared.now();
        shared
            .lock()
            .get_mut(self.handle.node)?
            .set_times(times, now);
        Ok(())
    }

    fn allocate(&self, offset: u64, len: u64) -> Result<(), Errno> {
        let end = offset.checked_add(len).ok_or(Errno::Fbig)?;
        if end > self.size()? {
            self.set_size(end)?;
        }
        Ok(())
    }

    fn flags(&self) -> FdFlags {
        self.flags
    }

    fn set_flags(&mut self, flags: FdFlags) -> Result<(), Errno> {
        // Nothing here is ever far from its device: all of them can be kept.
        self.flags = flags;
        Ok(())
    }
}
