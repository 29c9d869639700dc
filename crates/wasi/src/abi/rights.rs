//! Rights: what may be done with a descriptor, and with what is opened through it.
//!
//! Preview 1's libraries read them: wasi-libc asks for a directory's inheriting rights
//! before it opens a file there and tells a terminal by the missing right to seek. So
//! they are kept, checked, passed on and only ever taken away.

/// A set of rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(u64);

/// Writes the constants out of one list, in the order of their bits.
macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident = $bit:literal,)*) => {
        impl Rights {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*

            /// Every right that the interface defines.
            pub const ALL: Self = Self($(Self::$name.0)|*);
        }
    };
}

rights! {
    /// `fd_datasync`.
    FD_DATASYNC = 0,
    /// `fd_read`, and with `FD_SEEK` `fd_pread`.
    FD_READ = 1,
    /// `fd_seek`; implies `FD_TELL`.
    FD_SEEK = 2,
    /// `fd_fdstat_set_flags`.
    FD_FDSTAT_SET_FLAGS = 3,
    /// `fd_sync`.
    FD_SYNC = 4,
    /// `fd_tell`.
    FD_TELL = 5,
    /// `fd_write`, and with `FD_SEEK` `fd_pwrite`.
    FD_WRITE = 6,
    /// `fd_advise`.
    FD_ADVISE = 7,
    /// `fd_allocate`.
    FD_ALLOCATE = 8,
    /// `path_create_directory`.
    PATH_CREATE_DIRECTORY = 9,
    /// `path_open` with `creat`.
    PATH_CREATE_FILE = 10,
    /// `path_link` with the descriptor as the source directory.
    PATH_LINK_SOURCE = 11,
    /// `path_link` with the descriptor as the target directory.
    PATH_LINK_TARGET = 12,
    /// `path_open`.
    PATH_OPEN = 13,
    /// `fd_readdir`.
    FD_READDIR = 14,
    /// `path_readlink`.
    PATH_READLINK = 15,
    /// `path_rename` with the descriptor as the source directory.
    PATH_RENAME_SOURCE = 16,
    /// `path_rename` with the descriptor as the target directory.
    PATH_RENAME_TARGET = 17,
    /// `path_filestat_get`.
    PATH_FILESTAT_GET = 18,
    /// `path_open` with `trunc`.
    PATH_FILESTAT_SET_SIZE = 19,
    /// `path_filestat_set_times`.
    PATH_FILESTAT_SET_TIMES = 20,
    /// `fd_filestat_get`.
    FD_FILESTAT_GET = 21,
    /// `fd_filestat_set_size`.
    FD_FILESTAT_SET_SIZE = 22,
    /// `fd_filestat_set_times`.
    FD_FILESTAT_SET_TIMES = 23,
    /// `path_symlink`.
    PATH_SYMLINK = 24,
    /// `path_remove_directory`.
    PATH_REMOVE_DIRECTORY = 25,
    /// `path_unlink_file`.
    PATH_UNLINK_FILE = 26,
    /// `poll_oneoff` on the descriptor.
    POLL_FD_READWRITE = 27,
    /// `sock_shutdown`.
    SOCK_SHUTDOWN = 28,
    /// `sock_accept`.
    SOCK_ACCEPT = 29,
}

impl Rights {
    /// No right.
    pub const NONE: Self = Self(0);

    /// What makes sense for a file.
    pub const FILE: Self = Self(
        Self::FD_DATASYNC.0
            | Self::FD_READ.0
            | Self::FD_SEEK.0
            | Self::FD_FDSTAT_SET_FLAGS.0
            | Self::FD_SYNC.0
            | Self::FD_TELL.0
            | Self::FD_WRITE.0
            | Self::FD_ADVISE.0
            | Self::FD_ALLOCATE.0
            | Self::FD_FILESTAT_GET.0
            | Self::FD_FILESTAT_SET_SIZE.0
            | Self::FD_FILESTAT_SET_TIMES.0
            | Self::POLL_FD_READWRITE.0,
    );

