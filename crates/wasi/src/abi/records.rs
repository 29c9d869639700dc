//! Records that cross guest memory, with their exact layouts.

use super::{ClockId, Errno, EventType, FdFlags, FileType, Rights, SubclockFlags};

/// What `fd_fdstat_get` reports of a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FdStat {
    /// What the descriptor names.
    pub file_type: FileType,
    /// How reads and writes behave.
    pub flags: FdFlags,
    /// What may be done with the descriptor.
    pub rights: Rights,
    /// The most that something opened through it may be given.
    pub inheriting: Rights,
}

impl FdStat {
    /// Size in guest memory.
    pub const SIZE: usize = 24;

    /// The record as it lies in guest memory; padding is zero.
    pub fn encode(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        bytes[0] = self.file_type.raw();
        bytes[2..4].copy_from_slice(&self.flags.bits().to_le_bytes());
        bytes[8..16].copy_from_slice(&self.rights.bits().to_le_bytes());
        bytes[16..24].copy_from_slice(&self.inheriting.bits().to_le_bytes());
        bytes
    }
}

/// What `fd_filestat_get` and `path_filestat_get` report of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStat {
    /// The device it lies on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// What it is.
    pub file_type: FileType,
    /// How many names it has.
    pub links: u64,
    /// Its size in bytes.
    pub size: u64,
    /// Last access, in nanoseconds since 1970.
    pub accessed: u64,
    /// Last modification of the data.
    pub modified: u64,
    /// Last change of data or attributes.
    pub changed: u64,
}

impl FileStat {
    /// Size in guest memory.
    pub const SIZE: usize = 64;

    /// A stream or anything else that has no attributes but its kind.
    pub const fn of_type(file_type: FileType) -> Self {
        FileStat {
            device: 0,
            inode: 0,
            file_type,
            links: 0,
            size: 0,
            accessed: 0,
            modified: 0,
            changed: 0,
        }
    }

    /// The record as it lies in guest memory; padding is zero.
    pub fn encode(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        bytes[0..8].copy_from_slice(&self.device.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.inode.to_le_bytes());
        bytes[16] = self.file_type.raw();
        bytes[24..32].copy_from_slice(&self.links.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.size.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.accessed.to_le_bytes());
        bytes[48..56].copy_from_slice(&self.modified.to_le_bytes());
        bytes[56..64].copy_from_slice(&self.changed.to_le_bytes());
        bytes
    }

    /// Size in the memory of a guest of `wasi_unstable`.
    pub const UNSTABLE_SIZE: usize = 56;

    /// The record as `wasi_unstable` lays it out: the count of names has 32 bits there and
    /// follows the kind. A count that does not fit is the largest that does.
    pub fn encode_unstable(&self) -> [u8; Self::UNSTABLE_SIZE] {
        let links = u32::try_from(self.links).unwrap_or(u32::MAX);
        let mut bytes = [0; Self::UNSTABLE_SIZE];
        bytes[0..8].copy_from_slice(&self.device.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.inode.to_le_bytes());
        bytes[16] = self.file_type.raw();
        bytes[20..24].copy_from_slice(&links.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.size.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.accessed.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.modified.to_le_bytes());
        bytes[48..56].copy_from_slice(&self.changed.to_le_bytes());
        bytes
    }
}

/// The head of a directory entry; the name's bytes follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dirent {
    /// Where the next call goes on.
    pub next: u64,
    /// The entry's number on its device.
    pub inode: u64,
    /// Length of the name in bytes.
    pub name_len: u32,
    /// What the entry is.
    pub file_type: FileType,
}

impl Dirent {
    /// Size in guest memory.
    pub const SIZE: usize = 24;

    /// The record as it lies in guest memory; padding is zero.
    pub fn encode(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        bytes[0..8].copy_from_slice(&self.next.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.inode.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.name_len.to_le_bytes());
        bytes[20] = self.file_type.raw();
        bytes
    }
}

