//! The workloads: modules compiled from the C under `workloads/`, each with the argument that makes
//! one run take 50 to 200 milliseconds on wasmi 2.0 (`fib(35)`, which everyone quotes: 600), and
//! with the right answer.
//!
//! The answers are those of the same C built natively (`workloads/build.sh --native`); the tests
//! compute those that a few lines can.

/// One module with two calls of its export `run`.
#[derive(Debug, Clone, Copy)]
pub struct Workload {
    /// What the table and the benches call it.
    pub name: &'static str,
    /// The module; it exports `run: (i32) -> i32` or `(i32) -> i64` and imports nothing.
    pub wasm: &'static [u8],
    /// The call that is timed.
    pub full: Call,
    /// A small call, for tests of unoptimised builds.
    pub quick: Call,
}

/// A call of `run` and its right answer.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// What `run` is called with.
    pub argument: i32,
    /// What `run` answers to `argument`; an i32 result is sign-extended.
    pub expected: i64,
}

/// All workloads, in the order of the table.
pub const WORKLOADS: [Workload; 5] = [
    Workload {
        name: "fib",
        wasm: include_bytes!("../workloads/fib.wasm"),
        full: Call::new(35, 9_227_465),
        quick: Call::new(20, 6_765),
    },
    Workload {
        name: "sieve",
        wasm: include_bytes!("../workloads/sieve.wasm"),
        full: Call::new(5_000_000, 348_513),
        quick: Call::new(1_000, 168),
    },
    Workload {
        name: "matmul",
        wasm: include_bytes!("../workloads/matmul.wasm"),
        full: Call::new(200, -3_261_995_710_707_400_982),
        quick: Call::new(8, -742_312_640_444_386_713),
    },
    Workload {
        name: "states",
        wasm: include_bytes!("../workloads/states.wasm"),
        full: Call::new(300, 13_461_149_502_379_536),
        quick: Call::new(1, 45_162_023_327_248),
    },
    Workload {
        name: "sha256",
        wasm: include_bytes!("../workloads/sha256.wasm"),
        full: Call::new(100, 5_684_124_546_158_696_008),
        quick: Call::new(1, 5_931_992_425_471_110_314),
    },
];

impl Call {
    const fn new(argument: i32, expected: i64) -> Self {
        Self { argument, expected }
    }
}
