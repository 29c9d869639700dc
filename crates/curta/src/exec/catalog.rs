//! Ops × places × fusions → handlers.
//!
//! The rows of [`crate::code::op`] are crossed with the places that their operands may have; only fused sequences are a
//! list of their own ([`super::fusion`]). A row's id, text and operand layout come from the types that make the handler, so
//! neither a listing nor an id can disagree with what runs.

use alloc::{sync::Arc, vec, vec::Vec};
use core::marker::PhantomData;

use super::{
    dispatch::{self, Handler, Looped},
    fusion,
    handlers::{
        Acc, Back, Both, Described, Forward, Head, Imm, Imm16, Imm64, InPlace, Slot,
        call::{
            Call, CallForEffect, CallForValue, CallImport, CallIndirect, CallIndirectAny, CallRef,
            EnterLazy, TailCall, TailCallImport, TailCallIndirect, TailCallRef,
        },
        control::{
            Br, BrIf, BrTable, CheckStack, NonNull, Return, ReturnMany, ReturnValue, SetHead,
            Throw, ThrowRef, Unreachable,
        },
        memory::{
            AtAcc, AtConst, AtSlot, AtSlotImm, AtSlotScaled, AtSlotSlot, CopyBytes, Fill, Load,
            LoadOther, Store, StoreOther,
        },
        numeric::{
            Binary, BrCompare, Compare, I64Add128, I64MulWideS, I64MulWideU, I64Sub128, Select,
            SelectCompare, Unary,
        },
        variable::{
            CopyAcc, CopyFromWide, CopyImm, CopyImm64, CopyMany, CopySlot, CopyToWide, GlobalGet,
            GlobalSet, GlobalSetImm, ZeroLocals,
        },
    },
    outline,
};
use crate::code::{
    catalog::{Backend, Catalog, HandlerId, Plain},
    once::Once,
    op,
    operand::Description,
};

/// A micro-op's place in the catalogue.
pub(super) trait Listed: Described {
    const ID: HandlerId;
}

/// A handler of one micro-op.
#[derive(Clone, Copy)]
pub(super) struct Row {
    id: HandlerId,
    handler: Handler,
    description: &'static Description,
    #[cfg(feature = "profile")]
    name: fn() -> &'static str,
}

mod ids;

/// A row from a shell and a micro-op.
macro_rules! row {
    ($shell:ident, $op:ty) => {
        Row {
            id: <$op as Listed>::ID,
            handler: dispatch::$shell::<B, $op>,
            description: &<$op as Described>::DESCRIPTION,
            #[cfg(feature = "profile")]
            name: core::any::type_name::<$op>,
        }
    };
}

/// The rows of one micro-op over lists of places: `rows!(op1, [$op]: Slot, Slot, Acc; …)`.
macro_rules! ops {
    ($([$($op:ty),* $(,)?])*) => { [$($(row!(op1, $op)),*),*] };
}

macro_rules! binary_rows {
    ($($name:ident $text:literal $visit:ident($ty:ident) -> $out:ident = $meaning:path, commutes $commutes:ident;)*) => {
        &[$(binary_rows!(@op $commutes op::$name), binary_rows!(@wide $ty op::$name)),*]
    };
    (@wide i64 $op:path) => {
        &ops![[
            Binary<$op, Acc, Imm64, Acc>, Binary<$op, Acc, Imm64, Both>,
            Binary<$op, Slot, Imm64, Acc>, Binary<$op, Slot, Imm64, Both>, Binary<$op, Slot, Imm64, InPlace>,
        ]] as &[Row]
    };
    (@wide $ty:ident $op:path) => { &[] as &[Row] };
    (@op true $op:path) => {
        &ops![[
            Binary<$op, Acc, Slot, Acc>, Binary<$op, Acc, Slot, Both>, Binary<$op, Acc, Slot, InPlace>,
            Binary<$op, Slot, Slot, Acc>, Binary<$op, Slot, Slot, Both>, Binary<$op, Slot, Slot, InPlace>,
            Binary<$op, Acc, Imm, Acc>, Binary<$op, Acc, Imm, Both>,
            Binary<$op, Slot, Imm, Acc>, Binary<$op, Slot, Imm, Both>, Binary<$op, Slot, Imm, InPlace>,
        ]] as &[Row]
    };
    (@op false $op:path) => {
        &ops![[
            Binary<$op, Acc, Slot, Acc>, Binary<$op, Acc, Slot, Both>, Binary<$op, Acc, Slot, InPlace>,
            Binary<$op, Slot, Acc, Acc>, Binary<$op, Slot, Acc, Both>, Binary<$op, Slot, Acc, InPlace>,
            Binary<$op, Slot, Slot, Acc>, Binary<$op, Slot, Slot, Both>, Binary<$op, Slot, Slot, InPlace>,
            Binary<$op, Acc, Imm, Acc>, Binary<$op, Acc, Imm, Both>,
            Binary<$op, Slot, Imm, Acc>, Binary<$op, Slot, Imm, Both>, Binary<$op, Slot, Imm, InPlace>,
            Binary<$op, Imm, Acc, Acc>, Binary<$op, Imm, Acc, Both>,
            Binary<$op, Imm, Slot, Acc>, Binary<$op, Imm, Slot, Both>,
        ]] as &[Row]
    };
}

