//! From one cell to the next: by tail calls (`Threaded`) or through a loop over the same handler bodies (`Looped`).
//!
//! A handler is a shell that threads one to three micro-ops and goes on. In the threaded backend its last action is an
//! indirect call with its own signature, which the optimiser turns into a jump where all arguments fit registers and nothing
//! is left to do. Stable Rust does not promise that: the build script enables that backend only for optimised x86-64 and
//! aarch64 builds, a test reads the machine code of every handler, and [`super::probe`] looks at stack addresses at run
//! time. In the loop backend a handler returns the next cell.
//!
//! # Invariants
//! A handler is entered only with registers that [`super::invoke`] or another handler passed on, at a cell that names it.
//! In the threaded backend nothing may be left to do after the jump to the next cell: no destructor, no borrowed local, no
//! more arguments than registers.
#![allow(
    unsafe_code,
    reason = "the room with the door: the only place that jumps to cells"
)]

use super::{
    context::{Context, LEAVES, Leave, TRAPS},
    handlers::{Jump, Step},
    invoke,
    machine::{Accumulators, Machine, NO_TRAP, Target, early},
};
use crate::code::operand::{Description, Dest, Operand};

/// How a run of cells ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The outermost frame returned.
    Done,
    /// The trap in `pending`.
    Trap,
    /// A host function failed.
    Failure,
}

impl Exit {
    /// The one of a number.
    fn numbered(number: u64) -> Exit {
        [Exit::Done, Exit::Trap]
            .into_iter()
            .find(|&exit| exit as u64 == number)
            .unwrap_or(Exit::Failure)
    }
}

/// How cells follow each other.
pub(crate) trait Backend: Sized + 'static {
    /// What handlers are passed for a register of the machine that a backend may leave in the context.
    type Register<T>;
    /// What a handler returns.
    type Next;

    /// The machine that a handler's arguments stand for.
    ///
    /// # Safety
    /// See the module's invariants.
    #[allow(
        clippy::too_many_arguments,
        reason = "they are the machine's registers"
    )]
    unsafe fn machine(
        ip: *const u8,
        sp: Self::Register<*mut u64>,
        head: Self::Register<*const u8>,
        int: u64,
        mem: Self::Register<*mut u8>,
        ctx: *mut Context,
        f64: Self::Register<f64>,
        f32: Self::Register<f32>,
    ) -> Machine;

    /// Goes on at a cell with the registers of the machine.
    ///
    /// # Safety
    /// See the module's invariants.
    unsafe fn go(target: *const u8, m: Machine) -> Self::Next;

    /// Goes on in another handler, with the registers of the machine and at the same cell.
    ///
    /// # Safety
    /// See the module's invariants.
    unsafe fn enter(handler: Handler<Self>, m: Machine) -> Self::Next;

    /// Calls a function whose frame is prepared, to return to a cell.
    ///
    /// # Safety
    /// See the module's invariants.
    unsafe fn call(code: Target, after: Target, m: Machine) -> Self::Next;

    /// Ends the run; its registers are at rest.
    fn end(exit: Exit) -> Self::Next;

    /// Runs cells from the registers in the context until one ends the run.
    ///
    /// # Safety
    /// The registers are those of a run at rest: see the module's invariants.
    unsafe fn run(ctx: *mut Context) -> Exit;
}

/// Reads the handler's address, the first word of a cell.
///
/// # Safety
/// `cell` is a cell of finished code of this backend.
#[inline(always)]
unsafe fn handler_of<B: Backend>(cell: *const u8) -> Handler<B> {
    // SAFETY: a cell begins with the address of a handler, which was exposed when the catalogue was made.
    unsafe {
        let address = cell.cast::<u64>().read();
        core::mem::transmute::<*const (), Handler<B>>(core::ptr::with_exposed_provenance(
            address as usize,
        ))
    }
}

/// Every handler ends in a jump to the next one.
#[cfg(curta_threaded)]
pub(crate) struct Threaded;

#[cfg(curta_threaded)]
impl Backend for Threaded {
    type Register<T> = T;
    type Next = Exit;

    #[inline(always)]
    unsafe fn machine(
        ip: *const u8,
        sp: *mut u64,
        head: *const u8,
        int: u64,
        mem: *mut u8,
        ctx: *mut Context,
        f64: f64,
        f32: f32,
    ) -> Machine {
        Machine::new(ip, sp, head, Accumulators { int, f64, f32 }, mem, ctx, true)
    }

