//! The code that runs a handler's cell in a loop.
//!
//! ```text
//!         constants; loop (sets the register of loop heads)
//! taken:  taken += 1; br next
//! other:  taken += 65536; br next
//! again:  accumulators, slots that the cell writes in place
//!         THE CELL
//! fallen: word = accumulator
//! next:   count -= 1; br_if again count
//!         return taken, word
//! ```
//! A cell that returns is in a function, which is called in its place.

use alloc::vec::Vec;

use super::{
    cells::{Cells, Label},
    operands::{Choice, Operands, WINDOW, Ways},
    roles::End,
    world::World,
};
use crate::code::{
    catalog::{Group, HandlerId, Plain, Sequence},
    op::BinaryOp,
    operand::{Address, Class, Dest, Edge, Operand, Source},
};

/// How many turns are left.
const TURNS: i16 = 2;
/// How often the cell went on elsewhere than behind it, and what was in the integer accumulator behind it: two slots in a
/// row, which are returned.
const TAKEN: i16 = 3;
const WORD: i16 = 4;
/// What the accumulators are filled from, by class.
const ACCUMULATORS: i16 = 5;

/// A handler, and the values to run it with.
pub(super) struct Program<'w> {
    pub(super) world: &'w World,
    pub(super) id: HandlerId,
    pub(super) group: Group,
    pub(super) choice: Choice,
    /// Makes the cell itself the last loop's head, so that a branch back to another one finds that it is not.
    pub(super) other_head: bool,
}

