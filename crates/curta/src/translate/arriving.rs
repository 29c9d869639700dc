//! The functions of a module that arrives piece by piece, translated as their bodies come.
//!
//! A call says how many locals its callee has, which is known when the callee's body is there. Of a function that is still
//! to come it is assumed that there are none; the numbers are written over when all are there. So the code is that of a
//! module that came whole, cell by cell.

use alloc::{sync::Arc, vec::Vec};

use super::{driver, translator::Translator};
use crate::code::{
    builder::{Builder, CallSite},
    catalog::Catalog,
    code::Code,
    module::{FrameSize, ModuleCode},
};
use curta_module::{Module, ModuleError};
use wasmparser::FuncValidatorAllocations;

/// The functions that have arrived. All calls are for the same module, of which more is there each time.
pub(crate) struct Arriving {
    catalog: Arc<Catalog>,
    /// Of all functions; of those that are still to come, what is assumed.
    sizes: Arc<[FrameSize]>,
    code: Vec<Code>,
    /// Calls by their callers.
    calls: Vec<(u32, CallSite)>,
    /// The same of functions that were still to come.
    ahead: Vec<(u32, CallSite)>,
    /// Kept for their memory.
    builder: Option<Builder>,
    allocations: FuncValidatorAllocations,
}

impl Arriving {
    pub(crate) fn new(catalog: &Arc<Catalog>) -> Arriving {
        Arriving {
            catalog: Arc::clone(catalog),
            sizes: Arc::default(),
            code: Vec::new(),
            calls: Vec::new(),
            ahead: Vec::new(),
            builder: None,
            allocations: FuncValidatorAllocations::default(),
        }
    }

    /// Validates and translates the bodies that came since the last time.
    ///
    /// # Errors
    /// The first body that is invalid, or beyond a limit.
    pub(crate) fn advance(&mut self, module: &Module) -> Result<(), ModuleError> {
        let (begun, there) = (self.code.len(), module.bodies());
        if begun == there {
            return Ok(());
        }
        self.measure(module, begun..there);
        if begun == 0 {
            self.code.reserve_exact(self.sizes.len());
        }
        let builder = self
            .builder
            .take()
            .unwrap_or_else(|| Builder::new(Arc::clone(&self.catalog), false));
        let mut translator = Translator::new(module, Arc::clone(&self.sizes), builder);
        for defined in begun..there {
            let allocations = core::mem::take(&mut self.allocations);
            self.allocations = driver::translate(&mut translator, defined, allocations)?;
            let (code, sites) = translator.builder.finish();
            self.code.push(code);
            for site in sites {
                let known = (site.defined as usize) < there;
                let calls = if known {
                    &mut self.calls
                } else {
                    &mut self.ahead
                };
                calls.push((defined as u32, *site));
            }
        }
        self.builder = Some(translator.builder);
        Ok(())
    }

    /// Finds the frames of bodies that have come, and assumes those of the others.
    fn measure(&mut self, module: &Module, came: core::ops::Range<usize>) {
        let imported = module.imported_functions();
        if self.sizes.is_empty() {
            let all = imported..module.functions().len();
            self.sizes = all.map(|_| ASSUMED).collect();
        }
        let sizes = Arc::make_mut(&mut self.sizes);
        for defined in came {
            sizes[defined] = driver::frame_size(&module.body(defined));
        }
    }

    /// The code of all functions, now that they are there.
    ///
    /// # Errors
    /// As [`Arriving::advance`], of bodies that came last.
    pub(crate) fn finish(mut self, module: &Module) -> Result<ModuleCode, ModuleError> {
        self.advance(module)?;
        self.look_back();
        let Arriving {
            catalog,
            sizes,
            code,
            calls,
            ..
        } = self;
        Ok(ModuleCode::eager(catalog, sizes, code, &calls))
    }

    /// Corrects calls of functions that were still to come.
    fn look_back(&mut self) {
        let ahead = core::mem::take(&mut self.ahead);
        for (caller, site) in &ahead {
            let size = self.sizes[site.defined as usize];
            self.code[*caller as usize].set_callee(site.at, size, ASSUMED);
        }
        self.calls.extend(ahead);
    }
}

/// The frame that is assumed of a function that is still to come.
const ASSUMED: FrameSize = FrameSize { locals: 0 };
