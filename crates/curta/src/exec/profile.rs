//! How often each cell was dispatched: what the list of fused sequences is chosen by (feature `profile`).
//!
//! A build with that feature has the loop backend alone, and no fused handlers, so that every micro-op is a cell. Counts
//! are a thread's own.

use core::{
    cell::RefCell,
    hash::{BuildHasherDefault, Hasher},
};
use std::{collections::HashMap, thread_local};

/// Addresses of cells, spread.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("addresses are hashed as words")
    }
    fn write_usize(&mut self, address: usize) {
        self.0 = (address as u64)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(32);
    }
}

thread_local! {
    static COUNTS: RefCell<HashMap<usize, u64, BuildHasherDefault<Spread>>> = RefCell::default();
}

/// A cell is dispatched.
pub(super) fn count(cell: *const u8) {
    COUNTS.with_borrow_mut(|counts| *counts.entry(cell.addr()).or_default() += 1);
}

/// How often the cell at an address was dispatched on this thread.
pub(crate) fn dispatched(cell: usize) -> u64 {
    COUNTS.with_borrow(|counts| counts.get(&cell).copied().unwrap_or(0))
}
