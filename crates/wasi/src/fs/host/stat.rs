//! Attributes of files: the host's in the guest's record.

use std::time::SystemTime;

use cap_std::fs::{FileType as HostFileType, Metadata};

use crate::abi::{FileStat, FileType};

/// The guest's record of a host file.
pub(super) fn stat(metadata: &Metadata) -> FileStat {
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
pub(super) fn file_type(host: HostFileType) -> FileType {
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::nanoseconds;

    #[test]
    fn times_outside_the_guest_s_range_are_its_ends() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(nanoseconds(Some(before)), 0);
        assert_eq!(nanoseconds(None), 0);
        let after = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1 << 35));
        assert!(after.is_none() || nanoseconds(after) == u64::MAX);
    }
}
