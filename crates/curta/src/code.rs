//! The internal instruction set: what it is made of, not how it runs.

pub(crate) mod builder;
pub(crate) mod catalog;
#[allow(
    clippy::module_inception,
    reason = "the finished code of one function is what this folder is named after"
)]
pub(crate) mod code;
pub(crate) mod disasm;
pub(crate) mod exception_table;
pub(crate) mod module;
pub(crate) mod once;
pub(crate) mod op;
pub(crate) mod operand;
