//! A64, decoded by hand as far as control and the stack pointer are concerned.
//!
//! Encodings are those of the *Arm Architecture Reference Manual for A-profile*, chapter C4.

#![cfg_attr(
    not(target_arch = "aarch64"),
    allow(dead_code, reason = "only its own tests use it elsewhere")
)]

use crate::flow::{Instruction, Stack, Way};

/// The bytes of an instruction.
pub(crate) const WINDOW: usize = 4;

/// The number of the stack pointer, where an operand may be it; elsewhere that is the zero register.
const SP: u32 = 31;

/// The instruction at an address, from the bytes there.
pub(crate) fn decode(at: usize, bytes: [u8; WINDOW]) -> Instruction {
    let word = u32::from_le_bytes(bytes);
    Instruction {
        len: WINDOW,
        way: way(at, word),
        stack: stack(word),
    }
}

/// Its text.
pub(crate) fn text(_: usize, bytes: [u8; WINDOW]) -> String {
    format!("{:08x}", u32::from_le_bytes(bytes))
}

/// Bits `low..low + count` of a word.
fn bits(word: u32, low: u32, count: u32) -> u32 {
    word >> low & ((1 << count) - 1)
}

/// The same as a signed number.
fn signed(word: u32, low: u32, count: u32) -> i64 {
    let shift = 64 - count;
    (i64::from(bits(word, low, count)) << shift) >> shift
}

fn way(at: usize, word: u32) -> Way {
    let to = |low, count| at.wrapping_add_signed(signed(word, low, count) as isize * 4);
    // BR, BLR, RET
    match word & 0xffff_fc1f {
        0xd61f_0000 => return Way::IndirectJump,
        0xd63f_0000 => return Way::IndirectCall,
        0xd65f_0000 => return Way::Return,
        _ => {}
    }
    match word {
        // B, BL
        _ if word & 0xfc00_0000 == 0x1400_0000 => Way::Jump(to(0, 26)),
        _ if word & 0xfc00_0000 == 0x9400_0000 => Way::Call,
        // B.cond and BC.cond; CBZ and CBNZ; TBZ and TBNZ
        _ if word & 0xff00_0000 == 0x5400_0000 => Way::Branch(to(5, 19)),
        _ if word & 0x7e00_0000 == 0x3400_0000 => Way::Branch(to(5, 19)),
        _ if word & 0x7e00_0000 == 0x3600_0000 => Way::Branch(to(5, 14)),
        // UDF; BRK
        _ if word & 0xffff_0000 == 0 || word & 0xffe0_001f == 0xd420_0000 => Way::End,
        // Branches to registers in other forms, other exceptions
        _ if word & 0xfe00_0000 == 0xd600_0000 || word & 0xff00_0000 == 0xd400_0000 => Way::Unknown,
        _ => Way::Next,
    }
}

fn stack(word: u32) -> Stack {
    let (destination, base) = (bits(word, 0, 5), bits(word, 5, 5));
    let sets_flags = bits(word, 29, 1) == 1;
    let writes = destination == SP && !sets_flags;
    // ADD and SUB of an immediate
    if word & 0x1f80_0000 == 0x1100_0000 {
        let bytes = i64::from(bits(word, 10, 12)) << (12 * bits(word, 22, 1));
        let is_sub = bits(word, 30, 1) == 1;
        return match (writes, base == SP) {
            (true, true) => Stack::Grown(if is_sub { bytes } else { -bytes }),
            (true, false) => Stack::Unknown,
            (false, true) => Stack::Used,
            (false, false) => Stack::Untouched,
        };
    }
    // ADD and SUB of an extended register
    if word & 0x1fe0_0000 == 0x0b20_0000 {
        return if writes {
            Stack::Unknown
        } else if base == SP {
            Stack::Used
        } else {
            Stack::Untouched
        };
    }
    // AND, ORR and EOR of an immediate; ANDS writes no stack pointer
    if word & 0x1f80_0000 == 0x1200_0000 && bits(word, 29, 2) != 3 && destination == SP {
        return Stack::Unknown;
    }
    // Loads and stores, but those of literals
    if word & 0x0a00_0000 == 0x0800_0000 && word & 0x3b00_0000 != 0x1800_0000 && base == SP {
        return access(word);
    }
    Stack::Untouched
}

