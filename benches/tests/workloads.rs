//! Every workload gives its right result on every engine of this build, and the right results are
//! those that a few independent lines compute.

use std::error::Error;

use benches::engine::{self, UNAVAILABLE};
use benches::measure::Loaded;
use benches::workload::{self, Call, Entry, Workload};
use curta::{Engine, Instance, Module, Store};

/// The calls whose right results the tests compute: the small one, and the timed one too where the
/// build is optimised.
fn calls(name: &str) -> Vec<Call> {
    calls_of(&named(name))
}

fn named(name: &str) -> Workload {
    let workloads = workload::all().expect("the lists can be read");
    let mut workloads = workloads.into_iter();
    workloads
        .find(|workload| workload.name == name)
        .expect("it is in the list")
}

fn calls_of(workload: &Workload) -> Vec<Call> {
    let mut calls = vec![workload.quick];
    if !cfg!(debug_assertions) {
        calls.push(workload.full);
    }
    calls
}

/// What goes wrong with a workload on an engine, if anything does.
fn check(engine: &dyn engine::Engine, workload: &Workload) -> Result<(), String> {
    let Some(wasm) = &workload.wasm else {
        return Ok(());
    };
    let mut loaded = match Loaded::new(engine, wasm) {
        Ok(loaded) => loaded,
        // Unoptimised builds and some targets have no threaded backend.
        Err(failure) if failure.to_string() == UNAVAILABLE => return Ok(()),
        Err(failure) => return Err(failure.to_string()),
    };
    for call in calls_of(workload) {
        let answer = loaded.call(&workload.entry, call);
        let (answer, _) = answer.map_err(|failure| failure.to_string())?;
        if answer != call.expected {
            return Err(format!(
                "{} gives {answer} instead of {}",
                call.argument, call.expected
            ));
        }
    }
    Ok(())
}

/// What peers cannot do: newer instructions, or modules on which they panic or compute something
/// else. Each engine's name with the workload's; a pair that works after all fails the test.
#[rustfmt::skip]
const LACKING: &[(&str, &str)] = &[
    ("stitch 0.1", "bzip2"),
    ("stitch 0.1", "call-indirect"),
    ("stitch 0.1", "fib-tail"),
    ("stitch 0.1", "host-out"),
    ("stitch 0.1", "json"),
    ("stitch 0.1", "keccak"),
    ("stitch 0.1", "lua-objects"),
    ("stitch 0.1", "lua-strings"),
    ("stitch 0.1", "markdown"),
    ("stitch 0.1", "quickjs"),
    ("stitch 0.1", "raytrace"),
    ("stitch 0.1", "regex"),
    ("stitch 0.1", "spectral"),
    ("stitch 0.1", "sqlite"),
    ("stitch 0.1", "words"),
    ("wasm3 0.3", "bulk"),
    ("wasm3 0.3", "fib-tail"),
    ("wasm3 0.3", "json"),
    ("wasm3 0.3", "keccak"),
    ("wasm3 0.3", "markdown"),
    ("wasm3 0.3", "quickjs"),
    ("wasm3 0.3", "raytrace"),
    ("wasm3 0.3", "regex"),
    ("wasm3 0.3", "sqlite"),
    ("wasm3 0.3", "words"),
    ("wasmtime Winch", "fib-tail"),
];

#[test]
fn every_engine_gives_the_right_results() {
    let workloads = workload::all().expect("the lists can be read");
    for engine in engine::all() {
        for workload in workloads.iter().filter(|it| it.wasm.is_some()) {
            let lacking = LACKING.contains(&(engine.name(), &workload.name));
            match check(&*engine, workload) {
                Ok(()) => assert!(!lacking, "{} has {}", engine.name(), workload.name),
                Err(_) if lacking => {}
                Err(wrong) => panic!("{} on {}: {wrong}", workload.name, engine.name()),
            }
        }
    }
}

#[test]
fn there_are_25_workloads_of_our_own_and_no_two_of_one_name() {
    let workloads = workload::all().expect("the lists can be read");
    let own = workloads
        .iter()
        .filter(|workload| !matches!(workload.entry, Entry::Start(_)));
    assert!(own.count() >= 25);
    let mut names: Vec<&str> = workloads.iter().map(|it| it.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), workloads.len());
}

