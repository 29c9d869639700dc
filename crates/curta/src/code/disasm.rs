//! The text of code: a line a cell.
//!
//! `0018  i32.add acc+s2, l0, 5` is the op, where its result goes (`acc`, both places `acc+s2`, in place `acc=s2`) and its
//! operands: `acc` the accumulator of its type, `l` a parameter or local, `s` a temporary, `[…]` an address, `->` a cell.
//! Fused ops share a line, with ` ; ` between them.

use alloc::{format, string::String};
use core::fmt::Write as _;

use super::{
    builder::{Builder, Part},
    operand::{Address, Description, Dest, Operand, SlotIndex},
};

/// Lists what a builder has written for a function with that many parameters and locals.
pub(crate) fn disassemble(builder: &Builder, locals: u32) -> String {
    let mut text = String::new();
    for record in builder.records() {
        let mut line = format!("{:04x} ", record.at);
        for (i, part) in record.parts().enumerate() {
            line += if i == 0 { " " } else { " ; " };
            if let Some(description) = builder.catalog().description(part.id) {
                Listing {
                    bytes: builder.bytes(),
                    at: part.at as usize,
                    locals,
                }
                .part(&mut line, description, part);
            }
        }
        text += &line;
        text.push('\n');
    }
    text
}

struct Listing<'b> {
    bytes: &'b [u8],
    at: usize,
    locals: u32,
}

impl Listing<'_> {
    fn part(&mut self, line: &mut String, description: &Description, _: Part) {
        line.push_str(description.text.as_str());
        for (i, operand) in description.operands.iter().flatten().enumerate() {
            line.push_str(if i == 0 { " " } else { ", " });
            let text = self.operand(*operand);
            line.push_str(&text);
        }
    }

    fn operand(&mut self, operand: Operand) -> String {
        match operand {
            Operand::Acc => "acc".into(),
            Operand::Slot => {
                let index = self.slot();
                self.name(index)
            }
            Operand::Dest(dest) => {
                let index = self.slot();
                match dest {
                    Dest::Acc => "acc".into(),
                    Dest::Both => format!("acc+{}", self.name(index)),
                    Dest::InPlace => format!("acc={}", self.name(index)),
                }
            }
            Operand::WideSlot => {
                let index = i32::from_ne_bytes(self.take());
                self.name(index)
            }
            Operand::Imm16 => format!("{}", i16::from_ne_bytes(self.take())),
            Operand::Imm32 => format!("{}", i32::from_ne_bytes(self.take())),
            Operand::Imm64 => format!("{:#x}", u64::from_ne_bytes(self.take())),
            Operand::ImmF32 => format!("{:?}", f32::from_ne_bytes(self.take())),
            Operand::ImmF64 => format!("{:?}", f64::from_ne_bytes(self.take())),
            Operand::Address(address) => self.address(address),
            Operand::Index | Operand::Delta => format!("#{}", u32::from_ne_bytes(self.take())),
            Operand::Target => format!("-> {:04x}", u64::from_ne_bytes(self.take())),
            Operand::Head => {
                let _: [u8; 8] = self.take();
                "-> head".into()
            }
            Operand::Function => {
                let _: [u8; 8] = self.take();
                "function".into()
            }
            Operand::Targets => {
                let count = u32::from_ne_bytes(self.take());
                let mut text = String::from("->");
                for _ in 0..=count {
                    let _ = write!(text, " {:04x}", u64::from_ne_bytes(self.take()));
                }
                text
            }
        }
    }

    fn address(&mut self, address: Address) -> String {
        let first = self.slot();
        let first = self.name(first);
        match address {
            Address::Acc => format!("[acc + {}]", u32::from_ne_bytes(self.take())),
            Address::AccImm => format!("[acc +w {}]", i32::from_ne_bytes(self.take())),
            Address::Slot => format!("[{first} + {}]", u32::from_ne_bytes(self.take())),
            Address::SlotImm => format!("[{first} +w {}]", i32::from_ne_bytes(self.take())),
            Address::SlotSlot => {
                let second = self.slot();
                let second = self.name(second);
                format!(
                    "[{first} +w {second} + {}]",
                    u16::from_ne_bytes(self.take())
                )
            }
            Address::Const => format!("[{}]", u32::from_ne_bytes(self.take())),
            Address::SlotScaled => {
                let second = self.slot();
                let second = self.name(second);
                let scale = u16::from_ne_bytes(self.take());
                format!("[{first} +w {second} << {} + {}]", scale & 7, scale >> 3)
            }
        }
    }

    fn slot(&mut self) -> SlotIndex {
        SlotIndex::from(i16::from_ne_bytes(self.take()))
    }

    fn name(&self, index: SlotIndex) -> String {
        if index < 0 {
            format!("l{}", i64::from(self.locals) + i64::from(index))
        } else {
            format!("s{index}")
        }
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.bytes[self.at..self.at + N]);
        self.at += N;
        bytes
    }
}
