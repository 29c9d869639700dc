//! An open directory as a descriptor: names resolved in it, and its listing.
//!
//! Here is what paths mean beyond what a [`Dir`] says of them: slashes at the end, `.` and
//! `..` as the last component. Whatever the file system, such a path goes through an opened
//! directory, so that a link that leads out is refused there as everywhere.
//!
//! A listing is taken as a whole when it is read from its start, and kept: its cookies
//! are places in it. So what is there all the time comes exactly once, whatever else is
//! made or removed while the guest reads, and going back to an earlier cookie is right and
//! cheap. What is kept is bounded for all listings of a guest together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Dir, Entry, GuestPath, NewTimes, OpenOptions, Opened};
use crate::abi::{Dirent, Errno, FileStat, FileType};

/// A directory that the guest may resolve paths in.
#[derive(Debug)]
pub(crate) struct Directory {
    dir: Box<dyn Dir>,
    /// The name under which the embedder gave this directory to the guest.
    preopened: Option<Box<str>>,
    listing: Option<Listing>,
}

impl Directory {
    /// A directory that the guest has opened.
    pub(crate) fn new(dir: Box<dyn Dir>) -> Self {
        Directory {
            dir,
            preopened: None,
            listing: None,
        }
    }

    /// A directory that the embedder gives to the guest under a name.
    pub(crate) fn preopened(dir: Box<dyn Dir>, name: Box<str>) -> Self {
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
        self.dir.stat(".", true)
    }

    /// Sets the times of the directory itself.
    pub(crate) fn set_times(&self, times: NewTimes) -> Result<(), Errno> {
        self.dir.set_times(".", true, times)
    }

    /// Waits until the directory's entries have reached the device.
    pub(crate) fn sync(&self) -> Result<(), Errno> {
        self.dir.sync()
    }

    /// The directory that a path names which can name nothing else.
    fn named(&self, path: GuestPath<'_>) -> Result<Box<dyn Dir>, Errno> {
        match self.dir.open(path.as_str(), &OpenOptions::directory())? {
            Opened::Dir(dir) => Ok(dir),
            Opened::File(_) => Err(Errno::Notdir),
        }
    }

    /// Opens a path.
    pub(crate) fn open(&self, path: GuestPath<'_>, options: &OpenOptions) -> Result<Opened, Errno> {
        if options.directory && (options.create || options.exclusive || options.truncate) {
            return Err(Errno::Inval);
        }
        if !path.names_directory() {
            return self.dir.open(path.as_str(), options);
        }
        // A directory is neither made nor cut by opening it.
        if options.create || options.truncate {
            return Err(Errno::Isdir);
        }
        let options = OpenOptions {
            directory: true,
            follow: true,
            ..*options
        };
        self.dir.open(path.as_str(), &options)
    }

    /// Attributes of what a path names.
    pub(crate) fn stat_at(&self, path: GuestPath<'_>, follow: bool) -> Result<FileStat, Errno> {
        if path.names_directory() {
            return self.named(path)?.stat(".", true);
        }
        self.dir.stat(path.as_str(), follow)
    }

    /// Sets the times of what a path names.
    pub(crate) fn set_times_of(
        &self,
        path: GuestPath<'_>,
        follow: bool,
        times: NewTimes,
    ) -> Result<(), Errno> {
        if path.names_directory() {
            return self.named(path)?.set_times(".", true, times);
        }
        self.dir.set_times(path.as_str(), follow, times)
    }

    /// Makes a directory.
    pub(crate) fn create_directory(&self, path: GuestPath<'_>) -> Result<(), Errno> {
        self.dir.create_directory(path.as_str())
    }

    /// Removes an empty directory.
    pub(crate) fn remove_directory(&self, path: GuestPath<'_>) -> Result<(), Errno> {
        match path.last() {
            "." => Err(Errno::Inval),
            ".." => Err(self.named(path).err().unwrap_or(Errno::Notempty)),
            _ if path.trailing_slash() => {
                self.named(path)?;
                self.dir.remove_directory(path.as_str())
            }
            _ => self.dir.remove_directory(path.as_str()),
        }
    }

    /// Removes a file or a link.
    pub(crate) fn unlink(&self, path: GuestPath<'_>) -> Result<(), Errno> {
        if path.names_directory() {
            self.named(path)?;
            return Err(Errno::Isdir);
        }
        self.dir.unlink(path.as_str())
    }

    /// The target of a link, as it is written in the link.
    ///
    /// # Errors
    /// [`Errno::Perm`] for an absolute target: it tells how the host is laid out, and the
    /// guest could not use it.
    pub(crate) fn read_link(&self, path: GuestPath<'_>) -> Result<String, Errno> {
        if path.names_directory() {
            self.named(path)?;
            return Err(Errno::Inval);
        }
        let target = self.dir.read_link(path.as_str())?;
        if target.starts_with('/') {
            return Err(Errno::Perm);
        }
        Ok(target)
    }

    /// Makes a link to `target`, a relative path. Where it leads is of no matter here:
    /// following it is what is checked.
    pub(crate) fn symlink(&self, target: &str, path: GuestPath<'_>) -> Result<(), Errno> {
        if path.names_directory() {
            return Err(self.refusal_of_new(path));
        }
        self.dir.symlink(target, path.as_str())
    }

