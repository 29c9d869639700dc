//! Writes the code of one function: cells are appended, fused with the one before where the catalogue can, and patched.
//!
//! A cell is a handler's address and then its operands, padded to 8 bytes. While a function is being built the address is
//! missing and a [`Record`] says which micro-ops the cell is made of; [`Builder::finish`] writes addresses last. All buffers
//! are reused from function to function, and nothing is allocated per instruction beyond their growth.
//!
//! # Guarantees
//! Every cell of finished code has a handler, operands in its layout, and targets that are cells of the same function.

use alloc::{sync::Arc, vec::Vec};
use core::num::NonZeroU32;

use super::{
    catalog::{Catalog, HandlerId, Sequence},
    code::Block,
    exception_table::TryRange,
    operand::{Dest, Operand},
};

/// What cells are aligned to, and the bytes of a handler's address.
const CELL: usize = 8;

/// No cell takes so many bytes, but for tables of targets.
const ROOM: usize = 256;

/// An operand as it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    /// The operand in the lower bytes, zeros above.
    pub(crate) bits: u64,
    /// How many bytes it takes.
    pub(crate) len: u8,
}

impl Word {
    /// What takes no room.
    pub(crate) const NONE: Word = Word { bits: 0, len: 0 };

    /// A target that is not known yet.
    pub(crate) const TARGET: Word = Word { bits: 0, len: 8 };

    #[inline]
    pub(crate) const fn slot(index: i16) -> Word {
        Word {
            bits: index.cast_unsigned() as u64,
            len: 2,
        }
    }

    /// As bytes of which the first ones are the operand's.
    #[inline]
    fn bytes(self) -> [u8; 8] {
        if cfg!(target_endian = "big") {
            self.bits
                .rotate_right(8 * u32::from(self.len))
                .to_be_bytes()
        } else {
            self.bits.to_le_bytes()
        }
    }
}

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
    /// Its micro-ops, and how many.
    sequence: Sequence,
    len: u8,
    /// Whether one of them is done in place.
    in_place: bool,
    /// The handler that does them.
    handler: HandlerId,
    /// Where the operands of each begin, from the cell's.
    offsets: [u16; MOST_PARTS],
    /// Whether it may be reached from elsewhere than the cell before.
    #[cfg_attr(not(feature = "profile"), allow(dead_code, reason = "profiles ask"))]
    pub(crate) joined: bool,
}

/// So many micro-ops have room in a cell.
const MOST_PARTS: usize = 3;

impl Record {
    /// The micro-ops, in order.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        (0..MOST_PARTS).map_while(|part| self.part(part))
    }

    fn part(&self, part: usize) -> Option<Part> {
        let id = self.sequence.part(part)?;
        let at = self.at + u32::from(self.offsets[part]);
        Some(Part { id, at })
    }
}

/// A micro-op that was emitted: the number of its record above two bits for its place there, plus one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartRef(NonZeroU32);

impl PartRef {
    fn new(record: usize, part: usize) -> PartRef {
        // A record takes eight bytes of code, whose size has 32 bits.
        let number = (record as u32) << 2 | part as u32;
        PartRef(NonZeroU32::MIN.saturating_add(number))
    }

    fn record(self) -> usize {
        (self.0.get() - 1) as usize >> 2
    }

    fn part(self) -> usize {
        (self.0.get() - 1) as usize & 3
    }
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
    /// What is written, and room behind that.
    bytes: Vec<u8>,
    /// How many bytes are written.
    end: usize,
    records: Vec<Record>,
    /// The next cell may be reached from elsewhere: it must not be fused with the one before.
    barrier: bool,
    /// The positions of target fields that hold offsets and get addresses.
    targets: Vec<u32>,
    calls: Vec<CallSite>,
    /// Unconditional branches forward.
    branches: Vec<PartRef>,
    /// The micro-op whose operands are being written.
    open: Option<PartRef>,
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
            end: 0,
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
        self.end = 0;
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
    #[inline]
    pub(crate) fn set_offset(&mut self, offset: usize) {
        self.offset = offset;
    }

