//! Exceptions that are on their way, and those that guests refer to.
//!
//! <https://webassembly.github.io/spec/core/exec/runtime.html#exception-instances>. A thrown
//! exception is an object of the store. One that is caught without a reference to it, and to which
//! there never was one, is forgotten at once. The others are reclaimed when no reference leads to
//! them any more, which is looked into when enough new ones have been made: roots are the value
//! stacks, in which every word that might be a reference counts as one; the globals, tables and
//! element segments that hold exceptions; and what the host was ever given as a reference, which
//! lives as long as the store.
//!
//! A reference is the number of the object's place plus one, and how often the place was used; null
//! is 0. So a number that happens to lie on a stack is hardly ever one.
//!
//! Cost: everything is constant time but for a collection, which is linear in the roots and the
//! objects, and happens after as many words have been allocated as the last one looked at.

use super::{
    global::GlobalId,
    segment::ElementState,
    store::{StoreId, StoreInner},
    tag::TagId,
};
use crate::error::{Error, Thrown};
use alloc::{format, vec::Vec};
use core::sync::atomic::{AtomicBool, Ordering};
use curta_module::{HeapType, RefType, ValType};
use smallvec::SmallVec;

/// What was thrown.
#[derive(Debug)]
pub(crate) struct Exception {
    pub(crate) tag: TagId,
    /// The words of its values.
    pub(crate) values: Vec<u64>,
    /// Whether anybody has ever had a reference to it.
    referred_to: bool,
}

/// The exceptions of a store.
#[derive(Debug, Default)]
pub(crate) struct Exceptions {
    places: Vec<Place>,
    /// Numbers of places without an exception.
    free: Vec<u32>,
    /// Words that the exceptions take.
    used: usize,
    /// A collection is due when `used` exceeds this.
    threshold: usize,
}

/// Where an exception can be.
#[derive(Debug)]
struct Place {
    /// How often there was another one here before.
    generation: u32,
    exception: Option<Exception>,
    /// A reference leads here; set and reset by a collection.
    marked: bool,
    /// The host has a reference.
    pinned: AtomicBool,
}

/// Words that an exception takes besides its values, roughly.
const OVERHEAD: usize = 8;

/// So many words are allocated before anything is looked at.
const LEAST_THRESHOLD: usize = 1 << 14;

