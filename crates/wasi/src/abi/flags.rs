//! Sets of flags. A bit that the interface does not define is refused.

use super::Errno;

/// Writes a set of flags over `$repr`: constants, membership and the checked way in.
macro_rules! flags {
    ($(#[$doc:meta])* $name:ident: $repr:ty { $($(#[$flag_doc:meta])* $flag:ident = $bit:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name($repr);

        impl $name {
            $($(#[$flag_doc])* pub const $flag: Self = Self(1 << $bit);)*

            const DEFINED: $repr = $(Self::$flag.0)|*;

            /// No flag.
            pub const fn empty() -> Self {
                Self(0)
            }

            /// The bits as the guest sees them.
            pub const fn bits(self) -> $repr {
                self.0
            }

            /// Whether every flag of `other` is set.
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether any flag of `other` is set.
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// The flags that are in one of the two sets but not in both.
            #[must_use]
            pub const fn difference(self, other: Self) -> Self {
                Self(self.0 ^ other.0)
            }

            /// The flags of both sets together.
            #[must_use]
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// Takes the argument of a call.
            ///
            /// # Errors
            /// [`Errno::Inval`] where a bit is set that has no meaning.
            pub fn from_guest(raw: u32) -> Result<Self, Errno> {
                let bits = <$repr>::try_from(raw).map_err(|_| Errno::Inval)?;
                if bits & !Self::DEFINED != 0 {
                    return Err(Errno::Inval);
                }
                Ok(Self(bits))
            }
        }
    };
}

flags! {
    /// How reads and writes of a descriptor behave.
    FdFlags: u16 {
        /// Writes go to the end of the file.
        APPEND = 0,
        /// Writes wait for the data to reach the device.
        DSYNC = 1,
        /// Calls fail instead of waiting.
        NONBLOCK = 2,
        /// Reads wait as writes do.
        RSYNC = 3,
        /// Writes wait for data and attributes to reach the device.
        SYNC = 4,
    }
}

flags! {
    /// What `path_open` does beyond opening.
    OFlags: u16 {
        /// Create the file where it does not exist.
        CREAT = 0,
        /// Fail where it is not a directory.
        DIRECTORY = 1,
        /// Fail where it exists.
        EXCL = 2,
        /// Cut the file to length 0.
        TRUNC = 3,
    }
}

flags! {
    /// How a path is resolved.
    LookupFlags: u32 {
        /// Follow a symbolic link in the last component.
        SYMLINK_FOLLOW = 0,
    }
}

flags! {
    /// Which times to set, and to what.
    FstFlags: u16 {
        /// Set the access time to the value given.
        ATIM = 0,
        /// Set the access time to now.
        ATIM_NOW = 1,
        /// Set the modification time to the value given.
        MTIM = 2,
        /// Set the modification time to now.
        MTIM_NOW = 3,
    }
}

flags! {
    /// How the timeout of a clock subscription is meant.
    SubclockFlags: u16 {
        /// The timeout is a point in time, not a span.
        ABSTIME = 0,
    }
}

flags! {
    /// How `sock_recv` receives.
    RiFlags: u16 {
        /// Leave the data where it is, for the next call.
        RECV_PEEK = 0,
        /// Wait until all buffers are full.
        RECV_WAITALL = 1,
    }
}

flags! {
    /// What `sock_recv` says of what it received.
    RoFlags: u16 {
        /// A message was longer than the buffers; the rest is lost.
        RECV_DATA_TRUNCATED = 0,
    }
}

flags! {
    /// Which directions of a connection `sock_shutdown` ends.
    SdFlags: u8 {
        /// No more is received.
        RD = 0,
        /// No more is sent.
        WR = 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{FdFlags, LookupFlags, OFlags};
    use crate::abi::Errno;

    #[test]
    fn defined_bits_come_through_unchanged() {
        let flags = OFlags::from_guest(0b1001).unwrap();
        assert!(flags.contains(OFlags::CREAT) && flags.contains(OFlags::TRUNC));
        assert!(!flags.contains(OFlags::EXCL));
        assert_eq!(flags.bits(), 9);
    }

    #[test]
    fn undefined_bits_are_refused_in_and_above_the_type() {
        assert_eq!(FdFlags::from_guest(1 << 5), Err(Errno::Inval));
        assert_eq!(FdFlags::from_guest(1 << 16), Err(Errno::Inval));
        assert_eq!(LookupFlags::from_guest(2), Err(Errno::Inval));
        assert_eq!(LookupFlags::from_guest(u32::MAX), Err(Errno::Inval));
    }
}
