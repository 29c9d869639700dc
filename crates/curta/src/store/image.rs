//! The data that a module's memories begin with, as images that instances share page by page.
//!
//! Copying a segment costs what its pages cost, whether the guest ever looks at them or not. An image is made once, of all
//! active segments of a memory, and laid over the memory of every instance: a page is copied when it is written first.
//!
//! Guarantees: a module has images only if all its active data segments are sure to fit, so that nobody can tell an image
//! from segments written one after the other. A memory too sparse or too small for it to pay has none.

use super::{mapping::Image, mapping_pool::KEPT_OF_MEMORY};
use crate::code::once::Once;
use alloc::{boxed::Box, sync::Arc, vec, vec::Vec};
use core::{
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
};
use curta_module::{ConstExpr, ConstOp, DataMode, MemoryType, Module};

/// Less data than this is copied. On the machine of docs/performance.md 32 KiB take 25 µs to copy to pages that were not
/// touched, and an image of them 7 to 20, depending on how many of its pages are written.
const LEAST: usize = 32 * 1024;

/// The images of a module, made when it is instantiated the second time: many modules are instantiated only once.
pub(crate) struct Images {
    wanted: bool,
    instantiated: AtomicBool,
    /// By the number of the memory among those that the module defines; empty if there is none.
    made: Once<Box<[Option<Arc<Image>>]>>,
}

impl Images {
    /// None yet, and none ever unless they are wanted.
    pub(crate) fn new(wanted: bool) -> Images {
        Images {
            wanted,
            instantiated: AtomicBool::new(false),
            made: Once::new(),
        }
    }

    /// The images for an instance that is about to be made; empty where all is to be copied.
    pub(crate) fn for_instance(&self, module: &Module) -> &[Option<Arc<Image>>] {
        if !self.wanted || !self.instantiated.swap(true, Ordering::Relaxed) {
            return &[];
        }
        self.made.get_or_init(|| make(module).into_boxed_slice())
    }
}

/// All images that there are to be.
fn make(module: &Module) -> Vec<Option<Arc<Image>>> {
    let imported = module.imported_memories();
    let defined = &module.memories()[imported..];
    let mut writes: Vec<Vec<(usize, &[u8])>> = vec![Vec::new(); defined.len()];
    for segment in module.data() {
        let DataMode::Active { memory, offset } = &segment.mode else {
            continue;
        };
        let bytes = &module.bytes()[segment.range.clone()];
        let fits = memory.index().checked_sub(imported).and_then(|own| {
            let at = constant(offset)?;
            let end = at.checked_add(bytes.len() as u64)?;
            (end <= defined[own].minimum_bytes()?).then_some((own, usize::try_from(at).ok()?))
        });
        match fits {
            Some((own, at)) => writes[own].push((at, bytes)),
            // It may trap, and what comes before and after it must be told apart then.
            None => return Vec::new(),
        }
    }
    let memories = defined.iter().zip(&writes);
    let images: Vec<_> = memories.map(|(ty, writes)| image(ty, writes)).collect();
    match images.iter().any(Option::is_some) {
        true => images,
        false => Vec::new(),
    }
}

/// The image of one memory, if it pays: not for one whose pages wait in the pool, to which copying is fast.
fn image(ty: &MemoryType, writes: &[(usize, &[u8])]) -> Option<Arc<Image>> {
    if ty.minimum_bytes()? <= KEPT_OF_MEMORY as u64 {
        return None;
    }
    let writes = || writes.iter().filter(|(_, bytes)| !bytes.is_empty());
    let ranges = || writes().map(|(at, bytes)| *at..at + bytes.len());
    let Range { start, end } = ranges().reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))?;
    let data: usize = ranges().map(|range| range.len()).sum();
    if data < LEAST || end - start > 2 * data {
        return None;
    }
    let mut contents = vec![0; end - start];
    for (at, bytes) in writes() {
        contents[at - start..][..bytes.len()].copy_from_slice(bytes);
    }
    Image::new(start, &contents).map(Arc::new)
}

/// An offset that is the same for all instances.
fn constant(offset: &ConstExpr) -> Option<u64> {
    match offset.ops() {
        [ConstOp::I32Const(at)] => Some(u64::from(*at as u32)),
        [ConstOp::I64Const(at)] => Some(*at as u64),
        _ => None,
    }
}
