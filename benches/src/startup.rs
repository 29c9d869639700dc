//! How long engines take to begin, and what an instance costs: from bytes to the first call,
//! instantiation alone, memory, calls across the boundary, and a process from its start.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use crate::clock;
use crate::engine::{self, Engine, Failure, UNAVAILABLE};
use crate::host::Host;
use crate::options::Options;
use crate::processor;
use crate::workload::{self, Workload};

pub mod generate;

/// Sizes of generated modules in bytes.
const SIZES: [usize; 6] = [1_000, 10_000, 100_000, 1_000_000, 5_000_000, 20_000_000];

/// The small modules: what they are called, and their memory's pages.
const SMALL: [(&str, Option<u32>); 3] = [
    ("without a memory", None),
    ("a memory of 64 KiB", Some(1)),
    ("a memory of 64 MiB", Some(1024)),
];

/// How many instances are made in one turn at most, or live at the same time.
const INSTANCES: usize = 100;

/// No further instances are made in a turn that has taken this long.
const TURN: Duration = Duration::from_millis(20);

/// Prints everything.
///
/// # Errors
/// When workloads cannot be read.
pub fn print(options: &Options) -> Result<ExitCode, String> {
    let mut engines = engine::starting();
    engines.retain(|engine| options.names(engine.name()));
    println!(
        "{}; the shortest of {} turns, {}",
        processor::name(),
        options.rounds,
        clock::NAME
    );
    print_first_calls(options);
    print_instantiation(&engines, options.rounds);
    print_crossings(&engines, options.rounds)?;
    print_memory(&engines);
    print_processes(&engines, options.rounds);
    Ok(ExitCode::SUCCESS)
}

/// The shortest of several turns of each engine on one thing, the engines taking turns: every other time in the opposite
/// order, since what the one before leaves of caches and of the allocator counts.
fn turns<T>(
    subjects: &mut [T],
    rounds: usize,
    mut turn: impl FnMut(&mut T) -> Result<Duration, Failure>,
) -> Vec<Result<Duration, String>> {
    let mut shortest: Vec<Result<Duration, String>> =
        subjects.iter().map(|_| Ok(Duration::MAX)).collect();
    for round in 0..rounds {
        for place in 0..subjects.len() {
            let at = if round % 2 == 0 {
                place
            } else {
                subjects.len() - 1 - place
            };
            let Ok(before) = shortest[at] else { continue };
            shortest[at] = match turn(&mut subjects[at]) {
                Ok(time) => Ok(before.min(time)),
                Err(failure) => Err(failure.to_string()),
            };
        }
    }
    shortest
}

/// One line for each engine; the last column is relative to the baseline.
fn print_lines(title: &str, unit: &str, engines: &[Box<dyn Engine>], lines: &[Line]) {
    println!("\n{title}");
    print!("{:<24}", unit);
    for line in lines {
        print!(" {:>20}", line.name);
    }
    println!();
    let baseline = engines
        .iter()
        .position(|engine| engine.name() == engine::BASELINE);
    for (at, engine) in engines.iter().enumerate() {
        print!("{:<24}", engine.name());
        for line in lines {
            let relative = baseline.and_then(|baseline| {
                let (own, other) = (line.values[at].as_ref(), line.values[baseline].as_ref());
                Some(own.ok()? / other.ok()?)
            });
            match (&line.values[at], relative) {
                (Ok(value), Some(ratio)) => print!(" {:>12} ({ratio:>5.2})", rounded(*value)),
                (Ok(value), None) => print!(" {:>20}", rounded(*value)),
                (Err(words), _) if words == UNAVAILABLE => print!(" {UNAVAILABLE:>20}"),
                (Err(_), _) => print!(" {:>20}", "fails"),
            }
        }
        println!();
    }
    for line in lines {
        for (engine, value) in engines.iter().zip(&line.values) {
            if let Err(words) = value
                && words != UNAVAILABLE
            {
                let words = words.lines().next().unwrap_or_default();
                println!("{} on {}: {words}", engine.name(), line.name);
            }
        }
    }
}

/// Two digits behind the point; three where nothing stands before it.
fn rounded(value: f64) -> String {
    let digits = if value < 1.0 { 3 } else { 2 };
    format!("{value:.digits$}")
}

/// A column: what was measured, and a number for each engine.
struct Line {
    name: String,
    values: Vec<Result<f64, String>>,
}

impl Line {
    /// Times as numbers of a unit.
    fn of_times(name: impl fmt::Display, times: Vec<Result<Duration, String>>, unit: f64) -> Self {
        let values = times.into_iter();
        Self {
            name: name.to_string(),
            values: values
                .map(|time| time.map(|time| time.as_secs_f64() * unit))
                .collect(),
        }
    }
}

