//! Several directories seen as one.
//!
//! Layers are searched from the top. A name hides the same name in layers below, except
//! that directories are merged. Only the top layer is ever changed: what is changed in a
//! lower one is copied up first, and what is removed there is remembered as hidden, for as
//! long as the union lives.

mod copy;

use std::any::Any;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use copy::copy_up;

use super::walk::{Place, Step, walk};
use super::{Dir, Entries, Entry, NewTimes, OpenOptions, Opened};
use crate::abi::{Errno, FileStat, FileType};

/// A stack of directories seen as one, of which the top one is written to.
///
/// With a [`MemoryFs`](super::MemoryFs) on top, a guest changes what it likes and the
/// directory of the host below stays as it is; afterwards the top layer holds what was
/// changed. As on other such file systems:
///
/// * a file that is open for reading while it is copied up keeps showing the old content;
/// * a file's number (inode) changes when it is copied up;
/// * a directory that is not wholly in the top layer cannot be renamed: `xdev`, upon which
///   programs copy;
/// * pipes and devices of lower layers can be opened to be read, not written to: `notsup`.
///
/// An open directory is known by its path: when it is renamed, it is gone (`noent`).
///
/// ```
/// use curta_wasi::{MemoryFs, Union, WasiCtx};
///
/// let image = MemoryFs::new(1 << 20);
/// image.write("etc/motd", "welcome")?;
/// let changes = MemoryFs::new(1 << 20);
/// let union = Union::new(changes.clone()).below(image);
/// let wasi = WasiCtx::builder().mount("/", union).build()?;
/// // … run the guest; what it wrote is in `changes` …
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Union {
    shared: Arc<Shared>,
    /// Which directory of the union this is; empty for its root.
    base: String,
}

#[derive(Debug)]
struct Shared {
    /// From the top.
    layers: Vec<Box<dyn Dir>>,
    /// Paths of which only the top layer counts. Held while anything is done, so that what
    /// takes several steps is one to guests.
    hidden: Mutex<BTreeSet<String>>,
}

/// A path and the layers in which it is a directory, or the one in which it is something
/// else.
#[derive(Clone, Debug)]
struct Node {
    path: String,
    layers: Vec<usize>,
}

impl Node {
    fn child(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}/{name}", self.path)
        }
    }

    /// The path as layers take it.
    fn path(&self) -> &str {
        if self.path.is_empty() {
            "."
        } else {
            &self.path
        }
    }
}

impl Union {
    /// A union of one layer, to be written to.
    pub fn new(top: impl Dir + 'static) -> Self {
        Union {
            shared: Arc::new(Shared {
                layers: vec![Box::new(top)],
                hidden: Mutex::default(),
            }),
            base: String::new(),
        }
    }

    /// Adds a layer below all others, only to be read.
    ///
    /// # Panics
    /// Where directories of the union have been opened already.
    #[must_use]
    pub fn below(mut self, layer: impl Dir + 'static) -> Self {
        Arc::get_mut(&mut self.shared)
            .expect("layers are added before a union is used")
            .layers
            .push(Box::new(layer));
        self
    }

    fn same<'a>(&self, other: &'a dyn Dir) -> Result<&'a Union, Errno> {
        match other.as_any().downcast_ref::<Union>() {
            Some(other) if Arc::ptr_eq(&self.shared, &other.shared) => Ok(other),
            _ => Err(Errno::Xdev),
        }
    }

    fn locked(&self) -> Layers<'_> {
        Layers {
            layers: &self.shared.layers,
            hidden: self
                .shared
                .hidden
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// The layers, while something is done.
struct Layers<'a> {
    layers: &'a [Box<dyn Dir>],
    hidden: MutexGuard<'a, BTreeSet<String>>,
}

/// What was found under a name.
type Found = Option<Step<Node>>;