    /// Gives a file a further name. Links are not followed.
    pub(crate) fn hard_link(
        &self,
        path: GuestPath<'_>,
        target: &Directory,
        new: GuestPath<'_>,
    ) -> Result<(), Errno> {
        if path.names_directory() {
            self.named(path)?;
            return Err(Errno::Perm);
        }
        if new.names_directory() {
            return Err(target.refusal_of_new(new));
        }
        self.dir
            .hard_link(path.as_str(), &*target.dir, new.as_str())
    }

    /// Moves what a path names. With a slash at the end of either path it must be a
    /// directory. What ends in `.` or `..` has no name that could be moved: `busy`.
    pub(crate) fn rename(
        &self,
        path: GuestPath<'_>,
        target: &Directory,
        new: GuestPath<'_>,
    ) -> Result<(), Errno> {
        for (directory, path) in [(self, path), (target, new)] {
            if matches!(path.last(), "." | "..") {
                return Err(directory.named(path).err().unwrap_or(Errno::Busy));
            }
        }
        if path.trailing_slash() || new.trailing_slash() {
            let named = self.dir.stat(path.as_str(), false)?;
            if named.file_type != FileType::Directory {
                return Err(Errno::Notdir);
            }
        }
        self.dir.rename(path.as_str(), &*target.dir, new.as_str())
    }

    /// Why something that is not a directory cannot be made under a name that can only be
    /// one's: the name is taken, or it names a directory that does not exist.
    fn refusal_of_new(&self, path: GuestPath<'_>) -> Errno {
        match self.dir.stat(path.as_str(), false) {
            Ok(stat) if stat.file_type == FileType::Directory => Errno::Exist,
            Ok(_) => Errno::Notdir,
            Err(error) => error,
        }
    }

    /// Puts entries into `buffer`, from the one that `cookie` names, and returns how many
    /// bytes were used. Fewer than the buffer holds means that there are no more; the
    /// last entry may be cut and comes again when its cookie is asked for.
    ///
    /// Cookie 0 always takes the listing anew.
    pub(crate) fn read_entries(
        &mut self,
        cookie: u64,
        buffer: &mut [u8],
        listings: &Arc<Listings>,
    ) -> Result<usize, Errno> {
        if cookie == 0 {
            // The old one makes room first.
            self.listing = None;
        }
        let listing = match &mut self.listing {
            Some(listing) => listing,
            none => none.insert(Listing::take(&*self.dir, listings)?),
        };
        let mut used = 0;
        let mut position = usize::try_from(cookie).unwrap_or(usize::MAX);
        while used < buffer.len() {
            let Some((head, name)) = listing.get(position) else {
                break;
            };
            let room = &mut buffer[used..];
            let size = head.len() + name.len();
            for (slot, &byte) in room.iter_mut().zip(head.iter().chain(name.as_bytes())) {
                *slot = byte;
            }
            used += size.min(room.len());
            position += 1;
        }
        Ok(used)
    }
}

/// How many names all listings of a guest may keep, and do.
#[derive(Debug)]
pub(crate) struct Listings {
    limit: usize,
    kept: AtomicUsize,
}

impl Listings {
    /// No listing yet, and so many names to keep at most.
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Listings {
            limit,
            kept: AtomicUsize::new(0),
        })
    }

    /// One more.
    fn keep(&self) -> Result<(), Errno> {
        if self.kept.fetch_add(1, Ordering::Relaxed) < self.limit {
            return Ok(());
        }
        self.kept.fetch_sub(1, Ordering::Relaxed);
        Err(Errno::Nomem)
    }
}

/// What was in a directory.
#[derive(Debug)]
struct Listing {
    /// All names, one after another.
    names: String,
    items: Vec<Item>,
    listings: Arc<Listings>,
}

#[derive(Debug)]
struct Item {
    /// Where the name ends in `names`.
    end: usize,
    inode: u64,
    file_type: FileType,
}

impl Listing {
    /// Reads the directory. The first two entries are itself and its parent, of which only
    /// the name is told: outside a sandbox there is nothing.
    fn take(dir: &dyn Dir, listings: &Arc<Listings>) -> Result<Self, Errno> {
        let mut listing = Listing {
            names: String::new(),
            items: Vec::new(),
            listings: Arc::clone(listings),
        };
        let inode = dir.stat(".", true)?.inode;
        for name in [".", ".."] {
            listing.add(&Entry {
                name: name.to_owned(),
                inode,
                file_type: FileType::Directory,
            })?;
        }
        for entry in dir.entries()? {
            listing.add(&entry?)?;
        }
        Ok(listing)
    }

    fn add(&mut self, entry: &Entry) -> Result<(), Errno> {
        self.listings.keep()?;
        self.names.push_str(&entry.name);
        self.items.push(Item {
            end: self.names.len(),
            inode: entry.inode,
            file_type: entry.file_type,
        });
        Ok(())
    }

    /// The head and the name of an entry.
    fn get(&self, position: usize) -> Option<([u8; Dirent::SIZE], &str)> {
        let item = self.items.get(position)?;
        let start = match position.checked_sub(1) {
            Some(before) => self.items[before].end,
            None => 0,
        };
        let name = &self.names[start..item.end];
        let head = Dirent {
            next: position as u64 + 1,
            inode: item.inode,
            name_len: u32::try_from(name.len()).unwrap_or(u32::MAX),
            file_type: item.file_type,
        };
        Some((head.encode(), name))
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        self.listings
            .kept
            .fetch_sub(self.items.len(), Ordering::Relaxed);
    }
}
