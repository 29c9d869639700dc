//! Tables of references, and the instructions on them.
//!
//! Elements are words (a function handle's bits, or an index into the store's host references
//! plus one), so null is 0 and a table starts out as zeros. The executor reads [`Table::words`]
//! directly for indirect calls; everything else goes through here.
//!
//! Guarantees: a refused `grow` changes nothing; a table's size is bounded by its type and the
//! store's limits, and so is the sum of all tables of a store.

use super::{
    instance::InstanceId,
    limiter::{Limiter, Refusal, ask_for_table},
    store::StoreInner,
};
use crate::{error::Error, numeric::Trap};
use alloc::vec::Vec;
use core::ops::Range;
use curta_module::TableType;

/// Which table of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TableId(pub(crate) u32);

impl TableId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A table of references.
pub(crate) struct Table {
    ty: TableType,
    /// Its elements as words.
    elements: Vec<u64>,
    /// The size that it may not grow beyond.
    most: u64,
}

impl Table {
    /// A table of its type's minimal size that may grow to `cap` elements at most.
    ///
    /// # Errors
    /// When the minimum exceeds `cap` or the machine's memory.
    pub(crate) fn new(ty: TableType, value: u64, cap: u64) -> Result<Table, Error> {
        Table::initial_size(&ty, cap)?;
        let mut table = Table {
            ty,
            elements: Vec::new(),
            most: most_elements(&ty).min(cap),
        };
        let old = table.grow(ty.minimum, value);
        old.map(|_| table)
            .ok_or_else(|| refused(&ty, Refusal::Machine))
    }

    /// The elements that a table of a type starts with.
    ///
    /// # Errors
    /// When they exceed `cap` or what the machine can address.
    fn initial_size(ty: &TableType, cap: u64) -> Result<usize, Error> {
        let most = most_elements(ty).min(cap);
        let size = usize::try_from(ty.minimum).ok();
        size.filter(|_| ty.minimum <= most)
            .ok_or_else(|| refused(ty, Refusal::Store(most)))
    }

    /// Its type as it was declared.
    pub(crate) fn declared(&self) -> &TableType {
        &self.ty
    }

    /// Its type as importers see it: the minimum is the present size.
    pub(crate) fn ty(&self) -> TableType {
        TableType {
            minimum: self.size(),
            ..self.ty
        }
    }

    /// Its elements as words. They may move when it grows.
    pub(crate) fn words(&self) -> &[u64] {
        &self.elements
    }

    /// Where they are. Not by way of a slice, which would promise that they stay what they are: handlers set some, and then read
    /// others from here.
    #[inline]
    pub(crate) fn base(&self) -> *const u64 {
        self.elements.as_ptr()
    }

    /// Sets all elements.
    pub(crate) fn fill_all(&mut self, value: u64) {
        self.elements.fill(value);
    }

    /// How many elements it has.
    pub(crate) fn size(&self) -> u64 {
        self.elements.len() as u64
    }

    /// An index or length from an operand's word: where those are 32 bits wide, the upper half may hold anything.
    #[inline]
    pub(crate) fn word(&self, word: u64) -> u64 {
        if self.ty.table64 {
            word
        } else {
            word & u64::from(u32::MAX)
        }
    }

    /// The element at `index`, if there is one.
    #[inline]
    pub(crate) fn get(&self, index: u64) -> Option<u64> {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.elements.get(index))
            .copied()
    }

    /// Sets the element at `index`, if there is one.
    #[inline]
    pub(crate) fn set(&mut self, index: u64, value: u64) -> Result<(), Trap> {
        let element = usize::try_from(index)
            .ok()
            .and_then(|index| self.elements.get_mut(index));
        *element.ok_or(Trap::TableOutOfBounds)? = value;
        Ok(())
    }

    /// Adds `delta` elements and returns the old size; `None`, with nothing changed, when refused.
    fn grow(&mut self, delta: u64, value: u64) -> Option<u64> {
        let old = self.size();
        let new = self.size_after(delta).ok()?;
        self.elements.try_reserve(new - self.elements.len()).ok()?;
        self.elements.resize(new, value);
        Some(old)
    }

    /// The size after growing by `delta` elements, if type and store allow it.
    fn size_after(&self, delta: u64) -> Result<usize, Refusal> {
        let size = self.size().checked_add(delta);
        size.filter(|size| *size <= self.most)
            .and_then(|size| usize::try_from(size).ok())
            .ok_or_else(|| match self.ty.maximum {
                Some(maximum) if size.is_none_or(|size| size > maximum) => Refusal::Type(maximum),
                _ => Refusal::Store(self.most),
            })
    }

    /// The elements `offset .. offset + len` as indices, if all of them exist.
    fn range(&self, offset: u64, len: u64) -> Result<Range<usize>, Trap> {
        let end = offset.checked_add(len).filter(|end| *end <= self.size());
        match end {
            // Both are at most the length of a vector.
            Some(end) => Ok(offset as usize..end as usize),
            None => Err(Trap::TableOutOfBounds),
        }
    }

    /// Sets `len` elements; all or nothing.
    pub(crate) fn fill(&mut self, start: u64, value: u64, len: u64) -> Result<(), Trap> {
        let range = self.range(start, len)?;
        self.elements[range].fill(value);
        Ok(())
    }

    /// Writes `words` at `dst`; all or nothing.
    pub(crate) fn init(
        &mut self,
        dst: u64,
        words: impl ExactSizeIterator<Item = u64>,
    ) -> Result<(), Trap> {
        let range = self.range(dst, words.len() as u64)?;
        for (element, word) in self.elements[range].iter_mut().zip(words) {
            *element = word;
        }
        Ok(())
    }
}

