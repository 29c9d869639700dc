//! The code of a module: of all functions that it defines, shared by all its instances and all threads.
//!
//! All are translated at once, or each when it is called first. Such a function is stood for by a *stub*, a cell that goes
//! on in the function's code once that exists. Calls that were translated before go through the stub for good; later ones go
//! straight.
//!
//! # Guarantees
//! Code never moves or changes once it was entered. A function is translated once, whoever calls it first, and one that is
//! invalid stays so.

use alloc::{boxed::Box, collections::BTreeMap, sync::Arc, vec::Vec};
use core::sync::atomic::{AtomicU64, Ordering};

use super::{
    catalog::{Catalog, HandlerId, Plain},
    code::{Block, Code},
    exception_table::{self, Caught},
    once::{Lock, Once},
};
use curta_module::ModuleError;

/// What is known of a function before it is translated: how many slots its frame has below the header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FrameSize {
    /// Parameters included.
    pub(crate) locals: u32,
}

impl FrameSize {
    /// Bytes of parameters and locals.
    pub(crate) fn locals_bytes(self) -> u32 {
        self.locals * 8
    }
}

/// Stubs: each is two words, the handler's address and the function's code, 0 until that exists.
struct Stubs(Vec<AtomicU64>);

impl Stubs {
    const WORDS: usize = 2;
    const BYTES: usize = Stubs::WORDS * 8;

    fn new(catalog: &Catalog, functions: usize) -> Stubs {
        let handler = catalog.address(HandlerId::plain(Plain::EnterLazy));
        let mut words = Vec::with_capacity(functions * Stubs::WORDS);
        words.extend((0..functions).flat_map(|_| [AtomicU64::new(handler), AtomicU64::new(0)]));
        Stubs(words)
    }

    fn base(&self) -> usize {
        self.0.as_ptr().expose_provenance()
    }
}

/// The functions that are translated when they are called first.
struct Lazy {
    /// Of each its own block. Boxed, since most functions of a large module are never called.
    code: Vec<Once<Result<Box<Block>, ModuleError>>>,
    stubs: Stubs,
    /// Those that are there, by the addresses of their blocks.
    by_address: Lock<BTreeMap<u64, u32>>,
}

impl Lazy {
    fn block(&self, defined: usize) -> Option<&Block> {
        Some(self.code[defined].get()?.as_ref().ok()?)
    }

    /// The last block that begins before an address.
    fn block_before(&self, address: u64) -> Option<&Block> {
        let by_address = self.by_address.read();
        let (_, defined) = by_address.range(..=address).next_back()?;
        self.block(*defined as usize)
    }
}

/// Functions that were translated all at once.
struct Eager {
    /// The addresses of their first cells.
    entries: Vec<u64>,
    /// In the order of addresses.
    blocks: Vec<Block>,
}

impl Eager {
    /// The last block that begins before an address.
    fn block_before(&self, address: u64) -> Option<&Block> {
        let behind = |block: &Block| block.base() <= address;
        let at = self.blocks.partition_point(behind).checked_sub(1)?;
        Some(&self.blocks[at])
    }
}

enum Functions {
    Eager(Eager),
    Lazy(Lazy),
}

pub(crate) struct ModuleCode {
    catalog: Arc<Catalog>,
    sizes: Arc<[FrameSize]>,
    functions: Functions,
}

impl ModuleCode {
    /// Functions that are translated when they are called first.
    pub(crate) fn lazy(catalog: Arc<Catalog>, sizes: Arc<[FrameSize]>) -> ModuleCode {
        let functions = Functions::Lazy(Lazy {
            code: sizes.iter().map(|_| Once::new()).collect(),
            stubs: Stubs::new(&catalog, sizes.len()),
            by_address: Lock::default(),
        });
        ModuleCode {
            catalog,
            sizes,
            functions,
        }
    }

    /// The code of all functions, and the addresses of their first cells.
    pub(crate) fn eager(
        catalog: Arc<Catalog>,
        sizes: Arc<[FrameSize]>,
        mut blocks: Vec<Block>,
        entries: Vec<u64>,
    ) -> ModuleCode {
        blocks.sort_unstable_by_key(Block::base);
        ModuleCode {
            catalog,
            sizes,
            functions: Functions::Eager(Eager { entries, blocks }),
        }
    }

