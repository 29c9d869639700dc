//! What cells do. A micro-op is a type; handlers are made of one, two or three of them by naming their types.
//!
//! Everything here is safe Rust against [`Machine`]: a micro-op fetches its operands through *places*, which decode their
//! own indices, computes by a pure function of [`crate::numeric`], and puts the result. How the next cell is reached is
//! [`super::dispatch`]'s business.

use super::{
    context::Leave,
    machine::{CellBits, Machine, SlotPlace, Target, Word},
};
use crate::code::operand::{
    Class, Description, Dest as DestKind, Edge as EdgeKind, Operand, Source as SourceKind,
};

pub(super) mod call;
pub(super) mod control;
pub(super) mod memory;
pub(super) mod numeric;
pub(super) mod variable;

/// What a micro-op says of itself.
pub(crate) trait Described: 'static {
    const DESCRIPTION: Description;
    /// The bytes of its operands.
    const LEN: usize = Self::DESCRIPTION.len();
}

/// How a [`Step`] goes on: through to the next micro-op or cell (`None`), to a cell, or out of the handlers.
pub(crate) type Way = Result<Option<Target>, Leave>;

/// Through to the next micro-op or cell.
const ON: Way = Ok(None);

/// Falls through to the next micro-op or cell; a branch may go to a cell instead.
pub(crate) trait Step: Described {
    fn run(m: &mut Machine) -> Way;
}

/// Goes to a cell.
pub(crate) trait Jump: Described {
    /// Whether it enters a function of the instance, for which it returns to `after`: where the callee's header will be is in
    /// the accumulator of integers then.
    const CALLS: bool = false;
    /// What is read before anything else of the cell, so that the way on is known early.
    type Early: Copy;
    fn early(m: &mut Machine) -> Self::Early;
    /// `after` is the next cell.
    fn run(m: &mut Machine, early: Self::Early, after: Target) -> Result<Target, Leave>;
}

/// Where an operand comes from.
pub(crate) trait Source<T>: 'static {
    const KIND: SourceKind;
    const OPERAND: Operand;
    /// The value, and its slot if it has one.
    fn get(m: &mut Machine) -> (T, Option<SlotPlace>);
}

/// Where a result goes.
pub(crate) trait Dest: 'static {
    const KIND: DestKind;
    /// Reads which slot; `None` where that is decided by the operands or does not matter.
    fn place<T: Word>(m: &mut Machine) -> Option<SlotPlace>;
}

/// The accumulator of the value's class.
pub(crate) struct Acc;
/// A slot of the frame.
pub(crate) struct Slot;
/// An immediate: 32 bits for integers, as many as the type has for floats.
pub(crate) struct Imm;
/// An immediate of 16 bits.
pub(crate) struct Imm16;
/// An immediate of 64 bits.
pub(crate) struct Imm64;
/// A result in the accumulator and in a slot.
pub(crate) struct Both;
/// A result in the accumulator and in the slot of the first slot operand.
pub(crate) struct InPlace;

impl<T: Word> Source<T> for Acc {
    const KIND: SourceKind = SourceKind::Acc;
    const OPERAND: Operand = Operand::Acc;
    #[inline(always)]
    fn get(m: &mut Machine) -> (T, Option<SlotPlace>) {
        (m.acc(), None)
    }
}

impl<T: Word> Source<T> for Slot {
    const KIND: SourceKind = SourceKind::Slot;
    const OPERAND: Operand = Operand::Slot;
    #[inline(always)]
    fn get(m: &mut Machine) -> (T, Option<SlotPlace>) {
        let place = m.slot::<T>();
        (m.read(place), Some(place))
    }
}

/// A type that has immediates.
pub(crate) trait Immediate: Word {
    type Stored: CellBits;
    const OPERAND: Operand;
    fn from_stored(stored: Self::Stored) -> Self;
}

macro_rules! immediates {
    ($($ty:ty = $stored:ty as $operand:ident;)*) => { $(impl Immediate for $ty {
        type Stored = $stored;
        const OPERAND: Operand = Operand::$operand;
        #[inline(always)]
        fn from_stored(stored: $stored) -> $ty {
            <$ty>::from(stored)
        }
    })* };
}

immediates! {
    i32 = i32 as Imm32;
    i64 = i32 as Imm32;
    f32 = f32 as ImmF32;
    f64 = f64 as ImmF64;
}

impl Immediate for u64 {
    type Stored = i32;
    const OPERAND: Operand = Operand::Imm32;
    #[inline(always)]
    fn from_stored(stored: i32) -> u64 {
        i64::from(stored).cast_unsigned()
    }
}

impl<T: Immediate> Source<T> for Imm {
    const KIND: SourceKind = SourceKind::Imm;
    const OPERAND: Operand = T::OPERAND;
    #[inline(always)]
    fn get(m: &mut Machine) -> (T, Option<SlotPlace>) {
        (T::from_stored(m.fetch()), None)
    }
}

