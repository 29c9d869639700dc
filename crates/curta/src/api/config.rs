//! How an engine is set up.

#[cfg(feature = "parallel")]
use core::num::NonZeroUsize;
use curta_module::{Features, Limits};

/// Settings of an [`Engine`](crate::Engine).
///
/// ```
/// use curta::{Config, Engine, Features};
///
/// let mut config = Config::new();
/// config.features(Features::WASM1).max_stack_bytes(256 * 1024);
/// let engine = Engine::new(&config);
/// assert_eq!(engine.config().get_features(), Features::WASM1);
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    features: Features,
    limits: Limits,
    dispatch: Dispatch,
    compilation_mode: CompilationMode,
    #[cfg(feature = "parallel")]
    compilation_threads: Option<NonZeroUsize>,
    max_stack_bytes: usize,
    max_host_depth: u32,
    pooled_mappings: usize,
    pooled_bytes: usize,
    memory_images: bool,
}

/// When function bodies are validated and translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CompilationMode {
    /// Both at once, when the module is made: the first call is as fast as the others.
    #[default]
    Eager,
    /// Bodies are validated when the module is made, and each is translated when it is called first.
    LazyTranslation,
    /// Each body is validated and translated when it is called first. An invalid one is an error of that call, and of every
    /// later one, that carries its [`ModuleError`](crate::ModuleError).
    Lazy,
}

/// How the interpreter goes from one instruction to the next. Both ways run the same handlers and
/// compute the same; they differ in speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dispatch {
    /// The fastest way that this build was found to support.
    #[default]
    Auto,
    /// Handlers jump to each other. Only where the build supports it; elsewhere as `Loop`.
    Threaded,
    /// Handlers return to a loop. Works everywhere, at less than half the speed.
    Loop,
}

impl Config {
    /// The defaults: WebAssembly 3.0, as far as it is built, generous limits, 8 MiB of guest stack, host and
    /// guest nested up to 100 times.
    pub fn new() -> Config {
        Config {
            features: Features::WASM3,
            limits: Limits::default(),
            dispatch: Dispatch::Auto,
            compilation_mode: CompilationMode::Eager,
            #[cfg(feature = "parallel")]
            compilation_threads: None,
            max_stack_bytes: 8 * 1024 * 1024,
            max_host_depth: 100,
            pooled_mappings: 100,
            pooled_bytes: 16 * 1024 * 1024,
            memory_images: true,
        }
    }

    /// Which WebAssembly features modules may use: 3.0 by default, which has no threads; [`Features::ALL`] adds whatever
    /// else curta executes. A module that uses another one, or one that is [not built](Features::BUILT), is refused with
    /// that feature's name.
    pub fn features(&mut self, features: Features) -> &mut Config {
        self.features = features;
        self
    }

    /// What modules may ask for: counts, sizes, nesting.
    pub fn limits(&mut self, limits: Limits) -> &mut Config {
        self.limits = limits;
        self
    }

    /// How instructions follow each other. [`Engine::dispatch`](crate::Engine::dispatch) tells
    /// what came of it.
    pub fn dispatch(&mut self, dispatch: Dispatch) -> &mut Config {
        self.dispatch = dispatch;
        self
    }

    /// When function bodies are validated and translated. The code is the same in all modes.
    pub fn compilation_mode(&mut self, mode: CompilationMode) -> &mut Config {
        self.compilation_mode = mode;
        self
    }

    /// On how many threads at most a large module is translated when it is made, in the mode
    /// [`CompilationMode::Eager`]; one less is started for it at most. When the module is there, they have
    /// done their part; one that the system has not let begin by then is not waited for. Threads
    /// of the process that have helped sleep for half a second, to help with the next module of
    /// whichever engine, and end then. By default as many as [`std::thread::available_parallelism`]
    /// says, which is asked once in a process; where no thread can be started, the one that asks
    /// does it alone.
    /// The code is the same, and so is the error if the module is refused. What can be translated
    /// is what has arrived: give a module as a whole ([`Module::new`](crate::Module::new)) or in
    /// large chunks.
    ///
    /// With the feature `parallel` only, which is a default.
    ///
    /// ```
    /// use curta::{Config, Engine};
    /// use std::num::NonZeroUsize;
    ///
    /// let mut config = Config::new();
    /// config.compilation_threads(NonZeroUsize::MIN);
    /// assert_eq!(config.get_compilation_threads(), Some(NonZeroUsize::MIN));
    /// # let _ = Engine::new(&config);
    /// ```
    #[cfg(feature = "parallel")]
    pub fn compilation_threads(&mut self, threads: NonZeroUsize) -> &mut Config {
        self.compilation_threads = Some(threads);
        self
    }

