//! The functions against real directories, called as the linker calls them but without an
//! engine: what they promise about memory, descriptors and paths. What needs symbolic links
//! and POSIX's error numbers is tried on Unix only.

mod descriptors;
mod listing;
mod memory;
#[cfg(unix)]
mod paths;
mod poll;
mod rights;
#[cfg(unix)]
mod sandbox;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, process};

use crate::abi::{Errno, FdStat, FileStat, Rights};
use crate::guest::GuestMemory;
use crate::preview1;
use crate::{Capture, WasiCtx, WasiCtxBuilder};

/// The descriptor of the one directory that [`Guest::with_directory`] gives.
const ROOT: u32 = 3;

/// Where calls store their results.
const RESULT: u32 = 0;

/// Where the first and the second path of a call lie, and data.
const PATH: u32 = 0x1000;
const SECOND_PATH: u32 = 0x3000;
const DATA: u32 = 0x5000;

/// Flags as numbers, the way a guest writes them.
const FOLLOW: u32 = 1;
const CREAT: u32 = 1;
const DIRECTORY: u32 = 2;
const EXCL: u32 = 4;
const TRUNC: u32 = 8;
const APPEND: u32 = 1;

/// A directory of the test's own, with a neighbour that a guest must not reach.
struct Scratch {
    outer: PathBuf,
}

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("curta-wasi-{}-{number}", process::id());
        let outer = std::env::temp_dir().join(name);
        fs::create_dir_all(outer.join("root")).unwrap();
        fs::create_dir_all(outer.join("outside")).unwrap();
        fs::write(outer.join("outside/secret"), "secret").unwrap();
        Scratch { outer }
    }

    /// What the guest gets.
    fn root(&self) -> PathBuf {
        self.outer.join("root")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Makes sure that nothing outside was touched.
    fn assert_outside_untouched(&self) {
        let outside = self.outer.join("outside");
        let names: Vec<_> = fs::read_dir(&outside)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["secret"]);
        let secret = fs::metadata(outside.join("secret")).unwrap();
        assert_eq!(secret.len(), 6);
        assert_eq!(fs::read_dir(&self.outer).unwrap().count(), 2);
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.outer);
    }
}

/// A function that takes a directory and a path.
type PathFunction = fn(&mut WasiCtx, &mut dyn GuestMemory, u32, u32, u32) -> Result<(), Errno>;

/// A guest: its context and 64 KiB of memory.
struct Guest {
    ctx: WasiCtx,
    bytes: Vec<u8>,
}

impl Guest {
    fn new(builder: &mut WasiCtxBuilder) -> Self {
        Guest {
            ctx: builder.build().unwrap(),
            bytes: vec![0; 0x10000],
        }
    }

    fn with_directory(directory: &Path) -> Self {
        let mut builder = WasiCtx::builder();
        builder.preopened_dir(directory, "/").unwrap();
        Guest::new(&mut builder)
    }

    fn with_output() -> (Self, Capture) {
        let output = Capture::new(1 << 20);
        let guest = Guest::new(WasiCtx::builder().stdout(output.clone()));
        (guest, output)
    }

    /// Calls a function.
    fn call(
        &mut self,
        function: impl FnOnce(&mut WasiCtx, &mut dyn GuestMemory) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        function(&mut self.ctx, &mut self.bytes)
    }

    fn put(&mut self, address: u32, bytes: &[u8]) -> u32 {
        let memory: &mut dyn GuestMemory = &mut self.bytes;
        memory.write(address, bytes).unwrap();
        u32::try_from(bytes.len()).unwrap()
    }

    fn at(&self, address: u32, len: usize) -> &[u8] {
        let start = usize::try_from(address).unwrap();
        &self.bytes[start..start + len]
    }

    fn u32_at(&self, address: u32) -> u32 {
        u32::from_le_bytes(self.at(address, 4).try_into().unwrap())
    }

    fn u64_at(&self, address: u32) -> u64 {
        u64::from_le_bytes(self.at(address, 8).try_into().unwrap())
    }

    /// Opens a path with all rights that the directory passes on.
    fn open(&mut self, path: &str, lookup: u32, oflags: u32) -> Result<u32, Errno> {
        self.open_with(ROOT, path, lookup, oflags, Rights::ALL, 0)
    }

    /// Opens a directory with all rights that it can have.
    fn open_directory(&mut self, path: &str, lookup: u32) -> Result<u32, Errno> {
        self.open_with(ROOT, path, lookup, DIRECTORY, Rights::DIRECTORY, 0)
    }

    /// Opens a path to read.
    fn open_to_read(&mut self, path: &str, lookup: u32) -> Result<u32, Errno> {
        let rights = Rights::FD_READ.union(Rights::FD_SEEK);
        self.open_with(ROOT, path, lookup, 0, rights, 0)
    }

    fn open_with(
        &mut self,
        dir: u32,
        path: &str,
        lookup: u32,
        oflags: u32,
        rights: Rights,
        fdflags: u32,
    ) -> Result<u32, Errno> {
        let len = self.put(PATH, path.as_bytes());
        let (base, inheriting) = (rights.bits(), rights.bits());
        self.call(|ctx, memory| {
            preview1::path_open(
                ctx, memory, dir, lookup, PATH, len, oflags, base, inheriting, fdflags, RESULT,
            )
        })?;
        Ok(self.u32_at(RESULT))
    }

