//! The id of each micro-op, from its types.

use super::Listed;
use crate::{
    code::{
        catalog::{EffectCall, HandlerId, Plain, ValueCall},
        op,
        operand::Source as SourceKind,
    },
    exec::{
        handlers::{
            Acc, ClassWord, Described, Dest, Edge, Imm, Slot, Source,
            call::{
                Call, CallForEffect, CallForValue, CallImport, CallIndirect, CallIndirectAny,
                CallRef, EnterLazy, TailCall, TailCallImport, TailCallIndirect, TailCallRef,
            },
            class,
            control::{
                Br, BrIf, BrTable, CheckStack, NonNull, Return, ReturnMany, ReturnValue, SetHead,
                Throw, ThrowRef, Unreachable,
            },
            memory::{Address, CopyBytes, Fill, Load, LoadOther, Store, StoreOther},
            numeric::{
                Binary, BrCompare, Compare, I64Add128, I64MulWideS, I64MulWideU, I64Sub128, Select,
                SelectCompare, Unary,
            },
            variable::{
                CopyAcc, CopyFromWide, CopyImm, CopyImm64, CopyMany, CopySlot, CopyToWide,
                GlobalGet, GlobalSet, GlobalSetImm, ZeroLocals,
            },
        },
        machine::{Bytes, Word},
        outline,
    },
};

impl<O, A, B, D> Listed for Binary<O, A, B, D>
where
    O: op::Binary<Value: Word, Out: Word>,
    A: Source<O::Value>,
    B: Source<O::Value>,
    D: Dest,
{
    const ID: HandlerId = HandlerId::binary(O::OP, A::KIND, B::KIND, D::KIND);
}

impl<O, A, B, D> Listed for Compare<O, A, B, D>
where
    O: op::Compare<Value: Word>,
    A: Source<O::Value>,
    B: Source<O::Value>,
    D: Dest,
{
    const ID: HandlerId = HandlerId::compare(O::OP, A::KIND, B::KIND, D::KIND);
}

impl<O: op::Unary<In: Word, Out: Word>, A: Source<O::In>, D: Dest> Listed for Unary<O, A, D> {
    const ID: HandlerId = HandlerId::unary(O::OP, A::KIND, D::KIND);
}

impl<O, A, B, E> Listed for BrCompare<O, A, B, E>
where
    O: op::Compare<Value: Word>,
    A: Source<O::Value>,
    B: Source<O::Value>,
    E: Edge,
{
    const ID: HandlerId = HandlerId::br_compare(O::OP, A::KIND, B::KIND, E::KIND);
}

impl<T: ClassWord, C: Source<i32>, A: Source<T>, B: Source<T>, D: Dest> Listed
    for Select<T, C, A, B, D>
{
    const ID: HandlerId = HandlerId::select(class::<T>(), C::KIND, A::KIND, B::KIND, D::KIND);
}

impl<O, C, E, A, B, D> Listed for SelectCompare<O, C, E, A, B, D>
where
    O: op::Compare<Value: Word>,
    C: Source<O::Value>,
    E: Source<O::Value>,
    A: Source<u64>,
    B: Source<u64>,
    D: Dest,
{
    const ID: HandlerId =
        HandlerId::select_compare(O::OP, [C::KIND, E::KIND, A::KIND, B::KIND], D::KIND);
}

impl<O: op::Load<Memory: Bytes, Out: Word>, A: Address, D: Dest> Listed for Load<O, A, D> {
    const ID: HandlerId = HandlerId::load(O::OP, A::KIND, D::KIND);
}

impl<O: op::Store<In: Word, Memory: Bytes>, A: Address, S: Source<O::In>> Listed
    for Store<O, A, S>
{
    const ID: HandlerId = HandlerId::store(O::OP, A::KIND, S::KIND);
}

impl<O: op::Load<Memory: Bytes, Out: Word>, D: Dest> Listed for LoadOther<O, D> {
    const ID: HandlerId = HandlerId::load_other(O::OP, D::KIND);
}

impl<O: op::Store<In: Word, Memory: Bytes>> Listed for StoreOther<O> {
    const ID: HandlerId = HandlerId::store_other(O::OP);
}

