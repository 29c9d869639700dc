//! What has broken other interpreters must not break this one: a test for each hazard of the project's list, by its number.
//!
//! Everything goes through the public API, in every compilation mode, and in every way of dispatch that the build has.
//! Modules that are built to be dear (*bombs*) are made in two sizes: what a byte costs, in time and in memory, may not
//! grow with the size.
#![allow(
    clippy::type_complexity,
    reason = "rows of a name and a function read best as they are"
)]
#![cfg(all(feature = "std", feature = "wat"))]

#[path = "hazards/binary.rs"]
mod binary;
#[path = "hazards/engines.rs"]
mod engines;
#[path = "hazards/measure.rs"]
mod measure;

#[path = "hazards/bodies.rs"]
mod bodies;
#[path = "hazards/bulk.rs"]
mod bulk;
#[path = "hazards/calls.rs"]
mod calls;
#[path = "hazards/decode.rs"]
mod decode;
#[path = "hazards/differential.rs"]
mod differential;
#[path = "hazards/exceptions.rs"]
mod exceptions;
#[path = "hazards/frames.rs"]
mod frames;
#[path = "hazards/host.rs"]
mod host;
#[path = "hazards/instances.rs"]
mod instances;
#[path = "hazards/memory.rs"]
mod memory;
#[path = "hazards/modes.rs"]
mod modes;
#[path = "hazards/tables.rs"]
mod tables;
#[path = "hazards/tail_calls.rs"]
mod tail_calls;
#[path = "hazards/translation.rs"]
mod translation;
#[path = "hazards/types.rs"]
mod types;
#[path = "hazards/validation.rs"]
mod validation;
