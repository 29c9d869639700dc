//! Operands for a handler that nobody translated: what its cell holds, and what the slots that it reads hold.
//!
//! Slot 0 and 1 of a frame are its header. Everything here lies above it, so that frames need no locals.

use alloc::vec::Vec;

use super::{
    cells::{Cells, Label},
    world::World,
};
use crate::code::{
    catalog::{EffectCall, Group, HandlerId, Plain, ValueCall},
    operand::{Address, Description, Dest, Edge, Operand},
};

/// The first slot of those that operands name.
const FIRST: i16 = 8;
/// Where runs of slots are copied from and to, and results are gathered.
const RUN: i16 = 48;
/// The first slot of a callee's frame; callees have no parameters.
pub(super) const WINDOW: i16 = 64;
/// How many slots are copied at a time.
const COUNT: u32 = 2;

/// The offset of addresses: any small number.
pub(super) const OFFSET: u16 = 8;

/// Values to try a handler with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    /// What slots hold, in turns.
    pub(super) slots: [u64; 2],
    /// What immediates are, in turns.
    pub(super) immediates: [i16; 2],
    /// What the integer accumulator holds; those of floats hold the same number.
    pub(super) accumulator: i16,
    /// What lies in memory at the offset that addresses have; everything else there is zero.
    pub(super) memory: u64,
    /// Which callee, where the cell says so.
    pub(super) callee: u32,
}

/// Words that are small in every type: 1, 2 and 3 as integers of 32 bits, and about that as floats of 64.
const MIXED: [u64; 3] = [
    0x3ff0_0000_0000_0001,
    0x4000_0000_0000_0002,
    0x4008_0000_0000_0003,
];

impl Choice {
    /// What to try for a handler, the likeliest first.
    pub(super) fn all(group: &Group) -> impl Iterator<Item = Choice> {
        const SLOTS: [u64; 7] = [
            MIXED[0],
            0,
            MIXED[1],
            MIXED[2],
            1,
            u64::MAX,
            i32::MAX as u64,
        ];
        const NUMBERS: [i16; 5] = [1, 0, 2, 3, -1];
        let names_callee = |id: &HandlerId| {
            [Plain::CallZero, Plain::CallImport]
                .map(HandlerId::plain)
                .contains(id)
        };
        let callees = if group.iter().flatten().any(names_callee) {
            2
        } else {
            1
        };
        let base = Choice {
            slots: [0; 2],
            immediates: [0; 2],
            accumulator: 0,
            memory: 0,
            callee: 0,
        };
        (0..callees)
            .flat_map(move |callee| {
                [0, 1].map(|memory| Choice {
                    memory,
                    callee,
                    ..base
                })
            })
            .flat_map(|choice| {
                NUMBERS.map(|second| Choice {
                    immediates: [0, second],
                    ..choice
                })
            })
            .flat_map(|choice| {
                SLOTS.map(|second| Choice {
                    slots: [0, second],
                    ..choice
                })
            })
            .flat_map(|choice| {
                SLOTS.map(|first| Choice {
                    slots: [first, choice.slots[1]],
                    ..choice
                })
            })
            .flat_map(|choice| {
                NUMBERS.map(|first| Choice {
                    immediates: [first, choice.immediates[1]],
                    ..choice
                })
            })
            .flat_map(|choice| {
                NUMBERS.map(|accumulator| Choice {
                    accumulator,
                    ..choice
                })
            })
    }
}

/// Where the targets of a `br_table` and of other branches lead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ways {
    pub(super) taken: Label,
    pub(super) fallen: Label,
    pub(super) other: Label,
}

/// Writes a handler's cell.
pub(super) struct Operands<'w> {
    pub(super) world: &'w World,
    pub(super) choice: Choice,
    pub(super) ways: Ways,
    next: i16,
    /// How many immediates there were.
    immediates: usize,
    /// The slots that are read, and what they hold.
    pub(super) inputs: Vec<(i16, u64)>,
}

/// Which operand of a micro-op is written: some have a meaning of their own.
struct Place {
    id: HandlerId,
    /// How many operands of the same kind the micro-op has before it.
    nth: usize,
}