/// A load or store whose base is the stack pointer.
fn access(word: u32) -> Stack {
    // Pairs
    if word & 0x3a00_0000 == 0x2800_0000 {
        let is_vector = bits(word, 26, 1) == 1;
        let size = bits(word, 30, 2);
        let scale = if is_vector { 2 + size } else { 2 + size / 2 };
        // Post-indexed and pre-indexed ones move the base.
        let moves = bits(word, 23, 1) == 1;
        return if moves {
            Stack::Grown(-(signed(word, 15, 7) << scale))
        } else {
            Stack::Used
        };
    }
    // One register; of those with a short offset every other form is post- or pre-indexed.
    if word & 0x3b20_0400 == 0x3800_0400 {
        return Stack::Grown(-signed(word, 12, 9));
    }
    // Vectors of several registers, post-indexed
    if word & 0xbe80_0000 == 0x0c80_0000 {
        return Stack::Unknown;
    }
    Stack::Used
}

#[cfg(test)]
mod tests {
    use super::{Stack, Way, stack, way};

    #[test]
    fn control_is_understood() {
        for (word, expected) in [
            (0xd61f_0100, Way::IndirectJump),   // br x8
            (0xd63f_0100, Way::IndirectCall),   // blr x8
            (0xd65f_03c0, Way::Return),         // ret
            (0x9400_0001, Way::Call),           // bl .+4
            (0x1400_0002, Way::Jump(0x1008)),   // b .+8
            (0x17ff_ffff, Way::Jump(0xffc)),    // b .-4
            (0x5400_0040, Way::Branch(0x1008)), // b.eq .+8
            (0xb400_0040, Way::Branch(0x1008)), // cbz x0, .+8
            (0x3500_0040, Way::Branch(0x1008)), // cbnz w0, .+8
            (0x3600_0040, Way::Branch(0x1008)), // tbz w0, #0, .+8
            (0xb707_ffe0, Way::Branch(0xffc)),  // tbnz x0, #32, .-4
            (0x0000_0000, Way::End),            // udf #0
            (0xd420_0020, Way::End),            // brk #1
            (0xd400_0001, Way::Unknown),        // svc #0
            (0x8b01_0000, Way::Next),           // add x0, x0, x1
        ] {
            assert_eq!(way(0x1000, word), expected, "{word:08x}");
        }
    }

    #[test]
    fn the_stack_pointer_is_followed() {
        for (word, expected) in [
            (0xd100_83ff, Stack::Grown(32)),  // sub sp, sp, #32
            (0x9100_83ff, Stack::Grown(-32)), // add sp, sp, #32
            (0xa9bf_7bfd, Stack::Grown(16)),  // stp x29, x30, [sp, #-16]!
            (0xa8c1_7bfd, Stack::Grown(-16)), // ldp x29, x30, [sp], #16
            (0x6dbf_23e9, Stack::Grown(16)),  // stp d9, d8, [sp, #-16]!
            (0xf81f_0ffe, Stack::Grown(16)),  // str x30, [sp, #-16]!
            (0xf841_07fe, Stack::Grown(-16)), // ldr x30, [sp], #16
            (0xf940_07e1, Stack::Used),       // ldr x1, [sp, #8]
            (0xa901_7bfd, Stack::Used),       // stp x29, x30, [sp, #16]
            (0x9100_03fd, Stack::Used),       // mov x29, sp
            (0x9100_03bf, Stack::Unknown),    // mov sp, x29
            (0xf100_001f, Stack::Untouched),  // cmp x0, #0
            (0xf940_0401, Stack::Untouched),  // ldr x1, [x0, #8]
            (0x5800_001f, Stack::Untouched),  // ldr xzr, .
            (0x927c_ec1f, Stack::Unknown),    // and sp, x0, #-16
            (0x8b01_0000, Stack::Untouched),  // add x0, x0, x1
        ] {
            assert_eq!(stack(word), expected, "{word:08x}");
        }
    }
}
