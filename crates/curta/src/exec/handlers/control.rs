//! Branches, returns and loop heads.

use core::marker::PhantomData;

use super::{Acc, ClassWord, Described, Edge, Imm, Jump, ON, Slot, Source, Step, Way};
use crate::{
    code::operand::{Description, Operand},
    exec::{
        context::Leave,
        machine::{Machine, Target},
    },
    numeric::Trap,
};

/// Branches when `a` is not zero, or when it is.
pub(crate) struct BrIf<A, E, const NONZERO: bool>(PhantomData<(A, E)>);

impl<A: Source<i32>, E: Edge, const NONZERO: bool> Described for BrIf<A, E, NONZERO> {
    const DESCRIPTION: Description = Description::new(
        if NONZERO { "br_if" } else { "br_unless" },
        &[E::OPERAND, A::OPERAND],
    );
}

impl<A: Source<i32>, E: Edge, const NONZERO: bool> Step for BrIf<A, E, NONZERO> {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let early = E::early(m);
        let a = A::get(m).0;
        if (a != 0) == NONZERO {
            Ok(Some(E::take(m, early)))
        } else {
            ON
        }
    }
}

/// Goes to a label.
pub(crate) struct Br<E>(PhantomData<E>);

impl<E: Edge> Described for Br<E> {
    const DESCRIPTION: Description = Description::new("br", &[E::OPERAND]);
}

impl<E: Edge> Jump for Br<E> {
    type Early = Target;
    #[inline(always)]
    fn early(m: &mut Machine) -> Target {
        E::early(m)
    }
    #[inline(always)]
    fn run(m: &mut Machine, early: Target, _: Target) -> Result<Target, Leave> {
        Ok(E::take(m, early))
    }
}

/// Remembers the next cell as the loop's head.
pub(crate) struct SetHead;

impl Described for SetHead {
    const DESCRIPTION: Description = Description::new("loop", &[]);
}

impl Jump for SetHead {
    type Early = ();
    #[inline(always)]
    fn early(_: &mut Machine) {}
    #[inline(always)]
    fn run(m: &mut Machine, (): (), after: Target) -> Result<Target, Leave> {
        m.set_head(after);
        Ok(after)
    }
}

/// Goes to the target of a number, or to the last one.
pub(crate) struct BrTable<A>(PhantomData<A>);

impl<A: Source<i32>> Described for BrTable<A> {
    const DESCRIPTION: Description = Description::new("br_table", &[A::OPERAND, Operand::Targets]);
}

impl<A: Source<i32>> Jump for BrTable<A> {
    type Early = ();
    #[inline(always)]
    fn early(_: &mut Machine) {}
    #[inline(always)]
    fn run(m: &mut Machine, (): (), _: Target) -> Result<Target, Leave> {
        let index = A::get(m).0.cast_unsigned();
        Ok(m.table_target(index))
    }
}

/// `unreachable`
pub(crate) struct Unreachable;

impl Described for Unreachable {
    const DESCRIPTION: Description = Description::new("unreachable", &[]);
}

impl Step for Unreachable {
    #[inline(always)]
    fn run(_: &mut Machine) -> Way {
        Err(Leave::Trap(Trap::Unreachable))
    }
}

/// Traps when a reference is null; the accumulator keeps it.
pub(crate) struct NonNull<A>(PhantomData<A>);

impl<A: Source<u64>> Described for NonNull<A> {
    const DESCRIPTION: Description = Description::new("ref.as_non_null", &[A::OPERAND]);
}

impl<A: Source<u64>> Step for NonNull<A> {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        if A::get(m).0 == 0 {
            return Err(Leave::Trap(Trap::NullReference));
        }
        ON
    }
}

/// Throws a new exception: its tag, how many values it has, the first one's slot.
pub(crate) struct Throw;

impl Described for Throw {
    const DESCRIPTION: Description = Description::new(
        "throw",
        &[Operand::Index, Operand::Index, Operand::WideSlot],
    );
}

impl Step for Throw {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let (tag, count) = (m.fetch(), m.fetch());
        let first = m.wide_slot();
        Err(m.throw(tag, count, first))
    }
}

/// Throws the exception that a slot refers to.
pub(crate) struct ThrowRef;

impl Described for ThrowRef {
    const DESCRIPTION: Description = Description::new("throw_ref", &[Operand::Slot]);
}

impl Step for ThrowRef {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = m.slot::<u64>();
        let exception = m.read::<u64>(place);
        Err(m.throw_ref(exception))
    }
}

/// Makes sure that a frame beyond 16 bits fits the stack.
pub(crate) struct CheckStack;

impl Described for CheckStack {
    const DESCRIPTION: Description = Description::new("check_stack", &[Operand::Index]);
}

impl Step for CheckStack {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let slots = m.fetch::<u32>();
        m.check_stack(slots)?;
        ON
    }
}

/// Returns; a result, if any, is in its accumulator.
pub(crate) struct Return;

impl Described for Return {
    const DESCRIPTION: Description = Description::new("return", &[]);
}

impl Jump for Return {
    type Early = ();
    #[inline(always)]
    fn early(_: &mut Machine) {}
    #[inline(always)]
    fn run(m: &mut Machine, (): (), _: Target) -> Result<Target, Leave> {
        Ok(m.leave_frame())
    }
}

/// Returns one result.
pub(crate) struct ReturnValue<T, A>(PhantomData<(T, A)>);

impl<T: ClassWord> Described for ReturnValue<T, Acc> {
    const DESCRIPTION: Description = Description::new(T::RETURN, &[Operand::Acc]);
}
impl<T: ClassWord> Described for ReturnValue<T, Slot> {
    const DESCRIPTION: Description = Description::new(T::RETURN, &[Operand::Slot]);
}
impl<T: ClassWord> Described for ReturnValue<T, Imm> {
    const DESCRIPTION: Description = Description::new(T::RETURN, &[T::OPERAND]);
}

impl<T: ClassWord, A: Source<T>> Jump for ReturnValue<T, A>
where
    ReturnValue<T, A>: Described,
{
    type Early = ();
    #[inline(always)]
    fn early(_: &mut Machine) {}
    #[inline(always)]
    fn run(m: &mut Machine, (): (), _: Target) -> Result<Target, Leave> {
        let value: T = A::get(m).0;
        m.set_acc(value);
        Ok(m.leave_frame())
    }
}

/// Returns several results: how many, the bytes of parameters and locals, the first result's slot.
pub(crate) struct ReturnMany;

impl Described for ReturnMany {
    const DESCRIPTION: Description = Description::new(
        "return",
        &[Operand::Index, Operand::Delta, Operand::WideSlot],
    );
}

impl Jump for ReturnMany {
    type Early = ();
    #[inline(always)]
    fn early(_: &mut Machine) {}
    #[inline(always)]
    fn run(m: &mut Machine, (): (), _: Target) -> Result<Target, Leave> {
        let count = m.fetch::<u32>();
        let locals = m.fetch::<u32>();
        let first = m.wide_slot();
        Ok(m.leave_frame_with(count, locals, first))
    }
}
