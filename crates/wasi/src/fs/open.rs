//! Opening a path: from what a guest asks for to a file or a directory.

use cap_fs_ext::{
    DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsMaybeDirExt, OpenOptionsSyncExt,
};
use cap_std::fs::{Dir, OpenOptions};

use super::{Directory, File, GuestPath};
use crate::abi::{Errno, FdFlags, OFlags, Rights};

/// What a guest asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenRequest {
    /// Whether a link in the last component is followed.
    pub(crate) follow: bool,
    /// What to do beyond opening.
    pub(crate) oflags: OFlags,
    /// The rights asked for; they say whether to open for reading and for writing.
    pub(crate) rights: Rights,
    /// How reads and writes are to behave.
    pub(crate) flags: FdFlags,
}

/// What was there.
#[derive(Debug)]
pub(crate) enum Opened {
    /// A file, a device or a pipe.
    File(File),
    /// A directory.
    Directory(Directory),
}

impl OpenRequest {
    /// Whether the file must be open for reading.
    fn reads(&self) -> bool {
        let reading = Rights::FD_READ.union(Rights::FD_READDIR);
        self.rights.intersects(reading)
    }

    /// Whether the guest asks to write to what it opens.
    fn writes(&self) -> bool {
        self.rights.intersects(Rights::WRITES)
    }

    /// Opens `path` below `dir`.
    pub(crate) fn open(&self, dir: &Dir, path: GuestPath<'_>) -> Result<Opened, Errno> {
        let making = OFlags::CREAT.union(OFlags::EXCL).union(OFlags::TRUNC);
        if self.oflags.contains(OFlags::DIRECTORY) {
            if self.oflags.intersects(making) {
                return Err(Errno::Inval);
            }
            return self.open_directory(dir, path);
        }
        if path.names_directory() {
            // A directory is neither made nor cut by opening it.
            if self.oflags.intersects(OFlags::CREAT.union(OFlags::TRUNC)) {
                return Err(Errno::Isdir);
            }
            return self.open_directory(dir, path);
        }
        self.open_any(dir, path)
    }

    fn open_directory(&self, dir: &Dir, path: GuestPath<'_>) -> Result<Opened, Errno> {
        let opened = if self.follow || path.names_directory() {
            dir.open_dir(path.as_str())?
        } else {
            dir.open_dir_nofollow(path.as_str())?
        };
        self.directory(opened)
    }

    /// A directory that was found. It cannot be opened for writing: `isdir`, once it is
    /// known to exist.
    fn directory(&self, opened: Dir) -> Result<Opened, Errno> {
        if self.writes() {
            return Err(Errno::Isdir);
        }
        Ok(Opened::Directory(Directory::new(opened)))
    }

    /// Opens whatever the path names.
    fn open_any(&self, dir: &Dir, path: GuestPath<'_>) -> Result<Opened, Errno> {
        let create = self.oflags.contains(OFlags::CREAT);
        let exclusive = create && self.oflags.contains(OFlags::EXCL);
        let truncate = self.oflags.contains(OFlags::TRUNC);

        // Hosts create only what is opened for writing. A guest that wants to read and
        // to create gets the file that is there without that detour, so that a file or a
        // directory that cannot be written still opens.
        if create && !exclusive && !truncate && !self.writes() {
            match self.open_with(dir, path, &self.options(false)) {
                Err(Errno::Noent) => {}
                result => return result,
            }
        }

        let mut options = self.options(create || truncate);
        options.create(create && !exclusive).create_new(exclusive);
        // Opening cannot both append and cut.
        let cut_later = truncate && self.flags.contains(FdFlags::APPEND);
        options.truncate(truncate && !cut_later);
        let opened = self.open_with(dir, path, &options)?;
        if let (true, Opened::File(file)) = (cut_later, &opened) {
            file.set_size(0)?;
        }
        Ok(opened)
    }

    /// The options that do not make anything; `write` asks for writing whatever the
    /// rights say.
    fn options(&self, write: bool) -> OpenOptions {
        let write = write || self.writes();
        let mut options = OpenOptions::new();
        options
            .read(self.reads() || !write)
            .write(write)
            .append(write && self.flags.contains(FdFlags::APPEND))
            .maybe_dir(true)
            .follow(if self.follow {
                FollowSymlinks::Yes
            } else {
                FollowSymlinks::No
            })
            .sync(self.flags.contains(FdFlags::SYNC))
            .dsync(self.flags.contains(FdFlags::DSYNC))
            .rsync(self.flags.contains(FdFlags::RSYNC))
            .nonblock(self.flags.contains(FdFlags::NONBLOCK));
        options
    }

    fn open_with(
        &self,
        dir: &Dir,
        path: GuestPath<'_>,
        options: &OpenOptions,
    ) -> Result<Opened, Errno> {
        let file = dir.open_with(path.as_str(), options)?;
        if file.metadata()?.is_dir() {
            return self.directory(Dir::from_std_file(file.into_std()));
        }
        Ok(Opened::File(File::new(file, self.flags)))
    }
}
