//! Modules from files.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use curta::{Engine, Module};

use crate::failure::Failure;
use crate::progress::Progress;

/// The bytes of a file.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|error| Failure::unreadable(file, &error))
}

/// The module in a file, in the binary or the text format. A bar shows how far it is if that takes
/// long: functions are translated while the file is read.
pub(crate) fn module(engine: &Engine, file: &Path) -> Result<Module, Failure> {
    let unreadable = |error: &io::Error| Failure::unreadable(file, error);
    let watched = Watched::open(file).map_err(|error| unreadable(&error))?;
    Module::from_reader(engine, watched).map_err(|error| match error.downcast_ref() {
        Some(error) => unreadable(error),
        None => Failure::from(error).of(file),
    })
}

/// A file that shows how much of it has been read.
struct Watched {
    file: File,
    progress: Progress<io::Stderr>,
    done: usize,
    total: usize,
}

impl Watched {
    fn open(path: &Path) -> io::Result<Watched> {
        let file = File::open(path)?;
        let total = file.metadata()?.len();
        Ok(Watched {
            file,
            progress: Progress::new(path.display().to_string()),
            done: 0,
            total: usize::try_from(total).unwrap_or(usize::MAX),
        })
    }
}

impl Read for Watched {
    /// Reads on; what was read before has been dealt with by now.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.progress.advance(self.done, self.total);
        let len = self.file.read(buffer)?;
        self.done = self.done.saturating_add(len);
        Ok(len)
    }
}

/// The module in a file, in the binary format, whichever of the two it is in.
pub(crate) fn binary(file: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = read(file)?;
    // As `Module::new` tells them apart.
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if !matches!(first, Some(b'(' | b';')) {
        return Ok(bytes);
    }
    match wat::parse_bytes(&bytes) {
        Ok(binary) => Ok(binary.into_owned()),
        Err(error) => Err(Failure::module(file, error)),
    }
}