    /// The bytes of all code that there is.
    #[cfg(feature = "internals")]
    pub(crate) fn bytes(&self) -> usize {
        match &self.functions {
            Functions::Eager(eager) => eager.blocks.iter().map(Block::len).sum(),
            Functions::Lazy(lazy) => {
                let all = 0..lazy.code.len();
                all.filter_map(|defined| lazy.block(defined))
                    .map(Block::len)
                    .sum()
            }
        }
    }

    pub(crate) fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The frames of all functions.
    pub(crate) fn sizes(&self) -> &Arc<[FrameSize]> {
        &self.sizes
    }

    /// The code of a function, once it was translated.
    fn code(&self, defined: usize) -> Option<Code<'_>> {
        match &self.functions {
            Functions::Eager(eager) => {
                let entry = eager.entries[defined];
                eager.block_before(entry)?.at_address(entry)
            }
            Functions::Lazy(lazy) => lazy.block(defined)?.first(),
        }
    }

    /// Where a function's code lies, once it was translated.
    #[cfg(feature = "profile")]
    pub(crate) fn base(&self, defined: usize) -> Option<usize> {
        Some(self.code(defined)?.base() as usize)
    }

    /// The address of a function's first cell, or of the stub that stands for it.
    pub(crate) fn entry(&self, defined: usize) -> u64 {
        match &self.functions {
            Functions::Eager(eager) => eager.entries[defined],
            Functions::Lazy(lazy) => match self.code(defined) {
                Some(code) => code.entry(),
                None => (lazy.stubs.base() + defined * Stubs::BYTES) as u64,
            },
        }
    }

    /// The function whose stub is at an address.
    pub(crate) fn function_of_stub(&self, address: usize) -> Option<usize> {
        let Functions::Lazy(lazy) = &self.functions else {
            return None;
        };
        let defined = address.checked_sub(lazy.stubs.base())? / Stubs::BYTES;
        (defined < lazy.code.len()).then_some(defined)
    }

    /// The address of a function's first cell. `translate` makes a block with its code alone, if nobody has yet.
    ///
    /// # Errors
    /// That the function is invalid, now as before.
    pub(crate) fn entry_or_translate(
        &self,
        defined: usize,
        translate: impl FnOnce() -> Result<Block, ModuleError>,
    ) -> Result<u64, ModuleError> {
        let Functions::Lazy(lazy) = &self.functions else {
            return Ok(self.entry(defined));
        };
        let result = lazy.code[defined].get_or_init(|| {
            let block = translate()?;
            let mut by_address = lazy.by_address.write();
            by_address.insert(block.base(), defined as u32);
            Ok(Box::new(block))
        });
        result.as_ref().map_err(Clone::clone)?;
        let entry = self.entry(defined);
        lazy.stubs.0[defined * Stubs::WORDS + 1].store(entry, Ordering::Release);
        Ok(entry)
    }

    pub(crate) fn locals_bytes(&self, defined: usize) -> u32 {
        self.sizes[defined].locals_bytes()
    }

    /// What catches an exception at a place in a function.
    pub(crate) fn catching(
        &self,
        defined: usize,
        place: usize,
        catches: impl Fn(u32) -> bool,
    ) -> Option<(Caught, u64)> {
        let code = self.code(defined)?;
        let caught = exception_table::find(code.tries(), place, catches)?;
        Some((caught, code.base() + u64::from(caught.clause.landing)))
    }

    /// The function whose code has something at an address, and how far into it that is.
    pub(crate) fn find(&self, address: usize) -> Option<(usize, usize)> {
        let address = address as u64;
        let block = match &self.functions {
            Functions::Eager(eager) => eager.block_before(address),
            Functions::Lazy(lazy) => lazy.block_before(address),
        };
        let code = block?.at_address(address)?;
        Some((code.defined(), (address - code.base()) as usize))
    }
}
