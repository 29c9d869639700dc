//! Operations that handlers leave to the store: growth, bulk operations, tables.
//!
//! They may allocate, fail and take long, so they run out of line, on plain words, and return before the handler goes on:
//! a handler that kept anything for them on the native stack could not end in a jump. What each does is written in
//! [`crate::store`]; here is only which words it takes. The few that most often need a look at a memory or a table and nothing
//! else get that at once, in the handler.

use super::{context::Failure, machine::Machine};
use crate::{
    code::operand::{Description, Operand},
    numeric::Trap,
    store::{instance::InstanceId, limiter::Refusal, store::HostStore},
};

/// An operation of the store.
pub(crate) trait Outline: 'static {
    const TEXT: &'static str;
    /// How many operands it takes from slots.
    const OPERANDS: usize;
    /// How many indices it has in the cell.
    const INDICES: usize;
    /// Whether code of the host's runs meanwhile: the store's limiter.
    #[cfg_attr(
        not(feature = "std"),
        allow(dead_code, reason = "panics are caught with std only")
    )]
    const ASKS: bool;
    /// What is known at once, without leaving the handler: the operation's result, if it succeeds.
    #[inline(always)]
    fn at_once(_machine: &mut Machine, _operands: [u64; 3], _indices: [u32; 2]) -> Option<u64> {
        None
    }
    fn run(
        store: &mut dyn HostStore,
        instance: InstanceId,
        operands: [u64; 3],
        indices: [u32; 2],
    ) -> Result<u64, Stop>;
}

/// Why an operation did not end with a word.
pub(super) enum Stop {
    Trap(Trap),
    /// The limiter failed.
    Failure(Failure),
}

impl From<Trap> for Stop {
    fn from(trap: Trap) -> Stop {
        Stop::Trap(trap)
    }
}

/// Runs an operation; a panic of the limiter's ends here, so that it crosses no handler.
#[cfg(feature = "std")]
pub(super) fn run<O: Outline>(
    store: &mut dyn HostStore,
    instance: InstanceId,
    operands: [u64; 3],
    indices: [u32; 2],
) -> Result<u64, Stop> {
    if !O::ASKS {
        return O::run(store, instance, operands, indices);
    }
    // As for host functions: the panic goes on when the guest's frames are left.
    let run = std::panic::AssertUnwindSafe(|| O::run(store, instance, operands, indices));
    std::panic::catch_unwind(run)
        .unwrap_or_else(|payload| Err(Stop::Failure(Failure::Panic(payload))))
}

/// Runs an operation. Without `std` a panic of the limiter's cannot be caught: it aborts.
#[cfg(not(feature = "std"))]
pub(super) fn run<O: Outline>(
    store: &mut dyn HostStore,
    instance: InstanceId,
    operands: [u64; 3],
    indices: [u32; 2],
) -> Result<u64, Stop> {
    O::run(store, instance, operands, indices)
}

/// What growing gives a guest: the old size, or -1.
fn grown(result: Result<u64, Refusal>) -> Result<u64, Stop> {
    match result {
        Ok(old) => Ok(old),
        Err(Refusal::Failed(error)) => Err(Stop::Failure(Failure::Error(error))),
        Err(_) => Ok(u64::MAX),
    }
}

/// What a listing says of an operation.
pub(super) const fn describe(
    text: &'static str,
    dest: Option<Operand>,
    operands: usize,
    indices: usize,
) -> Description {
    let mut description = Description::new(text, &[]);
    let mut n = 0;
    if let Some(dest) = dest {
        description.operands[n] = Some(dest);
        n += 1;
    }
    let mut i = 0;
    while i < operands {
        description.operands[n] = Some(Operand::Slot);
        (n, i) = (n + 1, i + 1);
    }
    i = 0;
    while i < indices {
        description.operands[n] = Some(Operand::Index);
        (n, i) = (n + 1, i + 1);
    }
    description
}

