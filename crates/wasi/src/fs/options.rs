//! How a path is opened.

use crate::abi::FdFlags;

/// What is asked of [`Dir::open`](super::Dir::open).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOptions {
    /// Whether a link in the last component is followed; if not, it is
    /// [`Errno::Loop`](crate::abi::Errno::Loop).
    pub follow: bool,
    /// Whether data will be read. Neither read nor written, a file still tells its
    /// attributes.
    pub read: bool,
    /// Whether data will be written. A directory cannot be:
    /// [`Errno::Isdir`](crate::abi::Errno::Isdir).
    pub write: bool,
    /// Make a file where nothing has the name.
    pub create: bool,
    /// With `create`: fail where something has the name, a dangling link included.
    pub exclusive: bool,
    /// Cut a file to nothing.
    pub truncate: bool,
    /// Fail where it is no directory.
    pub directory: bool,
    /// How reads and writes will behave.
    pub flags: FdFlags,
}

impl OpenOptions {
    /// To look at what has the name: a link is followed, nothing is made or changed.
    pub const fn new() -> Self {
        OpenOptions {
            follow: true,
            read: false,
            write: false,
            create: false,
            exclusive: false,
            truncate: false,
            directory: false,
            flags: FdFlags::empty(),
        }
    }

    /// To read a file or list a directory.
    pub const fn reading() -> Self {
        OpenOptions {
            read: true,
            ..OpenOptions::new()
        }
    }

    /// A directory, to resolve paths in it.
    pub const fn directory() -> Self {
        OpenOptions {
            read: true,
            directory: true,
            ..OpenOptions::new()
        }
    }

    /// Whether opening or using what is opened can change the file system.
    pub const fn changes(&self) -> bool {
        self.write || self.create || self.truncate
    }
}

impl Default for OpenOptions {
    fn default() -> Self {
        OpenOptions::new()
    }
}
