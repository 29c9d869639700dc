//! Call frames on a value stack.
//!
//! ```text
//!   params | locals | return ip, caller sp | temporaries …
//!                     ^ sp                   ^ slot 2 (the header's slots are `code::operand::HEADER`)
//! ```
//! Slots are 8 bytes. Locals have negative indices from `sp`, temporaries positive ones, so a return needs no operand. The
//! caller writes arguments where the callee's parameters will be. One result returns in the accumulator of its class, more
//! in the slots where the arguments were.
//!
//! # Invariants
//! Every function here works on slots of one value stack, which its caller vouches for.
#![allow(unsafe_code, reason = "the room with the door: frames are raw slots")]

/// Zeroes slots.
///
/// # Safety
/// They lie in the stack.
#[inline(always)]
pub(super) unsafe fn zero(first: *mut u64, count: u32) {
    let mut i = 0;
    while i < count as usize {
        // SAFETY: in the stack by contract.
        unsafe { *first.add(i) = 0 };
        i += 1;
        // Or this would become a call of `memset`, and the handler need a frame for it.
        core::hint::black_box(());
    }
}

/// Copies slots to lower ones; the ranges may overlap.
///
/// # Safety
/// Both ranges lie in the stack, and `to` is not above `from`.
#[inline(always)]
pub(super) unsafe fn move_down(from: *const u64, to: *mut u64, count: u32) {
    let mut i = 0;
    while i < count as usize {
        // SAFETY: in range by contract.
        unsafe { *to.add(i) = *from.add(i) };
        i += 1;
        core::hint::black_box(());
    }
}
