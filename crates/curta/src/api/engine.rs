//! What modules and stores have in common.

use super::config::{CompilationMode, Config, Dispatch};
use crate::{
    code::{
        catalog::{Backend, Catalog},
        module::ModuleCode,
    },
    exec,
    store::{
        instance::CompiledModule,
        mapping_pool::MappingPool,
        store::{Ceilings, StoreInner},
        value_stack::ValueStack,
    },
    translate::{self, Arriving},
};
use alloc::{boxed::Box, string::String, sync::Arc};
use core::fmt;
use curta_module::{Decoder, Module, ModuleError, TypeRegistry, Validation};

/// What modules and stores share: settings, the instruction set's handlers, and the types of all
/// modules in canonical form.
///
/// Cheap to clone, and shared by any number of threads. A module can be instantiated in stores of
/// its own engine only.
///
/// ```
/// use curta::{Config, Dispatch, Engine};
///
/// let mut config = Config::new();
/// config.dispatch(Dispatch::Loop);
/// assert_eq!(Engine::new(&config).dispatch(), Dispatch::Loop);
/// ```
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    registry: Arc<TypeRegistry>,
    catalog: Arc<Catalog>,
    /// Memories of stores that are gone.
    mappings: Arc<MappingPool>,
    /// Value stacks of theirs.
    stacks: Arc<MappingPool>,
}

impl Engine {
    /// An engine with these settings.
    pub fn new(config: &Config) -> Engine {
        Engine::with_catalog(config, exec::catalog::catalog(backend(config)))
    }

    fn with_catalog(config: &Config, catalog: Arc<Catalog>) -> Engine {
        let (most, bytes) = (config.get_pooled_mappings(), config.get_pooled_bytes());
        Engine {
            shared: Arc::new(Shared {
                config: config.clone(),
                registry: Arc::new(TypeRegistry::new()),
                catalog,
                mappings: Arc::new(MappingPool::of_memories(most, bytes)),
                stacks: Arc::new(MappingPool::of_stacks(most, bytes)),
            }),
        }
    }

    /// An engine that makes no use of the fused handlers with these numbers.
    #[cfg(feature = "internals")]
    pub(crate) fn without(config: &Config, fusions: core::ops::Range<usize>) -> Engine {
        let catalog = exec::catalog::catalog(backend(config)).without(fusions);
        Engine::with_catalog(config, Arc::new(catalog))
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// How instructions follow each other in this engine: never [`Dispatch::Auto`].
    pub fn dispatch(&self) -> Dispatch {
        match self.shared.catalog.backend() {
            Backend::Threaded => Dispatch::Threaded,
            Backend::Looped => Dispatch::Loop,
        }
    }

    /// Whether both are clones of one engine.
    pub fn same(&self, other: &Engine) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// The types of all modules.
    pub(crate) fn registry(&self) -> &TypeRegistry {
        &self.shared.registry
    }

    /// What decodes a module, all but its bodies.
    pub(crate) fn decoder(&self) -> Decoder<Arc<TypeRegistry>> {
        let config = self.config();
        let registry = Arc::clone(&self.shared.registry);
        Decoder::new(&config.get_features(), config.get_limits(), registry)
    }

    /// What prepares the bodies of a module, in the mode of this engine.
    pub(crate) fn compiler(&self) -> Compiler {
        let catalog = &self.shared.catalog;
        match self.config().get_compilation_mode() {
            CompilationMode::Eager => {
                let functions = Arriving::new(catalog);
                #[cfg(feature = "parallel")]
                let functions = functions.with_threads(self.config().get_compilation_threads());
                Compiler::Eager(Box::new(functions))
            }
            CompilationMode::LazyTranslation => Compiler::Lazy {
                catalog: Arc::clone(catalog),
                validation: Some(Validation::default()),
            },
            CompilationMode::Lazy => Compiler::Lazy {
                catalog: Arc::clone(catalog),
                validation: None,
            },
        }
    }

    /// The internal code of a translated module's function, as text.
    pub(crate) fn disassemble(compiled: &CompiledModule, defined: usize) -> Option<String> {
        translate::disassemble(&compiled.module, &compiled.code, defined)
    }

    /// The runtime objects of a new store.
    pub(crate) fn new_store(&self) -> StoreInner {
        let config = self.config();
        let stack = ValueStack::new(
            config.get_max_stack_bytes(),
            config.get_max_host_depth(),
            Arc::clone(&self.shared.stacks),
        );
        StoreInner::new(
            Arc::clone(&self.shared.registry),
            Ceilings::default(),
            stack,
            Arc::clone(&self.shared.mappings),
        )
    }
}

/// The dispatch that is asked for, in the words of the code.
fn backend(config: &Config) -> Backend {
    match config.get_dispatch() {
        Dispatch::Auto | Dispatch::Threaded => Backend::Threaded,
        Dispatch::Loop => Backend::Looped,
    }
}

/// Prepares the bodies of a module as they arrive.
pub(crate) enum Compiler {
    /// Validates and translates them.
    Eager(Box<Arriving>),
    /// Validates them, or not even that.
    Lazy {
        catalog: Arc<Catalog>,
        validation: Option<Validation>,
    },
}

impl Compiler {
    /// Goes on with the bodies that came since the last time. Takes the module and puts it back; it does not after a panic.
    pub(crate) fn advance(&mut self, module: &mut Module) -> Result<(), ModuleError> {
        match self {
            Compiler::Eager(functions) => functions.advance(module),
            Compiler::Lazy { validation, .. } => match validation {
                Some(validation) => validation.advance(module),
                None => Ok(()),
            },
        }
    }

    /// The code of a module that is complete.
    pub(crate) fn finish(mut self, module: &mut Module) -> Result<ModuleCode, ModuleError> {
        self.advance(module)?;
        match self {
            Compiler::Eager(functions) => functions.finish(module),
            Compiler::Lazy { catalog, .. } => Ok(translate::lazily(module, &catalog)),
        }
    }
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::new(&Config::default())
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("config", self.config())
            .field("dispatch", &self.dispatch())
            .finish_non_exhaustive()
    }
}
