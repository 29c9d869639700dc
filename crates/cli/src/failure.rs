//! What went wrong, as it is told on standard error.

use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::path::Path;

use curta::{Backtrace, Error, ErrorKind};
use curta_wasi::{ConfigError, ProgramError};

use crate::exit::Code;

/// So many frames of a backtrace are printed; the rest is counted.
const MOST_FRAMES: usize = 40;

/// Longer names of guests are cut.
const MOST_CHARACTERS: usize = 200;

/// A failure: its exit code and what to say about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    code: Code,
    message: String,
}

impl Failure {
    /// The command line asks for something that cannot be done.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Failure {
            code: Code::Usage,
            message: message.into(),
        }
    }

    /// A file cannot be read.
    pub(crate) fn unreadable(file: &Path, error: &io::Error) -> Self {
        Failure {
            code: Code::Input,
            message: format!("cannot read {}: {error}", file.display()),
        }
    }

    /// A file is no module that can be run.
    pub(crate) fn module(file: &Path, error: impl fmt::Display) -> Self {
        Failure {
            code: Code::Module,
            message: format!("{}: {error}", file.display()),
        }
    }

    /// Directives of scripts failed.
    pub(crate) fn script(message: impl Into<String>) -> Self {
        Failure {
            code: Code::Script,
            message: message.into(),
        }
    }

    /// The same, of a file that it names.
    pub(crate) fn of(self, file: &Path) -> Self {
        Failure {
            message: format!("{}: {}", file.display(), self.message),
            ..self
        }
    }

    /// The exit code.
    pub(crate) fn code(&self) -> Code {
        self.code
    }

    /// Says it, where anybody listens.
    pub(crate) fn print(&self) {
        let _ = writeln!(io::stderr(), "error: {}", self.message);
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::from(&error)
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let mut message = match error.trap() {
            Some(trap) => format!("trap: {trap}"),
            None => error.to_string(),
        };
        if let Some(backtrace) = error.backtrace() {
            push_frames(&mut message, backtrace);
        }
        Failure {
            code: code_of(error),
            message,
        }
    }
}

/// The exit code for an error.
fn code_of(error: &Error) -> Code {
    if error.downcast_ref::<ProgramError>().is_some() {
        return Code::Usage;
    }
    if let Some(ConfigError::Directory { .. }) = error.downcast_ref() {
        return Code::Input;
    }
    match error.kind() {
        ErrorKind::Module => Code::Module,
        ErrorKind::Link => Code::Link,
        ErrorKind::Trap => Code::Trap,
        // A limit, a failed host function, or something that this program did wrong.
        _ => Code::Host,
    }
}

/// Adds a line for every frame, innermost first.
fn push_frames(message: &mut String, backtrace: &Backtrace) {
    let frames = backtrace.frames();
    for (depth, frame) in frames.iter().take(MOST_FRAMES).enumerate() {
        let _ = write!(message, "\n{depth:>3}: ");
        let index = frame.func_index();
        let _ = match frame.func_name() {
            Some(name) => write!(message, "{} (func[{index}])", Printable(name)),
            None => write!(message, "func[{index}]"),
        };
        if let Some(offset) = frame.offset() {
            let _ = write!(message, " at {offset:#x}");
        }
    }
    let left_out = frames.len().saturating_sub(MOST_FRAMES);
    let more = backtrace.omitted().saturating_add(left_out);
    if more > 0 {
        let _ = write!(message, "\n  … and {more} more");
    }
}

/// A name that a guest has chosen, without what could confuse a terminal.
pub(crate) struct Printable<'a>(pub(crate) &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(MOST_CHARACTERS) {
            // Escapes what is not printed, the marks that turn the direction of text
            // included; quotation marks are harmless here.
            match character {
                '"' | '\'' | '\\' => f.write_char(character)?,
                other => write!(f, "{}", other.escape_debug())?,
            }
        }
        if characters.next().is_some() {
            f.write_char('…')?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use curta::{Error, Trap};
    use curta_wasi::ProgramError;

    use super::{Failure, Printable};
    use crate::exit::Code;

    #[test]
    fn a_trap_is_named_as_one() {
        let failure = Failure::from(Error::from(Trap::Unreachable));
        assert_eq!(failure.code(), Code::Trap);
        assert_eq!(failure.message, "trap: unreachable");
    }

    #[test]
    fn failures_of_the_host_and_wrong_uses_are_told_apart() {
        let failure = Failure::from(Error::msg("no luck"));
        assert_eq!(
            (failure.code(), failure.message.as_str()),
            (Code::Host, "no luck")
        );
        let failure = Failure::from(Error::new(ProgramError::Reactor));
        assert_eq!(failure.code(), Code::Usage);
    }

    #[test]
    fn names_of_guests_cannot_write_to_the_terminal() {
        let name = Printable("a\u{1b}[2J\n\u{202e}'b\"\u{e9}").to_string();
        assert_eq!(name, "a\\u{1b}[2J\\n\\u{202e}'b\"\u{e9}");
        let long = "x".repeat(10_000);
        assert!(Printable(&long).to_string().len() < 300);
    }
}
