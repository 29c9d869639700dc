//! Looks whether handlers really jump to each other, before the threaded backend is used.
//!
//! The build script allows that backend where the optimiser is known to make jumps of last calls; a build that differs from
//! what the script saw (instrumentation added by other means, an unusual code generator) is found out here: a cell that goes
//! to itself some dozens of times must find the native stack where it was each time.
#![allow(unsafe_code, reason = "runs a cell on a context of its own")]

use super::{
    context::Context,
    dispatch::{self, Handler},
};

/// How often the cell goes to itself.
const TURNS: u64 = 64;

/// What a frame a turn would exceed by far.
const SLACK: u64 = 128;

/// What [`again`] notes in the context's `limits`, which belong to no memory here.
const LOWEST: usize = 0;
const HIGHEST: usize = 1;
const LEFT: usize = 2;

#[cfg_attr(
    all(not(curta_threaded), not(test)),
    allow(dead_code, reason = "only the threaded backend is doubted")
)]
/// Whether a backend's handlers leave the native stack where it was in this build.
pub(super) fn handlers_jump<B: dispatch::Backend>() -> bool {
    let handler: Handler<B> = dispatch::probe::<B>;
    let cell = [(handler as *const ()).expose_provenance() as u64];
    let mut ctx = Context::idle(cell.as_ptr().cast());
    ctx.limits[LOWEST] = u64::MAX;
    ctx.limits[HIGHEST] = 0;
    ctx.limits[LEFT] = TURNS;
    // SAFETY: the cell's handler touches nothing but the context, and leaves after its turns.
    unsafe { B::run(&raw mut ctx) };
    ctx.limits[LEFT] == 0 && ctx.limits[HIGHEST] - ctx.limits[LOWEST] <= SLACK
}

/// Notes where the native stack is; `true` while there are turns left.
///
/// # Safety
/// The context is the probe's own.
#[inline(never)]
pub(super) unsafe fn again(ctx: *mut Context) -> bool {
    let marker = 0_u8;
    let here = core::hint::black_box(&raw const marker).addr() as u64;
    // SAFETY: by contract.
    let notes = unsafe { &mut (*ctx).limits };
    notes[LOWEST] = notes[LOWEST].min(here);
    notes[HIGHEST] = notes[HIGHEST].max(here);
    notes[LEFT] -= 1;
    notes[LEFT] > 0
}

#[cfg(test)]
mod tests {
    use super::{super::dispatch::Looped, handlers_jump};

    #[test]
    fn the_loop_leaves_the_native_stack_where_it_was() {
        assert!(handlers_jump::<Looped>());
    }

    #[cfg(curta_threaded)]
    #[test]
    fn the_threaded_backend_leaves_the_native_stack_where_it_was() {
        assert!(handlers_jump::<super::dispatch::Threaded>());
    }
}
