//! What the operands of ops mean that are not mere values, op by op.
//!
//! A row of arithmetic, memory or branches runs with any values that do not trap. What is here names something instead: a
//! function, a table, a reference. There is no arm for the rest: an op that is new is to be thought about.

use alloc::{vec, vec::Vec};

use crate::code::{
    catalog::{Catalog, EffectCall, HandlerId, Plain, ValueCall},
    operand::{Class, Dest, Edge, Operand, Source},
};

/// What an operand is, beside what its layout says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A value, to be found by trying, or what the layout alone says.
    Value,
    /// An index, a count, a distance.
    Number(u32),
    /// The slot where arguments begin.
    Window,
    /// The canonical type of all callees.
    Signature,
    /// The index of a function that lives elsewhere.
    Import,
    /// How far up the callee's frame begins.
    FrameUp,
    /// Bytes of the callee's parameters and locals.
    CalleeLocals,
    /// A slot that holds a reference to a function.
    Function,
    /// A slot that holds the null reference.
    Null,
    /// A slot that holds a reference to an exception.
    Exception,
}

/// An op whose operands are looked at here.
#[derive(Debug, Clone, Copy)]
enum Op {
    Plain(Plain),
    Value(ValueCall),
    Effect(EffectCall),
}

/// How many slots are copied at a time.
const COUNT: u32 = 2;

