//! Files and directories behind capabilities.
//!
//! Everything starts at a directory that the embedder gives; every path is relative to a
//! directory descriptor, and a [`Dir`] refuses `..`, absolute paths and symbolic links
//! that lead out of it. [`path`] says which paths get that far.
//!
//! What stands behind a [`Dir`] is one of:
//!
//! * `HostDir`, a directory of the host, by way of `cap-std`: also while other processes
//!   rename things, nothing leads out; no path is ever put together from strings, and the
//!   ambient file system is never asked;
//! * [`MemoryFs`], files in memory;
//! * [`Union`], a stack of others of which the top one is written to;
//! * [`ReadOnly`], another one that is not written to;
//! * the embedder's own.

mod directory;
#[cfg(all(feature = "host", not(target_os = "wasi")))]
mod host;
mod memory;
mod options;
mod path;
mod read_only;
mod times;
mod union;
mod walk;

#[cfg(test)]
mod tests;

use std::any::Any;
use std::fmt;
use std::io::{IoSlice, SeekFrom};

pub(crate) use directory::{Directory, Listings};
#[cfg(all(feature = "host", not(target_os = "wasi")))]
pub use host::HostDir;
pub use memory::{MemoryError, MemoryFs};
pub use options::OpenOptions;
pub(crate) use path::GuestPath;
pub use read_only::ReadOnly;
pub use times::NewTimes;
pub use union::Union;

use crate::abi::{Advice, Errno, FdFlags, FileStat, FileType};

/// A directory: paths are resolved in it, and nothing above it exists.
///
/// Paths that a method gets are relative, not empty, valid and without slashes at the end;
/// `.` is the directory itself. They may contain `..`. What would lead out of the directory
/// is [`Errno::Perm`], also by way of a symbolic link; more than 40 links in one path are
/// [`Errno::Loop`]. Methods without a parameter `follow` do not follow a link in the last
/// component. Other errors are those of POSIX's functions of similar names.
///
/// Methods are called from the thread that runs the guest, of which there may be several.
pub trait Dir: fmt::Debug + Send + Sync {
    /// The directory itself, so that another one can find out whether both are of the same
    /// file system.
    fn as_any(&self) -> &dyn Any;

    /// Opens a file or a directory, and makes a file if that is asked for.
    fn open(&self, path: &str, options: &OpenOptions) -> Result<Opened, Errno>;

    /// Attributes of what a path names.
    fn stat(&self, path: &str, follow: bool) -> Result<FileStat, Errno>;

    /// Sets the times of what a path names.
    fn set_times(&self, path: &str, follow: bool, times: NewTimes) -> Result<(), Errno>;

    /// Makes a directory.
    fn create_directory(&self, path: &str) -> Result<(), Errno>;

    /// Removes an empty directory.
    fn remove_directory(&self, path: &str) -> Result<(), Errno>;

    /// Removes a name that is not one of a directory.
    fn unlink(&self, path: &str) -> Result<(), Errno>;

    /// The target of a link, as it is written in it.
    fn read_link(&self, path: &str) -> Result<String, Errno>;

    /// Makes a link to `target`, wherever that leads.
    fn symlink(&self, target: &str, path: &str) -> Result<(), Errno>;

    /// Gives what is no directory the further name `new` in `target`; [`Errno::Xdev`]
    /// where that is of another file system.
    fn hard_link(&self, path: &str, target: &dyn Dir, new: &str) -> Result<(), Errno>;

    /// Moves what a path names to the name `new` in `target`, in place of what has that
    /// name; [`Errno::Xdev`] where that is of another file system.
    fn rename(&self, path: &str, target: &dyn Dir, new: &str) -> Result<(), Errno>;

    /// The names in the directory itself, in any order, without `.` and `..`.
    fn entries(&self) -> Result<Entries<'_>, Errno>;

    /// Waits until what was done to the directory itself has reached the device.
    fn sync(&self) -> Result<(), Errno>;
}

/// An open file, with a position.
///
/// Whether it may be read or written is known by the one who opened it, and not asked for
/// what it may not.
pub trait File: fmt::Debug + Send {
    /// Attributes of the file.
    fn stat(&self) -> Result<FileStat, Errno>;

    /// Reads at the position and moves it. 0 is the end.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Errno>;

    /// Reads at an offset and leaves the position as it is.
    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<usize, Errno>;

    /// Writes at the position, or with [`FdFlags::APPEND`] at the end, and moves it.
    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize, Errno>;

    /// Writes at an offset, with [`FdFlags::APPEND`] too, and leaves the position as it is.
    fn write_at(&mut self, buffer: &[u8], offset: u64) -> Result<usize, Errno>;

    /// Moves the position and returns it. Before the start is [`Errno::Inval`], and what
    /// has no position is [`Errno::Spipe`].
    fn seek(&mut self, to: SeekFrom) -> Result<u64, Errno>;

    /// The position; [`Errno::Spipe`] of what has none.
    fn tell(&self) -> Result<u64, Errno>;

    /// Waits until data and attributes have reached the device.
    fn sync(&self) -> Result<(), Errno>;

    /// Waits until the data has reached the device.
    fn sync_data(&self) -> Result<(), Errno>;

    /// Cuts the file or extends it with zeros.
    fn set_size(&self, size: u64) -> Result<(), Errno>;

    /// Sets the times of the file.
    fn set_times(&self, times: NewTimes) -> Result<(), Errno>;

    /// Reserves space for `len` bytes at `offset`, which is not empty and ends below 2^63,
    /// and extends the file to it.
    fn allocate(&self, offset: u64, len: u64) -> Result<(), Errno>;

    /// Hears how a part of the file will be used.
    fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<(), Errno> {
        let _ = (offset, len, advice);
        Ok(())
    }

    /// How reads and writes behave.
    fn flags(&self) -> FdFlags;

    /// Changes how reads and writes behave; [`Errno::Notsup`] for flags that are fixed.
    fn set_flags(&mut self, flags: FdFlags) -> Result<(), Errno>;

    /// What to wait on where [`read`](Self::read) or [`write`](Self::write) said
    /// [`Errno::Again`]; `None` for files that never do, such as regular ones.
    #[cfg(unix)]
    fn host_descriptor(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        None
    }
}

/// What was there to open.
#[derive(Debug)]
pub enum Opened {
    /// Anything that is no directory.
    File(Box<dyn File>),
    /// A directory.
    Dir(Box<dyn Dir>),
}

/// The names in a directory, read as they are asked for.
pub type Entries<'a> = Box<dyn Iterator<Item = Result<Entry, Errno>> + 'a>;

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: String,
    /// The number of what it names; 0 where that is not known.
    pub inode: u64,
    /// What it names.
    pub file_type: FileType,
}
