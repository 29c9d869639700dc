//! Calls of functions, and of operations of the store.

use core::marker::PhantomData;

use super::{Described, Dest, Jump, ON, Source, Step, Way, put};
use crate::{
    code::operand::{Description, Operand},
    exec::{
        context::{Leave, Tail},
        machine::{Machine, SlotPlace, Target},
        outline::{Outline, describe},
    },
    numeric::Trap,
};

/// Calls a function of the module.
pub(crate) struct Call;

impl Described for Call {
    const DESCRIPTION: Description = Description::new("call", &[Operand::Function, Operand::Delta]);
}

impl Jump for Call {
    const CALLS: bool = true;
    type Early = Target;
    #[inline(always)]
    fn early(m: &mut Machine) -> Target {
        m.target()
    }
    #[inline(always)]
    fn run(m: &mut Machine, code: Target, _: Target) -> Result<Target, Leave> {
        m.skip(size_of::<u64>());
        let delta = m.fetch::<u32>();
        m.prepare_frame(delta)?;
        Ok(code)
    }
}

/// Calls a function of the instance that lives elsewhere: its index, the first argument's slot.
pub(crate) struct CallImport;

impl Described for CallImport {
    const DESCRIPTION: Description =
        Description::new("call_import", &[Operand::Index, Operand::WideSlot]);
}

impl Jump for CallImport {
    type Early = ();
    #[inline(always)]
    fn early(_: &mut Machine) {}
    #[inline(always)]
    fn run(m: &mut Machine, (): (), after: Target) -> Result<Target, Leave> {
        let function = m.fetch::<u32>();
        let window = m.wide_slot();
        Err(m.call_import(function, window, after))
    }
}

/// Calls an element of table 0: the signature, the first argument's slot, the element's number.
pub(crate) struct CallIndirect<A>(PhantomData<A>);

impl<A: Source<i32>> Described for CallIndirect<A> {
    const DESCRIPTION: Description = Description::new(
        "call_indirect",
        &[Operand::Index, Operand::Slot, A::OPERAND],
    );
}

impl<A: Source<i32>> Jump for CallIndirect<A> {
    const CALLS: bool = true;
    type Early = ();
    #[inline(always)]
    fn early(_: &mut Machine) {}
    #[inline(always)]
    fn run(m: &mut Machine, (): (), after: Target) -> Result<Target, Leave> {
        let signature = m.fetch::<u32>();
        let window = m.slot::<u64>();
        let index = A::get(m).0.cast_unsigned();
        m.prepare_indirect(index, signature, window, after)
    }
}

/// Calls an element of any table: the table, the signature, the first argument's slot, the element's number in a slot.
pub(crate) struct CallIndirectAny;

impl Described for CallIndirectAny {
    const DESCRIPTION: Description = Description::new(
        "call_indirect",
        &[
            Operand::Index,
            Operand::Index,
            Operand::WideSlot,
            Operand::Slot,
        ],
    );
}

impl Jump for CallIndirectAny {
    type Early = ();
    #[inline(always)]
    fn early(_: &mut Machine) {}
    #[inline(always)]
    fn run(m: &mut Machine, (): (), after: Target) -> Result<Target, Leave> {
        let table = m.fetch::<u32>();
        let signature = m.fetch::<u32>();
        let window = m.wide_slot();
        let place = m.slot::<u64>();
        let index = m.read::<u64>(place);
        Err(m.slow_indirect(table, index, signature, window, after, None))
    }
}

/// Calls through a reference: the first argument's slot, the reference.
pub(crate) struct CallRef;

impl Described for CallRef {
    const DESCRIPTION: Description =
        Description::new("call_ref", &[Operand::WideSlot, Operand::Slot]);
}

impl Jump for CallRef {
    const CALLS: bool = true;
    type Early = ();
    #[inline(always)]
    fn early(_: &mut Machine) {}
    #[inline(always)]
    fn run(m: &mut Machine, (): (), after: Target) -> Result<Target, Leave> {
        let window = m.wide_slot();
        let place = m.slot::<u64>();
        let handle = m.read::<u64>(place);
        m.prepare_ref(handle, window, after)
    }
}

/// What the cell of a tail call says of the running frame: bytes of its locals, how many arguments; then their first slot.
#[inline(always)]
fn tail(m: &mut Machine) -> (Tail, SlotPlace) {
    let tail = Tail {
        locals: m.fetch(),
        arguments: m.fetch(),
    };
    (tail, m.wide_slot())
}

/// Goes on in a function of the module, in the running frame's place.
pub(crate) struct TailCall;

impl Described for TailCall {
    const DESCRIPTION: Description = Description::new(
        "return_call",
        &[
            Operand::Function,
            Operand::Delta,
            Operand::Delta,
            Operand::Index,
            Operand::WideSlot,
        ],
    );
}