impl<'w> Operands<'w> {
    pub(super) fn new(world: &'w World, choice: Choice, ways: Ways) -> Operands<'w> {
        Operands {
            world,
            choice,
            ways,
            next: FIRST,
            immediates: 0,
            inputs: Vec::new(),
        }
    }

    /// Writes the cell of a handler.
    pub(super) fn cell(&mut self, cells: &mut Cells<'_>, id: HandlerId, group: &Group) {
        cells.open(id);
        for id in group.iter().flatten() {
            let Some(description) = self.world.catalog.description(*id) else {
                continue;
            };
            let operands = description.operands;
            for (i, operand) in operands.iter().enumerate() {
                let Some(operand) = operand else { continue };
                let nth = operands[..i]
                    .iter()
                    .flatten()
                    .filter(|before| *before == operand)
                    .count();
                self.operand(cells, *operand, &Place { id: *id, nth });
            }
        }
    }

    fn operand(&mut self, cells: &mut Cells<'_>, operand: Operand, place: &Place) {
        match operand {
            Operand::Acc => {}
            Operand::Slot => {
                let slot = self.slot(place);
                cells.slot(slot);
            }
            Operand::Dest(Dest::Acc | Dest::Both | Dest::InPlace) => {
                let slot = self.fresh();
                cells.slot(slot);
            }
            Operand::WideSlot => {
                cells.word32(i32::from(wide_slot(place)).cast_unsigned());
            }
            Operand::Imm16 => {
                cells.raw(&self.immediate().to_ne_bytes());
            }
            Operand::Imm32 => {
                cells.word32(i32::from(self.immediate()).cast_unsigned());
            }
            Operand::Imm64 => {
                cells.word64(i64::from(self.immediate()).cast_unsigned());
            }
            Operand::ImmF32 => {
                cells.word32(f32::from(self.immediate()).to_bits());
            }
            Operand::ImmF64 => {
                cells.word64(f64::from(self.immediate()).to_bits());
            }
            Operand::Address(address) => self.address(cells, address),
            Operand::Index => {
                cells.word32(self.index(place));
            }
            Operand::Delta => {
                cells.word32(self.delta(place));
            }
            Operand::Target => {
                cells.target(self.ways.taken);
            }
            Operand::Head => {
                cells.word64(0);
            }
            Operand::Function => {
                cells.word64(self.callee(place.id).code);
            }
            Operand::Targets => {
                let Ways {
                    taken,
                    fallen,
                    other,
                } = self.ways;
                cells.word32(2).target(fallen).target(taken).target(other);
            }
        }
    }

    fn fresh(&mut self) -> i16 {
        let slot = self.next;
        assert!(slot < RUN, "a cell names fewer slots");
        self.next += 1;
        slot
    }

    fn immediate(&mut self) -> i16 {
        self.immediates += 1;
        self.choice.immediates[(self.immediates - 1) % 2]
    }

    /// A slot that holds a value.
    fn input(&mut self, value: u64) -> i16 {
        let slot = self.fresh();
        self.inputs.push((slot, value));
        slot
    }

    fn value(&self) -> u64 {
        self.choice.slots[self.inputs.len() % 2]
    }

    fn slot(&mut self, place: &Place) -> i16 {
        let Place { id, nth } = *place;
        let plain = HandlerId::plain;
        if nth == 0 && (id == plain(Plain::CallIndirectAcc) || id == plain(Plain::CallIndirectSlot))
        {
            return WINDOW;
        }
        // Null is a reference, other words may be none.
        let reference = match nth {
            0 => is_value_call(id, ValueCall::TableGrow),
            1 => [EffectCall::TableSet, EffectCall::TableFill]
                .into_iter()
                .any(|op| id == HandlerId::effect_call(op)),
            _ => false,
        };
        let value = if reference { 0 } else { self.value() };
        self.input(value)
    }

    fn address(&mut self, cells: &mut Cells<'_>, address: Address) {
        let wide = u32::from(OFFSET);
        match address {
            Address::Acc | Address::Const => {
                cells.slot(0).word32(wide);
            }
            Address::Slot | Address::SlotImm => {
                let slot = self.input(self.value());
                cells.slot(slot).word32(wide);
            }
            Address::SlotSlot => {
                let first = self.input(self.value());
                let second = self.input(self.value());
                cells.slot(first).slot(second).raw(&OFFSET.to_ne_bytes());
            }
            Address::SlotScaled => {
                let first = self.input(self.value());
                let second = self.input(self.value());
                let scale = 2;
                cells
                    .slot(first)
                    .slot(second)
                    .raw(&(scale | OFFSET << 3).to_ne_bytes());
            }
        }
    }

    /// The guest function that a call names: `call` wants one with nothing to zero.
    fn callee(&self, id: HandlerId) -> &'w crate::store::func::FuncEntry {
        let [plain, many, few] = &self.world.callees;
        if id != HandlerId::plain(Plain::CallZero) {
            return plain;
        }
        if self.choice.callee == 0 { many } else { few }
    }