impl<T: Immediate<Stored = i32>> Source<T> for Imm16 {
    const KIND: SourceKind = SourceKind::Imm16;
    const OPERAND: Operand = Operand::Imm16;
    #[inline(always)]
    fn get(m: &mut Machine) -> (T, Option<SlotPlace>) {
        (T::from_stored(i32::from(m.fetch::<i16>())), None)
    }
}

impl Source<i64> for Imm64 {
    const KIND: SourceKind = SourceKind::Imm64;
    const OPERAND: Operand = Operand::Imm64;
    #[inline(always)]
    fn get(m: &mut Machine) -> (i64, Option<SlotPlace>) {
        (m.fetch(), None)
    }
}

impl Dest for Acc {
    const KIND: DestKind = DestKind::Acc;
    #[inline(always)]
    fn place<T: Word>(m: &mut Machine) -> Option<SlotPlace> {
        m.skip(size_of::<i16>());
        None
    }
}

impl Dest for Both {
    const KIND: DestKind = DestKind::Both;
    #[inline(always)]
    fn place<T: Word>(m: &mut Machine) -> Option<SlotPlace> {
        Some(m.slot::<T>())
    }
}

impl Dest for InPlace {
    const KIND: DestKind = DestKind::InPlace;
    #[inline(always)]
    fn place<T: Word>(m: &mut Machine) -> Option<SlotPlace> {
        m.skip(size_of::<i16>());
        None
    }
}

/// Puts a result where `D` says: `place` is what [`Dest::place`] gave, `operand` the slot of the first slot operand.
#[inline(always)]
fn put<D: Dest, T: Word>(
    m: &mut Machine,
    place: Option<SlotPlace>,
    operand: Option<SlotPlace>,
    value: T,
) {
    let place = match D::KIND {
        DestKind::Acc => None,
        DestKind::Both => place,
        DestKind::InPlace => operand,
    };
    if let Some(place) = place {
        m.write(place, value);
    }
    m.set_acc(value);
}

/// Which way a branch goes.
pub(crate) trait Edge: 'static {
    const KIND: EdgeKind;
    const OPERAND: Operand;
    /// Reads the target.
    fn early(m: &mut Machine) -> Target;
    /// Goes there.
    fn take(m: &mut Machine, early: Target) -> Target;
}

/// To a label further on.
pub(crate) struct Forward;
/// To a loop's head, compared with the last one.
pub(crate) struct Back;
/// To the loop's head that is in the register.
pub(crate) struct Head;

impl Edge for Forward {
    const KIND: EdgeKind = EdgeKind::Forward;
    const OPERAND: Operand = Operand::Target;
    #[inline(always)]
    fn early(m: &mut Machine) -> Target {
        m.target()
    }
    #[inline(always)]
    fn take(_: &mut Machine, early: Target) -> Target {
        early
    }
}

impl Edge for Back {
    const KIND: EdgeKind = EdgeKind::Back;
    const OPERAND: Operand = Operand::Target;
    #[inline(always)]
    fn early(m: &mut Machine) -> Target {
        m.target()
    }
    #[inline(always)]
    fn take(m: &mut Machine, early: Target) -> Target {
        m.back(early)
    }
}

impl Edge for Head {
    const KIND: EdgeKind = EdgeKind::Head;
    const OPERAND: Operand = Operand::Head;
    #[inline(always)]
    fn early(m: &mut Machine) -> Target {
        m.skip(size_of::<u64>());
        m.head()
    }
    #[inline(always)]
    fn take(_: &mut Machine, early: Target) -> Target {
        early
    }
}

/// A class as a type.
pub(crate) trait ClassWord: Word + Immediate {
    const COPY: &'static str;
    const SELECT: &'static str;
    const GLOBAL_GET: &'static str;
    const GLOBAL_SET: &'static str;
    const RETURN: &'static str;
}

macro_rules! class_words {
    ($($ty:ty: $copy:literal $select:literal $get:literal $set:literal $return:literal;)*) => { $(impl ClassWord for $ty {
        const COPY: &'static str = $copy;
        const SELECT: &'static str = $select;
        const GLOBAL_GET: &'static str = $get;
        const GLOBAL_SET: &'static str = $set;
        const RETURN: &'static str = $return;
    })* };
}

class_words! {
    u64: "copy" "select" "global.get" "global.set" "return";
    f64: "f64.copy" "f64.select" "f64.global.get" "f64.global.set" "f64.return";
    f32: "f32.copy" "f32.select" "f32.global.get" "f32.global.set" "f32.return";
}

/// The class whose word a type is.
pub(crate) const fn class<T: Word>() -> Class {
    T::CLASS
}
