//! Ops × places × fusions → handlers.
//!
//! The rows of [`crate::code::op`] are crossed with the places that their operands may have; only fused sequences are a
//! list of their own ([`super::fusion`]). A row's id, text and operand layout come from the types that make the handler, so
//! neither a listing nor an id can disagree with what runs.

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
            AtAcc, AtAccImm, AtConst, AtSlot, AtSlotImm, AtSlotScaled, AtSlotSlot, CopyBytes, Fill,
            Load, LoadOther, Store, StoreOther,
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
    catalog::{
        Backend, Batch, Catalog, Fusions, HandlerId, Plain, Row, Sieve, index, index_len, sieve,
    },
    once::Once,
    op,
    operand::Description,
};
#[cfg(feature = "profile")]
use alloc::vec::Vec;
use alloc::{boxed::Box, sync::Arc, vec};
use core::sync::atomic::AtomicUsize;

/// A micro-op's place in the catalogue.
pub(super) trait Listed: Described {
    const ID: HandlerId;
}

/// What is known of the handlers of a batch.
///
/// It is put together by code and not by a table of addresses, which would have to be adjusted, all of it, each time a
/// program begins that is loaded wherever there is room.
struct Rows {
    batch: Batch,
    rows: Box<[Row]>,
    #[cfg(feature = "profile")]
    names: Vec<(HandlerId, &'static str)>,
}

impl Rows {
    #[inline(always)]
    fn add<B: dispatch::Backend, O: Listed>(&mut self, handler: Handler<B>) {
        #[cfg(feature = "profile")]
        self.names.push((O::ID, core::any::type_name::<O>()));
        self.set::<B>(O::ID, handler, &O::DESCRIPTION);
    }

