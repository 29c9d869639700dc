//! Entry from the host, calls out of the machine, and what is left of a run when it ends.
//!
//! Native recursion happens only here: host → guest → host function → guest. It is counted, and bounded by the store's
//! stack pool.
//!
//! # Invariants
//! - A context is one activation's, with the caches of the instance that runs and the stack that the pool gave. Whoever changes
//!   the store, or the running instance, has it look again before cells go on.
//! - Between activations it lies in the store, wherever that goes, and nothing of it is used.
//! - What a call out of the machine ends in (`call_…`) and `switch_back` are reached from handlers only, with the frame at rest
//!   in the context.
#![allow(
    unsafe_code,
    reason = "here the promise is made that a run's code, store and stack belong together"
)]

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::{any::Any, mem};

use super::{
    context::{Context, Failure, Switch, TRAPS, Tail},
    dispatch::{self, Exit},
    frame,
    machine::{NO_TRAP, cell_at},
};
use crate::{
    code::{exception_table::Caught, operand::Class},
    error::{Backtrace, Error, Frame, backtrace},
    numeric::Trap,
    store::{
        func::{CalledBy, FuncEntry, FuncHandle, HOST, HostFunc},
        instance::{CompiledModule, InstanceId},
        store::{HostStore, StoreInner},
        value_stack::exhausted,
    },
    translate,
};
use curta_module::{FuncIdx, TypeId};

/// Calls a function: `values` holds the arguments' words and gets the results', and is as long as the larger of both.
///
/// # Errors
/// The trap, with a backtrace, or the error of a host function.
///
/// # Panics
/// When a host function panicked: its panic goes on here, after all guest frames were left.
pub(crate) fn call(
    store: &mut dyn HostStore,
    func: FuncHandle,
    values: &mut [u64],
) -> Result<(), Error> {
    let entry = *store.inner().func(func);
    if entry.instance == HOST {
        return call_directly(store, func, values);
    }
    // SAFETY: the entry's code was translated for the module of its instance.
    unsafe { call_guest(store, &entry, values) }
}

/// Calls a function of one parameter or none, and of one result or none: their words stay in registers on the way, since
/// that is what a call of a small function waits for. Generic, and hence a part of the code that calls, which knows where in
/// `S` the store is.
///
/// # Errors
/// As [`call`].
///
/// # Panics
/// As [`call`].
#[inline]
pub(crate) fn call_small<S: HostStore>(
    store: &mut S,
    func: FuncHandle,
    argument: u64,
) -> Result<u64, Error> {
    let inner = store.inner_mut();
    let entry = *inner.func(func);
    debug_assert!(
        entry.params <= 1 && entry.results.count() <= 1,
        "a small function"
    );
    if entry.instance == HOST {
        return call_directly_small(store, func, argument);
    }
    let ctx = begin(inner, &entry, |base| {
        // SAFETY: the first word is the activation's: a parameter's, or a local's or the header's, which are yet to be
        // written.
        unsafe { *base = argument };
    })?;
    // SAFETY: the entry's code was translated for the module of its instance.
    let ctx = unsafe { run(store, ctx)? };
    let word = ctx.single_result(entry.results.class());
    end(store.inner_mut(), ctx);
    Ok(word)
}

#[cold]
#[inline(never)]
fn call_directly_small(
    store: &mut dyn HostStore,
    func: FuncHandle,
    argument: u64,
) -> Result<u64, Error> {
    let functions = &store.inner().functions;
    let count = functions.host(functions.entry(func)).words;
    let mut words = [argument];
    call_directly(store, func, &mut words[..count])?;
    Ok(words[0])
}

/// A host function that the host calls.
#[cold]
#[inline(never)]
fn call_directly(
    store: &mut dyn HostStore,
    func: FuncHandle,
    values: &mut [u64],
) -> Result<(), Error> {
    let functions = &store.inner().functions;
    let host = Arc::clone(functions.host(functions.entry(func)));
    let word = (host.call)(store, CalledBy::HOST, values)?;
    if host.ty.results().len() == 1 {
        values[0] = word;
    }
    Ok(())
}

