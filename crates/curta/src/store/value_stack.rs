//! The value stack of a store: who runs on it, and how deep.
//!
//! A stack is a mapping whose pages cost nothing until they are touched. The first call of a store takes one from the
//! engine's pool, to which it goes back with the store; a call from a host function that a guest called goes on above its
//! caller on the same one, since neither can be suspended without the other.
//!
//! Guarantees: a stack never moves; a [`Window`] is a range of it that nobody else uses until [`ValueStack::leave`].

use super::mapping_pool::{MappingPool, Pooled};
use crate::{error::Error, numeric::Trap};
use alloc::{sync::Arc, vec::Vec};
use core::ops::Range;

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
    /// What [`ValueStack::leave`] restores.
    outer_top: usize,
}

impl Window {
    /// No slot at all.
    pub(crate) const NOWHERE: Window = Window {
        base: core::ptr::null_mut(),
        end: core::ptr::null_mut(),
        outer_top: 0,
    };
}

/// The value stack of a store.
pub(crate) struct ValueStack {
    /// Bytes of slots that headers may lie in.
    usable: usize,
    max_depth: u32,
    depth: u32,
    pool: Arc<MappingPool>,
    /// The stack, once there was a call.
    stack: Option<Pooled>,
    /// Bytes of it that are in use by activations below.
    top: usize,
    /// The end of them that a host function uses for its arguments and results.
    lent: Range<usize>,
    /// The same of the activations below.
    lent_below: Vec<Range<usize>>,
}

impl ValueStack {
    /// A stack of `max_stack_bytes` from `pool`, on which host functions may call back `max_depth` levels deep.
    pub(crate) fn new(
        max_stack_bytes: usize,
        max_depth: u32,
        pool: Arc<MappingPool>,
    ) -> ValueStack {
        let usable = max_stack_bytes.clamp(64 * SLOT, 1 << 30) / SLOT * SLOT;
        ValueStack {
            usable,
            max_depth: max_depth.max(1),
            depth: 0,
            pool,
            stack: None,
            top: 0,
            lent: 0..0,
            lent_below: Vec::new(),
        }
    }

    /// Begins an activation above what is in use.
    pub(crate) fn enter(&mut self) -> Result<Window, Error> {
        if self.depth >= self.max_depth {
            return Err(exhausted());
        }
        let base = match &self.stack {
            Some(stack) => stack.base().cast_mut(),
            None => self.take_stack()?,
        };
        let window = Window {
            base: base.wrapping_add(self.top).cast(),
            end: base.wrapping_add(self.usable).cast(),
            outer_top: self.top,
        };
        if window.base > window.end {
            return Err(exhausted());
        }
        // Below the outermost one there is nothing.
        if self.depth > 0 {
            self.lent_below.push(self.lent.clone());
            self.lent = self.top..self.top;
        }
        self.depth += 1;
        Ok(window)
    }

    /// Begins an outermost activation, where one was before: its window is the same.
    #[inline]
    pub(crate) fn enter_again(&mut self) {
        debug_assert!(self.depth == 0 && self.stack.is_some(), "nobody runs");
        self.depth = 1;
    }

    /// Whether nobody runs.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.depth == 0
    }

    /// Takes the stack for the first activation: where it begins.
    #[cold]
    #[inline(never)]
    fn take_stack(&mut self) -> Result<*mut u8, Error> {
        let total = self.usable + (LARGEST_FRAME + 64) * SLOT;
        let mut stack = self.pool.take(total, None).ok_or_else(no_stack)?;
        if !stack.commit(total) {
            return Err(no_stack());
        }
        // All of it may be written from now on.
        let base = stack.base_mut(total);
        self.stack = Some(stack);
        Ok(base)
    }

    /// Says that everything below `top`, a slot of the stack in use, belongs to the running activation.
    pub(crate) fn set_top(&mut self, top: *mut u64) {
        self.lend(top, top);
    }

    /// Says the same, and that a host function has the slots from `first` to `top` to itself until it returns: nobody
    /// else may look at them meanwhile.
    pub(crate) fn lend(&mut self, first: *mut u64, top: *mut u64) {
        if let Some(stack) = &self.stack {
            let base = stack.base().addr();
            self.lent = first.addr() - base..top.addr() - base;
            self.top = self.lent.end;
        }
    }

    /// What is in the slots of all activations, whatever it means, but for those that are lent.
    pub(crate) fn words_in_use(&self) -> impl Iterator<Item = u64> {
        let lent = self.lent_below.iter().chain([&self.lent]);
        let kept = lent.scan(0, |from, lent| {
            Some(core::mem::replace(from, lent.end)..lent.start)
        });
        let stack = self.stack.as_ref();
        kept.filter_map(move |range| Some(stack?.words(range)))
            .flatten()
    }

    /// Ends the activation that began last.
    #[inline]
    pub(crate) fn leave(&mut self, window: Window) {
        self.depth -= 1;
        self.top = window.outer_top;
        if self.depth > 0 {
            self.lent = self.lent_below.pop().unwrap_or_default();
        } else if self.lent.end > 0 {
            self.lent = 0..0;
        }
    }
}

/// The trap of a call that does not fit the stack, or is nested too deep.
#[cold]
#[inline(never)]
pub(crate) fn exhausted() -> Error {
    Trap::CallStackExhausted.into()
}

fn no_stack() -> Error {
    Error::limit("cannot allocate a value stack: the machine has not enough memory")
}

#[cfg(test)]
impl ValueStack {
    /// Writes a slot of the stack in use, counted from its start, as a guest would.
    pub(crate) fn write(&mut self, slot: usize, word: u64) {
        let stack = self.stack.as_mut().expect("an activation runs");
        stack.bytes_mut((slot + 1) * 8)[slot * 8..].copy_from_slice(&word.to_ne_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::{MappingPool, ValueStack};
    use alloc::{sync::Arc, vec::Vec};

    fn fill(pool: &mut ValueStack, from: usize, words: &[u64]) {
        for (slot, word) in (from..).zip(words) {
            pool.write(slot, *word);
        }
    }

    fn in_use(pool: &ValueStack) -> Vec<u64> {
        pool.words_in_use().collect()
    }

    #[test]
    fn words_of_all_activations_are_seen_but_for_those_that_are_lent() {
        let mut pool = ValueStack::new(1 << 16, 10, Arc::new(MappingPool::of_stacks(0, 0)));
        assert_eq!(in_use(&pool), []);
        let outer = pool.enter().expect("a stack");
        fill(&mut pool, 0, &[1, 2, 3, 4, 5]);
        pool.set_top(outer.base.wrapping_add(2));
        assert_eq!(in_use(&pool), [1, 2]);
        // A host function with the fourth and fifth slot, from which a guest is called.
        pool.lend(outer.base.wrapping_add(3), outer.base.wrapping_add(5));
        assert_eq!(in_use(&pool), [1, 2, 3]);
        let inner = pool.enter().expect("a level more");
        assert_eq!(inner.base, outer.base.wrapping_add(5));
        assert_eq!(in_use(&pool), [1, 2, 3]);
        fill(&mut pool, 5, &[6, 7]);
        pool.set_top(inner.base.wrapping_add(2));
        assert_eq!(in_use(&pool), [1, 2, 3, 6, 7]);
        pool.leave(inner);
        assert_eq!(in_use(&pool), [1, 2, 3]);
        pool.leave(outer);
        assert_eq!(in_use(&pool), []);
    }
}
