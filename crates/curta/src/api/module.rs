//! Modules, decoded, validated and translated.

use super::{engine::Engine, module_builder::ModuleBuilder};
use crate::{
    code::module::ModuleCode,
    error::{Error, Quoted, Text},
    store::{image::Images, instance::CompiledModule},
};
use alloc::{borrow::Cow, format, string::String, sync::Arc, vec::Vec};
use core::fmt;
use curta_module::{ExportItem, ExternType, FuncIdx};

/// A module, ready to be instantiated any number of times.
///
/// Cheap to clone, and shared by any number of threads. It holds its bytes, and the code of its
/// functions.
///
/// ```
/// use curta::{Engine, Module};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, "(module (func (export \"f\") (param i32)))")?;
/// let exports: Vec<_> = module.exports().map(|export| export.name().to_string()).collect();
/// assert_eq!(exports, ["f"]);
/// assert_eq!(module.get_export("f").unwrap().to_string(), "(func (param i32))");
/// # Ok::<(), curta::Error>(())
/// ```
#[derive(Clone)]
pub struct Module {
    pub(crate) engine: Engine,
    pub(crate) compiled: Arc<CompiledModule>,
}

/// Something that a module imports.
#[derive(Debug, Clone)]
pub struct ImportType<'a> {
    module: &'a str,
    name: &'a str,
    ty: ExternType,
}

/// Something that a module exports.
#[derive(Debug, Clone)]
pub struct ExportType<'a> {
    name: &'a str,
    ty: ExternType,
}

impl Module {
    /// Decodes, validates and translates a module, in time and memory linear in its size.
    ///
    /// With the feature `wat` (on by default), the text format is accepted too: what begins with
    /// `(` or `;` after white space.
    ///
    /// # Errors
    /// When the bytes are malformed or invalid, exceed the engine's limits, or use a feature that
    /// is off or not built. [`Error::module_error`] tells what and where; of several errors, it is
    /// the first in the order of the file.
    pub fn new(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Module, Error> {
        ModuleBuilder::whole(engine, binary(bytes.as_ref())?.into_owned())
    }

    /// A module whose functions were prepared.
    pub(crate) fn new_compiled(
        engine: Engine,
        module: curta_module::Module,
        code: ModuleCode,
    ) -> Module {
        let compiled = Arc::new(CompiledModule {
            module,
            code,
            images: Images::new(engine.config().get_memory_images()),
        });
        Module { engine, compiled }
    }

    /// Checks a module as [`Module::new`] does, and keeps nothing.
    ///
    /// ```
    /// use curta::{Engine, Module};
    ///
    /// let error = Module::validate(&Engine::default(), "(module (func (result
    /// i32)))").unwrap_err(); assert!(error.to_string().contains("type mismatch"));
    /// ```
    ///
    /// # Errors
    /// As [`Module::new`].
    pub fn validate(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<(), Error> {
        let (features, limits) = (engine.config().get_features(), engine.config().get_limits());
        Ok(curta_module::validate(
            &binary(bytes.as_ref())?,
            &features,
            limits,
        )?)
    }

    /// What must be given to make an instance, in order.
    ///
    /// ```
    /// use curta::{Engine, Module};
    ///
    /// let text = r#"(module (import "env" "log" (func (param i32))) (memory (export "memory") 1))"#;
    /// let module = Module::new(&Engine::default(), text)?;
    /// let import = module.imports().next().expect("there is one");
    /// assert_eq!((import.module(), import.name()), ("env", "log"));
    /// assert_eq!(import.to_string(), r#"(import "env" "log" (func (param i32)))"#);
    /// let exports: Vec<_> = module.exports().map(|export| export.to_string()).collect();
    /// assert_eq!(exports, [r#"(export "memory" (memory 1))"#]);
    /// # Ok::<(), curta::Error>(())
    /// ```
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> {
        let module = &self.compiled.module;
        module.imports().iter().map(|import| ImportType {
            module: &import.module,
            name: &import.name,
            ty: module.import_type(import),
        })
    }

    /// What its instances export, in order.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> {
        let module = &self.compiled.module;
        module.exports().iter().map(|export| ExportType {
            name: &export.name,
            ty: module.export_type(export.item),
        })
    }

    /// The type of the export called `name`.
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        let module = &self.compiled.module;
        module.export(name).map(|item| module.export_type(item))
    }