impl Op {
    /// The operands in order; those beyond are values.
    fn roles(self) -> &'static [Role] {
        use Role::{
            CalleeLocals, Exception, FrameUp, Function, Import, Null, Number, Signature, Value,
            Window,
        };
        match self {
            Op::Plain(plain) => match plain {
                Plain::CopySlot
                | Plain::CopyImm
                | Plain::CopyImm64
                | Plain::CopyAccInt
                | Plain::CopyAccF64
                | Plain::CopyAccF32
                | Plain::CopyFromWide
                | Plain::CopyToWide
                | Plain::Unreachable
                | Plain::SetHead
                | Plain::BrTableAcc
                | Plain::BrTableSlot
                | Plain::Return
                | Plain::ReturnImm
                // A reference is only compared with null.
                | Plain::NonNullAcc
                | Plain::NonNullSlot
                | Plain::FillSlotSlot
                | Plain::FillSlotImm
                | Plain::FillImmSlot
                | Plain::FillImmImm
                | Plain::CopyBytesSlot
                | Plain::CopyBytesImm
                | Plain::I64Add128
                | Plain::I64Sub128
                | Plain::I64MulWideS
                | Plain::I64MulWideU
                | Plain::Exit
                | Plain::SwitchBack
                | Plain::EnterLazy => &[],
                Plain::CopyMany => &[Value, Value, Number(COUNT)],
                Plain::ZeroLocals => &[Value, Number(COUNT)],
                Plain::GlobalSetImm => &[Number(0)],
                Plain::CheckStack => &[Number(64)],
                Plain::ReturnMany => &[Number(COUNT), Number(COUNT * 8), Value],
                Plain::Call => &[Value, FrameUp],
                Plain::CallImport => &[Import, Window],
                Plain::CallIndirectAcc | Plain::CallIndirectSlot => &[Signature, Window],
                Plain::CallIndirectAny => &[Number(0), Signature, Window],
                Plain::CallRef => &[Window, Function],
                // The frame that they replace has neither parameters nor locals, the callee no parameters.
                Plain::TailCall => &[Value, CalleeLocals, Number(0), Number(0), Window],
                Plain::TailCallImport => &[Import, Number(0), Number(0), Window],
                Plain::TailCallIndirect => &[Number(0), Signature, Value, Number(0), Number(0), Window],
                Plain::TailCallRef => &[Function, Number(0), Number(0), Window],
                Plain::Throw => &[Number(0), Number(0), Window],
                Plain::ThrowRef => &[Exception],
            },
            Op::Value(call) => match call {
                ValueCall::MemorySize | ValueCall::RefFunc => &[Value, Number(0)],
                ValueCall::MemoryGrow => &[Value, Value, Number(0)],
                ValueCall::TableSize => &[Value, Number(1)],
                ValueCall::TableGet => &[Value, Value, Number(1)],
                ValueCall::TableGrow => &[Value, Null, Value, Number(1)],
            },
            Op::Effect(call) => match call {
                EffectCall::MemoryFill => &[Value, Value, Value, Number(0)],
                EffectCall::MemoryCopy | EffectCall::MemoryInit => {
                    &[Value, Value, Value, Number(0), Number(0)]
                }
                // Segments that nothing else uses.
                EffectCall::DataDrop | EffectCall::ElemDrop => &[Number(1)],
                EffectCall::TableSet => &[Value, Null, Number(1)],
                EffectCall::TableFill => &[Value, Null, Value, Number(1)],
                EffectCall::TableCopy => &[Value, Value, Value, Number(1), Number(1)],
                EffectCall::TableInit => &[Value, Value, Value, Number(1), Number(0)],
            },
        }
    }

    /// How many ways it can go on, as far as they can be told apart.
    fn ways(self) -> usize {
        match self {
            Op::Plain(plain) => match plain {
                // A function with many locals and one with few; the host's and another instance's.
                Plain::TailCall | Plain::CallImport | Plain::TailCallImport => 2,
                // All of these.
                Plain::CallIndirectAcc
                | Plain::CallIndirectSlot
                | Plain::CallIndirectAny
                | Plain::TailCallIndirect => 4,
                Plain::CallRef | Plain::TailCallRef => 4,
                Plain::BrTableAcc | Plain::BrTableSlot => 3,
                Plain::CopySlot
                | Plain::CopyMany
                | Plain::ZeroLocals
                | Plain::CopyImm
                | Plain::CopyImm64
                | Plain::CopyAccInt
                | Plain::CopyAccF64
                | Plain::CopyAccF32
                | Plain::CopyFromWide
                | Plain::CopyToWide
                | Plain::GlobalSetImm
                | Plain::CheckStack
                | Plain::Unreachable
                | Plain::SetHead
                | Plain::Return
                | Plain::ReturnImm
                | Plain::ReturnMany
                | Plain::Call
                | Plain::NonNullAcc
                | Plain::NonNullSlot
                | Plain::FillSlotSlot
                | Plain::FillSlotImm
                | Plain::FillImmSlot
                | Plain::FillImmImm
                | Plain::CopyBytesSlot
                | Plain::CopyBytesImm
                | Plain::I64Add128
                | Plain::I64Sub128
                | Plain::I64MulWideS
                | Plain::I64MulWideU
                | Plain::Exit
                | Plain::SwitchBack
                | Plain::Throw
                | Plain::ThrowRef
                | Plain::EnterLazy => 1,
            },
            // They succeed or fail.
            Op::Value(ValueCall::MemoryGrow | ValueCall::TableGrow) => 2,
            Op::Value(
                ValueCall::MemorySize
                | ValueCall::TableGet
                | ValueCall::TableSize
                | ValueCall::RefFunc,
            ) => 1,
            Op::Effect(_) => 1,
        }
    }

    /// Whether the integer accumulator tells afterwards which way it was.
    fn returns_word(self) -> bool {
        match self {
            Op::Plain(plain) => {
                self.roles()
                    .iter()
                    .any(|role| matches!(role, Role::Signature | Role::Import | Role::Function))
                    || matches!(plain, Plain::TailCall)
            }
            Op::Value(ValueCall::MemoryGrow | ValueCall::TableGrow) => true,
            Op::Value(_) | Op::Effect(_) => false,
        }
    }
}

/// Every op's operands, by the id of its handlers.
pub(super) struct Roles {
    ops: Vec<Option<Op>>,
}

/// How a cell goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// At a cell of the same function.
    Falls,
    /// It leaves the function that it is in, which is to be called.
    Returns,
    /// It ends the run.
    Leaves,
}

impl Roles {
    pub(super) fn new() -> Roles {
        let mut ops = vec![None; HandlerId::SINGLES];
        let mut put = |id: HandlerId, op| ops[usize::from(id.0)] = Some(op);
        for plain in Plain::ALL {
            put(HandlerId::plain(*plain), Op::Plain(*plain));
        }
        for dest in [Dest::Acc, Dest::Both, Dest::InPlace] {
            for call in ValueCall::ALL {
                put(HandlerId::value_call(*call, dest), Op::Value(*call));
            }
        }
        for call in EffectCall::ALL {
            put(HandlerId::effect_call(*call), Op::Effect(*call));
        }
        Roles { ops }
    }

