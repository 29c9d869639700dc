//! How long it takes curta to translate a module on one thread and on more, beside wasmi.

use std::iter;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use curta::{Config, Engine as CurtaEngine, Module};

use super::{generate, turns};
use crate::engine::{self, Engine, Failure};

/// Sizes of generated modules in bytes.
const SIZES: [usize; 4] = [100_000, 1_000_000, 5_000_000, 20_000_000];

/// Who makes modules.
enum Maker {
    Curta(CurtaEngine, NonZeroUsize),
    Baseline(Box<dyn Engine>),
}

impl Maker {
    fn name(&self) -> String {
        match self {
            Maker::Curta(_, threads) => format!("{threads} threads"),
            Maker::Baseline(engine) => engine.name().to_owned(),
        }
    }

    /// How long it takes until the module is there.
    fn make(&self, wasm: &[u8]) -> Result<Duration, Failure> {
        let start = Instant::now();
        Ok(match self {
            Maker::Curta(engine, _) => {
                let module = Module::new(engine, wasm)?;
                let time = start.elapsed();
                drop(module);
                time
            }
            Maker::Baseline(engine) => {
                let compiled = engine.compile(wasm)?;
                let time = start.elapsed();
                drop(compiled);
                time
            }
        })
    }
}

/// Prints a line for each number of threads up to that of the processors, doubling, and one for the baseline where this
/// build has it. All take turns. Wall-clock time, since several threads work.
pub(super) fn print(rounds: usize) {
    let most = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let counts = iter::successors(Some(NonZeroUsize::MIN), |count| {
        Some(count.saturating_mul(NonZeroUsize::MIN.saturating_add(1)))
    });
    let mut makers: Vec<Maker> = counts
        .take_while(|count| *count <= most)
        .map(|count| {
            let engine = CurtaEngine::new(Config::new().compilation_threads(count));
            Maker::Curta(engine, count)
        })
        .collect();
    let alone = 0;
    let mut engines = engine::starting().into_iter();
    let baseline = engines.find(|engine| engine.name() == engine::BASELINE);
    makers.extend(baseline.map(Maker::Baseline));
    let baseline = makers
        .iter()
        .position(|maker| matches!(maker, Maker::Baseline(_)));

    println!(
        "\nA module made by several threads, eagerly (wall clock; times one thread{})",
        baseline.map_or_else(String::new, |at| format!(", times {}", makers[at].name()))
    );
    print!("{:<24}", "ms");
    let columns = SIZES.map(|size| {
        print!(" {:>22}", format!("{} KB", size / 1000));
        let wasm = generate::module(size);
        turns(&mut makers, rounds, |maker| maker.make(&wasm))
    });
    println!();
    for (at, maker) in makers.iter().enumerate() {
        print!("{:<24}", maker.name());
        for times in &columns {
            print!(" {:>22}", cell(times, at, alone, baseline));
        }
        println!();
    }
}

/// A time and its ratios to two others.
fn cell(
    times: &[Result<Duration, String>],
    at: usize,
    alone: usize,
    baseline: Option<usize>,
) -> String {
    let seconds = |at: usize| times[at].as_ref().map(Duration::as_secs_f64);
    let Ok(time) = seconds(at) else {
        return "fails".to_owned();
    };
    let ratios: Vec<String> = iter::once(alone)
        .chain(baseline)
        .filter_map(|other| Some(format!("{:.3}", time / seconds(other).ok()?)))
        .collect();
    format!("{:.2} ({})", time * 1e3, ratios.join(", "))
}
