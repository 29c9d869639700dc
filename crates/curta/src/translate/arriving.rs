//! The functions of a module that arrives piece by piece, translated as their bodies come.
//!
//! A call says how many locals its callee has, which is known when the callee's body is there. Of a function that is still
//! to come it is assumed that there are none; the numbers are written over when all are there. So the code is that of a
//! module that came whole, cell by cell.

use alloc::{sync::Arc, vec::Vec};
use core::ops::Range;

#[cfg(feature = "parallel")]
use super::parallel;
use super::{driver, translator::Translator};
use crate::code::{
    builder::{Builder, CallSite},
    catalog::Catalog,
    code::Code,
    module::{FrameSize, ModuleCode},
};
use curta_module::{Module, ModuleError};
use wasmparser::FuncValidatorAllocations;

/// What is translated.
pub(super) struct Job<'m> {
    module: &'m Module,
    /// Of all functions; of those that are still to come, what is assumed.
    sizes: Arc<[FrameSize]>,
    catalog: Arc<Catalog>,
    /// How many functions are there.
    there: usize,
}

/// Functions one after another.
#[derive(Default)]
pub(super) struct Translated {
    code: Vec<Code>,
    /// Calls by their callers.
    calls: Vec<(u32, CallSite)>,
    /// The same of functions that are still to come.
    ahead: Vec<(u32, CallSite)>,
}

/// Who translates one function after another.
#[derive(Default)]
pub(super) struct Worker {
    /// Kept for their memory.
    builder: Option<Builder>,
    allocations: FuncValidatorAllocations,
}

impl Worker {
    /// Validates and translates functions, which are added to others.
    ///
    /// # Errors
    /// The first body that is invalid, or beyond a limit.
    pub(super) fn translate(
        &mut self,
        job: &Job<'_>,
        functions: Range<usize>,
        done: &mut Translated,
    ) -> Result<(), ModuleError> {
        let builder = self
            .builder
            .take()
            .unwrap_or_else(|| Builder::new(Arc::clone(&job.catalog), false));
        let mut translator = Translator::new(job.module, Arc::clone(&job.sizes), builder);
        for defined in functions {
            let allocations = core::mem::take(&mut self.allocations);
            self.allocations = driver::translate(&mut translator, defined, allocations)?;
            let (code, sites) = translator.builder.finish();
            done.code.push(code);
            for site in sites {
                let known = (site.defined as usize) < job.there;
                let calls = if known {
                    &mut done.calls
                } else {
                    &mut done.ahead
                };
                calls.push((defined as u32, *site));
            }
        }
        self.builder = Some(translator.builder);
        Ok(())
    }
}

/// The functions that have arrived. All calls are for the same module, of which more is there each time.
pub(crate) struct Arriving {
    catalog: Arc<Catalog>,
    sizes: Arc<[FrameSize]>,
    done: Translated,
    worker: Worker,
    /// How many threads may translate.
    #[cfg(feature = "parallel")]
    threads: usize,
}

impl Arriving {
    pub(crate) fn new(catalog: &Arc<Catalog>) -> Arriving {
        Arriving {
            catalog: Arc::clone(catalog),
            sizes: Arc::default(),
            done: Translated::default(),
            worker: Worker::default(),
            #[cfg(feature = "parallel")]
            threads: 1,
        }
    }

    /// Lets so many threads translate at once.
    #[cfg(feature = "parallel")]
    pub(crate) fn with_threads(self, threads: usize) -> Arriving {
        Arriving { threads, ..self }
    }

    /// Validates and translates the bodies that came since the last time.
    ///
    /// # Errors
    /// The first body that is invalid, or beyond a limit.
    pub(crate) fn advance(&mut self, module: &Module) -> Result<(), ModuleError> {
        let (begun, there) = (self.done.code.len(), module.bodies());
        if begun == there {
            return Ok(());
        }
        self.measure(module, begun..there);
        if begun == 0 {
            self.done.code.reserve_exact(self.sizes.len());
        }
        let job = Job {
            module,
            sizes: Arc::clone(&self.sizes),
            catalog: Arc::clone(&self.catalog),
            there,
        };
        #[cfg(feature = "parallel")]
        if self.threads > 1 {
            let runs = parallel::runs(module, begun..there);
            if runs.len() > 1 {
                for mut run in parallel::translate(&job, &runs, self.threads)? {
                    self.done.code.append(&mut run.code);
                    self.done.calls.append(&mut run.calls);
                    self.done.ahead.append(&mut run.ahead);
                }
                return Ok(());
            }
        }
        self.worker.translate(&job, begun..there, &mut self.done)
    }

    /// Finds the frames of bodies that have come, and assumes those of the others.
    fn measure(&mut self, module: &Module, came: Range<usize>) {
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
        let Translated { code, calls, .. } = self.done;
        Ok(ModuleCode::eager(self.catalog, self.sizes, code, &calls))
    }

    /// Corrects calls of functions that were still to come.
    fn look_back(&mut self) {
        let Translated { code, calls, ahead } = &mut self.done;
        for (caller, site) in &*ahead {
            let size = self.sizes[site.defined as usize];
            code[*caller as usize].set_callee(site.at, size, ASSUMED);
        }
        calls.append(ahead);
    }
}

/// The frame that is assumed of a function that is still to come.
const ASSUMED: FrameSize = FrameSize { locals: 0 };