    /// What makes sense for a directory.
    pub const DIRECTORY: Self = Self(
        Self::FD_FDSTAT_SET_FLAGS.0
            | Self::FD_SYNC.0
            | Self::FD_DATASYNC.0
            | Self::PATH_CREATE_DIRECTORY.0
            | Self::PATH_CREATE_FILE.0
            | Self::PATH_LINK_SOURCE.0
            | Self::PATH_LINK_TARGET.0
            | Self::PATH_OPEN.0
            | Self::FD_READDIR.0
            | Self::PATH_READLINK.0
            | Self::PATH_RENAME_SOURCE.0
            | Self::PATH_RENAME_TARGET.0
            | Self::PATH_FILESTAT_GET.0
            | Self::PATH_FILESTAT_SET_SIZE.0
            | Self::PATH_FILESTAT_SET_TIMES.0
            | Self::FD_FILESTAT_GET.0
            | Self::FD_FILESTAT_SET_TIMES.0
            | Self::PATH_SYMLINK.0
            | Self::PATH_REMOVE_DIRECTORY.0
            | Self::PATH_UNLINK_FILE.0
            | Self::POLL_FD_READWRITE.0,
    );

    /// What a stream of a network has.
    pub const SOCKET: Self = Self(
        Self::FD_READ.0
            | Self::FD_WRITE.0
            | Self::FD_FDSTAT_SET_FLAGS.0
            | Self::FD_FILESTAT_GET.0
            | Self::POLL_FD_READWRITE.0
            | Self::SOCK_SHUTDOWN.0,
    );

    /// What a socket has that connections are accepted from.
    pub const LISTENER: Self = Self(
        Self::FD_FDSTAT_SET_FLAGS.0
            | Self::FD_FILESTAT_GET.0
            | Self::FD_READ.0
            | Self::POLL_FD_READWRITE.0
            | Self::SOCK_ACCEPT.0,
    );

    /// What a stream has that is read from: no seeking, so that a terminal is known as one.
    pub const INPUT: Self = Self(
        Self::FD_READ.0
            | Self::FD_FDSTAT_SET_FLAGS.0
            | Self::FD_FILESTAT_GET.0
            | Self::POLL_FD_READWRITE.0,
    );

    /// What a stream has that is written to.
    pub const OUTPUT: Self = Self(
        Self::FD_WRITE.0
            | Self::FD_FDSTAT_SET_FLAGS.0
            | Self::FD_SYNC.0
            | Self::FD_DATASYNC.0
            | Self::FD_FILESTAT_GET.0
            | Self::POLL_FD_READWRITE.0,
    );

    /// What a file must be open for writing for.
    pub const WRITES: Self =
        Self(Self::FD_WRITE.0 | Self::FD_ALLOCATE.0 | Self::FD_FILESTAT_SET_SIZE.0);

    /// Takes the argument of a call. Bits without a meaning are left out: a guest that
    /// asks for everything there is need not know what that is.
    pub const fn from_guest(bits: u64) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The bits as the guest sees them.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Whether every right of `other` is here.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any right of `other` is here.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The rights of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The rights that are here and not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The rights that are in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Rights;

    #[test]
    fn there_are_thirty_rights() {
        assert_eq!(Rights::ALL.bits(), (1 << 30) - 1);
    }

    #[test]
    fn a_directory_cannot_be_read_written_or_resized_as_a_file() {
        for right in [
            Rights::FD_READ,
            Rights::FD_WRITE,
            Rights::FD_SEEK,
            Rights::FD_TELL,
            Rights::FD_FILESTAT_SET_SIZE,
            Rights::FD_ALLOCATE,
        ] {
            assert!(!Rights::DIRECTORY.contains(right), "{right:?}");
        }
        assert!(!Rights::DIRECTORY.intersects(Rights::WRITES));
    }

    #[test]
    fn a_stream_neither_seeks_nor_tells() {
        let seeks = Rights::FD_SEEK.union(Rights::FD_TELL);
        assert!(!Rights::INPUT.intersects(seeks) && !Rights::OUTPUT.intersects(seeks));
    }
}
