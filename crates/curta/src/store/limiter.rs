//! What the host lets guests have of memories, tables and instances.
//!
//! A limiter lives in the host's data, so that it can count across whatever the host likes. It is
//! asked last: what a type or the store itself does not allow is refused without it.
//!
//! Guarantees: whatever is refused has changed nothing in the store.

use super::{
    memory::{Memory, MemoryId},
    store::HostStore,
    table::TableId,
};
use crate::error::Error;
use alloc::format;
use core::fmt;
use curta_module::{MemoryType, TableType};

/// How many memories, tables and instances a store may have where its limiter does not say.
const DEFAULT_COUNT: usize = 10_000;

/// Decides what guests may have, each time they ask. See
/// [`Store::limiter`](crate::Store::limiter); [`StoreLimits`] is one with fixed bounds.
///
/// A new memory or table is growth from 0 to its minimum. What the host itself asks for is decided
/// here, too.
///
/// ```
/// use curta::{Engine, Error, Instance, Module, ResourceLimiter, Store};
///
/// /// All memories of a store together may have so many bytes.
/// struct Budget { left: usize }
///
/// impl ResourceLimiter for Budget {
///     fn memory_growing(
///         &mut self, current: usize, desired: usize, _maximum: Option<usize>,
///     ) -> Result<bool, Error> {
///         let asked = desired - current;
///         let allowed = asked <= self.left;
///         if allowed {
///             self.left -= asked;
///         }
///         Ok(allowed)
///     }
///     fn table_growing(
///         &mut self, _: usize, desired: usize, _: Option<usize>,
///     ) -> Result<bool, Error> {
///         Ok(desired <= 1000)
///     }
/// }
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (memory 1)
///     (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#)?;
/// let mut store = Store::new(&engine, Budget { left: 200_000 });
/// store.limiter(|budget| budget);
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let grow = instance.get_typed_func::<i32, i32>(&store, "grow")?;
/// assert_eq!(grow.call(&mut store, 2)?, 1);
/// assert_eq!(grow.call(&mut store, 1)?, -1);
/// assert_eq!(store.data().left, 200_000 - 3 * 65_536);
/// # Ok::<(), curta::Error>(())
/// ```
pub trait ResourceLimiter {
    /// Whether a memory may grow from `current` to `desired` bytes; `maximum` is what its type
    /// says. `Ok(false)` makes `memory.grow` return -1 to a guest.
    ///
    /// # Errors
    /// Ends the call of the guest that asked, or is what the host gets.
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, Error>;

    /// Whether a table may grow from `current` to `desired` elements; `maximum` is what its type
    /// says. `Ok(false)` makes `table.grow` return -1 to a guest.
    ///
    /// # Errors
    /// Ends the call of the guest that asked, or is what the host gets.
    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, Error>;

    /// What [`memory_growing`](ResourceLimiter::memory_growing) has allowed did not happen: the
    /// machine has not enough memory.
    fn memory_grow_failed(&mut self, current: usize, desired: usize) {
        let _ = (current, desired);
    }

    /// What [`table_growing`](ResourceLimiter::table_growing) has allowed did not happen: the
    /// machine has not enough memory.
    fn table_grow_failed(&mut self, current: usize, desired: usize) {
        let _ = (current, desired);
    }

    /// The bytes that a memory may have, if that is a fixed number: for messages alone.
    fn memory_size(&self) -> Option<usize> {
        None
    }

    /// The elements that a table may have, if that is a fixed number: for messages alone.
    fn table_elements(&self) -> Option<usize> {
        None
    }

    /// How many instances the store may ever have.
    fn instances(&self) -> usize {
        DEFAULT_COUNT
    }

    /// How many memories the store may ever have.
    fn memories(&self) -> usize {
        DEFAULT_COUNT
    }

    /// How many tables the store may ever have.
    fn tables(&self) -> usize {
        DEFAULT_COUNT
    }
}

