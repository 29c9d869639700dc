//! Directories of the host, by way of `cap-std`.

mod file;
mod open;
mod stat;

use std::any::Any;
use std::io;
use std::path::Path;

use cap_fs_ext::DirExt;
use cap_std::ambient_authority;
use cap_std::fs::Dir as CapDir;

use super::{Dir, Entries, Entry, NewTimes, OpenOptions, Opened};
use crate::abi::{Errno, FileStat, FileType};

/// A directory of the host and all below it.
///
/// Paths are resolved by `cap-std`, which asks Linux to keep them inside (`openat2`) and
/// elsewhere, or where an older Linux cannot, walks them itself, name by name. Pipes,
/// sockets and devices in it can be opened and never make opening wait.
#[derive(Debug)]
pub struct HostDir(CapDir);

impl HostDir {
    /// Opens a directory with the authority of the process. Links in `path` are followed.
    ///
    /// # Errors
    /// The host's.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(HostDir(CapDir::open_ambient_dir(
            path,
            ambient_authority(),
        )?))
    }

    /// A directory that was opened elsewhere.
    pub fn from_cap_std(dir: CapDir) -> Self {
        HostDir(dir)
    }

    fn same<'a>(&self, other: &'a dyn Dir) -> Result<&'a HostDir, Errno> {
        other.as_any().downcast_ref().ok_or(Errno::Xdev)
    }
}

impl Dir for HostDir {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn open(&self, path: &str, options: &OpenOptions) -> Result<Opened, Errno> {
        open::open(&self.0, path, options)
    }

    fn stat(&self, path: &str, follow: bool) -> Result<FileStat, Errno> {
        let metadata = if path == "." {
            self.0.dir_metadata()?
        } else if follow {
            self.0.metadata(path)?
        } else {
            self.0.symlink_metadata(path)?
        };
        Ok(stat::stat(&metadata))
    }

    fn set_times(&self, path: &str, follow: bool, times: NewTimes) -> Result<(), Errno> {
        use cap_fs_ext::SystemTimeSpec;
        use cap_std::time::SystemTime;
        let host = |time| SystemTimeSpec::Absolute(SystemTime::from_std(time));
        let (accessed, modified) = times.to_system()?;
        if (accessed, modified) == (None, None) {
            // Hosts do not even look then.
            return self.stat(path, follow).map(|_| ());
        }
        let (accessed, modified) = (accessed.map(host), modified.map(host));
        // The library's call that follows links opens what it finds, and so waits forever
        // for the other end of a pipe. Here links are followed first and nothing is opened.
        // Should a link be put there meanwhile, it is its own times that are set.
        if follow && path != "." && self.0.symlink_metadata(path)?.is_symlink() {
            let target = self.0.canonicalize(path)?;
            return Ok(self.0.set_symlink_times(target, accessed, modified)?);
        }
        Ok(self.0.set_symlink_times(path, accessed, modified)?)
    }

    fn create_directory(&self, path: &str) -> Result<(), Errno> {
        Ok(self.0.create_dir(path)?)
    }

    fn remove_directory(&self, path: &str) -> Result<(), Errno> {
        Ok(self.0.remove_dir(path)?)
    }

    fn unlink(&self, path: &str) -> Result<(), Errno> {
        Ok(self.0.remove_file_or_symlink(path)?)
    }

    fn read_link(&self, path: &str) -> Result<String, Errno> {
        let target = self.0.read_link_contents(path)?;
        target
            .into_os_string()
            .into_string()
            .map_err(|_| Errno::Ilseq)
    }

    fn symlink(&self, target: &str, path: &str) -> Result<(), Errno> {
        Ok(self.0.symlink(target, path)?)
    }

    fn hard_link(&self, path: &str, target: &dyn Dir, new: &str) -> Result<(), Errno> {
        Ok(self.0.hard_link(path, &self.same(target)?.0, new)?)
    }

    fn rename(&self, path: &str, target: &dyn Dir, new: &str) -> Result<(), Errno> {
        Ok(self.0.rename(path, &self.same(target)?.0, new)?)
    }

    /// Entries whose names are not UTF-8 are left out, as no guest could name them.
    fn entries(&self) -> Result<Entries<'_>, Errno> {
        let entries = self.0.entries()?;
        Ok(Box::new(entries.filter_map(|entry| {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error.into())),
            };
            let name = entry.file_name().into_string().ok()?;
            Some(Ok(Entry {
                name,
                inode: inode(&entry),
                file_type: entry.file_type().map_or(FileType::Unknown, stat::file_type),
            }))
        })))
    }

    fn sync(&self) -> Result<(), Errno> {
        Ok(self.0.open(".")?.sync_all()?)
    }
}

/// The number of an entry on its device.
#[cfg(unix)]
fn inode(entry: &cap_std::fs::DirEntry) -> u64 {
    std::os::unix::fs::DirEntryExt::ino(entry)
}

/// Other hosts tell it only of open files; 0 means unknown.
#[cfg(not(unix))]
fn inode(_entry: &cap_std::fs::DirEntry) -> u64 {
    0
}