macro_rules! compare_rows {
    (
        { $($name:ident $text:literal $visit:ident($ty:ident) = $meaning:path, not $not:ident, exchanged $exchanged:ident;)* }
        { $($name2:ident $text2:literal ($ty2:ident) = $meaning2:expr, not $not2:ident, exchanged $exchanged2:ident;)* }
    ) => {
        &[
            $(compare_rows!(@op op::$name),)*
            $(compare_rows!(@op op::$name2)),*
        ]
    };
    (@op $op:path) => {
        &[
            compare_rows!(@places $op, Acc, Slot),
            compare_rows!(@places $op, Slot, Slot),
            compare_rows!(@places $op, Acc, Imm),
            compare_rows!(@places $op, Slot, Imm),
        ] as &[[Row; 5]]
    };
    (@places $op:path, $a:ty, $b:ty) => {
        [
            row!(op1, Compare<$op, $a, $b, Acc>),
            row!(op1, Compare<$op, $a, $b, Both>),
            row!(op1, BrCompare<$op, $a, $b, Forward>),
            row!(op1, BrCompare<$op, $a, $b, Back>),
            row!(op1, BrCompare<$op, $a, $b, Head>),
        ]
    };
}

macro_rules! select_rows {
    (
        { $($name:ident $text:literal $visit:ident($ty:ident) = $meaning:path, not $not:ident, exchanged $exchanged:ident;)* }
        { $($name2:ident $text2:literal ($ty2:ident) = $meaning2:expr, not $not2:ident, exchanged $exchanged2:ident;)* }
    ) => {
        &[$(select_rows!(@op $ty op::$name),)* $(select_rows!(@op $ty2 op::$name2)),*]
    };
    (@op i32 $op:path) => {
        &[
            select_rows!(@places $op, Acc, Slot),
            select_rows!(@places $op, Slot, Slot),
            select_rows!(@places $op, Acc, Imm),
            select_rows!(@places $op, Slot, Imm),
        ] as &[[Row; 6]]
    };
    (@op $other:ident $op:path) => { &[] as &[[Row; 6]] };
    (@places $op:path, $a:ty, $b:ty) => {
        [
            row!(op1, SelectCompare<$op, $a, $b, Slot, Slot, Acc>),
            row!(op1, SelectCompare<$op, $a, $b, Slot, Slot, Both>),
            row!(op1, SelectCompare<$op, $a, $b, Acc, Slot, Acc>),
            row!(op1, SelectCompare<$op, $a, $b, Acc, Slot, Both>),
            row!(op1, SelectCompare<$op, $a, $b, Slot, Acc, Acc>),
            row!(op1, SelectCompare<$op, $a, $b, Slot, Acc, Both>),
        ]
    };
}

macro_rules! unary_rows {
    ($($name:ident $text:literal $visit:ident($ty:ident) -> $out:ident = $meaning:path;)*) => {
        &[$(
            row!(op1, Unary<op::$name, Acc, Acc>), row!(op1, Unary<op::$name, Acc, Both>),
            row!(op1, Unary<op::$name, Slot, Acc>), row!(op1, Unary<op::$name, Slot, Both>),
        )*]
    };
}