/// Fixed bounds as a [`ResourceLimiter`]. Made by [`StoreLimitsBuilder`].
///
/// ```
/// use curta::{Engine, Memory, MemoryType, Store, StoreLimits, StoreLimitsBuilder};
///
/// struct Host { limits: StoreLimits }
///
/// let limits = StoreLimitsBuilder::new().memory_size(1 << 20).instances(2).build();
/// let mut store = Store::new(&Engine::default(), Host { limits });
/// store.limiter(|host| &mut host.limits);
///
/// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
/// let error = memory.grow(&mut store, 16).unwrap_err();
/// assert_eq!(error.to_string(), "cannot grow the memory (memory 1) of 1 pages by 16 more: \
///     the store's limiter allows 1048576 bytes, 1114112 are asked for");
/// assert_eq!(memory.size(&store), 1);
/// # Ok::<(), curta::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct StoreLimits {
    memory_size: Option<usize>,
    table_elements: Option<usize>,
    instances: usize,
    memories: usize,
    tables: usize,
    trap_on_grow_failure: bool,
}

impl Default for StoreLimits {
    fn default() -> StoreLimits {
        StoreLimits {
            memory_size: None,
            table_elements: None,
            instances: DEFAULT_COUNT,
            memories: DEFAULT_COUNT,
            tables: DEFAULT_COUNT,
            trap_on_grow_failure: false,
        }
    }
}

/// Makes [`StoreLimits`]. What is not set is not limited, but for the numbers of instances,
/// memories and tables, which are 10,000 each.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct StoreLimitsBuilder {
    limits: StoreLimits,
}

impl StoreLimitsBuilder {
    /// Nothing set.
    pub fn new() -> StoreLimitsBuilder {
        StoreLimitsBuilder::default()
    }

    /// The bytes that each memory may have.
    pub fn memory_size(mut self, bytes: usize) -> StoreLimitsBuilder {
        self.limits.memory_size = Some(bytes);
        self
    }

    /// The elements that each table may have.
    pub fn table_elements(mut self, elements: usize) -> StoreLimitsBuilder {
        self.limits.table_elements = Some(elements);
        self
    }

    /// How many instances the store may ever have.
    pub fn instances(mut self, count: usize) -> StoreLimitsBuilder {
        self.limits.instances = count;
        self
    }

    /// How many memories the store may ever have.
    pub fn memories(mut self, count: usize) -> StoreLimitsBuilder {
        self.limits.memories = count;
        self
    }

    /// How many tables the store may ever have.
    pub fn tables(mut self, count: usize) -> StoreLimitsBuilder {
        self.limits.tables = count;
        self
    }

    /// Whether growth beyond these limits ends the guest's call with an error instead of giving it
    /// -1. What the machine, the type or the store itself does not allow gives -1 in any case.
    pub fn trap_on_grow_failure(mut self, trap: bool) -> StoreLimitsBuilder {
        self.limits.trap_on_grow_failure = trap;
        self
    }

    /// The limits.
    #[must_use]
    pub fn build(self) -> StoreLimits {
        self.limits
    }
}

impl StoreLimits {
    fn decide(&self, desired: usize, most: Option<usize>, what: &str) -> Result<bool, Error> {
        match most {
            Some(most) if desired > most => {
                if self.trap_on_grow_failure {
                    return Err(Error::limit(format!(
                        "{what}: the store's limiter allows {most}, {desired} are asked for"
                    )));
                }
                Ok(false)
            }
            _ => Ok(true),
        }
    }
}

impl ResourceLimiter for StoreLimits {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> Result<bool, Error> {
        self.decide(desired, self.memory_size, "bytes of a memory")
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool, Error> {
        self.decide(desired, self.table_elements, "elements of a table")
    }

    fn memory_size(&self) -> Option<usize> {
        self.memory_size
    }

    fn table_elements(&self) -> Option<usize> {
        self.table_elements
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        self.memories
    }

    fn tables(&self) -> usize {
        self.tables
    }
}

/// The store's limiter, if it has one.
pub(crate) type Limiter<'a> = Option<&'a mut dyn ResourceLimiter>;

/// Why something does not grow, or is not made.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The type allows so much.
    Type(u64),
    /// The store, or the machine's addresses, allow so much.
    Store(u64),
    /// The limiter does not allow it.
    Limiter {
        /// What it allows, if it says so.
        most: Option<usize>,
        /// What was asked for.
        asked: u64,
    },
    /// The machine has not enough memory.
    Machine,
    /// The limiter failed.
    Failed(Error),
}