    #[inline(always)]
    unsafe fn go(target: *const u8, m: Machine) -> Exit {
        // SAFETY: by contract.
        unsafe {
            handler_of::<Threaded>(target)(
                target, m.sp, m.head, m.acc.int, m.mem, m.ctx, m.acc.f64, m.acc.f32,
            )
        }
    }

    #[inline(always)]
    unsafe fn enter(handler: Handler<Threaded>, m: Machine) -> Exit {
        // SAFETY: by contract.
        unsafe {
            handler(
                m.ip, m.sp, m.head, m.acc.int, m.mem, m.ctx, m.acc.f64, m.acc.f32,
            )
        }
    }

    #[inline(always)]
    unsafe fn call(code: Target, after: Target, mut m: Machine) -> Exit {
        m.ip = code.0;
        m.hand_over(after);
        // SAFETY: by contract.
        unsafe { Threaded::enter(frame::<Threaded>, m) }
    }

    #[inline(always)]
    fn end(exit: Exit) -> Exit {
        exit
    }

    #[inline(always)]
    unsafe fn run(ctx: *mut Context) -> Exit {
        // SAFETY: by contract.
        unsafe {
            let Context {
                ip,
                sp,
                head,
                acc,
                mem,
                ..
            } = *ctx;
            handler_of::<Threaded>(ip)(ip, sp, head, acc.int, mem, ctx, acc.f64, acc.f32)
        }
    }
}

/// Every handler returns to a loop: the next cell and the accumulator of integers, which are as much as comes back in
/// registers. The others rest in the context, where a handler reads the ones that it needs and writes the ones that it
/// changed.
pub(crate) struct Looped;

/// A register that rests in the context: nothing is passed for it.
#[derive(Clone, Copy)]
pub(crate) struct Resting;

/// What a handler returns to the loop.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Next {
    /// The next cell; null at the end of the run.
    ip: *const u8,
    /// The accumulator of integers, or how the run ended: the number of an [`Exit`].
    int: u64,
}

impl Backend for Looped {
    type Register<T> = Resting;
    type Next = Next;

    #[inline(always)]
    unsafe fn machine(
        ip: *const u8,
        _: Resting,
        _: Resting,
        int: u64,
        _: Resting,
        ctx: *mut Context,
        _: Resting,
        _: Resting,
    ) -> Machine {
        // SAFETY: the context is the machine's.
        unsafe {
            let Context {
                sp, head, acc, mem, ..
            } = *ctx;
            Machine::new(ip, sp, head, Accumulators { int, ..acc }, mem, ctx, false)
        }
    }

    #[inline(always)]
    unsafe fn go(target: *const u8, m: Machine) -> Next {
        // SAFETY: by contract.
        unsafe { settle(&m) };
        Next {
            ip: target,
            int: m.acc.int,
        }
    }

    #[inline(always)]
    unsafe fn enter(handler: Handler<Looped>, m: Machine) -> Next {
        // SAFETY: by contract.
        unsafe {
            settle(&m);
            handler(
                m.ip, Resting, Resting, m.acc.int, Resting, m.ctx, Resting, Resting,
            )
        }
    }

    #[inline(always)]
    unsafe fn call(code: Target, after: Target, mut m: Machine) -> Next {
        m.push_frame(after);
        // SAFETY: by contract.
        unsafe { Looped::go(code.0, m) }
    }

    #[inline(always)]
    fn end(exit: Exit) -> Next {
        Next {
            ip: core::ptr::null(),
            int: exit as u64,
        }
    }

    #[inline(never)]
    unsafe fn run(ctx: *mut Context) -> Exit {
        // SAFETY: the context is the run's.
        let (ip, int) = unsafe { ((*ctx).ip, (*ctx).acc.int) };
        let mut next = Next { ip, int };
        while !next.ip.is_null() {
            #[cfg(feature = "profile")]
            super::profile::count(next.ip);
            // SAFETY: by contract, and because handlers keep it.
            next = unsafe {
                handler_of::<Looped>(next.ip)(
                    next.ip, Resting, Resting, next.int, Resting, ctx, Resting, Resting,
                )
            };
        }
        Exit::numbered(next.int)
    }
}

