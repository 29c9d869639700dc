//! The code of a module: of all functions that it defines, shared by all its instances and all threads.
//!
//! A function that is translated when it is called first is stood for by a *stub*, a cell that goes on in the function's
//! code once that exists. Calls that were translated before go through the stub for good; later ones go straight.
//!
//! # Guarantees
//! Code never moves or changes once it was entered. A function is translated once, whoever calls it first, and one that is
//! invalid stays so.

use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};
use core::sync::atomic::{AtomicU64, Ordering};

use super::{
    builder::CallSite,
    catalog::{Catalog, HandlerId, Plain},
    code::Code,
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

pub(crate) struct ModuleCode {
    catalog: Arc<Catalog>,
    sizes: Arc<[FrameSize]>,
    functions: Vec<Once<Result<Code, ModuleError>>>,
    /// None where all functions were translated at once.
    stubs: Option<Stubs>,
    /// The functions that are there, by the addresses of their code.
    by_address: Lock<BTreeMap<u64, u32>>,
}

impl ModuleCode {
    /// Functions that are translated when they are called first.
    pub(crate) fn lazy(catalog: Arc<Catalog>, sizes: Arc<[FrameSize]>) -> ModuleCode {
        let functions = sizes.iter().map(|_| Once::new()).collect();
        let stubs = Some(Stubs::new(&catalog, sizes.len()));
        ModuleCode {
            catalog,
            sizes,
            functions,
            stubs,
            by_address: Lock::default(),
        }
    }

    /// The code of all functions, and the calls in it.
    pub(crate) fn eager(
        catalog: Arc<Catalog>,
        sizes: Arc<[FrameSize]>,
        mut code: Vec<Code>,
        sites: &[(u32, CallSite)],
    ) -> ModuleCode {
        for (caller, site) in sites {
            let callee = code[site.defined as usize].entry();
            code[*caller as usize].set_address(site.at, callee);
        }
        let mut by_address: Vec<(u64, u32)> = code.iter().map(Code::entry).zip(0..).collect();
        by_address.sort_unstable();
        let filled = |code| {
            let once = Once::new();
            once.get_or_init(|| Ok(code));
            once
        };
        let functions = code.into_iter().map(filled).collect();
        ModuleCode {
            catalog,
            sizes,
            functions,
            stubs: None,
            by_address: Lock::new(by_address.into_iter().collect()),
        }
    }

    /// The bytes of all code that there is.
    #[cfg(feature = "internals")]
    pub(crate) fn bytes(&self) -> usize {
        (0..self.functions.len())
            .filter_map(|defined| self.code(defined))
            .map(Code::len)
            .sum()
    }

    pub(crate) fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The frames of all functions.
    pub(crate) fn sizes(&self) -> &Arc<[FrameSize]> {
        &self.sizes
    }

    fn code(&self, defined: usize) -> Option<&Code> {
        self.functions[defined].get()?.as_ref().ok()
    }

    /// Where a function's code lies, once it was translated.
    #[cfg(feature = "profile")]
    pub(crate) fn base(&self, defined: usize) -> Option<usize> {
        Some(self.code(defined)?.base() as usize)
    }

    /// The address of a function's first cell, or of the stub that stands for it.
    pub(crate) fn entry(&self, defined: usize) -> u64 {
        match (self.code(defined), &self.stubs) {
            (Some(code), _) => code.entry(),
            (None, Some(stubs)) => (stubs.base() + defined * Stubs::BYTES) as u64,
            (None, None) => {
                unreachable!("every function was translated; please report this as a bug of curta")
            }
        }
    }

    /// The function whose stub is at an address.
    pub(crate) fn function_of_stub(&self, address: usize) -> Option<usize> {
        let defined = address.checked_sub(self.stubs.as_ref()?.base())? / Stubs::BYTES;
        (defined < self.functions.len()).then_some(defined)
    }

    /// The address of a function's code, which `translate` makes if nobody has yet.
    ///
    /// # Errors
    /// That the function is invalid, now as before.
    pub(crate) fn entry_or_translate(
        &self,
        defined: usize,
        translate: impl FnOnce() -> Result<(Code, Vec<CallSite>), ModuleError>,
    ) -> Result<u64, ModuleError> {
        let result = self.functions[defined].get_or_init(|| {
            let (mut code, sites) = translate()?;
            let own = code.entry();
            for site in sites {
                let callee = if site.defined as usize == defined {
                    own
                } else {
                    self.entry(site.defined as usize)
                };
                code.set_address(site.at, callee);
            }
            self.by_address.write().insert(own, defined as u32);
            Ok(code)
        });
        let entry = result.as_ref().map_err(Clone::clone)?.entry();
        if let Some(stubs) = &self.stubs {
            stubs.0[defined * Stubs::WORDS + 1].store(entry, Ordering::Release);
        }
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
        let by_address = self.by_address.read();
        let (_, function) = by_address.range(..=address as u64).next_back()?;
        let function = *function as usize;
        let code = self.code(function)?;
        let within = address.checked_sub(code.base() as usize)?;
        (within < code.len()).then_some((function, within))
    }
}