/// What `poll_oneoff` is asked to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The guest's own mark, returned in the event.
    pub userdata: u64,
    /// The thing to wait for.
    pub kind: SubscriptionKind,
}

/// The alternatives of a [`Subscription`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionKind {
    /// Wait for a clock.
    Clock {
        /// Which clock; an unknown one is an error of this subscription alone.
        id: Result<ClockId, Errno>,
        /// Nanoseconds, from now or from the clock's zero.
        timeout: u64,
        /// How `timeout` is meant; unknown flags are an error of this subscription alone.
        flags: Result<SubclockFlags, Errno>,
    },
    /// Wait until a descriptor can be read.
    FdRead(u32),
    /// Wait until a descriptor can be written.
    FdWrite(u32),
}

impl Subscription {
    /// Size in guest memory.
    pub const SIZE: usize = 48;

    /// Size in the memory of a guest of `wasi_unstable`.
    pub const UNSTABLE_SIZE: usize = 56;

    /// Reads the record.
    ///
    /// # Errors
    /// [`Errno::Inval`] for an unknown kind of subscription.
    pub fn decode(bytes: &[u8; Self::SIZE]) -> Result<Self, Errno> {
        Self::decode_with_clock_at(bytes, 16)
    }

    /// Reads the record as `wasi_unstable` lays it out: there a clock subscription begins
    /// with an identifier of its own, which nothing returns.
    ///
    /// # Errors
    /// [`Errno::Inval`] for an unknown kind of subscription.
    pub fn decode_unstable(bytes: &[u8; Self::UNSTABLE_SIZE]) -> Result<Self, Errno> {
        Self::decode_with_clock_at(bytes, 24)
    }

    fn decode_with_clock_at(bytes: &[u8], clock: usize) -> Result<Self, Errno> {
        let kind = match EventType::from_guest(u32::from(bytes[8]))? {
            EventType::Clock => SubscriptionKind::Clock {
                id: ClockId::from_guest(u32_at(bytes, clock)),
                timeout: u64_at(bytes, clock + 8),
                flags: SubclockFlags::from_guest(u32::from(u16::from_le_bytes([
                    bytes[clock + 24],
                    bytes[clock + 25],
                ]))),
            },
            EventType::FdRead => SubscriptionKind::FdRead(u32_at(bytes, 16)),
            EventType::FdWrite => SubscriptionKind::FdWrite(u32_at(bytes, 16)),
        };
        Ok(Subscription {
            userdata: u64_at(bytes, 0),
            kind,
        })
    }

    /// What an event for this subscription says it is.
    pub const fn event_type(&self) -> EventType {
        match self.kind {
            SubscriptionKind::Clock { .. } => EventType::Clock,
            SubscriptionKind::FdRead(_) => EventType::FdRead,
            SubscriptionKind::FdWrite(_) => EventType::FdWrite,
        }
    }
}

/// What `poll_oneoff` reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The mark of the subscription.
    pub userdata: u64,
    /// [`Errno::Success`], or why the subscription cannot be waited for.
    pub error: Errno,
    /// What happened.
    pub event_type: EventType,
    /// Bytes that can be read or written; 0 for a clock.
    pub bytes: u64,
    /// The other end is gone.
    pub hangup: bool,
}

impl Event {
    /// Size in guest memory.
    pub const SIZE: usize = 32;

