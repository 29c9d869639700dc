//! Files in memory: seeded from code, mounted like a directory of the host, readable
//! afterwards.

mod file;
mod tree;

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use file::MemoryFile;
use tree::{Content, ROOT, Tree};

use super::walk::{Place, Step};
use super::{Dir, Entries, Entry, File, NewTimes, OpenOptions, Opened, times};
use crate::VirtualClock;
use crate::abi::{ClockId, Errno, FileStat, FileType};
use crate::clock::Clocks;

/// A file system in memory, or a directory in it.
///
/// Clones share everything: mount one and keep another to look at what a guest wrote. It
/// holds up to a number of bytes, names and file contents counted; more is "no space"
/// (`nospc`). Access times are set when they are asked to be, not by reading.
///
/// ```
/// use curta_wasi::{MemoryFs, WasiCtx};
///
/// let files = MemoryFs::new(1 << 20);
/// files.write("config/app.toml", "fast = true")?;
/// let wasi = WasiCtx::builder().mount("/data", files.clone()).build()?;
/// // … run the guest …
/// assert_eq!(files.read("config/app.toml")?, b"fast = true");
/// assert_eq!(files.names("config")?, ["app.toml"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MemoryFs {
    shared: Arc<Shared>,
    node: u64,
}

/// What all handles share.
#[derive(Debug)]
struct Shared {
    tree: Mutex<Tree>,
    clock: Option<VirtualClock>,
}

impl Shared {
    /// The tree. Nothing that holds the lock can panic half-way through a change.
    fn lock(&self) -> MutexGuard<'_, Tree> {
        self.tree.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time for what changes now.
    fn now(&self) -> u64 {
        match &self.clock {
            Some(clock) => clock.clone().now(ClockId::Realtime).unwrap_or(0),
            None => times::now(),
        }
    }
}

/// Why the host cannot do something in a [`MemoryFs`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` in memory: {errno}")]
pub struct MemoryError {
    /// The path.
    pub path: String,
    /// What a guest would have got.
    pub errno: Errno,
}

impl MemoryFs {
    /// An empty file system for `limit` bytes.
    pub fn new(limit: usize) -> Self {
        MemoryFs::make(limit, None)
    }

    /// An empty file system whose times are told by `clock`, for runs that can be repeated.
    pub fn with_clock(limit: usize, clock: VirtualClock) -> Self {
        MemoryFs::make(limit, Some(clock))
    }

    fn make(limit: usize, clock: Option<VirtualClock>) -> Self {
        let shared = Shared {
            tree: Mutex::new(Tree::new(limit)),
            clock,
        };
        let now = shared.now();
        shared.lock().begin(now);
        MemoryFs {
            shared: Arc::new(shared),
            node: ROOT,
        }
    }