/// From bytes to what the first call answers.
fn first_call(engine: &dyn Engine, wasm: &[u8]) -> Result<(), Failure> {
    let mut running = engine.compile(wasm)?.instantiate(Host::default())?;
    running.run(5)?;
    Ok(())
}

/// By the wall clock: where several threads translate, the time of one is not all that passes.
fn print_first_calls(options: &Options) {
    let mut engines = engine::beginning();
    engines.retain(|engine| options.names(engine.name()));
    let mut subjects: Vec<&dyn Engine> = engines.iter().map(|engine| &**engine).collect();
    let lines = SIZES.map(|size| {
        let wasm = generate::module(size);
        // Large modules take long and vary little.
        let rounds = if size > 1_000_000 {
            options.rounds.min(6)
        } else {
            options.rounds
        };
        let times = turns(&mut subjects, rounds, |engine| {
            let start = clock::wall();
            first_call(*engine, &wasm)?;
            Ok(clock::wall().saturating_sub(start))
        });
        Line::of_times(format!("{} KB", size / 1000), times, 1e3)
    });
    let title = "From bytes to the answer of the first call (generated modules; wall clock)";
    print_lines(title, "ms", &engines, &lines);
}

fn print_instantiation(engines: &[Box<dyn Engine>], rounds: usize) {
    let small = SMALL.map(|(name, pages)| (name, generate::small(pages), false));
    let page = generate::small(Some(1));
    let data = generate::with_data(1 << 20);
    let others = [
        ("64 KiB and a call", page, true),
        ("1 MiB of data", data.clone(), false),
        ("that and a call", data, true),
    ];
    let lines = small.into_iter().chain(others).map(|(name, wasm, call)| {
        let mut compiled: Vec<_> = engines.iter().map(|engine| engine.compile(&wasm)).collect();
        let times = turns(&mut compiled, rounds, |compiled| {
            let compiled = compiled.as_ref().map_err(ToString::to_string)?;
            let start = clock::now();
            let mut made = 0;
            // Some engines take milliseconds for one.
            while made < INSTANCES as u32 && clock::now().saturating_sub(start) < TURN {
                for _ in 0..10 {
                    let mut running = compiled.instantiate(Host::default())?;
                    if call {
                        running.run(5)?;
                    }
                }
                made += 10;
            }
            Ok(clock::now().saturating_sub(start) / made)
        });
        Line::of_times(name, times, 1e6)
    });
    let title = "A store and an instance of a module with one function, made and dropped";
    print_lines(title, "µs", engines, &lines.collect::<Vec<_>>());
}

/// Calls from the host and to the host.
fn print_crossings(engines: &[Box<dyn Engine>], rounds: usize) -> Result<(), String> {
    let workloads = workload::all()?;
    let of = |name: &str| -> Result<&Workload, String> {
        let mut workloads = workloads.iter();
        let found = workloads.find(|workload| workload.name == name);
        found.ok_or_else(|| format!("no workload {name}"))
    };
    let mut lines = Vec::new();
    for (name, what) in [("host-out", "guest to host"), ("host-in", "host to guest")] {
        let workload = of(name)?;
        let wasm = workload.wasm.as_deref().unwrap_or_default();
        let mut running: Vec<_> = engines
            .iter()
            .map(|engine| engine.compile(wasm)?.instantiate(Host::default()))
            .collect();
        let calls = workload.full.argument;
        let times = turns(&mut running, rounds, |running| {
            let running = running.as_mut().map_err(|failure| failure.to_string())?;
            let (answer, time) = running.timed(&workload.entry, calls)?;
            if answer != workload.full.expected {
                return Err(format!("it answers {answer}").into());
            }
            Ok(time)
        });
        lines.push(Line::of_times(what, times, 1e9 / f64::from(calls)));
    }
    let title = "A call across the boundary and back";
    print_lines(title, "ns", engines, &lines);
    Ok(())
}

/// Memory is measured in processes of their own, so that none reuses what another gave back.
fn print_memory(engines: &[Box<dyn Engine>]) {
    let lines = ["code", "none", "page", "large"].map(|what| {
        let values = engines.iter().map(|engine| {
            let output = this_program(&["resident", engine.name(), what])
                .output()
                .map_err(|error| error.to_string())?;
            let text = String::from_utf8_lossy(&output.stdout);
            let words = String::from_utf8_lossy(&output.stderr);
            text.trim().parse().map_err(|_| words.trim().to_owned())
        });
        let name = match what {
            "code" => "per byte of wasm",
            "none" => SMALL[0].0,
            "page" => SMALL[1].0,
            _ => SMALL[2].0,
        };
        Line {
            name: name.to_owned(),
            values: values.collect(),
        }
    });
    let title = "Resident bytes: of a compiled module of 1 MB, and of each of many instances";
    print_lines(title, "bytes", engines, &lines);
}