/// Writes the registers that the handler changed to the context. The base of memory 0 is none of them: what moves it
/// leaves the new one there.
///
/// # Safety
/// The machine's context is its own.
#[inline(always)]
unsafe fn settle(m: &Machine) {
    // SAFETY: by contract.
    let ctx = unsafe { &mut *m.ctx };
    if m.changed.sp {
        ctx.sp = m.sp;
    }
    if m.changed.head {
        ctx.head = m.head;
    }
    if m.changed.f64 {
        ctx.acc.f64 = m.acc.f64;
    }
    if m.changed.f32 {
        ctx.acc.f32 = m.acc.f32;
    }
}

/// Lays all registers down in the context.
///
/// # Safety
/// The machine's context is its own.
#[inline(always)]
unsafe fn rest(m: &Machine) {
    // SAFETY: by contract.
    let ctx = unsafe { &mut *m.ctx };
    ctx.ip = m.ip;
    ctx.sp = m.sp;
    ctx.head = m.head;
    ctx.acc = m.acc;
    ctx.mem = m.mem;
}

/// Runs cells from the registers in the context until one ends the run.
///
/// # Safety
/// The registers are those of a run at rest, and the cells are of the backend whose ways out are in the context: see the
/// module's invariants.
#[inline(always)]
pub(super) unsafe fn begin(ctx: *mut Context) -> Exit {
    // SAFETY: by contract.
    unsafe {
        #[cfg(curta_threaded)]
        if core::ptr::eq((*ctx).leaves, &raw const THREADED_LEAVES) {
            return Threaded::run(ctx);
        }
        Looped::run(ctx)
    }
}

