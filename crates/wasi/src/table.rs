//! The table of descriptors.
//!
//! A descriptor is a small number, always the smallest that is free. The table holds no
//! more than a fixed number of them and never grows for a number that a guest names:
//! renumbering goes from an open descriptor to an open descriptor.

use crate::abi::{Errno, Rights};
use crate::fs::{Directory, File};
#[cfg(unix)]
use crate::socket::Socket;
use crate::stdio::{Input, Output};

/// Something open, and what may be done with it.
#[derive(Debug)]
pub(crate) struct Descriptor {
    /// What is open.
    pub(crate) kind: Kind,
    /// What may be done with it.
    pub(crate) rights: Rights,
    /// The most that something opened through it may be given.
    pub(crate) inheriting: Rights,
}

/// What can be open.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A stream to read from, such as standard input.
    Input(Input),
    /// A stream to write to, such as standard output.
    Output(Output),
    /// A file.
    File(Box<dyn File>),
    /// A directory.
    Directory(Directory),
    /// A socket.
    #[cfg(unix)]
    Socket(Socket),
}

impl Descriptor {
    /// Makes sure that every right of `needed` is here.
    pub(crate) fn require(&self, needed: Rights) -> Result<(), Errno> {
        if self.rights.contains(needed) {
            Ok(())
        } else {
            Err(Errno::Notcapable)
        }
    }

    /// The directory, for a call that resolves a path in it and needs these rights.
    pub(crate) fn directory(&self, needed: Rights) -> Result<&Directory, Errno> {
        match &self.kind {
            Kind::Directory(directory) => {
                self.require(needed)?;
                Ok(directory)
            }
            _ => Err(Errno::Notdir),
        }
    }

    /// The directory, to list it.
    pub(crate) fn directory_mut(&mut self, needed: Rights) -> Result<&mut Directory, Errno> {
        match &mut self.kind {
            Kind::Directory(directory) if self.rights.contains(needed) => Ok(directory),
            Kind::Directory(_) => Err(Errno::Notcapable),
            _ => Err(Errno::Notdir),
        }
    }

    /// The file, for a call that only files know and that needs these rights.
    pub(crate) fn file(&mut self, needed: Rights) -> Result<&mut dyn File, Errno> {
        match &mut self.kind {
            Kind::File(file) if self.rights.contains(needed) => Ok(&mut **file),
            Kind::File(_) => Err(Errno::Notcapable),
            Kind::Directory(_) => Err(Errno::Badf),
            _ => Err(Errno::Spipe),
        }
    }
}

/// Open descriptors by number.
#[derive(Debug)]
pub(crate) struct Table {
    slots: Vec<Option<Descriptor>>,
    /// No slot below this index is free.
    lowest_free: usize,
    limit: usize,
}

impl Table {
    /// An empty table that will hold up to `limit` descriptors.
    pub(crate) fn new(limit: usize) -> Self {
        Table {
            slots: Vec::new(),
            lowest_free: 0,
            limit,
        }
    }

    /// The number that the next descriptor will get.
    fn next_free(&self) -> Result<usize, Errno> {
        let free = self.slots[self.lowest_free..]
            .iter()
            .position(Option::is_none)
            .map_or(self.slots.len(), |offset| self.lowest_free + offset);
        if free < self.limit {
            Ok(free)
        } else {
            Err(Errno::Mfile)
        }
    }

