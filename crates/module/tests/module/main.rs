//! The crate from outside: what a module says, what is refused, and with which words.

mod binary;
mod description;
mod errors;
mod features;
mod hostile;
mod limits;
mod malformed;
mod names;
mod types;
