//! The nodes of a file system in memory.
//!
//! A node lives as long as it has a name or is open. Its number is its inode and is never
//! used again.

use std::collections::{BTreeMap, HashMap};

use crate::abi::{Errno, FileStat, FileType};
use crate::fs::NewTimes;
use crate::fs::walk::{Place, Step, walk};

/// The number of the topmost directory.
pub(super) const ROOT: u64 = 1;

/// What a node costs beside its name and what it holds.
const NODE: usize = 128;

#[derive(Debug)]
pub(super) struct Tree {
    nodes: HashMap<u64, Node>,
    next: u64,
    /// How much is used, and how much may be.
    used: usize,
    limit: usize,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) content: Content,
    /// How many names it has.
    names: u64,
    /// How many handles there are on it.
    pub(super) open: u64,
    accessed: u64,
    modified: u64,
    changed: u64,
}

#[derive(Debug)]
pub(super) enum Content {
    File(Vec<u8>),
    Directory {
        names: BTreeMap<String, u64>,
        parent: u64,
    },
    Link(String),
}

impl Content {
    /// An empty directory.
    pub(super) fn directory(parent: u64) -> Self {
        Content::Directory {
            names: BTreeMap::new(),
            parent,
        }
    }

    fn size(&self) -> usize {
        match self {
            Content::File(bytes) => bytes.len(),
            Content::Directory { .. } => 0,
            Content::Link(target) => target.len(),
        }
    }
}

impl Node {
    fn new(content: Content, now: u64) -> Self {
        Node {
            content,
            names: 0,
            open: 0,
            accessed: now,
            modified: now,
            changed: now,
        }
    }

    pub(super) fn set_times(&mut self, times: NewTimes, now: u64) {
        self.accessed = times.accessed.unwrap_or(self.accessed);
        self.modified = times.modified.unwrap_or(self.modified);
        self.changed = now;
    }
}

impl Tree {
    pub(super) fn new(limit: usize) -> Self {
        Tree {
            nodes: HashMap::new(),
            next: ROOT + 1,
            used: 0,
            limit,
        }
    }

    /// Makes the topmost directory, with one handle.
    pub(super) fn begin(&mut self, now: u64) {
        let mut root = Node::new(Content::directory(ROOT), now);
        root.names = 1;
        root.open = 1;
        self.nodes.insert(ROOT, root);
    }

    pub(super) fn get(&self, node: u64) -> Result<&Node, Errno> {
        self.nodes.get(&node).ok_or(Errno::Noent)
    }

    pub(super) fn get_mut(&mut self, node: u64) -> Result<&mut Node, Errno> {
        self.nodes.get_mut(&node).ok_or(Errno::Noent)
    }

    pub(super) fn names(&self, node: u64) -> Result<&BTreeMap<String, u64>, Errno> {
        match &self.get(node)?.content {
            Content::Directory { names, .. } => Ok(names),
            Content::File(_) | Content::Link(_) => Err(Errno::Notdir),
        }
    }

    /// The names in a directory, to change.
    fn names_mut(&mut self, node: u64, now: u64) -> Result<&mut BTreeMap<String, u64>, Errno> {
        let node = self.get_mut(node)?;
        (node.modified, node.changed) = (now, now);
        match &mut node.content {
            Content::Directory { names, .. } => Ok(names),
            Content::File(_) | Content::Link(_) => Err(Errno::Notdir),
        }
    }

    /// Walks a path.
    pub(super) fn resolve(
        &self,
        start: u64,
        path: &str,
        follow: bool,
    ) -> Result<Place<u64>, Errno> {
        walk(&start, path, follow, |directory, name| {
            let Some(&node) = self.names(*directory)?.get(name) else {
                return Ok(None);
            };
            Ok(Some(match &self.get(node)?.content {
                Content::Directory { .. } => Step::Directory(node),
                Content::Link(target) => Step::Link(node, target.clone()),
                Content::File(_) => Step::Other(node),
            }))
        })
    }

    /// The node at a place, if there is one.
    pub(super) fn existing(place: Place<u64>) -> Result<u64, Errno> {
        match place {
            Place::Directory(node) => Ok(node),
            Place::Name { found, .. } => match found {
                Some(Step::Directory(node) | Step::Link(node, _) | Step::Other(node)) => Ok(node),
                None => Err(Errno::Noent),
            },
        }
    }

    pub(super) fn stat(&self, number: u64) -> Result<FileStat, Errno> {
        let node = self.get(number)?;
        Ok(FileStat {
            device: 0,
            inode: number,
            links: node.names,
            size: node.content.size() as u64,
            accessed: node.accessed,
            modified: node.modified,
            changed: node.changed,
            ..FileStat::of_type(node.content.file_type())
        })
    }

    /// Takes space.
    fn charge(&mut self, size: usize) -> Result<(), Errno> {
        let used = self.used.checked_add(size).ok_or(Errno::Nospc)?;
        if used > self.limit {
            return Err(Errno::Nospc);
        }
        self.used = used;
        Ok(())
    }

    /// Makes a node with a name that is free.
    pub(super) fn add(
        &mut self,
        parent: u64,
        name: &str,
        content: Content,
        now: u64,
    ) -> Result<u64, Errno> {
        let size = content.size();
        self.charge(size.saturating_add(NODE))?;
        let node = self.next;
        self.nodes.insert(node, Node::new(content, now));
        if let Err(error) = self.link(parent, name, node, now) {
            self.nodes.remove(&node);
            self.used -= size + NODE;
            return Err(error);
        }
        self.next += 1;
        Ok(node)
    }