/// Calls a guest's function with cells that no translator wrote in place of its own: tests that run every handler make
/// them.
///
/// # Errors
/// As [`call`].
///
/// # Panics
/// As [`call`].
///
/// # Safety
/// `code` is the address of a cell that stays where it is during the call. From there on the cells keep what
/// [`super::machine`] says of a translator's, in the instance of the function and in frames like the function's.
#[cfg(feature = "internals")]
pub(crate) unsafe fn call_cells(
    store: &mut dyn HostStore,
    func: FuncHandle,
    code: u64,
    values: &mut [u64],
) -> Result<(), Error> {
    let entry = FuncEntry {
        code,
        ..*store.inner().func(func)
    };
    // SAFETY: by contract.
    unsafe { call_guest(store, &entry, values) }
}

/// Prepares the activation of a guest's function: a context with a part of the value stack, at whose first slot `put` writes
/// the arguments, in the callee's instance and about to run it.
#[inline(always)]
fn begin(
    store: &mut StoreInner,
    callee: &FuncEntry,
    put: impl FnOnce(*mut u64),
) -> Result<Box<Context>, Error> {
    let instance = InstanceId(callee.instance);
    let mut ctx = match store.idle.outermost.take() {
        Some(idle) => {
            store.stack.enter_again();
            // SAFETY: only `end` puts anything there.
            unsafe { Context::take_up(idle) }
        }
        None => begin_elsewhere(store, instance)?,
    };
    let base = ctx.window.base;
    // The window ends a largest frame before the stack does, so the arguments of any type fit above its last header. They
    // are written at once, since what the callee waits for is to read them again.
    put(base);
    let header = base.wrapping_byte_add(callee.locals as usize);
    if header > ctx.stack_end {
        end(store, ctx);
        return Err(exhausted());
    }
    ctx.switch_to(instance, store);
    let exit = ctx.exit.expose_provenance() as u64;
    // SAFETY: the stack is this activation's, of which the header is the end of the first frame.
    unsafe {
        *header = exit;
        *header.add(1) = header.expose_provenance() as u64;
    }
    // Last, so that the optimiser sees that the stack's words are not these, which are read next.
    ctx.ip = cell_at(callee.code);
    ctx.sp = header;
    Ok(ctx)
}

/// The context of an activation that is over, for one to come: most of what it says stays the same from one call of a store to
/// the next.
#[repr(transparent)]
struct Idle(Context);

// SAFETY: of what ties a context to a thread, pointers are only followed, and the store's trait object is only used, by an
// activation, which sets them anew before; and an idle context has no failure.
unsafe impl Send for Idle {}
// SAFETY: as above; besides, a shared reference gives no access to the context.
unsafe impl Sync for Idle {}

impl Context {
    /// Lays the context of an activation that returned aside.
    #[inline(always)]
    fn lay_aside(self: Box<Context>) -> Box<dyn Any + Send + Sync> {
        debug_assert!(
            self.failure.is_none(),
            "an activation that returned did not fail"
        );
        // SAFETY: the same with another name.
        unsafe { Box::from_raw(Box::into_raw(self).cast::<Idle>()) }
    }

    /// Takes a context up again.
    ///
    /// # Safety
    /// It is one that was laid aside.
    #[inline(always)]
    unsafe fn take_up(idle: Box<dyn Any + Send + Sync>) -> Box<Context> {
        debug_assert!((*idle).is::<Idle>(), "only contexts are laid aside");
        // SAFETY: by contract; the same with another name.
        unsafe { Box::from_raw(Box::into_raw(idle).cast::<Context>()) }
    }
}

/// Begins an activation within another one, or the first one of a store.
#[inline(never)]
fn begin_elsewhere(store: &mut StoreInner, instance: InstanceId) -> Result<Box<Context>, Error> {
    let window = store.stack.enter()?;
    let mut ctx = match store.idle.nested.pop() {
        // SAFETY: only `end_elsewhere` puts anything there.
        Some(idle) => unsafe { Context::take_up(idle) },
        None => {
            // The same for all modules of an engine.
            let catalog = store.instance(instance).module.code.catalog();
            let mut ctx = Box::new(Context::idle(core::ptr::null()));
            ctx.leaves = dispatch::leaves_of(catalog.backend());
            ctx.exit = cell_at(catalog.exit());
            ctx.switch_back = cell_at(catalog.switch_back());
            ctx
        }
    };
    ctx.stack_end = window.end;
    ctx.window = window;
    Ok(ctx)
}