macro_rules! load_rows {
    ($($name:ident $text:literal $visit:ident $memory:ident -> $out:ident = |$m:ident| $convert:expr;)*) => {
        &[$(
            row!(op1, Load<op::$name, AtAcc, Acc>), row!(op1, Load<op::$name, AtAcc, Both>),
            row!(op1, Load<op::$name, AtSlot, Acc>), row!(op1, Load<op::$name, AtSlot, Both>),
            row!(op1, Load<op::$name, AtSlotImm, Acc>), row!(op1, Load<op::$name, AtSlotImm, Both>),
            row!(op1, Load<op::$name, AtSlotSlot, Acc>), row!(op1, Load<op::$name, AtSlotSlot, Both>),
            row!(op1, Load<op::$name, AtSlotScaled, Acc>), row!(op1, Load<op::$name, AtSlotScaled, Both>),
            row!(op1, Load<op::$name, AtConst, Acc>), row!(op1, Load<op::$name, AtConst, Both>),
            row!(op1, LoadOther<op::$name, Acc>), row!(op1, LoadOther<op::$name, Both>),
        )*]
    };
}

macro_rules! store_rows {
    ($($name:ident $text:literal $visit:ident $ty:ident -> $memory:ident = |$v:ident| $convert:expr;)*) => {
        &[$(
            store_rows!(@sources $ty op::$name, AtAcc),
            store_rows!(@sources $ty op::$name, AtSlot),
            store_rows!(@sources $ty op::$name, AtSlotImm),
            store_rows!(@sources $ty op::$name, AtSlotSlot),
            store_rows!(@sources $ty op::$name, AtSlotScaled),
            store_rows!(@sources $ty op::$name, AtConst),
            &[row!(op1, StoreOther<op::$name>)] as &[Row],
        )*]
    };
    (@sources i32 $op:path, $a:ty) => { store_rows!(@integer $op, $a) };
    (@sources i64 $op:path, $a:ty) => { store_rows!(@integer $op, $a) };
    (@sources $float:ident $op:path, $a:ty) => {
        &[row!(op1, Store<$op, $a, Acc>), row!(op1, Store<$op, $a, Slot>), row!(op1, Store<$op, $a, Imm>)] as &[Row]
    };
    (@integer $op:path, $a:ty) => {
        &[
            row!(op1, Store<$op, $a, Acc>), row!(op1, Store<$op, $a, Slot>),
            row!(op1, Store<$op, $a, Imm>), row!(op1, Store<$op, $a, Imm16>),
        ] as &[Row]
    };
}

/// What exists once a class.
macro_rules! class_rows {
    ($($ty:ty),*) => { &[$(
        class_rows!(@select $ty, Acc), class_rows!(@select $ty, Slot),
        &[
            row!(op1, GlobalGet<$ty, Acc, false>), row!(op1, GlobalGet<$ty, Both, false>),
            row!(op1, GlobalGet<$ty, Acc, true>), row!(op1, GlobalGet<$ty, Both, true>),
            row!(op1, GlobalSet<$ty, Acc, false>), row!(op1, GlobalSet<$ty, Slot, false>),
            row!(op1, GlobalSet<$ty, Acc, true>), row!(op1, GlobalSet<$ty, Slot, true>),
            row!(op1, CopyAcc<$ty>), row!(to1, ReturnValue<$ty, Acc>), row!(to1, ReturnValue<$ty, Slot>),
        ] as &[Row]
    ),*] };
    (@select $ty:ty, $c:ty) => {
        &[
            row!(op1, Select<$ty, $c, Acc, Slot, Acc>), row!(op1, Select<$ty, $c, Acc, Slot, Both>),
            row!(op1, Select<$ty, $c, Slot, Acc, Acc>), row!(op1, Select<$ty, $c, Slot, Acc, Both>),
            row!(op1, Select<$ty, $c, Slot, Slot, Acc>), row!(op1, Select<$ty, $c, Slot, Slot, Both>),
            row!(op1, Select<$ty, $c, Acc, Imm, Acc>), row!(op1, Select<$ty, $c, Acc, Imm, Both>),
            row!(op1, Select<$ty, $c, Slot, Imm, Acc>), row!(op1, Select<$ty, $c, Slot, Imm, Both>),
            row!(op1, Select<$ty, $c, Imm, Acc, Acc>), row!(op1, Select<$ty, $c, Imm, Acc, Both>),
            row!(op1, Select<$ty, $c, Imm, Slot, Acc>), row!(op1, Select<$ty, $c, Imm, Slot, Both>),
            row!(op1, Select<$ty, $c, Imm, Imm, Acc>), row!(op1, Select<$ty, $c, Imm, Imm, Both>),
        ] as &[Row]
    };
}

