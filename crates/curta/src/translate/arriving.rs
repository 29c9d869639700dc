//! The functions of a module that arrives piece by piece, translated as their bodies come.
//!
//! A call holds its callee's address, which is known when the callee was translated, and says how many locals it has, which
//! is known when the callee's body is there. What is not known yet is written when all are there; of a function that is still
//! to come it is assumed that it has no locals. So the code is that of a module that came whole, cell by cell.

use alloc::{sync::Arc, vec::Vec};
#[cfg(feature = "parallel")]
use core::num::NonZeroUsize;
use core::{
    mem,
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
};

#[cfg(feature = "parallel")]
use super::parallel;
use super::{driver, translator::Translator};
use crate::code::{
    builder::Builder,
    catalog::Catalog,
    code::Block,
    module::{FrameSize, ModuleCode},
};
use curta_module::{Module, ModuleError};
use wasmparser::FuncValidatorAllocations;

/// What is translated. It is owned, so that threads can share it whose end nobody waits for.
pub(super) struct Job {
    module: Module,
    /// The functions that have come.
    pub(super) functions: Range<usize>,
    catalog: Arc<Catalog>,
    /// Of all functions; of those that are still to come, what is assumed.
    sizes: Arc<[FrameSize]>,
    /// The addresses of the first cells of all functions; 0 of those that are not translated.
    entries: Vec<AtomicU64>,
    /// How many threads translate.
    pub(super) threads: usize,
}

impl Job {
    /// The bytes of bodies from a function on.
    pub(super) fn bytes_from(&self, defined: usize) -> usize {
        bytes(&self.module, &(defined..self.functions.end))
    }

    /// The bytes of a function's body.
    #[cfg(feature = "parallel")]
    pub(super) fn size(&self, defined: usize) -> usize {
        self.module.body(defined).size()
    }

    fn entry(&self, defined: u32) -> Option<u64> {
        let entry = self.entries[defined as usize].load(Ordering::Relaxed);
        (entry != 0).then_some(entry)
    }
}

/// The bytes of bodies one after another, of which there is one at least.
pub(super) fn bytes(module: &Module, functions: &Range<usize>) -> usize {
    let (first, last) = (functions.start, functions.end - 1);
    module.body(last).range().end - module.body(first).offset()
}

/// A call that lacks something of its callee.
struct OpenCall {
    /// The number of the block that it is in.
    block: u32,
    /// Where its operands are there.
    at: u32,
    callee: u32,
    /// Whether the callee is still to come, so that its locals are assumed.
    assumed: bool,
}

/// Functions one after another.
#[derive(Default)]
pub(super) struct Translated {
    blocks: Vec<Block>,
    open: Vec<OpenCall>,
}

/// Bytes in a block at most, unless a single function takes more. Larger ones an allocator gives back to the system when they
/// are freed, and asks for anew, page by page, for the next module.
const BLOCK: usize = 64 * 1024;

/// About how many bytes of code come of two bytes of a body: rather too many, since what is not touched costs little.
const CODE_OF_TWO: usize = 7;

impl Translated {
    /// Places a function that the builder has.
    fn place(&mut self, job: &Job, defined: usize, builder: &mut Builder) {
        let bytes = builder.here() as usize;
        if self.blocks.last().is_none_or(|block| block.room() < bytes) {
            let share = job.bytes_from(defined) / job.threads;
            let expected = share.saturating_mul(CODE_OF_TWO) / 2;
            // When little comes at a time, blocks grow nevertheless.
            let before: usize = self.blocks.iter().map(Block::len).sum();
            let size = expected.max(before / 8).min(BLOCK).max(bytes);
            self.blocks.push(Block::new(size));
        }
        let number = self.blocks.len() - 1;
        let block = &mut self.blocks[number];
        let start = block.len() as u32;
        let (entry, open) = builder.finish(defined as u32, block, |callee| job.entry(callee));
        self.open.extend(open.iter().map(|call| OpenCall {
            block: number as u32,
            at: start + call.at,
            callee: call.defined,
            assumed: call.defined as usize >= job.functions.end,
        }));
        job.entries[defined].store(entry, Ordering::Relaxed);
    }

    /// Completes the calls that lacked an address alone, of functions that have been translated since.
    #[cfg(feature = "parallel")]
    pub(super) fn look_back(&mut self, job: &Job) {
        let blocks = &mut self.blocks;
        self.open.retain(|open| match job.entry(open.callee) {
            Some(entry) if !open.assumed => {
                blocks[open.block as usize].set_address(open.at, entry);
                false
            }
            _ => true,
        });
    }

