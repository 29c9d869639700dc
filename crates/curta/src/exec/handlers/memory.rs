//! Loads and stores of memory 0. Everything else about memories is done out of line: see [`super::call`].

use core::marker::PhantomData;

use super::{Described, Dest, ON, Slot, Source, Step, Way, put};
use crate::{
    code::{
        op,
        operand::{Address as AddressKind, Description, Operand},
    },
    exec::machine::{Bytes, Machine, Word},
};

/// How an effective address is made: six bytes of operands. Addresses are 32 bits, offsets are added without wrapping.
pub(crate) trait Address: 'static {
    const KIND: AddressKind;
    fn effective(m: &mut Machine) -> u64;
}

/// The accumulator + a 32-bit offset.
pub(crate) struct AtAcc;
/// The accumulator plus a constant, wrapping.
pub(crate) struct AtAccImm;
/// A slot + a 32-bit offset.
pub(crate) struct AtSlot;
/// A slot plus a constant, wrapping.
pub(crate) struct AtSlotImm;
/// Two slots added, wrapping, + a 16-bit offset.
pub(crate) struct AtSlotSlot;
/// A slot plus another shifted left by up to seven places, wrapping, + a 13-bit offset.
pub(crate) struct AtSlotScaled;

/// A constant address, offset included.
pub(crate) struct AtConst;

#[inline(always)]
fn slot(m: &mut Machine) -> u32 {
    let place = m.slot::<i32>();
    m.read::<i32>(place).cast_unsigned()
}

impl Address for AtAcc {
    const KIND: AddressKind = AddressKind::Acc;
    #[inline(always)]
    fn effective(m: &mut Machine) -> u64 {
        m.skip(size_of::<i16>());
        u64::from(m.acc::<i32>().cast_unsigned()) + u64::from(m.fetch::<u32>())
    }
}

impl Address for AtAccImm {
    const KIND: AddressKind = AddressKind::AccImm;
    #[inline(always)]
    fn effective(m: &mut Machine) -> u64 {
        m.skip(size_of::<i16>());
        let base = m.acc::<i32>().cast_unsigned();
        u64::from(base.wrapping_add(m.fetch::<u32>()))
    }
}

impl Address for AtSlot {
    const KIND: AddressKind = AddressKind::Slot;
    #[inline(always)]
    fn effective(m: &mut Machine) -> u64 {
        u64::from(slot(m)) + u64::from(m.fetch::<u32>())
    }
}

impl Address for AtSlotImm {
    const KIND: AddressKind = AddressKind::SlotImm;
    #[inline(always)]
    fn effective(m: &mut Machine) -> u64 {
        u64::from(slot(m).wrapping_add(m.fetch::<u32>()))
    }
}

impl Address for AtSlotSlot {
    const KIND: AddressKind = AddressKind::SlotSlot;
    #[inline(always)]
    fn effective(m: &mut Machine) -> u64 {
        let sum = slot(m).wrapping_add(slot(m));
        u64::from(sum) + u64::from(m.fetch::<u16>())
    }
}

impl Address for AtSlotScaled {
    const KIND: AddressKind = AddressKind::SlotScaled;
    #[inline(always)]
    fn effective(m: &mut Machine) -> u64 {
        let (base, index) = (slot(m), slot(m));
        let scale = m.fetch::<u16>();
        let sum = base.wrapping_add(index << (scale & 7));
        u64::from(sum) + u64::from(scale >> 3)
    }
}

impl Address for AtConst {
    const KIND: AddressKind = AddressKind::Const;
    #[inline(always)]
    fn effective(m: &mut Machine) -> u64 {
        m.skip(size_of::<i16>());
        u64::from(m.fetch::<u32>())
    }
}

/// `d = memory[address]`
pub(crate) struct Load<O, A, D>(PhantomData<(O, A, D)>);

impl<O: op::Load, A: Address, D: Dest> Described for Load<O, A, D> {
    const DESCRIPTION: Description = Description::new(
        O::OP.text(),
        &[Operand::Dest(D::KIND), Operand::Address(A::KIND)],
    );
}

