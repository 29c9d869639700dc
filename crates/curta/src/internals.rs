//! Curta's insides, as far as its own tests need them: the handlers' machine code, and a run of each handler in a loop.
//!
//! **No part of the API.** It exists with the feature `internals` only, and may change or go in any release.

mod cells;
mod exercise;
mod family;
mod operands;
#[cfg(feature = "profile")]
mod profile;
mod program;
mod roles;
mod world;

pub use exercise::{Exercised, exercise};
pub use family::Family;
#[cfg(feature = "profile")]
pub use profile::profile;

use alloc::{format, string::String, vec::Vec};

use crate::{
    api::module::Module,
    code::{
        catalog::{Backend, Catalog, Group, HandlerId, Plain},
        operand::{Address, Dest, Operand},
    },
    exec,
    numeric::Trap,
};

/// Whether this build has the threaded backend, whose handlers must end in jumps.
pub const THREADED: bool = cfg!(curta_threaded);

/// A handler, as machine code.
#[derive(Debug, Clone)]
pub struct HandlerCode {
    /// What it does: the micro-ops and where their operands live.
    pub name: String,
    /// The family of a fused one.
    pub family: Option<Family>,
    /// Where its machine code begins.
    pub address: usize,
    /// Whether it goes on at a cell.
    pub jumps: bool,
    /// Whether it returns to the driver.
    pub returns: bool,
}

/// The handlers of the fastest backend of this build: those of the catalogue, by id, and the ways out of a run.
pub fn handlers() -> Vec<HandlerCode> {
    let catalog = exec::catalog::catalog(Backend::Threaded);
    let cells = catalog.handlers().map(|(id, group)| {
        let returns = id == HandlerId::plain(Plain::Exit);
        let (name, address) = (name(&catalog, &group), catalog.address(id) as usize);
        HandlerCode {
            name,
            family: Family::of(id),
            address,
            jumps: !returns,
            returns,
        }
    });
    let ways = exec::catalog::ways_out(Backend::Threaded)
        .enumerate()
        .map(|(number, address)| {
            let trap = Trap::ALL.get(number);
            let name = trap.map_or_else(
                || format!("way out {number}"),
                |trap| format!("trap: {trap}"),
            );
            // First the traps and the one that is pending, then those that may go on or fail.
            HandlerCode {
                name,
                family: None,
                address: address as usize,
                jumps: number > Trap::ALL.len(),
                returns: true,
            }
        });
    cells.chain(ways).collect()
}

/// The bytes of code of all functions of a module that were translated so far.
pub fn code_bytes(module: &Module) -> usize {
    module.compiled.code.bytes()
}

/// The micro-ops of a handler and where their operands live.
fn name(catalog: &Catalog, group: &Group) -> String {
    let mut name = String::new();
    for id in group.iter().flatten() {
        if !name.is_empty() {
            name += " ; ";
        }
        let Some(description) = catalog.description(*id) else {
            continue;
        };
        name += description.text.as_str();
        for (number, operand) in description.operands.iter().flatten().enumerate() {
            name += if number == 0 { " " } else { ", " };
            name += place(*operand);
        }
    }
    name
}

/// Where an operand lives, in the words of listings.
fn place(operand: Operand) -> &'static str {
    match operand {
        Operand::Acc | Operand::Dest(Dest::Acc) => "acc",
        Operand::Dest(Dest::Both) => "acc+slot",
        Operand::Dest(Dest::InPlace) => "acc=slot",
        Operand::Slot => "slot",
        Operand::WideSlot => "wide slot",
        Operand::Imm16 => "imm16",
        Operand::Imm32 => "imm32",
        Operand::Imm64 => "imm64",
        Operand::ImmF32 | Operand::ImmF64 => "imm",
        Operand::Address(Address::Acc) => "[acc + n]",
        Operand::Address(Address::AccImm) => "[acc +w imm]",
        Operand::Address(Address::Slot) => "[slot + n]",
        Operand::Address(Address::SlotImm) => "[slot +w imm]",
        Operand::Address(Address::SlotSlot) => "[slot +w slot + n]",
        Operand::Address(Address::SlotScaled) => "[slot +w slot << k + n]",
        Operand::Address(Address::Const) => "[n]",
        Operand::Index | Operand::Delta => "#n",
        Operand::Target => "-> cell",
        Operand::Head => "-> head",
        Operand::Function => "function",
        Operand::Targets => "-> cells",
    }
}
