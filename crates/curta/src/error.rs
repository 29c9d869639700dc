//! The one error type of the crate, and what it carries.
//!
//! Five kinds of failure are kept apart: a module that is malformed, invalid or beyond its limits
//! ([`ModuleError`]), imports that do not fit ([`LinkError`]), a guest that trapped ([`Trap`]), an
//! exception that no guest caught, and a host function that failed (any error of the host's). Two more are the host's own: a
//! limit of the store that refused a request, and an API used wrongly.
//!
//! Guarantees: [`Error`] is one pointer wide, `Send` and `Sync`; names chosen by guests are shown
//! with control characters escaped and cut to a reasonable length, so an error may be printed to
//! a terminal.

use crate::numeric::Trap;
use alloc::{boxed::Box, format};
use core::fmt;
use curta_module::ModuleError;

pub(crate) mod backtrace;
mod exception;
mod link;
mod text;

pub use backtrace::{Backtrace, Frame};
pub(crate) use exception::Thrown;
pub(crate) use link::PRINTED_PROBLEMS;
pub use link::{LinkError, LinkProblem};
pub(crate) use text::{Quoted, Text, listed};

/// Why something could not be done.
///
/// `{}` prints one message; `{:?}` adds the chain of causes and the guest's backtrace, so `fn
/// main() -> Result<(), Error>` reports everything there is to know.
///
/// ```
/// use curta::{Engine, ErrorKind, Module};
///
/// let error = Module::new(&Engine::default(), b"not wasm").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Module);
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    cause: Cause,
    backtrace: Option<Backtrace>,
}

enum Cause {
    Module(ModuleError),
    /// The text format could not be parsed; the parser's own report.
    #[cfg_attr(
        not(feature = "wat"),
        expect(dead_code, reason = "made by the text parser alone")
    )]
    Text(Box<str>),
    Link(LinkError),
    Trap(Trap),
    Host(Box<dyn core::error::Error + Send + Sync>),
    Limit(Box<str>),
    Bounds(Box<str>),
    Usage(Box<str>),
    /// An exception that no guest caught.
    Exception(Thrown),
    /// The same while it is between an activation and the host: the store's number, and the
    /// reference. [`Error::with_thrown`] ends that.
    Passing(usize, u64),
}

/// What kind of failure an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The module is malformed, invalid, too large, or uses what is off or not built; see
    /// [`Error::module_error`].
    Module,
    /// Imports are missing or do not fit; see [`Error::link_error`].
    Link,
    /// The guest trapped; see [`Error::trap`].
    Trap,
    /// A host function returned an error; see [`Error::downcast_ref`].
    Host,
    /// The store's limits, or the machine's memory, do not allow what was asked.
    Limit,
    /// The host's own access to a memory or table was out of bounds.
    Bounds,
    /// An exception that no guest caught; see [`Error::exception`].
    Exception,
    /// The embedding API was used wrongly: a handle of another store, arguments of wrong types, a
    /// missing export.
    Usage,
}

impl Error {
    /// An error of the host, to be returned from a host function. [`Error::downcast_ref`] gets it
    /// back.
    ///
    /// ```
    /// #[derive(Debug, PartialEq)]
    /// struct Full;
    /// impl std::fmt::Display for Full {
    /// fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("full") }
    /// } impl std::error::Error for Full {}
    ///
    /// assert_eq!(curta::Error::new(Full).downcast_ref(), Some(&Full));
    /// ```
    pub fn new(error: impl core::error::Error + Send + Sync + 'static) -> Error {
        Error::from_cause(Cause::Host(Box::new(error)))
    }

    /// An error of the host that is only a message.
    pub fn msg(message: impl fmt::Display) -> Error {
        Error::new(Message(format!("{message}").into()))
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        match &self.0.cause {
            Cause::Module(_) | Cause::Text(_) => ErrorKind::Module,
            Cause::Link(_) => ErrorKind::Link,
            Cause::Trap(_) => ErrorKind::Trap,
            Cause::Host(_) => ErrorKind::Host,
            Cause::Limit(_) => ErrorKind::Limit,
            Cause::Bounds(_) => ErrorKind::Bounds,
            Cause::Usage(_) => ErrorKind::Usage,
            Cause::Exception(_) | Cause::Passing(..) => ErrorKind::Exception,
        }
    }

