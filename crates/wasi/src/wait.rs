//! Waiting that another thread can end.
//!
//! A context has one [`Signal`]. Whatever makes a guest wait (a clock, a pipe between
//! guests, a descriptor of the host) waits through it, so that an [`Interrupt`] ends any
//! of these waits. Pipes of ours wake signals; for descriptors of the host the signal has
//! a pipe of the host, made when it is first needed, which is polled beside them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::abi::Errno;

/// Ends what a guest waits for, from any thread.
///
/// Get one by [`WasiCtx::interrupt_handle`](crate::WasiCtx::interrupt_handle). After
/// [`interrupt`](Self::interrupt) every wait of the guest and every further call of a
/// WASI function ends the guest with the error [`Interrupted`], until
/// [`clear`](Self::clear). Computing is not interrupted by it: that is the engine's part.
///
/// ```
/// let wasi = curta_wasi::WasiCtx::builder().build()?;
/// let handle = wasi.interrupt_handle();
/// std::thread::spawn(move || handle.interrupt()).join().unwrap();
/// # Ok::<(), curta_wasi::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Interrupt(Arc<Signal>);

impl Interrupt {
    pub(crate) fn new(signal: &Arc<Signal>) -> Self {
        signal.watched.store(true, Ordering::Release);
        Interrupt(Arc::clone(signal))
    }

    /// Ends the current or else the next call of the guest.
    pub fn interrupt(&self) {
        self.0.interrupted.store(true, Ordering::Release);
        self.0.wake();
    }

    /// Lets guests of the context run again.
    pub fn clear(&self) {
        self.0.interrupted.store(false, Ordering::Release);
    }
}

/// The host has ended a guest by [`Interrupt::interrupt`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the guest was interrupted by its host in a WASI call")]
pub struct Interrupted;

/// What a descriptor says when it is asked whether it can be read or written.
#[derive(Debug)]
pub(crate) enum Look<'a> {
    /// It can, without waiting.
    Ready {
        /// So many bytes, as far as known.
        bytes: u64,
        /// The other end is gone.
        hangup: bool,
    },
    /// Not yet. What it becomes ready for is a descriptor of the host, or a pipe of ours
    /// that wakes the signal.
    Pending(Option<HostWait<'a>>),
}

impl Look<'_> {
    /// Ready, with nothing known of how much there is.
    pub(crate) const READY: Self = Look::Ready {
        bytes: 1,
        hangup: false,
    };
}

/// What ends sleep.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    interrupted: AtomicBool,
    /// Somebody holds an [`Interrupt`], so that reads should be ones that can be ended.
    watched: AtomicBool,
    woken: Mutex<bool>,
    changed: Condvar,
    #[cfg(unix)]
    bell: std::sync::OnceLock<Option<host::Bell>>,
}

