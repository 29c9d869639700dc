//! Value stacks of a store: who runs on which, and how deep.
//!
//! A stack is a mapping whose pages cost nothing until they are touched. The outermost call of a store takes one; a call
//! from a host function that a guest called goes on above its caller on the same one, since neither can be suspended
//! without the other. Free stacks are kept for the next call.
//!
//! Guarantees: a stack never moves; a [`Window`] is a range of it that nobody else uses until [`StackPool::leave`].

use super::mapping::Mapping;
use crate::{error::Error, numeric::Trap};
use alloc::vec::Vec;

/// The slots of a frame that 16-bit indices can address: every stack is that much longer than what frames' headers may
/// use, so that entering a function needs no frame size.
pub(crate) const LARGEST_FRAME: usize = 1 << 15;

/// Bytes of a slot.
const SLOT: usize = 8;

/// Where an activation may put its frames.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// The first slot.
    pub(crate) base: *mut u64,
    /// The last slot at which a frame's header may be.
    pub(crate) end: *mut u64,
    /// What [`StackPool::leave`] restores.
    outer_top: usize,
}

/// The value stacks of a store.
pub(crate) struct StackPool {
    /// Bytes of slots that headers may lie in.
    usable: usize,
    max_depth: u32,
    depth: u32,
    /// The stack in use, or the one to use next.
    stack: Option<Mapping>,
    /// Bytes of it that are in use by activations below.
    top: usize,
    free: Vec<Mapping>,
}

impl StackPool {
    /// Stacks of `max_stack_bytes`, on which host functions may call back `max_depth` levels deep.
    pub(crate) fn new(max_stack_bytes: usize, max_depth: u32) -> StackPool {
        let usable = max_stack_bytes.clamp(64 * SLOT, 1 << 30) / SLOT * SLOT;
        StackPool { usable, max_depth: max_depth.max(1), depth: 0, stack: None, top: 0, free: Vec::new() }
    }

    /// Begins an activation above what is in use.
    pub(crate) fn enter(&mut self) -> Result<Window, Error> {
        if self.depth >= self.max_depth {
            return Err(Trap::CallStackExhausted.into());
        }
        let total = self.usable + (LARGEST_FRAME + 64) * SLOT;
        if self.stack.is_none() {
            let mut mapping = self.free.pop().or_else(|| Mapping::reserve(total)).ok_or_else(no_stack)?;
            if !mapping.commit(total) {
                return Err(no_stack());
            }
            self.stack = Some(mapping);
        }
        let base = self.stack.as_ref().ok_or_else(no_stack)?.base();
        let window = Window {
            base: base.wrapping_add(self.top).cast(),
            end: base.wrapping_add(self.usable).cast(),
            outer_top: self.top,
        };
        if window.base > window.end {
            return Err(Trap::CallStackExhausted.into());
        }
        self.depth += 1;
        Ok(window)
    }

    /// Says that everything below `top`, a slot of the stack in use, belongs to the running activation.
    pub(crate) fn set_top(&mut self, top: *mut u64) {
        if let Some(stack) = &self.stack {
            self.top = top.addr() - stack.base().addr();
        }
    }

    /// Ends the activation that began last.
    pub(crate) fn leave(&mut self, window: Window) {
        self.depth -= 1;
        self.top = window.outer_top;
    }
}

fn no_stack() -> Error {
    Error::limit("cannot allocate a value stack: the machine has not enough memory")
}
