//! Sockets that the embedder has opened: listeners, connections, datagrams.
//!
//! Preview 1 has no way to make one. Where the host has no descriptors for them that can
//! be waited for (anything but Unix), none can be given to a guest.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rustix::net::{RecvFlags, SendFlags, Shutdown, SocketFlags, sockopt};

use crate::abi::{Errno, FdFlags, FileType, RiFlags, Rights, SdFlags};
use crate::wait::{HostWait, Look, Signal};

/// What a socket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Listener,
    Stream,
    Datagram,
}

/// A socket.
#[derive(Debug)]
pub(crate) struct Socket {
    fd: OwnedFd,
    kind: Kind,
    flags: FdFlags,
}

impl Socket {
    /// Takes what the embedder has opened.
    ///
    /// # Errors
    /// [`Errno::Notsock`] for what is no socket.
    pub(crate) fn new(fd: OwnedFd) -> Result<Self, Errno> {
        use rustix::net::SocketType;
        let kind = match sockopt::socket_type(&fd)? {
            SocketType::DGRAM => Kind::Datagram,
            _ if sockopt::socket_acceptconn(&fd)? => Kind::Listener,
            _ => Kind::Stream,
        };
        // Whether a guest waits is decided here, where the host can end it.
        let status = rustix::fs::fcntl_getfl(&fd)?;
        rustix::fs::fcntl_setfl(&fd, status | rustix::fs::OFlags::NONBLOCK)?;
        Ok(Socket {
            fd,
            kind,
            flags: FdFlags::empty(),
        })
    }

    /// What may be done with it.
    pub(crate) fn rights(&self) -> Rights {
        match self.kind {
            Kind::Listener => Rights::LISTENER,
            Kind::Stream | Kind::Datagram => Rights::SOCKET,
        }
    }

    /// What the guest takes it for.
    pub(crate) fn file_type(&self) -> FileType {
        match self.kind {
            Kind::Listener | Kind::Stream => FileType::SocketStream,
            Kind::Datagram => FileType::SocketDgram,
        }
    }

    /// Whether a message that does not fit is cut.
    pub(crate) fn has_messages(&self) -> bool {
        self.kind == Kind::Datagram
    }

    /// Whether calls wait.
    pub(crate) fn flags(&self) -> FdFlags {
        self.flags
    }

    /// Changes whether calls wait.
    ///
    /// # Errors
    /// [`Errno::Notsup`] for flags other than [`FdFlags::NONBLOCK`].
    pub(crate) fn set_flags(&mut self, flags: FdFlags) -> Result<(), Errno> {
        if !FdFlags::NONBLOCK.contains(flags) {
            return Err(Errno::Notsup);
        }
        self.flags = flags;
        Ok(())
    }

    /// Whether receiving, or accepting, would wait.
    pub(crate) fn look_to_read(&self) -> Result<Look<'_>, Errno> {
        HostWait::to_read(&self.fd).look()
    }

    /// Whether sending would wait.
    pub(crate) fn look_to_write(&self) -> Result<Look<'_>, Errno> {
        HostWait::to_write(&self.fd).look()
    }

    /// Calls until it does not have to wait, unless the flags say not to.
    fn waiting<T>(
        &self,
        signal: &Arc<Signal>,
        wait: &HostWait<'_>,
        mut call: impl FnMut() -> rustix::io::Result<T>,
    ) -> Result<T, Errno> {
        loop {
            match call().map_err(Errno::from) {
                Err(Errno::Intr) => {}
                Err(Errno::Again) if !self.flags.contains(FdFlags::NONBLOCK) => {
                    signal.until_ready(|| wait.clone().look())?;
                }
                result => return result,
            }
        }
    }

    /// Takes a connection.
    ///
    /// # Errors
    /// [`Errno::Inval`] where nothing listens, [`Errno::Again`] where the flags forbid to
    /// wait.
    pub(crate) fn accept(&self, flags: FdFlags, signal: &Arc<Signal>) -> Result<Socket, Errno> {
        if self.kind != Kind::Listener {
            return Err(Errno::Inval);
        }
        let fd = self.waiting(signal, &HostWait::to_read(&self.fd), || {
            rustix::net::accept_with(&self.fd, SocketFlags::CLOEXEC)
        })?;
        let mut accepted = Socket::new(fd)?;
        accepted.set_flags(flags)?;
        Ok(accepted)
    }

    /// Receives; returns how much was stored and how much there was. 0 is the end.
    pub(crate) fn receive(
        &self,
        buffer: &mut [u8],
        how: RiFlags,
        signal: &Arc<Signal>,
    ) -> Result<(usize, usize), Errno> {
        self.check_connection()?;
        let mut flags = RecvFlags::empty();
        flags.set(RecvFlags::PEEK, how.contains(RiFlags::RECV_PEEK));
        flags.set(RecvFlags::TRUNC, self.has_messages());
        self.waiting(signal, &HostWait::to_read(&self.fd), || {
            rustix::net::recv(&self.fd, &mut *buffer, flags)
        })
    }

    /// Sends; returns how much.
    pub(crate) fn send(&self, bytes: &[u8], signal: &Arc<Signal>) -> Result<usize, Errno> {
        self.check_connection()?;
        self.waiting(signal, &HostWait::to_write(&self.fd), || {
            rustix::net::send(&self.fd, bytes, SendFlags::NOSIGNAL)
        })
    }

    fn check_connection(&self) -> Result<(), Errno> {
        if self.kind == Kind::Listener {
            return Err(Errno::Notconn);
        }
        Ok(())
    }

    /// Ends one direction or both.
    ///
    /// # Errors
    /// [`Errno::Inval`] for none, [`Errno::Notconn`] where there is no connection.
    pub(crate) fn shutdown(&self, how: SdFlags) -> Result<(), Errno> {
        let how = match (how.contains(SdFlags::RD), how.contains(SdFlags::WR)) {
            (true, true) => Shutdown::Both,
            (true, false) => Shutdown::Read,
            (false, true) => Shutdown::Write,
            (false, false) => return Err(Errno::Inval),
        };
        self.check_connection()?;
        Ok(rustix::net::shutdown(self.fd.as_fd(), how)?)
    }
}
