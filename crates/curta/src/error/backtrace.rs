//! Where a guest was when an error arose.

use super::text::Plain;
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::fmt;

/// The guest functions that were running when an error arose, innermost first.
///
/// ```
/// use curta::{Engine, Instance, Module, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module $demo
///         (func $inner unreachable)
///         (func $outer (export "run") (call $inner)))
/// "#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let run = instance.get_typed_func::<(), ()>(&store, "run")?;
/// let error = run.call(&mut store, ()).unwrap_err();
/// let backtrace = error.backtrace().expect("a trap has one");
/// let names: Vec<_> = backtrace.frames().iter().map(|frame| frame.func_name()).collect();
/// assert_eq!(names, [Some("inner"), Some("outer")]);
/// assert!(backtrace.frames()[0].offset().is_some());
/// # Ok::<(), curta::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Backtrace {
    frames: Vec<Frame>,
    omitted: usize,
}

/// One guest function in a [`Backtrace`].
#[derive(Debug, Clone)]
pub struct Frame {
    func_index: u32,
    func_name: Option<Box<str>>,
    module_name: Option<Box<str>>,
    offset: Offset,
}

/// The offset of a frame's instruction, or how to find it.
#[derive(Clone)]
enum Offset {
    Known(Option<usize>),
    /// Found when asked for: most traps are never looked at that closely.
    In(Arc<dyn Code>, usize, usize),
}

/// Code that can tell where in its module's file a place in it came from.
pub(crate) trait Code: Send + Sync {
    /// The offset of the instruction at a place of the function number `defined` among those that the module defines.
    fn offset(&self, defined: usize, place: usize) -> Option<usize>;
}

impl fmt::Debug for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl Offset {
    fn get(&self) -> Option<usize> {
        match self {
            Offset::Known(offset) => *offset,
            Offset::In(code, defined, place) => code.offset(*defined, *place),
        }
    }
}

impl Backtrace {
    /// Frames, innermost first, and how many outer ones were left out.
    pub(crate) fn new(frames: Vec<Frame>, omitted: usize) -> Backtrace {
        Backtrace { frames, omitted }
    }

    /// The frames, innermost first.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// How many outer frames were left out because the stack was very deep.
    pub fn omitted(&self) -> usize {
        self.omitted
    }

    /// Host calls nest; a chain of them must not collect frames without end.
    const MOST_FRAMES: usize = 1000;

    pub(super) fn extend(&mut self, outer: Backtrace) {
        let room = Backtrace::MOST_FRAMES.saturating_sub(self.frames.len());
        let beyond = outer.frames.len().saturating_sub(room);
        self.frames.extend(outer.frames.into_iter().take(room));
        self.omitted = self
            .omitted
            .saturating_add(outer.omitted)
            .saturating_add(beyond);
    }
}

impl Frame {
    pub(crate) fn new(
        func_index: u32,
        func_name: Option<&str>,
        module_name: Option<&str>,
        offset: Option<usize>,
    ) -> Frame {
        Frame {
            func_index,
            func_name: func_name.map(Box::from),
            module_name: module_name.map(Box::from),
            offset: Offset::Known(offset),
        }
    }

    /// The same frame, whose offset is found in its code when it is asked for.
    pub(crate) fn in_code(mut self, code: Arc<dyn Code>, defined: usize, place: usize) -> Frame {
        self.offset = Offset::In(code, defined, place);
        self
    }

    /// The function's index in its module, imported functions first.
    pub fn func_index(&self) -> u32 {
        self.func_index
    }

    /// The function's name in the module's name section.
    pub fn func_name(&self) -> Option<&str> {
        self.func_name.as_deref()
    }

    /// The module's name in its name section.
    pub fn module_name(&self) -> Option<&str> {
        self.module_name.as_deref()
    }

    /// The byte offset, in the module's file, of the instruction that was running; for outer
    /// frames, of the call.
    ///
    /// Found by translating the function once more, in time linear in its size.
    pub fn offset(&self) -> Option<usize> {
        self.offset.get()
    }
}

impl fmt::Display for Backtrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("guest backtrace:")?;
        for (depth, frame) in self.frames.iter().enumerate() {
            write!(f, "\n  {depth:>3}: {frame}")?;
        }
        match self.omitted {
            0 => Ok(()),
            omitted => write!(f, "\n  … and {omitted} more"),
        }
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(module) = &self.module_name {
            write!(f, "{}!", Plain(module))?;
        }
        match &self.func_name {
            Some(name) => Plain(name).fmt(f)?,
            None => write!(f, "<func {}>", self.func_index)?,
        }
        match self.offset() {
            Some(offset) => write!(f, " at {offset:#x}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Backtrace, Frame};
    use crate::{error::Error, numeric::Trap};
    use alloc::vec::Vec;

    #[test]
    fn frames_of_an_outer_call_follow_and_are_bounded() {
        let frames = |count: u32| {
            (0..count)
                .map(|index| Frame::new(index, None, None, None))
                .collect::<Vec<_>>()
        };
        let error = Error::from_trap(Trap::Unreachable, Some(Backtrace::new(frames(2), 0)));
        let error = error.with_backtrace(Backtrace::new(frames(1200), 7));
        let backtrace = error.backtrace().unwrap();
        assert_eq!((backtrace.frames().len(), backtrace.omitted()), (1000, 209));
        assert_eq!(backtrace.frames()[2].func_index(), 0);
    }
}
