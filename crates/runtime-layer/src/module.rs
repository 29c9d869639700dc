//! Modules.

use anyhow::Result;
use wasm_runtime_layer::backend::WasmModule;
use wasm_runtime_layer::{ExportType, ExternType, ImportType};

use crate::Engine;
use crate::convert::extern_type;

/// A module. The text format is accepted as well where curta has its feature `wat`.
#[derive(Clone, Debug)]
pub struct Module(pub(crate) curta::Module);

impl WasmModule<Engine> for Module {
    fn new(engine: &Engine, bytes: &[u8]) -> Result<Module> {
        Ok(Module(curta::Module::new(engine.curta(), bytes)?))
    }

    fn exports(&self) -> Box<dyn '_ + Iterator<Item = ExportType<'_>>> {
        Box::new(self.0.exports().map(|export| ExportType {
            name: export.name(),
            ty: extern_type(export.ty()),
        }))
    }

    fn get_export(&self, name: &str) -> Option<ExternType> {
        self.0.get_export(name).as_ref().map(extern_type)
    }

    fn imports(&self) -> Box<dyn '_ + Iterator<Item = ImportType<'_>>> {
        Box::new(self.0.imports().map(|import| ImportType {
            module: import.module(),
            name: import.name(),
            ty: extern_type(import.ty()),
        }))
    }
}