impl Exceptions {
    /// Adds an exception; the word of a reference to it.
    ///
    /// [`StoreInner::make_room_for_exception`] goes before.
    pub(crate) fn push(&mut self, tag: TagId, values: Vec<u64>) -> u64 {
        self.used += values.len() + OVERHEAD;
        let number = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place {
                generation: FIRST_GENERATION,
                exception: None,
                marked: false,
                pinned: AtomicBool::new(false),
            });
            // Memory ends long before 2^32 places do.
            (self.places.len() - 1) as u32
        });
        let place = &mut self.places[number as usize];
        place.exception = Some(Exception {
            tag,
            values,
            referred_to: false,
        });
        place.reference(number)
    }

    /// The exception that a reference refers to, unless it is null.
    pub(crate) fn get(&self, word: u64) -> Option<&Exception> {
        self.places[self.place(word)?].exception.as_ref()
    }

    /// Says that a guest gets a reference to it.
    pub(crate) fn refer_to(&mut self, word: u64) {
        if let Some(number) = self.place(word)
            && let Some(exception) = &mut self.places[number].exception
        {
            exception.referred_to = true;
        }
    }

    /// Forgets an exception that was caught, unless there may be references to it.
    pub(crate) fn forget(&mut self, word: u64) {
        if let Some(number) = self.place(word)
            && self.get(word).is_some_and(|it| !it.referred_to)
        {
            self.free(number);
        }
    }

    /// The place that a word refers to, if there is an exception that it is the reference to.
    fn place(&self, word: u64) -> Option<usize> {
        let number = (word as u32).checked_sub(1)? as usize;
        let place = self.places.get(number)?;
        let is_it = place.exception.is_some() && u64::from(place.generation) == word >> 32;
        is_it.then_some(number)
    }

    fn free(&mut self, number: usize) {
        let place = &mut self.places[number];
        if let Some(exception) = place.exception.take() {
            place.generation = place.generation.wrapping_add(1).max(FIRST_GENERATION);
            self.used -= exception.values.len() + OVERHEAD;
            self.free.push(number as u32);
        }
    }

    /// Marks what a word refers to, if it is a reference, and what that refers to. Gives the
    /// number of words looked at.
    fn mark(&mut self, word: u64, pending: &mut Vec<usize>) -> usize {
        let mut seen = 1;
        pending.extend(self.place(word));
        while let Some(number) = pending.pop() {
            let place = &mut self.places[number];
            if core::mem::replace(&mut place.marked, true) {
                continue;
            }
            let values = place.exception.as_ref().map_or(&[][..], |it| &it.values);
            let values = SmallVec::<[u64; 8]>::from_slice(values);
            seen += values.len() + OVERHEAD;
            pending.extend(values.iter().filter_map(|word| self.place(*word)));
        }
        seen
    }

    /// The references that the host has.
    fn pinned(&self) -> Vec<u64> {
        let places = (0u32..).zip(&self.places);
        let pinned = places.filter(|(_, place)| place.pinned.load(Ordering::Relaxed));
        pinned
            .map(|(number, place)| place.reference(number))
            .collect()
    }

    /// Frees what is not marked, and forgets the marks.
    fn sweep(&mut self) {
        for number in 0..self.places.len() {
            if !core::mem::take(&mut self.places[number].marked) {
                self.free(number);
            }
        }
    }
}

/// Above what small integers and addresses look like.
const FIRST_GENERATION: u32 = 0x8000_0001;

impl Place {
    /// The reference to the exception that is here, in the place of this number.
    fn reference(&self, number: u32) -> u64 {
        u64::from(self.generation) << 32 | (u64::from(number) + 1)
    }
}

/// Whether values of a type are exceptions or null.
fn holds_exceptions(ty: ValType) -> bool {
    match ty {
        ValType::Ref(RefType { heap, .. }) => matches!(heap, HeapType::Exn | HeapType::NoExn),
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => false,
    }
}

impl StoreInner {
    /// Makes room for an exception with these values, by reclaiming what no reference leads to if
    /// it is time for that.
    ///
    /// Every frame of the running activation must lie below what [`set_top`] or [`lend`] was told
    /// last.
    ///
    /// # Errors
    /// When the exceptions that are referred to take more than the store's limit allows.
    ///
    /// [`set_top`]: super::value_stack::ValueStack::set_top
    /// [`lend`]: super::value_stack::ValueStack::lend
    #[inline]
    pub(crate) fn make_room_for_exception(&mut self, values: &[u64]) -> Result<(), Error> {
        let used = self.exceptions.used.saturating_add(values.len() + OVERHEAD);
        let threshold = self.exceptions.threshold.max(LEAST_THRESHOLD);
        if used <= threshold.min(self.limits.exception_words) {
            return Ok(());
        }
        self.make_room_slowly(values)
    }

    #[cold]
    fn make_room_slowly(&mut self, values: &[u64]) -> Result<(), Error> {
        self.collect_exceptions(values);
        let (used, most) = (self.exceptions.used, self.limits.exception_words);
        // Some of it has to be free afterwards, or every further exception would come here.
        if used.saturating_add(values.len() + OVERHEAD) > most - most / 8 {
            return Err(Error::limit(format!(
                "cannot throw: the exceptions that are referred to take {used} words of {most}"
            )));
        }
        Ok(())
    }

    /// Keeps the exception that a reference refers to for the store's whole life, because the host
    /// gets the reference.
    pub(crate) fn pin_exception(&self, word: u64) {
        if let Some(number) = self.exceptions.place(word) {
            let place = &self.exceptions.places[number];
            place.pinned.store(true, Ordering::Relaxed);
        }
    }