    /// Makes or replaces a file, and the directories that lead to it.
    ///
    /// # Errors
    /// A [`MemoryError`] where the path leads out or through a file, is a directory's, or
    /// there is no space.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> Result<(), MemoryError> {
        let of_path = |errno| MemoryError {
            path: path.to_owned(),
            errno,
        };
        if let Some((parents, _)) = path.rsplit_once('/') {
            self.create_dir_all(parents)?;
        }
        let options = OpenOptions {
            write: true,
            create: true,
            truncate: true,
            ..OpenOptions::new()
        };
        match self.open(path, &options).map_err(of_path)? {
            Opened::File(mut file) => {
                let bytes = bytes.as_ref();
                let written = file.write_at(bytes, 0).map_err(of_path)?;
                if written < bytes.len() {
                    return Err(of_path(Errno::Nospc));
                }
                Ok(())
            }
            Opened::Dir(_) => Err(of_path(Errno::Isdir)),
        }
    }

    /// What is in a file.
    ///
    /// # Errors
    /// A [`MemoryError`] where there is no such file.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, MemoryError> {
        let of_path = |errno| MemoryError {
            path: path.to_owned(),
            errno,
        };
        let tree = self.shared.lock();
        let node = tree
            .resolve(self.node, path, true)
            .and_then(Tree::existing)
            .map_err(of_path)?;
        match &tree.get(node).map_err(of_path)?.content {
            Content::File(bytes) => Ok(bytes.clone()),
            Content::Directory { .. } => Err(of_path(Errno::Isdir)),
            Content::Link(_) => Err(of_path(Errno::Loop)),
        }
    }

    /// The names in a directory, sorted; of `.`, those in this one.
    ///
    /// # Errors
    /// A [`MemoryError`] where there is no such directory.
    pub fn names(&self, path: &str) -> Result<Vec<String>, MemoryError> {
        let tree = self.shared.lock();
        let names = tree
            .resolve(self.node, path, true)
            .and_then(Tree::existing)
            .and_then(|node| Ok(tree.names(node)?.keys().cloned().collect()));
        names.map_err(|errno| MemoryError {
            path: path.to_owned(),
            errno,
        })
    }

    /// Makes a directory and those that lead to it, as far as they are not there.
    ///
    /// # Errors
    /// A [`MemoryError`] where the path leads out or through a file.
    pub fn create_dir_all(&self, path: &str) -> Result<(), MemoryError> {
        for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
            let part = &path[..end];
            match self.create_directory(part) {
                Ok(()) | Err(Errno::Exist) => {}
                Err(errno) => {
                    return Err(MemoryError {
                        path: part.to_owned(),
                        errno,
                    });
                }
            }
        }
        Ok(())
    }

    /// A handle on a node, counted.
    fn handle(&self, tree: &mut Tree, node: u64) -> Result<MemoryFs, Errno> {
        tree.get_mut(node)?.open += 1;
        Ok(MemoryFs {
            shared: Arc::clone(&self.shared),
            node,
        })
    }

    /// Parent and name of what a path names, which is not there.
    fn vacant(tree: &Tree, start: u64, path: &str) -> Result<(u64, String), Errno> {
        match tree.resolve(start, path, false)? {
            Place::Name {
                parent,
                name,
                found: None,
            } => Ok((parent, name)),
            Place::Name { .. } | Place::Directory(_) => Err(Errno::Exist),
        }
    }

    /// The same tree, seen from another directory of it.
    fn same<'a>(&self, other: &'a dyn Dir) -> Result<&'a MemoryFs, Errno> {
        match other.as_any().downcast_ref::<MemoryFs>() {
            Some(other) if Arc::ptr_eq(&self.shared, &other.shared) => Ok(other),
            _ => Err(Errno::Xdev),
        }
    }

    fn open_found(
        &self,
        tree: &mut Tree,
        node: u64,
        options: &OpenOptions,
    ) -> Result<Opened, Errno> {
        match &tree.get(node)?.content {
            Content::Directory { .. } => {
                if options.write || options.truncate {
                    return Err(Errno::Isdir);
                }
                Ok(Opened::Dir(Box::new(self.handle(tree, node)?)))
            }
            Content::Link(_) => Err(Errno::Loop),
            Content::File(_) => {
                if options.directory {
                    return Err(Errno::Notdir);
                }
                if options.truncate {
                    tree.resize(node, 0, self.shared.now())?;
                }
                let handle = self.handle(tree, node)?;
                let file: Box<dyn File> = Box::new(MemoryFile::new(handle, options.flags));
                Ok(Opened::File(file))
            }
        }
    }
}

impl Dir for MemoryFs {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn open(&self, path: &str, options: &OpenOptions) -> Result<Opened, Errno> {
        let mut tree = self.shared.lock();
        let follow = options.follow && !(options.create && options.exclusive);
        match tree.resolve(self.node, path, follow)? {
            Place::Directory(_) if options.create && options.exclusive => Err(Errno::Exist),
            Place::Directory(node) => self.open_found(&mut tree, node, options),
            Place::Name { found: Some(_), .. } if options.create && options.exclusive => {
                Err(Errno::Exist)
            }
            Place::Name {
                found: Some(Step::Directory(node) | Step::Link(node, _) | Step::Other(node)),
                ..
            } => self.open_found(&mut tree, node, options),
            Place::Name {
                found: None,
                parent,
                name,
            } => {
                if !options.create {
                    return Err(Errno::Noent);
                }
                let file = Content::File(Vec::new());
                let node = tree.add(parent, &name, file, self.shared.now())?;
                self.open_found(&mut tree, node, options)
            }
        }
    }

    fn stat(&self, path: &str, follow: bool) -> Result<FileStat, Errno> {
        let tree = self.shared.lock();
        let node = Tree::existing(tree.resolve(self.node, path, follow)?)?;
        tree.stat(node)
    }