    /// The name that the module's name section gives it.
    pub fn name(&self) -> Option<&str> {
        self.compiled.module.name()
    }

    /// The contents of the custom sections called `name`, in order.
    pub fn custom_sections<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let sections = self.compiled.module.custom_sections();
        sections
            .filter(move |(found, _)| *found == name)
            .map(|(_, data)| data)
    }

    /// The internal code of all functions that the module defines, as text for people.
    ///
    /// ```
    /// use curta::{Engine, Module};
    ///
    /// let text = "(module (func $two (export \"two\") (result i32) (i32.const 2)))";
    /// let module = Module::new(&Engine::default(), text)?;
    /// assert!(module.disassemble().starts_with("func 0 `two` (func (result i32))\n"));
    /// # Ok::<(), curta::Error>(())
    /// ```
    pub fn disassemble(&self) -> String {
        let module = &self.compiled.module;
        let all = module.imported_functions()..module.functions().len();
        let listings = all.filter_map(|index| self.disassemble_function(index as u32));
        listings.collect::<Vec<_>>().join("\n")
    }

    /// The internal code of one function, by its index in the module, where imported functions
    /// come first. `None` if it is imported or there is no such function.
    pub fn disassemble_function(&self, index: u32) -> Option<String> {
        let module = &self.compiled.module;
        let defined = (index as usize).checked_sub(module.imported_functions())?;
        let code = Engine::disassemble(&self.compiled, defined)?;
        let func = FuncIdx::new(index);
        let ty = module.func_type(func);
        let name = module.names().function(func);
        let name = name
            .map(|name| format!("{} ", Quoted(name)))
            .unwrap_or_default();
        Some(format!("func {index} {name}{ty}\n{code}"))
    }

    /// The index of the function that is exported as `name`, or else has that name in the name
    /// section. Linear in the number of functions.
    pub fn function_index(&self, name: &str) -> Option<u32> {
        let module = &self.compiled.module;
        if let Some(ExportItem::Func(func)) = module.export(name) {
            return Some(func.as_u32());
        }
        // Modules have less than 2^32 functions.
        let mut all = (0..module.functions().len() as u32).map(FuncIdx::new);
        all.find(|func| module.names().function(*func) == Some(name))
            .map(FuncIdx::as_u32)
    }

    /// The engine that the module was made for.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}

impl<'a> ImportType<'a> {
    /// The first part of the name: the module that is asked for.
    pub fn module(&self) -> &'a str {
        self.module
    }

    /// The second part of the name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// What it must be.
    pub fn ty(&self) -> &ExternType {
        &self.ty
    }
}

impl<'a> ExportType<'a> {
    /// The name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// What it is.
    pub fn ty(&self) -> &ExternType {
        &self.ty
    }
}

/// As the text format has it: `(import "env" "log" (func (param i32)))`.
impl fmt::Display for ImportType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (module, name) = (Text(self.module), Text(self.name));
        write!(f, "(import {module} {name} {})", self.ty)
    }
}

/// As the text format has it: `(export "run" (func))`.
impl fmt::Display for ExportType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(export {} {})", Text(self.name), self.ty)
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

/// Whether a file that begins so is in the text format, and that can be read.
#[cfg(any(feature = "std", feature = "wat"))]
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    cfg!(feature = "wat") && matches!(first, Some(b'(' | b';'))
}

/// A module in the binary format, from either format.
#[cfg(feature = "wat")]
fn binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    if !is_text(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    wat::parse_bytes(bytes).map_err(|error| Error::text(format!("{error}")))
}

/// A module in the binary format.
#[cfg(not(feature = "wat"))]
#[expect(clippy::unnecessary_wraps, reason = "as with the text format")]
fn binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    Ok(Cow::Borrowed(bytes))
}

#[cfg(test)]
mod tests {
    use super::{Engine, Module};

    #[test]
    fn modules_and_engines_are_shared_by_threads() {
        fn shared<T: Send + Sync + Clone>() {}
        shared::<Engine>();
        shared::<Module>();
    }
}