    fn op(&self, id: HandlerId) -> Option<Op> {
        self.ops.get(usize::from(id.0)).copied().flatten()
    }

    /// What the operand of a micro-op is that has this place among its operands.
    pub(super) fn of(&self, id: HandlerId, operand: usize) -> Role {
        let roles = self.op(id).map_or(&[][..], Op::roles);
        roles.get(operand).copied().unwrap_or(Role::Value)
    }

    /// How many ways a micro-op that is no branch can go on, as far as they can be told apart.
    pub(super) fn ways(&self, id: HandlerId) -> usize {
        self.op(id).map_or(1, Op::ways)
    }

    /// Whether it always goes to the cell that it names.
    pub(super) fn jumps(&self, id: HandlerId) -> bool {
        [Edge::Forward, Edge::Back, Edge::Head]
            .map(HandlerId::br)
            .contains(&id)
    }

    /// Whether it goes to the cell that it names or falls through.
    pub(super) fn branches(&self, id: HandlerId, catalog: &Catalog) -> bool {
        let operands = catalog
            .description(id)
            .map_or([None; 6], |description| description.operands);
        self.op(id).is_none()
            && !self.jumps(id)
            && operands
                .into_iter()
                .flatten()
                .any(|operand| matches!(operand, Operand::Target | Operand::Head))
    }

    /// How many callees there are to choose from.
    pub(super) fn callees(&self, id: HandlerId) -> usize {
        let Some(op) = self.op(id) else { return 1 };
        let is = |wanted| op.roles().contains(&wanted);
        if is(Role::Function) {
            4
        } else if is(Role::Import) || is(Role::CalleeLocals) {
            2
        } else {
            1
        }
    }

    /// Whether the integer accumulator tells afterwards which way it was.
    pub(super) fn returns_word(&self, id: HandlerId) -> bool {
        self.op(id).is_some_and(Op::returns_word)
    }

    /// How a micro-op goes on.
    pub(super) fn end(&self, id: HandlerId) -> End {
        let returns_value = Class::ALL.into_iter().any(|class| {
            [Source::Acc, Source::Slot]
                .into_iter()
                .any(|source| id == HandlerId::return_value(class, source))
        });
        match self.op(id) {
            Some(Op::Plain(plain)) => match plain {
                Plain::Return
                | Plain::ReturnImm
                | Plain::ReturnMany
                | Plain::TailCall
                | Plain::TailCallImport
                | Plain::TailCallIndirect
                | Plain::TailCallRef => End::Returns,
                Plain::Unreachable | Plain::Exit | Plain::Throw | Plain::ThrowRef => End::Leaves,
                Plain::CopySlot
                | Plain::CopyMany
                | Plain::ZeroLocals
                | Plain::CopyImm
                | Plain::CopyImm64
                | Plain::CopyAccInt
                | Plain::CopyAccF64
                | Plain::CopyAccF32
                | Plain::CopyFromWide
                | Plain::CopyToWide
                | Plain::GlobalSetImm
                | Plain::CheckStack
                | Plain::SetHead
                | Plain::BrTableAcc
                | Plain::BrTableSlot
                | Plain::Call
                | Plain::CallImport
                | Plain::CallIndirectAcc
                | Plain::CallIndirectSlot
                | Plain::CallIndirectAny
                | Plain::CallRef
                | Plain::NonNullAcc
                | Plain::NonNullSlot
                | Plain::FillSlotSlot
                | Plain::FillSlotImm
                | Plain::FillImmSlot
                | Plain::FillImmImm
                | Plain::CopyBytesSlot
                | Plain::CopyBytesImm
                | Plain::I64Add128
                | Plain::I64Sub128
                | Plain::I64MulWideS
                | Plain::I64MulWideU
                | Plain::SwitchBack
                | Plain::EnterLazy => End::Falls,
            },
            Some(Op::Value(_) | Op::Effect(_)) => End::Falls,
            None if returns_value => End::Returns,
            None => End::Falls,
        }
    }
}
