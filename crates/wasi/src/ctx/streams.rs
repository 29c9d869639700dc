//! Standard streams: the host's own, or what the embedder puts in their place.
//!
//! A guest's write becomes one write of the host's stream, and nothing is kept back:
//! libraries inside the guest have buffers of their own, so that a second one here would
//! only delay what the guest wants to be seen.

use std::fmt;
use std::io::{self, IsTerminal, Read, Write};

use crate::abi::{Errno, FileType};
use crate::fs::{retry, write_to};
use crate::guest::{Buffers, GuestMemory};

/// A stream to read from.
pub(crate) struct Input {
    reader: Box<dyn Read + Send>,
    terminal: bool,
}

/// A stream to write to.
pub(crate) struct Output {
    writer: Box<dyn Write + Send>,
    terminal: bool,
}

impl Input {
    /// A stream that is at its end.
    pub(crate) fn empty() -> Self {
        Input::new(io::empty())
    }

    /// A stream of the embedder's making.
    pub(crate) fn new(reader: impl Read + Send + 'static) -> Self {
        Input {
            reader: Box::new(reader),
            terminal: false,
        }
    }

    /// The host's standard input.
    pub(crate) fn inherit() -> io::Result<Self> {
        Ok(Input {
            reader: host::stdin()?,
            terminal: io::stdin().is_terminal(),
        })
    }

    /// What the guest takes the stream for.
    pub(crate) fn file_type(&self) -> FileType {
        stream_type(self.terminal)
    }

    /// Reads into the first buffer: what a terminal or a pipe has is handed on, rather
    /// than kept back until a second buffer can be filled as well.
    pub(crate) fn read(
        &mut self,
        memory: &mut GuestMemory<'_>,
        buffers: &Buffers,
    ) -> Result<u64, Errno> {
        let Some(first) = buffers.first() else {
            return Ok(0);
        };
        let buffer = memory.buffer_mut(first);
        let len = buffer.len();
        let got = retry(|| self.reader.read(buffer))?;
        // A reader that claims more than it was given room for is not believed.
        Ok(got.min(len) as u64)
    }
}

impl Output {
    /// A stream that takes everything and keeps nothing.
    pub(crate) fn sink() -> Self {
        Output::new(io::sink())
    }

    /// A stream of the embedder's making.
    pub(crate) fn new(writer: impl Write + Send + 'static) -> Self {
        Output {
            writer: Box::new(writer),
            terminal: false,
        }
    }

    /// The host's standard output.
    pub(crate) fn inherit_stdout() -> io::Result<Self> {
        Ok(Output {
            writer: host::stdout()?,
            terminal: io::stdout().is_terminal(),
        })
    }

    /// The host's standard error.
    pub(crate) fn inherit_stderr() -> io::Result<Self> {
        Ok(Output {
            writer: host::stderr()?,
            terminal: io::stderr().is_terminal(),
        })
    }

    /// What the guest takes the stream for.
    pub(crate) fn file_type(&self) -> FileType {
        stream_type(self.terminal)
    }

    /// Writes the buffers, with one call where the stream can take several.
    pub(crate) fn write(
        &mut self,
        memory: &GuestMemory<'_>,
        buffers: &Buffers,
    ) -> Result<u64, Errno> {
        write_to(&mut self.writer, memory, buffers)
    }

    /// Hands on what the embedder's stream may have kept back.
    pub(crate) fn flush(&mut self) -> Result<(), Errno> {
        Ok(self.writer.flush()?)
    }
}

/// A terminal is a character device; of anything else nothing is known that a guest could
/// rely on.
fn stream_type(terminal: bool) -> FileType {
    if terminal {
        FileType::CharacterDevice
    } else {
        FileType::Unknown
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Input")
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Output")
    }
}

/// The host's streams without the buffers of the standard library: a descriptor of our
/// own to the same stream.
#[cfg(unix)]
mod host {
    use std::fs::File;
    use std::io::{self, Read, Write};
    use std::os::fd::AsFd;

    pub(super) fn stdin() -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(own(io::stdin())?))
    }

    pub(super) fn stdout() -> io::Result<Box<dyn Write + Send>> {
        io::stdout().flush()?;
        Ok(Box::new(own(io::stdout())?))
    }

    pub(super) fn stderr() -> io::Result<Box<dyn Write + Send>> {
        Ok(Box::new(own(io::stderr())?))
    }

    fn own(stream: impl AsFd) -> io::Result<File> {
        Ok(File::from(stream.as_fd().try_clone_to_owned()?))
    }
}

/// Elsewhere a terminal wants the standard library's conversions.
#[cfg(not(unix))]
mod host {
    use std::io::{self, Read, Write};

    pub(super) fn stdin() -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(io::stdin()))
    }

    pub(super) fn stdout() -> io::Result<Box<dyn Write + Send>> {
        Ok(Box::new(Flushed(io::stdout())))
    }

    pub(super) fn stderr() -> io::Result<Box<dyn Write + Send>> {
        Ok(Box::new(io::stderr()))
    }

    /// Keeps nothing back.
    struct Flushed(io::Stdout);

    impl Write for Flushed {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write_all(bytes)?;
            self.0.flush()?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }
}