    fn delta(&self, place: &Place) -> u32 {
        if place.id == HandlerId::plain(Plain::ReturnMany) {
            return COUNT * 8;
        }
        u32::from(WINDOW.unsigned_abs()) * 8 + self.callee(place.id).locals
    }

    fn index(&self, place: &Place) -> u32 {
        let Place { id, nth } = *place;
        let is = |op| id == HandlerId::plain(op);
        let effect = |op| id == HandlerId::effect_call(op);
        let signature = self.world.callees[0].signature;
        if is(Plain::CallIndirectAcc)
            || is(Plain::CallIndirectSlot)
            || is(Plain::CallIndirectAny) && nth == 1
        {
            signature
        } else if is(Plain::CallImport) {
            self.choice.callee
        } else if is(Plain::CallZero) {
            self.callee(id).zero
        } else if is(Plain::CheckStack) {
            u32::from(WINDOW.unsigned_abs())
        } else if is(Plain::CopyMany) || is(Plain::ReturnMany) {
            COUNT
        } else if effect(EffectCall::DataDrop) || effect(EffectCall::ElemDrop) {
            1
        } else if effect(EffectCall::TableInit) {
            u32::from(nth == 0)
        } else {
            // Tables other than what is called, and the first of everything else.
            u32::from(is_table_op(id))
        }
    }
}

/// The slot of an index of 32 bits. Runs are copied down.
fn wide_slot(place: &Place) -> i16 {
    let id = place.id;
    if id == HandlerId::plain(Plain::CallImport) || id == HandlerId::plain(Plain::CallIndirectAny) {
        WINDOW
    } else {
        RUN + place.nth as i16
    }
}

fn is_value_call(id: HandlerId, op: ValueCall) -> bool {
    [Dest::Acc, Dest::Both, Dest::InPlace]
        .into_iter()
        .any(|dest| id == HandlerId::value_call(op, dest))
}

fn is_table_op(id: HandlerId) -> bool {
    let values = [
        ValueCall::TableGet,
        ValueCall::TableSize,
        ValueCall::TableGrow,
    ];
    let effects = [
        EffectCall::TableSet,
        EffectCall::TableFill,
        EffectCall::TableCopy,
    ];
    values.into_iter().any(|op| is_value_call(id, op))
        || effects
            .into_iter()
            .any(|op| id == HandlerId::effect_call(op))
}

/// Whether a micro-op ends in what the callee or the store returned: an integer, which tells who it was.
pub(super) fn returns_word(id: HandlerId) -> bool {
    use Plain::{Call, CallImport, CallIndirectAcc, CallIndirectAny, CallIndirectSlot, CallZero};
    let calls = [
        Call,
        CallZero,
        CallImport,
        CallIndirectAcc,
        CallIndirectSlot,
        CallIndirectAny,
    ];
    calls.into_iter().any(|op| id == HandlerId::plain(op)) || grows(id)
}

fn grows(id: HandlerId) -> bool {
    is_value_call(id, ValueCall::MemoryGrow) || is_value_call(id, ValueCall::TableGrow)
}

/// How many ways a micro-op can go on, as far as they can be told apart.
pub(super) fn ways_of(id: HandlerId, description: &Description) -> usize {
    use Plain::{
        BrTableAcc, BrTableSlot, CallImport, CallIndirectAcc, CallIndirectAny, CallIndirectSlot,
        CallZero,
    };
    let is_one_of = |ops: &[Plain]| ops.iter().any(|op| id == HandlerId::plain(*op));
    let branches = description
        .operands
        .iter()
        .flatten()
        .any(|operand| matches!(operand, Operand::Target | Operand::Head));
    let always = [Edge::Forward, Edge::Back, Edge::Head]
        .map(HandlerId::br)
        .contains(&id);
    if is_one_of(&[CallIndirectAcc, CallIndirectSlot, CallIndirectAny]) {
        4
    } else if is_one_of(&[BrTableAcc, BrTableSlot]) {
        3
    } else if is_one_of(&[CallZero, CallImport]) || grows(id) || branches && !always {
        2
    } else {
        1
    }
}
