//! A directory that is not written to.

use std::any::Any;
use std::io::{IoSlice, SeekFrom};

use super::{Dir, Entries, File, NewTimes, OpenOptions, Opened};
use crate::abi::{Advice, Errno, FdFlags, FileStat, FileType};

/// Another directory and all below it, to be read: whatever would change it is "read-only
/// file system" (`rofs`).
///
/// As on a file system that is mounted so, what fails for another reason says that reason
/// first: making a directory that exists is still `exist`, removing one that does not is
/// `noent`.
///
/// ```
/// use curta_wasi::{MemoryFs, ReadOnly, WasiCtx};
///
/// let files = MemoryFs::new(1 << 20);
/// files.write("readme", "…")?;
/// let wasi = WasiCtx::builder().mount("/doc", ReadOnly::new(files)).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ReadOnly<D: ?Sized>(Box<D>);

impl<D: Dir> ReadOnly<D> {
    /// Another directory, to be read.
    pub fn new(dir: D) -> Self {
        ReadOnly(Box::new(dir))
    }
}

impl<D: Dir + ?Sized> ReadOnly<D> {
    /// What to say of making something at `path`.
    fn refuse_new(&self, path: &str) -> Errno {
        match self.0.stat(path, false) {
            Ok(_) => Errno::Exist,
            // There is no such thing, but its directory may be there.
            Err(Errno::Noent) => match path.rsplit_once('/') {
                Some((parent, _)) => self.0.stat(parent, true).err().unwrap_or(Errno::Rofs),
                None => Errno::Rofs,
            },
            Err(error) => error,
        }
    }

    /// What to say of changing what is at `path`.
    fn refuse(&self, path: &str, follow: bool) -> Errno {
        self.0.stat(path, follow).err().unwrap_or(Errno::Rofs)
    }
}

impl<D: Dir + ?Sized + 'static> Dir for ReadOnly<D> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn open(&self, path: &str, options: &OpenOptions) -> Result<Opened, Errno> {
        let reading = OpenOptions {
            read: true,
            write: false,
            create: false,
            truncate: false,
            exclusive: false,
            ..*options
        };
        if options.changes() {
            let found = self.0.stat(path, options.follow);
            match found {
                Ok(_) if options.create && options.exclusive => return Err(Errno::Exist),
                Ok(stat) if stat.file_type == FileType::Directory => {
                    if options.write || options.truncate {
                        return Err(Errno::Isdir);
                    }
                }
                Ok(_) if options.write || options.truncate => return Err(Errno::Rofs),
                Ok(_) => {}
                Err(Errno::Noent) if options.create => return Err(self.refuse_new(path)),
                Err(error) => return Err(error),
            }
        }
        Ok(match self.0.open(path, &reading)? {
            Opened::File(file) => Opened::File(Box::new(ReadOnlyFile(file))),
            Opened::Dir(dir) => Opened::Dir(Box::new(ReadOnly(dir))),
        })
    }

    fn stat(&self, path: &str, follow: bool) -> Result<FileStat, Errno> {
        self.0.stat(path, follow)
    }

    fn set_times(&self, path: &str, follow: bool, _times: NewTimes) -> Result<(), Errno> {
        Err(self.refuse(path, follow))
    }

    fn create_directory(&self, path: &str) -> Result<(), Errno> {
        Err(self.refuse_new(path))
    }

    fn remove_directory(&self, path: &str) -> Result<(), Errno> {
        Err(self.refuse(path, false))
    }

    fn unlink(&self, path: &str) -> Result<(), Errno> {
        Err(self.refuse(path, false))
    }

    fn read_link(&self, path: &str) -> Result<String, Errno> {
        self.0.read_link(path)
    }

    fn symlink(&self, _target: &str, path: &str) -> Result<(), Errno> {
        Err(self.refuse_new(path))
    }

    fn hard_link(&self, path: &str, _target: &dyn Dir, _new: &str) -> Result<(), Errno> {
        Err(self.refuse(path, false))
    }

    fn rename(&self, path: &str, _target: &dyn Dir, _new: &str) -> Result<(), Errno> {
        Err(self.refuse(path, false))
    }

    fn entries(&self) -> Result<Entries<'_>, Errno> {
        self.0.entries()
    }

    fn sync(&self) -> Result<(), Errno> {
        self.0.sync()
    }
}

/// A file of a directory that is not written to.
#[derive(Debug)]
struct ReadOnlyFile(Box<dyn File>);

impl File for ReadOnlyFile {
    fn stat(&self) -> Result<FileStat, Errno> {
        self.0.stat()
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Errno> {
        self.0.read(buffer)
    }

    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<usize, Errno> {
        self.0.read_at(buffer, offset)
    }

    fn write(&mut self, _buffers: &[IoSlice<'_>]) -> Result<usize, Errno> {
        Err(Errno::Rofs)
    }

    fn write_at(&mut self, _buffer: &[u8], _offset: u64) -> Result<usize, Errno> {
        Err(Errno::Rofs)
    }

    fn seek(&mut self, to: SeekFrom) -> Result<u64, Errno> {
        self.0.seek(to)
    }

    fn tell(&self) -> Result<u64, Errno> {
        self.0.tell()
    }

    fn sync(&self) -> Result<(), Errno> {
        self.0.sync()
    }

    fn sync_data(&self) -> Result<(), Errno> {
        self.0.sync_data()
    }

    fn set_size(&self, _size: u64) -> Result<(), Errno> {
        Err(Errno::Rofs)
    }

    fn set_times(&self, _times: NewTimes) -> Result<(), Errno> {
        Err(Errno::Rofs)
    }

    fn allocate(&self, _offset: u64, _len: u64) -> Result<(), Errno> {
        Err(Errno::Rofs)
    }

    fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<(), Errno> {
        self.0.advise(offset, len, advice)
    }

    fn flags(&self) -> FdFlags {
        self.0.flags()
    }

    fn set_flags(&mut self, flags: FdFlags) -> Result<(), Errno> {
        self.0.set_flags(flags)
    }

    #[cfg(unix)]
    fn host_descriptor(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.0.host_descriptor()
    }
}
