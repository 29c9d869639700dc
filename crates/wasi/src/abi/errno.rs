//! Error numbers: what a preview 1 function returns.

use core::fmt;

/// Writes the enumeration, its names and the way back from a number out of one list.
macro_rules! errno {
    ($($(#[$doc:meta])* $variant:ident = $number:literal $name:literal;)*) => {
        /// Why a preview 1 function failed, or [`Errno::Success`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Errno { $($(#[$doc])* $variant = $number,)* }

        impl Errno {
            /// Every error number, in order.
            pub const ALL: &'static [Errno] = &[$(Errno::$variant,)*];

            /// The name in the interface definition, in lower case.
            pub const fn name(self) -> &'static str {
                match self { $(Errno::$variant => $name,)* }
            }
        }
    };
}

errno! {
    /// No error.
    Success = 0 "success";
    /// Argument list too long.
    TooBig = 1 "2big";
    /// Permission denied by the host's file system.
    Acces = 2 "acces";
    /// Address in use.
    Addrinuse = 3 "addrinuse";
    /// Address not available.
    Addrnotavail = 4 "addrnotavail";
    /// Address family not supported.
    Afnosupport = 5 "afnosupport";
    /// Resource unavailable, or the operation would block.
    Again = 6 "again";
    /// Connection already in progress.
    Already = 7 "already";
    /// Not an open descriptor, or not one that can do this.
    Badf = 8 "badf";
    /// Bad message.
    Badmsg = 9 "badmsg";
    /// Device or resource busy.
    Busy = 10 "busy";
    /// Operation cancelled.
    Canceled = 11 "canceled";
    /// No child processes.
    Child = 12 "child";
    /// Connection aborted.
    Connaborted = 13 "connaborted";
    /// Connection refused.
    Connrefused = 14 "connrefused";
    /// Connection reset.
    Connreset = 15 "connreset";
    /// Resource deadlock would occur.
    Deadlk = 16 "deadlk";
    /// Destination address required.
    Destaddrreq = 17 "destaddrreq";
    /// Argument outside a function's domain.
    Dom = 18 "dom";
    /// Quota exhausted.
    Dquot = 19 "dquot";
    /// File exists.
    Exist = 20 "exist";
    /// An address or a range leaves the guest's memory.
    Fault = 21 "fault";
    /// File too large.
    Fbig = 22 "fbig";
    /// Host unreachable.
    Hostunreach = 23 "hostunreach";
    /// Identifier removed.
    Idrm = 24 "idrm";
    /// Bytes that are not UTF-8.
    Ilseq = 25 "ilseq";
    /// Operation in progress.
    Inprogress = 26 "inprogress";
    /// Interrupted.
    Intr = 27 "intr";
    /// Invalid argument.
    Inval = 28 "inval";
    /// Input or output error.
    Io = 29 "io";
    /// Socket is connected.
    Isconn = 30 "isconn";
    /// Is a directory.
    Isdir = 31 "isdir";
    /// Too many levels of symbolic links.
    Loop = 32 "loop";
    /// Too many open descriptors.
    Mfile = 33 "mfile";
    /// Too many links.
    Mlink = 34 "mlink";
    /// Message too large.
    Msgsize = 35 "msgsize";
    /// Reserved.
    Multihop = 36 "multihop";
    /// File name too long.
    Nametoolong = 37 "nametoolong";
    /// Network is down.
    Netdown = 38 "netdown";
    /// Connection aborted by the network.
    Netreset = 39 "netreset";
    /// Network unreachable.
    Netunreach = 40 "netunreach";
    /// Too many open files in the system.
    Nfile = 41 "nfile";
    /// No buffer space.
    Nobufs = 42 "nobufs";
    /// No such device.
    Nodev = 43 "nodev";
    /// No such file or directory.
    Noent = 44 "noent";
    /// Executable file format error.
    Noexec = 45 "noexec";
    /// No locks available.
    Nolck = 46 "nolck";
    /// Reserved.
    Nolink = 47 "nolink";
    /// Not enough space in memory.
    Nomem = 48 "nomem";
    /// No message of this type.
    Nomsg = 49 "nomsg";
    /// Protocol not available.
    Noprotoopt = 50 "noprotoopt";
    /// No space left on the device.
    Nospc = 51 "nospc";
    /// Function not supported.
    Nosys = 52 "nosys";
    /// Socket is not connected.
    Notconn = 53 "notconn";
    /// Not a directory.
    Notdir = 54 "notdir";
    /// Directory not empty.
    Notempty = 55 "notempty";
    /// State not recoverable.
    Notrecoverable = 56 "notrecoverable";
    /// Not a socket.
    Notsock = 57 "notsock";
    /// Not supported.
    Notsup = 58 "notsup";
    /// Inappropriate control operation.
    Notty = 59 "notty";
    /// No such device or address.
    Nxio = 60 "nxio";
    /// A value too large for its type.
    Overflow = 61 "overflow";
    /// Previous owner died.
    Ownerdead = 62 "ownerdead";
    /// Operation not permitted; also what a path gets that leaves its directory.
    Perm = 63 "perm";
    /// Broken pipe.
    Pipe = 64 "pipe";
    /// Protocol error.
    Proto = 65 "proto";
    /// Protocol not supported.
    Protonosupport = 66 "protonosupport";
    /// Wrong protocol type for a socket.
    Prototype = 67 "prototype";
    /// Result too large.
    Range = 68 "range";
    /// Read-only file system.
    Rofs = 69 "rofs";
    /// Invalid seek.
    Spipe = 70 "spipe";
    /// No such process.
    Srch = 71 "srch";
    /// Reserved.
    Stale = 72 "stale";
    /// Timed out.
    Timedout = 73 "timedout";
    /// Text file busy.
    Txtbsy = 74 "txtbsy";
    /// Link across devices.
    Xdev = 75 "xdev";
    /// The descriptor lacks the right for this.
    Notcapable = 76 "notcapable";
}

impl Errno {
    /// The number that the guest sees.
    pub const fn raw(self) -> u16 {
        self as u16
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Errno;

    #[test]
    fn numbers_run_from_0_to_76_without_gaps() {
        assert_eq!(Errno::ALL.len(), 77);
        for (number, errno) in Errno::ALL.iter().enumerate() {
            assert_eq!(usize::from(errno.raw()), number, "{errno}");
        }
    }

    #[test]
    fn a_few_numbers_are_those_of_the_interface_definition() {
        assert_eq!(Errno::Badf.raw(), 8);
        assert_eq!(Errno::Fault.raw(), 21);
        assert_eq!(Errno::Inval.raw(), 28);
        assert_eq!(Errno::Noent.raw(), 44);
        assert_eq!(Errno::Notsup.raw(), 58);
        assert_eq!(Errno::Notcapable.raw(), 76);
    }
}
