//! The list of fused sequences: which micro-ops, one after the other, have a handler of their own.

use core::marker::PhantomData;

use super::dispatch::{Backend, Handler};
use crate::code::catalog::Group;

/// The fused sequences, in the order of their ids.
pub(super) const GROUPS: &[Group] = &[];

/// The handlers of a backend, in the same order.
pub(super) struct Fused<B>(PhantomData<B>);

impl<B: Backend> Fused<B> {
    pub(super) const HANDLERS: &'static [Handler] = &[];
}