macro_rules! value_calls {
    ($($name:ident)*) => { &[$(
        row!(op1, CallForValue<outline::$name, Acc>), row!(op1, CallForValue<outline::$name, Both>),
    )*] };
}

macro_rules! effect_calls {
    ($($name:ident)*) => { &[$(row!(op1, CallForEffect<outline::$name>)),*] };
}

/// The rows of a backend.
struct Rows<B>(PhantomData<B>);

impl<B: dispatch::Backend> Rows<B> {
    const BINARY: &'static [&'static [Row]] = op::for_each_binary!(binary_rows);
    const COMPARE: &'static [&'static [[Row; 5]]] = op::for_each_compare!(compare_rows);
    const SELECT: &'static [&'static [[Row; 6]]] = op::for_each_compare!(select_rows);
    const UNARY: &'static [Row] = op::for_each_unary!(unary_rows);
    const LOAD: &'static [Row] = op::for_each_load!(load_rows);
    const STORE: &'static [&'static [Row]] = op::for_each_store!(store_rows);
    const CLASSES: &'static [&'static [Row]] = class_rows!(u64, f64, f32);
    const CALLS: &'static [Row] =
        value_calls!(MemorySize MemoryGrow TableGet TableSize TableGrow RefFunc);
    const EFFECTS: &'static [Row] = effect_calls!(MemoryFill MemoryCopy MemoryInit DataDrop TableSet TableFill TableCopy TableInit ElemDrop);
    const PLAIN: &'static [Row] = &[
        row!(op1, CopySlot),
        row!(op1, CopyMany),
        row!(op1, ZeroLocals),
        row!(op1, CopyImm),
        row!(op1, CopyImm64),
        row!(op1, CopyFromWide),
        row!(op1, CopyToWide),
        row!(op1, GlobalSetImm),
        row!(op1, CheckStack),
        row!(op1, Unreachable),
        row!(op1, Throw),
        row!(op1, ThrowRef),
        row!(to1, SetHead),
        row!(to1, BrTable<Acc>),
        row!(to1, BrTable<Slot>),
        row!(to1, Return),
        row!(to1, ReturnValue<u64, Imm>),
        row!(to1, ReturnMany),
        row!(to1, Call),
        row!(op1, Fill<Slot, Slot>),
        row!(op1, Fill<Slot, Imm>),
        row!(op1, Fill<Imm, Slot>),
        row!(op1, Fill<Imm, Imm>),
        row!(op1, CopyBytes<Slot>),
        row!(op1, CopyBytes<Imm>),
        row!(to1, CallImport),
        row!(to1, CallIndirect<Acc>),
        row!(to1, CallIndirect<Slot>),
        row!(to1, CallIndirectAny),
        row!(to1, CallRef),
        row!(to1, EnterLazy),
        row!(to1, TailCall),
        row!(to1, TailCallImport),
        row!(to1, TailCallIndirect),
        row!(to1, TailCallRef),
        row!(op1, NonNull<Acc>),
        row!(op1, NonNull<Slot>),
        row!(op1, I64Add128),
        row!(op1, I64Sub128),
        row!(op1, I64MulWideS),
        row!(op1, I64MulWideU),
        row!(to1, Br<Forward>),
        row!(to1, Br<Back>),
        row!(to1, Br<Head>),
        row!(op1, BrIf<Acc, Forward, true>),
        row!(op1, BrIf<Acc, Forward, false>),
        row!(op1, BrIf<Acc, Back, true>),
        row!(op1, BrIf<Acc, Back, false>),
        row!(op1, BrIf<Acc, Head, true>),
        row!(op1, BrIf<Acc, Head, false>),
        row!(op1, BrIf<Slot, Forward, true>),
        row!(op1, BrIf<Slot, Forward, false>),
        row!(op1, BrIf<Slot, Back, true>),
        row!(op1, BrIf<Slot, Back, false>),
        row!(op1, BrIf<Slot, Head, true>),
        row!(op1, BrIf<Slot, Head, false>),
        Row {
            id: HandlerId::plain(Plain::Exit),
            handler: dispatch::exit::<B>,
            description: &Description::new("exit", &[]),
            #[cfg(feature = "profile")]
            name: || "Exit",
        },
        Row {
            id: HandlerId::plain(Plain::SwitchBack),
            handler: dispatch::switch_back::<B>,
            description: &Description::new("switch_back", &[]),
            #[cfg(feature = "profile")]
            name: || "SwitchBack",
        },
    ];

    fn each(mut visit: impl FnMut(&'static Row)) {
        let compare = Self::COMPARE.iter().flat_map(|rows| rows.iter()).flatten();
        let nested = [Self::BINARY, Self::STORE, Self::CLASSES]
            .into_iter()
            .flatten()
            .flat_map(|rows| rows.iter());
        let flat = [
            Self::UNARY,
            Self::LOAD,
            Self::CALLS,
            Self::EFFECTS,
            Self::PLAIN,
        ]
        .into_iter()
        .flatten();
        let select = Self::SELECT.iter().flat_map(|rows| rows.iter()).flatten();
        compare
            .chain(select)
            .chain(nested)
            .chain(flat)
            .for_each(&mut visit);
    }
}

