//! Modules from files.

use std::fs;
use std::path::Path;

use curta::{Engine, Module};

use crate::failure::Failure;

/// The bytes of a file.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|error| Failure::unreadable(file, &error))
}

/// The module in a file, in the binary or the text format.
pub(crate) fn module(engine: &Engine, file: &Path) -> Result<Module, Failure> {
    let bytes = read(file)?;
    Module::new(engine, bytes).map_err(|error| Failure::from(error).of(file))
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