/// Ends an activation that returned, or did not run.
#[inline(always)]
fn end(store: &mut StoreInner, ctx: Box<Context>) {
    store.stack.leave(ctx.window);
    if store.stack.is_idle() {
        let before = store.idle.outermost.replace(ctx.lay_aside());
        debug_assert!(before.is_none(), "an outermost activation took it");
        // Nothing, which the optimiser cannot know: it would look for something to drop.
        mem::forget(before);
    } else {
        end_elsewhere(store, ctx);
    }
}

#[inline(never)]
fn end_elsewhere(store: &mut StoreInner, ctx: Box<Context>) {
    store.idle.nested.push(ctx.lay_aside());
}

/// Calls a guest's function.
///
/// # Safety
/// From the callee's first cell on, cells keep what [`super::machine`] says of a translator's.
#[inline]
unsafe fn call_guest(
    store: &mut dyn HostStore,
    callee: &FuncEntry,
    values: &mut [u64],
) -> Result<(), Error> {
    let ctx = begin(store.inner_mut(), callee, |base| {
        for (i, value) in values.iter().take(callee.params as usize).enumerate() {
            // SAFETY: parameters fit the activation's part of the stack.
            unsafe { *base.add(i) = *value };
        }
    })?;
    // SAFETY: by contract.
    let ctx = unsafe { run(store, ctx)? };
    match callee.results.count() {
        0 => {}
        1 => values[0] = ctx.single_result(callee.results.class()),
        many => {
            for (i, value) in values.iter_mut().take(many).enumerate() {
                // SAFETY: several results lie where the arguments were.
                *value = unsafe { *ctx.window.base.add(i) };
            }
        }
    }
    end(store.inner_mut(), ctx);
    Ok(())
}