    /// Bytes of stack that the guest's calls may use between one entry from the host and its
    /// return. A guest that needs more traps with [`Trap::CallStackExhausted`].
    ///
    /// Memory is used as far as the stack is touched, and kept for further calls. Values, return
    /// addresses and locals take 8 bytes each. A call takes at least 16 bytes, so this bounds the
    /// depth of calls as well: to 524,288 with the default of 8 MiB. This is not the native stack, of which guest code
    /// uses a small constant amount.
    ///
    /// [`Trap::CallStackExhausted`]: crate::Trap::CallStackExhausted
    pub fn max_stack_bytes(&mut self, bytes: usize) -> &mut Config {
        self.max_stack_bytes = bytes;
        self
    }

    /// How often host and guest may be nested: host functions that call guests that call host
    /// functions, and so on. One level more traps with
    /// [`Trap::CallStackExhausted`](crate::Trap::CallStackExhausted). Each level uses native
    /// stack, how much depends on the host functions.
    pub fn max_host_depth(&mut self, depth: u32) -> &mut Config {
        self.max_host_depth = depth;
        self
    }

    /// How many memories of stores that are gone the engine keeps for stores to come, and as many value stacks: 100 of
    /// each by default. With 0 everything goes back to the platform at once.
    ///
    /// A memory or stack that is kept makes the next instance much cheaper. A memory is zero again before it is kept. Of one
    /// that had at most 128 KiB the pages stay in the machine's memory, as far as
    /// [`pooled_bytes`](Config::pooled_bytes) allows, and so do a stack's. Everything else goes back to the platform with the
    /// store: only address space is kept then, of which a 64-bit machine has plenty: at most 1 TiB of each kind, and 32 MiB
    /// where addresses have 32 bits. Where the platform sets no address space aside, or without the feature `std`, nothing is
    /// kept.
    ///
    /// When the engine goes, one of its memories and one of its stacks stay for the next engine of the process, all zero, where
    /// addresses have 64 bits; they hold at most 132 KiB together.
    pub fn pooled_mappings(&mut self, count: usize) -> &mut Config {
        self.pooled_mappings = count;
        self
    }

    /// How many bytes of the machine's memory those [memories](Config::pooled_mappings) hold together at most, and the stacks as
    /// many: 16 MiB each by default, which is one stack that was used to its end.
    pub fn pooled_bytes(&mut self, bytes: usize) -> &mut Config {
        self.pooled_bytes = bytes;
        self
    }

    /// Whether the instances of a module share what their memories begin with, as long as they do not write to it: so by
    /// default, on Linux and Android.
    ///
    /// It is done for memories of more than 128 KiB with at least 32 KiB of data, from the module's second instance on, and
    /// costs a file descriptor for each such memory while the module lives. Elsewhere, and for less data, each instance gets a copy. What a
    /// guest sees is the same.
    pub fn memory_images(&mut self, share: bool) -> &mut Config {
        self.memory_images = share;
        self
    }

    /// The features that were set.
    pub fn get_features(&self) -> Features {
        self.features
    }

    /// The limits that were set.
    pub fn get_limits(&self) -> &Limits {
        &self.limits
    }

    /// The dispatch that was asked for.
    pub fn get_dispatch(&self) -> Dispatch {
        self.dispatch
    }

    /// The compilation mode that was set.
    pub fn get_compilation_mode(&self) -> CompilationMode {
        self.compilation_mode
    }

    /// The number of threads that was set.
    #[cfg(feature = "parallel")]
    pub fn get_compilation_threads(&self) -> Option<NonZeroUsize> {
        self.compilation_threads
    }

    /// The bytes of guest stack that were set.
    pub fn get_max_stack_bytes(&self) -> usize {
        self.max_stack_bytes
    }

    /// The nesting of host and guest that was set.
    pub fn get_max_host_depth(&self) -> u32 {
        self.max_host_depth
    }

    /// How many memories and stacks are kept.
    pub fn get_pooled_mappings(&self) -> usize {
        self.pooled_mappings
    }

    /// How many bytes those may hold.
    pub fn get_pooled_bytes(&self) -> usize {
        self.pooled_bytes
    }

    /// Whether instances share what their memories begin with.
    pub fn get_memory_images(&self) -> bool {
        self.memory_images
    }
}

impl Default for Config {
    fn default() -> Config {
        Config::new()
    }
}
