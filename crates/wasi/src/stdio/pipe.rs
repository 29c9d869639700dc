//! Pipes between guests, or between a guest and its host.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use crate::wait::{Look, Signal};

/// Makes a pipe that holds up to `capacity` bytes (one at least): what is written to one
/// end is read from the other.
///
/// Give the ends to [`stdout_pipe`](crate::WasiCtxBuilder::stdout_pipe) of one guest and
/// [`stdin_pipe`](crate::WasiCtxBuilder::stdin_pipe) of another, or keep one: an end is a
/// [`Read`] or a [`Write`] for the host. A reader waits while the pipe is empty and finds
/// the end once the writer is dropped or the guest has closed it; a writer waits while the
/// pipe is full and gets a broken pipe once the reader is gone.
///
/// Two guests that run at once need a thread each. Guests that run one after another on
/// one thread need a pipe that holds all that is written, and the first context must be
/// dropped, or [closed](crate::WasiCtx::close_all), before the second one reads to the end.
///
/// ```
/// use std::io::{Read, Write};
///
/// let (mut writer, mut reader) = curta_wasi::pipe(1 << 16);
/// writer.write_all(b"hello")?;
/// drop(writer);
/// let mut text = String::new();
/// reader.read_to_string(&mut text)?;
/// assert_eq!(text, "hello");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn pipe(capacity: usize) -> (PipeWriter, PipeReader) {
    let shared = Arc::new(Shared {
        state: Mutex::new(State {
            bytes: VecDeque::new(),
            capacity: capacity.max(1),
            writer: true,
            reader: true,
            waiting: Vec::new(),
        }),
        changed: Condvar::new(),
    });
    let writer = PipeWriter(Arc::clone(&shared));
    (writer, PipeReader(shared))
}

/// The end of a [`pipe`] that is written to.
#[derive(Debug)]
pub struct PipeWriter(Arc<Shared>);

/// The end of a [`pipe`] that is read from.
#[derive(Debug)]
pub struct PipeReader(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Wakes hosts.
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    bytes: VecDeque<u8>,
    capacity: usize,
    /// Whether the ends are there.
    writer: bool,
    reader: bool,
    /// Guests to wake when something changes.
    waiting: Vec<Weak<Signal>>,
}

impl Shared {
    /// The state. Nothing that holds the lock can panic half-way through a change.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells everybody who waits.
    fn tell(&self, mut state: MutexGuard<'_, State>) {
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        self.changed.notify_all();
        for signal in waiting.iter().filter_map(Weak::upgrade) {
            signal.wake();
        }
    }
}

impl State {
    fn wake_later(&mut self, signal: &Arc<Signal>) -> Look<'static> {
        self.waiting.retain(|other| other.strong_count() > 0);
        let signal = Arc::downgrade(signal);
        if !self.waiting.iter().any(|other| other.ptr_eq(&signal)) {
            self.waiting.push(signal);
        }
        Look::Pending(None)
    }
}

impl PipeReader {
    /// Whether a read would not wait; if it would, `signal` is woken when that changes.
    pub(crate) fn look(&self, signal: &Arc<Signal>) -> Look<'static> {
        let mut state = self.0.lock();
        if state.bytes.is_empty() && state.writer {
            return state.wake_later(signal);
        }
        Look::Ready {
            bytes: state.bytes.len() as u64,
            hangup: !state.writer,
        }
    }

    /// Takes what is there; `None` where one has to wait.
    pub(crate) fn pull(&self, buffer: &mut [u8]) -> Option<usize> {
        let mut state = self.0.lock();
        if state.bytes.is_empty() {
            return if state.writer && !buffer.is_empty() {
                None
            } else {
                Some(0)
            };
        }
        // Reading a queue of bytes does not fail.
        let taken = state.bytes.read(buffer).unwrap_or(0);
        self.0.tell(state);
        Some(taken)
    }
}

impl PipeWriter {
    /// Whether a write would not wait; if it would, `signal` is woken when that changes.
    pub(crate) fn look(&self, signal: &Arc<Signal>) -> Look<'static> {
        let mut state = self.0.lock();
        let room = state.capacity - state.bytes.len();
        if room == 0 && state.reader {
            return state.wake_later(signal);
        }
        Look::Ready {
            bytes: room as u64,
            hangup: !state.reader,
        }
    }

    /// Puts in what fits; `None` where one has to wait.
    ///
    /// # Errors
    /// A broken pipe where nobody will read it.
    pub(crate) fn put(&self, bytes: &[u8]) -> io::Result<Option<usize>> {
        let mut state = self.0.lock();
        if !state.reader {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let room = state.capacity - state.bytes.len();
        let fitting = &bytes[..bytes.len().min(room)];
        if fitting.is_empty() && !bytes.is_empty() {
            return Ok(None);
        }
        state.bytes.extend(fitting);
        self.0.tell(state);
        Ok(Some(fitting.len()))
    }
}

impl Read for PipeReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(taken) = self.pull(buffer) {
                return Ok(taken);
            }
            let state = self.0.lock();
            let empty = |state: &mut State| state.bytes.is_empty() && state.writer;
            drop(self.0.changed.wait_while(state, empty));
        }
    }
}

impl Write for PipeWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            if let Some(put) = self.put(bytes)? {
                return Ok(put);
            }
            let state = self.0.lock();
            let full = |state: &mut State| state.bytes.len() == state.capacity && state.reader;
            drop(self.0.changed.wait_while(state, full));
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for PipeReader {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.reader = false;
        state.bytes = VecDeque::new();
        self.0.tell(state);
    }
}

impl Drop for PipeWriter {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.writer = false;
        self.0.tell(state);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read, Write};
    use std::thread;

    use super::pipe;

    #[test]
    fn much_goes_through_a_small_pipe_between_threads() {
        let (mut writer, mut reader) = pipe(7);
        let sent: Vec<u8> = (0..10_000_u32).flat_map(u32::to_le_bytes).collect();
        let expected = sent.clone();
        let thread = thread::spawn(move || writer.write_all(&sent).unwrap());
        let mut received = Vec::new();
        reader.read_to_end(&mut received).unwrap();
        thread.join().unwrap();
        assert_eq!(received, expected);
    }

    #[test]
    fn writing_to_nobody_is_a_broken_pipe() {
        let (mut writer, reader) = pipe(7);
        drop(reader);
        assert_eq!(
            writer.write(b"x").unwrap_err().kind(),
            ErrorKind::BrokenPipe
        );
    }

    #[test]
    fn nothing_is_read_or_written_into_nothing_without_waiting() {
        let (mut writer, mut reader) = pipe(0);
        assert_eq!(reader.read(&mut []).unwrap(), 0);
        assert_eq!(writer.write(b"ab").unwrap(), 1);
        assert_eq!(writer.write(b"").unwrap(), 0);
    }
}
