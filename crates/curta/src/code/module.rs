//! The code of a module: of all functions that it defines, shared by all its instances and all threads.

use alloc::{sync::Arc, vec::Vec};

use super::{builder::CallSite, catalog::Catalog, code::Code};

/// What is known of a function before it is translated: how many slots its frame has below the header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FrameSize {
    pub(crate) params: u32,
    /// Parameters included.
    pub(crate) locals: u32,
}

impl FrameSize {
    /// Bytes of parameters and locals.
    pub(crate) fn locals_bytes(self) -> u32 {
        self.locals * 8
    }

    /// Bytes of locals to zero on entry.
    pub(crate) fn zero_bytes(self) -> u32 {
        (self.locals - self.params) * 8
    }
}

pub(crate) struct ModuleCode {
    catalog: Arc<Catalog>,
    functions: Vec<Code>,
    sizes: Arc<[FrameSize]>,
    /// The functions in the order of their addresses.
    by_address: Vec<u32>,
    sites: Vec<(u32, CallSite)>,
}

impl ModuleCode {
    /// No code yet, for functions whose frames have these sizes.
    pub(crate) fn new(catalog: Arc<Catalog>, sizes: Arc<[FrameSize]>) -> ModuleCode {
        ModuleCode { catalog, functions: Vec::with_capacity(sizes.len()), sizes, by_address: Vec::new(), sites: Vec::new() }
    }

    /// Adds the next function's code.
    pub(crate) fn push(&mut self, code: Code, sites: &[CallSite]) {
        let caller = self.functions.len() as u32;
        self.sites.extend(sites.iter().map(|site| (caller, *site)));
        self.functions.push(code);
    }

    /// Writes the callees' addresses into calls, once every function is there.
    pub(crate) fn link(&mut self) {
        for (caller, site) in core::mem::take(&mut self.sites) {
            let callee = self.functions[site.defined as usize].entry();
            self.functions[caller as usize].set_address(site.at, callee);
        }
        self.by_address = (0..self.functions.len() as u32).collect();
        self.by_address.sort_unstable_by_key(|function| self.functions[*function as usize].entry());
    }

    pub(crate) fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    pub(crate) fn sizes(&self) -> &Arc<[FrameSize]> {
        &self.sizes
    }

    /// The address of a function's first cell.
    pub(crate) fn entry(&self, defined: usize) -> u64 {
        self.functions[defined].entry()
    }

    pub(crate) fn locals_bytes(&self, defined: usize) -> u32 {
        self.sizes[defined].locals_bytes()
    }

    pub(crate) fn zero_bytes(&self, defined: usize) -> u32 {
        self.sizes[defined].zero_bytes()
    }

    /// The function whose code has something at an address, and how far into it that is.
    pub(crate) fn find(&self, address: usize) -> Option<(usize, usize)> {
        let after = self
            .by_address
            .partition_point(|function| self.functions[*function as usize].entry() <= address as u64);
        let function = *self.by_address.get(after.checked_sub(1)?)? as usize;
        let code = &self.functions[function];
        let within = address - code.entry() as usize;
        (within < code.len()).then_some((function, within))
    }
}
