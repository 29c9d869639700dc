//! Which paths a guest may use, before the host sees them.
//!
//! * Bytes must be UTF-8 (`ilseq`) without a NUL (`inval`); an empty path names nothing
//!   (`noent`); one above [`MAX_LEN`] bytes is `nametoolong`.
//! * A path is relative. One that starts with `/` would leave its directory: `perm`, as
//!   is `..` or a symbolic link that leads out (that is found while resolving).
//! * Slashes at the end mean "this names a directory, and a link there is followed".
//!   They are taken off here and the meaning is kept, because hosts disagree about what
//!   such a path does to the last component. Whoever resolves the path asks
//!   [`GuestPath::names_directory`] and, where the answer is yes, goes through an opened
//!   directory, so that a link that leads out is refused there as everywhere.

use crate::abi::Errno;

/// The longest path in bytes.
pub(crate) const MAX_LEN: usize = 4096;

/// A relative path that passed the rules above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GuestPath<'a> {
    path: &'a str,
    trailing_slash: bool,
}

impl<'a> GuestPath<'a> {
    /// Applies the rules to the bytes that a guest passed.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Errno> {
        if bytes.len() > MAX_LEN {
            return Err(Errno::Nametoolong);
        }
        let path = core::str::from_utf8(bytes).map_err(|_| Errno::Ilseq)?;
        if path.is_empty() {
            return Err(Errno::Noent);
        }
        if path.contains('\0') {
            return Err(Errno::Inval);
        }
        if path.starts_with('/') {
            return Err(Errno::Perm);
        }
        let stripped = path.trim_end_matches('/');
        Ok(GuestPath {
            path: stripped,
            trailing_slash: stripped.len() != path.len(),
        })
    }

    /// The path without slashes at its end.
    pub(crate) fn as_str(&self) -> &'a str {
        self.path
    }

    /// The last component.
    pub(crate) fn last(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// Whether slashes were taken off the end.
    pub(crate) fn trailing_slash(&self) -> bool {
        self.trailing_slash
    }

    /// Whether the path can only name a directory: slashes at the end, or `.` or `..` as
    /// the last component.
    pub(crate) fn names_directory(&self) -> bool {
        self.trailing_slash || matches!(self.last(), "." | "..")
    }
}

#[cfg(test)]
mod tests {
    use super::{GuestPath, MAX_LEN};
    use crate::abi::Errno;

    #[test]
    fn paths_that_cannot_name_anything_inside_are_refused() {
        assert_eq!(GuestPath::new(b""), Err(Errno::Noent));
        assert_eq!(GuestPath::new(b"a\0b"), Err(Errno::Inval));
        assert_eq!(GuestPath::new(b"a\0"), Err(Errno::Inval));
        assert_eq!(GuestPath::new(b"\xff"), Err(Errno::Ilseq));
        assert_eq!(GuestPath::new(b"/"), Err(Errno::Perm));
        assert_eq!(GuestPath::new(b"/etc/passwd"), Err(Errno::Perm));
        assert_eq!(GuestPath::new(b"//x"), Err(Errno::Perm));
    }

    #[test]
    fn length_is_bounded() {
        assert!(GuestPath::new(&[b'a'; MAX_LEN]).is_ok());
        let long = GuestPath::new(&[b'a'; MAX_LEN + 1]);
        assert_eq!(long, Err(Errno::Nametoolong));
    }

    #[test]
    fn slashes_at_the_end_are_taken_off_and_remembered() {
        for (bytes, stripped, slash) in [
            (&b"a/b"[..], "a/b", false),
            (b"a/b/", "a/b", true),
            (b"a///", "a", true),
            (b"./", ".", true),
        ] {
            let path = GuestPath::new(bytes).unwrap();
            assert_eq!((path.as_str(), path.trailing_slash()), (stripped, slash));
        }
    }

    #[test]
    fn what_can_only_name_a_directory_is_known_as_such() {
        for (bytes, directory) in [
            (&b"a"[..], false),
            (b"a.", false),
            (b"a..", false),
            (b".a", false),
            (b"a/", true),
            (b".", true),
            (b"..", true),
            (b"a/.", true),
            (b"a/..", true),
            (b"a/./", true),
        ] {
            let path = GuestPath::new(bytes).unwrap();
            assert_eq!(path.names_directory(), directory, "{path:?}");
        }
    }
}
