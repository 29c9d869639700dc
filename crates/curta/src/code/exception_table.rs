//! Where in a function's code exceptions are caught: a table beside the code, looked at only when something is thrown.

use alloc::vec::Vec;

use super::operand::SlotIndex;

/// The cells of a `try_table`'s body, and what it catches.
#[derive(Debug, Clone)]
pub(crate) struct TryRange {
    /// The bytes of code from its first cell to behind its last one.
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The slot that takes the first value of what is caught.
    pub(crate) values: SlotIndex,
    pub(crate) catches: Vec<CatchClause>,
}

/// What is caught, and where the function goes on then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CatchClause {
    /// The module's tag; `None` catches all.
    pub(crate) tag: Option<u32>,
    /// Whether a reference to the exception follows its values.
    pub(crate) reference: bool,
    /// The cell that moves the values to the label.
    pub(crate) landing: u32,
}

/// What catches an exception.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caught {
    pub(crate) values: SlotIndex,
    pub(crate) clause: CatchClause,
}

/// The innermost clause around a place in the code that catches; inner ranges come first.
pub(crate) fn find(
    ranges: &[TryRange],
    place: usize,
    catches: impl Fn(u32) -> bool,
) -> Option<Caught> {
    let around = ranges
        .iter()
        .filter(|range| (range.start as usize..range.end as usize).contains(&place));
    for range in around {
        for clause in &range.catches {
            if clause.tag.is_none_or(&catches) {
                return Some(Caught {
                    values: range.values,
                    clause: *clause,
                });
            }
        }
    }
    None
}
