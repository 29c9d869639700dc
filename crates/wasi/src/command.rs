//! Running a program: commands, reactors, and how a guest exits.

use std::error::Error as StdError;
use std::fmt;

use curta::{AsContextMut, Error, Extern, Instance, TypedFunc};

/// The function that runs a command.
const START: &str = "_start";

/// The function that prepares a reactor.
const INITIALIZE: &str = "_initialize";

/// A guest has ended by `proc_exit`, with this code.
///
/// To the engine it is an error, so that every frame of the guest is left. [`start`] turns
/// it into a value; whoever calls functions of a guest otherwise finds it by
/// `error.downcast_ref::<Exit>()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(
    /// The code; preview 1 has 32 bits for it.
    pub i32,
);

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the guest exited with code {}", self.0)
    }
}

impl StdError for Exit {}

/// A module is not the kind of program that was expected.
///
/// A *command* exports `_start`, which runs it once from begin to end. A *reactor* exports
/// functions to be called one by one, and perhaps `_initialize`, to be called first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// A reactor was to be run as a command.
    #[error(
        "the module is a reactor (it exports `{INITIALIZE}` and no `{START}`): \
         initialize it and call its functions instead of running it"
    )]
    Reactor,
    /// Something without a start function was to be run as a command.
    #[error("the module is not a command: it exports no function `{START}`")]
    NoStart,
    /// A command was to be initialized as a reactor.
    #[error("the module is a command (it exports `{START}`): run it instead of initializing it")]
    Command,
    /// The function has parameters or results, or is no function.
    #[error("the export `{name}` must be a function without parameters and results: {found}")]
    WrongType {
        /// The export.
        name: &'static str,
        /// What is wrong with it.
        found: String,
    },
}

/// Starts a command: calls `_start` and returns the exit code, 0 where the guest just
/// returns.
///
/// # Errors
/// A [`ProgramError`] where the module is not a command; whatever else ends the guest, such
/// as a trap.
pub fn start(mut store: impl AsContextMut, instance: &Instance) -> Result<i32, Error> {
    let Some(entry) = entry(&mut store, instance, START)? else {
        let reactor = instance.get_export(&mut store, INITIALIZE).is_some();
        return Err(Error::new(if reactor {
            ProgramError::Reactor
        } else {
            ProgramError::NoStart
        }));
    };
    match entry.call(&mut store, ()) {
        Ok(()) => Ok(0),
        Err(error) => match error.downcast_ref::<Exit>() {
            Some(&Exit(code)) => Ok(code),
            None => Err(error),
        },
    }
}

/// Prepares a reactor: calls `_initialize`, if there is one. Call its functions after
/// that.
///
/// # Errors
/// A [`ProgramError`] where the module is a command; whatever else ends the guest, such as
/// a trap or an [`Exit`].
pub fn initialize(mut store: impl AsContextMut, instance: &Instance) -> Result<(), Error> {
    if instance.get_export(&mut store, START).is_some() {
        return Err(Error::new(ProgramError::Command));
    }
    match entry(&mut store, instance, INITIALIZE)? {
        Some(initialize) => initialize.call(&mut store, ()),
        None => Ok(()),
    }
}

/// The export `name` as a function to call, if there is such an export.
fn entry(
    mut store: impl AsContextMut,
    instance: &Instance,
    name: &'static str,
) -> Result<Option<TypedFunc<(), ()>>, Error> {
    let wrong = |found| Error::new(ProgramError::WrongType { name, found });
    match instance.get_export(&mut store, name) {
        None => Ok(None),
        Some(Extern::Func(func)) => func
            .typed(&store)
            .map(Some)
            .map_err(|error| wrong(error.to_string())),
        Some(_) => Err(wrong("it is not a function".to_owned())),
    }
}
