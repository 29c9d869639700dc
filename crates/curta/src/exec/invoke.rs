//! Entry from the host, calls out of the machine, and what is left of a run when it ends.
//!
//! Native recursion happens only here: host → guest → host function → guest. It is counted, and bounded by the store's
//! stack pool.
//!
//! # Invariants
//! - A context is made for one activation, with the caches of the instance that runs and the stack that the pool gave.
//! - What a call out of the machine ends in (`call_…`) and `switch_back` are reached from handlers only, with the frame at rest
//!   in the context.
#![allow(
    unsafe_code,
    reason = "here the promise is made that a run's code, store and stack belong together"
)]

use alloc::{sync::Arc, vec::Vec};

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
        func::{CalledBy, FuncEntry, FuncHandle, HOST, HostFunc, Results},
        instance::{CompiledModule, InstanceId},
        store::{HostStore, StoreInner},
        value_stack::Window,
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
        let host = Arc::clone(store.inner().functions.host(&entry));
        let by = CalledBy::host(store.inner().id);
        return (host.call)(store, by, values);
    }
    activate(store, entry, values)
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
    activate(store, entry, values)
}

/// Runs a guest's function on a stack of its own.
fn activate(store: &mut dyn HostStore, entry: FuncEntry, values: &mut [u64]) -> Result<(), Error> {
    let window = store.inner_mut().stack.enter()?;
    let result = run(store, entry, values, window);
    store.inner_mut().stack.leave(window);
    match result {
        Ok(()) => Ok(()),
        Err(Failure::Error(error)) => Err(error),
        #[cfg(feature = "std")]
        Err(Failure::Panic(payload)) => std::panic::resume_unwind(payload),
        #[cfg(not(feature = "std"))]
        Err(Failure::Panic(_)) => Err(Error::msg("a host function panicked")),
    }
}

