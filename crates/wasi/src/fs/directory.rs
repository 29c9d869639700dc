//! An open directory: names resolved in it, and its listing.
//!
//! A listing is read from the host as the guest asks for it. Only the place where the
//! last call stopped is kept, so that a listing costs the same memory however large the
//! directory is; going on from there is one step, going anywhere else starts anew.

use cap_fs_ext::DirExt;
use cap_std::fs::{Dir, ReadDir};

use super::stat::file_type;
use super::{GuestPath, NewTimes, OpenRequest, Opened, stat};
use crate::abi::{Dirent, Errno, FileStat, FileType};

/// A directory that the guest may resolve paths in.
#[derive(Debug)]
pub(crate) struct Directory {
    dir: Dir,
    /// The name under which the embedder gave this directory to the guest.
    preopened: Option<Box<str>>,
    listing: Listing,
}

impl Directory {
    /// Wraps a host directory that the guest has opened.
    pub(crate) fn new(dir: Dir) -> Self {
        Directory {
            dir,
            preopened: None,
            listing: Listing::default(),
        }
    }

    /// Wraps a host directory that the embedder gives to the guest under a name.
    pub(crate) fn preopened(dir: Dir, name: Box<str>) -> Self {
        Directory {
            preopened: Some(name),
            ..Directory::new(dir)
        }
    }

    /// The name that the embedder gave.
    pub(crate) fn preopened_name(&self) -> Option<&str> {
        self.preopened.as_deref()
    }

    /// Attributes of the directory itself.
    pub(crate) fn stat(&self) -> Result<FileStat, Errno> {
        Ok(stat(&self.dir.dir_metadata()?))
    }

    /// Sets the times of the directory itself.
    pub(crate) fn set_times(&self, times: NewTimes) -> Result<(), Errno> {
        self.set_times_at(".", true, times)
    }

    /// Waits until the directory's entries have reached the device.
    pub(crate) fn sync(&self) -> Result<(), Errno> {
        Ok(self.dir.open(".")?.sync_all()?)
    }

    /// Opens a path.
    pub(crate) fn open(&self, path: GuestPath<'_>, request: &OpenRequest) -> Result<Opened, Errno> {
        request.open(&self.dir, path)
    }

    /// Attributes of what a path names.
    pub(crate) fn stat_at(&self, path: GuestPath<'_>, follow: bool) -> Result<FileStat, Errno> {
        let metadata = if path.names_directory() {
            self.dir.open_dir(path.as_str())?.dir_metadata()?
        } else if follow {
            self.dir.metadata(path.as_str())?
        } else {
            self.dir.symlink_metadata(path.as_str())?
        };
        Ok(stat(&metadata))
    }

    /// Sets the times of what a path names.
    pub(crate) fn set_times_of(
        &self,
        path: GuestPath<'_>,
        follow: bool,
        times: NewTimes,
    ) -> Result<(), Errno> {
        if path.names_directory() {
            let named = Directory::new(self.dir.open_dir(path.as_str())?);
            return named.set_times(times);
        }
        self.set_times_at(path.as_str(), follow, times)
    }

    fn set_times_at(&self, path: &str, follow: bool, times: NewTimes) -> Result<(), Errno> {
        use cap_fs_ext::SystemTimeSpec;
        use cap_std::time::SystemTime;
        let host = |time| SystemTimeSpec::Absolute(SystemTime::from_std(time));
        let (accessed, modified) = (times.accessed.map(host), times.modified.map(host));
        if follow {
            self.dir.set_times(path, accessed, modified)?;
        } else {
            self.dir.set_symlink_times(path, accessed, modified)?;
        }
        Ok(())
    }

    /// Makes a directory.
    pub(crate) fn create_directory(&self, path: GuestPath<'_>) -> Result<(), Errno> {
        Ok(self.dir.create_dir(path.as_str())?)
    }

    /// Removes an empty directory.
    pub(crate) fn remove_directory(&self, path: GuestPath<'_>) -> Result<(), Errno> {
        Ok(self.dir.remove_dir(path.as_str())?)
    }

    /// Removes a file or a link.
    pub(crate) fn unlink(&self, path: GuestPath<'_>) -> Result<(), Errno> {
        if path.names_directory() {
            self.dir.open_dir(path.as_str())?;
            return Err(Errno::Isdir);
        }
        Ok(self.dir.remove_file_or_symlink(path.as_str())?)
    }

    /// The target of a link, as it is written in the link.
    pub(crate) fn read_link(&self, path: GuestPath<'_>) -> Result<String, Errno> {
        if path.names_directory() {
            self.dir.open_dir(path.as_str())?;
            return Err(Errno::Inval);
        }
        let target = self.dir.read_link(path.as_str())?;
        target
            .into_os_string()
            .into_string()
            .map_err(|_| Errno::Ilseq)
    }

    /// Makes a link to `target`, a relative path. Where it leads is of no matter here:
    /// following it is what is checked.
    pub(crate) fn symlink(&self, target: &str, path: GuestPath<'_>) -> Result<(), Errno> {
        if path.trailing_slash() {
            return Err(self.refusal_of_new_with_slash(path));
        }
        Ok(self.dir.symlink(target, path.as_str())?)
    }

