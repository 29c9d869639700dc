//! Scripts in the format of WebAssembly's official test suite (`.wast`), run on `curta`.
//!
//! ```
//! use curta::Engine;
//! use curta_wast::script::Script;
//!
//! let script = Script {
//!     name: "two.wast".to_owned(),
//!     text: r#"(module (func (export "two") (result i32) (i32.const 2)))
//!         (assert_return (invoke "two") (i32.const 3))"#,
//! };
//! let outcome = script.run(&Engine::default());
//! assert_eq!(outcome.directives, 2);
//! assert_eq!(outcome.failures[0].expected, "i32 3 (0x3)");
//! assert_eq!(outcome.failures[0].got, "i32 2 (0x2)");
//! ```
//!
//! `curta wast` runs the files that it is given; `spec-tests` runs the official suites and holds them
//! against a list of what may fail.
//!
//! | module | concept |
//! |---|---|
//! | [`mode`] | the ways in which a build of the engine can execute |
//! | [`script`] | one script: its directives executed in order on one store |
//! | [`directive`] | the words for a directive: what it is and what it expects |
//! | [`spectest`] | the host module that scripts import from |
//! | [`pattern`] | the values that an `assert_return` accepts, NaN patterns bit for bit |
//! | [`message`] | when our words for a failure are the suite's words |
//! | [`panics`] | a panic of the engine is a failed directive, not the end of the run |
//!
//! # What is counted
//! Every directive at the top level of a script counts as one, whatever it is: `module` in all its
//! forms, `register`, `invoke`, and each `assert_…`. Directives inside a `thread` belong to it. A
//! directive passes or fails as a whole.

pub mod directive;
pub mod message;
pub mod mode;
pub mod panics;
pub mod pattern;
pub mod script;
pub mod spectest;
