//! What embedders hold: engines, modules, stores, and handles to what is in them.
//!
//! The only layer that is generic over the host's data: below it, a store is seen through
//! [`HostStore`](crate::store::store::HostStore). Handles are small and `Copy`; each remembers
//! its store, and use with another one is refused: with an error where the function returns one,
//! else with a panic. Guests can cause neither.

pub(crate) mod caller;
pub(crate) mod config;
pub(crate) mod context;
mod definitions;
pub(crate) mod engine;
pub(crate) mod exception;
pub(crate) mod external;
pub(crate) mod externref;
pub(crate) mod func;
pub(crate) mod global;
pub(crate) mod guest_ptr;
pub(crate) mod host_func;
pub(crate) mod instance;
pub(crate) mod linker;
pub(crate) mod memory;
pub(crate) mod module;
pub(crate) mod module_builder;
pub(crate) mod near;
pub(crate) mod store;
pub(crate) mod table;
pub(crate) mod tag;
pub(crate) mod typed_exports;
pub(crate) mod typed_func;
pub(crate) mod value;

#[cfg(test)]
mod tests;