    /// Gives a node a name that is free.
    pub(super) fn link(
        &mut self,
        parent: u64,
        name: &str,
        node: u64,
        now: u64,
    ) -> Result<(), Errno> {
        // A directory that is open and was removed takes no more names.
        if self.get(parent)?.names == 0 {
            return Err(Errno::Noent);
        }
        self.charge(name.len())?;
        self.names_mut(parent, now)?.insert(name.to_owned(), node);
        let node = self.get_mut(node)?;
        node.names += 1;
        node.changed = now;
        Ok(())
    }

    /// Takes a name away.
    pub(super) fn remove(&mut self, parent: u64, name: &str, now: u64) -> Result<(), Errno> {
        let number = self
            .names_mut(parent, now)?
            .remove(name)
            .ok_or(Errno::Noent)?;
        self.used -= name.len();
        let node = self.get_mut(number)?;
        node.names -= 1;
        node.changed = now;
        self.drop_if_gone(number);
        Ok(())
    }

    /// A handle is gone.
    pub(super) fn close(&mut self, number: u64) {
        if let Ok(node) = self.get_mut(number) {
            node.open -= 1;
        }
        self.drop_if_gone(number);
    }

    fn drop_if_gone(&mut self, number: u64) {
        if let Some(node) = self.nodes.get(&number)
            && node.names == 0
            && node.open == 0
        {
            self.used -= node.content.size() + NODE;
            self.nodes.remove(&number);
        }
    }

    /// Cuts or extends a file.
    pub(super) fn resize(&mut self, node: u64, size: u64, now: u64) -> Result<(), Errno> {
        let size = usize::try_from(size).map_err(|_| Errno::Fbig)?;
        let before = self.get(node)?.content.size();
        if size > before {
            self.charge(size - before)?;
        } else {
            self.used -= before - size;
        }
        let node = self.get_mut(node)?;
        (node.modified, node.changed) = (now, now);
        if let Content::File(bytes) = &mut node.content {
            bytes.resize(size, 0);
            if size < bytes.capacity() / 4 {
                bytes.shrink_to_fit();
            }
        }
        Ok(())
    }

    /// Writes into a file and returns how much: less than asked for where space runs out.
    pub(super) fn write(
        &mut self,
        node: u64,
        bytes: &[u8],
        offset: u64,
        now: u64,
    ) -> Result<usize, Errno> {
        let start = usize::try_from(offset).map_err(|_| Errno::Fbig)?;
        let size = self.get(node)?.content.size();
        let room = (self.limit - self.used).saturating_add(size);
        let len = bytes.len().min(room.saturating_sub(start));
        if len == 0 && !bytes.is_empty() {
            return Err(Errno::Nospc);
        }
        let end = start.checked_add(len).ok_or(Errno::Fbig)?;
        if end > size && len > 0 {
            self.resize(node, end as u64, now)?;
        }
        let node = self.get_mut(node)?;
        (node.modified, node.changed) = (now, now);
        if let Content::File(content) = &mut node.content
            && let Some(part) = content.get_mut(start..end)
        {
            part.copy_from_slice(&bytes[..len]);
        }
        Ok(len)
    }

    /// Moves what is at one place to another, in place of what is there.
    pub(super) fn rename(
        &mut self,
        from: Place<u64>,
        to: Place<u64>,
        now: u64,
    ) -> Result<(), Errno> {
        let (
            Place::Name {
                parent,
                name,
                found,
            },
            Place::Name {
                parent: new_parent,
                name: new_name,
                found: old,
            },
        ) = (from, to)
        else {
            return Err(Errno::Busy);
        };
        let node = match found {
            None => return Err(Errno::Noent),
            Some(Step::Directory(node) | Step::Link(node, _) | Step::Other(node)) => node,
        };
        let moves_directory = self.get(node)?.content.file_type() == FileType::Directory;
        if moves_directory && self.is_below(new_parent, node)? {
            return Err(Errno::Inval);
        }
        match old {
            // Two names of one file: nothing happens, as POSIX wants it.
            Some(Step::Directory(old) | Step::Link(old, _) | Step::Other(old)) if old == node => {
                return Ok(());
            }
            Some(Step::Directory(old)) => {
                if !moves_directory {
                    return Err(Errno::Isdir);
                }
                if !self.names(old)?.is_empty() {
                    return Err(Errno::Notempty);
                }
                self.remove(new_parent, &new_name, now)?;
            }
            Some(Step::Link(..) | Step::Other(_)) => {
                if moves_directory {
                    return Err(Errno::Notdir);
                }
                self.remove(new_parent, &new_name, now)?;
            }
            None => {}
        }
        self.link(new_parent, &new_name, node, now)?;
        if let Content::Directory { parent, .. } = &mut self.get_mut(node)?.content {
            *parent = new_parent;
        }
        self.remove(parent, &name, now)
    }

    /// Whether `node` is `above` or lies somewhere in it.
    fn is_below(&self, mut node: u64, above: u64) -> Result<bool, Errno> {
        loop {
            if node == above {
                return Ok(true);
            }
            match self.get(node)?.content {
                Content::Directory { parent, .. } if parent != node => node = parent,
                _ => return Ok(false),
            }
        }
    }
}
