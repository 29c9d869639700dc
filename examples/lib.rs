//! Hosts in a few lines: each file here is a program of its own, which `cargo run -p examples --example NAME` runs and
//! `tests/operations.rs` checks, together with what happens when things go wrong.