    /// Whether its code is of the handlers of this catalogue.
    pub(crate) fn writes_for(&self, catalog: &Arc<Catalog>) -> bool {
        Arc::ptr_eq(&self.catalog, catalog)
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
        self.entry = self
            .records
            .get(part.record() + 1)
            .map_or_else(|| self.here(), |next| next.at);
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.end]
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
        ((self.end + CELL - 1) & !(CELL - 1)) as u32
    }

    /// Keeps the next cell from being fused with the one before.
    pub(crate) fn barrier(&mut self) {
        self.barrier = true;
    }

    /// Begins a micro-op: in the cell before, if there is a handler for both, or in a new cell. Its operands follow, in the
    /// order of its description, then [`Builder::close`].
    pub(crate) fn open(&mut self, id: HandlerId) -> &mut Builder {
        debug_assert!(self.open.is_none(), "one cell at a time");
        let part = self.begin(id);
        self.open = Some(part);
        self
    }

    #[inline(always)]
    fn begin(&mut self, id: HandlerId) -> PartRef {
        let fused = if self.barrier { None } else { self.fuse(id) };
        fused.unwrap_or_else(|| self.open_cell(id))
    }

    #[inline(always)]
    fn open_cell(&mut self, id: HandlerId) -> PartRef {
        let at = self.here();
        self.pad();
        // The address is written last.
        self.end = at as usize + CELL;
        self.records.push(Record {
            at,
            sequence: Sequence::one(id),
            len: 1,
            in_place: false,
            handler: id,
            offsets: [CELL as u16; MOST_PARTS],
            joined: self.barrier,
        });
        self.barrier = false;
        if let Some(positions) = &mut self.positions {
            positions.push(Position {
                cell: at,
                offset: self.offset,
            });
        }
        PartRef::new(self.records.len() - 1, 0)
    }

    /// Emits a micro-op of three operands at most: what [`Builder::open`], writing and [`Builder::close`] do, in one.
    #[inline(never)]
    pub(crate) fn cell(
        &mut self,
        id: HandlerId,
        first: Word,
        second: Word,
        third: Word,
    ) -> PartRef {
        let part = self.begin(id);
        let room = self.bytes.get_mut(self.end..);
        let Some(room) = room.and_then(<[u8]>::first_chunk_mut::<40>) else {
            unreachable!("a cell has room; please report this as a bug of curta");
        };
        // As in `put`. What the remainders say is so anyway, and spares checks.
        let (a, b) = (usize::from(first.len % 16), usize::from(second.len % 16));
        room[..8].copy_from_slice(&first.bytes());
        room[a..a + 8].copy_from_slice(&second.bytes());
        room[a + b..a + b + 8].copy_from_slice(&third.bytes());
        self.end += a + b + usize::from(third.len);
        debug_assert!(self.layout_fits(self.part(part)));
        part
    }

    /// Makes a micro-op the next part of the last cell, if there is a handler for that.
    #[inline]
    fn fuse(&mut self, id: HandlerId) -> Option<PartRef> {
        let record = self.records.last()?;
        let part = usize::from(record.len);
        if part == MOST_PARTS
            || !record.in_place && !self.catalog.may_extend(record.sequence, part, id)
        {
            return None;
        }
        self.fuse_listed(id)
    }

    #[inline(never)]
    fn fuse_listed(&mut self, id: HandlerId) -> Option<PartRef> {
        let record = self.records.last_mut()?;
        let part = usize::from(record.len);
        let mut before = record.sequence;
        let mut handler = self.catalog.extended(before, part, id);
        if handler.is_none() && record.in_place {
            // What is done in place can be written through as well: its destination is in the cell.
            before = before.nowhere_in_place();
            handler = self.catalog.extended(before, part, id);
        }
        record.handler = handler?;
        record.in_place &= before == record.sequence;
        record.sequence = before.extended(part, id);
        record.len += 1;
        record.offsets[part] = (self.end - record.at as usize) as u16;
        if let Some(position) = self
            .positions
            .as_mut()
            .and_then(|positions| positions.last_mut())
        {
            position.offset = self.offset;
        }
        Some(PartRef::new(self.records.len() - 1, part))
    }

    #[inline]
    pub(crate) fn slot(&mut self, index: i16) -> &mut Builder {
        self.put(Word::slot(index))
    }

    #[inline]
    pub(crate) fn word32(&mut self, word: u32) -> &mut Builder {
        let bits = u64::from(word);
        self.put(Word { bits, len: 4 })
    }

    #[inline]
    pub(crate) fn word64(&mut self, word: u64) -> &mut Builder {
        let bits = word;
        self.put(Word { bits, len: 8 })
    }

    /// Writes an operand. All eight bytes are written, since that takes no branch: what comes next is written over those behind
    /// the operand, or they are the cell's padding.
    #[inline(always)]
    pub(crate) fn put(&mut self, word: Word) -> &mut Builder {
        let room = self.bytes.get_mut(self.end..);
        match room.and_then(<[u8]>::first_chunk_mut) {
            Some(room) => *room = word.bytes(),
            None => self.put_in_more_room(word),
        }
        self.end += usize::from(word.len);
        self
    }

    #[cold]
    #[inline(never)]
    fn put_in_more_room(&mut self, word: Word) {
        self.make_room();
        self.bytes[self.end..self.end + 8].copy_from_slice(&word.bytes());
    }

    /// Writes the padding of the last cell, behind which there is room for another one then.
    #[inline]
    fn pad(&mut self) {
        if self.bytes.len() < self.end + ROOM {
            self.make_room();
        }
        self.bytes[self.end..self.end + CELL].fill(0);
    }

    #[cold]
    #[inline(never)]
    fn make_room(&mut self) {
        let twice = 2 * self.bytes.len();
        self.bytes.resize(twice.max(4 * ROOM), 0);
    }

    /// Ends a micro-op.
    #[inline]
    pub(crate) fn close(&mut self) -> PartRef {
        let Some(part) = self.open.take() else {
            unreachable!("a cell was opened; please report this as a bug of curta");
        };
        debug_assert!(
            self.layout_fits(self.part(part)),
            "the operands of {:?} are not those of its description",
            self.part(part).id
        );
        part
    }

    fn layout_fits(&self, part: Part) -> bool {
        let Some(description) = self.catalog.description(part.id) else {
            return false;
        };
        let len = self.end - part.at as usize;
        let table = description.operands.contains(&Some(Operand::Targets));
        len == description.len() || table && len > description.len()
    }

    /// Where the operands of a micro-op begin.
    pub(crate) fn operands_of(&self, part: PartRef) -> u32 {
        self.part(part).at
    }

    pub(crate) fn part(&self, part: PartRef) -> Part {
        match self.records[part.record()].part(part.part()) {
            Some(part) => part,
            None => unreachable!("a part that was emitted; please report this as a bug of curta"),
        }
    }

    /// Whether nothing was emitted after a micro-op.
    pub(crate) fn is_last(&self, part: PartRef) -> bool {
        part.record() + 1 == self.records.len()
            && part.part() + 1 == usize::from(self.records[part.record()].len)
    }

    /// Makes a micro-op whose result goes to the accumulator write it to a slot as well. `false`, with nothing changed,
    /// when that has no handler.
    pub(crate) fn write_through(&mut self, part: PartRef, slot: i16) -> bool {
        let Part { id, at } = self.part(part);
        if id.dest() != Some(Dest::Acc) {
            return false;
        }
        let bytes = slot.to_ne_bytes();
        let at = at as usize;
        if let Some(in_place) = id.in_place() {
            let operand = |number: usize| &self.bytes[at + 2 * number..at + 2 * number + 2];
            let first = *operand(1) == bytes;
            let swap = !first && id.commutes_in_slots() && *operand(2) == bytes;
            if (first || swap) && self.catalog.has(in_place) && self.exchange(part, in_place) {
                if swap {
                    self.bytes.copy_within(at + 2..at + 4, at + 4);
                    self.bytes[at + 2..at + 4].copy_from_slice(&bytes);
                }
                self.bytes[at..at + 2].copy_from_slice(&bytes);
                return true;
            }
        }
        let done = self.exchange(part, id.with_dest(Dest::Both));
        if done {
            self.bytes[at..at + 2].copy_from_slice(&bytes);
        }
        done
    }

    /// Lets a micro-op of the same operands take the place of one. `false`, with nothing changed, when that has no handler.
    #[inline]
    fn exchange(&mut self, part: PartRef, id: HandlerId) -> bool {
        let record = &mut self.records[part.record()];
        let sequence = record.sequence.with(part.part(), id);
        let handler = if record.len == 1 {
            id
        } else if let Some(fused) = self.catalog.fused(sequence) {
            fused
        } else {
            return false;
        };
        (record.sequence, record.handler) = (sequence, handler);
        record.in_place |= id.dest() == Some(Dest::InPlace);
        true
    }

    /// Takes the last micro-op off a cell of several, if what is left has a handler.
    pub(crate) fn remove(&mut self, part: PartRef) {
        let record = &mut self.records[part.record()];
        if part.part() == 0 || part.part() + 1 != usize::from(record.len) {
            return;
        }
        let sequence = record.sequence.without_last();
        if let Some(handler) = self.catalog.fused(sequence) {
            (record.sequence, record.handler) = (sequence, handler);
            record.len -= 1;
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
        let branches = core::mem::take(&mut self.branches);
        for &part in &branches {
            let field = self.operands_of(part);
            let label = self.get_word64(field) as u32;
            let Ok(to) = self
                .records
                .binary_search_by_key(&label, |record| record.at)
            else {
                continue;
            };
            let to = self.records[to];
            let (Some(returns), 1) = (to.part(0), to.len) else {
                continue;
            };
            let len = match self.catalog.description(returns.id) {
                Some(description) if returns.id.is_return_of_one() => description.len(),
                _ => continue,
            };
            if !self.exchange(part, returns.id) {
                continue;
            }
            let from = returns.at as usize;
            self.bytes.copy_within(from..from + len, field as usize);
            threaded.push(field);
        }
        self.branches = branches;
        // They have no target any more. Taken out all at once: there may be as many as there are targets.
        if !threaded.is_empty() {
            threaded.sort_unstable();
            self.targets
                .retain(|target| threaded.binary_search(target).is_err());
        }
    }

    /// Puts the finished code of a function, of which this is the number, into a block with room for it. Returns the address
    /// of its first cell, and the calls that have no address yet: those of other functions that `entry` does not know.
    pub(crate) fn finish(
        &mut self,
        defined: u32,
        block: &mut Block,
        entry: impl Fn(u32) -> Option<u64>,
    ) -> (u64, &[CallSite]) {
        self.pad();
        let end = self.here() as usize;
        for record in &self.records {
            let address = self.catalog.address(record.handler);
            let at = record.at as usize;
            self.bytes[at..at + CELL].copy_from_slice(&address.to_ne_bytes());
        }
        let base = block.base() + block.len() as u64;
        for &field in &self.targets {
            let at = field as usize;
            let mut word = [0; 8];
            word.copy_from_slice(&self.bytes[at..at + 8]);
            let address = base + u64::from_ne_bytes(word);
            self.bytes[at..at + 8].copy_from_slice(&address.to_ne_bytes());
        }
        let own = base + u64::from(self.entry);
        let bytes = &mut self.bytes;
        self.calls.retain(|call| {
            let callee = if call.defined == defined {
                Some(own)
            } else {
                entry(call.defined)
            };
            if let Some(callee) = callee {
                let at = call.at as usize;
                bytes[at..at + 8].copy_from_slice(&callee.to_ne_bytes());
            }
            callee.is_none()
        });
        let tries = core::mem::take(&mut self.tries);
        block.push(defined, self.entry, &self.bytes[..end], tries);
        (own, &self.calls)
    }
}
