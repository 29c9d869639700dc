//! x86-64, decoded by `iced-x86`.

use iced_x86::{
    Code, Decoder, DecoderOptions, FastFormatter, FlowControl, Instruction as Decoded, Mnemonic,
    OpKind, Register,
};

use crate::flow::{Instruction, Stack, Way};

/// The bytes that an instruction may have, at most.
pub(crate) const WINDOW: usize = 16;

fn decoded(at: usize, bytes: [u8; WINDOW]) -> Decoded {
    Decoder::with_ip(64, &bytes, at as u64, DecoderOptions::NONE).decode()
}

/// The instruction at an address, from the bytes there.
pub(crate) fn decode(at: usize, bytes: [u8; WINDOW]) -> Instruction {
    let instruction = decoded(at, bytes);
    Instruction {
        len: instruction.len().max(1),
        way: way(&instruction),
        stack: stack(&instruction),
    }
}

/// Its text.
pub(crate) fn text(at: usize, bytes: [u8; WINDOW]) -> String {
    let mut text = String::new();
    FastFormatter::new().format(&decoded(at, bytes), &mut text);
    text
}

fn way(instruction: &Decoded) -> Way {
    let target = instruction.near_branch_target() as usize;
    // A function that the linker or the loader fills in is called through memory that the instruction names.
    let named = instruction.memory_base() == Register::RIP;
    match instruction.flow_control() {
        _ if instruction.is_invalid() => Way::Unknown,
        FlowControl::Next => Way::Next,
        FlowControl::UnconditionalBranch => Way::Jump(target),
        FlowControl::ConditionalBranch => Way::Branch(target),
        // Going on in a named function, wherever that is: no handler does.
        FlowControl::IndirectBranch if named => Way::Unknown,
        FlowControl::IndirectBranch => Way::IndirectJump,
        FlowControl::Return => Way::Return,
        FlowControl::Call => Way::Call,
        FlowControl::IndirectCall if named => Way::Call,
        FlowControl::IndirectCall => Way::IndirectCall,
        FlowControl::Exception => Way::End,
        FlowControl::Interrupt if instruction.code() == Code::Int3 => Way::End,
        FlowControl::Interrupt | FlowControl::XbeginXabortXend => Way::Unknown,
    }
}

fn is_stack(register: Register) -> bool {
    register.full_register() == Register::RSP
}

fn stack(instruction: &Decoded) -> Stack {
    let immediate = || match instruction.op1_kind() {
        OpKind::Immediate8to64 | OpKind::Immediate32to64 => {
            Some(instruction.immediate(1).cast_signed())
        }
        _ => None,
    };
    let first_is_stack =
        instruction.op0_kind() == OpKind::Register && is_stack(instruction.op0_register());
    match instruction.mnemonic() {
        Mnemonic::Push => Stack::Grown(8),
        Mnemonic::Pop if !first_is_stack => Stack::Grown(-8),
        Mnemonic::Sub if first_is_stack => immediate().map_or(Stack::Unknown, Stack::Grown),
        Mnemonic::Add if first_is_stack => {
            immediate().map_or(Stack::Unknown, |bytes| Stack::Grown(-bytes))
        }
        Mnemonic::Lea if first_is_stack => {
            match (instruction.memory_base(), instruction.memory_index()) {
                (Register::RSP, Register::None) => {
                    Stack::Grown(-instruction.memory_displacement64().cast_signed())
                }
                _ => Stack::Unknown,
            }
        }
        Mnemonic::Cmp | Mnemonic::Test if first_is_stack => Stack::Used,
        _ if first_is_stack => Stack::Unknown,
        // These move it without naming it.
        Mnemonic::Leave | Mnemonic::Enter | Mnemonic::Pushfq | Mnemonic::Popfq => Stack::Unknown,
        _ => {
            let operands = (0..instruction.op_count()).any(|operand| {
                instruction.op_kind(operand) == OpKind::Register
                    && is_stack(instruction.op_register(operand))
            });
            let memory =
                is_stack(instruction.memory_base()) || is_stack(instruction.memory_index());
            if operands || memory {
                Stack::Used
            } else {
                Stack::Untouched
            }
        }
    }
}