    #[inline(never)]
    fn set<B: dispatch::Backend>(
        &mut self,
        id: HandlerId,
        handler: Handler<B>,
        description: &'static Description,
    ) {
        let place = id.place();
        assert!(place.batch == self.batch, "{id:?} is of another batch");
        self.rows[place.index] = Row {
            address: address::<B>(handler),
            description: Some(description),
        };
    }
}

mod ids;

/// Adds a row from a shell and a micro-op.
macro_rules! row {
    ($rows:ident, $shell:ident, $op:ty) => {
        $rows.add::<B, $op>(dispatch::$shell::<B, $op>)
    };
}

/// Adds the rows of micro-ops that go on with the next cell.
macro_rules! ops {
    ($rows:ident, [$($op:ty),* $(,)?]) => { $(row!($rows, op1, $op);)* };
}

macro_rules! binary_rows {
    ($($name:ident $text:literal $visit:ident($ty:ident) -> $out:ident = $meaning:path, commutes $commutes:ident;)*) => {
        |rows: &mut Rows| { $(
            binary_rows!(@op rows, $commutes op::$name);
            binary_rows!(@wide rows, $ty op::$name);
        )* }
    };
    (@wide $rows:ident, i64 $op:path) => {
        ops!($rows, [
            Binary<$op, Acc, Imm64, Acc>, Binary<$op, Acc, Imm64, Both>,
            Binary<$op, Slot, Imm64, Acc>, Binary<$op, Slot, Imm64, Both>, Binary<$op, Slot, Imm64, InPlace>,
        ])
    };
    (@wide $rows:ident, $ty:ident $op:path) => {};
    (@op $rows:ident, true $op:path) => {
        ops!($rows, [
            Binary<$op, Acc, Slot, Acc>, Binary<$op, Acc, Slot, Both>, Binary<$op, Acc, Slot, InPlace>,
            Binary<$op, Slot, Slot, Acc>, Binary<$op, Slot, Slot, Both>, Binary<$op, Slot, Slot, InPlace>,
            Binary<$op, Acc, Imm, Acc>, Binary<$op, Acc, Imm, Both>,
            Binary<$op, Slot, Imm, Acc>, Binary<$op, Slot, Imm, Both>, Binary<$op, Slot, Imm, InPlace>,
        ])
    };
    (@op $rows:ident, false $op:path) => {
        ops!($rows, [
            Binary<$op, Acc, Slot, Acc>, Binary<$op, Acc, Slot, Both>, Binary<$op, Acc, Slot, InPlace>,
            Binary<$op, Slot, Acc, Acc>, Binary<$op, Slot, Acc, Both>, Binary<$op, Slot, Acc, InPlace>,
            Binary<$op, Slot, Slot, Acc>, Binary<$op, Slot, Slot, Both>, Binary<$op, Slot, Slot, InPlace>,
            Binary<$op, Acc, Imm, Acc>, Binary<$op, Acc, Imm, Both>,
            Binary<$op, Slot, Imm, Acc>, Binary<$op, Slot, Imm, Both>, Binary<$op, Slot, Imm, InPlace>,
            Binary<$op, Imm, Acc, Acc>, Binary<$op, Imm, Acc, Both>,
            Binary<$op, Imm, Slot, Acc>, Binary<$op, Imm, Slot, Both>,
        ])
    };
}

macro_rules! compare_rows {
    (
        { $($name:ident $text:literal $visit:ident($ty:ident) = $meaning:path, not $not:ident, exchanged $exchanged:ident;)* }
        { $($name2:ident $text2:literal ($ty2:ident) = $meaning2:expr, not $not2:ident, exchanged $exchanged2:ident;)* }
    ) => {
        |rows: &mut Rows| {
            $(compare_rows!(@op rows, op::$name);)*
            $(compare_rows!(@op rows, op::$name2);)*
        }
    };
    (@op $rows:ident, $op:path) => {
        compare_rows!(@places $rows, $op, Acc, Slot);
        compare_rows!(@places $rows, $op, Slot, Slot);
        compare_rows!(@places $rows, $op, Acc, Imm);
        compare_rows!(@places $rows, $op, Slot, Imm);
    };
    (@places $rows:ident, $op:path, $a:ty, $b:ty) => {
        ops!($rows, [Compare<$op, $a, $b, Acc>, Compare<$op, $a, $b, Both>])
    };
}

macro_rules! br_compare_rows {
    (
        { $($name:ident $text:literal $visit:ident($ty:ident) = $meaning:path, not $not:ident, exchanged $exchanged:ident;)* }
        { $($name2:ident $text2:literal ($ty2:ident) = $meaning2:expr, not $not2:ident, exchanged $exchanged2:ident;)* }
    ) => {
        |rows: &mut Rows| {
            $(br_compare_rows!(@op rows, op::$name);)*
            $(br_compare_rows!(@op rows, op::$name2);)*
        }
    };
    (@op $rows:ident, $op:path) => {
        br_compare_rows!(@places $rows, $op, Acc, Slot);
        br_compare_rows!(@places $rows, $op, Slot, Slot);
        br_compare_rows!(@places $rows, $op, Acc, Imm);
        br_compare_rows!(@places $rows, $op, Slot, Imm);
    };
    (@places $rows:ident, $op:path, $a:ty, $b:ty) => {
        ops!($rows, [
            BrCompare<$op, $a, $b, Forward>, BrCompare<$op, $a, $b, Back>, BrCompare<$op, $a, $b, Head>,
        ])
    };
}

macro_rules! select_rows {
    (
        { $($name:ident $text:literal $visit:ident($ty:ident) = $meaning:path, not $not:ident, exchanged $exchanged:ident;)* }
        { $($name2:ident $text2:literal ($ty2:ident) = $meaning2:expr, not $not2:ident, exchanged $exchanged2:ident;)* }
    ) => {
        |rows: &mut Rows| {
            $(select_rows!(@op rows, $ty op::$name);)*
            $(select_rows!(@op rows, $ty2 op::$name2);)*
        }
    };
    (@op $rows:ident, i32 $op:path) => {
        select_rows!(@places $rows, $op, Acc, Slot);
        select_rows!(@places $rows, $op, Slot, Slot);
        select_rows!(@places $rows, $op, Acc, Imm);
        select_rows!(@places $rows, $op, Slot, Imm);
    };
    (@op $rows:ident, $other:ident $op:path) => {};
    (@places $rows:ident, $op:path, $a:ty, $b:ty) => {
        ops!($rows, [
            SelectCompare<$op, $a, $b, Slot, Slot, Acc>, SelectCompare<$op, $a, $b, Slot, Slot, Both>,
            SelectCompare<$op, $a, $b, Acc, Slot, Acc>, SelectCompare<$op, $a, $b, Acc, Slot, Both>,
            SelectCompare<$op, $a, $b, Slot, Acc, Acc>, SelectCompare<$op, $a, $b, Slot, Acc, Both>,
        ])
    };
}

macro_rules! unary_rows {
    ($($name:ident $text:literal $visit:ident($ty:ident) -> $out:ident = $meaning:path;)*) => {
        |rows: &mut Rows| { $(ops!(rows, [
            Unary<op::$name, Acc, Acc>, Unary<op::$name, Acc, Both>,
            Unary<op::$name, Slot, Acc>, Unary<op::$name, Slot, Both>,
        ]);)* }
    };
}

macro_rules! load_rows {
    ($($name:ident $text:literal $visit:ident $memory:ident -> $out:ident = |$m:ident| $convert:expr;)*) => {
        |rows: &mut Rows| { $(ops!(rows, [
            Load<op::$name, AtAcc, Acc>, Load<op::$name, AtAcc, Both>,
            Load<op::$name, AtAccImm, Acc>, Load<op::$name, AtAccImm, Both>,
            Load<op::$name, AtSlot, Acc>, Load<op::$name, AtSlot, Both>,
            Load<op::$name, AtSlotImm, Acc>, Load<op::$name, AtSlotImm, Both>,
            Load<op::$name, AtSlotSlot, Acc>, Load<op::$name, AtSlotSlot, Both>,
            Load<op::$name, AtSlotScaled, Acc>, Load<op::$name, AtSlotScaled, Both>,
            Load<op::$name, AtConst, Acc>, Load<op::$name, AtConst, Both>,
        ]);)* }
    };
}

macro_rules! load_other_rows {
    ($($name:ident $text:literal $visit:ident $memory:ident -> $out:ident = |$m:ident| $convert:expr;)*) => {
        |rows: &mut Rows| { $(
            ops!(rows, [LoadOther<op::$name, Acc>, LoadOther<op::$name, Both>]);
        )* }
    };
}

macro_rules! store_rows {
    ($($name:ident $text:literal $visit:ident $ty:ident -> $memory:ident = |$v:ident| $convert:expr;)*) => {
        |rows: &mut Rows| { $(
            store_rows!(@sources rows, $ty op::$name, AtAcc);
            store_rows!(@sources rows, $ty op::$name, AtAccImm);
            store_rows!(@sources rows, $ty op::$name, AtSlot);
            store_rows!(@sources rows, $ty op::$name, AtSlotImm);
            store_rows!(@sources rows, $ty op::$name, AtSlotSlot);
            store_rows!(@sources rows, $ty op::$name, AtSlotScaled);
            store_rows!(@sources rows, $ty op::$name, AtConst);
            ops!(rows, [StoreOther<op::$name>]);
        )* }
    };
    (@sources $rows:ident, i32 $op:path, $a:ty) => { store_rows!(@integer $rows, $op, $a) };
    (@sources $rows:ident, i64 $op:path, $a:ty) => { store_rows!(@integer $rows, $op, $a) };
    (@sources $rows:ident, $float:ident $op:path, $a:ty) => {
        ops!($rows, [Store<$op, $a, Acc>, Store<$op, $a, Slot>, Store<$op, $a, Imm>])
    };
    (@integer $rows:ident, $op:path, $a:ty) => {
        ops!($rows, [Store<$op, $a, Acc>, Store<$op, $a, Slot>, Store<$op, $a, Imm>, Store<$op, $a, Imm16>])
    };
}

macro_rules! class_select_rows {
    ($($ty:ty),*) => { |rows: &mut Rows| { $(
        class_select_rows!(@condition rows, $ty, Acc);
        class_select_rows!(@condition rows, $ty, Slot);
    )* } };
    (@condition $rows:ident, $ty:ty, $c:ty) => {
        ops!($rows, [
            Select<$ty, $c, Acc, Slot, Acc>, Select<$ty, $c, Acc, Slot, Both>,
            Select<$ty, $c, Slot, Acc, Acc>, Select<$ty, $c, Slot, Acc, Both>,
            Select<$ty, $c, Slot, Slot, Acc>, Select<$ty, $c, Slot, Slot, Both>,
            Select<$ty, $c, Acc, Imm, Acc>, Select<$ty, $c, Acc, Imm, Both>,
            Select<$ty, $c, Slot, Imm, Acc>, Select<$ty, $c, Slot, Imm, Both>,
            Select<$ty, $c, Imm, Acc, Acc>, Select<$ty, $c, Imm, Acc, Both>,
            Select<$ty, $c, Imm, Slot, Acc>, Select<$ty, $c, Imm, Slot, Both>,
            Select<$ty, $c, Imm, Imm, Acc>, Select<$ty, $c, Imm, Imm, Both>,
        ])
    };
}

macro_rules! global_get_rows {
    ($($ty:ty),*) => { |rows: &mut Rows| { $(ops!(rows, [
        GlobalGet<$ty, Acc, false>, GlobalGet<$ty, Both, false>,
        GlobalGet<$ty, Acc, true>, GlobalGet<$ty, Both, true>,
    ]);)* } };
}

macro_rules! global_set_rows {
    ($($ty:ty),*) => { |rows: &mut Rows| { $(ops!(rows, [
        GlobalSet<$ty, Acc, false>, GlobalSet<$ty, Slot, false>,
        GlobalSet<$ty, Acc, true>, GlobalSet<$ty, Slot, true>,
    ]);)* } };
}

macro_rules! value_calls {
    ($($name:ident)*) => { |rows: &mut Rows| { $(
        ops!(rows, [CallForValue<outline::$name, Acc>, CallForValue<outline::$name, Both>]);
    )* } };
}

macro_rules! effect_calls {
    ($($name:ident)*) => { |rows: &mut Rows| { $(ops!(rows, [CallForEffect<outline::$name>]);)* } };
}

/// The rows of a backend's batch.
fn rows<B: dispatch::Backend>(batch: Batch) -> Rows {
    let mut all = Rows {
        batch,
        rows: vec![Row::default(); batch.len()].into_boxed_slice(),
        #[cfg(feature = "profile")]
        names: Vec::new(),
    };
    let rows = &mut all;
    match batch {
        Batch::Binary => {
            op::for_each_binary!(binary_rows)(rows);
            squares::<B>(rows);
        }
        Batch::Compare => op::for_each_compare!(compare_rows)(rows),
        Batch::Unary => op::for_each_unary!(unary_rows)(rows),
        Batch::Load => op::for_each_load!(load_rows)(rows),
        Batch::Select => class_select_rows!(u64, f64, f32)(rows),
        Batch::SelectCompare => op::for_each_compare!(select_rows)(rows),
        Batch::Value => {
            global_get_rows!(u64, f64, f32)(rows);
            value_calls!(MemorySize MemoryGrow TableGet TableSize TableGrow RefFunc)(rows);
        }
        Batch::Rare => {
            op::for_each_load!(load_other_rows)(rows);
            effect_calls!(
                MemoryFill MemoryCopy MemoryInit DataDrop
                TableSet TableFill TableCopy TableInit ElemDrop
            )(rows);
        }
        Batch::Store => op::for_each_store!(store_rows)(rows),
        Batch::GlobalSet => global_set_rows!(u64, f64, f32)(rows),
        Batch::BrCompare => op::for_each_compare!(br_compare_rows)(rows),
        Batch::Plain => plain::<B>(rows),
    }
    all
}

fn squares<B: dispatch::Backend>(rows: &mut Rows) {
    // Squares: the way of a float through its slot takes longer than the product.
    ops!(rows, [
        Binary<op::F64Mul, Acc, Acc, Acc>, Binary<op::F64Mul, Acc, Acc, Both>,
        Binary<op::F32Mul, Acc, Acc, Acc>, Binary<op::F32Mul, Acc, Acc, Both>,
    ]);
}

fn plain<B: dispatch::Backend>(rows: &mut Rows) {
    row!(rows, op1, CopySlot);
    row!(rows, op1, CopyMany);
    row!(rows, op1, ZeroLocals);
    row!(rows, op1, CopyImm);
    row!(rows, op1, CopyImm64);
    row!(rows, op1, CopyAcc<u64>);
    row!(rows, op1, CopyAcc<f64>);
    row!(rows, op1, CopyAcc<f32>);
    row!(rows, op1, CopyFromWide);
    row!(rows, op1, CopyToWide);
    row!(rows, op1, GlobalSetImm);
    row!(rows, op1, CheckStack);
    row!(rows, op1, Unreachable);
    row!(rows, op1, Throw);
    row!(rows, op1, ThrowRef);
    row!(rows, to1, SetHead);
    row!(rows, to1, BrTable<Acc>);
    row!(rows, to1, BrTable<Slot>);
    row!(rows, to1, Return);
    row!(rows, to1, ReturnValue<u64, Acc>);
    row!(rows, to1, ReturnValue<u64, Slot>);
    row!(rows, to1, ReturnValue<u64, Imm>);
    row!(rows, to1, ReturnValue<f64, Acc>);
    row!(rows, to1, ReturnValue<f64, Slot>);
    row!(rows, to1, ReturnValue<f32, Acc>);
    row!(rows, to1, ReturnValue<f32, Slot>);
    row!(rows, to1, ReturnMany);
    row!(rows, to1, Call);
    row!(rows, op1, Fill<Slot, Slot>);
    row!(rows, op1, Fill<Slot, Imm>);
    row!(rows, op1, Fill<Imm, Slot>);
    row!(rows, op1, Fill<Imm, Imm>);
    row!(rows, op1, CopyBytes<Slot>);
    row!(rows, op1, CopyBytes<Imm>);
    row!(rows, to1, CallImport);
    row!(rows, to1, CallIndirect<Acc>);
    row!(rows, to1, CallIndirect<Slot>);
    row!(rows, to1, CallIndirectAny);
    row!(rows, to1, CallRef);
    row!(rows, to1, EnterLazy);
    row!(rows, to1, TailCall);
    row!(rows, to1, TailCallImport);
    row!(rows, to1, TailCallIndirect);
    row!(rows, to1, TailCallRef);
    row!(rows, op1, NonNull<Acc>);
    row!(rows, op1, NonNull<Slot>);
    row!(rows, op1, I64Add128);
    row!(rows, op1, I64Sub128);
    row!(rows, op1, I64MulWideS);
    row!(rows, op1, I64MulWideU);
    row!(rows, to1, Br<Forward>);
    row!(rows, to1, Br<Back>);
    row!(rows, to1, Br<Head>);
    row!(rows, op1, BrIf<Acc, Forward, true>);
    row!(rows, op1, BrIf<Acc, Forward, false>);
    row!(rows, op1, BrIf<Acc, Back, true>);
    row!(rows, op1, BrIf<Acc, Back, false>);
    row!(rows, op1, BrIf<Acc, Head, true>);
    row!(rows, op1, BrIf<Acc, Head, false>);
    row!(rows, op1, BrIf<Slot, Forward, true>);
    row!(rows, op1, BrIf<Slot, Forward, false>);
    row!(rows, op1, BrIf<Slot, Back, true>);
    row!(rows, op1, BrIf<Slot, Back, false>);
    row!(rows, op1, BrIf<Slot, Head, true>);
    row!(rows, op1, BrIf<Slot, Head, false>);
    const EXIT: Description = Description::new("exit", &[]);
    const SWITCH_BACK: Description = Description::new("switch_back", &[]);
    rows.set::<B>(HandlerId::plain(Plain::Exit), dispatch::exit::<B>, &EXIT);
    rows.set::<B>(
        HandlerId::plain(Plain::SwitchBack),
        dispatch::switch_back::<B>,
        &SWITCH_BACK,
    );
}

/// The types of the micro-ops by id, without paths.
#[cfg(feature = "profile")]
pub(crate) fn names() -> Vec<alloc::string::String> {
    let mut names = vec![""; HandlerId::SINGLES];
    names[usize::from(HandlerId::plain(Plain::Exit).0)] = "Exit";
    names[usize::from(HandlerId::plain(Plain::SwitchBack).0)] = "SwitchBack";
    for (id, name) in Batch::ALL
        .into_iter()
        .flat_map(|batch| rows::<Looped>(batch).names)
    {
        names[usize::from(id.0)] = name;
    }
    let without_paths = |name: &str| {
        let words = name.split_inclusive(['<', ',', '>', ' ']);
        words
            .map(|word| word.rsplit("::").next().unwrap_or(word))
            .collect()
    };
    names.into_iter().map(without_paths).collect()
}

/// How the fused sequences are found.
static INDEX: [u64; index_len(fusion::GROUPS)] = index(fusion::GROUPS);
static SIEVE: Sieve = sieve(fusion::GROUPS);

/// A place for the address of each handler.
type Known = [AtomicUsize; HandlerId::SINGLES + fusion::GROUPS.len()];

const fn unknown() -> Known {
    [const { AtomicUsize::new(0) }; _]
}

fn build<B: dispatch::Backend>(backend: Backend, known: &'static Known) -> Catalog {
    let fusions = if cfg!(feature = "profile") {
        Fusions {
            groups: &[],
            index: &[0],
            sieve: &[0; _],
            addresses: Box::default,
        }
    } else {
        Fusions {
            groups: fusion::GROUPS,
            index: &INDEX,
            sieve: &SIEVE,
            addresses: fusion::addresses::<B>,
        }
    };
    Catalog::new(backend, |batch| rows::<B>(batch).rows, fusions, known)
}

pub(super) fn address<B: dispatch::Backend>(handler: Handler<B>) -> u64 {
    (handler as *const ()).expose_provenance() as u64
}

/// The handlers of a backend; those of the loop where there is no other. Made once, for all engines.
pub(crate) fn catalog(backend: Backend) -> Arc<Catalog> {
    #[cfg(curta_threaded)]
    if backend == Backend::Threaded {
        static KNOWN: Known = unknown();
        static THREADED: Once<Option<Arc<Catalog>>> = Once::new();
        let threaded = THREADED.get_or_init(|| {
            super::probe::handlers_jump::<dispatch::Threaded>()
                .then(|| Arc::new(build::<dispatch::Threaded>(Backend::Threaded, &KNOWN)))
        });
        if let Some(catalog) = threaded {
            return Arc::clone(catalog);
        }
    }
    let _ = backend;
    static KNOWN: Known = unknown();
    static LOOPED: Once<Arc<Catalog>> = Once::new();
    Arc::clone(LOOPED.get_or_init(|| Arc::new(build::<Looped>(Backend::Looped, &KNOWN))))
}

/// The families of fused handlers, in the order of their ids, and how many of these each has.
#[cfg(feature = "internals")]
pub(crate) fn families() -> &'static [(&'static str, usize)] {
    fusion::FAMILIES
}

/// The addresses of a backend's ways out of a run, traps first: handlers that are in no cell.
#[cfg(feature = "internals")]
pub(crate) fn ways_out(backend: Backend) -> impl Iterator<Item = u64> {
    dispatch::leaves_of(backend).iter().map(|way| way.address())
}
