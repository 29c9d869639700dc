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
    Module::new(engine, bytes).map_err(|error| Failure::of_file(file, &error))
}