/// Runs a guest's function, whose activation was begun in the store. The context with the results, if it returned.
///
/// # Safety
/// From the callee's first cell on, cells keep what [`super::machine`] says of a translator's.
#[inline(always)]
unsafe fn run(store: &mut dyn HostStore, mut ctx: Box<Context>) -> Result<Box<Context>, Error> {
    // SAFETY: the store outlives the activation, and is used through the context alone while handlers run.
    ctx.store = unsafe {
        core::mem::transmute::<*mut dyn HostStore, *mut (dyn HostStore + 'static)>(store)
    };
    // SAFETY: the context is complete, and by contract.
    let exit = unsafe { dispatch::begin(&raw mut *ctx) };
    if exit != Exit::Done {
        return Err(failed(store, ctx, exit));
    }
    Ok(ctx)
}

/// Ends an activation that did not return. A panic goes on from here.
#[cold]
#[inline(never)]
fn failed(store: &mut dyn HostStore, mut ctx: Box<Context>, exit: Exit) -> Error {
    let failure = match ctx.failure.take() {
        Some(Failure::Error(error)) => Failure::Error(error.with_backtrace(ctx.backtrace())),
        Some(panic) => panic,
        None if exit == Exit::Failure => Failure::Error(exhausted()),
        None => {
            let trap = Error::from_trap(trap_of(ctx.pending), Some(ctx.backtrace()));
            Failure::Error(trap)
        }
    };
    // The context may be in the middle of something, and so is of no further use.
    store.inner_mut().stack.leave(ctx.window);
    drop(ctx);
    match failure {
        Failure::Error(error) => error,
        #[cfg(feature = "std")]
        Failure::Panic(payload) => std::panic::resume_unwind(payload),
        #[cfg(not(feature = "std"))]
        Failure::Panic(_) => Error::msg("a host function panicked"),
    }
}

/// The trap of a number that a handler left.
fn trap_of(number: u32) -> Trap {
    debug_assert!((number as usize) < TRAPS, "a handler left a trap");
    Trap::ALL
        .get(number as usize)
        .copied()
        .unwrap_or(Trap::Unreachable)
}

/// Where to go on after a call out of the machine: two words, which come back in registers.
#[derive(Clone, Copy)]
pub(super) struct GoOn {
    /// The callee's first cell, or the one after the call when a host function has returned; null with a trap pending or a
    /// failure kept.
    pub(super) cell: *const u8,
    /// The single result of a host function.
    pub(super) word: u64,
}

impl GoOn {
    /// At a cell that expects nothing in an accumulator.
    fn at(cell: *const u8) -> GoOn {
        GoOn { cell, word: 0 }
    }
}

/// Calls one of the instance's functions, by its index.
#[inline(never)]
pub(super) fn call_function(ctx: &mut Context) -> GoOn {
    let (instance, index) = (InstanceId(ctx.instance), ctx.call.index);
    let handle = ctx.store().inner().instance(instance).functions[index as usize];
    call_out(ctx, handle)
}

/// Calls an element of a table.
#[inline(never)]
pub(super) fn call_element(ctx: &mut Context) -> GoOn {
    let (index, table, signature) = (ctx.call.index, ctx.call.table, ctx.call.signature);
    let instance = InstanceId(ctx.instance);
    match element(ctx.store().inner(), instance, table, index, signature) {
        Ok(handle) => call_out(ctx, handle),
        Err(trap) => GoOn::at(trapped(ctx, trap)),
    }
}

/// Calls a function by a reference to it.
#[inline(never)]
pub(super) fn call_reference(ctx: &mut Context) -> GoOn {
    let handle = FuncHandle(ctx.call.index);
    call_out(ctx, handle)
}

/// Goes to what catches a new exception.
#[inline(never)]
pub(super) fn call_throw(ctx: &mut Context) -> GoOn {
    GoOn::at(throw(ctx))
}

/// Goes to what catches an exception that is referred to.
#[inline(never)]
pub(super) fn call_throw_ref(ctx: &mut Context) -> GoOn {
    let exception = ctx.call.index;
    GoOn::at(unwind(ctx, exception))
}

/// Calls a function, wherever it lives, with the arguments in the window.
fn call_out(ctx: &mut Context, handle: FuncHandle) -> GoOn {
    let entry = ctx.store().inner().func(handle);
    // Word by word: what is copied by wider stores and read right after waits for these.
    let &FuncEntry {
        code,
        locals,
        instance,
        ..
    } = entry;
    ctx.call.entry = entry;
    if let Some(tail) = ctx.call.tail.take() {
        drop_frame(ctx, tail);
    }
    if instance == HOST {
        call_host(ctx)
    } else {
        GoOn::at(enter_guest(ctx, InstanceId(instance), code, locals))
    }
}

/// Translates the function whose stub is running. Its first cell; null with a failure kept when it is invalid.
#[inline(never)]
pub(super) fn translate(ctx: &mut Context) -> *const u8 {
    ctx.pending = NO_TRAP;
    let (stub, instance) = (ctx.ip.addr(), InstanceId(ctx.instance));
    let compiled = Arc::clone(&ctx.store().inner().instance(instance).module);
    let Some(defined) = compiled.code.function_of_stub(stub) else {
        unreachable!(
            "a stub of the running instance's module; please report this as a bug of curta"
        );
    };
    let (module, code) = (&compiled.module, &compiled.code);
    match guarded(|| Ok(translate::function(module, code, defined)?)) {
        Ok(entry) => cell_at(entry),
        Err(failure) => {
            ctx.failure = Some(failure);
            core::ptr::null()
        }
    }
}

/// Takes the running frame away and moves the arguments to where it began: what is called returns to its caller.
fn drop_frame(ctx: &mut Context, tail: Tail) {
    let base = ctx.sp.wrapping_byte_sub(tail.locals as usize);
    // SAFETY: `sp` is the running frame's header, which is read before the arguments go over it; they lie above, and move
    // down within the stack.
    unsafe {
        let (after, caller) = (*ctx.sp, *ctx.sp.add(1));
        frame::move_down(ctx.call.window, base, tail.arguments);
        ctx.call.after = cell_at(after);
        ctx.sp = core::ptr::with_exposed_provenance_mut(caller as usize);
    }
    // No cell of this frame runs any more.
    ctx.ip = core::ptr::null();
    ctx.call.window = base;
}

fn trapped(ctx: &mut Context, trap: Trap) -> *const u8 {
    ctx.set_pending(Some(trap));
    core::ptr::null()
}

/// Finds out what an indirect call calls, or which trap it is.
fn element(
    store: &StoreInner,
    instance: InstanceId,
    table: u32,
    index: u64,
    signature: u32,
) -> Result<FuncHandle, Trap> {
    let index = store.table_word(instance, table, index);
    let word = store
        .table_get(instance, table, index)
        .map_err(|_| Trap::UndefinedElement)?;
    let handle = FuncHandle(word);
    if handle.is_null() {
        return Err(Trap::UninitializedElement);
    }
    let actual = store.func(handle).signature;
    if actual != signature && !is_subtype(store, actual, signature) {
        return Err(Trap::IndirectCallTypeMismatch);
    }
    Ok(handle)
}

fn is_subtype(store: &StoreInner, a: u32, b: u32) -> bool {
    match (TypeId::from_u32(a), TypeId::from_u32(b)) {
        (Some(a), Some(b)) => store.registry.is_subtype(a, b),
        _ => false,
    }
}

/// Enters a guest function of any instance, with its arguments in the window.
fn enter_guest(ctx: &mut Context, instance: InstanceId, code: u64, locals: u32) -> *const u8 {
    let header = ctx.call.window.wrapping_byte_add(locals as usize);
    if header > ctx.stack_end {
        return trapped(ctx, Trap::CallStackExhausted);
    }
    let after = if instance.0 == ctx.instance {
        ctx.call.after
    } else if ctx.call.after == ctx.switch_back {
        // A tail call of a function that was called from another instance already: its return serves.
        ctx.switch_back
    } else {
        ctx.switches.push(Switch {
            instance: ctx.instance,
            after: ctx.call.after,
            sp: ctx.sp,
        });
        ctx.switch_back
    };
    // SAFETY: the window is the running frame's, and locals and header lie below the stack's margin.
    unsafe {
        *header = after.expose_provenance() as u64;
        *header.add(1) = ctx.sp.expose_provenance() as u64;
    }
    ctx.sp = header;
    if instance.0 != ctx.instance {
        ctx.go_on_in(instance.0);
    }
    cell_at(code)
}

/// Returns into the instance that called another one.
#[inline(never)]
pub(super) fn switch_back(ctx: &mut Context) -> *const u8 {
    let Some(switch) = ctx.switches.pop() else {
        unreachable!(
            "a frame that returns to another instance noted which; please report this as a bug of curta"
        );
    };
    ctx.sp = switch.sp;
    ctx.go_on_in(switch.instance);
    switch.after
}

/// Calls the host function whose entry a handler left in the context, with the arguments in the window. Never a part of the
/// handler: what catches a panic and keeps a failure needs a native frame, of which only some builds leave nothing.
#[inline(never)]
pub(super) fn call_host(ctx: &mut Context) -> GoOn {
    // SAFETY: the entry is the store's and a host function's; functions are never taken out of their store, nor changed,
    // and the store outlives the call.
    let host = unsafe {
        let host: *const HostFunc =
            core::ptr::with_exposed_provenance((*ctx.call.entry).code as usize);
        &*host
    };
    let first = ctx.call.window;
    let top = first.wrapping_add(host.words);
    if top > ctx.stack_end {
        return GoOn::at(trapped(ctx, Trap::CallStackExhausted));
    }
    if host.sees_store {
        return call_host_with_store(ctx, host);
    }
    let by = CalledBy::guest(InstanceId(ctx.instance));
    // SAFETY: the window is the top of the running frame; nobody else looks at it until the call is over.
    let window = unsafe { core::slice::from_raw_parts_mut(first, host.words) };
    match guarded(|| (host.call)(ctx.store(), by, window)) {
        Ok(word) => GoOn {
            cell: ctx.call.after,
            word,
        },
        Err(failure) => host_failed(ctx, failure),
    }
}

/// Calls a host function that sees the store, which fits the stack.
#[inline(never)]
fn call_host_with_store(ctx: &mut Context, host: &HostFunc) -> GoOn {
    let by = CalledBy::guest(InstanceId(ctx.instance));
    let (first, words) = (ctx.call.window, host.words);
    let store = ctx.store();
    store
        .inner_mut()
        .stack
        .lend(first, first.wrapping_add(words));
    // SAFETY: the window is the top of the running frame; nobody else looks at it until the call is over, and what the host
    // function runs has its frames above.
    let window = unsafe { core::slice::from_raw_parts_mut(first, words) };
    let outcome = guarded(|| (host.call)(store, by, window));
    ctx.refresh();
    match outcome {
        Ok(word) => GoOn {
            cell: ctx.call.after,
            word,
        },
        Err(failure) => host_failed(ctx, failure),
    }
}

/// Goes on after a host function that failed.
#[cold]
#[inline(never)]
fn host_failed(ctx: &mut Context, failure: Failure) -> GoOn {
    if let Failure::Error(error) = &failure {
        // An exception goes on through the host function, which let it pass.
        let id = ctx.store().inner().id;
        if let Some(exception) = error.exception_of(id) {
            return GoOn::at(unwind(ctx, exception));
        }
    }
    ctx.failure = Some(failure);
    GoOn::at(core::ptr::null())
}

/// Runs what may panic: a host function, or the translator where it has a bug. The panic ends here, so that it crosses no
/// handler, and goes on when the guest's frames are left. Whoever catches it then sees what was left behind, as if nothing
/// had been in between.
#[cfg(feature = "std")]
fn guarded<R>(run: impl FnOnce() -> Result<R, Error>) -> Result<R, Failure> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(Failure::Error),
        Err(payload) => Err(Failure::Panic(payload)),
    }
}

