//! curta without one family of fused handlers, each family in its turn: what it is good for.

use std::sync::LazyLock;

use curta::internals::Family;
use curta::{Config, Dispatch};

use super::curta::Compilation;
use super::{Compiled, Engine, Failure, UNAVAILABLE};

/// curta, threaded, without a family.
struct Without {
    name: &'static str,
    family: Family,
}

static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    Family::all()
        .map(|family| format!("without {}", family.name))
        .collect()
});

/// An engine for each family.
pub(super) fn each() -> impl Iterator<Item = Box<dyn Engine>> {
    let named = Family::all().zip(NAMES.iter());
    named.map(|(family, name)| Box::new(Without { name, family }) as Box<dyn Engine>)
}

impl Engine for Without {
    fn name(&self) -> &'static str {
        self.name
    }

    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn Compiled>, Failure> {
        let engine = self.family.engine_without(&Config::new());
        if engine.dispatch() != Dispatch::Threaded {
            return Err(UNAVAILABLE.into());
        }
        Compilation::compile(&engine, wasm)
    }
}
