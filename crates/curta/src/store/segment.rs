//! Data and element segments of an instance: what `memory.init` and `table.init` copy from.
//!
//! Data stays in the module's bytes; only whether it was dropped is kept. Elements given as
//! function indices are looked up when they are copied; those given as expressions were evaluated
//! once, at instantiation. A dropped segment is empty.

use super::{
    func::FuncHandle,
    instance::{InstanceData, InstanceId},
    store::StoreInner,
};
use alloc::boxed::Box;
use core::ops::Range;
use curta_module::{ElementItems, FuncIdx};

/// What became of an element segment.
#[derive(Debug)]
pub(crate) enum ElementState {
    /// Dropped, active and applied, or declared only.
    Dropped,
    /// The module's list of function indices.
    Functions,
    /// Evaluated expressions.
    Words(Box<[u64]>),
}

/// The elements that a segment still has.
pub(crate) enum Elements<'a> {
    /// By function index.
    Functions {
        /// The module's list.
        items: &'a [FuncIdx],
        /// The instance's functions.
        functions: &'a [FuncHandle],
    },
    /// As words.
    Words(&'a [u64]),
}

impl Elements<'_> {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Elements::Functions { items, .. } => items.len(),
            Elements::Words(words) => words.len(),
        }
    }

    /// The elements in `range`, which must be in bounds, as words.
    pub(crate) fn words(&self, range: Range<usize>) -> impl ExactSizeIterator<Item = u64> {
        range.map(|index| match self {
            Elements::Functions { items, functions } => functions[items[index].index()].0,
            Elements::Words(words) => words[index],
        })
    }
}

impl InstanceData {
    /// The bytes of a data segment; none if it was dropped.
    pub(crate) fn data_segment(&self, data: u32) -> &[u8] {
        let data = data as usize;
        if self.dropped_data[data] {
            return &[];
        }
        let module = &self.module.module;
        &module.bytes()[module.data()[data].range.clone()]
    }

    /// The elements of an element segment; none if it was dropped.
    pub(crate) fn element_segment(&self, elem: u32) -> Elements<'_> {
        match &self.elements[elem as usize] {
            ElementState::Dropped => Elements::Words(&[]),
            ElementState::Words(words) => Elements::Words(words),
            ElementState::Functions => match &self.module.module.elements()[elem as usize].items {
                ElementItems::Functions(items) => Elements::Functions {
                    items,
                    functions: &self.functions,
                },
                ElementItems::Expressions(_) => unreachable!("expressions are kept as words"),
            },
        }
    }
}

impl StoreInner {
    /// `data.drop`
    pub(crate) fn data_drop(&mut self, instance: InstanceId, data: u32) {
        self.instance_mut(instance).dropped_data[data as usize] = true;
    }

    /// `elem.drop`
    pub(crate) fn elem_drop(&mut self, instance: InstanceId, elem: u32) {
        self.instance_mut(instance).elements[elem as usize] = ElementState::Dropped;
    }
}
