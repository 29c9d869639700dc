//! Errors, on their way in and out.

use std::fmt;

use curta::Error;

/// An error of the layer's while it passes through a guest.
#[derive(Debug)]
struct Passing(anyhow::Error);

impl fmt::Display for Passing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Passing {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// What a host function returned, as curta takes it.
pub(crate) fn into_curta(error: anyhow::Error) -> Error {
    error
        .downcast()
        .unwrap_or_else(|other| Error::new(Passing(other)))
}

/// What curta returned; a host function's error is again what it was.
pub(crate) fn out_of_curta(error: Error) -> anyhow::Error {
    match error.downcast() {
        Ok(Passing(error)) => error,
        Err(own) => own.into(),
    }
}
