//! Writes the code of one function: cells are appended, fused with the one before where the catalogue can, and patched.
//!
//! A cell is a handler's address and then its operands, padded to 8 bytes. While a function is being built the address is
//! missing and a [`Record`] says which micro-ops the cell is made of; [`Builder::finish`] writes addresses last. All buffers
//! are reused from function to function, and nothing is allocated per instruction beyond their growth.
//!
//! # Guarantees
//! Every cell of finished code has a handler, operands in its layout, and targets that are cells of the same function.

use alloc::{sync::Arc, vec::Vec};

use super::{
    catalog::{Catalog, Group, HandlerId, Plain},
    code::Code,
    exception_table::TryRange,
    operand::{Dest, Operand},
};

/// One micro-op of a cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) id: HandlerId,
    /// Where its operands begin.
    pub(crate) at: u32,
}

/// One cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    pub(crate) at: u32,
    /// Where its operands end, without padding.
    end: u32,
    parts: [Option<Part>; 3],
    len: u8,
    /// Whether it may be reached from elsewhere than the cell before.
    #[cfg_attr(not(feature = "profile"), allow(dead_code, reason = "profiles ask"))]
    pub(crate) joined: bool,
}

impl Record {
    /// The micro-ops, in order.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        self.parts.iter().flatten().copied()
    }

    fn group(&self) -> Group {
        self.parts.map(|part| part.map(|part| part.id))
    }
}

/// A micro-op that was emitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartRef {
    record: u32,
    part: u8,
}

/// The branches that wait for a label: the position of the last one's target field, which leads to the one before.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pending(u32);

impl Pending {
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// A call whose callee's address is written when all functions are placed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallSite {
    pub(crate) at: u32,
    /// The number of the function among those that the module defines.
    pub(crate) defined: u32,
}

/// Where in the module's file the instruction of a cell is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position {
    pub(crate) cell: u32,
    pub(crate) offset: usize,
}

pub(crate) struct Builder {
    catalog: Arc<Catalog>,
    bytes: Vec<u8>,
    records: Vec<Record>,
    /// The next cell may be reached from elsewhere: it must not be fused with the one before.
    barrier: bool,
    /// The positions of target fields that hold offsets and get addresses.
    targets: Vec<u32>,
    calls: Vec<CallSite>,
    /// Unconditional branches forward.
    branches: Vec<PartRef>,
    open: Option<(HandlerId, u32)>,
    positions: Option<Vec<Position>>,
    offset: usize,
    tries: Vec<TryRange>,
    /// Where the function begins.
    entry: u32,
}

impl Builder {
    /// `positions`: whether to keep where each cell comes from.
    pub(crate) fn new(catalog: Arc<Catalog>, positions: bool) -> Builder {
        Builder {
            catalog,
            bytes: Vec::new(),
            records: Vec::new(),
            barrier: true,
            targets: Vec::new(),
            calls: Vec::new(),
            branches: Vec::new(),
            open: None,
            positions: positions.then(Vec::new),
            offset: 0,
            tries: Vec::new(),
            entry: 0,
        }
    }