    /// The guest's trap, if that is what happened.
    pub fn trap(&self) -> Option<Trap> {
        match &self.0.cause {
            Cause::Trap(trap) => Some(*trap),
            _ => None,
        }
    }

    /// What is wrong with the module's bytes, if they are the reason.
    pub fn module_error(&self) -> Option<&ModuleError> {
        match &self.0.cause {
            Cause::Module(error) => Some(error),
            _ => None,
        }
    }

    /// Which imports do not fit, if they are the reason.
    pub fn link_error(&self) -> Option<&LinkError> {
        match &self.0.cause {
            Cause::Link(error) => Some(error),
            _ => None,
        }
    }

    /// The host's own error, if this is one and it is an `E`.
    pub fn downcast_ref<E: core::error::Error + 'static>(&self) -> Option<&E> {
        match &self.0.cause {
            Cause::Host(error) => error.downcast_ref(),
            _ => None,
        }
    }

    /// The host's own error by value, if this is one and it is an `E`; else the error unchanged.
    ///
    /// # Errors
    /// Returns `self` when it holds something else.
    pub fn downcast<E: core::error::Error + 'static>(self) -> Result<E, Error> {
        let Inner { cause, backtrace } = *self.0;
        match cause {
            Cause::Host(error) => match error.downcast() {
                Ok(error) => Ok(*error),
                Err(error) => Err(Error(Box::new(Inner {
                    cause: Cause::Host(error),
                    backtrace,
                }))),
            },
            cause => Err(Error(Box::new(Inner { cause, backtrace }))),
        }
    }

    /// The guest functions that were running, innermost first, when a trap or a host function's
    /// error ended them.
    pub fn backtrace(&self) -> Option<&Backtrace> {
        self.0.backtrace.as_ref()
    }

    /// A trap, and where the guest was.
    pub(crate) fn from_trap(trap: Trap, backtrace: Option<Backtrace>) -> Error {
        Error(Box::new(Inner {
            cause: Cause::Trap(trap),
            backtrace,
        }))
    }

    /// Adds where the guest was. What an inner call has recorded stays: its frames come first,
    /// the outer ones follow.
    pub(crate) fn with_backtrace(mut self, backtrace: Backtrace) -> Error {
        match &mut self.0.backtrace {
            Some(inner) => inner.extend(backtrace),
            none => *none = Some(backtrace),
        }
        self
    }

    /// A request that the store's limits or the machine's memory do not allow.
    pub(crate) fn limit(message: impl Into<Box<str>>) -> Error {
        Error::from_cause(Cause::Limit(message.into()))
    }

    /// An access of the host's out of bounds.
    pub(crate) fn bounds(message: impl Into<Box<str>>) -> Error {
        Error::from_cause(Cause::Bounds(message.into()))
    }

    /// An API used wrongly by the host.
    pub(crate) fn usage(message: impl Into<Box<str>>) -> Error {
        Error::from_cause(Cause::Usage(message.into()))
    }

    /// Text that is no module; the parser's report.
    #[cfg(feature = "wat")]
    pub(crate) fn text(report: impl Into<Box<str>>) -> Error {
        Error::from_cause(Cause::Text(report.into()))
    }

    /// An exception of a store that no frame of an activation caught.
    pub(crate) fn uncaught_exception(store: impl Into<usize>, exception: u64) -> Error {
        Error::from_cause(Cause::Passing(store.into(), exception))
    }

    /// The exception of a store that nothing has caught yet.
    pub(crate) fn exception_of(&self, store: impl Into<usize>) -> Option<u64> {
        match self.0.cause {
            Cause::Passing(of, exception) if of == store.into() => Some(exception),
            _ => None,
        }
    }

    /// The same error as an exception that left its store; keeps where the guest was.
    pub(crate) fn with_thrown(mut self, thrown: Thrown) -> Error {
        self.0.cause = Cause::Exception(thrown);
        self
    }

    /// The exception that this is.
    pub(crate) fn thrown(&self) -> Option<&Thrown> {
        match &self.0.cause {
            Cause::Exception(thrown) => Some(thrown),
            _ => None,
        }
    }

    fn from_cause(cause: Cause) -> Error {
        Error(Box::new(Inner {
            cause,
            backtrace: None,
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.cause {
            Cause::Module(error) => error.fmt(f),
            Cause::Link(error) => error.fmt(f),
            Cause::Trap(trap) => trap.fmt(f),
            Cause::Host(error) => error.fmt(f),
            Cause::Text(message)
            | Cause::Limit(message)
            | Cause::Bounds(message)
            | Cause::Usage(message) => f.write_str(message),
            Cause::Exception(thrown) => thrown.fmt(f),
            Cause::Passing(..) => f.write_str("uncaught exception"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut source = core::error::Error::source(self);
        while let Some(cause) = source {
            write!(f, "\n  because: {cause}")?;
            source = cause.source();
        }
        match &self.0.backtrace {
            Some(backtrace) => write!(f, "\n{backtrace}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.0.cause {
            // The message is the host error's own, so that its source comes next.
            Cause::Host(error) => error.source(),
            Cause::Module(error) => error.source(),
            _ => None,
        }
    }
}

impl From<Trap> for Error {
    fn from(trap: Trap) -> Error {
        Error::from_trap(trap, None)
    }
}

impl From<Thrown> for Error {
    fn from(thrown: Thrown) -> Error {
        Error::from_cause(Cause::Exception(thrown))
    }
}

impl From<ModuleError> for Error {
    fn from(error: ModuleError) -> Error {
        Error::from_cause(Cause::Module(error))
    }
}

impl From<LinkError> for Error {
    fn from(error: LinkError) -> Error {
        Error::from_cause(Cause::Link(error))
    }
}

/// Errors that host functions meet often, so that `?` works on them in a closure; for others
/// there is [`Error::new`].
macro_rules! host_errors {
    ($($(#[$attribute:meta])* $error:ty),* $(,)?) => {$(
        $(#[$attribute])*
        impl From<$error> for Error {
            fn from(error: $error) -> Error {
                Error::new(error)
            }
        }
    )*};
}

host_errors! {
    #[cfg(feature = "std")] std::io::Error,
    fmt::Error,
    core::str::Utf8Error,
    alloc::string::FromUtf8Error,
    core::num::TryFromIntError,
    core::num::ParseIntError,
    core::num::ParseFloatError,
    core::array::TryFromSliceError,
}

impl From<Box<dyn core::error::Error + Send + Sync>> for Error {
    fn from(error: Box<dyn core::error::Error + Send + Sync>) -> Error {
        Error::from_cause(Cause::Host(error))
    }
}

impl From<core::convert::Infallible> for Error {
    fn from(never: core::convert::Infallible) -> Error {
        match never {}
    }
}

/// A host error without a type of its own.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Message(Box<str>);

#[cfg(test)]
mod tests {
    use super::{Backtrace, Error, ErrorKind, Frame};
    use crate::numeric::Trap;
    use alloc::{format, string::ToString, vec};

    #[test]
    fn an_error_is_one_pointer_wide_and_crosses_threads() {
        fn crosses<T: Send + Sync + 'static>() {}
        crosses::<Error>();
        assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
    }

    #[test]
    fn host_errors_come_back_as_themselves() {
        let error = Error::from("x".parse::<u8>().unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Host);
        assert!(error.downcast_ref::<core::num::ParseIntError>().is_some());
        assert!(error.downcast_ref::<core::fmt::Error>().is_none());
        let error = error.downcast::<core::fmt::Error>().unwrap_err();
        assert!(error.downcast::<core::num::ParseIntError>().is_ok());
        assert_eq!(Error::msg(3).to_string(), "3");
    }

    #[test]
    fn a_trap_says_which_and_where() {
        let frame = Frame::new(2, Some("f"), None, Some(0x2a));
        let error = Error::from_trap(Trap::Unreachable, Some(Backtrace::new(vec![frame], 0)));
        assert_eq!(
            (error.trap(), error.to_string()),
            (Some(Trap::Unreachable), "unreachable".to_string())
        );
        assert_eq!(
            format!("{error:?}"),
            "unreachable\nguest backtrace:\n    0: f at 0x2a"
        );
    }
}
