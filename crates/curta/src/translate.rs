//! One function body → code, in a single pass in lock step with validation.
//!
//! The translator keeps *where each value is* instead of moving it ([`stack`]): reading a local or a constant emits
//! nothing, a compare waits for the branch that may absorb it, and a result stays in its accumulator until something else
//! wants that; then the cell that made it is patched to write it to its slot as well.
//!
//! Relies on the validator for every type and arity. Guarantees: time and memory linear in the body, whatever its shape
//! (up to the limits on what calls and branches may move); no recursion; the same code on every architecture.

use alloc::{string::String, sync::Arc};

use crate::code::{
    builder::Builder,
    catalog::Catalog,
    code::Block,
    disasm,
    module::{FrameSize, ModuleCode},
};
use curta_module::{Module, ModuleError};
use wasmparser::FuncValidatorAllocations;

mod address;
mod arriving;
mod assigned;
mod call;
mod control;
mod driver;
mod locals;
mod operands;
#[cfg(feature = "parallel")]
mod parallel;
mod stack;
mod translator;
mod visit;
#[cfg(feature = "parallel")]
mod waiting;

pub(crate) use arriving::Arriving;
use translator::Translator;

/// The frames of all functions that a module defines.
fn sizes(module: &Module) -> Arc<[FrameSize]> {
    (0..module.bodies())
        .map(|defined| driver::frame_size(&module.body(defined)))
        .collect()
}

/// Prepares a module whose functions are translated when they are called first.
pub(crate) fn lazily(module: &Module, catalog: &Arc<Catalog>) -> ModuleCode {
    ModuleCode::lazy(Arc::clone(catalog), sizes(module))
}

/// Validates and translates one function, unless that was done before. The address of its code.
///
/// # Errors
/// That it is invalid or beyond a limit.
pub(crate) fn function(
    module: &Module,
    code: &ModuleCode,
    defined: usize,
) -> Result<u64, ModuleError> {
    code.entry_or_translate(defined, || {
        #[cfg(test)]
        tests::fail_if_told();
        let builder = Builder::new(Arc::clone(code.catalog()), false);
        let mut translator = Translator::new(module, Arc::clone(code.sizes()), builder);
        driver::translate(
            &mut translator,
            defined,
            FuncValidatorAllocations::default(),
        )?;
        let mut builder = translator.builder;
        let mut block = Block::new(builder.here() as usize);
        // Of whatever is not translated yet there is a stub.
        let entry = |callee| Some(code.entry(callee as usize));
        builder.finish(defined as u32, &mut block, entry);
        Ok(block)
    })
}

/// The offset in the module's file of the instruction that a cell of a function came from: found by translating the
/// function once more, with positions.
pub(crate) fn position(
    module: &Module,
    code: &ModuleCode,
    defined: usize,
    cell: usize,
) -> Option<usize> {
    let translator = again(module, code, defined)?;
    let positions = translator.builder.positions();
    let after = positions.partition_point(|position| position.cell as usize <= cell);
    Some(positions.get(after.checked_sub(1)?)?.offset)
}

/// The listing of a function.
pub(crate) fn disassemble(module: &Module, code: &ModuleCode, defined: usize) -> Option<String> {
    let translator = again(module, code, defined)?;
    Some(disasm::disassemble(
        &translator.builder,
        code.sizes()[defined].locals,
    ))
}

/// A cell of a function that was translated before.
#[cfg(feature = "profile")]
pub(crate) struct ProfiledCell {
    pub(crate) address: usize,
    pub(crate) id: crate::code::catalog::HandlerId,
    /// Whether it may be reached from elsewhere than the cell before.
    pub(crate) joined: bool,
}

/// The cells of a function in order, in a build where each is one micro-op. `None` if it was not translated.
#[cfg(feature = "profile")]
pub(crate) fn cells(
    module: &Module,
    code: &ModuleCode,
    defined: usize,
) -> Option<Vec<ProfiledCell>> {
    let base = code.base(defined)?;
    let translator = again(module, code, defined)?;
    let cells = translator.builder.records().iter().flat_map(|record| {
        record.parts().map(move |part| ProfiledCell {
            address: base + record.at as usize,
            id: part.id,
            joined: record.joined,
        })
    });
    Some(cells.collect())
}

/// Translates a function that was translated before.
fn again<'m>(module: &'m Module, code: &ModuleCode, defined: usize) -> Option<Translator<'m>> {
    if defined >= module.bodies() {
        return None;
    }
    let builder = Builder::new(Arc::clone(code.catalog()), true);
    let mut translator = Translator::new(module, Arc::clone(code.sizes()), builder);
    driver::translate(
        &mut translator,
        defined,
        FuncValidatorAllocations::default(),
    )
    .ok()?;
    Some(translator)
}

#[cfg(test)]
pub(crate) mod tests {
    //! A bug of the translator, for tests of what happens then.

    #[cfg(feature = "parallel")]
    pub(crate) use super::parallel::tests::{Help, with_spawn};
    use core::cell::Cell;

    std::thread_local! {
        static FAILING: Cell<bool> = const { Cell::new(false) };
    }

    /// Says whether translations panic on this thread.
    pub(crate) fn set_failing(failing: bool) {
        FAILING.set(failing);
    }

    pub(super) fn fail_if_told() {
        assert!(!FAILING.get(), "a bug of the translator");
    }
}
