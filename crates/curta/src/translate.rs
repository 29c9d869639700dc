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
    disasm,
    module::ModuleCode,
};
use curta_module::{Module, ModuleError};
use wasmparser::FuncValidatorAllocations;

mod address;
mod call;
mod control;
mod driver;
mod locals;
mod operands;
mod stack;
mod translator;
mod visit;

use translator::Translator;

/// Validates and translates every function that a module defines.
///
/// # Errors
/// The first body that is invalid, or beyond a limit.
pub(crate) fn module(module: &Module, catalog: &Arc<Catalog>) -> Result<ModuleCode, ModuleError> {
    let sizes = (0..module.bodies()).map(|defined| driver::frame_size(&module.body(defined))).collect();
    let mut code = ModuleCode::new(Arc::clone(catalog), Arc::clone(&sizes));
    let mut translator = Translator::new(module, sizes, Builder::new(Arc::clone(catalog), false));
    let mut allocations = FuncValidatorAllocations::default();
    for defined in 0..module.bodies() {
        allocations = driver::translate(&mut translator, defined, allocations)?;
        let (function, sites) = translator.builder.finish();
        code.push(function, sites);
    }
    code.link();
    Ok(code)
}

/// The offset in the module's file of the instruction that a cell of a function came from: found by translating the
/// function once more, with positions.
pub(crate) fn position(module: &Module, code: &ModuleCode, defined: usize, cell: usize) -> Option<usize> {
    let translator = again(module, code, defined)?;
    let positions = translator.builder.positions();
    let after = positions.partition_point(|position| position.cell as usize <= cell);
    Some(positions.get(after.checked_sub(1)?)?.offset)
}

/// The listing of a function.
pub(crate) fn disassemble(module: &Module, code: &ModuleCode, defined: usize) -> Option<String> {
    let translator = again(module, code, defined)?;
    Some(disasm::disassemble(&translator.builder, code.sizes()[defined].locals))
}

/// Translates a function that was translated before.
fn again<'m>(module: &'m Module, code: &ModuleCode, defined: usize) -> Option<Translator<'m>> {
    if defined >= module.bodies() {
        return None;
    }
    let builder = Builder::new(Arc::clone(code.catalog()), true);
    let mut translator = Translator::new(module, Arc::clone(code.sizes()), builder);
    driver::translate(&mut translator, defined, FuncValidatorAllocations::default()).ok()?;
    Some(translator)
}