fn this_program(arguments: &[&str]) -> Command {
    let path = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("benches"));
    let mut command = Command::new(path);
    command.args(arguments);
    command
}

/// What a process of its own prints for one number of the table above.
///
/// # Errors
/// When there is no such engine or number, or the platform does not say what is resident.
pub fn resident(name: &str, what: &str) -> Result<f64, Failure> {
    let engine = starting(name)?;
    // Whatever an engine sets up once is no part of the first instance.
    let warm = generate::small(None);
    first_call(&*engine, &warm)?;
    if what == "code" {
        let wasm = generate::module(1_000_000);
        let before = resident_bytes()?;
        let compiled = engine.compile(&wasm)?;
        let bytes = resident_bytes()? - before;
        drop(compiled);
        return Ok(bytes / wasm.len() as f64);
    }
    let pages = match what {
        "none" => None,
        "page" => Some(1),
        "large" => Some(1024),
        other => return Err(format!("nothing is called {other}").into()),
    };
    let compiled = engine.compile(&generate::small(pages))?;
    drop(compiled.instantiate(Host::default())?);
    let before = resident_bytes()?;
    // Some engines make all of a memory resident at once.
    let count = if what == "large" { 10 } else { INSTANCES };
    let mut instances = Vec::with_capacity(count);
    for _ in 0..count {
        instances.push(compiled.instantiate(Host::default())?);
    }
    let bytes = resident_bytes()? - before;
    drop(instances);
    Ok(bytes / count as f64)
}

fn starting(name: &str) -> Result<Box<dyn Engine>, Failure> {
    let mut engines = engine::starting().into_iter();
    let found = engines.find(|engine| engine.name() == name);
    found.ok_or_else(|| format!("no engine {name}").into())
}

/// What of this process is in memory.
fn resident_bytes() -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")
        .map_err(|_| "only Linux says what is resident")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line
        .and_then(|line| line.split_whitespace().next())
        .ok_or("no VmRSS")?;
    Ok(kilobytes.parse::<f64>()? * 1024.0)
}

/// What a process does that is timed from its start: one call into a tiny module, or nothing where
/// the name is empty.
///
/// # Errors
/// Those of the engine.
pub fn first(name: &str) -> Result<(), Failure> {
    if !name.is_empty() {
        let engine = starting(name)?;
        // Without looking at the clock, which takes a while the first time.
        let mut running = engine
            .compile(&generate::small(None))?
            .instantiate(Host::default())?;
        running.run(5)?;
    }
    Ok(())
}

/// By how much a process that makes one call takes longer than one that does nothing: of this program, which has all engines
/// in it, and of one that embeds curta alone. The kernel's part counts, so this is wall-clock time.
fn print_processes(engines: &[Box<dyn Engine>], rounds: usize) {
    // Where `cargo build` puts them.
    let beside = |name| Path::new(this_program(&[]).get_program()).with_file_name(name);
    let mut programs = vec![
        Command::new(beside("benches-empty")),
        Command::new(beside("benches-alone")),
        this_program(&["first", ""]),
    ];
    let of_engines = engines.iter();
    programs.extend(of_engines.map(|engine| this_program(&["first", engine.name()])));
    let mut times = turns(&mut programs, rounds.max(3) * 10, |program| {
        let start = Instant::now();
        let output = program.output()?;
        let time = start.elapsed();
        if output.status.success() {
            Ok(time)
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().into())
        }
    });
    let of_engines = times.split_off(3);
    let [empty, alone, nothing] = &times[..] else {
        unreachable!("three are left")
    };
    let nothing = nothing.clone().unwrap_or_default();
    let times = of_engines
        .into_iter()
        .map(|time| time.map(|time| time.saturating_sub(nothing)))
        .collect();
    let line = Line::of_times("first call", times, 1e3);
    let title =
        "A process with one call into a tiny module, beyond one that does nothing (wall clock)";
    print_lines(title, "ms", engines, &[line]);
    let (Ok(empty), Ok(alone)) = (empty, alone) else {
        println!("`cargo build --release -p benches` makes the programs to compare this one with");
        return;
    };
    let longer = |time: Duration| time.saturating_sub(*empty).as_secs_f64() * 1e3;
    println!(
        "an empty program takes {:.2} ms, one with curta alone that makes this call {:.3} ms more, this one without a call {:.3}",
        empty.as_secs_f64() * 1e3,
        longer(*alone),
        longer(nothing)
    );
}