impl Jump for TailCall {
    type Early = Target;
    #[inline(always)]
    fn early(m: &mut Machine) -> Target {
        m.target()
    }
    #[inline(always)]
    fn run(m: &mut Machine, code: Target, _: Target) -> Result<Target, Leave> {
        m.skip(size_of::<u64>());
        let callee = m.fetch();
        let (tail, first) = tail(m);
        m.enter_tail(callee, tail, first)?;
        Ok(code)
    }
}

/// Goes on in a function that lives elsewhere.
pub(crate) struct TailCallImport;

impl Described for TailCallImport {
    const DESCRIPTION: Description = Description::new(
        "return_call_import",
        &[
            Operand::Index,
            Operand::Delta,
            Operand::Index,
            Operand::WideSlot,
        ],
    );
}

impl Jump for TailCallImport {
    type Early = ();
    #[inline(always)]
    fn early(_: &mut Machine) {}
    #[inline(always)]
    fn run(m: &mut Machine, (): (), after: Target) -> Result<Target, Leave> {
        let function = m.fetch::<u32>();
        let (tail, first) = tail(m);
        Err(m.slow_call(function, first, after, Some(tail)))
    }
}

/// Goes on in an element of a table: the table, the signature, the element's number in a slot.
pub(crate) struct TailCallIndirect;

impl Described for TailCallIndirect {
    const DESCRIPTION: Description = Description::new(
        "return_call_indirect",
        &[
            Operand::Index,
            Operand::Index,
            Operand::Slot,
            Operand::Delta,
            Operand::Index,
            Operand::WideSlot,
        ],
    );
}

impl Jump for TailCallIndirect {
    type Early = ();
    #[inline(always)]
    fn early(_: &mut Machine) {}
    #[inline(always)]
    fn run(m: &mut Machine, (): (), after: Target) -> Result<Target, Leave> {
        let (table, signature) = (m.fetch(), m.fetch());
        let place = m.slot::<u64>();
        let index = m.read::<u64>(place);
        let (tail, first) = tail(m);
        Err(m.slow_indirect(table, index, signature, first, after, Some(tail)))
    }
}

/// Goes on in the function of a reference in a slot.
pub(crate) struct TailCallRef;

impl Described for TailCallRef {
    const DESCRIPTION: Description = Description::new(
        "return_call_ref",
        &[
            Operand::Slot,
            Operand::Delta,
            Operand::Index,
            Operand::WideSlot,
        ],
    );
}

impl Jump for TailCallRef {
    type Early = ();
    #[inline(always)]
    fn early(_: &mut Machine) {}
    #[inline(always)]
    fn run(m: &mut Machine, (): (), after: Target) -> Result<Target, Leave> {
        let place = m.slot::<u64>();
        let handle = m.read::<u64>(place);
        let (tail, first) = tail(m);
        if handle == 0 {
            return Err(Leave::Trap(Trap::NullFunctionReference));
        }
        Err(m.slow_ref(handle, first, after, Some(tail)))
    }
}

/// Goes on in a function's code, once that exists: its address is written behind the handler's.
pub(crate) struct EnterLazy;

impl Described for EnterLazy {
    const DESCRIPTION: Description = Description::new("enter_lazy", &[Operand::Function]);
}

impl Jump for EnterLazy {
    type Early = ();
    #[inline(always)]
    fn early(_: &mut Machine) {}
    #[inline(always)]
    fn run(m: &mut Machine, (): (), _: Target) -> Result<Target, Leave> {
        m.lazy_target()
    }
}

/// An operation of the store: its operands in slots, its indices in the cell.
#[inline(always)]
fn call_store<O: Outline>(m: &mut Machine) -> Result<u64, Leave> {
    let mut words = [0; 3];
    let mut immediates = [0; 2];
    let mut i = 0;
    while i < O::OPERANDS {
        let place = m.slot::<u64>();
        words[i] = m.read(place);
        i += 1;
    }
    i = 0;
    while i < O::INDICES {
        immediates[i] = m.fetch();
        i += 1;
    }
    match O::at_once(m, words, immediates) {
        Some(word) => Ok(word),
        None => m.call_store::<O>(words, immediates),
    }
}

/// `d = operation(slots…)`
pub(crate) struct CallForValue<O, D>(PhantomData<(O, D)>);

impl<O: Outline, D: Dest> Described for CallForValue<O, D> {
    const DESCRIPTION: Description = describe(
        O::TEXT,
        Some(Operand::Dest(D::KIND)),
        O::OPERANDS,
        O::INDICES,
    );
}

impl<O: Outline, D: Dest> Step for CallForValue<O, D> {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = D::place::<u64>(m);
        let value = call_store::<O>(m)?;
        put::<D, u64>(m, place, None, value);
        ON
    }
}

/// `operation(slots…)`
pub(crate) struct CallForEffect<O>(PhantomData<O>);

impl<O: Outline> Described for CallForEffect<O> {
    const DESCRIPTION: Description = describe(O::TEXT, None, O::OPERANDS, O::INDICES);
}

impl<O: Outline> Step for CallForEffect<O> {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        call_store::<O>(m)?;
        ON
    }
}