/// Without `std` a panic cannot be caught: it aborts at the handler, whose ABI does not unwind.
#[cfg(not(feature = "std"))]
fn guarded<R>(run: impl FnOnce() -> Result<R, Error>) -> Result<R, Failure> {
    run().map_err(Failure::Error)
}

impl Context {
    /// The word of a single result, after a return.
    #[inline(always)]
    fn single_result(&self, class: Class) -> u64 {
        match class {
            Class::Int => self.acc.int,
            Class::F64 => self.acc.f64.to_bits(),
            Class::F32 => u64::from(self.acc.f32.to_bits()),
        }
    }

    /// The store that runs.
    pub(super) fn store(&mut self) -> &mut (dyn HostStore + 'static) {
        // SAFETY: the store outlives the context and is reached through it alone while a handler waits.
        unsafe { &mut *self.store }
    }

    /// Looks anew where the store has what the running instance uses: after anything that may grow or move it.
    pub(super) fn refresh(&mut self) {
        // SAFETY: as in `store`; borrowed apart from the other fields.
        let store = unsafe { &mut *self.store }.inner_mut();
        self.renew(store);
    }

    /// Goes on in an instance.
    fn go_on_in(&mut self, instance: u32) {
        // SAFETY: as in `store`; borrowed apart from the other fields.
        let store = unsafe { &mut *self.store }.inner_mut();
        self.switch_to(InstanceId(instance), store);
    }

