//! Instances.

use anyhow::Result;
use curta::Linker;
use wasm_runtime_layer::backend::{AsContext, AsContextMut, Export, Extern, Imports, WasmInstance};

use crate::convert::{external, into_external};
use crate::error::out_of_curta;
use crate::{Engine, Module};

/// An instance.
#[derive(Clone, Copy, Debug)]
pub struct Instance(curta::Instance);

impl WasmInstance<Engine> for Instance {
    /// Instantiates a module and runs its start function.
    ///
    /// All imports that are missing or do not fit are named in one error.
    fn new(
        mut store: impl AsContextMut<Engine>,
        module: &Module,
        imports: &Imports<Engine>,
    ) -> Result<Instance> {
        let mut linker = Linker::new(module.0.engine());
        for ((space, name), item) in imports {
            linker.define(&space, &name, into_external(&item))?;
        }
        let instance = linker.instantiate(store.as_context_mut().0, &module.0);
        Ok(Instance(instance.map_err(out_of_curta)?))
    }

    fn exports(&self, store: impl AsContext<Engine>) -> Box<dyn Iterator<Item = Export<Engine>>> {
        let context = store.as_context().0;
        let exports: Vec<_> = self
            .0
            .exports(context)
            .map(|export| Export {
                name: export.name().to_owned(),
                value: external(export.into_extern()),
            })
            .collect();
        Box::new(exports.into_iter())
    }

    fn get_export(&self, store: impl AsContext<Engine>, name: &str) -> Option<Extern<Engine>> {
        self.0.get_export(store.as_context().0, name).map(external)
    }
}