    /// The record as it lies in guest memory; padding is zero.
    pub fn encode(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        bytes[0..8].copy_from_slice(&self.userdata.to_le_bytes());
        bytes[8..10].copy_from_slice(&self.error.raw().to_le_bytes());
        bytes[10] = self.event_type.raw();
        bytes[16..24].copy_from_slice(&self.bytes.to_le_bytes());
        bytes[24] = u8::from(self.hangup);
        bytes
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(word)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::{Dirent, Event, FdStat, FileStat, Subscription, SubscriptionKind};
    use crate::abi::{ClockId, Errno, EventType, FdFlags, FileType, Rights, SubclockFlags};

    #[test]
    fn an_fdstat_lies_as_the_interface_says() {
        let bytes = FdStat {
            file_type: FileType::RegularFile,
            flags: FdFlags::APPEND,
            rights: Rights::FD_WRITE,
            inheriting: Rights::PATH_CREATE_DIRECTORY,
        }
        .encode();
        let mut expected = [0; 24];
        expected[0] = 4;
        expected[2] = 1;
        expected[8] = 0x40;
        expected[17] = 0x02;
        assert_eq!(bytes, expected);
    }

    #[test]
    fn a_filestat_lies_as_the_interface_says() {
        let bytes = FileStat {
            device: 1,
            inode: 2,
            file_type: FileType::Directory,
            links: 3,
            size: 0x0102,
            accessed: 5,
            modified: 6,
            changed: 7 << 56,
        }
        .encode();
        let at = [0, 8, 16, 24, 32, 33, 40, 48, 63].map(|at: usize| bytes[at]);
        assert_eq!(at, [1, 2, 3, 3, 2, 1, 5, 6, 7]);
        assert_eq!(bytes.iter().filter(|&&byte| byte != 0).count(), 9);
    }

    #[test]
    fn a_dirent_lies_as_the_interface_says() {
        let bytes = Dirent {
            next: 9,
            inode: 8,
            name_len: 7,
            file_type: FileType::SymbolicLink,
        }
        .encode();
        assert_eq!([bytes[0], bytes[8], bytes[16], bytes[20]], [9, 8, 7, 7]);
    }

    #[test]
    fn an_event_lies_as_the_interface_says() {
        let bytes = Event {
            userdata: 0xff << 56,
            error: Errno::Badf,
            event_type: EventType::FdWrite,
            bytes: 3,
            hangup: true,
        }
        .encode();
        let at = [7, 8, 10, 16, 24].map(|at: usize| bytes[at]);
        assert_eq!(at, [0xff, 8, 2, 3, 1]);
    }

    #[test]
    fn a_clock_subscription_is_read_from_its_offsets() {
        let mut bytes = [0; 48];
        bytes[0] = 7;
        bytes[16] = 1;
        bytes[24] = 50;
        bytes[40] = 1;
        let subscription = Subscription::decode(&bytes).unwrap();
        assert_eq!(subscription.userdata, 7);
        assert_eq!(subscription.event_type(), EventType::Clock);
        assert_eq!(
            subscription.kind,
            SubscriptionKind::Clock {
                id: Ok(ClockId::Monotonic),
                timeout: 50,
                flags: Ok(SubclockFlags::ABSTIME),
            }
        );
    }

    #[test]
    fn an_unknown_kind_of_subscription_is_refused() {
        let mut bytes = [0; 48];
        bytes[8] = 3;
        assert_eq!(Subscription::decode(&bytes), Err(Errno::Inval));
    }

    #[test]
    fn a_filestat_of_the_unstable_interface_has_its_own_layout() {
        let bytes = FileStat {
            device: 1,
            inode: 2,
            file_type: FileType::RegularFile,
            links: u64::MAX,
            size: 3,
            accessed: 4,
            modified: 5,
            changed: 6 << 56,
        }
        .encode_unstable();
        let at = [0, 8, 16, 20, 23, 24, 32, 40, 55].map(|at: usize| bytes[at]);
        assert_eq!(at, [1, 2, 4, 0xff, 0xff, 3, 4, 5, 6]);
        assert_eq!(bytes.len(), 56);
    }

    #[test]
    fn a_clock_subscription_of_the_unstable_interface_has_an_identifier_more() {
        let mut bytes = [0; 56];
        bytes[0] = 7;
        bytes[16] = 0xee;
        bytes[24] = 1;
        bytes[32] = 50;
        bytes[48] = 1;
        let subscription = Subscription::decode_unstable(&bytes).unwrap();
        assert_eq!(subscription.userdata, 7);
        assert_eq!(
            subscription.kind,
            SubscriptionKind::Clock {
                id: Ok(ClockId::Monotonic),
                timeout: 50,
                flags: Ok(SubclockFlags::ABSTIME),
            }
        );
    }
}