    /// An exception as a value of the host's.
    pub(crate) fn thrown(&self, tag: TagId, values: &[u64]) -> Thrown {
        let ty = self.tag_type(tag).clone();
        for (word, param) in values.iter().zip(ty.func.params()) {
            if holds_exceptions(*param) {
                self.pin_exception(*word);
            }
        }
        Thrown::new(self.id.into(), tag.0, ty, values)
    }

    /// The error of a guest's call, on its way to the host: an exception becomes a value.
    #[cold]
    pub(crate) fn let_out(&mut self, error: Error) -> Error {
        let Some(word) = error.exception_of(self.id) else {
            return error;
        };
        let Some(exception) = self.exceptions.get(word) else {
            return error;
        };
        let thrown = self.thrown(exception.tag, &exception.values);
        self.exceptions.forget(word);
        error.with_thrown(thrown)
    }

    /// The error of a host function, on its way to the guest that called it: an exception of this
    /// store becomes one that guests can catch.
    #[cold]
    pub(crate) fn let_in(&mut self, error: Error) -> Error {
        let Some(thrown) = error.thrown().filter(|it| it.store == self.id.into()) else {
            return error;
        };
        if let Err(refused) = self.make_room_for_exception(&thrown.words) {
            return refused;
        }
        let word = self
            .exceptions
            .push(TagId(thrown.tag), thrown.words.to_vec());
        Error::uncaught_exception(self.id, word)
    }

    /// Reclaims the exceptions that no reference leads to. `more` are roots besides.
    fn collect_exceptions(&mut self, more: &[u64]) {
        let mut exceptions = core::mem::take(&mut self.exceptions);
        let mut pending = Vec::new();
        let mut seen = exceptions.places.len() + self.globals.len() + self.tables.len();
        let mut mark = |word| seen += exceptions.mark(word, &mut pending);
        more.iter().copied().for_each(&mut mark);
        self.stack.words_in_use().for_each(&mut mark);
        for (index, global) in (0u32..).zip(&self.globals) {
            if holds_exceptions(global.ty.content) {
                mark(self.global_word(GlobalId(index)));
            }
        }
        for table in &self.tables {
            if holds_exceptions(table.declared().element.into()) {
                table.words().iter().copied().for_each(&mut mark);
            }
        }
        let mut segments_seen = self.instances.len();
        for instance in &self.instances {
            let segments = instance.module.module.elements();
            segments_seen += segments.len();
            for (segment, state) in segments.iter().zip(&instance.elements) {
                if let ElementState::Words(words) = state
                    && holds_exceptions(segment.ty.into())
                {
                    words.iter().copied().for_each(&mut mark);
                }
            }
        }
        seen += segments_seen;
        for word in exceptions.pinned() {
            seen += exceptions.mark(word, &mut pending);
        }
        exceptions.sweep();
        exceptions.threshold = exceptions.used + seen.max(LEAST_THRESHOLD);
        self.exceptions = exceptions;
    }
}

impl StoreId {
    /// The store with the number that an error carries.
    pub(crate) fn from_number(number: usize) -> StoreId {
        StoreId(number)
    }
}

impl From<StoreId> for usize {
    /// The number of the store, for errors, which know no stores.
    fn from(id: StoreId) -> usize {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Exceptions, OVERHEAD, StoreInner, TagId};
    use crate::store::{mapping_pool::MappingPool, store::Ceilings, value_stack::ValueStack};
    use alloc::{sync::Arc, vec, vec::Vec};
    use curta_module::{FuncType, GlobalType, RefType, TableType, TagType, TypeRegistry, ValType};

    const EXN: ValType = ValType::Ref(RefType::EXNREF);

