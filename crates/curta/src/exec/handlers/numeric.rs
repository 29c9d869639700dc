//! Arithmetic, compares and selects.

use core::marker::PhantomData;

use super::{Class, ClassWord, Described, Dest, Edge, ON, Source, Step, Way, put};
use crate::{
    code::{
        op,
        operand::{Description, Operand},
    },
    exec::{
        context::Leave,
        machine::{Machine, Word},
    },
    numeric::wide,
};

/// `d = a ∘ b`
pub(crate) struct Binary<O, A, B, D>(PhantomData<(O, A, B, D)>);

impl<O: op::Binary<Value: Word>, A: Source<O::Value>, B: Source<O::Value>, D: Dest> Described
    for Binary<O, A, B, D>
{
    const DESCRIPTION: Description = Description::new(
        O::OP.text(),
        &[Operand::Dest(D::KIND), A::OPERAND, B::OPERAND],
    );
}

impl<O: op::Binary<Value: Word, Out: Word>, A: Source<O::Value>, B: Source<O::Value>, D: Dest> Step
    for Binary<O, A, B, D>
{
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = D::place::<O::Out>(m);
        let (a, slot_a) = A::get(m);
        let (b, slot_b) = B::get(m);
        let value = O::eval(a, b).map_err(Leave::Trap)?;
        put::<D, O::Out>(m, place, slot_a.or(slot_b), value);
        ON
    }
}

/// `d = a ⋚ b`
pub(crate) struct Compare<O, A, B, D>(PhantomData<(O, A, B, D)>);

impl<O: op::Compare<Value: Word>, A: Source<O::Value>, B: Source<O::Value>, D: Dest> Described
    for Compare<O, A, B, D>
{
    const DESCRIPTION: Description = Description::new(
        O::OP.text(),
        &[Operand::Dest(D::KIND), A::OPERAND, B::OPERAND],
    );
}

impl<O: op::Compare<Value: Word>, A: Source<O::Value>, B: Source<O::Value>, D: Dest> Step
    for Compare<O, A, B, D>
{
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = D::place::<i32>(m);
        let a = A::get(m).0;
        let b = B::get(m).0;
        put::<D, i32>(m, place, None, i32::from(O::eval(a, b)));
        ON
    }
}

/// `d = ∘ a`
pub(crate) struct Unary<O, A, D>(PhantomData<(O, A, D)>);

impl<O: op::Unary<In: Word>, A: Source<O::In>, D: Dest> Described for Unary<O, A, D> {
    const DESCRIPTION: Description =
        Description::new(O::OP.text(), &[Operand::Dest(D::KIND), A::OPERAND]);
}

impl<O: op::Unary<In: Word, Out: Word>, A: Source<O::In>, D: Dest> Step for Unary<O, A, D> {
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = D::place::<O::Out>(m);
        let a = A::get(m).0;
        let value = O::eval(a).map_err(Leave::Trap)?;
        put::<D, O::Out>(m, place, None, value);
        ON
    }
}

/// Branches when `a ⋚ b`.
pub(crate) struct BrCompare<O, A, B, E>(PhantomData<(O, A, B, E)>);

impl<O: op::Compare<Value: Word>, A: Source<O::Value>, B: Source<O::Value>, E: Edge> Described
    for BrCompare<O, A, B, E>
{
    const DESCRIPTION: Description = Description::new(
        BR_TEXT[O::OP as usize],
        &[E::OPERAND, A::OPERAND, B::OPERAND],
    );
}

impl<O: op::Compare<Value: Word>, A: Source<O::Value>, B: Source<O::Value>, E: Edge> Step
    for BrCompare<O, A, B, E>
{
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let early = E::early(m);
        let a = A::get(m).0;
        let b = B::get(m).0;
        if O::eval(a, b) {
            Ok(Some(E::take(m, early)))
        } else {
            ON
        }
    }
}

/// The texts of branches, by their compare.
const BR_TEXT: [&str; op::CompareOp::COUNT] = {
    macro_rules! texts {
        (
            { $($name:ident $text:literal $visit:ident($ty:ident) = $meaning:path, not $not:ident, exchanged $exchanged:ident;)* }
            { $($name2:ident $text2:literal ($ty2:ident) = $meaning2:expr, not $not2:ident, exchanged $exchanged2:ident;)* }
        ) => {
            [$(concat!("br_", $text),)* $(concat!("br_", $text2)),*]
        };
    }
    op::for_each_compare!(texts)
};

