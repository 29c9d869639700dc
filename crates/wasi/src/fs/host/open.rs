//! Opening a path of the host.

use cap_fs_ext::{
    DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsMaybeDirExt, OpenOptionsSyncExt,
};
use cap_std::fs::{Dir, OpenOptions as HostOptions};

use super::HostDir;
use super::file::HostFile;
use crate::abi::{Errno, FdFlags};
use crate::fs::{OpenOptions, Opened};

/// Opens `path` below `dir`.
pub(super) fn open(dir: &Dir, path: &str, options: &OpenOptions) -> Result<Opened, Errno> {
    if options.directory {
        let opened = if options.follow {
            dir.open_dir(path)?
        } else {
            dir.open_dir_nofollow(path)?
        };
        return directory(opened, options);
    }

    // Hosts create only what is opened for writing. A guest that wants to read and to
    // create gets the file that is there without that detour, so that a file or a
    // directory that cannot be written still opens.
    let exclusive = options.create && options.exclusive;
    if options.create && !exclusive && !options.truncate && !options.write {
        match open_with(dir, path, options, &host_options(options, false)) {
            Err(Errno::Noent) => {}
            result => return result,
        }
    }

    let write = options.write || options.create || options.truncate;
    let mut host = host_options(options, write);
    host.create(options.create && !exclusive)
        .create_new(exclusive);
    // Opening cannot both append and cut.
    let cut_later = options.truncate && options.flags.contains(FdFlags::APPEND);
    host.truncate(options.truncate && !cut_later);
    let opened = open_with(dir, path, options, &host)?;
    if let (true, Opened::File(file)) = (cut_later, &opened) {
        file.set_size(0)?;
    }
    Ok(opened)
}

/// The options that do not make anything; `write` asks for writing whatever the guest
/// will do.
fn host_options(options: &OpenOptions, write: bool) -> HostOptions {
    let mut host = HostOptions::new();
    host.read(options.read || !write)
        .write(write)
        .append(write && options.flags.contains(FdFlags::APPEND))
        .maybe_dir(true)
        .follow(if options.follow {
            FollowSymlinks::Yes
        } else {
            FollowSymlinks::No
        })
        .sync(options.flags.contains(FdFlags::SYNC))
        .dsync(options.flags.contains(FdFlags::DSYNC))
        .rsync(options.flags.contains(FdFlags::RSYNC))
        // Opening a pipe would wait for its other end, and there is no end to that.
        .nonblock(true);
    no_controlling_terminal(&mut host);
    host
}

/// Opening a terminal does not make it the process's.
#[cfg(unix)]
fn no_controlling_terminal(host: &mut HostOptions) {
    use cap_std::fs::OpenOptionsExt;
    if let Ok(flags) = i32::try_from(rustix::fs::OFlags::NOCTTY.bits()) {
        host.custom_flags(flags);
    }
}

#[cfg(not(unix))]
fn no_controlling_terminal(_host: &mut HostOptions) {}

fn open_with(
    dir: &Dir,
    path: &str,
    options: &OpenOptions,
    host: &HostOptions,
) -> Result<Opened, Errno> {
    let file = dir.open_with(path, host)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return directory(Dir::from_std_file(file.into_std()), options);
    }
    let file = HostFile::new(file.into_std(), options.flags, metadata.is_file());
    Ok(Opened::File(Box::new(file)))
}

/// A directory that was found. It cannot be opened for writing: `isdir`, once it is known
/// to exist.
fn directory(opened: Dir, options: &OpenOptions) -> Result<Opened, Errno> {
    if options.write || options.truncate {
        return Err(Errno::Isdir);
    }
    Ok(Opened::Dir(Box::new(HostDir(opened))))
}
