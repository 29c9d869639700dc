//! Exit codes.
//!
//! A guest's own code passes through: what `curta run` returns is what the guest returned,
//! 0 where it just ended. A failure of anything else has a code of its own, from the range
//! that `sysexits.h` set apart and that programs rarely use, and a trap has the code that a
//! shell shows for a program killed by an abort. A guest may still return one of these by
//! itself; then nothing is printed on standard error, while every failure prints a line
//! that begins with `error:`.
//!
//! | code | meaning |
//! |---|---|
//! | the guest's | the guest ended by itself; 255 where its code has more than 8 bits |
//! | 1 | a directive of a script failed (`curta wast`) |
//! | 64 | the command line cannot be understood, or asks for what the module does not have |
//! | 65 | the module is malformed, invalid, or uses what is off or not built |
//! | 66 | a file or a directory cannot be read |
//! | 67 | imports of the module are missing or do not fit |
//! | 70 | the host failed: a limit of it was reached, or a function of it returned an error |
//! | 134 | the guest trapped |

/// The exit code of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub(crate) enum Code {
    /// A directive of a script failed.
    Script = 1,
    /// The command line cannot be understood or carried out.
    Usage = 64,
    /// The module is no module that can be run.
    Module = 65,
    /// A file or a directory cannot be read.
    Input = 66,
    /// Imports are missing or do not fit.
    Link = 67,
    /// The host failed.
    Host = 70,
    /// The guest trapped.
    Trap = 134,
}

/// What the operating system gets of a guest's own code. Unix passes on eight bits of it, so a
/// code that has more becomes 255, lest 256 be taken for a success.
pub(crate) fn of_guest(code: i32) -> i32 {
    if cfg!(unix) && !(0..=255).contains(&code) {
        255
    } else {
        code
    }
}

/// The table for `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  the guest's own code, 0 where it just ends, 255 where it has more than 8 bits
  1    a directive of a script failed (curta wast)
  64   the command line cannot be understood, or asks for what the module does not have
  65   the module is malformed, invalid, or uses what is off or not built
  66   a file or a directory cannot be read
  67   imports of the module are missing or do not fit
  70   the host failed: a limit of it was reached, or a function of it returned an error
  134  the guest trapped";

impl Code {
    /// The number that the operating system gets.
    pub(crate) const fn number(self) -> i32 {
        self as i32
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, HELP};

    #[test]
    fn help_and_documentation_list_every_code() {
        let documentation = include_str!("exit.rs");
        for code in [
            Code::Script,
            Code::Usage,
            Code::Module,
            Code::Input,
            Code::Link,
            Code::Host,
            Code::Trap,
        ] {
            let number = code.number();
            assert!(HELP.contains(&format!("\n  {number} ")), "{number}");
            let row = format!("//! | {number} |");
            assert!(documentation.contains(&row), "{number}");
        }
    }
}