    /// Closes everything.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.lowest_free = 0;
    }

    /// Makes sure that there is room for one more, before an effect on the host.
    pub(crate) fn check_room(&self) -> Result<(), Errno> {
        self.next_free().map(|_| ())
    }

    /// Adds a descriptor under the smallest free number.
    ///
    /// # Errors
    /// [`Errno::Mfile`] where the table is full.
    pub(crate) fn insert(&mut self, descriptor: Descriptor) -> Result<u32, Errno> {
        let free = self.next_free()?;
        let fd = u32::try_from(free).map_err(|_| Errno::Mfile)?;
        if free == self.slots.len() {
            self.slots.push(Some(descriptor));
        } else {
            self.slots[free] = Some(descriptor);
        }
        self.lowest_free = free + 1;
        Ok(fd)
    }

    /// The index of an open descriptor.
    fn open(&self, fd: u32) -> Result<usize, Errno> {
        let index = usize::try_from(fd).map_err(|_| Errno::Badf)?;
        match self.slots.get(index) {
            Some(Some(_)) => Ok(index),
            _ => Err(Errno::Badf),
        }
    }

    /// An open descriptor.
    pub(crate) fn get(&self, fd: u32) -> Result<&Descriptor, Errno> {
        let index = usize::try_from(fd).map_err(|_| Errno::Badf)?;
        self.slots
            .get(index)
            .and_then(Option::as_ref)
            .ok_or(Errno::Badf)
    }

    /// An open descriptor, to change.
    pub(crate) fn get_mut(&mut self, fd: u32) -> Result<&mut Descriptor, Errno> {
        let index = usize::try_from(fd).map_err(|_| Errno::Badf)?;
        self.slots
            .get_mut(index)
            .and_then(Option::as_mut)
            .ok_or(Errno::Badf)
    }

    /// Takes a descriptor out; its number is free again.
    pub(crate) fn remove(&mut self, fd: u32) -> Result<Descriptor, Errno> {
        let index = self.open(fd)?;
        self.lowest_free = self.lowest_free.min(index);
        self.slots[index].take().ok_or(Errno::Badf)
    }

    /// Moves a descriptor to the number of another, which is closed by that. Both must
    /// be open. A descriptor moved to its own number stays as it is.
    pub(crate) fn renumber(&mut self, from: u32, to: u32) -> Result<(), Errno> {
        self.open(from)?;
        let to_index = self.open(to)?;
        if from != to {
            let moved = self.remove(from)?;
            self.slots[to_index] = Some(moved);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Descriptor, Kind, Table};
    use crate::abi::{Errno, Rights};
    use crate::stdio::Output;

    fn descriptor(marked: u64) -> Descriptor {
        Descriptor {
            kind: Kind::Output(Output::null()),
            rights: Rights::from_guest(marked),
            inheriting: Rights::NONE,
        }
    }

    fn mark(table: &Table, fd: u32) -> Result<u64, Errno> {
        table.get(fd).map(|descriptor| descriptor.rights.bits())
    }

    #[test]
    fn the_smallest_free_number_is_taken() {
        let mut table = Table::new(8);
        for fd in 0..4 {
            assert_eq!(table.insert(descriptor(1)), Ok(fd));
        }
        table.remove(2).unwrap();
        table.remove(0).unwrap();
        assert_eq!(table.insert(descriptor(1)), Ok(0));
        assert_eq!(table.insert(descriptor(1)), Ok(2));
        assert_eq!(table.insert(descriptor(1)), Ok(4));
    }

    #[test]
    fn a_full_table_refuses_and_a_closed_descriptor_makes_room() {
        let mut table = Table::new(2);
        table.insert(descriptor(1)).unwrap();
        table.insert(descriptor(1)).unwrap();
        assert_eq!(table.check_room(), Err(Errno::Mfile));
        assert_eq!(table.insert(descriptor(1)), Err(Errno::Mfile));
        table.remove(1).unwrap();
        assert_eq!(table.insert(descriptor(1)), Ok(1));
    }

    #[test]
    fn numbers_that_are_not_open_are_refused_however_large() {
        let mut table = Table::new(8);
        table.insert(descriptor(1)).unwrap();
        for fd in [1, 7, 8, 1 << 31, u32::MAX] {
            assert_eq!(table.get(fd).err(), Some(Errno::Badf));
            assert_eq!(table.remove(fd).err(), Some(Errno::Badf));
            assert_eq!(table.renumber(0, fd), Err(Errno::Badf));
            assert_eq!(table.renumber(fd, 0), Err(Errno::Badf));
        }
        assert_eq!(table.slots.len(), 1);
    }

    #[test]
    fn renumbering_moves_closes_the_target_and_frees_the_source() {
        let mut table = Table::new(8);
        for mark in 0..3 {
            table.insert(descriptor(mark)).unwrap();
        }
        table.renumber(2, 0).unwrap();
        assert_eq!(mark(&table, 0), Ok(2));
        assert_eq!(mark(&table, 2), Err(Errno::Badf));
        assert_eq!(table.insert(descriptor(9)), Ok(2));
    }

    #[test]
    fn renumbering_to_itself_changes_nothing() {
        let mut table = Table::new(8);
        table.insert(descriptor(5)).unwrap();
        table.renumber(0, 0).unwrap();
        assert_eq!(mark(&table, 0), Ok(5));
    }
}