impl Layers<'_> {
    fn top(&self) -> &dyn Dir {
        &*self.layers[0]
    }

    /// The layer that answers for a node.
    fn layer(&self, node: &Node) -> &dyn Dir {
        let first = node.layers.first().copied().unwrap_or(0);
        &*self.layers[first]
    }

    /// What a name in a directory is.
    fn look(&self, parent: &Node, name: &str) -> Result<Found, Errno> {
        let path = parent.child(name);
        let mut directory = Node {
            path,
            layers: Vec::new(),
        };
        for &layer in &parent.layers {
            if layer > 0 && self.hidden.contains(&directory.path) {
                break;
            }
            let file_type = match self.layers[layer].stat(&directory.path, false) {
                Ok(stat) => stat.file_type,
                Err(Errno::Noent) => continue,
                Err(error) => return Err(error),
            };
            if file_type == FileType::Directory {
                directory.layers.push(layer);
                continue;
            }
            if !directory.layers.is_empty() {
                // A directory above hides it and whatever is below it.
                break;
            }
            directory.layers.push(layer);
            return Ok(Some(if file_type == FileType::SymbolicLink {
                let target = self.layers[layer].read_link(&directory.path)?;
                Step::Link(directory, target)
            } else {
                Step::Other(directory)
            }));
        }
        Ok(if directory.layers.is_empty() {
            None
        } else {
            Some(Step::Directory(directory))
        })
    }

    /// The directory of a path that contains no links.
    fn base(&self, base: &str) -> Result<Node, Errno> {
        let mut node = Node {
            path: String::new(),
            layers: (0..self.layers.len()).collect(),
        };
        for name in base.split('/').filter(|name| !name.is_empty()) {
            match self.look(&node, name)? {
                Some(Step::Directory(below)) => node = below,
                Some(Step::Link(..) | Step::Other(_)) => return Err(Errno::Notdir),
                None => return Err(Errno::Noent),
            }
        }
        Ok(node)
    }

    fn resolve(&self, base: &str, path: &str, follow: bool) -> Result<Place<Node>, Errno> {
        let base = self.base(base)?;
        walk(&base, path, follow, |node, name| self.look(node, name))
    }

    fn existing(&self, base: &str, path: &str, follow: bool) -> Result<Node, Errno> {
        match self.resolve(base, path, follow)? {
            Place::Directory(node) => Ok(node),
            Place::Name { found, .. } => node_of(found).ok_or(Errno::Noent),
        }
    }

    /// The path of a name that is free, whose directory is in the top layer now.
    fn vacant(&self, base: &str, path: &str) -> Result<String, Errno> {
        match self.resolve(base, path, false)? {
            Place::Name {
                parent,
                name,
                found: None,
            } => {
                self.raise(&parent.path)?;
                Ok(parent.child(&name))
            }
            Place::Name { .. } | Place::Directory(_) => Err(Errno::Exist),
        }
    }

    /// Makes a directory, and those that lead to it, in the top layer.
    fn raise(&self, path: &str) -> Result<(), Errno> {
        if path.is_empty() {
            return Ok(());
        }
        for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
            match self.top().create_directory(&path[..end]) {
                Ok(()) | Err(Errno::Exist) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Brings what a node is to the top layer; of a directory, no content.
    fn raise_node(&self, node: &Node) -> Result<(), Errno> {
        match node.layers.first() {
            Some(0) | None => Ok(()),
            Some(&layer) => {
                if let Some((parent, _)) = node.path.rsplit_once('/') {
                    self.raise(parent)?;
                }
                copy_up(&*self.layers[layer], self.top(), node.path())
            }
        }
    }

    /// Whether a layer below the top has the name.
    fn is_below(&self, parent: &Node, path: &str) -> bool {
        let mut below = parent.layers.iter().filter(|&&layer| layer > 0);
        below.any(|&layer| self.layers[layer].stat(path, false).is_ok())
    }

    /// Lets layers below the top be forgotten at a path that was removed or replaced.
    fn hide(&mut self, parent: &Node, path: String) {
        if self.is_below(parent, &path) {
            self.hidden.insert(path);
        }
    }

    /// The names in a directory.
    fn names(&self, node: &Node) -> Result<Vec<Entry>, Errno> {
        let mut seen = BTreeSet::new();
        let mut entries = Vec::new();
        for &layer in &node.layers {
            let options = OpenOptions {
                follow: false,
                ..OpenOptions::directory()
            };
            let Opened::Dir(dir) = self.layers[layer].open(node.path(), &options)? else {
                return Err(Errno::Notdir);
            };
            for entry in dir.entries()? {
                let entry = entry?;
                let hidden = layer > 0 && self.hidden.contains(&node.child(&entry.name));
                if !hidden && seen.insert(entry.name.clone()) {
                    entries.push(entry);
                }
            }
        }
        Ok(entries)
    }

    /// Makes sure that what is found may be replaced by a directory, or else by something
    /// that is none.
    fn check_replace(&self, found: &Found, by_directory: bool) -> Result<(), Errno> {
        match found {
            None => Ok(()),
            Some(Step::Directory(_)) if !by_directory => Err(Errno::Isdir),
            Some(Step::Directory(node)) => {
                if self.names(node)?.is_empty() {
                    Ok(())
                } else {
                    Err(Errno::Notempty)
                }
            }
            Some(_) if by_directory => Err(Errno::Notdir),
            Some(_) => Ok(()),
        }
    }
}

fn node_of(found: Found) -> Option<Node> {
    match found? {
        Step::Directory(node) | Step::Link(node, _) | Step::Other(node) => Some(node),
    }
}

/// A stat told apart from those of other layers.
fn of_layer(mut stat: FileStat, node: &Node) -> FileStat {
    let layer = node.layers.first().copied().unwrap_or(0) as u64;
    stat.device = stat.device.wrapping_add(layer << 48);
    stat
}

impl Union {
    fn open_node(
        &self,
        layers: &Layers<'_>,
        node: Node,
        is_directory: bool,
        options: &OpenOptions,
    ) -> Result<Opened, Errno> {
        if is_directory {
            if options.write || options.truncate {
                return Err(Errno::Isdir);
            }
            return Ok(Opened::Dir(Box::new(Union {
                shared: Arc::clone(&self.shared),
                base: node.path,
            })));
        }
        if options.directory {
            return Err(Errno::Notdir);
        }
        let options = OpenOptions {
            follow: false,
            exclusive: false,
            ..*options
        };
        if options.write || options.truncate {
            layers.raise_node(&node)?;
            return layers.top().open(node.path(), &options);
        }
        let options = OpenOptions {
            create: false,
            ..options
        };
        layers.layer(&node).open(node.path(), &options)
    }
}

impl Dir for Union {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn open(&self, path: &str, options: &OpenOptions) -> Result<Opened, Errno> {
        let layers = self.locked();
        let exclusive = options.create && options.exclusive;
        let follow = options.follow && !exclusive;
        match layers.resolve(&self.base, path, follow)? {
            Place::Directory(_) if exclusive => Err(Errno::Exist),
            Place::Directory(node) => self.open_node(&layers, node, true, options),
            Place::Name { found: Some(_), .. } if exclusive => Err(Errno::Exist),
            Place::Name {
                parent,
                name,
                found,
            } => match found {
                Some(Step::Directory(node)) => self.open_node(&layers, node, true, options),
                Some(Step::Link(..)) => Err(Errno::Loop),
                Some(Step::Other(node)) => self.open_node(&layers, node, false, options),
                None if options.create => {
                    layers.raise(&parent.path)?;
                    layers.top().open(&parent.child(&name), options)
                }
                None => Err(Errno::Noent),
            },
        }
    }

    fn stat(&self, path: &str, follow: bool) -> Result<FileStat, Errno> {
        let layers = self.locked();
        let node = layers.existing(&self.base, path, follow)?;
        let stat = layers.layer(&node).stat(node.path(), false)?;
        Ok(of_layer(stat, &node))
    }

    fn set_times(&self, path: &str, follow: bool, times: NewTimes) -> Result<(), Errno> {
        let layers = self.locked();
        let node = layers.existing(&self.base, path, follow)?;
        layers.raise_node(&node)?;
        layers.top().set_times(node.path(), false, times)
    }

    fn create_directory(&self, path: &str) -> Result<(), Errno> {
        let layers = self.locked();
        let path = layers.vacant(&self.base, path)?;
        layers.top().create_directory(&path)
    }

    fn remove_directory(&self, path: &str) -> Result<(), Errno> {
        let mut layers = self.locked();
        let Place::Name {
            parent,
            name,
            found,
        } = layers.resolve(&self.base, path, false)?
        else {
            return Err(Errno::Busy);
        };
        match found {
            None => Err(Errno::Noent),
            Some(Step::Directory(node)) => {
                if !layers.names(&node)?.is_empty() {
                    return Err(Errno::Notempty);
                }
                if node.layers.first() == Some(&0) {
                    layers.top().remove_directory(&node.path)?;
                }
                layers.hide(&parent, parent.child(&name));
                Ok(())
            }
            Some(_) => Err(Errno::Notdir),
        }
    }

    fn unlink(&self, path: &str) -> Result<(), Errno> {
        let mut layers = self.locked();
        let Place::Name {
            parent,
            name,
            found,
        } = layers.resolve(&self.base, path, false)?
        else {
            return Err(Errno::Isdir);
        };
        match found {
            None => Err(Errno::Noent),
            Some(Step::Directory(_)) => Err(Errno::Isdir),
            Some(Step::Link(node, _) | Step::Other(node)) => {
                if node.layers.first() == Some(&0) {
                    layers.top().unlink(&node.path)?;
                }
                layers.hide(&parent, parent.child(&name));
                Ok(())
            }
        }
    }

    fn read_link(&self, path: &str) -> Result<String, Errno> {
        let layers = self.locked();
        let node = layers.existing(&self.base, path, false)?;
        layers.layer(&node).read_link(node.path())
    }

    fn symlink(&self, target: &str, path: &str) -> Result<(), Errno> {
        let layers = self.locked();
        let path = layers.vacant(&self.base, path)?;
        layers.top().symlink(target, &path)
    }

    fn hard_link(&self, path: &str, target: &dyn Dir, new: &str) -> Result<(), Errno> {
        let target = self.same(target)?;
        let layers = self.locked();
        let found = match layers.resolve(&self.base, path, false)? {
            Place::Directory(_) => return Err(Errno::Perm),
            Place::Name { found, .. } => found,
        };
        let node = match found {
            None => return Err(Errno::Noent),
            Some(Step::Directory(_)) => return Err(Errno::Perm),
            Some(Step::Link(node, _) | Step::Other(node)) => node,
        };
        let new = layers.vacant(&target.base, new)?;
        layers.raise_node(&node)?;
        layers.top().hard_link(&node.path, layers.top(), &new)
    }

    fn rename(&self, path: &str, target: &dyn Dir, new: &str) -> Result<(), Errno> {
        let target = self.same(target)?;
        let mut layers = self.locked();
        let (from, to) = (
            layers.resolve(&self.base, path, false)?,
            layers.resolve(&target.base, new, false)?,
        );
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
        let (path, new) = (parent.child(&name), new_parent.child(&new_name));
        let is_directory = matches!(found, Some(Step::Directory(_)));
        let node = node_of(found).ok_or(Errno::Noent)?;
        if path == new {
            return Ok(());
        }
        if is_directory
            && new
                .strip_prefix(&path)
                .is_some_and(|rest| rest.starts_with('/'))
        {
            return Err(Errno::Inval);
        }
        layers.check_replace(&old, is_directory)?;
        if is_directory && node.layers != [0] {
            return Err(Errno::Xdev);
        }
        layers.raise_node(&node)?;
        layers.raise(&new_parent.path)?;
        layers.top().rename(&path, layers.top(), &new)?;
        layers.hide(&new_parent, new);
        layers.hide(&parent, path);
        Ok(())
    }

    fn entries(&self) -> Result<Entries<'_>, Errno> {
        let layers = self.locked();
        let node = layers.base(&self.base)?;
        let entries = layers.names(&node)?;
        Ok(Box::new(entries.into_iter().map(Ok)))
    }

    fn sync(&self) -> Result<(), Errno> {
        self.locked().top().sync()
    }
}
