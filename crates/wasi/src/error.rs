//! The host's errors in the guest's numbers.

use std::io;

use crate::abi::Errno;

impl From<io::Error> for Errno {
    /// The nearest error number. An error that bears a number of the operating system
    /// keeps its meaning; one made by a library is known by its kind, and "permission
    /// denied" without a number is the sandbox speaking: a path led out of its directory.
    fn from(error: io::Error) -> Self {
        #[cfg(unix)]
        if let Some(host) = rustix::io::Errno::from_io_error(&error) {
            return from_host(host);
        }
        from_kind(&error)
    }
}

#[cfg(unix)]
impl From<rustix::io::Errno> for Errno {
    fn from(error: rustix::io::Errno) -> Self {
        from_host(error)
    }
}

/// By kind, for errors without a number and for hosts whose numbers are not POSIX's.
fn from_kind(error: &io::Error) -> Errno {
    match error.kind() {
        io::ErrorKind::NotFound => Errno::Noent,
        io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => Errno::Perm,
        io::ErrorKind::PermissionDenied => Errno::Acces,
        io::ErrorKind::AlreadyExists => Errno::Exist,
        io::ErrorKind::NotADirectory => Errno::Notdir,
        io::ErrorKind::IsADirectory => Errno::Isdir,
        io::ErrorKind::DirectoryNotEmpty => Errno::Notempty,
        io::ErrorKind::ReadOnlyFilesystem => Errno::Rofs,
        io::ErrorKind::WouldBlock => Errno::Again,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidFilename => Errno::Inval,
        io::ErrorKind::InvalidData => Errno::Ilseq,
        io::ErrorKind::TimedOut => Errno::Timedout,
        io::ErrorKind::StorageFull | io::ErrorKind::WriteZero => Errno::Nospc,
        io::ErrorKind::NotSeekable => Errno::Spipe,
        io::ErrorKind::QuotaExceeded => Errno::Dquot,
        io::ErrorKind::FileTooLarge => Errno::Fbig,
        io::ErrorKind::ResourceBusy => Errno::Busy,
        io::ErrorKind::ExecutableFileBusy => Errno::Txtbsy,
        io::ErrorKind::Deadlock => Errno::Deadlk,
        io::ErrorKind::CrossesDevices => Errno::Xdev,
        io::ErrorKind::TooManyLinks => Errno::Mlink,
        io::ErrorKind::BrokenPipe => Errno::Pipe,
        io::ErrorKind::Interrupted => Errno::Intr,
        io::ErrorKind::Unsupported => Errno::Notsup,
        io::ErrorKind::OutOfMemory => Errno::Nomem,
        _ => Errno::Io,
    }
}

/// By the operating system's number. What neither a file system nor a socket that is open
/// already can return is left out.
#[cfg(unix)]
fn from_host(error: rustix::io::Errno) -> Errno {
    use rustix::io::Errno as Host;

    const SAME: &[(Host, Errno)] = &[
        (Host::ACCESS, Errno::Acces),
        (Host::ADDRINUSE, Errno::Addrinuse),
        (Host::AGAIN, Errno::Again),
        (Host::BADF, Errno::Badf),
        (Host::BUSY, Errno::Busy),
        (Host::CONNABORTED, Errno::Connaborted),
        (Host::CONNREFUSED, Errno::Connrefused),
        (Host::CONNRESET, Errno::Connreset),
        (Host::DESTADDRREQ, Errno::Destaddrreq),
        (Host::DQUOT, Errno::Dquot),
        (Host::EXIST, Errno::Exist),
        (Host::FBIG, Errno::Fbig),
        (Host::ILSEQ, Errno::Ilseq),
        (Host::INTR, Errno::Intr),
        (Host::INVAL, Errno::Inval),
        (Host::ISCONN, Errno::Isconn),
        (Host::ISDIR, Errno::Isdir),
        (Host::LOOP, Errno::Loop),
        (Host::MFILE, Errno::Mfile),
        (Host::MLINK, Errno::Mlink),
        (Host::MSGSIZE, Errno::Msgsize),
        (Host::NAMETOOLONG, Errno::Nametoolong),
        (Host::NETDOWN, Errno::Netdown),
        (Host::NETUNREACH, Errno::Netunreach),
        (Host::NFILE, Errno::Nfile),
        (Host::NOBUFS, Errno::Nobufs),
        (Host::NODEV, Errno::Nodev),
        (Host::NOENT, Errno::Noent),
        (Host::NOLCK, Errno::Nolck),
        (Host::NOMEM, Errno::Nomem),
        (Host::NOSPC, Errno::Nospc),
        (Host::NOSYS, Errno::Nosys),
        (Host::NOTCONN, Errno::Notconn),
        (Host::NOTDIR, Errno::Notdir),
        (Host::NOTEMPTY, Errno::Notempty),
        (Host::NOTSOCK, Errno::Notsock),
        (Host::NOTSUP, Errno::Notsup),
        (Host::OPNOTSUPP, Errno::Notsup),
        (Host::NOTTY, Errno::Notty),
        (Host::NXIO, Errno::Nxio),
        (Host::OVERFLOW, Errno::Overflow),
        (Host::PERM, Errno::Perm),
        (Host::PIPE, Errno::Pipe),
        (Host::RANGE, Errno::Range),
        (Host::ROFS, Errno::Rofs),
        (Host::SPIPE, Errno::Spipe),
        (Host::STALE, Errno::Stale),
        (Host::TIMEDOUT, Errno::Timedout),
        (Host::TXTBSY, Errno::Txtbsy),
        (Host::XDEV, Errno::Xdev),
    ];
    SAME.iter()
        .find(|(host, _)| *host == error)
        .map_or(Errno::Io, |&(_, errno)| errno)
}

#[cfg(test)]
mod tests {
    use std::io;

    use crate::abi::Errno;

    #[test]
    fn a_denial_without_a_number_of_the_system_is_the_sandbox() {
        let escape = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(Errno::from(escape), Errno::Perm);
    }

    #[cfg(unix)]
    #[test]
    fn a_number_of_the_system_keeps_its_meaning() {
        let denied = io::Error::from(rustix::io::Errno::ACCESS);
        assert_eq!(Errno::from(denied), Errno::Acces);
        let missing = io::Error::from(rustix::io::Errno::NOENT);
        assert_eq!(Errno::from(missing), Errno::Noent);
    }
}
