//! Engines behind a few small traits, so that the table treats curta and its peers alike.
//!
//! Each adapter lives in a file of its own and does only what its engine's documentation shows:
//! default configuration, host functions of a static type for the hot one, a typed call where there
//! is one. Peers are compiled in by features; `peers` is all of them.

use std::error::Error;
use std::time::Duration;

use ::curta::CompilationMode;

use crate::clock;
use crate::host::Host;
use crate::workload::Entry;

pub mod child;
mod curta;
#[cfg(feature = "sf-nano")]
mod sf;
#[cfg(feature = "stitch")]
mod stitch;
#[cfg(feature = "tinywasm")]
mod tinywasm;
#[cfg(any(feature = "stitch", feature = "wasm3"))]
mod typed;
#[cfg(feature = "wasm3")]
mod wasm3;
#[cfg(feature = "wasmi")]
mod wasmi;
#[cfg(feature = "wasmtime")]
mod wasmtime;
#[cfg(feature = "families")]
mod without;

/// What an adapter may fail with; it is only ever shown.
pub type Failure = Box<dyn Error>;

/// An engine that can compile a module.
pub trait Engine {
    /// What the table calls it: the name, and the dispatch or version that tells it from others.
    fn name(&self) -> &'static str;

    /// Compiles, translates or only keeps `wasm`, whatever the engine does before instances.
    ///
    /// # Errors
    /// Whatever the engine answers; also where it cannot run as its name says.
    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn Compiled>, Failure>;
}

/// A module that can be instantiated any number of times.
pub trait Compiled {
    /// A new instance in a new store, with `host` behind its imports.
    ///
    /// # Errors
    /// Whatever the engine answers, also because the module wants what it lacks.
    fn instantiate(&self, host: Host) -> Result<Box<dyn Running>, Failure>;
}

/// An instance.
pub trait Running {
    /// Calls `run(argument)` and returns its result, sign-extended if it is an i32.
    ///
    /// # Errors
    /// A trap, or a result of another type.
    fn run(&mut self, argument: i32) -> Result<i64, Failure>;

    /// Calls `step` with 0, then with what it answered, `times` times, and returns the last answer.
    ///
    /// # Errors
    /// A trap, or another type.
    fn steps(&mut self, times: i32) -> Result<i64, Failure>;

    /// Calls `_start` and returns [what the program came to](Host::answer).
    ///
    /// # Errors
    /// A trap, or another exit status than 0.
    fn start(&mut self) -> Result<i64, Failure>;

    /// Does one of the three.
    ///
    /// # Errors
    /// Those of the call.
    fn call(&mut self, entry: &Entry, argument: i32) -> Result<i64, Failure> {
        match entry {
            Entry::Run => self.run(argument),
            Entry::Step => self.steps(argument),
            Entry::Start(_) => self.start(),
        }
    }

    /// Does one of the three and takes its time.
    ///
    /// # Errors
    /// Those of the call.
    fn timed(&mut self, entry: &Entry, argument: i32) -> Result<(i64, Duration), Failure> {
        let start = clock::now();
        let answer = self.call(entry, argument);
        let time = clock::now().saturating_sub(start);
        Ok((answer?, time))
    }
}

/// What an adapter fails with where this build does not have what its name says.
pub const UNAVAILABLE: &str = "not in this build";

/// What a build with the feature `lean` has instead of the threaded curta.
const LEAN: &str = "curta lean";

/// The engine that ratios are relative to, where it is compiled in and nothing else is asked for.
pub const BASELINE: &str = "wasmi 2.0";

/// All engines that the table sets side by side, in its order.
#[must_use]
pub fn all() -> Vec<Box<dyn Engine>> {
    #[cfg_attr(not(feature = "families"), allow(unused_mut, reason = "that is all"))]
    let mut engines = beside_each_other();
    #[cfg(feature = "families")]
    engines.extend(without::each());
    engines
}

