//! The finished code of one function: 8-byte-aligned cells, `[handler's address][operands …]`.

use alloc::vec::Vec;

use super::{exception_table::TryRange, module::FrameSize};

/// Only a [`super::builder::Builder`] fills one, so its cells are well formed.
pub(crate) struct Code {
    /// Never moved: frames and branches hold addresses of cells. (A vector, not a box: moving a box would promise that
    /// nobody else points into it.)
    words: Vec<u64>,
    tries: Vec<TryRange>,
    /// The bytes before the first cell that is executed.
    entry: u32,
}

impl Code {
    /// Room for code, so that its address is known while it is written.
    pub(super) fn new(words: usize) -> Code {
        Code {
            words: Vec::with_capacity(words),
            tries: Vec::new(),
            entry: 0,
        }
    }

    /// Puts the cells in place, for which there is room.
    pub(super) fn fill(&mut self, bytes: &[u8]) {
        let (words, _) = bytes.as_chunks::<8>();
        debug_assert!(words.len() <= self.words.capacity(), "code never moves");
        self.words
            .extend(words.iter().map(|bytes| u64::from_ne_bytes(*bytes)));
    }

    /// Says where exceptions are caught.
    pub(super) fn set_tries(&mut self, tries: Vec<TryRange>) {
        self.tries = tries;
    }

    /// Where exceptions are caught, inner ranges first.
    pub(crate) fn tries(&self) -> &[TryRange] {
        &self.tries
    }

    /// Says at which cell the function begins.
    pub(super) fn set_entry(&mut self, entry: u32) {
        self.entry = entry;
    }

    /// The address from which places in the code are counted.
    pub(crate) fn base(&self) -> u64 {
        self.words.as_ptr().expose_provenance() as u64
    }

    /// The address of the cell at which the function begins.
    pub(crate) fn entry(&self) -> u64 {
        self.base() + u64::from(self.entry)
    }

    /// Its size in bytes.
    pub(crate) fn len(&self) -> usize {
        self.words.len() * 8
    }

    /// Writes an address over an operand, wherever in the words it lies.
    pub(super) fn set_address(&mut self, at: u32, address: u64) {
        let (first, within) = (at as usize / 8, at as usize % 8);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.words[first].to_ne_bytes());
        let second = self.words.get(first + 1).copied().unwrap_or_default();
        bytes[8..].copy_from_slice(&second.to_ne_bytes());
        bytes[within..within + 8].copy_from_slice(&address.to_ne_bytes());
        let (words, _) = bytes.as_chunks::<8>();
        self.words[first] = u64::from_ne_bytes(words[0]);
        if let Some(second) = self.words.get_mut(first + 1) {
            *second = u64::from_ne_bytes(words[1]);
        }
    }

    /// Writes over what a call's cell says of its callee's frame, where another one was assumed: after the address, the
    /// distance to the header, in which the bytes of its locals are counted.
    pub(crate) fn set_callee(&mut self, at: u32, frame: FrameSize, assumed: FrameSize) {
        let distance = self.word32(at + 8);
        let distance = distance - assumed.locals_bytes() + frame.locals_bytes();
        self.set_word32(at + 8, distance);
    }

    fn word32(&self, at: u32) -> u32 {
        let byte = |at: usize| self.words[at / 8].to_ne_bytes()[at % 8];
        u32::from_ne_bytes(core::array::from_fn(|i| byte(at as usize + i)))
    }

    fn set_word32(&mut self, at: u32, value: u32) {
        for (at, byte) in (at as usize..).zip(value.to_ne_bytes()) {
            let mut word = self.words[at / 8].to_ne_bytes();
            word[at % 8] = byte;
            self.words[at / 8] = u64::from_ne_bytes(word);
        }
    }
}
