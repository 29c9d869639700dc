//! Output kept in memory.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A stream that keeps what a guest writes, up to a limit.
///
/// Clones share what was written: give one to
/// [`WasiCtxBuilder::stdout`](crate::WasiCtxBuilder::stdout) and keep the other.
///
/// ```
/// let output = curta_wasi::Capture::new(1 << 20);
/// let mut builder = curta_wasi::WasiCtx::builder();
/// builder.stdout(output.clone());
/// // … run the guest …
/// assert_eq!(output.contents(), b"");
/// ```
#[derive(Clone, Debug)]
pub struct Capture {
    limit: usize,
    written: Arc<Mutex<Vec<u8>>>,
}

impl Capture {
    /// An empty stream that takes up to `limit` bytes. A guest that writes more gets a
    /// short write and then "no space" (`nospc`).
    pub fn new(limit: usize) -> Self {
        Capture {
            limit,
            written: Arc::default(),
        }
    }

    /// A copy of what was written so far.
    pub fn contents(&self) -> Vec<u8> {
        self.lock().clone()
    }

    /// Takes out what was written so far; there is room for as much again.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.lock())
    }

    /// The bytes. Nothing that holds the lock can panic half-way through a change.
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.lock();
        let room = self.limit.saturating_sub(written.len());
        if room == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let fitting = bytes.len().min(room);
        written.extend_from_slice(&bytes[..fitting]);
        Ok(fitting)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::Capture;

    #[test]
    fn clones_share_what_was_written_until_it_is_taken() {
        let capture = Capture::new(8);
        let mut writer = capture.clone();
        writer.write_all(b"abc").unwrap();
        assert_eq!(capture.contents(), b"abc");
        assert_eq!(capture.take(), b"abc");
        assert_eq!(capture.contents(), b"");
    }

    #[test]
    fn beyond_the_limit_nothing_is_kept() {
        let mut capture = Capture::new(4);
        assert_eq!(capture.write(b"abcdef").unwrap(), 4);
        assert!(capture.write(b"g").is_err());
        assert_eq!(capture.write(b"").unwrap(), 0);
        assert_eq!(capture.contents(), b"abcd");
    }
}
