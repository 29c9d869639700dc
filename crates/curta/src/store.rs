//! Runtime objects: what a running guest reads and changes.
//!
//! One file an object. The layer knows modules (`curta-module`), their finished code and the
//! meaning of constant operations, and nothing of execution or of the embedding API above it:
//! calls to the host leave through a boxed callable, and running `start` is for the API.

pub(crate) mod const_eval;
pub(crate) mod exception;
pub(crate) mod externref;
pub(crate) mod func;
pub(crate) mod global;
pub(crate) mod image;
pub(crate) mod instance;
pub(crate) mod instantiate;
pub(crate) mod limiter;
pub(crate) mod link;
pub(crate) mod mapping;
pub(crate) mod mapping_pool;
pub(crate) mod memory;
pub(crate) mod segment;
#[allow(
    clippy::module_inception,
    reason = "the file bears the name of its concept: the store itself"
)]
pub(crate) mod store;
pub(crate) mod table;
pub(crate) mod tag;
pub(crate) mod value_stack;