impl Program<'_> {
    /// Cells that run the handler's cell that often and return [`TAKEN`] and [`WORD`].
    pub(super) fn turns(&self, turns: u32) -> Vec<u64> {
        let mut cells = Cells::new(&self.world.catalog);
        let [next, again, taken, fallen, other] = core::array::from_fn(|_| cells.label());
        let ways = Ways {
            taken,
            fallen,
            other,
        };
        let inputs = self.inputs(ways);
        let mut operands = Operands::new(self.world, self.choice, ways);
        constant(&mut cells, TURNS, u64::from(turns) + 1);
        constant(&mut cells, TAKEN, u64::MAX);
        constant(&mut cells, WORD, 0);
        self.constants(&mut cells, &inputs);
        cells.open(HandlerId::plain(Plain::SetHead));
        for (label, by) in [(taken, 1), (other, 1 << 16)] {
            cells.bind(label);
            add(&mut cells, TAKEN, by);
            cells.open(HandlerId::br(Edge::Forward)).target(next);
        }
        cells.bind(again);
        if self.end() == End::Returns {
            let inner = cells.label();
            let delta = u32::from(WINDOW.unsigned_abs()) * 8;
            cells
                .open(HandlerId::plain(Plain::Call))
                .target(inner)
                .word32(delta);
            self.behind(&mut cells, fallen, next, again);
            cells.bind(inner);
            self.constants(&mut cells, &inputs);
            self.cell(&mut cells, &mut operands);
        } else {
            if self.writes_in_place() {
                for (slot, value) in &inputs {
                    constant(&mut cells, *slot, *value);
                }
            }
            self.cell(&mut cells, &mut operands);
            self.behind(&mut cells, fallen, next, again);
        }
        cells.finish()
    }

    /// The cell, and what it finds in registers.
    fn cell(&self, cells: &mut Cells<'_>, operands: &mut Operands<'_>) {
        if self.reads_accumulators() {
            accumulators(cells);
        }
        if self.other_head {
            cells.open(HandlerId::plain(Plain::SetHead));
        }
        operands.cell(cells, self.id, &self.group);
    }

    /// The cell alone, and what its slots hold.
    pub(super) fn once(&self) -> Vec<u64> {
        let mut cells = Cells::new(&self.world.catalog);
        let label = cells.label();
        let ways = Ways {
            taken: label,
            fallen: label,
            other: label,
        };
        self.constants(&mut cells, &self.inputs(ways));
        cells.bind(label);
        Operands::new(self.world, self.choice, ways).cell(&mut cells, self.id, &self.group);
        cells.finish()
    }

    /// The slots that the cell reads, and what they hold. Which ones is known when it is written: here for nothing else.
    fn inputs(&self, ways: Ways) -> Vec<(i16, u64)> {
        let mut cells = Cells::new(&self.world.catalog);
        let mut operands = Operands::new(self.world, self.choice, ways);
        operands.cell(&mut cells, self.id, &self.group);
        operands.inputs
    }

    /// What comes behind the cell: the next turn, or the end.
    fn behind(&self, cells: &mut Cells<'_>, fallen: Label, next: Label, again: Label) {
        cells.bind(fallen);
        if self.ids().any(|id| self.world.roles.returns_word(id)) {
            cells.open(HandlerId::copy_acc(Class::Int)).slot(WORD);
        }
        cells.bind(next);
        // In one cell, if there is a handler for it: half of the time goes by here.
        let sub = HandlerId::binary(BinaryOp::I32Add, Source::Slot, Source::Imm, Dest::Both);
        let branch = HandlerId::br_if(true, Source::Acc, Edge::Forward);
        let both = Sequence::of(&[Some(sub), Some(branch), None]);
        let fused = self.world.catalog.fused(both);
        let minus_one = (-1_i32).cast_unsigned();
        cells
            .open(fused.unwrap_or(sub))
            .slot(TURNS)
            .slot(TURNS)
            .word32(minus_one);
        if fused.is_none() {
            cells.open(branch);
        }
        cells.target(again);
        let first = i32::from(TAKEN).cast_unsigned();
        cells
            .open(HandlerId::plain(Plain::ReturnMany))
            .word32(2)
            .word32(0)
            .word32(first);
    }

    /// Everything that slots of a frame have to hold.
    fn constants(&self, cells: &mut Cells<'_>, inputs: &[(i16, u64)]) {
        for (slot, value) in inputs {
            constant(cells, *slot, *value);
        }
        let number = self.choice.accumulator;
        for class in Class::ALL {
            let bits = match class {
                Class::Int => i64::from(number).cast_unsigned(),
                Class::F64 => f64::from(number).to_bits(),
                Class::F32 => u64::from(f32::from(number).to_bits()),
            };
            constant(cells, ACCUMULATORS + class as i16, bits);
        }
    }

    fn ids(&self) -> impl Iterator<Item = HandlerId> + '_ {
        self.group.iter().flatten().copied()
    }

    fn operands(&self) -> impl Iterator<Item = Operand> + '_ {
        let descriptions = self
            .ids()
            .filter_map(|id| self.world.catalog.description(id));
        descriptions.flat_map(|description| description.operands.iter().flatten().copied())
    }

    /// How many ways the cell can go on, as far as they can be told apart.
    pub(super) fn ways(&self) -> usize {
        let roles = &self.world.roles;
        let last = self.ids().last();
        let branches = self
            .ids()
            .filter(|id| roles.branches(*id, &self.world.catalog));
        let taken = usize::from(branches.count() > 0);
        // All branches of a cell go to the same place, and so does a jump behind them.
        let through = self
            .ids()
            .filter(|id| !roles.branches(*id, &self.world.catalog))
            .map(|id| roles.ways(id))
            .product::<usize>();
        if last.is_some_and(|id| roles.jumps(id)) {
            through
        } else {
            taken + through
        }
    }

    /// Whether the cell may find another loop's head in the register than its target: not if it also goes to whatever is
    /// there, which would be itself.
    pub(super) fn may_find_other_head(&self) -> bool {
        self.operands().any(|operand| operand == Operand::Target)
            && !self.operands().any(|operand| operand == Operand::Head)
    }

    /// How the cell goes on.
    pub(super) fn end(&self) -> End {
        let last = self.ids().last().map(|id| self.world.roles.end(id));
        last.unwrap_or(End::Falls)
    }

    fn writes_in_place(&self) -> bool {
        self.operands()
            .any(|operand| operand == Operand::Dest(Dest::InPlace))
    }

    fn reads_accumulators(&self) -> bool {
        let of_acc = |operand| {
            matches!(
                operand,
                Operand::Acc | Operand::Address(Address::Acc | Address::AccImm)
            )
        };
        self.operands().any(of_acc)
    }
}

fn constant(cells: &mut Cells<'_>, slot: i16, value: u64) {
    cells
        .open(HandlerId::plain(Plain::CopyImm64))
        .slot(slot)
        .word64(value);
}

fn add(cells: &mut Cells<'_>, slot: i16, number: i32) {
    let id = HandlerId::binary(BinaryOp::I32Add, Source::Slot, Source::Imm, Dest::InPlace);
    cells
        .open(id)
        .slot(slot)
        .slot(slot)
        .word32(number.cast_unsigned());
}

/// Fills the accumulators from their slots.
fn accumulators(cells: &mut Cells<'_>) {
    for class in Class::ALL {
        let slot = ACCUMULATORS + class as i16;
        let op = match class {
            Class::Int => BinaryOp::I64And,
            Class::F64 => BinaryOp::F64Copysign,
            Class::F32 => BinaryOp::F32Copysign,
        };
        // Of a value and itself these make the value.
        let id = HandlerId::binary(op, Source::Slot, Source::Slot, Dest::Acc);
        cells.open(id).slot(slot).slot(slot).slot(slot);
    }
}