fn beside_each_other() -> Vec<Box<dyn Engine>> {
    vec![
        #[cfg(not(feature = "lean"))]
        Box::new(curta::Curta::threaded()),
        #[cfg(not(feature = "lean"))]
        Box::new(curta::Curta::looping()),
        #[cfg(not(feature = "lean"))]
        Box::new(child::Served {
            name: LEAN,
            program: "benches-lean",
            engine: LEAN,
        }),
        #[cfg(feature = "wasmi")]
        Box::new(wasmi::Wasmi::eager()),
        #[cfg(feature = "wasmi")]
        Box::new(wasmi::Wasmi::lazy()),
        #[cfg(feature = "wasmi")]
        Box::new(child::Served {
            name: "wasmi 2.0 portable",
            program: "benches-portable",
            engine: BASELINE,
        }),
        #[cfg(feature = "sf-nano")]
        Box::new(sf::SfNano),
        #[cfg(feature = "stitch")]
        Box::new(child::Served {
            name: STITCH,
            program: "benches",
            engine: STITCH,
        }),
        #[cfg(feature = "wasm3")]
        Box::new(wasm3::Wasm3),
        #[cfg(feature = "tinywasm")]
        Box::new(tinywasm::Tinywasm),
        #[cfg(feature = "wasmtime")]
        Box::new(wasmtime::Wasmtime::pulley()),
        #[cfg(feature = "wasmtime")]
        Box::new(wasmtime::Wasmtime::winch()),
        #[cfg(feature = "wasmtime")]
        Box::new(wasmtime::Wasmtime::cranelift()),
    ]
}

/// The engines whose beginning is measured: those of this process, each as it can be told to begin.
#[must_use]
pub fn starting() -> Vec<Box<dyn Engine>> {
    vec![
        Box::new(curta::Curta::starting("curta", CompilationMode::Eager)),
        Box::new(curta::Curta::starting(
            "curta lazy translation",
            CompilationMode::LazyTranslation,
        )),
        Box::new(curta::Curta::starting("curta lazy", CompilationMode::Lazy)),
        #[cfg(feature = "wasmi")]
        Box::new(wasmi::Wasmi::eager()),
        #[cfg(feature = "wasmi")]
        Box::new(wasmi::Wasmi::lazy()),
        #[cfg(feature = "sf-nano")]
        Box::new(sf::SfNano),
        #[cfg(feature = "wasm3")]
        Box::new(wasm3::Wasm3),
        #[cfg(feature = "tinywasm")]
        Box::new(tinywasm::Tinywasm),
        #[cfg(feature = "wasmtime")]
        Box::new(wasmtime::Wasmtime::pulley()),
        #[cfg(feature = "wasmtime")]
        Box::new(wasmtime::Wasmtime::winch()),
        #[cfg(feature = "wasmtime")]
        Box::new(wasmtime::Wasmtime::cranelift()),
    ]
}

/// The engines whose way to the first call is measured: those, of which curta translates on as many threads as there are
/// processors, and curta on one.
#[must_use]
pub fn beginning() -> Vec<Box<dyn Engine>> {
    let mut engines = starting();
    engines.insert(1, Box::new(curta::Curta::alone()));
    engines
}

/// Stitch panics on some modules, and cannot be used in the same process afterwards.
#[cfg(feature = "stitch")]
const STITCH: &str = "stitch 0.1";

/// The engines that a process of this build [serves](child::serve) to another.
#[must_use]
pub fn served() -> Vec<Box<dyn Engine>> {
    vec![
        #[cfg(feature = "lean")]
        Box::new(curta::Curta::starting(LEAN, CompilationMode::Eager)),
        #[cfg(feature = "wasmi")]
        Box::new(wasmi::Wasmi::eager()),
        #[cfg(feature = "stitch")]
        Box::new(stitch::Stitch),
    ]
}

/// Whether a peer is missing from this build.
#[must_use]
pub fn lacks_peers() -> bool {
    !cfg!(all(feature = "wasmi", feature = "sf-nano"))
}