#[test]
fn test_vectors_of_the_standards_pass() -> Result<(), Box<dyn Error>> {
    for name in ["sha256", "keccak", "crc32", "composite"] {
        let engine = Engine::default();
        let module = Module::new(&engine, named(name).wasm.expect("it is checked in"))?;
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        let vectors = instance.get_typed_func::<(), i32>(&mut store, "vectors")?;
        assert_eq!(vectors.call(&mut store, ())?, 0, "of {name}");
    }
    Ok(())
}

#[test]
fn fib_is_the_fibonacci_number() {
    for name in ["fib", "fib-iter", "fib-tail"] {
        for call in calls(name) {
            let (mut this, mut next) = (0i64, 1i64);
            for _ in 0..call.argument {
                (this, next) = (next, this.wrapping_add(next));
            }
            assert_eq!(this, call.expected, "{name}");
        }
    }
}

#[test]
fn counters_reach_their_ends() {
    for call in calls("count-param") {
        assert_eq!(call.expected, 0);
    }
    for call in [calls("count-local"), calls("count-global")].concat() {
        assert_eq!(call.expected, i64::from(call.argument));
    }
}

#[test]
fn host_calls_are_a_linear_congruential_generator() {
    for call in [calls("host-in"), calls("host-out")].concat() {
        let last = (0..call.argument).fold(0, |x, _| benches::host::next(x));
        assert_eq!(i64::from(last), call.expected);
    }
}

#[test]
fn bulk_is_what_slices_do() {
    for call in calls("bulk") {
        let mut memory = vec![0u8; 131_072];
        let words: Vec<u8> = (1..=32).collect();
        let load = |memory: &[u8], at: usize| {
            u64::from_le_bytes(memory[at..at + 8].try_into().expect("eight bytes"))
        };
        let mut sum = 0u64;
        for i in 0..call.argument as usize {
            let at = (i * 4057) & 0xfff8;
            memory[at..at + 24].copy_from_slice(&words[i & 7..(i & 7) + 24]);
            memory.copy_within(at..at + 16, at + 24);
            memory.copy_within(at..at + 40, at + 5);
            memory[at + 61..at + 68].fill(i as u8);
            memory.copy_within(at + 32..at + 63, at + 64);
            memory[at + 100..at + 128].fill(0x5a);
            memory.copy_within(at + 90..at + 102, at);
            if i & 63 == 0 {
                memory.copy_within(at..at + 4096, 69_632);
                memory.copy_within(69_632..69_632 + 4096, 70_000);
                memory[80_000..84_096].fill(i as u8);
            }
            let word = load(&memory, at) ^ load(&memory, at + 56);
            sum = sum.wrapping_mul(31).wrapping_add(word);
        }
        let answer = (sum ^ load(&memory, 72_000)).cast_signed();
        assert_eq!(answer, call.expected);
    }
}

#[test]
fn sieve_counts_the_primes() {
    for call in calls("sieve") {
        let limit = usize::try_from(call.argument).expect("it is positive");
        let mut composite = vec![false; limit];
        let mut primes = 0;
        for number in 2..limit {
            if !composite[number] {
                primes += 1;
                (number..limit)
                    .step_by(number)
                    .for_each(|multiple| composite[multiple] = true);
            }
        }
        assert_eq!(primes, call.expected);
    }
}

#[test]
fn matmul_has_every_bit_of_the_product() {
    for call in calls("matmul") {
        let n = usize::try_from(call.argument).expect("it is positive");
        let (a, b) = (matrix(n, 1), matrix(n, 2));
        let mut digest = 0xcbf2_9ce4_8422_2325_u64;
        for row in 0..n {
            for column in 0..n {
                let cell = (0..n).fold(0.0, |sum, k| sum + a[row * n + k] * b[k * n + column]);
                digest = (digest ^ f64::to_bits(cell)).wrapping_mul(0x100_0000_01b3);
                digest ^= digest >> 29;
            }
        }
        assert_eq!(digest.cast_signed(), call.expected);
    }
}

fn matrix(n: usize, mut seed: u32) -> Vec<f64> {
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(seed.cast_signed()) / 65_536.0
    };
    (0..n * n).map(|_| next()).collect()
}