impl Signal {
    /// Whether the host wants the guest to end.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Acquire)
    }

    /// Whether anybody could interrupt.
    pub(crate) fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Acquire)
    }

    /// Ends the wait, or the next one if nobody waits.
    pub(crate) fn wake(&self) {
        *self.lock() = true;
        self.changed.notify_all();
        #[cfg(unix)]
        if let Some(Some(bell)) = self.bell.get() {
            bell.ring();
        }
    }

    /// Forgets earlier wakes. Look at what is waited for after this, and wait then.
    pub(crate) fn arm(&self) {
        *self.lock() = false;
        #[cfg(unix)]
        if let Some(Some(bell)) = self.bell.get() {
            bell.silence();
        }
    }

    /// Sleeps until it is woken, one of the host's descriptors is ready, or the time has
    /// passed; perhaps earlier. `None` is no limit.
    ///
    /// # Errors
    /// [`Errno::Intr`] where the host interrupts.
    pub(crate) fn wait(&self, time: Option<Duration>, on: &[HostWait<'_>]) -> Result<(), Errno> {
        if self.is_interrupted() {
            return Err(Errno::Intr);
        }
        // Longer ones are taken in pieces, as platforms have limits.
        let time = time.map(|time| time.min(LONGEST));
        if on.is_empty() {
            self.sleep(time.unwrap_or(LONGEST));
        } else {
            self.wait_on_host(time, on)?;
        }
        if self.is_interrupted() {
            return Err(Errno::Intr);
        }
        Ok(())
    }

    /// Sleeps until it is woken or the time has passed.
    #[cfg(not(target_os = "wasi"))]
    fn sleep(&self, time: Duration) {
        let woken = self.lock();
        if !*woken {
            drop(self.changed.wait_timeout(woken, time));
        }
    }

    /// Without threads nobody wakes anybody.
    #[cfg(target_os = "wasi")]
    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }

    /// Waits until `look` finds that there is no need to.
    ///
    /// # Errors
    /// What looking says, and [`Errno::Intr`] where the host interrupts.
    pub(crate) fn until_ready<'a>(
        &self,
        mut look: impl FnMut() -> Result<Look<'a>, Errno>,
    ) -> Result<(), Errno> {
        loop {
            self.arm();
            match look()? {
                Look::Ready { .. } => return Ok(()),
                Look::Pending(on) => self.wait(None, on.as_slice())?,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The longest piece of a wait.
const LONGEST: Duration = Duration::from_secs(3600);

#[cfg(unix)]
mod host {
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno as Host;

    use super::{Look, Signal};
    use crate::abi::Errno;

    /// A descriptor of the host that is waited for, and for what.
    #[derive(Clone, Debug)]
    pub(crate) struct HostWait<'a> {
        fd: BorrowedFd<'a>,
        events: PollFlags,
    }

    impl<'a> HostWait<'a> {
        /// Until there is something to read, or an end.
        pub(crate) fn to_read(fd: &'a impl AsFd) -> Self {
            HostWait {
                fd: fd.as_fd(),
                events: PollFlags::IN,
            }
        }

        /// The same of a descriptor that is borrowed already.
        pub(crate) fn to_read_borrowed(fd: BorrowedFd<'a>) -> Self {
            HostWait {
                fd,
                events: PollFlags::IN,
            }
        }

        /// The same of a descriptor that is borrowed already.
        pub(crate) fn to_write_borrowed(fd: BorrowedFd<'a>) -> Self {
            HostWait {
                fd,
                events: PollFlags::OUT,
            }
        }

        /// Until something can be written, or nobody would read it.
        pub(crate) fn to_write(fd: &'a impl AsFd) -> Self {
            HostWait {
                fd: fd.as_fd(),
                events: PollFlags::OUT,
            }
        }

        /// Looks whether it is so far.
        pub(crate) fn look(self) -> Result<Look<'a>, Errno> {
            let mut fds = [PollFd::from_borrowed_fd(self.fd, self.events)];
            let zero = Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            match poll(&mut fds, Some(&zero)) {
                Ok(0) | Err(Host::INTR) => return Ok(Look::Pending(Some(self))),
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
            let found = fds[0].revents();
            if found.contains(PollFlags::NVAL) {
                return Err(Errno::Badf);
            }
            let bytes = if self.events.contains(PollFlags::IN) {
                // A listener or a terminal's end has no count; then it is 0.
                rustix::io::ioctl_fionread(self.fd).unwrap_or(0)
            } else {
                1
            };
            let hangup = found.intersects(PollFlags::HUP | PollFlags::ERR);
            Ok(Look::Ready { bytes, hangup })
        }
    }

    /// What rings in a call of `poll`.
    #[derive(Debug)]
    pub(super) struct Bell {
        reader: OwnedFd,
        writer: OwnedFd,
    }

    impl Bell {
        fn new() -> Option<Self> {
            use rustix::fs::{OFlags, fcntl_setfl};
            let (reader, writer) = rustix::pipe::pipe().ok()?;
            for end in [&reader, &writer] {
                fcntl_setfl(end, OFlags::NONBLOCK).ok()?;
                rustix::io::fcntl_setfd(end, rustix::io::FdFlags::CLOEXEC).ok()?;
            }
            Some(Bell { reader, writer })
        }

        pub(super) fn ring(&self) {
            // Full means that it rings already.
            let _ = rustix::io::write(&self.writer, &[1]);
        }

        pub(super) fn silence(&self) {
            let mut bytes = [0; 64];
            while let Ok(1..) = rustix::io::read(&self.reader, &mut bytes) {}
        }
    }

    impl Signal {
        pub(super) fn wait_on_host(
            &self,
            time: Option<Duration>,
            on: &[HostWait<'_>],
        ) -> Result<(), Errno> {
            let bell = self.bell.get_or_init(Bell::new).as_ref();
            // Woken before there was a bell, or by the last one of several.
            if *self.lock() {
                return Ok(());
            }
            // Without a bell (no descriptors are left) it looks now and then.
            let time = match bell {
                Some(_) => time,
                None => Some(time.map_or(Duration::from_millis(20), |time| {
                    time.min(Duration::from_millis(20))
                })),
            };
            let mut fds: Vec<PollFd<'_>> = on
                .iter()
                .map(|wait| PollFd::from_borrowed_fd(wait.fd, wait.events))
                .chain(bell.map(|bell| PollFd::new(&bell.reader, PollFlags::IN)))
                .collect();
            let time = time.map(|time| Timespec {
                tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(time.subsec_nanos()),
            });
            match poll(&mut fds, time.as_ref()) {
                Ok(_) | Err(Host::INTR) => Ok(()),
                Err(error) => Err(error.into()),
            }
        }
    }
}

#[cfg(not(unix))]
mod host {
    use std::marker::PhantomData;
    use std::time::Duration;

    use super::Signal;
    use crate::abi::Errno;

    /// Elsewhere nothing of the host is waited for.
    #[derive(Clone, Debug)]
    pub(crate) struct HostWait<'a>(#[allow(dead_code, reason = "never made")] PhantomData<&'a ()>);

    impl Signal {
        pub(super) fn wait_on_host(
            &self,
            _time: Option<Duration>,
            _on: &[HostWait<'_>],
        ) -> Result<(), Errno> {
            Ok(())
        }
    }
}

pub(crate) use host::HostWait;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{Errno, Interrupt, Signal};

    #[test]
    fn a_wait_ends_when_its_time_has_passed() {
        let begin = Instant::now();
        let signal = Signal::default();
        signal.arm();
        assert_eq!(signal.wait(Some(Duration::from_millis(5)), &[]), Ok(()));
        assert!(begin.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn an_interrupt_ends_an_endless_wait_and_lasts_until_it_is_cleared() {
        let signal = Arc::new(Signal::default());
        let handle = Interrupt::new(&signal);
        let remote = handle.clone();
        let thread = thread::spawn(move || {
            thread::sleep(Duration::from_millis(10));
            remote.interrupt();
        });
        signal.arm();
        assert_eq!(signal.wait(None, &[]), Err(Errno::Intr));
        assert_eq!(signal.wait(None, &[]), Err(Errno::Intr));
        thread.join().unwrap();
        handle.clear();
        assert!(!signal.is_interrupted());
    }

    #[cfg(unix)]
    #[test]
    fn an_interrupt_ends_a_wait_on_a_descriptor_of_the_host() {
        let (reader, _writer) = rustix::pipe::pipe().unwrap();
        let signal = Arc::new(Signal::default());
        let handle = Interrupt::new(&signal);
        let thread = thread::spawn(move || {
            thread::sleep(Duration::from_millis(10));
            handle.interrupt();
        });
        signal.arm();
        let wait = super::HostWait::to_read(&reader);
        while signal.wait(None, std::slice::from_ref(&wait)).is_ok() {}
        thread.join().unwrap();
        assert!(signal.is_interrupted());
    }
}
