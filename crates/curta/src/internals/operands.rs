//! Operands for a handler that nobody translated: what its cell holds, and what the slots that it reads hold.
//!
//! Slot 0 and 1 of a frame are its header. Everything here lies above it, so that frames need no locals.

use alloc::vec::Vec;

use super::{
    cells::{Cells, Label},
    roles::{Role, Roles},
    world::World,
};
use crate::{
    code::{
        catalog::{Group, HandlerId, Plain},
        operand::{Address, Dest, Operand},
    },
    store::func::FuncEntry,
};

/// The first slot of those that operands name.
const FIRST: i16 = 8;
/// Where runs of slots are copied from and to, and results are gathered.
const RUN: i16 = 48;
/// The first slot of a callee's frame; callees have no parameters.
pub(super) const WINDOW: i16 = 64;
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
    pub(super) callee: usize,
}

/// Words that are small in every type: 1, 2 and 3 as integers of 32 bits, and about that as floats of 64.
const MIXED: [u64; 3] = [
    0x3ff0_0000_0000_0001,
    0x4000_0000_0000_0002,
    0x4008_0000_0000_0003,
];

impl Choice {
    /// What to try for a handler, the likeliest first.
    pub(super) fn all(roles: &Roles, group: &Group) -> impl Iterator<Item = Choice> + use<> {
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
        let callees = group
            .iter()
            .flatten()
            .map(|id| roles.callees(*id))
            .max()
            .unwrap_or(1);
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
    world: &'w World,
    choice: Choice,
    ways: Ways,
    next: i16,
    /// How many immediates there were.
    immediates: usize,
    /// The slots that are read, and what they hold.
    pub(super) inputs: Vec<(i16, u64)>,
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
            let mut wide = RUN;
            for (number, operand) in description.operands.iter().flatten().enumerate() {
                match self.world.roles.of(*id, number) {
                    Role::Value => self.value(cells, *id, *operand, &mut wide),
                    role => self.named(cells, *id, *operand, role),
                }
            }
        }
    }

    /// Writes an operand that names something.
    fn named(&mut self, cells: &mut Cells<'_>, id: HandlerId, operand: Operand, role: Role) {
        let callee = self.callee(id);
        let word = match role {
            Role::Value => unreachable!("values are written elsewhere"),
            Role::Number(number) => number,
            Role::Window => WINDOW.unsigned_abs().into(),
            Role::Signature => callee.signature,
            Role::Import => self.choice.callee as u32,
            Role::FrameUp => u32::from(WINDOW.unsigned_abs()) * 8 + callee.locals,
            Role::CalleeLocals => callee.locals,
            Role::Function => self
                .input(self.world.references[self.choice.callee])
                .unsigned_abs()
                .into(),
            Role::Null => self.input(0).unsigned_abs().into(),
            Role::Exception => self.input(self.world.exception).unsigned_abs().into(),
        };
        match operand.len() {
            2 => cells.raw(&(word as u16).to_ne_bytes()),
            4 => cells.word32(word),
            len => unreachable!("a name of {len} bytes"),
        };
    }

    /// Writes an operand that is a value, or means what its layout says.
    fn value(&mut self, cells: &mut Cells<'_>, id: HandlerId, operand: Operand, wide: &mut i16) {
        match operand {
            Operand::Acc => {}
            Operand::Slot => {
                let slot = self.input(self.next_value());
                cells.slot(slot);
            }
            Operand::Dest(Dest::Acc | Dest::Both | Dest::InPlace) => {
                let slot = self.fresh();
                cells.slot(slot);
            }
            Operand::WideSlot => {
                // Runs of slots are copied down.
                cells.word32(i32::from(*wide).cast_unsigned());
                *wide += 1;
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
            // The first of its kind.
            Operand::Index => {
                cells.word32(0);
            }
            Operand::Delta => unreachable!("a distance says of what"),
            Operand::Target => {
                cells.target(self.ways.taken);
            }
            Operand::Head => {
                cells.word64(0);
            }
            // Of a function that is translated when it is called first: any cell will do.
            Operand::Function if id == HandlerId::plain(Plain::EnterLazy) => {
                cells.target(self.ways.taken);
            }
            Operand::Function => {
                cells.word64(self.callee(id).code);
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

    fn next_value(&self) -> u64 {
        self.choice.slots[self.inputs.len() % 2]
    }

    /// The guest function whose code a cell names: `call` wants one with nothing to zero.
    fn callee(&self, id: HandlerId) -> &'w FuncEntry {
        let callees = &self.world.callees;
        if id == HandlerId::plain(Plain::Call) {
            &callees[0]
        } else {
            &callees[1 + self.choice.callee % 2]
        }
    }

    fn address(&mut self, cells: &mut Cells<'_>, address: Address) {
        let wide = u32::from(OFFSET);
        match address {
            Address::Acc | Address::AccImm | Address::Const => {
                cells.slot(0).word32(wide);
            }
            Address::Slot | Address::SlotImm => {
                let slot = self.input(self.next_value());
                cells.slot(slot).word32(wide);
            }
            Address::SlotSlot => {
                let first = self.input(self.next_value());
                let second = self.input(self.next_value());
                cells.slot(first).slot(second).raw(&OFFSET.to_ne_bytes());
            }
            Address::SlotScaled => {
                let first = self.input(self.next_value());
                let second = self.input(self.next_value());
                let scale = 2;
                cells
                    .slot(first)
                    .slot(second)
                    .raw(&(scale | OFFSET << 3).to_ne_bytes());
            }
        }
    }
}
