//! Workloads, and curta beside its peers.
//!
//! A [`workload`] is a module with an argument and the one right answer. An [`engine`] is an adapter
//! that loads such a module into curta or into a peer and runs it; the [`host`] is what both may
//! import. The [`table`] runs every engine on every workload, taking turns, and prints ratios; the
//! criterion benches under `benches/` time curta alone.
//!
//! Relies on nothing but the public APIs of the engines. Guarantees that a time is only ever
//! reported beside a result that was compared with the right one.

pub mod clock;
pub mod engine;
pub mod host;
pub mod measure;
pub mod options;
pub mod processor;
pub mod startup;
pub mod table;
pub mod workload;