impl Refusal {
    /// The refusal as an error of the host's: what was wanted, then why not, in these units.
    pub(crate) fn error(self, wanted: impl fmt::Display, size: &str, store_size: &str) -> Error {
        let why = match self {
            Refusal::Failed(error) => return error,
            Refusal::Type(most) => format!("its maximum is {most} {size}"),
            Refusal::Store(most) => format!("it may have at most {most} {store_size} here"),
            Refusal::Machine => "the machine has not enough memory".into(),
            Refusal::Limiter {
                most: Some(most),
                asked,
            } => format!("the store's limiter allows {most} {store_size}, {asked} are asked for"),
            Refusal::Limiter { most: None, asked } => {
                format!("the store's limiter refuses {asked} {store_size}")
            }
        };
        Error::limit(format!("{wanted}: {why}"))
    }
}

/// Asks whether a memory of this type may grow. All sizes were found to be possible, so that they
/// fit a `usize`.
pub(crate) fn ask_for_memory(
    limiter: &mut Limiter<'_>,
    ty: &MemoryType,
    current: usize,
    desired: usize,
) -> Result<(), Refusal> {
    let Some(limiter) = limiter else {
        return Ok(());
    };
    let maximum = ty
        .maximum_bytes()
        .map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    match limiter.memory_growing(current, desired, maximum) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Refusal::Limiter {
            most: limiter.memory_size(),
            asked: desired as u64,
        }),
        Err(error) => Err(Refusal::Failed(error)),
    }
}

/// The same for a table, in elements.
pub(crate) fn ask_for_table(
    limiter: &mut Limiter<'_>,
    ty: &TableType,
    current: usize,
    desired: usize,
) -> Result<(), Refusal> {
    let Some(limiter) = limiter else {
        return Ok(());
    };
    let maximum = ty
        .maximum
        .map(|elements| usize::try_from(elements).unwrap_or(usize::MAX));
    match limiter.table_growing(current, desired, maximum) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Refusal::Limiter {
            most: limiter.table_elements(),
            asked: desired as u64,
        }),
        Err(error) => Err(Refusal::Failed(error)),
    }
}

/// Refuses more of something than a limiter lets a store have.
pub(crate) fn ask_for_number(
    limiter: &Limiter<'_>,
    most: fn(&dyn ResourceLimiter) -> usize,
    have: usize,
    more: usize,
    what: &str,
) -> Result<(), Error> {
    let Some(limiter) = limiter else {
        return Ok(());
    };
    let most = most(&**limiter);
    if have.saturating_add(more) <= most {
        return Ok(());
    }
    Err(Error::limit(format!(
        "the store's limiter allows {most} {what}, the store has {have} and {more} more are asked for"
    )))
}

/// Growth of what a store has, for guests and the host alike.
impl dyn HostStore + '_ {
    /// Adds pages of zeros to a memory; the old size in pages.
    pub(crate) fn grow_memory(&mut self, id: MemoryId, delta: u64) -> Result<u64, Refusal> {
        let (store, mut limiter) = self.inner_and_limiter();
        store.memories[id.index()].grow_within(delta, &mut limiter)
    }

    /// Adds elements to a table; the old size.
    pub(crate) fn grow_table(
        &mut self,
        id: TableId,
        value: u64,
        delta: u64,
    ) -> Result<u64, Refusal> {
        let (store, mut limiter) = self.inner_and_limiter();
        store.grow_table_within(id, value, delta, &mut limiter)
    }
}

impl Memory {
    fn grow_within(&mut self, delta: u64, limiter: &mut Limiter<'_>) -> Result<u64, Refusal> {
        let (current, desired) = (self.data().len(), self.size_after(delta)?);
        if desired != current {
            ask_for_memory(limiter, self.declared(), current, desired)?;
        }
        let grown = self.grow(delta);
        if grown.is_none()
            && let Some(limiter) = limiter
        {
            limiter.memory_grow_failed(current, desired);
        }
        grown.ok_or(Refusal::Machine)
    }
}
