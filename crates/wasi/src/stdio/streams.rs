//! Standard streams: the host's own, or what the embedder puts in their place.
//!
//! A guest's write becomes one write of the host's stream, and nothing is kept back:
//! libraries inside the guest have buffers of their own, so that a second one here would
//! only delay what the guest wants to be seen.

use std::fmt;
use std::io::{self, Cursor, IoSlice, IsTerminal, Read, Write};
use std::sync::Arc;

use super::{PipeReader, PipeWriter};
use crate::abi::{Errno, FdFlags, FileType};
#[cfg(unix)]
use crate::wait::HostWait;
use crate::wait::{Look, Signal};

/// A stream to read from.
pub(crate) struct Input {
    source: Source,
    terminal: bool,
    flags: FdFlags,
}

/// A stream to write to.
pub(crate) struct Output {
    sink: Sink,
    terminal: bool,
    flags: FdFlags,
}

/// Where input comes from.
enum Source {
    /// Bytes that are there already.
    Bytes(Cursor<Vec<u8>>),
    /// Something of the embedder's; it says when it is read whether there is anything.
    Reader(Box<dyn Read + Send>),
    /// Another guest or the host.
    Pipe(PipeReader),
    /// A descriptor of the host.
    #[cfg(unix)]
    Host(std::fs::File),
}

/// Where output goes.
enum Sink {
    /// Something of the embedder's.
    Writer(Box<dyn Write + Send>),
    /// Another guest or the host.
    Pipe(PipeWriter),
    /// A descriptor of the host.
    #[cfg(unix)]
    Host(std::fs::File),
}

impl Input {
    fn new(source: Source) -> Self {
        Input {
            source,
            terminal: false,
            flags: FdFlags::empty(),
        }
    }

    /// A stream of these bytes; of none, a stream that is at its end.
    pub(crate) fn bytes(bytes: Vec<u8>) -> Self {
        Input::new(Source::Bytes(Cursor::new(bytes)))
    }

    /// A stream of the embedder's making.
    pub(crate) fn reader(reader: impl Read + Send + 'static) -> Self {
        Input::new(Source::Reader(Box::new(reader)))
    }

    /// A file of the host.
    pub(crate) fn file(file: std::fs::File) -> Self {
        #[cfg(unix)]
        return Input::new(Source::Host(file));
        #[cfg(not(unix))]
        Input::reader(file)
    }

    /// An end of a pipe.
    pub(crate) fn pipe(reader: PipeReader) -> Self {
        Input::new(Source::Pipe(reader))
    }

    /// The host's standard input.
    pub(crate) fn inherit() -> io::Result<Self> {
        Ok(Input {
            terminal: io::stdin().is_terminal(),
            ..Input::new(host::stdin()?)
        })
    }

    /// What the guest takes the stream for.
    pub(crate) fn file_type(&self) -> FileType {
        stream_type(self.terminal)
    }

    /// How reads behave.
    pub(crate) fn flags(&self) -> FdFlags {
        self.flags
    }

    /// Changes how reads behave.
    ///
    /// # Errors
    /// [`Errno::Notsup`] for flags other than [`FdFlags::NONBLOCK`].
    pub(crate) fn set_flags(&mut self, flags: FdFlags) -> Result<(), Errno> {
        self.flags = stream_flags(flags)?;
        Ok(())
    }