/// Defines operations: which operands and indices they take, and the store's method that does it.
macro_rules! outlines {
    ($($(#[$doc:meta])* $name:ident $text:literal [$($operand:ident),*] [$($index:ident),*] |$store:ident, $instance:ident| $run:expr $(, at once |$machine:ident, $operands:pat_param, $indices:pat_param| $quick:expr)?;)*) => { $(
        outlines!(@one false, $(#[$doc])* $name $text [$($operand),*] [$($index),*] |host, $instance| {
            let $store = host.inner_mut();
            let result: Result<u64, Trap> = $run;
            result.map_err(Stop::from)
        } $(, at once |$machine, $operands, $indices| $quick)?);
    )* };
    (asking: $($(#[$doc:meta])* $name:ident $text:literal [$($operand:ident),*] [$($index:ident),*] |$store:ident, $instance:ident| $run:expr;)*) => { $(
        outlines!(@one true, $(#[$doc])* $name $text [$($operand),*] [$($index),*] |$store, $instance| $run);
    )* };
    (@one $asks:literal, $(#[$doc:meta])* $name:ident $text:literal [$($operand:ident),*] [$($index:ident),*] |$store:ident, $instance:ident| $run:expr $(, at once |$machine:ident, $operands:pat_param, $indices:pat_param| $quick:expr)?) => {
        $(#[$doc])*
        pub(crate) struct $name;

        impl Outline for $name {
            const TEXT: &'static str = $text;
            const OPERANDS: usize = <[&str]>::len(&[$(stringify!($operand)),*]);
            const INDICES: usize = <[&str]>::len(&[$(stringify!($index)),*]);
            const ASKS: bool = $asks;
            $(
                #[inline(always)]
                fn at_once($machine: &mut Machine, $operands: [u64; 3], $indices: [u32; 2]) -> Option<u64> {
                    $quick
                }
            )?
            fn run($store: &mut dyn HostStore, $instance: InstanceId, operands: [u64; 3], indices: [u32; 2]) -> Result<u64, Stop> {
                let [$($operand,)* ..] = operands;
                let [$($index,)* ..] = indices;
                $run
            }
        }
    };
}

/// A 32-bit operand: the upper half of its word may hold anything.
fn low(word: u64) -> u64 {
    word & u64::from(u32::MAX)
}

/// Done, without a result.
fn done((): ()) -> Result<u64, Trap> {
    Ok(0)
}

outlines! { asking:
    /// `memory.grow`
    MemoryGrow "memory.grow" [delta] [memory] |store, instance| {
            let inner = store.inner();
            let (id, delta) = (inner.memory_id(instance, memory), inner.memory_word(instance, memory, delta));
            grown(store.grow_memory(id, delta))
        };
    /// `table.grow`
    TableGrow "table.grow" [value, delta] [table] |store, instance| {
            let inner = store.inner();
            let (id, delta) = (inner.table_id(instance, table), inner.table_word(instance, table, delta));
            grown(store.grow_table(id, value, delta))
        };
}

outlines! {
    /// `memory.size`
    MemorySize "memory.size" [] [memory] |store, instance| Ok(store.memory_size(instance, memory)),
        at once |machine, _, [memory, _]| (memory == 0).then(|| machine.memory_size());
    /// `memory.fill`
    MemoryFill "memory.fill" [to, value, len] [memory]
        |store, instance| {
            let (to, len) = (store.memory_word(instance, memory, to), store.memory_word(instance, memory, len));
            store.memory_fill(instance, memory, to, value as u8, len).and_then(done)
        };
    /// `memory.copy`
    MemoryCopy "memory.copy" [to, from, len] [dst, src]
        |store, instance| {
            let (to, from) = (store.memory_word(instance, dst, to), store.memory_word(instance, src, from));
            let len = store.memory_word(instance, dst, store.memory_word(instance, src, len));
            store.memory_copy(instance, dst, src, to, from, len).and_then(done)
        };
    /// `memory.init`
    MemoryInit "memory.init" [to, from, len] [memory, data]
        |store, instance| {
            let to = store.memory_word(instance, memory, to);
            store.memory_init(instance, memory, data, to, low(from), low(len)).and_then(done)
        };
    /// `data.drop`
    DataDrop "data.drop" [] [data] |store, instance| {
        store.data_drop(instance, data);
        Ok(0)
    };
    /// `table.get`
    TableGet "table.get" [index] [table]
        |store, instance| store.table_get(instance, table, store.table_word(instance, table, index)),
        at once |machine, [index, ..], [table, _]| {
            let table = machine.table(table);
            table.get(table.word(index))
        };
    /// `table.set`
    TableSet "table.set" [index, value] [table] |store, instance| {
            let index = store.table_word(instance, table, index);
            store.table_set(instance, table, index, value).and_then(done)
        },
        at once |machine, [index, value, _], [table, _]| {
            let table = machine.table(table);
            table.set(table.word(index), value).ok().map(|()| 0)
        };
    /// `table.size`
    TableSize "table.size" [] [table] |store, instance| Ok(store.table_size(instance, table)),
        at once |machine, _, [table, _]| Some(machine.table(table).size());
    /// `table.fill`
    TableFill "table.fill" [start, value, len] [table]
        |store, instance| {
            let (start, len) = (store.table_word(instance, table, start), store.table_word(instance, table, len));
            store.table_fill(instance, table, start, value, len).and_then(done)
        };
    /// `table.copy`
    TableCopy "table.copy" [to, from, len] [dst, src]
        |store, instance| {
            let (to, from) = (store.table_word(instance, dst, to), store.table_word(instance, src, from));
            let len = store.table_word(instance, dst, store.table_word(instance, src, len));
            store.table_copy(instance, dst, src, to, from, len).and_then(done)
        };
    /// `table.init`
    TableInit "table.init" [to, from, len] [table, elem]
        |store, instance| {
            let to = store.table_word(instance, table, to);
            store.table_init(instance, table, elem, to, low(from), low(len)).and_then(done)
        };
    /// `elem.drop`
    ElemDrop "elem.drop" [] [elem] |store, instance| {
        store.elem_drop(instance, elem);
        Ok(0)
    };
    /// `ref.func`
    RefFunc "ref.func" [] [func] |store, instance| Ok(store.ref_func(instance, func));
}