    /// Adds what another thread has translated.
    #[cfg(feature = "parallel")]
    pub(super) fn append(&mut self, other: Translated) {
        let before = self.blocks.len() as u32;
        self.blocks.extend(other.blocks);
        self.open
            .extend(other.open.into_iter().map(|open| OpenCall {
                block: before + open.block,
                ..open
            }));
    }
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
    /// The first body that is invalid, or beyond a limit, and which it is.
    pub(super) fn translate(
        &mut self,
        job: &Job,
        functions: impl Iterator<Item = usize>,
        done: &mut Translated,
    ) -> Result<(), (usize, ModuleError)> {
        let builder = self.builder.take();
        let builder = builder
            .filter(|builder| builder.writes_for(&job.catalog))
            .unwrap_or_else(|| Builder::new(Arc::clone(&job.catalog), false));
        let mut translator = Translator::new(&job.module, Arc::clone(&job.sizes), builder);
        for defined in functions {
            #[cfg(test)]
            super::tests::fail_if_told();
            let allocations = mem::take(&mut self.allocations);
            self.allocations = driver::translate(&mut translator, defined, allocations)
                .map_err(|error| (defined, error))?;
            done.place(job, defined, &mut translator.builder);
        }
        self.builder = Some(translator.builder);
        Ok(())
    }
}

/// The frame that is assumed of a function that is still to come.
const ASSUMED: FrameSize = FrameSize { locals: 0 };

/// The functions that have arrived. All calls are for the same module, of which more is there each time.
pub(crate) struct Arriving {
    catalog: Arc<Catalog>,
    sizes: Arc<[FrameSize]>,
    entries: Vec<AtomicU64>,
    done: Translated,
    /// How many functions were translated.
    count: usize,
    worker: Worker,
    /// How many threads may translate; by default as many as there are processors.
    #[cfg(feature = "parallel")]
    threads: Option<NonZeroUsize>,
}

impl Arriving {
    pub(crate) fn new(catalog: &Arc<Catalog>) -> Arriving {
        Arriving {
            catalog: Arc::clone(catalog),
            sizes: Arc::default(),
            entries: Vec::new(),
            done: Translated::default(),
            count: 0,
            worker: Worker::default(),
            #[cfg(feature = "parallel")]
            threads: None,
        }
    }

    /// Lets so many threads translate at once.
    #[cfg(feature = "parallel")]
    pub(crate) fn with_threads(self, threads: Option<NonZeroUsize>) -> Arriving {
        Arriving { threads, ..self }
    }

    /// Validates and translates the bodies that came since the last time. Takes the module and puts it back; it does not after
    /// a panic.
    ///
    /// # Errors
    /// The first body that is invalid, or beyond a limit.
    pub(crate) fn advance(&mut self, module: &mut Module) -> Result<(), ModuleError> {
        let functions = self.count..module.bodies();
        if functions.is_empty() {
            return Ok(());
        }
        let job = self.lend(module, functions);
        let (job, translated) = self.translate(job);
        *module = job.module;
        self.entries = job.entries;
        translated
    }

    /// What is to be done for functions that came. The module goes into it, with the entries.
    fn lend(&mut self, module: &mut Module, functions: Range<usize>) -> Job {
        self.measure(module, functions.clone());
        self.count = functions.end;
        Job {
            #[cfg(feature = "parallel")]
            threads: parallel::threads(module, &functions, self.threads),
            #[cfg(not(feature = "parallel"))]
            threads: 1,
            module: mem::take(module),
            functions,
            catalog: Arc::clone(&self.catalog),
            sizes: Arc::clone(&self.sizes),
            entries: mem::take(&mut self.entries),
        }
    }

    /// Gives the job back.
    fn translate(&mut self, job: Job) -> (Job, Result<(), ModuleError>) {
        let (worker, done) = (&mut self.worker, &mut self.done);
        #[cfg(feature = "parallel")]
        if job.threads > 1 {
            return parallel::translate(job, worker, done);
        }
        let translated = worker.translate(&job, job.functions.clone(), done);
        (job, translated.map_err(|(_, error)| error))
    }

    /// Finds the frames of bodies that have come, and assumes those of the others.
    fn measure(&mut self, module: &Module, came: Range<usize>) {
        let imported = module.imported_functions();
        if self.sizes.is_empty() {
            let all = imported..module.functions().len();
            self.sizes = all.clone().map(|_| ASSUMED).collect();
            self.entries = all.map(|_| AtomicU64::new(0)).collect();
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
    pub(crate) fn finish(mut self, module: &mut Module) -> Result<ModuleCode, ModuleError> {
        self.advance(module)?;
        let entries = self.entries.into_iter().map(AtomicU64::into_inner);
        let entries: Vec<u64> = entries.collect();
        let Translated { mut blocks, open } = self.done;
        for call in open {
            let (block, callee) = (&mut blocks[call.block as usize], call.callee as usize);
            block.set_address(call.at, entries[callee]);
            if call.assumed {
                block.set_callee(call.at, self.sizes[callee], ASSUMED);
            }
        }
        Ok(ModuleCode::eager(self.catalog, self.sizes, blocks, entries))
    }
}
