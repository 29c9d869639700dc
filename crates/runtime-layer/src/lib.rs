//! [`curta`] as a backend of [`wasm_runtime_layer`]: a host written for that crate runs on curta
//! when it names this engine.
//!
//! ```
//! use wasm_runtime_layer::{Engine, Imports, Instance, Module, Store, Val};
//!
//! // The line that chooses the runtime.
//! let engine = Engine::new(curta_runtime_layer::Engine::default());
//!
//! let mut store = Store::new(&engine, ());
//! let text = r#"(module (func (export "double") (param i32) (result i32)
//!     (i32.add (local.get 0) (local.get 0))))"#;
//! let module = Module::new(&engine, text.as_bytes())?;
//! let instance = Instance::new(&mut store, &module, &Imports::default())?;
//! let double = instance.get_export(&store, "double").unwrap().into_func().unwrap();
//! let mut results = [Val::I32(0)];
//! double.call(&mut store, &[Val::I32(21)], &mut results)?;
//! assert_eq!(results[0], Val::I32(42));
//! # Ok::<(), anyhow::Error>(())
//! ```
//!
//! # What the layer cannot express
//! It knows the types of WebAssembly 2.0, and memories and tables with 32-bit addresses. A module
//! that could hand it anything else is refused when it is made, with the name of the feature:
//! [`Engine`] has `function_references`, `gc`, `exceptions`, `memory64` and `custom_page_sizes`
//! switched off. All that is left has a type of the layer's.
//!
//! # Errors
//! What curta refuses or a guest does wrong is a [`curta::Error`] in the layer's [`anyhow::Error`],
//! from which `downcast_ref::<curta::Error>()` gets it back. An error that a host function returned
//! comes out of the call as it was.
#![deny(unsafe_code)]

mod convert;
mod error;
mod func;
mod global;
mod instance;
mod memory;
mod module;
mod store;
mod table;

use curta::{Config, Feature, Features};
use wasm_runtime_layer::backend::WasmEngine;

pub use func::{ExternRef, Func};
pub use global::Global;
pub use instance::Instance;
pub use memory::Memory;
pub use module::Module;
pub use store::{Store, StoreContext, StoreContextMut};
pub use table::Table;

/// curta's engine, as the layer wants it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine(curta::Engine);

/// What lets a module have types that the layer has no name for.
const INEXPRESSIBLE: &[Feature] = &[
    Feature::FunctionReferences,
    Feature::Gc,
    Feature::Exceptions,
    Feature::LegacyExceptions,
    Feature::Memory64,
    Feature::CustomPageSizes,
    Feature::Threads,
    Feature::SharedEverythingThreads,
    Feature::StackSwitching,
    Feature::CustomDescriptors,
];

impl Engine {
    /// An engine with settings, but for the features that the layer [cannot
    /// express](crate#what-the-layer-cannot-express).
    ///
    /// ```
    /// use curta::{CompilationMode, Config};
    /// use curta_runtime_layer::Engine;
    ///
    /// let mut config = Config::new();
    /// config.compilation_mode(CompilationMode::Lazy);
    /// let engine = Engine::new(config);
    /// assert_eq!(engine.curta().config().get_compilation_mode(), CompilationMode::Lazy);
    /// ```
    #[must_use]
    pub fn new(mut config: Config) -> Engine {
        let off = INEXPRESSIBLE.iter().copied();
        let features = off.fold(config.get_features(), Features::without);
        Engine(curta::Engine::new(config.features(features)))
    }

    /// The engine behind it.
    #[must_use]
    pub fn curta(&self) -> &curta::Engine {
        &self.0
    }
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::new(Config::new())
    }
}

impl WasmEngine for Engine {
    type ExternRef = ExternRef;
    type Func = Func;
    type Global = Global;
    type Instance = Instance;
    type Memory = Memory;
    type Module = Module;
    type Store<T: 'static> = Store<T>;
    type StoreContext<'a, T: 'static> = StoreContext<'a, T>;
    type StoreContextMut<'a, T: 'static> = StoreContextMut<'a, T>;
    type Table = Table;
}