/// The elements that a type allows.
fn most_elements(ty: &TableType) -> u64 {
    let addressable = if ty.table64 {
        u64::MAX
    } else {
        u64::from(u32::MAX)
    };
    ty.maximum.unwrap_or(u64::MAX).min(addressable)
}

/// Why there is no table of a type.
fn refused(ty: &TableType, refusal: Refusal) -> Error {
    refusal.error(
        format_args!("cannot allocate the table {ty}"),
        "elements",
        "elements",
    )
}

/// What handlers call, out of line. `table` is the module's own index.
impl StoreInner {
    pub(crate) fn table_id(&self, instance: InstanceId, table: u32) -> TableId {
        self.instance(instance).tables[table as usize]
    }

    fn table_of(&self, instance: InstanceId, table: u32) -> &Table {
        &self.tables[self.table_id(instance, table).index()]
    }

    fn table_mut(&mut self, instance: InstanceId, table: u32) -> &mut Table {
        let id = self.table_id(instance, table);
        &mut self.tables[id.index()]
    }

    /// An index or length of a table from an operand's word: see [`Table::word`].
    pub(crate) fn table_word(&self, instance: InstanceId, table: u32, word: u64) -> u64 {
        self.table_of(instance, table).word(word)
    }

    /// `table.get`
    pub(crate) fn table_get(
        &self,
        instance: InstanceId,
        table: u32,
        index: u64,
    ) -> Result<u64, Trap> {
        self.table_of(instance, table)
            .get(index)
            .ok_or(Trap::TableOutOfBounds)
    }

    /// `table.set`
    pub(crate) fn table_set(
        &mut self,
        instance: InstanceId,
        table: u32,
        index: u64,
        value: u64,
    ) -> Result<(), Trap> {
        self.table_mut(instance, table).set(index, value)
    }

    /// `table.size`
    pub(crate) fn table_size(&self, instance: InstanceId, table: u32) -> u64 {
        self.table_of(instance, table).size()
    }

    /// A table of a type, full of a value, which is not in the store yet.
    ///
    /// # Errors
    /// When the minimum is beyond what the store, its limiter or the machine allow.
    pub(crate) fn new_table(
        &self,
        ty: TableType,
        value: u64,
        limiter: &mut Limiter<'_>,
    ) -> Result<Table, Error> {
        let cap = self.limits.table_elements;
        let size = Table::initial_size(&ty, cap)?;
        ask_for_table(limiter, &ty, 0, size).map_err(|refusal| refused(&ty, refusal))?;
        let table = Table::new(ty, value, cap);
        if table.is_err()
            && let Some(limiter) = limiter
        {
            limiter.table_grow_failed(0, size);
        }
        table
    }

    /// Grows any table of the store, within the store's budget for all of them.
    pub(crate) fn grow_table_within(
        &mut self,
        id: TableId,
        value: u64,
        delta: u64,
        limiter: &mut Limiter<'_>,
    ) -> Result<u64, Refusal> {
        let table = &self.tables[id.index()];
        let (current, desired) = (table.elements.len(), table.size_after(delta)?);
        // A table's size is bounded, so this is.
        let all = self.table_elements.saturating_add(delta);
        let most = self.limits.all_table_elements;
        if all > most {
            return Err(Refusal::Store(table.size() + (most - self.table_elements)));
        }
        if desired != current {
            ask_for_table(limiter, &table.ty, current, desired)?;
        }
        let Some(old) = self.tables[id.index()].grow(delta, value) else {
            if let Some(limiter) = limiter {
                limiter.table_grow_failed(current, desired);
            }
            return Err(Refusal::Machine);
        };
        self.table_elements = all;
        Ok(old)
    }