/// Defines handlers: the registers come in as arguments, the body sees a `Machine` and ends in `go!` or `leave!`.
macro_rules! handlers {
    ($abi:literal: $($(#[$doc:meta])* fn $name:ident[$($op:ident: $kind:ident),*]($m:ident) $body:block)*) => {
        /// A handler's address and how it is called.
        pub(crate) type Handler<B> = unsafe extern $abi fn(
            *const u8,
            <B as Backend>::Register<*mut u64>,
            <B as Backend>::Register<*const u8>,
            u64,
            <B as Backend>::Register<*mut u8>,
            *mut Context,
            <B as Backend>::Register<f64>,
            <B as Backend>::Register<f32>,
        ) -> <B as Backend>::Next;

        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// See the module's invariants.
            #[allow(clippy::too_many_arguments, reason = "they are the machine's registers")]
            pub(crate) unsafe extern $abi fn $name<B: Backend, $($op: $kind),*>(
                ip: *const u8,
                sp: B::Register<*mut u64>,
                head: B::Register<*const u8>,
                int: u64,
                mem: B::Register<*mut u8>,
                ctx: *mut Context,
                f64: B::Register<f64>,
                f32: B::Register<f32>,
            ) -> B::Next {
                #[allow(unused_mut, reason = "some handlers leave at once")]
                // SAFETY: by contract.
                let mut $m = unsafe { B::machine(ip, sp, head, int, mem, ctx, f64, f32) };
                $body
            }
        )*
    };
}

/// Goes on at a cell.
macro_rules! go {
    ($target:expr, $m:ident) => {{
        let target: Target = $target;
        // SAFETY: the machine's registers go on as they are, to a cell of running code.
        unsafe { B::go(target.0, $m) }
    }};
}

/// Leaves by one of the ways in the context: a jump too, so that the handler needs no frame for it.
macro_rules! leave {
    ($leave:expr, $m:ident) => {{
        let leave: Leave = $leave;
        // SAFETY: the context is the machine's, and its ways out take the machine's registers.
        unsafe {
            let way = (*$m.ctx).leaves[leave.number()].of::<B>();
            B::enter(way, $m)
        }
    }};
}

macro_rules! step {
    ($op:ident, $m:ident) => {
        match $op::run(&mut $m) {
            Ok(None) => {}
            Ok(Some(target)) => return go!(apart(target), $m),
            Err(leave) => return leave!(leave, $m),
        }
    };
}

/// The last step of a cell that may be a whole loop: what to do when it goes back to the cell itself comes third.
macro_rules! back {
    ($op:ident, $m:ident, $again:expr) => {
        match $op::run(&mut $m) {
            Ok(None) => {}
            Ok(Some(target)) if target.0 == $m.ip => $again,
            Ok(Some(target)) => return go!(apart(target), $m),
            Err(leave) => return leave!(leave, $m),
        }
    };
}

/// Bytes of operands that a cell of two micro-ops has at most.
const OPERANDS: usize = 32;

/// Whether a cell that ends in a branch may be a loop that ends: it goes back to a head, and what comes before it changes a
/// slot that it reads, as sums in place and walks along a list do.
const fn may_turn<Z: Step>(before: &[Description]) -> bool {
    let mut changes = false;
    let mut part = 0;
    while part < before.len() {
        changes |= match (before[part].operands[0], before[part].operands[1]) {
            (Some(Operand::Dest(Dest::InPlace)), _) => true,
            (Some(Operand::Dest(Dest::Both)), Some(Operand::Address(_))) => before.len() == 1,
            _ => false,
        };
        part += 1;
    }
    changes && matches!(Z::DESCRIPTION.operands[0], Some(Operand::Head))
}

macro_rules! jump {
    ($op:ident, $early:ident, $len:expr, $m:ident) => {{
        let after = $m.after($len);
        match $op::run(&mut $m, $early, after) {
            // SAFETY: the frame of the function at that cell is prepared; the registers go on as they are.
            Ok(code) if const { $op::CALLS } => unsafe { B::call(code, after, $m) },
            Ok(target) => go!(target, $m),
            Err(leave) => leave!(leave, $m),
        }
    }};
}

/// Keeps the exits of a handler from being merged into one dispatch: separate indirect jumps predict better.
#[inline(always)]
fn apart(target: Target) -> Target {
    Target(early(target.0))
}

impl Machine {
    /// Lets the cell's operands be fetched once more.
    #[inline(always)]
    fn rewind(&mut self) {
        self.cursor = self.ip.wrapping_add(8);
    }

    /// The cell after this one, whose operands take `len` bytes; cells are 8-byte aligned.
    #[inline(always)]
    fn after(&self, len: usize) -> Target {
        Target(self.ip.wrapping_add((8 + len).next_multiple_of(8)))
    }

    /// Reads what a later micro-op of the cell wants to have read first.
    #[inline(always)]
    fn early<J: Jump>(&mut self, skipped: usize) -> J::Early {
        let cursor = self.cursor;
        self.cursor = cursor.wrapping_add(skipped);
        let early = J::early(self);
        self.cursor = cursor;
        early
    }
}

/// Instantiates [`handlers!`] for the platform's widest calling convention: `sysv64` passes six integers and eight floats
/// in registers, on Windows too, where the C convention has four. Where there is the loop backend alone, Rust's own serves:
/// it returns two words in registers wherever there are such, which C does not on s390x, and passes nothing for [`Resting`].
macro_rules! with_abi {
    ($($handlers:tt)*) => {
        #[cfg(target_arch = "x86_64")]
        handlers! { "sysv64": $($handlers)* }
        #[cfg(target_arch = "aarch64")]
        handlers! { "C": $($handlers)* }
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        handlers! { "Rust": $($handlers)* }
    };
}

with_abi! {
    /// One step: falls through, branches, or leaves.
    fn op1[A: Step](m) {
        step!(A, m);
        go!(m.after(A::LEN), m)
    }
    /// Two steps.
    fn op2[A: Step, C: Step](m) {
        step!(A, m);
        if const { may_turn::<C>(&[A::DESCRIPTION]) } {
            back!(C, m, {
                // SAFETY: the registers go on as they are, in the same cell.
                return unsafe { B::enter(turn::<B, A, C>, m) };
            });
        } else {
            step!(C, m);
        }
        go!(m.after(A::LEN + C::LEN), m)
    }
    /// Two steps that are a whole loop, for as long as it turns. The operands are decoded once, from a copy that nothing
    /// which the loop writes can reach, so that what it carries may stay in registers. More of these are needed than a
    /// handler may have without saving some, so this is no handler but where one goes.
    #[inline(never)]
    fn turn[A: Step, C: Step](m) {
        const { assert!(A::LEN + C::LEN <= OPERANDS) };
        // SAFETY: the cell has that many bytes of operands.
        let operands = unsafe { m.operands::<OPERANDS>(A::LEN + C::LEN) };
        loop {
            // SAFETY: the copy stays where it is while the loop turns, and nothing is fetched behind it.
            unsafe { m.decode(&operands) };
            step!(A, m);
            back!(C, m, continue);
            break;
        }
        go!(m.after(A::LEN + C::LEN), m)
    }
    /// Three steps.
    fn op3[A: Step, C: Step, D: Step](m) {
        if const { may_turn::<D>(&[A::DESCRIPTION, C::DESCRIPTION]) } {
            // A whole loop turns here. Its operands are too many to be kept in registers.
            loop {
                step!(A, m);
                step!(C, m);
                back!(D, m, {
                    m.rewind();
                    continue;
                });
                break;
            }
        } else {
            step!(A, m);
            step!(C, m);
            step!(D, m);
        }
        go!(m.after(A::LEN + C::LEN + D::LEN), m)
    }
    /// A transfer.
    fn to1[A: Jump](m) {
        let early = m.early::<A>(0);
        jump!(A, early, A::LEN, m)
    }
    /// A step and a transfer.
    fn to2[A: Step, C: Jump](m) {
        let early = m.early::<C>(A::LEN);
        step!(A, m);
        jump!(C, early, A::LEN + C::LEN, m)
    }
    /// Two steps and a transfer.
    fn to3[A: Step, C: Step, D: Jump](m) {
        let early = m.early::<D>(A::LEN + C::LEN);
        step!(A, m);
        step!(C, m);
        jump!(D, early, A::LEN + C::LEN + D::LEN, m)
    }
    /// Makes a prepared frame the running one: the callee's code is in the place of the cell, and where it returns to was
    /// handed over.
    ///
    /// All calls come here: with the same two stores in several handlers the two loads of a return take much longer. Recent
    /// cores seem to foresee by the addresses of both which store a load gets its value from.
    #[inline(never)]
    #[cfg_attr(not(curta_threaded), allow(dead_code, reason = "the loop backend makes frames where it calls"))]
    fn frame[](m) {
        let after = m.take_over();
        m.push_frame(after);
        go!(Target(m.ip), m)
    }
    /// The outermost frame's return, with a single result in its accumulator: nothing else of the run is left.
    fn exit[](m) {
        // SAFETY: the context is the machine's.
        unsafe { (*m.ctx).acc = m.acc };
        B::end(Exit::Done)
    }
    /// Returns into another instance.
    fn switch_back[](m) {
        // SAFETY: the context is the machine's; what comes back are registers of a caller that waits for this return.
        unsafe {
            let target = invoke::switch_back(&mut *m.ctx);
            m.sp = (*m.ctx).sp;
            m.mem = (*m.ctx).mem;
            B::go(target, m)
        }
    }
    /// Ends the run with a trap: `T` is its number.
    fn trap[T: TrapNumber](m) {
        // SAFETY: the context is the machine's.
        unsafe {
            rest(&m);
            (*m.ctx).pending = T::NUMBER;
        }
        B::end(Exit::Trap)
    }
    /// Ends the run with the trap that is pending.
    fn trap_pending[](m) {
        // SAFETY: the context is the machine's.
        unsafe { rest(&m) };
        B::end(Exit::Trap)
    }
    /// Translates the function whose stub is running, and enters it.
    fn translate[](m) {
        // SAFETY: the context is the machine's. Its registers stay as they are.
        unsafe {
            rest(&m);
            let target = invoke::translate(&mut *m.ctx);
            if target.is_null() {
                return B::end(Exit::Failure);
            }
            B::go(target, m)
        }
    }
    /// Goes to its own cell until it was there often enough: see [`super::probe`].
    #[cfg_attr(all(not(curta_threaded), not(test)), allow(dead_code, reason = "only the threaded backend is doubted"))]
    fn probe[](m) {
        // SAFETY: the context is the probe's.
        if unsafe { super::probe::again(m.ctx) } {
            go!(Target(m.ip), m)
        } else {
            B::end(Exit::Done)
        }
    }
    /// Makes the call that a handler left in the context, and goes on behind it or in the callee.
    fn call_out[C: Callee](m) {
        // SAFETY: the context is the machine's. The call leaves the frame and the memory to go on with in it.
        unsafe {
            (*m.ctx).ip = m.ip;
            (*m.ctx).sp = m.sp;
            (*m.ctx).pending = NO_TRAP;
            let invoke::GoOn { cell, word } = C::call(&mut *m.ctx);
            if cell.is_null() {
                return B::end(if (*m.ctx).pending == NO_TRAP { Exit::Failure } else { Exit::Trap });
            }
            m.sp = (*m.ctx).sp;
            m.mem = (*m.ctx).mem;
            // A single result is in the accumulator of its class, whichever that is.
            m.acc = Accumulators {
                int: word,
                f64: f64::from_bits(word),
                f32: f32::from_bits(word as u32),
            };
            (m.changed.f64, m.changed.f32) = (true, true);
            B::go(cell, m)
        }
    }
}

/// A trap as a type.
pub(super) trait TrapNumber: 'static {
    const NUMBER: u32;
}

