//! Every workload gives its right result on every engine of this build, and the right results are
//! those that a few independent lines compute.

use std::error::Error;

use benches::engine;
use benches::workload::{Call, WORKLOADS, Workload};
use curta::{Engine, Instance, Module, Store, Val};

/// The calls whose right results the tests compute: the small one, and the timed one too where the
/// build is optimised.
fn calls(name: &str) -> Vec<Call> {
    let workload = WORKLOADS
        .iter()
        .find(|workload| workload.name == name)
        .expect("in the list");
    calls_of(workload)
}

fn calls_of(workload: &Workload) -> Vec<Call> {
    let mut calls = vec![workload.quick];
    if !cfg!(debug_assertions) {
        calls.push(workload.full);
    }
    calls
}

#[test]
fn every_engine_gives_the_right_results() -> Result<(), Box<dyn Error>> {
    for engine in engine::all() {
        for workload in &WORKLOADS {
            let mut loaded = match engine.load(workload.wasm) {
                Ok(loaded) => loaded,
                // Unoptimised builds and some targets have no threaded backend.
                Err(failure) if failure.to_string() == engine::UNAVAILABLE => continue,
                Err(failure) => return Err(failure),
            };
            for call in calls_of(workload) {
                let result = loaded.run(call.argument)?;
                assert_eq!(
                    result,
                    call.expected,
                    "{} on {}",
                    workload.name,
                    engine.name()
                );
            }
        }
    }
    Ok(())
}

#[test]
fn sha256_passes_the_test_vectors_of_the_standard() -> Result<(), Box<dyn Error>> {
    let workload = WORKLOADS
        .iter()
        .find(|workload| workload.name == "sha256")
        .expect("in the list");
    let engine = Engine::default();
    let module = Module::new(&engine, workload.wasm)?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let vectors = instance
        .get_func(&mut store, "vectors")
        .expect("it exports `vectors`");
    let mut wrong = [Val::I32(-1)];
    vectors.call(&mut store, &[], &mut wrong)?;
    assert!(
        matches!(wrong, [Val::I32(0)]),
        "{wrong:?} of them are wrong"
    );
    Ok(())
}

#[test]
fn fib_is_the_fibonacci_number() {
    for call in calls("fib") {
        let (mut this, mut next) = (0i64, 1i64);
        for _ in 0..call.argument {
            (this, next) = (next, this + next);
        }
        assert_eq!(this, call.expected);
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