/// The texts of selects, by their compare.
const SELECT_TEXT: [&str; op::CompareOp::COUNT] = {
    macro_rules! texts {
        (
            { $($name:ident $text:literal $visit:ident($ty:ident) = $meaning:path, not $not:ident, exchanged $exchanged:ident;)* }
            { $($name2:ident $text2:literal ($ty2:ident) = $meaning2:expr, not $not2:ident, exchanged $exchanged2:ident;)* }
        ) => {
            [$(concat!("select_", $text),)* $(concat!("select_", $text2)),*]
        };
    }
    op::for_each_compare!(texts)
};

/// `d = c ≠ 0 ? a : b`
pub(crate) struct Select<T, C, A, B, D>(PhantomData<(T, C, A, B, D)>);

impl<T: ClassWord, C: Source<i32>, A: Source<T>, B: Source<T>, D: Dest> Described
    for Select<T, C, A, B, D>
{
    const DESCRIPTION: Description = Description::new(
        T::SELECT,
        &[Operand::Dest(D::KIND), C::OPERAND, A::OPERAND, B::OPERAND],
    );
}

impl<T: ClassWord, C: Source<i32>, A: Source<T>, B: Source<T>, D: Dest> Step
    for Select<T, C, A, B, D>
{
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = D::place::<T>(m);
        let condition = C::get(m).0;
        let a = A::get(m).0;
        let b = B::get(m).0;
        let value = choose(condition != 0, a, b);
        put::<D, T>(m, place, None, value);
        ON
    }
}

/// `d = c ⋚ e ? a : b`, integers only.
pub(crate) struct SelectCompare<O, C, E, A, B, D>(PhantomData<(O, C, E, A, B, D)>);

impl<O, C, E, A, B, D> Described for SelectCompare<O, C, E, A, B, D>
where
    O: op::Compare<Value: Word>,
    C: Source<O::Value>,
    E: Source<O::Value>,
    A: Source<u64>,
    B: Source<u64>,
    D: Dest,
{
    const DESCRIPTION: Description = Description::new(
        SELECT_TEXT[O::OP as usize],
        &[
            Operand::Dest(D::KIND),
            C::OPERAND,
            E::OPERAND,
            A::OPERAND,
            B::OPERAND,
        ],
    );
}

impl<O, C, E, A, B, D> Step for SelectCompare<O, C, E, A, B, D>
where
    O: op::Compare<Value: Word>,
    C: Source<O::Value>,
    E: Source<O::Value>,
    A: Source<u64>,
    B: Source<u64>,
    D: Dest,
{
    #[inline(always)]
    fn run(m: &mut Machine) -> Way {
        let place = D::place::<u64>(m);
        let c = C::get(m).0;
        let e = E::get(m).0;
        let a = A::get(m).0;
        let b = B::get(m).0;
        let value = choose(O::eval(c, e), a, b);
        put::<D, u64>(m, place, None, value);
        ON
    }
}

/// Defines arithmetic on 128 bits: both results' slots, then the operands'.
macro_rules! wide {
    ($($name:ident $text:literal = $meaning:ident($($operand:ident),*) [$($slot:ident),*];)*) => { $(
        #[doc = concat!("`", $text, "`")]
        pub(crate) struct $name;

        impl Described for $name {
            const DESCRIPTION: Description =
                Description::new($text, &[Operand::Slot, Operand::Slot, $(Operand::$slot),*]);
        }

        impl Step for $name {
            #[inline(always)]
            fn run(m: &mut Machine) -> Way {
                let (low, high) = (m.slot::<i64>(), m.slot::<i64>());
                $(let $operand = {
                    let place = m.slot::<i64>();
                    m.read::<i64>(place)
                };)*
                let value = wide::$meaning($($operand),*);
                m.write(low, value.0);
                m.write(high, value.1);
                ON
            }
        }
    )* };
}

wide! {
    I64Add128 "i64.add128" = i64_add128(a, b, c, d) [Slot, Slot, Slot, Slot];
    I64Sub128 "i64.sub128" = i64_sub128(a, b, c, d) [Slot, Slot, Slot, Slot];
    I64MulWideS "i64.mul_wide_s" = i64_mul_wide_s(a, b) [Slot, Slot];
    I64MulWideU "i64.mul_wide_u" = i64_mul_wide_u(a, b) [Slot, Slot];
}

/// Chooses without a branch where the processor can.
#[inline(always)]
fn choose<T: Word>(condition: bool, a: T, b: T) -> T {
    match T::CLASS {
        Class::Int => core::hint::select_unpredictable(condition, a, b),
        // Float registers have no conditional move; their bits take the integers' way.
        Class::F64 | Class::F32 => T::from_bits(core::hint::select_unpredictable(
            condition,
            a.to_bits(),
            b.to_bits(),
        )),
    }
}
