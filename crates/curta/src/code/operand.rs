//! Where operands live, how a cell stores them, and what a listing says of them.

/// A slot of the frame, as an index from the frame's header: locals are negative, temporaries positive.
pub(crate) type SlotIndex = i32;

/// The slots of a frame's header, which lie between locals and temporaries.
pub(crate) const HEADER: usize = 2;

/// Which accumulator a value goes to. Integers and references share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Int,
    F64,
    F32,
}

impl Class {
    pub(crate) const ALL: [Class; 3] = [Class::Int, Class::F64, Class::F32];
}

/// Where an operand comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The accumulator of its class.
    Acc,
    /// A slot, 16 bits.
    Slot,
    /// An immediate: 32 bits, sign-extended for `i64`; 64 bits for `f64`.
    Imm,
    /// An immediate of 16 bits, sign-extended; integers only.
    Imm16,
    /// An immediate of 64 bits, for `i64`.
    Imm64,
}

/// Where a result goes. A cell has a slot index for it in every case, so that the choice can be changed afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dest {
    /// The accumulator alone.
    Acc,
    /// The accumulator and the slot (write-through).
    Both,
    /// The same where the slot is also the first slot operand: one address instead of two.
    InPlace,
}

/// How an address is made, before the static offset is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address {
    /// The accumulator.
    Acc,
    /// The accumulator plus a constant, wrapping (`i32.add`); no offset.
    AccImm,
    /// A slot.
    Slot,
    /// A slot plus a constant, wrapping (`i32.add`); no offset.
    SlotImm,
    /// The sum of two slots, wrapping; 16 bits of offset.
    SlotSlot,
    /// A slot plus another one shifted left, wrapping; 13 bits of offset.
    SlotScaled,
    /// A constant, offset included.
    Const,
}

/// Which way a branch goes, and whether its target is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// To a label further on.
    Forward,
    /// To a loop's head; compares it with the last one, which is kept in a register.
    Back,
    /// To the loop's head that is known to be in that register.
    Head,
}

/// How one operand is stored in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operand {
    /// Nothing is stored: the accumulator.
    Acc,
    /// A signed 16-bit slot index.
    Slot,
    /// A 16-bit slot index that may be written.
    Dest(Dest),
    /// A signed 32-bit slot index, for frames beyond 16 bits.
    WideSlot,
    /// An immediate of 16 bits.
    Imm16,
    /// An immediate of 32 bits.
    Imm32,
    /// An immediate of 64 bits.
    Imm64,
    /// A 32-bit float's bits.
    ImmF32,
    /// A 64-bit float's bits.
    ImmF64,
    /// An address of six bytes.
    Address(Address),
    /// An index of something in the module, 32 bits.
    Index,
    /// A byte distance to the callee's frame, 32 bits.
    Delta,
    /// An absolute cell address, 64 bits.
    Target,
    /// The loop's head: 64 bits that are not read.
    Head,
    /// The address of a function's code, 64 bits.
    Function,
    /// A count of 32 bits, then as many cell addresses and one more.
    Targets,
}

impl Operand {
    /// How many bytes of the cell it takes ([`Operand::Targets`]: without its addresses).
    pub(crate) const fn len(self) -> usize {
        match self {
            Operand::Acc => 0,
            Operand::Slot | Operand::Dest(_) | Operand::Imm16 => 2,
            Operand::WideSlot
            | Operand::Imm32
            | Operand::ImmF32
            | Operand::Index
            | Operand::Delta
            | Operand::Targets => 4,
            Operand::Address(_) => 6,
            Operand::Imm64
            | Operand::ImmF64
            | Operand::Target
            | Operand::Head
            | Operand::Function => 8,
        }
    }
}

/// What one micro-op says of itself: its text and the operands that it fetches, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) text: Text,
    pub(crate) operands: [Option<Operand>; 6],
}

impl Description {
    pub(crate) const fn new(text: &'static str, operands: &[Operand]) -> Description {
        let mut all = [None; 6];
        let mut i = 0;
        while i < operands.len() {
            all[i] = Some(operands[i]);
            i += 1;
        }
        Description {
            text: Text::new(text),
            operands: all,
        }
    }

    /// The bytes of all operands.
    pub(crate) const fn len(&self) -> usize {
        let (mut len, mut i) = (0, 0);
        while i < self.operands.len() {
            if let Some(operand) = self.operands[i] {
                len += operand.len();
            }
            i += 1;
        }
        len
    }
}

/// A short text that is no address of one: thousands of these need no adjusting when a program is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    len: u8,
    bytes: [u8; Text::MOST],
}

impl Text {
    const MOST: usize = 27;

    /// # Panics
    /// When it is longer than texts are; they are all made when the crate is compiled.
    const fn new(text: &str) -> Text {
        let mut bytes = [0; Text::MOST];
        bytes
            .split_at_mut(text.len())
            .0
            .copy_from_slice(text.as_bytes());
        Text {
            len: text.len() as u8,
            bytes,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}
