//! curta alone: how long it takes to translate a module on one thread and on more.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use curta::{Config, Engine, Module};

use super::generate;

/// Sizes of generated modules in bytes.
const SIZES: [usize; 3] = [100_000, 1_000_000, 20_000_000];

/// Prints a line for each number of threads up to that of the processors, doubling. Wall-clock
/// time, since several threads work.
pub(super) fn print(rounds: usize) {
    println!("\nA module made by several threads, eagerly (wall clock)");
    print!("{:<24}", "ms");
    let modules = SIZES.map(generate::module);
    for size in SIZES {
        print!(" {:>20}", format!("{} KB", size / 1000));
    }
    println!();
    let most = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let counts = std::iter::successors(Some(NonZeroUsize::MIN), |count| {
        Some(count.saturating_mul(NonZeroUsize::MIN.saturating_add(1)))
    });
    let mut alone = None;
    for count in counts.take_while(|count| *count <= most) {
        let times = modules.each_ref().map(|wasm| made(wasm, count, rounds));
        let alone = *alone.get_or_insert(times);
        print!("{:<24}", format!("{count} threads"));
        for (time, alone) in times.iter().zip(alone) {
            let ratio = time.as_secs_f64() / alone.as_secs_f64();
            print!(" {:>12.2} ({ratio:>5.2})", time.as_secs_f64() * 1e3);
        }
        println!();
    }
}

/// The shortest of several turns.
fn made(wasm: &[u8], threads: NonZeroUsize, rounds: usize) -> Duration {
    let engine = Engine::new(Config::new().compilation_threads(threads));
    let turns = (0..rounds).map(|_| {
        let start = Instant::now();
        let module = Module::new(&engine, wasm);
        let time = start.elapsed();
        drop(module.expect("generated modules are valid"));
        time
    });
    turns.min().unwrap_or_default()
}