    /// The guest's frames, innermost first.
    fn backtrace(&mut self) -> Backtrace {
        /// Deeper stacks are cut: their inner end tells the story.
        const MOST: usize = 64;
        let mut frames = Vec::new();
        let mut omitted = 0;
        let mut walk = Walk::new(self);
        while let Some(at) = walk.next(self) {
            if frames.len() < MOST {
                frames.extend(frame_at(
                    self.store().inner(),
                    InstanceId(at.instance),
                    at.ip,
                ));
            } else {
                omitted += 1;
            }
        }
        Backtrace::new(frames, omitted)
    }
}

/// A frame on the way out.
#[derive(Clone, Copy)]
struct At {
    /// Somewhere in the cell that runs, or that called.
    ip: usize,
    sp: *mut u64,
    instance: u32,
    /// How many switches of instance lie further out.
    switches: usize,
}

/// Goes from frame to frame, outwards.
struct Walk {
    next: Option<At>,
}

impl Walk {
    fn new(ctx: &Context) -> Walk {
        let at = At {
            ip: ctx.ip.addr(),
            sp: ctx.sp,
            instance: ctx.instance,
            switches: ctx.switches.len(),
        };
        if at.ip == 0 {
            // The innermost frame is gone already, by a tail call.
            return Walk {
                next: Walk::outwards(ctx, at, ctx.call.after.addr() as u64, ctx.sp.addr() as u64),
            };
        }
        Walk { next: Some(at) }
    }

    fn next(&mut self, ctx: &Context) -> Option<At> {
        let at = self.next?;
        // SAFETY: headers lead from frame to frame, down to the one that `run` made.
        let (after, caller) = unsafe { (*at.sp, *at.sp.add(1)) };
        self.next = Walk::outwards(ctx, at, after, caller);
        Some(at)
    }