    fn store(exception_words: usize) -> StoreInner {
        let limits = Ceilings {
            exception_words,
            ..Ceilings::default()
        };
        let mut store = StoreInner::new(
            Arc::new(TypeRegistry::new()),
            limits,
            ValueStack::new(1 << 16, 10, Arc::new(MappingPool::of_stacks(0, 0))),
            Arc::new(MappingPool::of_memories(0, 0)),
        );
        let func = FuncType::new([ValType::I32, EXN], []);
        store.push_tag(TagType { func });
        store
    }

    /// Throws an exception that a guest refers to.
    fn referred(store: &mut StoreInner, values: Vec<u64>) -> u64 {
        store
            .make_room_for_exception(&values)
            .expect("there is room");
        let word = store.exceptions.push(TagId(0), values);
        store.exceptions.refer_to(word);
        word
    }

    #[test]
    fn what_nobody_refers_to_is_forgotten() {
        let mut exceptions = Exceptions::default();
        let first = exceptions.push(TagId(0), vec![1]);
        exceptions.forget(first);
        assert!(exceptions.get(first).is_none());
        let second = exceptions.push(TagId(0), vec![2]);
        assert_ne!(
            first, second,
            "a reference left over is none to what comes later"
        );
        assert_eq!(exceptions.places.len(), 1);
        exceptions.refer_to(second);
        exceptions.forget(second);
        assert_eq!(exceptions.get(second).unwrap().values, [2]);
    }

    #[test]
    fn null_and_other_numbers_refer_to_none() {
        let mut exceptions = Exceptions::default();
        exceptions.push(TagId(0), vec![]);
        for word in [0, 1, 2, 1 << 32, u64::MAX] {
            assert!(exceptions.get(word).is_none());
        }
    }

    #[test]
    fn what_a_reference_leads_to_stays_and_the_rest_goes() {
        let mut store = store(usize::MAX);
        let in_global = referred(&mut store, vec![1, 0]);
        store.push_host_global(GlobalType::new(EXN, true), in_global);
        let in_table = referred(&mut store, vec![2, 0]);
        let ty = TableType::new(RefType::EXNREF, 1, None);
        let table = crate::store::table::Table::new(ty, in_table, 10).expect("small");
        store.push_table(table);
        let inner = referred(&mut store, vec![3, 0]);
        let outer = referred(&mut store, vec![4, inner]);
        let window = store.stack.enter().expect("a stack");
        store.stack.write(0, outer);
        store.stack.set_top(window.base.wrapping_add(1));
        let pinned = referred(&mut store, vec![5, 0]);
        store.pin_exception(pinned);
        let lost = referred(&mut store, vec![6, pinned]);
        let kept = referred(&mut store, vec![7, 0]);
        store.collect_exceptions(&[kept]);
        for word in [in_global, in_table, inner, outer, pinned, kept] {
            assert!(store.exceptions.get(word).is_some());
        }
        assert!(store.exceptions.get(lost).is_none());
        // A frame that is gone refers to nothing.
        store.stack.leave(window);
        store.collect_exceptions(&[]);
        for word in [inner, outer, kept] {
            assert!(store.exceptions.get(word).is_none());
        }
        assert_eq!(store.exceptions.used, 3 * (2 + OVERHEAD));
    }

    #[test]
    fn many_that_come_and_go_take_no_more_than_a_few() {
        let mut store = store(usize::MAX);
        for number in 0..100_000 {
            referred(&mut store, vec![number, 0]);
        }
        assert!(store.exceptions.places.len() < 10_000);
    }

    #[test]
    fn what_stays_is_bounded() {
        let mut store = store(100_000);
        let mut last = 0;
        // Each refers to the one before, and the last one is kept.
        let refused = loop {
            let values = [0, last];
            if let Err(error) = store.make_room_for_exception(&values) {
                break error;
            }
            last = store.exceptions.push(TagId(0), values.to_vec());
            store.exceptions.refer_to(last);
        };
        assert_eq!(refused.kind(), crate::error::ErrorKind::Limit);
        assert!((80_000..=100_000).contains(&store.exceptions.used));
    }
}
