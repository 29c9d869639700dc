//! Copying from one layer to another.

use std::io::IoSlice;

use crate::abi::{Errno, FileType};
use crate::fs::{Dir, File, NewTimes, OpenOptions, Opened};

/// Copies what is at `path` in one layer to the same path of another, whose directory is
/// there already: a file with its content, a link with its target, an empty directory.
/// Times go with it. What was half copied is removed again.
///
/// # Errors
/// [`Errno::Notsup`] for pipes and devices, and what the layers say.
pub(super) fn copy_up(from: &dyn Dir, to: &dyn Dir, path: &str) -> Result<(), Errno> {
    let stat = from.stat(path, false)?;
    match stat.file_type {
        FileType::Directory => to.create_directory(path)?,
        FileType::SymbolicLink => to.symlink(&from.read_link(path)?, path)?,
        FileType::RegularFile => {
            let copied = copy_file(from, to, path);
            if copied.is_err() {
                // The error is what matters.
                let _ = to.unlink(path);
            }
            copied?;
        }
        _ => return Err(Errno::Notsup),
    }
    let times = NewTimes {
        accessed: Some(stat.accessed),
        modified: Some(stat.modified),
    };
    to.set_times(path, false, times)
}

fn copy_file(from: &dyn Dir, to: &dyn Dir, path: &str) -> Result<(), Errno> {
    let reading = OpenOptions {
        follow: false,
        ..OpenOptions::reading()
    };
    let writing = OpenOptions {
        follow: false,
        write: true,
        create: true,
        truncate: true,
        ..OpenOptions::new()
    };
    let mut source = opened_file(from.open(path, &reading)?)?;
    let mut target = opened_file(to.open(path, &writing)?)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let got = source.read(&mut buffer)?;
        if got == 0 {
            return Ok(());
        }
        let mut rest = &buffer[..got];
        while !rest.is_empty() {
            let written = target.write(&[IoSlice::new(rest)])?;
            rest = &rest[written.min(rest.len())..];
            if written == 0 {
                return Err(Errno::Nospc);
            }
        }
    }
}

fn opened_file(opened: Opened) -> Result<Box<dyn File>, Errno> {
    match opened {
        Opened::File(file) => Ok(file),
        Opened::Dir(_) => Err(Errno::Isdir),
    }
}
