//! Files and directories behind capabilities.
//!
//! Everything starts at a directory that the embedder has opened; every path is relative
//! to a directory descriptor and is resolved by `cap-std`, which refuses `..`, absolute
//! paths and symbolic links that lead out of that directory, also while other processes
//! rename things. [`path`] says which paths get that far. No path is ever put together
//! from strings, and the ambient file system is never asked.

mod directory;
mod error;
mod file;
mod open;
mod path;
mod stat;

pub(crate) use directory::Directory;
pub(crate) use file::{File, retry, write_to};
pub(crate) use open::{OpenRequest, Opened};
pub(crate) use path::GuestPath;
pub(crate) use stat::{NewTimes, stat};