    /// Calls a function that takes a directory and a path.
    fn with_path(&mut self, function: PathFunction, path: &str) -> Result<(), Errno> {
        let len = self.put(PATH, path.as_bytes());
        self.call(|ctx, memory| function(ctx, memory, ROOT, PATH, len))
    }

    fn symlink(&mut self, target: &str, path: &str) -> Result<(), Errno> {
        let target_len = self.put(SECOND_PATH, target.as_bytes());
        let len = self.put(PATH, path.as_bytes());
        self.call(|ctx, memory| {
            preview1::path_symlink(ctx, memory, SECOND_PATH, target_len, ROOT, PATH, len)
        })
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let len = self.put(PATH, from.as_bytes());
        let new_len = self.put(SECOND_PATH, to.as_bytes());
        self.call(|ctx, memory| {
            preview1::path_rename(ctx, memory, ROOT, PATH, len, ROOT, SECOND_PATH, new_len)
        })
    }

    fn hard_link(&mut self, lookup: u32, from: &str, to: &str) -> Result<(), Errno> {
        let len = self.put(PATH, from.as_bytes());
        let new_len = self.put(SECOND_PATH, to.as_bytes());
        self.call(|ctx, memory| {
            preview1::path_link(
                ctx,
                memory,
                ROOT,
                lookup,
                PATH,
                len,
                ROOT,
                SECOND_PATH,
                new_len,
            )
        })
    }

    /// File type (0 where the call stored nothing) of what a path names.
    fn file_type(&mut self, path: &str, lookup: u32) -> Result<u8, Errno> {
        let len = self.put(PATH, path.as_bytes());
        self.call(|ctx, memory| {
            preview1::path_filestat_get(ctx, memory, ROOT, lookup, PATH, len, RESULT)
        })?;
        Ok(self.at(RESULT, FileStat::SIZE)[16])
    }

    fn read_link(&mut self, path: &str, room: u32) -> Result<String, Errno> {
        let len = self.put(PATH, path.as_bytes());
        self.call(|ctx, memory| {
            preview1::path_readlink(ctx, memory, ROOT, PATH, len, DATA, room, RESULT)
        })?;
        let used = self.u32_at(RESULT) as usize;
        Ok(String::from_utf8(self.at(DATA, used).to_vec()).unwrap())
    }

    /// Stores an array with the given buffers at [`RESULT`]` + 16`.
    fn put_buffers(&mut self, buffers: &[(u32, u32)]) -> (u32, u32) {
        let array = RESULT + 16;
        let mut slot = array;
        for (address, len) in buffers {
            self.put(slot, &address.to_le_bytes());
            self.put(slot + 4, &len.to_le_bytes());
            slot += 8;
        }
        (array, u32::try_from(buffers.len()).unwrap())
    }

    fn write(&mut self, fd: u32, data: &[u8]) -> Result<u32, Errno> {
        let len = self.put(DATA, data);
        self.write_buffers(fd, &[(DATA, len)])
    }

    fn write_buffers(&mut self, fd: u32, buffers: &[(u32, u32)]) -> Result<u32, Errno> {
        let (array, count) = self.put_buffers(buffers);
        self.call(|ctx, memory| preview1::fd_write(ctx, memory, fd, array, count, RESULT))?;
        Ok(self.u32_at(RESULT))
    }

    fn read(&mut self, fd: u32, len: u32) -> Result<Vec<u8>, Errno> {
        let got = self.read_buffers(fd, &[(DATA, len)])?;
        Ok(self.at(DATA, got as usize).to_vec())
    }

    fn read_buffers(&mut self, fd: u32, buffers: &[(u32, u32)]) -> Result<u32, Errno> {
        let (array, count) = self.put_buffers(buffers);
        self.call(|ctx, memory| preview1::fd_read(ctx, memory, fd, array, count, RESULT))?;
        Ok(self.u32_at(RESULT))
    }

    fn seek(&mut self, fd: u32, delta: i64, whence: u32) -> Result<u64, Errno> {
        self.call(|ctx, memory| preview1::fd_seek(ctx, memory, fd, delta, whence, RESULT))?;
        Ok(self.u64_at(RESULT))
    }

    fn close(&mut self, fd: u32) -> Result<(), Errno> {
        self.call(|ctx, memory| preview1::fd_close(ctx, memory, fd))
    }

    /// File type and rights of a descriptor.
    fn fdstat(&mut self, fd: u32) -> Result<(u8, Rights, Rights), Errno> {
        self.call(|ctx, memory| preview1::fd_fdstat_get(ctx, memory, fd, RESULT))?;
        let base = Rights::from_guest(self.u64_at(RESULT + 8));
        let inheriting = Rights::from_guest(self.u64_at(RESULT + 16));
        Ok((self.at(RESULT, FdStat::SIZE)[0], base, inheriting))
    }
}
