//! A guest that tries one function on one path.

use curta_wasi::abi::Errno;
use curta_wasi::{Dir, WasiCtx, preview1};

use super::world::SECRET;

/// The directory that the guest is given.
const ROOT: u32 = 3;

/// Where things lie in its memory.
const RESULT: u32 = 0;
const BUFFERS: u32 = 64;
const PATH: u32 = 0x1000;
const OTHER: u32 = 0x3000;
const DATA: u32 = 0x5000;

/// One thing to do with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// Open it and read.
    Read,
    /// The same, without following a link at the end.
    ReadNoFollow,
    /// Open it to write, and write.
    Write,
    /// Open it and cut it.
    Truncate,
    /// Make it.
    Create,
    /// Make it, if nothing has the name.
    CreateNew,
    /// List it.
    List,
    /// Ask for its attributes.
    Stat,
    /// Set its times.
    Times,
    /// Make a directory.
    MakeDirectory,
    /// Remove a directory.
    RemoveDirectory,
    /// Remove a file.
    Unlink,
    /// Read a link.
    ReadLink,
    /// Make a link.
    MakeLink,
    /// Move it here.
    Steal,
    /// Move something there.
    Plant,
    /// Give it a further name here.
    LinkHere,
    /// Give something a further name there.
    LinkThere,
}

impl Attempt {
    pub(crate) const ALL: &[Attempt] = &[
        Attempt::Read,
        Attempt::ReadNoFollow,
        Attempt::Write,
        Attempt::Truncate,
        Attempt::Create,
        Attempt::CreateNew,
        Attempt::List,
        Attempt::Stat,
        Attempt::Times,
        Attempt::MakeDirectory,
        Attempt::RemoveDirectory,
        Attempt::Unlink,
        Attempt::ReadLink,
        Attempt::MakeLink,
        Attempt::Steal,
        Attempt::Plant,
        Attempt::LinkHere,
        Attempt::LinkThere,
    ];

    /// Whether it makes something new.
    pub(crate) fn makes(self) -> bool {
        use Attempt::{Create, CreateNew, LinkThere, MakeDirectory, MakeLink, Plant};
        matches!(
            self,
            Create | CreateNew | MakeDirectory | MakeLink | Plant | LinkThere
        )
    }

    /// Whether what it does to this path is done to a link inside, not to where it leads: that
    /// is allowed, and nobody outside notices.
    pub(crate) fn acts_on_link(self, path: &str) -> bool {
        use Attempt::{LinkHere, Plant, ReadLink, Steal, Unlink};
        let is_name = !path.contains("..") && !path.ends_with(['/', '.']) && !path.starts_with('/');
        is_name && matches!(self, Unlink | ReadLink | Steal | LinkHere | Plant)
    }
}

/// A guest with one directory.
pub(crate) struct Guest {
    wasi: WasiCtx,
    memory: Vec<u8>,
    saw: bool,
}

impl Guest {
    pub(crate) fn new(dir: impl Dir + 'static) -> Self {
        Guest {
            wasi: WasiCtx::builder().mount("/", dir).build().unwrap(),
            memory: vec![0; 1 << 16],
            saw: false,
        }
    }

    /// Whether anything that was ever read was the secret.
    pub(crate) fn saw_secret(&self) -> bool {
        self.saw
    }

    fn put(&mut self, address: u32, text: &str) -> u32 {
        let start = address as usize;
        self.memory[start..start + text.len()].copy_from_slice(text.as_bytes());
        u32::try_from(text.len()).unwrap()
    }

    fn open(
        &mut self,
        dir: u32,
        path: &str,
        lookup: u32,
        oflags: u32,
        rights: u64,
    ) -> Result<u32, Errno> {
        let len = self.put(PATH, path);
        preview1::path_open(
            &mut self.wasi,
            &mut self.memory,
            dir,
            lookup,
            PATH,
            len,
            oflags,
            rights,
            0,
            0,
            RESULT,
        )?;
        Ok(u32::from_le_bytes(self.memory[..4].try_into().unwrap()))
    }

    /// Opens a directory inside.
    pub(crate) fn open_directory(&mut self, path: &str) -> Result<u32, Errno> {
        self.open(ROOT, path, 0, 2, 0)
    }

