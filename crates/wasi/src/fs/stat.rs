//! Attributes of files: the host's in the guest's record, and times to be set.

use std::time::{Duration, SystemTime};

use cap_std::fs::{FileType as HostFileType, Metadata};

use crate::abi::{Errno, FileStat, FileType, FstFlags};

/// The guest's record of a host file.
pub(crate) fn stat(metadata: &Metadata) -> FileStat {
    let (device, inode, links) = identity(metadata);
    FileStat {
        device,
        inode,
        file_type: file_type(metadata.file_type()),
        links,
        size: metadata.len(),
        accessed: nanoseconds(metadata.accessed().ok().map(|time| time.into_std())),
        modified: nanoseconds(metadata.modified().ok().map(|time| time.into_std())),
        changed: changed(metadata),
    }
}

/// Device, number on it, and how many names a file has.
#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64, u64) {
    use cap_fs_ext::MetadataExt;
    (metadata.dev(), metadata.ino(), metadata.nlink())
}

/// Other hosts do not tell for every way in which a file may be reached.
#[cfg(not(unix))]
fn identity(_metadata: &Metadata) -> (u64, u64, u64) {
    (0, 0, 1)
}

/// When data or attributes last changed.
#[cfg(unix)]
fn changed(metadata: &Metadata) -> u64 {
    use cap_std::fs::MetadataExt;
    let seconds = u64::try_from(metadata.ctime()).unwrap_or(0);
    let nanoseconds = u64::try_from(metadata.ctime_nsec()).unwrap_or(0);
    seconds
        .saturating_mul(1_000_000_000)
        .saturating_add(nanoseconds)
}

/// Elsewhere only changes of data are known.
#[cfg(not(unix))]
fn changed(metadata: &Metadata) -> u64 {
    nanoseconds(metadata.modified().ok().map(|time| time.into_std()))
}

/// Nanoseconds since 1970; 0 where the time is unknown or earlier, the last number that
/// fits where it is later than that can say (year 2554).
fn nanoseconds(time: Option<SystemTime>) -> u64 {
    time.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok())
        .map_or(0, |since| {
            u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
        })
}

/// The guest's number for a kind of host file.
pub(crate) fn file_type(host: HostFileType) -> FileType {
    use cap_fs_ext::FileTypeExt;
    if host.is_dir() {
        FileType::Directory
    } else if host.is_file() {
        FileType::RegularFile
    } else if host.is_symlink() {
        FileType::SymbolicLink
    } else if host.is_char_device() {
        FileType::CharacterDevice
    } else if host.is_block_device() {
        FileType::BlockDevice
    } else if host.is_socket() {
        FileType::SocketStream
    } else {
        FileType::Unknown
    }
}

/// Times to set; `None` leaves one as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NewTimes {
    /// Last access.
    pub(crate) accessed: Option<SystemTime>,
    /// Last modification.
    pub(crate) modified: Option<SystemTime>,
}

impl NewTimes {
    /// Takes the arguments of a call.
    ///
    /// # Errors
    /// [`Errno::Inval`] for unknown flags, for a time that is to be both given and now,
    /// and for a time that the host cannot express.
    pub(crate) fn from_guest(accessed: u64, modified: u64, flags: u32) -> Result<Self, Errno> {
        let flags = FstFlags::from_guest(flags)?;
        let pick = |nanoseconds, given, now| match (flags.contains(given), flags.contains(now)) {
            (true, true) => Err(Errno::Inval),
            (true, false) => SystemTime::UNIX_EPOCH
                .checked_add(Duration::from_nanos(nanoseconds))
                .map(Some)
                .ok_or(Errno::Inval),
            (false, true) => Ok(Some(SystemTime::now())),
            (false, false) => Ok(None),
        };
        Ok(NewTimes {
            accessed: pick(accessed, FstFlags::ATIM, FstFlags::ATIM_NOW)?,
            modified: pick(modified, FstFlags::MTIM, FstFlags::MTIM_NOW)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{NewTimes, nanoseconds};
    use crate::abi::Errno;

    #[test]
    fn a_time_cannot_be_given_and_now_at_once() {
        assert_eq!(NewTimes::from_guest(0, 0, 0b0011), Err(Errno::Inval));
        assert_eq!(NewTimes::from_guest(0, 0, 0b1100), Err(Errno::Inval));
        assert_eq!(NewTimes::from_guest(0, 0, 0b1_0000), Err(Errno::Inval));
    }

    #[test]
    fn only_the_times_asked_for_are_set() {
        let times = NewTimes::from_guest(1, 2, 0b0100).unwrap();
        let modified = SystemTime::UNIX_EPOCH + Duration::from_nanos(2);
        assert_eq!(times.accessed, None);
        assert_eq!(times.modified, Some(modified));
    }

    #[test]
    fn times_outside_the_guest_s_range_are_its_ends() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(nanoseconds(Some(before)), 0);
        assert_eq!(nanoseconds(None), 0);
        let after = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1 << 35));
        assert!(after.is_none() || nanoseconds(after) == u64::MAX);
    }
}