    /// Whether a read would wait.
    pub(crate) fn look(&self, signal: &Arc<Signal>) -> Result<Look<'_>, Errno> {
        match &self.source {
            Source::Bytes(bytes) => Ok(Look::Ready {
                bytes: (bytes.get_ref().len() as u64).saturating_sub(bytes.position()),
                hangup: false,
            }),
            Source::Reader(_) => Ok(Look::READY),
            Source::Pipe(pipe) => Ok(pipe.look(signal)),
            #[cfg(unix)]
            Source::Host(file) => HostWait::to_read(file).look(),
        }
    }

    /// Reads, and waits for something to read unless the flags forbid it. 0 is the end.
    pub(crate) fn read(&mut self, buffer: &mut [u8], signal: &Arc<Signal>) -> Result<usize, Errno> {
        let (pollable, host) = match self.source {
            Source::Bytes(_) | Source::Reader(_) => (false, false),
            Source::Pipe(_) => (true, false),
            #[cfg(unix)]
            Source::Host(_) => (true, true),
        };
        let nonblock = self.flags.contains(FdFlags::NONBLOCK);
        if nonblock && let Look::Pending(_) = self.look(signal)? {
            return Err(Errno::Again);
        }
        // A read of the host cannot be ended by anybody, unlike waiting for it.
        if host && signal.is_watched() {
            signal.until_ready(|| self.look(signal))?;
        }
        loop {
            match self.attempt(buffer) {
                Err(Errno::Again) if pollable && !nonblock => {
                    signal.until_ready(|| self.look(signal))?;
                }
                result => return result,
            }
        }
    }

    fn attempt(&mut self, buffer: &mut [u8]) -> Result<usize, Errno> {
        let len = buffer.len();
        let got = match &mut self.source {
            Source::Bytes(bytes) => bytes.read(buffer)?,
            Source::Reader(reader) => retry(|| reader.read(buffer))?,
            Source::Pipe(pipe) => pipe.pull(buffer).ok_or(Errno::Again)?,
            #[cfg(unix)]
            Source::Host(file) => retry(|| file.read(buffer))?,
        };
        // A reader that claims more than it was given room for is not believed.
        Ok(got.min(len))
    }
}

impl Output {
    fn new(sink: Sink) -> Self {
        Output {
            sink,
            terminal: false,
            flags: FdFlags::empty(),
        }
    }

    /// A stream that takes everything and keeps nothing.
    pub(crate) fn null() -> Self {
        Output::writer(io::sink())
    }

    /// A stream of the embedder's making.
    pub(crate) fn writer(writer: impl Write + Send + 'static) -> Self {
        Output::new(Sink::Writer(Box::new(writer)))
    }

    /// An end of a pipe.
    pub(crate) fn pipe(writer: PipeWriter) -> Self {
        Output::new(Sink::Pipe(writer))
    }

    /// The host's standard output.
    pub(crate) fn inherit_stdout() -> io::Result<Self> {
        Ok(Output {
            terminal: io::stdout().is_terminal(),
            ..Output::new(host::stdout()?)
        })
    }

    /// The host's standard error.
    pub(crate) fn inherit_stderr() -> io::Result<Self> {
        Ok(Output {
            terminal: io::stderr().is_terminal(),
            ..Output::new(host::stderr()?)
        })
    }

    /// What the guest takes the stream for.
    pub(crate) fn file_type(&self) -> FileType {
        stream_type(self.terminal)
    }

    /// How writes behave.
    pub(crate) fn flags(&self) -> FdFlags {
        self.flags
    }

    /// Changes how writes behave.
    ///
    /// # Errors
    /// [`Errno::Notsup`] for flags other than [`FdFlags::NONBLOCK`].
    pub(crate) fn set_flags(&mut self, flags: FdFlags) -> Result<(), Errno> {
        self.flags = stream_flags(flags)?;
        Ok(())
    }

