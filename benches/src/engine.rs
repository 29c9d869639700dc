//! Engines behind one small trait, so that the table treats curta and its peers alike.
//!
//! Each adapter lives in a file of its own and does only what its engine's documentation shows:
//! default configuration, one instance, one exported function. Peers are compiled in by the
//! features `wasmi` and `sf-nano` (`peers` is both).

use std::error::Error;

mod curta;
#[cfg(feature = "sf-nano")]
mod sf;
#[cfg(feature = "wasmi")]
mod wasmi;

/// What an adapter may fail with; it is only ever shown.
pub type Failure = Box<dyn Error>;

/// An engine that can load a workload.
pub trait Engine {
    /// What the table calls it: the name, and the dispatch or version that tells it from others.
    fn name(&self) -> &'static str;

    /// Compiles and instantiates `wasm` and looks up its export `run`.
    ///
    /// # Errors
    /// Whatever the engine answers; also where it cannot run as its name says.
    fn load(&self, wasm: &[u8]) -> Result<Box<dyn Loaded>, Failure>;
}

/// An instance of a workload, ready to be called any number of times.
pub trait Loaded {
    /// Calls `run(argument)` and returns its result, sign-extended if it is an i32.
    ///
    /// # Errors
    /// A trap, or a result of another type.
    fn run(&mut self, argument: i32) -> Result<i64, Failure>;
}

/// What an adapter fails with where this build does not have what its name says.
pub const UNAVAILABLE: &str = "not in this build";

/// The engine that ratios are relative to, where it is compiled in.
pub const BASELINE: &str = "wasmi 2.0";

/// All engines that this build has, in the order of the table.
#[must_use]
pub fn all() -> Vec<Box<dyn Engine>> {
    vec![
        Box::new(curta::Curta::threaded()),
        Box::new(curta::Curta::looping()),
        #[cfg(feature = "wasmi")]
        Box::new(wasmi::Wasmi),
        #[cfg(feature = "sf-nano")]
        Box::new(sf::SfNano),
    ]
}

/// Whether a peer is missing from this build.
#[must_use]
pub fn lacks_peers() -> bool {
    !cfg!(all(feature = "wasmi", feature = "sf-nano"))
}