/// The types of the micro-ops by id, without paths.
#[cfg(feature = "profile")]
pub(crate) fn names() -> Vec<alloc::string::String> {
    let mut names = vec![alloc::string::String::new(); HandlerId::SINGLES];
    Rows::<Looped>::each(|row| {
        let words = (row.name)().split_inclusive(['<', ',', '>', ' ']);
        names[usize::from(row.id.0)] = words
            .map(|word| word.rsplit("::").next().unwrap_or(word))
            .collect();
    });
    names
}

fn build<B: dispatch::Backend>(backend: Backend, fused: &'static [Handler]) -> Catalog {
    let (fused, groups): (&[Handler], &[_]) = if cfg!(feature = "profile") {
        (&[], &[])
    } else {
        (fused, fusion::GROUPS)
    };
    let mut addresses: Vec<u64> = vec![0; HandlerId::SINGLES];
    let mut descriptions: Vec<Option<&'static Description>> = vec![None; HandlerId::SINGLES];
    Rows::<B>::each(|row| {
        addresses[usize::from(row.id.0)] = address(row.handler);
        descriptions[usize::from(row.id.0)] = Some(row.description);
    });
    addresses.extend(fused.iter().map(|handler| address(*handler)));
    Catalog::new(
        backend,
        addresses.into_boxed_slice(),
        descriptions.into_boxed_slice(),
        groups,
    )
}

fn address(handler: Handler) -> u64 {
    (handler as *const ()).expose_provenance() as u64
}

/// The handlers of a backend; those of the loop where there is no other. Found once: all engines of a process share them.
pub(crate) fn catalog(backend: Backend) -> Arc<Catalog> {
    static LOOPED: Once<Arc<Catalog>> = Once::new();

    #[cfg(curta_threaded)]
    if backend == Backend::Threaded
        && let Some(threaded) = threaded()
    {
        return threaded;
    }
    let handlers = fusion::Fused::<Looped>::HANDLERS;
    let looped = LOOPED.get_or_init(|| Arc::new(build::<Looped>(Backend::Looped, handlers)));
    Arc::clone(looped)
}

/// Those that jump to each other, if they do in this build.
#[cfg(curta_threaded)]
fn threaded() -> Option<Arc<Catalog>> {
    use dispatch::Threaded;

    static THREADED: Once<Option<Arc<Catalog>>> = Once::new();
    let handlers = fusion::Fused::<Threaded>::HANDLERS;
    let make = || Arc::new(build::<Threaded>(Backend::Threaded, handlers));
    THREADED
        .get_or_init(|| super::probe::handlers_jump::<Threaded>().then(make))
        .clone()
}

/// The addresses of a backend's ways out of a run, traps first: handlers that are in no cell.
#[cfg(feature = "internals")]
pub(crate) fn ways_out(backend: Backend) -> impl Iterator<Item = u64> {
    dispatch::leaves_of(backend).iter().map(|way| address(*way))
}
