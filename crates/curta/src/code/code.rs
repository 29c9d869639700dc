//! Finished code: 8-byte-aligned cells, `[handler's address][operands …]`, of functions one after another.

use alloc::vec::Vec;
use smallvec::SmallVec;

use super::{exception_table::TryRange, module::FrameSize};

/// Memory with the code of functions. Only a [`super::builder::Builder`] puts some into it, so its cells are well formed.
pub(crate) struct Block {
    /// Never moved: frames and branches hold addresses of cells. (A vector, not a box: moving a box would promise that
    /// nobody else points into it.)
    words: Vec<u64>,
    /// What is in it, in the order of addresses.
    places: SmallVec<[Place; 1]>,
    /// Where functions catch exceptions, those that do, by their positions in `places`; in the same order.
    tries: Vec<(u32, Vec<TryRange>)>,
}

/// Where in its block a function is.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Its number among those that the module defines.
    defined: u32,
    /// The bytes before its code.
    start: u32,
    /// The bytes before the first cell that is executed.
    entry: u32,
}

impl Block {
    /// Room for so many bytes of code, so that their addresses are known before they are there.
    pub(crate) fn new(bytes: usize) -> Block {
        Block {
            words: Vec::with_capacity(bytes.div_ceil(8)),
            places: SmallVec::new(),
            tries: Vec::new(),
        }
    }

    /// How many bytes there is room for.
    pub(crate) fn room(&self) -> usize {
        (self.words.capacity() - self.words.len()) * 8
    }

    /// How many bytes of code there are.
    pub(crate) fn len(&self) -> usize {
        self.words.len() * 8
    }

    /// The address of the first function's code.
    pub(super) fn base(&self) -> u64 {
        self.words.as_ptr().expose_provenance() as u64
    }

    /// Puts the cells of the next function in place, for which there is room; it begins at a cell that is so many bytes
    /// behind the first one.
    pub(super) fn push(&mut self, defined: u32, entry: u32, bytes: &[u8], tries: Vec<TryRange>) {
        debug_assert!(bytes.len() <= self.room(), "code never moves");
        let start = self.len() as u32;
        let (words, _) = bytes.as_chunks::<8>();
        self.words
            .extend(words.iter().map(|bytes| u64::from_ne_bytes(*bytes)));
        let entry = start + entry;
        if !tries.is_empty() {
            self.tries.push((self.places.len() as u32, tries));
        }
        self.places.push(Place {
            defined,
            start,
            entry,
        });
    }

    /// The code of the first function.
    pub(super) fn first(&self) -> Option<Code<'_>> {
        (!self.places.is_empty()).then_some(Code { block: self, at: 0 })
    }

    /// The function with something at an address, if that is in this block.
    pub(super) fn at_address(&self, address: u64) -> Option<Code<'_>> {
        let within = address.checked_sub(self.base())?;
        let behind = |place: &Place| u64::from(place.start) <= within;
        let at = self.places.partition_point(behind).checked_sub(1)?;
        (within < self.len() as u64).then_some(Code { block: self, at })
    }

    /// Writes an address over an operand, wherever in the words it lies.
    pub(crate) fn set_address(&mut self, at: u32, address: u64) {
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

/// The code of one function.
#[derive(Clone, Copy)]
pub(crate) struct Code<'b> {
    block: &'b Block,
    /// Which of those in the block it is.
    at: usize,
}

impl<'b> Code<'b> {
    fn place(self) -> Place {
        self.block.places[self.at]
    }

    /// The function's number among those that the module defines.
    pub(crate) fn defined(self) -> usize {
        self.place().defined as usize
    }

    /// The address from which places in the code are counted.
    pub(crate) fn base(self) -> u64 {
        self.block.base() + u64::from(self.place().start)
    }

    /// The address of the cell at which the function begins.
    pub(crate) fn entry(self) -> u64 {
        self.block.base() + u64::from(self.place().entry)
    }

    /// Where exceptions are caught, inner ranges first.
    pub(crate) fn tries(self) -> &'b [TryRange] {
        let tries = &self.block.tries;
        match tries.binary_search_by_key(&self.at, |(at, _)| *at as usize) {
            Ok(at) => &tries[at].1,
            Err(_) => &[],
        }
    }
}
