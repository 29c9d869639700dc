//! Tables as the host sees them.

use super::{
    context::{AsContext, AsContextMut},
    value::{Val, check_type},
};
use crate::{
    error::Error,
    store::{
        store::{HostStore, StoreId, StoreInner},
        table::{Table as TableData, TableId},
    },
};
use alloc::format;
use curta_module::{TableType, ValType};

/// A table of references of a store.
///
/// ```
/// use curta::{Engine, Func, RefType, Store, Table, TableType, Val};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = TableType::new(RefType::FUNCREF, 2, None);
/// let table = Table::new(&mut store, ty, Val::FuncRef(None))?;
/// let func = Func::wrap(&mut store, || 7);
/// table.set(&mut store, 1, func.into())?;
/// assert_eq!(table.get(&store, 1), Some(func.into()));
/// assert_eq!(table.get(&store, 2), None);
/// # Ok::<(), curta::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Table {
    pub(crate) store: StoreId,
    pub(crate) id: TableId,
}

impl Table {
    /// A table full of `init`.
    ///
    /// # Errors
    /// When `init` is no value of the table's, the type is none that a module could define or
    /// belongs to another engine, or the minimum is beyond the store's limits, its
    /// [limiter](crate::Store::limiter) or the machine's memory.
    pub fn new(mut ctx: impl AsContextMut, ty: TableType, init: Val) -> Result<Table, Error> {
        let ctx = ctx.as_context_mut();
        let (store, mut limiter) = ctx.store.inner_and_limiter();
        check_type(ty.element.into(), &store.registry)?;
        check_limits(&ty)?;
        let word = word(store, &ty, init)?;
        store.check_table_budget(ty.minimum)?;
        store.ask_for_numbers(&limiter, 0, 0, 1)?;
        let table = store.new_table(ty, word, &mut limiter)?;
        Ok(Table {
            store: store.id,
            id: store.push_table(table),
        })
    }

    /// The type as it was declared; the present size is [`Table::size`].
    ///
    /// # Panics
    /// When the table belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> TableType {
        *self.of(&ctx.as_context().store.inner).declared()
    }

    /// The present number of elements.
    ///
    /// # Panics
    /// When the table belongs to another store.
    pub fn size(&self, ctx: impl AsContext) -> u64 {
        self.of(&ctx.as_context().store.inner).size()
    }

    /// An element; `None` beyond the end.
    ///
    /// # Panics
    /// When the table belongs to another store.
    pub fn get(&self, ctx: impl AsContext, index: u64) -> Option<Val> {
        let store = &ctx.as_context().store.inner;
        let table = self.of(store);
        let element = ValType::Ref(table.declared().element);
        table
            .get(index)
            .map(|word| Val::from_word(word, element, store))
    }

    /// Sets an element.
    ///
    /// # Errors
    /// Beyond the end, when `value` is no value of the table's, and for a table or a reference of
    /// another store.
    pub fn set(&self, mut ctx: impl AsContextMut, index: u64, value: Val) -> Result<(), Error> {
        let store = &mut ctx.as_context_mut().store.inner;
        let word = self.checked_word(store, value)?;
        let table = &mut store.tables[self.id.index()];
        table.set(index, word).map_err(|_| {
            let size = table.size();
            Error::bounds(format!(
                "cannot set element {index}: the table has {size} elements"
            ))
        })
    }

    /// Sets `len` elements from `index` on.
    ///
    /// # Errors
    /// Beyond the end, when `value` is no value of the table's, and for a table or a reference of
    /// another store: nothing has changed then.
    pub fn fill(
        &self,
        mut ctx: impl AsContextMut,
        index: u64,
        value: Val,
        len: u64,
    ) -> Result<(), Error> {
        let store = &mut ctx.as_context_mut().store.inner;
        let word = self.checked_word(store, value)?;
        let table = &mut store.tables[self.id.index()];
        table.fill(index, word, len).map_err(|_| {
            let size = table.size();
            Error::bounds(format!(
                "cannot set {len} elements from element {index} on: the table has {size} elements"
            ))
        })
    }

    /// Adds `delta` elements of `value` and returns the old size.
    ///
    /// # Errors
    /// When the table's maximum, the store's limits or [limiter](crate::Store::limiter), or the
    /// machine's memory do not allow it, when `value` is no value of the table's, and for a table
    /// or a reference of another store: nothing has changed then.
    pub fn grow(&self, mut ctx: impl AsContextMut, delta: u64, value: Val) -> Result<u64, Error> {
        let store = ctx.as_context_mut().store;
        let word = self.checked_word(&store.inner, value)?;
        let grown = (store as &mut dyn HostStore).grow_table(self.id, word, delta);
        grown.map_err(|refusal| {
            let table = &store.inner.tables[self.id.index()];
            let (ty, size) = (table.declared(), table.size());
            let wanted =
                format_args!("cannot grow the table {ty} of {size} elements by {delta} more");
            refusal.error(wanted, "elements", "elements")
        })
    }

    /// A value for this table as a word.
    fn checked_word(&self, store: &StoreInner, value: Val) -> Result<u64, Error> {
        store.check_home(self.store, "Table")?;
        word(store, store.tables[self.id.index()].declared(), value)
    }

    #[track_caller]
    fn of<'a>(&self, store: &'a StoreInner) -> &'a TableData {
        store.assert_home(self.store, "Table");
        &store.tables[self.id.index()]
    }
}

/// A value for a table of type `ty` as a word.
fn word(store: &StoreInner, ty: &TableType, value: Val) -> Result<u64, Error> {
    value.checked_word(ty.element.into(), store, |mismatch| {
        format!("an element of the table {ty}: {mismatch}")
    })
}

/// Refuses sizes that no module could declare.
fn check_limits(ty: &TableType) -> Result<(), Error> {
    let most = if ty.table64 {
        u64::MAX
    } else {
        u64::from(u32::MAX)
    };
    let maximum = ty.maximum.unwrap_or(most);
    if ty.minimum > maximum {
        return Err(Error::usage(format!(
            "{ty} is no type: the minimum exceeds the maximum"
        )));
    }
    if maximum > most {
        return Err(Error::usage(format!(
            "{ty} is no type: 32 bits address {most} elements"
        )));
    }
    Ok(())
}
