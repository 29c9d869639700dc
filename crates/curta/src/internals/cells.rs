//! Writes cells by hand: a handler's address and operands, labels, and addresses of cells as operands.

use alloc::{vec, vec::Vec};

use crate::code::catalog::{Catalog, HandlerId};

/// A place that branches can name before it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label(usize);

/// Cells that are being written.
pub(super) struct Cells<'c> {
    catalog: &'c Catalog,
    bytes: Vec<u8>,
    /// Where each label is.
    labels: Vec<Option<usize>>,
    /// Operands that become the addresses of labels.
    targets: Vec<(usize, Label)>,
}

impl<'c> Cells<'c> {
    pub(super) fn new(catalog: &'c Catalog) -> Cells<'c> {
        Cells {
            catalog,
            bytes: Vec::new(),
            labels: Vec::new(),
            targets: Vec::new(),
        }
    }

    /// A label that has no place yet.
    pub(super) fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// The next cell is where the label is.
    pub(super) fn bind(&mut self, label: Label) {
        self.align();
        self.labels[label.0] = Some(self.bytes.len());
    }

    /// Begins a cell; operands follow.
    pub(super) fn open(&mut self, id: HandlerId) -> &mut Cells<'c> {
        self.align();
        self.word64(self.catalog.address(id))
    }

    fn align(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
    }

    pub(super) fn slot(&mut self, index: i16) -> &mut Cells<'c> {
        self.raw(&index.to_ne_bytes())
    }

    pub(super) fn word32(&mut self, word: u32) -> &mut Cells<'c> {
        self.raw(&word.to_ne_bytes())
    }

    pub(super) fn word64(&mut self, word: u64) -> &mut Cells<'c> {
        self.raw(&word.to_ne_bytes())
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) -> &mut Cells<'c> {
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub(super) fn target(&mut self, label: Label) -> &mut Cells<'c> {
        self.targets.push((self.bytes.len(), label));
        self.word64(0)
    }

    /// The finished words. They stay at their address as long as the vector is neither changed nor dropped.
    ///
    /// # Panics
    /// When a label that is used has no place.
    pub(super) fn finish(mut self) -> Vec<u64> {
        self.align();
        let mut words = vec![0; self.bytes.len() / 8];
        let base = entry(&words);
        for (at, label) in self.targets {
            let place = self.labels[label.0].expect("a label that is used has a place");
            self.bytes[at..at + 8].copy_from_slice(&(base + place as u64).to_ne_bytes());
        }
        for (word, bytes) in words.iter_mut().zip(self.bytes.as_chunks::<8>().0) {
            *word = u64::from_ne_bytes(*bytes);
        }
        words
    }
}

/// The address of the first cell.
pub(super) fn entry(words: &[u64]) -> u64 {
    words.as_ptr().expose_provenance() as u64
}