impl<T: ClassWord, D: Dest, const IMPORTED: bool> Listed for GlobalGet<T, D, IMPORTED> {
    const ID: HandlerId = HandlerId::global_get(class::<T>(), IMPORTED, D::KIND);
}

impl<T: ClassWord, A: Source<T>, const IMPORTED: bool> Listed for GlobalSet<T, A, IMPORTED> {
    const ID: HandlerId = HandlerId::global_set(class::<T>(), IMPORTED, A::KIND);
}

impl<T: ClassWord> Listed for CopyAcc<T> {
    const ID: HandlerId = HandlerId::copy_acc(class::<T>());
}

impl<A: Source<i32>, E: Edge, const NONZERO: bool> Listed for BrIf<A, E, NONZERO> {
    const ID: HandlerId = HandlerId::br_if(NONZERO, A::KIND, E::KIND);
}

impl<E: Edge> Listed for Br<E> {
    const ID: HandlerId = HandlerId::br(E::KIND);
}

impl<T: ClassWord, A: Source<T>> Listed for ReturnValue<T, A>
where
    ReturnValue<T, A>: Described,
{
    const ID: HandlerId = match A::KIND {
        SourceKind::Imm => HandlerId::plain(Plain::ReturnImm),
        kind => HandlerId::return_value(class::<T>(), kind),
    };
}

/// An operation of the store with a result.
trait ValueId {
    const OP: ValueCall;
}

/// An operation of the store without one.
trait EffectId {
    const OP: EffectCall;
}

macro_rules! calls {
    ($kind:ident $of:ident: $($name:ident)*) => { $(impl $kind for outline::$name {
        const OP: $of = $of::$name;
    })* };
}

calls!(ValueId ValueCall: MemorySize MemoryGrow TableGet TableSize TableGrow RefFunc);
calls!(EffectId EffectCall: MemoryFill MemoryCopy MemoryInit DataDrop TableSet TableFill TableCopy TableInit ElemDrop);

impl<O: outline::Outline + ValueId, D: Dest> Listed for CallForValue<O, D> {
    const ID: HandlerId = HandlerId::value_call(O::OP, D::KIND);
}

impl<O: outline::Outline + EffectId> Listed for CallForEffect<O> {
    const ID: HandlerId = HandlerId::effect_call(O::OP);
}

macro_rules! plain {
    ($($op:ty = $id:ident;)*) => { $(impl Listed for $op {
        const ID: HandlerId = HandlerId::plain(Plain::$id);
    })* };
}

plain! {
    CopySlot = CopySlot;
    CopyMany = CopyMany;
    ZeroLocals = ZeroLocals;
    CopyImm = CopyImm;
    CopyImm64 = CopyImm64;
    CopyFromWide = CopyFromWide;
    CopyToWide = CopyToWide;
    GlobalSetImm = GlobalSetImm;
    CheckStack = CheckStack;
    Unreachable = Unreachable;
    Throw = Throw;
    ThrowRef = ThrowRef;
    SetHead = SetHead;
    BrTable<Acc> = BrTableAcc;
    BrTable<Slot> = BrTableSlot;
    Return = Return;
    ReturnMany = ReturnMany;
    Call = Call;
    Fill<Slot, Slot> = FillSlotSlot;
    Fill<Slot, Imm> = FillSlotImm;
    Fill<Imm, Slot> = FillImmSlot;
    Fill<Imm, Imm> = FillImmImm;
    CopyBytes<Slot> = CopyBytesSlot;
    CopyBytes<Imm> = CopyBytesImm;
    CallImport = CallImport;
    CallIndirect<Acc> = CallIndirectAcc;
    CallIndirect<Slot> = CallIndirectSlot;
    CallIndirectAny = CallIndirectAny;
    CallRef = CallRef;
    EnterLazy = EnterLazy;
    TailCall = TailCall;
    TailCallImport = TailCallImport;
    TailCallIndirect = TailCallIndirect;
    TailCallRef = TailCallRef;
    NonNull<Acc> = NonNullAcc;
    NonNull<Slot> = NonNullSlot;
    I64Add128 = I64Add128;
    I64Sub128 = I64Sub128;
    I64MulWideS = I64MulWideS;
    I64MulWideU = I64MulWideU;
}
