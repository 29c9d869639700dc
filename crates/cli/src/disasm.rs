//! `curta disasm`.

use std::io::{self, Write};

use curta::Module;

use crate::failure::{Failure, Printable};
use crate::options::DisasmOptions;
use crate::source;

/// Prints the internal code of a module, or of one function of it.
pub(crate) fn disasm(options: &DisasmOptions) -> Result<(), Failure> {
    let module = source::module(&options.features.engine(), &options.file)?;
    let listing = match &options.func {
        None => module.disassemble(),
        Some(func) => function(&module, func)?,
    };
    // A reader that closes its end, such as `head`, has seen enough.
    let _ = io::stdout().write_all(listing.as_bytes());
    Ok(())
}

/// The code of the function with an index or, where it is no number, a name.
fn function(module: &Module, func: &str) -> Result<String, Failure> {
    let index = match func.parse() {
        Ok(index) => index,
        Err(_) => module.function_index(func).ok_or_else(|| {
            Failure::usage(format!("the module has no function `{}`", Printable(func)))
        })?,
    };
    module.disassemble_function(index).ok_or_else(|| {
        Failure::usage(format!(
            "function {index} has no code: it is imported, or the module has fewer functions"
        ))
    })
}