    /// Opens, does something with the descriptor and closes it.
    fn opened(
        &mut self,
        dir: u32,
        path: &str,
        (lookup, oflags, rights): (u32, u32, u64),
    ) -> Result<(), Errno> {
        const READ: u64 = 2;
        const WRITE: u64 = 64;
        let fd = self.open(dir, path, lookup, oflags, rights)?;
        // Nothing may wait: without blocking.
        let _ = preview1::fd_fdstat_set_flags(&mut self.wasi, &mut self.memory, fd, 4);
        let buffer = [DATA.to_le_bytes(), 0x1000_u32.to_le_bytes()].concat();
        self.memory[BUFFERS as usize..][..8].copy_from_slice(&buffer);
        let (wasi, memory) = (&mut self.wasi, &mut self.memory);
        if rights & READ != 0 && preview1::fd_read(wasi, memory, fd, BUFFERS, 1, RESULT).is_ok() {
            self.saw |= self.memory[DATA as usize..].starts_with(SECRET);
        }
        if rights & WRITE != 0 {
            let _ = preview1::fd_write(&mut self.wasi, &mut self.memory, fd, BUFFERS, 1, RESULT);
        }
        if oflags == 2 {
            let (wasi, memory) = (&mut self.wasi, &mut self.memory);
            let _ = preview1::fd_readdir(wasi, memory, fd, DATA, 0x1000, 0, RESULT);
            let listing = &self.memory[DATA as usize..][..0x1000];
            self.saw |= listing.windows(5).any(|name| name == b"below");
        }
        self.memory[DATA as usize..].fill(b'x');
        preview1::fd_close(&mut self.wasi, &mut self.memory, fd)
    }

    /// Tries something on a path.
    pub(crate) fn attempt(&mut self, attempt: Attempt, path: &str) -> Result<(), Errno> {
        self.attempt_in(ROOT, attempt, path)
    }

    /// Tries something on a path in a directory.
    pub(crate) fn attempt_in(
        &mut self,
        dir: u32,
        attempt: Attempt,
        path: &str,
    ) -> Result<(), Errno> {
        const FOLLOW: u32 = 1;
        match attempt {
            Attempt::Read => return self.opened(dir, path, (FOLLOW, 0, 2)),
            Attempt::ReadNoFollow => return self.opened(dir, path, (0, 0, 2)),
            Attempt::Write => return self.opened(dir, path, (FOLLOW, 0, 64)),
            Attempt::Truncate => return self.opened(dir, path, (FOLLOW, 8, 2)),
            Attempt::Create => return self.opened(dir, path, (FOLLOW, 1, 64)),
            Attempt::CreateNew => return self.opened(dir, path, (FOLLOW, 5, 64)),
            Attempt::List => return self.opened(dir, path, (FOLLOW, 2, 0)),
            _ => {}
        }
        let len = self.put(PATH, path);
        let other = if attempt.makes() { "file" } else { "stolen" };
        let other_len = self.put(OTHER, other);
        let (wasi, memory) = (&mut self.wasi, &mut self.memory);
        match attempt {
            Attempt::Stat => {
                preview1::path_filestat_get(wasi, memory, dir, FOLLOW, PATH, len, RESULT)
            }
            Attempt::Times => {
                preview1::path_filestat_set_times(wasi, memory, dir, FOLLOW, PATH, len, 0, 0, 5)
            }
            Attempt::MakeDirectory => preview1::path_create_directory(wasi, memory, dir, PATH, len),
            Attempt::RemoveDirectory => {
                preview1::path_remove_directory(wasi, memory, dir, PATH, len)
            }
            Attempt::Unlink => preview1::path_unlink_file(wasi, memory, dir, PATH, len),
            Attempt::ReadLink => {
                preview1::path_readlink(wasi, memory, dir, PATH, len, DATA, 100, RESULT)
            }
            Attempt::MakeLink => {
                preview1::path_symlink(wasi, memory, OTHER, other_len, dir, PATH, len)
            }
            Attempt::Steal => {
                preview1::path_rename(wasi, memory, dir, PATH, len, ROOT, OTHER, other_len)
            }
            Attempt::Plant => {
                preview1::path_rename(wasi, memory, ROOT, OTHER, other_len, dir, PATH, len)
            }
            Attempt::LinkHere => {
                preview1::path_link(wasi, memory, dir, 0, PATH, len, ROOT, OTHER, other_len)
            }
            Attempt::LinkThere => {
                preview1::path_link(wasi, memory, ROOT, 0, OTHER, other_len, dir, PATH, len)
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn symlink(&mut self, target: &str, path: &str) -> Result<(), Errno> {
        let target_len = self.put(OTHER, target);
        let len = self.put(PATH, path);
        let (wasi, memory) = (&mut self.wasi, &mut self.memory);
        preview1::path_symlink(wasi, memory, OTHER, target_len, ROOT, PATH, len)
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let to_len = self.put(OTHER, to);
        let len = self.put(PATH, from);
        let (wasi, memory) = (&mut self.wasi, &mut self.memory);
        preview1::path_rename(wasi, memory, ROOT, PATH, len, ROOT, OTHER, to_len)
    }

    pub(crate) fn hard_link(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let to_len = self.put(OTHER, to);
        let len = self.put(PATH, from);
        let (wasi, memory) = (&mut self.wasi, &mut self.memory);
        preview1::path_link(wasi, memory, ROOT, 0, PATH, len, ROOT, OTHER, to_len)
    }
}