/// The trap of a number.
pub(super) struct Numbered<const N: usize>;

impl<const N: usize> TrapNumber for Numbered<N> {
    const NUMBER: u32 = N as u32;
}

/// How a pending call names its callee.
pub(super) trait Callee: 'static {
    /// Makes the call.
    fn call(ctx: &mut Context) -> invoke::GoOn;
}

/// Defines ways to name a callee, each with what makes the call.
macro_rules! callees {
    ($($(#[$doc:meta])* $name:ident: $call:ident;)*) => { $(
        $(#[$doc])*
        pub(super) struct $name;

        impl Callee for $name {
            #[inline(always)]
            fn call(ctx: &mut Context) -> invoke::GoOn {
                invoke::$call(ctx)
            }
        }
    )* };
}

callees! {
    /// By its index in the instance.
    ByFunction: call_function;
    /// By the entry of a host function.
    ByEntry: call_host;
    /// By an element of a table.
    ByElement: call_element;
    /// By a reference to it.
    ByReference: call_reference;
    /// By throwing a new exception.
    ByThrow: call_throw;
    /// By throwing one that is referred to.
    ByThrowRef: call_throw_ref;
}

/// A way out: a handler of whichever backend.
#[derive(Clone, Copy)]
pub(super) struct WayOut(unsafe fn());

impl WayOut {
    const fn new<B: Backend>(handler: Handler<B>) -> WayOut {
        // SAFETY: both are addresses of functions; it is called as what it was only.
        WayOut(unsafe { core::mem::transmute::<Handler<B>, unsafe fn()>(handler) })
    }

    /// The handler.
    ///
    /// # Safety
    /// It is one of this backend.
    #[inline(always)]
    unsafe fn of<B: Backend>(self) -> Handler<B> {
        // SAFETY: by contract, that is what it was.
        unsafe { core::mem::transmute::<unsafe fn(), Handler<B>>(self.0) }
    }

    /// Where it is.
    #[cfg(feature = "internals")]
    pub(super) fn address(self) -> u64 {
        (self.0 as *const ()).expose_provenance() as u64
    }
}

/// The ways out of one backend, by [`Leave::number`].
pub(super) type Leaves = [WayOut; LEAVES];

const fn leaves<B: Backend>() -> Leaves {
    let mut ways = [WayOut::new::<B>(trap_pending::<B>); LEAVES];
    macro_rules! traps {
        ($($n:literal)*) => { [$(WayOut::new::<B>(trap::<B, Numbered<$n>>)),*] };
    }
    let traps: [WayOut; TRAPS] = traps!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17);
    let mut number = 0;
    while number < TRAPS {
        ways[number] = traps[number];
        number += 1;
    }
    ways[Leave::Pending.number()] = WayOut::new::<B>(trap_pending::<B>);
    ways[Leave::CallFunction.number()] = WayOut::new::<B>(call_out::<B, ByFunction>);
    ways[Leave::CallHost.number()] = WayOut::new::<B>(call_out::<B, ByEntry>);
    ways[Leave::CallIndirect.number()] = WayOut::new::<B>(call_out::<B, ByElement>);
    ways[Leave::CallRef.number()] = WayOut::new::<B>(call_out::<B, ByReference>);
    ways[Leave::Throw.number()] = WayOut::new::<B>(call_out::<B, ByThrow>);
    ways[Leave::ThrowRef.number()] = WayOut::new::<B>(call_out::<B, ByThrowRef>);
    ways[Leave::Translate.number()] = WayOut::new::<B>(translate::<B>);
    ways
}

/// The ways out of the threaded backend.
#[cfg(curta_threaded)]
static THREADED_LEAVES: Leaves = leaves::<Threaded>();
/// The ways out of the loop backend.
static LOOPED_LEAVES: Leaves = leaves::<Looped>();

/// The ways out of a backend.
pub(super) fn leaves_of(backend: crate::code::catalog::Backend) -> &'static Leaves {
    match backend {
        #[cfg(curta_threaded)]
        crate::code::catalog::Backend::Threaded => &THREADED_LEAVES,
        #[cfg(not(curta_threaded))]
        crate::code::catalog::Backend::Threaded => &LOOPED_LEAVES,
        crate::code::catalog::Backend::Looped => &LOOPED_LEAVES,
    }
}