impl<O: op::Load<Memory: Bytes, Out: Word>, A: Address, D: Dest> Step for Load<O, A, D> {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = D::place::<O::Out>(m);
        let address = A::effective(m);
        let value = O::convert(m.load(address)?);
        put::<D, O::Out>(m, place, None, value);
        ON
    }
}

/// `d = memory[slot + offset]` of another memory than the first, or one with 64-bit addresses.
pub(crate) struct LoadOther<O, D>(PhantomData<(O, D)>);

impl<O: op::Load, D: Dest> Described for LoadOther<O, D> {
    const DESCRIPTION: Description = Description::new(
        O::OP.text(),
        &[
            Operand::Dest(D::KIND),
            Operand::Slot,
            Operand::Index,
            Operand::Imm64,
        ],
    );
}

impl<O: op::Load<Memory: Bytes, Out: Word>, D: Dest> Step for LoadOther<O, D> {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = D::place::<O::Out>(m);
        let slot = m.slot::<u64>();
        let address = m.read::<u64>(slot);
        let (memory, offset) = (m.fetch(), m.fetch());
        let value = O::convert(m.load_other(memory, address, offset)?);
        put::<D, O::Out>(m, place, None, value);
        ON
    }
}

/// `memory[slot + offset] = slot` of another memory than the first, or one with 64-bit addresses.
pub(crate) struct StoreOther<O>(PhantomData<O>);

impl<O: op::Store> Described for StoreOther<O> {
    const DESCRIPTION: Description = Description::new(
        O::OP.text(),
        &[Operand::Slot, Operand::Slot, Operand::Index, Operand::Imm64],
    );
}

impl<O: op::Store<In: Word, Memory: Bytes>> Step for StoreOther<O> {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let slot = m.slot::<u64>();
        let address = m.read::<u64>(slot);
        let slot = m.slot::<O::In>();
        let value = m.read::<O::In>(slot);
        let (memory, offset) = (m.fetch(), m.fetch());
        m.store_other(memory, address, offset, O::convert(value))?;
        ON
    }
}

/// Fills bytes of memory 0, which has 32-bit addresses: where from, with what, how many.
pub(crate) struct Fill<V, L>(PhantomData<(V, L)>);

impl<V: Source<i32>, L: Source<i32>> Described for Fill<V, L> {
    const DESCRIPTION: Description =
        Description::new("memory.fill", &[Operand::Slot, V::OPERAND, L::OPERAND]);
}

impl<V: Source<i32>, L: Source<i32>> Step for Fill<V, L> {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let to: i32 = Slot::get(m).0;
        let value = V::get(m).0;
        let len = L::get(m).0;
        m.fill(to.cast_unsigned(), value as u8, len.cast_unsigned())?;
        ON
    }
}

/// Copies bytes within memory 0, which has 32-bit addresses: where to, where from, how many.
pub(crate) struct CopyBytes<L>(PhantomData<L>);

impl<L: Source<i32>> Described for CopyBytes<L> {
    const DESCRIPTION: Description =
        Description::new("memory.copy", &[Operand::Slot, Operand::Slot, L::OPERAND]);
}

impl<L: Source<i32>> Step for CopyBytes<L> {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let to: i32 = Slot::get(m).0;
        let from: i32 = Slot::get(m).0;
        let len = L::get(m).0;
        m.copy(
            to.cast_unsigned(),
            from.cast_unsigned(),
            len.cast_unsigned(),
        )?;
        ON
    }
}

/// `memory[address] = a`
pub(crate) struct Store<O, A, S>(PhantomData<(O, A, S)>);

impl<O: op::Store<In: Word>, A: Address, S: Source<O::In>> Described for Store<O, A, S> {
    const DESCRIPTION: Description =
        Description::new(O::OP.text(), &[Operand::Address(A::KIND), S::OPERAND]);
}

impl<O: op::Store<In: Word, Memory: Bytes>, A: Address, S: Source<O::In>> Step for Store<O, A, S> {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let address = A::effective(m);
        let value = S::get(m).0;
        m.store(address, O::convert(value))?;
        ON
    }
}
