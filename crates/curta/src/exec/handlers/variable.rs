//! Copies between slots and accumulators, and globals.

use core::marker::PhantomData;

use super::{ClassWord, Described, Dest, ON, Slot, Source, Step, Way, put};
use crate::{
    code::operand::{Description, Operand},
    exec::machine::Machine,
};

/// `slot = slot`
pub(crate) struct CopySlot;

impl Described for CopySlot {
    const DESCRIPTION: Description = Description::new("copy", &[TO_SLOT, Operand::Slot]);
}

impl Step for CopySlot {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = m.slot::<u64>();
        let value: u64 = Slot::get(m).0;
        m.write(place, value);
        ON
    }
}

/// Copies a run of slots to lower ones: the first of both, how many.
pub(crate) struct CopyMany;

impl Described for CopyMany {
    const DESCRIPTION: Description = Description::new(
        "copy_many",
        &[Operand::WideSlot, Operand::WideSlot, Operand::Index],
    );
}

impl Step for CopyMany {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let to = m.wide_slot();
        let from = m.wide_slot();
        let count = m.fetch::<u32>();
        m.copy_down(to, from, count);
        ON
    }
}

/// Zeroes a run of locals that may be read before they are set: the first, how many.
pub(crate) struct ZeroLocals;

impl Described for ZeroLocals {
    const DESCRIPTION: Description =
        Description::new("zero_locals", &[Operand::WideSlot, Operand::Index]);
}

impl Step for ZeroLocals {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let first = m.wide_slot();
        let count = m.fetch::<u32>();
        m.zero(first, count);
        ON
    }
}

/// The place of a copy that leaves the accumulators alone.
const TO_SLOT: Operand = Operand::Slot;

/// `slot = immediate`, sign-extended from 32 bits.
pub(crate) struct CopyImm;

impl Described for CopyImm {
    const DESCRIPTION: Description = Description::new("const", &[TO_SLOT, Operand::Imm32]);
}

impl Step for CopyImm {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = m.slot::<u64>();
        let value = i64::from(m.fetch::<i32>());
        m.write(place, value);
        ON
    }
}

/// `slot = immediate` of 64 bits.
pub(crate) struct CopyImm64;

impl Described for CopyImm64 {
    const DESCRIPTION: Description = Description::new("const", &[TO_SLOT, Operand::Imm64]);
}

impl Step for CopyImm64 {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = m.slot::<u64>();
        let value = m.fetch::<u64>();
        m.write(place, value);
        ON
    }
}

/// `slot = accumulator`
pub(crate) struct CopyAcc<T>(PhantomData<T>);

impl<T: ClassWord> Described for CopyAcc<T> {
    const DESCRIPTION: Description = Description::new(T::COPY, &[TO_SLOT, Operand::Acc]);
}

impl<T: ClassWord> Step for CopyAcc<T> {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = m.slot::<T>();
        let value: T = m.acc();
        m.write(place, value);
        ON
    }
}

/// `slot = slot` from beyond 16 bits.
pub(crate) struct CopyFromWide;

impl Described for CopyFromWide {
    const DESCRIPTION: Description = Description::new("copy", &[TO_SLOT, Operand::WideSlot]);
}

impl Step for CopyFromWide {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = m.slot::<u64>();
        let from = m.wide_slot();
        let value: u64 = m.read(from);
        m.write(place, value);
        ON
    }
}

/// `slot = slot` to beyond 16 bits.
pub(crate) struct CopyToWide;

impl Described for CopyToWide {
    const DESCRIPTION: Description = Description::new("copy", &[Operand::WideSlot, Operand::Slot]);
}

impl Step for CopyToWide {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = m.wide_slot();
        let value: u64 = Slot::get(m).0;
        m.write(place, value);
        ON
    }
}

/// `d = global`; imported ones are reached by address.
pub(crate) struct GlobalGet<T, D, const IMPORTED: bool>(PhantomData<(T, D)>);

impl<T: ClassWord, D: Dest, const IMPORTED: bool> Described for GlobalGet<T, D, IMPORTED> {
    const DESCRIPTION: Description =
        Description::new(T::GLOBAL_GET, &[Operand::Dest(D::KIND), Operand::Index]);
}

impl<T: ClassWord, D: Dest, const IMPORTED: bool> Step for GlobalGet<T, D, IMPORTED> {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = D::place::<T>(m);
        let global = m.global::<IMPORTED>();
        let value: T = m.read(global);
        put::<D, T>(m, place, None, value);
        ON
    }
}

/// `global = a`
pub(crate) struct GlobalSet<T, A, const IMPORTED: bool>(PhantomData<(T, A)>);

impl<T: ClassWord, A: Source<T>, const IMPORTED: bool> Described for GlobalSet<T, A, IMPORTED> {
    const DESCRIPTION: Description = Description::new(T::GLOBAL_SET, &[Operand::Index, A::OPERAND]);
}

impl<T: ClassWord, A: Source<T>, const IMPORTED: bool> Step for GlobalSet<T, A, IMPORTED> {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let global = m.global::<IMPORTED>();
        let value = A::get(m).0;
        m.write(global, value);
        ON
    }
}

/// `global = immediate` of 64 bits, for the instance's own globals.
pub(crate) struct GlobalSetImm;

impl Described for GlobalSetImm {
    const DESCRIPTION: Description =
        Description::new("global.set", &[Operand::Index, Operand::Imm64]);
}

impl Step for GlobalSetImm {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let global = m.global::<false>();
        let value = m.fetch::<u64>();
        m.write(global, value);
        ON
    }
}
