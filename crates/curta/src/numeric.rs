//! What instructions mean: pure, total functions of their operands.
//!
//! Every scalar numeric instruction of WebAssembly 3.0 is one function here, named after the
//! instruction (`i32.div_s` is [`int::i32_div_s`]) and linked to its definition. Execution and
//! the evaluation of constant expressions both call these; nothing else spells a meaning.
//!
//! **Types.** An integer operand is an `i32` or `i64` whatever sign the instruction reads into
//! it, a truth value is a `bool`, and an instruction that may trap returns `Result<_, Trap>`.
//!
//! **Guarantees.** No function panics, allocates or depends on anything but its operands.
//! Where WebAssembly leaves the bits of a NaN open, the result is whatever the processor
//! makes, always within the set that the specification allows.
//!
//! **Relies on** IEEE 754 arithmetic that rounds to nearest without excess precision, which
//! every Rust target but x86 without SSE2 has.

pub(crate) mod convert;
pub(crate) mod float;
pub(crate) mod int;
mod trap;
pub(crate) mod wide;

pub use trap::Trap;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod samples;