    /// `table.fill`
    pub(crate) fn table_fill(
        &mut self,
        instance: InstanceId,
        table: u32,
        start: u64,
        value: u64,
        len: u64,
    ) -> Result<(), Trap> {
        self.table_mut(instance, table).fill(start, value, len)
    }

    /// `table.copy`, between any two tables; ranges may overlap.
    pub(crate) fn table_copy(
        &mut self,
        instance: InstanceId,
        dst_table: u32,
        src_table: u32,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Result<(), Trap> {
        let to = self.table_id(instance, dst_table).index();
        let from = self.table_id(instance, src_table).index();
        match self.tables.get_disjoint_mut([to, from]) {
            Ok([to, from]) => {
                let (source, range) = (from.range(src, len)?, to.range(dst, len)?);
                to.elements[range].copy_from_slice(&from.elements[source]);
            }
            // The same table twice.
            Err(_) => {
                let table = &mut self.tables[to];
                let (source, range) = (table.range(src, len)?, table.range(dst, len)?);
                table.elements.copy_within(source, range.start);
            }
        }
        Ok(())
    }

    /// `table.init`: copies from an element segment of the module, which is empty once dropped.
    pub(crate) fn table_init(
        &mut self,
        instance: InstanceId,
        table: u32,
        elem: u32,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Result<(), Trap> {
        let id = self.table_id(instance, table);
        // Field by field, so that the segment can be read while the table is written.
        let segment = self.instances[instance.index()].element_segment(elem);
        let end = src
            .checked_add(len)
            .filter(|end| *end <= segment.len() as u64);
        let end = end.ok_or(Trap::TableOutOfBounds)?;
        self.tables[id.index()].init(dst, segment.words(src as usize..end as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::Table;
    use crate::numeric::Trap;
    use curta_module::{RefType, TableType};

    const CAP: u64 = 10_000_000;

    fn table(minimum: u64, maximum: Option<u64>) -> Table {
        let ty = TableType::new(RefType::FUNCREF, minimum, maximum);
        Table::new(ty, 0, CAP).expect("small enough")
    }

    #[test]
    fn a_table_starts_out_null_and_grows_with_a_value() {
        let mut table = table(2, Some(5));
        assert_eq!((table.get(1), table.get(2)), (Some(0), None));
        assert_eq!(
            (table.grow(3, 7), table.get(2), table.size()),
            (Some(2), Some(7), 5)
        );
    }

    #[test]
    fn a_refused_grow_changes_nothing() {
        let mut table = table(2, None);
        for delta in [CAP - 1, u64::from(u32::MAX), u64::MAX] {
            assert_eq!((table.grow(delta, 1), table.size()), (None, 2));
        }
    }

    #[test]
    fn a_huge_minimum_is_a_clear_error_and_a_huge_maximum_costs_nothing() {
        let ty = TableType::new(RefType::FUNCREF, u64::from(u32::MAX), None);
        let error = Table::new(ty, 0, CAP).err().expect("too large");
        assert_eq!(
            alloc::format!("{error}"),
            "cannot allocate the table (table 4294967295 funcref): \
             it may have at most 10000000 elements here"
        );
        assert_eq!(table(0, Some(u64::from(u32::MAX))).elements.capacity(), 0);
    }

    #[test]
    fn accesses_are_checked_without_wrapping() {
        let mut table = table(3, None);
        assert_eq!(table.set(3, 1), Err(Trap::TableOutOfBounds));
        assert_eq!(table.set(u64::MAX, 1), Err(Trap::TableOutOfBounds));
        assert_eq!(table.fill(3, 1, 0), Ok(()));
        for (start, len) in [(4, 0), (2, 2), (u64::MAX, 1), (1, u64::MAX)] {
            assert_eq!(table.fill(start, 9, len), Err(Trap::TableOutOfBounds));
        }
        assert_eq!(
            table.init(2, [8, 8].into_iter()),
            Err(Trap::TableOutOfBounds)
        );
        assert_eq!(
            table.elements,
            [0, 0, 0],
            "nothing is written when not everything fits"
        );
    }
}
