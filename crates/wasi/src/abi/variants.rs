//! Numbered alternatives: kinds of file, clocks, origins of a seek, advice, events.

use super::Errno;

/// Writes an enumeration and the checked way in from the guest's number.
macro_rules! variants {
    ($(#[$doc:meta])* $name:ident: $repr:ty { $($(#[$variant_doc:meta])* $variant:ident = $number:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr($repr)]
        pub enum $name { $($(#[$variant_doc])* $variant = $number,)* }

        impl $name {
            /// The number that the guest sees.
            pub const fn raw(self) -> $repr {
                self as $repr
            }

            /// Takes the argument of a call.
            ///
            /// # Errors
            /// [`Errno::Inval`] where the number has no meaning.
            pub const fn from_guest(raw: u32) -> Result<Self, Errno> {
                match raw {
                    $($number => Ok(Self::$variant),)*
                    _ => Err(Errno::Inval),
                }
            }
        }
    };
}

variants! {
    /// What a descriptor or a path names.
    FileType: u8 {
        /// Unknown, or none of the others.
        Unknown = 0,
        /// A block device.
        BlockDevice = 1,
        /// A character device, for example a terminal.
        CharacterDevice = 2,
        /// A directory.
        Directory = 3,
        /// A regular file.
        RegularFile = 4,
        /// A datagram socket.
        SocketDgram = 5,
        /// A byte-stream socket.
        SocketStream = 6,
        /// A symbolic link.
        SymbolicLink = 7,
    }
}

variants! {
    /// A clock.
    ClockId: u32 {
        /// Nanoseconds since 1970-01-01T00:00:00Z.
        Realtime = 0,
        /// Never set back; its zero means nothing.
        Monotonic = 1,
        /// Processor time of the host process.
        ProcessCputime = 2,
        /// Processor time of the host thread.
        ThreadCputime = 3,
    }
}

variants! {
    /// From where a seek counts.
    Whence: u8 {
        /// From the start.
        Set = 0,
        /// From the current position.
        Cur = 1,
        /// From the end.
        End = 2,
    }
}

impl Whence {
    /// Takes the argument of a call of `wasi_unstable`, which numbers them otherwise: 0 is
    /// the current position, 1 the end, 2 the start.
    ///
    /// # Errors
    /// [`Errno::Inval`] where the number has no meaning.
    pub const fn from_unstable_guest(raw: u32) -> Result<Self, Errno> {
        match raw {
            0 => Ok(Self::Cur),
            1 => Ok(Self::End),
            2 => Ok(Self::Set),
            _ => Err(Errno::Inval),
        }
    }
}

variants! {
    /// How a file will be used. A hint and nothing else.
    Advice: u8 {
        /// No particular use.
        Normal = 0,
        /// From low offsets to high ones.
        Sequential = 1,
        /// In no order.
        Random = 2,
        /// Soon.
        Willneed = 3,
        /// Not soon.
        Dontneed = 4,
        /// Once.
        Noreuse = 5,
    }
}

variants! {
    /// What a subscription waits for and an event reports.
    EventType: u8 {
        /// A clock has reached a time.
        Clock = 0,
        /// A descriptor can be read.
        FdRead = 1,
        /// A descriptor can be written.
        FdWrite = 2,
    }
}

#[cfg(test)]
mod tests {
    use super::{ClockId, Errno, FileType, Whence};

    #[test]
    fn numbers_without_a_meaning_are_refused() {
        assert_eq!(ClockId::from_guest(4), Err(Errno::Inval));
        assert_eq!(Whence::from_guest(3), Err(Errno::Inval));
        assert_eq!(Whence::from_guest(256), Err(Errno::Inval));
        assert_eq!(FileType::from_guest(u32::MAX), Err(Errno::Inval));
    }

    #[test]
    fn numbers_with_a_meaning_come_back_as_themselves() {
        for raw in 0..8 {
            assert_eq!(u32::from(FileType::from_guest(raw).unwrap().raw()), raw);
        }
    }
}