    /// The frame that a return would go to.
    fn outwards(ctx: &Context, at: At, mut after: u64, mut caller: u64) -> Option<At> {
        let (mut instance, mut switches) = (at.instance, at.switches);
        if after == ctx.exit.addr() as u64 {
            return None;
        }
        if after == ctx.switch_back.addr() as u64 {
            switches = switches.checked_sub(1)?;
            let switch = &ctx.switches[switches];
            (after, caller, instance) = (
                switch.after.addr() as u64,
                switch.sp.addr() as u64,
                switch.instance,
            );
            if after == ctx.exit.addr() as u64 {
                return None;
            }
        }
        Some(At {
            // The call's cell ends where it returns to.
            ip: after as usize - 1,
            sp: core::ptr::with_exposed_provenance_mut(caller as usize),
            instance,
            switches,
        })
    }
}

/// Throws a new exception from the running frame.
fn throw(ctx: &mut Context) -> *const u8 {
    let (tag, count, first) = (
        ctx.call.index as usize,
        ctx.call.table as usize,
        ctx.call.window,
    );
    // SAFETY: the exception's values lie at the top of the running frame.
    let values = unsafe { core::slice::from_raw_parts(first, count) }.to_vec();
    let instance = InstanceId(ctx.instance);
    let store = ctx.store().inner_mut();
    // Frames end below the values: what the running one still needs is in its slots, since a catch finds it there.
    store.stack.set_top(first);
    if let Err(refused) = store.make_room_for_exception(&values) {
        ctx.failure = Some(Failure::Error(refused));
        return core::ptr::null();
    }
    let tag = store.instance(instance).tags[tag];
    let exception = store.exceptions.push(tag, values);
    unwind(ctx, exception)
}

/// Looks for what catches an exception, from the running frame outwards. The cell to go on at; null with a failure kept
/// when nothing here does.
fn unwind(ctx: &mut Context, exception: u64) -> *const u8 {
    let mut walk = Walk::new(ctx);
    while let Some(at) = walk.next(ctx) {
        let Some((caught, landing)) = catching(ctx.store().inner(), at, exception) else {
            continue;
        };
        let store = ctx.store().inner_mut();
        let Some(thrown) = store.exceptions.get(exception) else {
            break;
        };
        let mut place = at.sp.wrapping_offset(caught.values as isize);
        let values: &[u64] = if caught.clause.tag.is_some() {
            &thrown.values
        } else {
            &[]
        };
        for value in values {
            // SAFETY: validation proved that the frame has room for what its clauses catch.
            unsafe { *place = *value };
            place = place.wrapping_add(1);
        }
        if caught.clause.reference {
            // SAFETY: as above.
            unsafe { *place = exception };
            store.exceptions.refer_to(exception);
        } else {
            store.exceptions.forget(exception);
        }
        ctx.switches.truncate(at.switches);
        ctx.sp = at.sp;
        ctx.go_on_in(at.instance);
        return cell_at(landing);
    }
    let store = ctx.store().inner().id;
    ctx.failure = Some(Failure::Error(Error::uncaught_exception(store, exception)));
    core::ptr::null()
}

fn catching(store: &StoreInner, at: At, exception: u64) -> Option<(Caught, u64)> {
    let instance = store.instance(InstanceId(at.instance));
    let (defined, place) = instance.module.code.find(at.ip)?;
    let tag = store.exceptions.get(exception)?.tag;
    instance.module.code.catching(defined, place, |clause| {
        instance.tags[clause as usize] == tag
    })
}

fn frame_at(store: &StoreInner, instance: InstanceId, ip: usize) -> Option<Frame> {
    let compiled = &store.instance(instance).module;
    let (defined, cell) = compiled.code.find(ip)?;
    let module = &compiled.module;
    let index = module.imported_functions() + defined;
    let func = FuncIdx::from(index as u32);
    let frame = Frame::new(
        func.into(),
        module.names().function(func),
        module.name(),
        None,
    );
    Some(frame.in_code(
        Arc::clone(compiled) as Arc<dyn backtrace::Code>,
        defined,
        cell,
    ))
}

impl backtrace::Code for CompiledModule {
    fn offset(&self, defined: usize, place: usize) -> Option<usize> {
        translate::position(&self.module, &self.code, defined, place)
    }
}