    /// Forgets everything of the function before.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.records.clear();
        self.targets.clear();
        self.calls.clear();
        self.branches.clear();
        self.tries.clear();
        self.entry = 0;
        self.barrier = true;
        self.open = None;
        if let Some(positions) = &mut self.positions {
            positions.clear();
        }
    }

    /// Says which instruction of the module's file the next cells come from.
    pub(crate) fn set_offset(&mut self, offset: usize) {
        self.offset = offset;
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The cells from where the function begins.
    pub(crate) fn records(&self) -> &[Record] {
        let skipped = self
            .records
            .partition_point(|record| record.at < self.entry);
        &self.records[skipped..]
    }

    /// Lets the function begin behind a cell.
    pub(crate) fn begin_behind(&mut self, part: PartRef) {
        let record = part.record as usize + 1;
        self.entry = self
            .records
            .get(record)
            .map_or_else(|| self.here(), |next| next.at);
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn positions(&self) -> &[Position] {
        self.positions.as_deref().unwrap_or_default()
    }

    /// The position of the next cell, for a label: nothing before it will be fused with what follows.
    pub(crate) fn label(&mut self) -> u32 {
        self.barrier = true;
        self.here()
    }

    /// The position of the next cell.
    pub(crate) fn here(&self) -> u32 {
        self.bytes.len() as u32
    }

    /// Keeps the next cell from being fused with the one before.
    pub(crate) fn barrier(&mut self) {
        self.barrier = true;
    }

    /// Begins a cell; its operands follow, in the order of its description, then [`Builder::close`].
    pub(crate) fn open(&mut self, id: HandlerId) -> &mut Builder {
        debug_assert!(self.open.is_none(), "one cell at a time");
        self.open = Some((id, self.here()));
        self.bytes.extend_from_slice(&[0; 8]);
        self
    }

    pub(crate) fn slot(&mut self, index: i16) -> &mut Builder {
        self.raw(&index.to_ne_bytes())
    }

    pub(crate) fn word32(&mut self, word: u32) -> &mut Builder {
        self.raw(&word.to_ne_bytes())
    }

    pub(crate) fn word16(&mut self, word: u16) -> &mut Builder {
        self.raw(&word.to_ne_bytes())
    }

    pub(crate) fn word64(&mut self, word: u64) -> &mut Builder {
        self.raw(&word.to_ne_bytes())
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Builder {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Ends the cell: fused into the one before if there is a handler for it.
    pub(crate) fn close(&mut self) -> PartRef {
        let Some((id, at)) = self.open.take() else {
            unreachable!("a cell was opened; please report this as a bug of curta");
        };
        let operands = at + 8;
        debug_assert!(
            self.layout_fits(id, operands),
            "the operands of {id:?} are not those of its description"
        );
        let fused = if self.barrier {
            None
        } else {
            self.fuse(id, operands)
        };
        let part = match fused {
            Some(part) => part,
            None => {
                let end = self.here();
                let parts = [Some(Part { id, at: operands }), None, None];
                self.records.push(Record {
                    at,
                    end,
                    parts,
                    len: 1,
                    joined: self.barrier,
                });
                if let Some(positions) = &mut self.positions {
                    positions.push(Position {
                        cell: at,
                        offset: self.offset,
                    });
                }
                PartRef {
                    record: self.records.len() as u32 - 1,
                    part: 0,
                }
            }
        };
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.barrier = false;
        part
    }

    fn layout_fits(&self, id: HandlerId, operands: u32) -> bool {
        let Some(description) = self.catalog.description(id) else {
            return false;
        };
        let len = self.bytes.len() - operands as usize;
        let table = description.operands.contains(&Some(Operand::Targets));
        len == description.len() || table && len > description.len()
    }

    /// Makes the operands that were just written the next part of the last cell.
    fn fuse(&mut self, id: HandlerId, operands: u32) -> Option<PartRef> {
        let mut record = *self.records.last()?;
        let part = usize::from(record.len);
        if part == 3 {
            return None;
        }
        record.parts[part] = Some(Part { id, at: record.end });
        record.len += 1;
        if self.catalog.fused(record.group()).is_none() {
            // What is done in place can be written through as well: its destination is in the cell.
            for part in record.parts.iter_mut().flatten() {
                if part.id.dest() == Some(Dest::InPlace) {
                    part.id = part.id.with_dest(Dest::Both);
                }
            }
            self.catalog.fused(record.group())?;
        }
        let (from, to) = (operands as usize, record.end as usize);
        let len = self.bytes.len() - from;
        self.bytes.copy_within(from.., to);
        self.bytes.truncate(to + len);
        record.end = (to + len) as u32;
        let last = self.records.len() - 1;
        self.records[last] = record;
        if let Some(position) = self
            .positions
            .as_mut()
            .and_then(|positions| positions.last_mut())
        {
            position.offset = self.offset;
        }
        Some(PartRef {
            record: last as u32,
            part: part as u8,
        })
    }

    /// Where the operands of a micro-op begin.
    pub(crate) fn operands_of(&self, part: PartRef) -> u32 {
        self.part(part).at
    }

    pub(crate) fn part(&self, part: PartRef) -> Part {
        match self.records[part.record as usize].parts[usize::from(part.part)] {
            Some(part) => part,
            None => unreachable!("a part that was emitted; please report this as a bug of curta"),
        }
    }

    /// Whether nothing was emitted after a micro-op.
    pub(crate) fn is_last(&self, part: PartRef) -> bool {
        part.record as usize + 1 == self.records.len()
            && part.part + 1 == self.records[part.record as usize].len
    }

    /// Makes a micro-op whose result goes to the accumulator write it to a slot as well. `false`, with nothing changed,
    /// when that has no handler.
    pub(crate) fn write_through(&mut self, part: PartRef, slot: i16) -> bool {
        let mut record = self.records[part.record as usize];
        let index = usize::from(part.part);
        let Part { id, at } = self.part(part);
        if id.dest() != Some(Dest::Acc) {
            return false;
        }
        let bytes = slot.to_ne_bytes();
        let at = at as usize;
        let mut candidates = [None, None];
        if let Some(in_place) = id.in_place().filter(|id| self.catalog.has(*id)) {
            let swap = id.commutes_in_slots() && self.bytes[at + 4..at + 6] == bytes;
            if self.bytes[at + 2..at + 4] == bytes || swap {
                candidates[0] = Some((in_place, swap && self.bytes[at + 2..at + 4] != bytes));
            }
        }
        candidates[1] = Some((id.with_dest(Dest::Both), false));
        for (id, swap) in candidates.into_iter().flatten() {
            record.parts[index] = Some(Part { id, at: at as u32 });
            if self.catalog.fused(record.group()).is_none() {
                continue;
            }
            if swap {
                self.bytes.copy_within(at + 2..at + 4, at + 4);
                self.bytes[at + 2..at + 4].copy_from_slice(&bytes);
            }
            self.bytes[at..at + 2].copy_from_slice(&bytes);
            self.records[part.record as usize] = record;
            return true;
        }
        false
    }

    /// Takes the last micro-op off a cell of several, if what is left has a handler.
    pub(crate) fn remove(&mut self, part: PartRef) {
        let mut record = self.records[part.record as usize];
        if part.part == 0 || part.part + 1 != record.len {
            return;
        }
        record.parts[usize::from(part.part)] = None;
        record.len -= 1;
        if self.catalog.fused(record.group()).is_some() {
            self.records[part.record as usize] = record;
        }
    }

    /// Lets a branch's target field wait for a label.
    pub(crate) fn wait(&mut self, field: u32, pending: &mut Pending) {
        self.set_word64(field, u64::from(pending.0));
        pending.0 = field;
    }

    /// Points all branches that wait for a label at it.
    pub(crate) fn resolve(&mut self, pending: Pending, label: u32) {
        let mut field = pending.0;
        while field != 0 {
            let next = self.get_word64(field) as u32;
            self.point(field, label);
            field = next;
        }
    }

    /// Points a branch at a label.
    pub(crate) fn point(&mut self, field: u32, label: u32) {
        self.set_word64(field, u64::from(label));
        self.targets.push(field);
    }

    /// Remembers an unconditional branch forward, which may turn out to go to a return.
    pub(crate) fn forward_branch(&mut self, part: PartRef) {
        self.branches.push(part);
    }

    /// Remembers a call of a function that the module defines; its address comes first among the operands.
    pub(crate) fn call_site(&mut self, part: PartRef, defined: u32) {
        let at = self.operands_of(part);
        self.calls.push(CallSite { at, defined });
    }

    /// Says that exceptions are caught; inner ranges before outer ones.
    pub(crate) fn catches(&mut self, range: TryRange) {
        self.tries.push(range);
    }

    /// Writes over a 32-bit operand.
    pub(crate) fn set_word32(&mut self, at: u32, word: u32) {
        self.bytes[at as usize..at as usize + 4].copy_from_slice(&word.to_ne_bytes());
    }

    fn set_word64(&mut self, at: u32, word: u64) {
        self.bytes[at as usize..at as usize + 8].copy_from_slice(&word.to_ne_bytes());
    }

    fn get_word64(&self, at: u32) -> u64 {
        let mut word = [0; 8];
        word.copy_from_slice(&self.bytes[at as usize..at as usize + 8]);
        u64::from_ne_bytes(word)
    }

    /// A branch to a plain return becomes that return: each return then predicts its own callers.
    pub(crate) fn thread_returns(&mut self) {
        let mut threaded = Vec::new();
        for part in core::mem::take(&mut self.branches) {
            let field = self.operands_of(part);
            let label = self.get_word64(field) as u32;
            let Ok(to) = self
                .records
                .binary_search_by_key(&label, |record| record.at)
            else {
                continue;
            };
            let to = self.records[to];
            let (Some(returns), 1) = (to.parts[0], to.len) else {
                continue;
            };
            let len = match self.catalog.description(returns.id) {
                Some(description) if returns.id.is_return_of_one() => description.len(),
                _ => continue,
            };
            let mut record = self.records[part.record as usize];
            record.parts[usize::from(part.part)] = Some(Part {
                id: returns.id,
                at: field,
            });
            if self.catalog.fused(record.group()).is_none() {
                continue;
            }
            self.records[part.record as usize] = record;
            let from = returns.at as usize;
            self.bytes.copy_within(from..from + len, field as usize);
            threaded.push(field);
        }
        // They have no target any more. Taken out all at once: there may be as many as there are targets.
        if !threaded.is_empty() {
            threaded.sort_unstable();
            self.targets
                .retain(|target| threaded.binary_search(target).is_err());
        }
    }

    /// The finished code, and the calls in it whose callees are not placed yet.
    pub(crate) fn finish(&mut self) -> (Code, &[CallSite]) {
        for record in &self.records {
            let id = self.catalog.fused(record.group());
            let address = self
                .catalog
                .address(id.unwrap_or(HandlerId::plain(Plain::Unreachable)));
            debug_assert!(id.is_some(), "every cell has a handler");
            let at = record.at as usize;
            self.bytes[at..at + 8].copy_from_slice(&address.to_ne_bytes());
        }
        let mut code = Code::new(self.bytes.len() / 8);
        let base = code.base();
        code.set_entry(self.entry);
        for &field in &self.targets {
            let at = field as usize;
            let mut word = [0; 8];
            word.copy_from_slice(&self.bytes[at..at + 8]);
            let address = base + u64::from_ne_bytes(word);
            self.bytes[at..at + 8].copy_from_slice(&address.to_ne_bytes());
        }
        code.fill(&self.bytes);
        code.set_tries(core::mem::take(&mut self.tries));
        (code, &self.calls)
    }
}