fn run(
    store: &mut dyn HostStore,
    entry: FuncEntry,
    values: &mut [u64],
    window: Window,
) -> Result<(), Failure> {
    let exhausted = || Failure::Error(Trap::CallStackExhausted.into());
    // The window ends a largest frame before the stack does, so the arguments of any type fit above its last header.
    let header = window.base.wrapping_byte_add(entry.locals as usize);
    if header > window.end {
        return Err(exhausted());
    }
    let inner = store.inner();
    let (id, instance) = (inner.id, inner.instance(InstanceId(entry.instance)));
    let catalog = instance.module.code.catalog();
    let (exit, switch_back, backend) = (catalog.exit(), catalog.switch_back(), catalog.backend());
    // Made where it stays: it is large.
    let mut ctx = Context::idle(cell_at(entry.code));
    ctx.instance = entry.instance;
    ctx.store_id = id;
    ctx.stack_end = window.end;
    ctx.leaves = dispatch::leaves_of(backend);
    ctx.sp = header;
    ctx.switch_back = cell_at(switch_back);
    ctx.exit = cell_at(exit);
    // SAFETY: the stack is this activation's: parameters, locals and a header fit below the margin. The store outlives the
    // context, and is used through it alone while handlers run.
    unsafe {
        for (i, value) in values.iter().take(entry.params as usize).enumerate() {
            *window.base.add(i) = *value;
        }
        *header = exit;
        *header.add(1) = header.expose_provenance() as u64;
        ctx.store =
            core::mem::transmute::<*mut dyn HostStore, *mut (dyn HostStore + 'static)>(store);
    }
    ctx.refresh();
    // SAFETY: the context is complete: the entry's code was translated for the module of its instance.
    let exit = unsafe { dispatch::run(&raw mut ctx) };
    match exit {
        Exit::Done => {
            // SAFETY: several results lie where the arguments were.
            unsafe { take_results(&ctx, entry.results, window.base, values) };
            Ok(())
        }
        Exit::Trap | Exit::Failure => Err(match ctx.failure.take() {
            Some(Failure::Error(error)) => Failure::Error(error.with_backtrace(ctx.backtrace())),
            Some(panic) => panic,
            None if exit == Exit::Failure => exhausted(),
            None => {
                let trap = Error::from_trap(trap_of(ctx.pending), Some(ctx.backtrace()));
                Failure::Error(trap)
            }
        }),
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

/// # Safety
/// `base` is where the callee's parameters were, and the callee returned.
unsafe fn take_results(ctx: &Context, results: Results, base: *const u64, values: &mut [u64]) {
    match results.count() {
        0 => {}
        1 => {
            values[0] = match results.class() {
                Class::Int => ctx.acc.int,
                Class::F64 => ctx.acc.f64.to_bits(),
                Class::F32 => u64::from(ctx.acc.f32.to_bits()),
            };
        }
        many => {
            for (i, value) in values.iter_mut().take(many).enumerate() {
                // SAFETY: by contract.
                *value = unsafe { *base.add(i) };
            }
        }
    }
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
        ctx.instance = instance.0;
        ctx.refresh();
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
    ctx.instance = switch.instance;
    ctx.sp = switch.sp;
    ctx.refresh();
    switch.after
}

/// Calls the host function whose entry a handler left in the context, with the arguments in the window.
#[inline(never)]
pub(super) fn call_host(ctx: &mut Context) -> GoOn {
    let first = ctx.call.window;
    let by = CalledBy::guest(ctx.store_id, InstanceId(ctx.instance));
    // SAFETY: the entry is the store's and a host function's; functions are never taken out of their store, nor changed,
    // and the store outlives the call.
    let (host, params, results) = unsafe {
        let entry = &*ctx.call.entry;
        let host: *const HostFunc = core::ptr::with_exposed_provenance(entry.code as usize);
        (&*host, entry.params as usize, entry.results.count())
    };
    let sees_store = host.sees_store;
    let words = results.max(params);
    let top = first.wrapping_add(words);
    if top > ctx.stack_end {
        return GoOn::at(trapped(ctx, Trap::CallStackExhausted));
    }
    let store = ctx.store();
    if sees_store {
        store.inner_mut().stack.lend(first, top);
    }
    // SAFETY: the window is the top of the running frame; nobody else looks at it until the call is over, and what the host
    // function runs has its frames above.
    let window = unsafe { core::slice::from_raw_parts_mut(first, words) };
    let outcome = guarded(|| (host.call)(store, by, window));
    if sees_store {
        ctx.refresh();
    }
    match outcome {
        Ok(()) => {
            let word = match results {
                // SAFETY: the window has a word for the result.
                1 => unsafe { *first },
                _ => 0,
            };
            let cell = ctx.call.after;
            GoOn { cell, word }
        }
        Err(Failure::Error(error)) => {
            // An exception goes on through the host function, which let it pass.
            let id = ctx.store().inner().id;
            if let Some(exception) = error.exception_of(id) {
                return GoOn::at(unwind(ctx, exception));
            }
            ctx.failure = Some(Failure::Error(error));
            GoOn::at(core::ptr::null())
        }
        Err(panic) => {
            ctx.failure = Some(panic);
            GoOn::at(core::ptr::null())
        }
    }
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
    /// The store that runs.
    pub(super) fn store(&mut self) -> &mut (dyn HostStore + 'static) {
        // SAFETY: the store outlives the context and is reached through it alone while a handler waits.
        unsafe { &mut *self.store }
    }

    /// Reads the running instance's caches anew: after anything that may grow, move or switch instances.
    pub(super) fn refresh(&mut self) {
        let id = InstanceId(self.instance);
        // SAFETY: as in `store`; borrowed apart from the other fields.
        let store = unsafe { &mut *self.store }.inner_mut();
        self.entries = store.functions.entries.as_ptr();
        let instance = &mut store.instances[id.index()];
        self.globals = instance.globals.as_mut_ptr();
        self.global_cells = instance.global_cells.as_ptr();
        self.functions = instance.functions.as_ptr();
        match instance.memories.first() {
            Some(memory) => {
                let memory = &mut store.memories[memory.index()];
                self.mem = memory.base_mut();
                let len = memory.byte_len();
                if self.limits[0] != len {
                    for (width, limit) in self.limits.iter_mut().enumerate() {
                        *limit = (len + 1).saturating_sub(1 << width);
                    }
                }
            }
            None => {
                self.mem = core::ptr::null_mut();
                self.limits = [0; 5];
            }
        }
        match instance.tables.first() {
            Some(table) => {
                let words = store.tables[table.index()].words();
                (self.table, self.table_len) = (words.as_ptr(), words.len() as u64);
            }
            None => (self.table, self.table_len) = (core::ptr::null(), 0),
        }
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
        ctx.instance = at.instance;
        ctx.refresh();
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