    /// Whether a write would wait.
    pub(crate) fn look(&self, signal: &Arc<Signal>) -> Result<Look<'_>, Errno> {
        match &self.sink {
            Sink::Writer(_) => Ok(Look::READY),
            Sink::Pipe(pipe) => Ok(pipe.look(signal)),
            #[cfg(unix)]
            Sink::Host(file) => HostWait::to_write(file).look(),
        }
    }

    /// Writes the buffers, with one call where the stream can take several, and waits for
    /// room unless the flags forbid it.
    pub(crate) fn write(
        &mut self,
        buffers: &[IoSlice<'_>],
        signal: &Arc<Signal>,
    ) -> Result<usize, Errno> {
        let (pollable, host) = match self.sink {
            Sink::Writer(_) => (false, false),
            Sink::Pipe(_) => (true, false),
            #[cfg(unix)]
            Sink::Host(_) => (true, true),
        };
        let nonblock = self.flags.contains(FdFlags::NONBLOCK);
        if nonblock && let Look::Pending(_) = self.look(signal)? {
            return Err(Errno::Again);
        }
        if host && signal.is_watched() {
            signal.until_ready(|| self.look(signal))?;
        }
        if let (Sink::Pipe(pipe), false) = (&self.sink, nonblock) {
            return write_all(pipe, buffers, signal);
        }
        loop {
            match self.attempt(buffers) {
                Err(Errno::Again) if pollable && !nonblock => {
                    signal.until_ready(|| self.look(signal))?;
                }
                result => return result,
            }
        }
    }

    fn attempt(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize, Errno> {
        match &mut self.sink {
            Sink::Writer(writer) => write_to(writer, buffers),
            Sink::Pipe(pipe) => {
                let mut done = 0;
                for buffer in buffers {
                    match pipe.put(buffer)? {
                        Some(put) => done += put,
                        None if done == 0 => return Err(Errno::Again),
                        None => break,
                    }
                }
                Ok(done)
            }
            #[cfg(unix)]
            Sink::Host(file) => write_to(file, buffers),
        }
    }

    /// Hands on what the embedder's stream may have kept back.
    pub(crate) fn flush(&mut self) -> Result<(), Errno> {
        match &mut self.sink {
            Sink::Writer(writer) => Ok(writer.flush()?),
            Sink::Pipe(_) => Ok(()),
            #[cfg(unix)]
            Sink::Host(_) => Ok(()),
        }
    }
}

/// Writes everything into a pipe, as a write that waits does on POSIX systems. An error after
/// some bytes is the next call's.
fn write_all(
    pipe: &PipeWriter,
    buffers: &[IoSlice<'_>],
    signal: &Arc<Signal>,
) -> Result<usize, Errno> {
    let mut done = 0;
    for buffer in buffers {
        let mut rest: &[u8] = buffer;
        while !rest.is_empty() {
            let put = match pipe.put(rest) {
                Ok(Some(put)) => put,
                Ok(None) => {
                    signal.until_ready(|| Ok(pipe.look(signal)))?;
                    continue;
                }
                Err(_) if done > 0 => return Ok(done),
                Err(error) => return Err(error.into()),
            };
            done += put;
            rest = &rest[put..];
        }
    }
    Ok(done)
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

/// The flags that a stream can have.
fn stream_flags(flags: FdFlags) -> Result<FdFlags, Errno> {
    if FdFlags::NONBLOCK.contains(flags) {
        Ok(flags)
    } else {
        Err(Errno::Notsup)
    }
}

/// Writes the buffers with one call; it may take less than all.
pub(crate) fn write_to<W: Write + ?Sized>(
    writer: &mut W,
    buffers: &[IoSlice<'_>],
) -> Result<usize, Errno> {
    let written = match buffers {
        [] => return Ok(0),
        [only] => retry(|| writer.write(only))?,
        many => retry(|| writer.write_vectored(many))?,
    };
    // A library that asks again and again until all is written must not do so forever.
    if written == 0 {
        return Err(Errno::Nospc);
    }
    // A writer that claims more than it was given is not believed.
    Ok(written.min(buffers.iter().map(|buffer| buffer.len()).sum()))
}

/// Calls again where a signal came between.
pub(crate) fn retry(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
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
    use std::io::{self, Write};
    use std::os::fd::AsFd;

    use super::{Sink, Source};

    pub(super) fn stdin() -> io::Result<Source> {
        Ok(Source::Host(own(io::stdin())?))
    }

    pub(super) fn stdout() -> io::Result<Sink> {
        io::stdout().flush()?;
        Ok(Sink::Host(own(io::stdout())?))
    }

    pub(super) fn stderr() -> io::Result<Sink> {
        Ok(Sink::Host(own(io::stderr())?))
    }

    fn own(stream: impl AsFd) -> io::Result<File> {
        Ok(File::from(stream.as_fd().try_clone_to_owned()?))
    }
}

/// Elsewhere a terminal wants the standard library's conversions.
#[cfg(not(unix))]
mod host {
    use std::io::{self, Write};

    use super::{Sink, Source};

    pub(super) fn stdin() -> io::Result<Source> {
        Ok(Source::Reader(Box::new(io::stdin())))
    }

    pub(super) fn stdout() -> io::Result<Sink> {
        Ok(Sink::Writer(Box::new(Flushed(io::stdout()))))
    }

    pub(super) fn stderr() -> io::Result<Sink> {
        Ok(Sink::Writer(Box::new(io::stderr())))
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