    /// Gives a file a further name. Links are not followed.
    pub(crate) fn hard_link(
        &self,
        path: GuestPath<'_>,
        target: &Directory,
        new: GuestPath<'_>,
    ) -> Result<(), Errno> {
        if path.names_directory() {
            self.dir.open_dir(path.as_str())?;
            return Err(Errno::Perm);
        }
        if new.trailing_slash() {
            return Err(target.refusal_of_new_with_slash(new));
        }
        Ok(self
            .dir
            .hard_link(path.as_str(), &target.dir, new.as_str())?)
    }

    /// Moves what a path names. With a slash at the end of either path it must be a
    /// directory.
    pub(crate) fn rename(
        &self,
        path: GuestPath<'_>,
        target: &Directory,
        new: GuestPath<'_>,
    ) -> Result<(), Errno> {
        if path.trailing_slash() || new.trailing_slash() {
            let named = self.dir.symlink_metadata(path.as_str())?;
            if !named.is_dir() {
                return Err(Errno::Notdir);
            }
        }
        Ok(self.dir.rename(path.as_str(), &target.dir, new.as_str())?)
    }

    /// Why something that is not a directory cannot be made under a name with a slash at
    /// its end: the name is taken, or it names a directory that does not exist.
    fn refusal_of_new_with_slash(&self, path: GuestPath<'_>) -> Errno {
        match self.dir.symlink_metadata(path.as_str()) {
            Ok(metadata) if metadata.is_dir() => Errno::Exist,
            Ok(_) => Errno::Notdir,
            Err(error) => error.into(),
        }
    }

    /// Puts entries into `buffer`, from the one that `cookie` names, and returns how many
    /// bytes were used. Fewer than the buffer holds means that there are no more; the
    /// last entry may be cut and comes again when its cookie is asked for.
    pub(crate) fn read_entries(&mut self, cookie: u64, buffer: &mut [u8]) -> Result<usize, Errno> {
        self.listing.go_to(&self.dir, cookie)?;
        let mut used = 0;
        while used < buffer.len() {
            let Some(entry) = self.listing.current(&self.dir)? else {
                break;
            };
            let room = buffer.len() - used;
            let size = Dirent::SIZE + entry.name.len();
            entry.encode(&mut buffer[used..]);
            if size > room {
                return Ok(buffer.len());
            }
            used += size;
            self.listing.advance();
        }
        Ok(used)
    }
}

/// One entry of a listing.
#[derive(Debug)]
struct Entry {
    next: u64,
    inode: u64,
    name: String,
    file_type: FileType,
}

impl Entry {
    /// Puts head and name into `buffer`, as much as fits.
    fn encode(&self, buffer: &mut [u8]) {
        let head = Dirent {
            next: self.next,
            inode: self.inode,
            name_len: u32::try_from(self.name.len()).unwrap_or(u32::MAX),
            file_type: self.file_type,
        }
        .encode();
        let bytes = head.iter().chain(self.name.as_bytes());
        for (slot, &byte) in buffer.iter_mut().zip(bytes) {
            *slot = byte;
        }
    }
}

/// Where a listing stands.
#[derive(Default)]
struct Listing {
    /// The host's listing, once begun.
    host: Option<ReadDir>,
    /// How many entries came before the current one; its cookie.
    position: u64,
    /// The current entry, where it has been read already.
    current: Option<Entry>,
}

impl std::fmt::Debug for Listing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listing")
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

impl Listing {
    /// Makes the entry of `cookie` the current one. Cookie 0 always begins anew, so that
    /// it sees what has changed since.
    fn go_to(&mut self, dir: &Dir, cookie: u64) -> Result<(), Errno> {
        if cookie == 0 || cookie < self.position || self.host.is_none() {
            *self = Listing {
                host: Some(dir.entries()?),
                ..Listing::default()
            };
        }
        while self.position < cookie && self.current(dir)?.is_some() {
            self.advance();
        }
        Ok(())
    }

    /// The current entry; `None` after the last one.
    fn current(&mut self, dir: &Dir) -> Result<Option<&Entry>, Errno> {
        if self.current.is_none() {
            self.current = self.read(dir)?;
        }
        Ok(self.current.as_ref())
    }

    /// Makes the entry after the current one current.
    fn advance(&mut self) {
        self.current = None;
        self.position = self.position.saturating_add(1);
    }

    /// Reads the entry at the position. The first two are the directory and its parent,
    /// of which only the name is told: outside a sandbox there is nothing. Entries whose
    /// names are not UTF-8 are left out, as no guest could name them.
    fn read(&mut self, dir: &Dir) -> Result<Option<Entry>, Errno> {
        let next = self.position.saturating_add(1);
        let own_name = match self.position {
            0 => Some("."),
            1 => Some(".."),
            _ => None,
        };
        if let Some(name) = own_name {
            return Ok(Some(Entry {
                next,
                inode: stat(&dir.dir_metadata()?).inode,
                name: name.to_owned(),
                file_type: FileType::Directory,
            }));
        }
        let Some(host) = &mut self.host else {
            return Ok(None);
        };
        for entry in host {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string() {
                return Ok(Some(Entry {
                    next,
                    inode: inode(&entry),
                    name,
                    file_type: entry.file_type().map_or(FileType::Unknown, file_type),
                }));
            }
        }
        Ok(None)
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