    fn set_times(&self, path: &str, follow: bool, times: NewTimes) -> Result<(), Errno> {
        let now = self.shared.now();
        let mut tree = self.shared.lock();
        let node = Tree::existing(tree.resolve(self.node, path, follow)?)?;
        tree.get_mut(node)?.set_times(times, now);
        Ok(())
    }

    fn create_directory(&self, path: &str) -> Result<(), Errno> {
        let mut tree = self.shared.lock();
        let (parent, name) = Self::vacant(&tree, self.node, path)?;
        let directory = Content::directory(parent);
        tree.add(parent, &name, directory, self.shared.now())?;
        Ok(())
    }

    fn remove_directory(&self, path: &str) -> Result<(), Errno> {
        let mut tree = self.shared.lock();
        match tree.resolve(self.node, path, false)? {
            Place::Directory(_) => Err(Errno::Busy),
            Place::Name { found: None, .. } => Err(Errno::Noent),
            Place::Name {
                parent,
                name,
                found: Some(Step::Directory(node)),
            } => {
                if !tree.names(node)?.is_empty() {
                    return Err(Errno::Notempty);
                }
                tree.remove(parent, &name, self.shared.now())
            }
            Place::Name { .. } => Err(Errno::Notdir),
        }
    }

    fn unlink(&self, path: &str) -> Result<(), Errno> {
        let mut tree = self.shared.lock();
        match tree.resolve(self.node, path, false)? {
            Place::Name { found: None, .. } => Err(Errno::Noent),
            Place::Name {
                found: Some(Step::Directory(_)),
                ..
            }
            | Place::Directory(_) => Err(Errno::Isdir),
            Place::Name { parent, name, .. } => tree.remove(parent, &name, self.shared.now()),
        }
    }

    fn read_link(&self, path: &str) -> Result<String, Errno> {
        let tree = self.shared.lock();
        let node = Tree::existing(tree.resolve(self.node, path, false)?)?;
        match &tree.get(node)?.content {
            Content::Link(target) => Ok(target.clone()),
            Content::File(_) | Content::Directory { .. } => Err(Errno::Inval),
        }
    }

    fn symlink(&self, target: &str, path: &str) -> Result<(), Errno> {
        let mut tree = self.shared.lock();
        let (parent, name) = Self::vacant(&tree, self.node, path)?;
        let link = Content::Link(target.to_owned());
        tree.add(parent, &name, link, self.shared.now())?;
        Ok(())
    }

    fn hard_link(&self, path: &str, target: &dyn Dir, new: &str) -> Result<(), Errno> {
        let target = self.same(target)?;
        let mut tree = self.shared.lock();
        let node = Tree::existing(tree.resolve(self.node, path, false)?)?;
        if matches!(tree.get(node)?.content, Content::Directory { .. }) {
            return Err(Errno::Perm);
        }
        let (parent, name) = Self::vacant(&tree, target.node, new)?;
        tree.link(parent, &name, node, self.shared.now())
    }

    fn rename(&self, path: &str, target: &dyn Dir, new: &str) -> Result<(), Errno> {
        let target = self.same(target)?;
        let now = self.shared.now();
        let mut tree = self.shared.lock();
        let from = tree.resolve(self.node, path, false)?;
        let to = tree.resolve(target.node, new, false)?;
        tree.rename(from, to, now)
    }

    fn entries(&self) -> Result<Entries<'_>, Errno> {
        let tree = self.shared.lock();
        let mut entries = Vec::new();
        for (name, &node) in tree.names(self.node)? {
            entries.push(Ok(Entry {
                name: name.clone(),
                inode: node,
                file_type: tree.get(node)?.content.file_type(),
            }));
        }
        Ok(Box::new(entries.into_iter()))
    }

    fn sync(&self) -> Result<(), Errno> {
        Ok(())
    }
}

impl Clone for MemoryFs {
    fn clone(&self) -> Self {
        if let Ok(node) = self.shared.lock().get_mut(self.node) {
            node.open += 1;
        }
        MemoryFs {
            shared: Arc::clone(&self.shared),
            node: self.node,
        }
    }
}

impl Drop for MemoryFs {
    fn drop(&mut self) {
        self.shared.lock().close(self.node);
    }
}

impl Content {
    fn file_type(&self) -> FileType {
        match self {
            Content::File(_) => FileType::RegularFile,
            Content::Directory { .. } => FileType::Directory,
            Content::Link(_) => FileType::SymbolicLink,
        }
    }
}
