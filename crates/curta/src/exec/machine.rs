//! The registers of the interpreter, and the only raw access to them.
//!
//! # Invariants
//! A [`Machine`] exists only while a handler runs a cell that our translator wrote, for the store behind `ctx`, on a value
//! stack of that store (the promise made where it is built, in [`super::dispatch`]). Hence:
//! - every operand read by [`Machine::fetch`] was written for this handler: the layout is the micro-op's own description;
//! - every slot index lies in the frame, and the frame in the stack: entering a function leaves room for the largest
//!   frame that 16 bits can address, and a function with a larger one checks for itself;
//! - `mem` is the base of the running instance's memory 0, and `ctx.limits` belong to it;
//! - `ctx.globals`, `ctx.global_cells`, `ctx.table`, `ctx.tables`, `ctx.functions` and `ctx.entries` are those of the running instance
//!   and its store;
//! - `ctx` is used by nobody else while the handler runs.
//!
//! No function here takes a raw index: a place decodes its own.
#![allow(
    unsafe_code,
    reason = "the room with the door: all raw access of handlers is here"
)]

use core::{
    mem::MaybeUninit,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{
    context::{Context, Leave, Tail},
    outline::Stop,
};
use crate::{
    code::operand::Class,
    numeric::Trap,
    store::{func::HOST, instance::InstanceId, table::Table},
};

/// A value that fits a slot and an accumulator.
pub(crate) trait Word: Copy + 'static {
    const CLASS: Class;
    fn from_bits(bits: u64) -> Self;
    fn to_bits(self) -> u64;
    /// Reads a slot.
    ///
    /// # Safety
    /// It lies in a frame, or is a global's.
    unsafe fn load(slot: *const u64) -> Self;
    /// Writes a slot. What is above a value of 32 bits may be anything.
    ///
    /// # Safety
    /// It lies in a frame, or is a global's.
    #[inline(always)]
    unsafe fn store(self, slot: *mut u64) {
        // SAFETY: by contract.
        unsafe { *slot = self.to_bits() }
    }
    /// Reads it from its accumulator.
    fn get(registers: &Accumulators) -> Self;
    /// Writes it to its accumulator.
    fn put(self, m: &mut Machine);
}

/// One accumulator a class.
#[derive(Clone, Copy)]
pub(crate) struct Accumulators {
    pub(super) int: u64,
    pub(super) f64: f64,
    pub(super) f32: f32,
}

macro_rules! integer_words {
    ($($ty:ty, $unsigned:ty;)*) => { $(impl Word for $ty {
        const CLASS: Class = Class::Int;
        #[inline(always)]
        fn from_bits(bits: u64) -> $ty {
            bits as $ty
        }
        #[inline(always)]
        fn to_bits(self) -> u64 {
            u64::from(self as $unsigned)
        }
        #[inline(always)]
        unsafe fn load(slot: *const u64) -> $ty {
            // SAFETY: by contract.
            <$ty>::from_bits(loaded(unsafe { *slot }))
        }
        #[inline(always)]
        fn get(registers: &Accumulators) -> $ty {
            registers.int as $ty
        }
        #[inline(always)]
        fn put(self, m: &mut Machine) {
            m.acc.int = u64::from(self as $unsigned);
        }
    })* };
}

integer_words! {
    i32, u32;
    i64, u64;
    u64, u64;
}

impl Word for f64 {
    const CLASS: Class = Class::F64;
    #[inline(always)]
    fn from_bits(bits: u64) -> f64 {
        f64::from_bits(bits)
    }
    #[inline(always)]
    fn to_bits(self) -> u64 {
        f64::to_bits(self)
    }
    #[inline(always)]
    unsafe fn load(slot: *const u64) -> f64 {
        // SAFETY: by contract.
        unsafe { *slot.cast() }
    }
    #[inline(always)]
    fn get(registers: &Accumulators) -> f64 {
        registers.f64
    }
    #[inline(always)]
    fn put(self, m: &mut Machine) {
        m.acc.f64 = self;
        m.changed.f64 = true;
    }
}

impl Word for f32 {
    const CLASS: Class = Class::F32;
    #[inline(always)]
    fn from_bits(bits: u64) -> f32 {
        f32::from_bits(bits as u32)
    }
    #[inline(always)]
    fn to_bits(self) -> u64 {
        u64::from(f32::to_bits(self))
    }
    #[inline(always)]
    unsafe fn load(slot: *const u64) -> f32 {
        // The lower half.
        let half = if cfg!(target_endian = "big") { 1 } else { 0 };
        // SAFETY: by contract.
        unsafe { *slot.cast::<f32>().add(half) }
    }
    /// All of the slot from the register, so that copies of the slot can be forwarded from it; by way of an integer register it
    /// would take two cycles more. (Not by `movq`: products of two loads took twice as long with it.)
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    #[inline(always)]
    unsafe fn store(self, slot: *mut u64) {
        // SAFETY: by contract of the trait; eight bytes are written there and nothing else happens.
        unsafe {
            core::arch::asm!("movlps qword ptr [{0}], {1}", in(reg) slot, in(xmm_reg) self, options(nostack, preserves_flags));
        }
    }
    #[inline(always)]
    fn get(registers: &Accumulators) -> f32 {
        registers.f32
    }
    #[inline(always)]
    fn put(self, m: &mut Machine) {
        m.acc.f32 = self;
        m.changed.f32 = true;
    }
}

/// What lies in linear memory, little endian.
pub(crate) trait Bytes: Copy + 'static {
    /// The index into `ctx.limits`: the binary logarithm of the width.
    const WIDTH: usize;
    /// From or to the byte order of the processor.
    fn little_endian(self) -> Self;
    /// From the low bits of a word.
    fn from_word(word: u64) -> Self;
    /// As the low bits of a word.
    fn to_word(self) -> u64;
}

macro_rules! bytes {
    ($($ty:ty)*) => { $(impl Bytes for $ty {
        const WIDTH: usize = size_of::<$ty>().trailing_zeros() as usize;
        #[inline(always)]
        fn little_endian(self) -> $ty {
            <$ty>::from_le(self)
        }
        #[inline(always)]
        fn from_word(word: u64) -> $ty {
            word as $ty
        }
        #[inline(always)]
        fn to_word(self) -> u64 {
            self as u64
        }
    })* };
}

bytes!(i8 u8 i16 u16 i32 u32 i64 u64);

/// What may be read from a cell: any bits are a value.
pub(crate) trait CellBits: Copy + 'static {}
macro_rules! cell_bits {
    ($($ty:ty)*) => { $(impl CellBits for $ty {})* };
}
cell_bits!(i16 u16 i32 u32 i64 u64 f32 f64);

/// A cell of the running code.
#[derive(Clone, Copy)]
pub(crate) struct Target(pub(super) *const u8);

/// A copy of a cell's operands.
pub(super) struct Operands<const MOST: usize>([MaybeUninit<u8>; MOST]);

/// A slot of the running frame, its address made.
#[derive(Clone, Copy)]
pub(crate) struct SlotPlace(*mut u64);

pub(crate) struct Machine {
    pub(super) ip: *const u8,
    /// The frame's header; see [`super::frame`].
    pub(super) sp: *mut u64,
    /// The last loop's head: a hint.
    pub(super) head: *const u8,
    pub(super) acc: Accumulators,
    pub(super) mem: *mut u8,
    pub(super) ctx: *mut Context,
    /// The next operand; moves as operands are fetched and folds into constants.
    pub(super) cursor: *const u8,
    /// What was changed; folds into constants.
    pub(super) changed: Changed,
    /// Whether `head` is in a register of the processor, and so known earlier than a target that is loaded: a constant.
    head_is_early: bool,
}

/// Which registers of a [`Machine`] its handler changed, of those that may rest in the context meanwhile.
#[derive(Clone, Copy, Default)]
pub(super) struct Changed {
    pub(super) sp: bool,
    pub(super) head: bool,
    pub(super) f64: bool,
    pub(super) f32: bool,
}

impl Machine {
    /// The machine at the beginning of a cell.
    #[inline(always)]
    pub(super) fn new(
        ip: *const u8,
        sp: *mut u64,
        head: *const u8,
        acc: Accumulators,
        mem: *mut u8,
        ctx: *mut Context,
        head_is_early: bool,
    ) -> Machine {
        Machine {
            ip,
            sp,
            head,
            acc,
            mem,
            ctx,
            // Operands follow the handler's address.
            cursor: ip.wrapping_add(8),
            changed: Changed::default(),
            head_is_early,
        }
    }

    /// Makes another frame the running one.
    #[inline(always)]
    fn set_frame(&mut self, header: *mut u64) {
        self.sp = header;
        self.changed.sp = true;
    }

    /// The next operand of the running cell.
    #[inline(always)]
    pub(super) fn fetch<T: CellBits>(&mut self) -> T {
        // SAFETY: the operands that a micro-op fetches are those of its description, which is what was written.
        unsafe {
            let value = self.cursor.cast::<T>().read_unaligned();
            self.cursor = self.cursor.add(size_of::<T>());
            value
        }
    }

    /// A copy of the cell's operands.
    ///
    /// # Safety
    /// Nothing was fetched yet, and the operands are at least that long.
    #[inline(always)]
    pub(super) unsafe fn operands<const MOST: usize>(&self, len: usize) -> Operands<MOST> {
        let mut operands = Operands([MaybeUninit::uninit(); MOST]);
        let len = if len < MOST { len } else { MOST };
        // SAFETY: by contract; the copy has room for it.
        unsafe {
            operands
                .0
                .as_mut_ptr()
                .cast::<u8>()
                .copy_from_nonoverlapping(self.cursor, len);
        }
        operands
    }

    /// Fetches operands from a copy from now on.
    ///
    /// # Safety
    /// The copy stays where it is as long as anything is fetched, and it is the whole cell's.
    #[inline(always)]
    pub(super) unsafe fn decode<const MOST: usize>(&mut self, operands: &Operands<MOST>) {
        self.cursor = operands.0.as_ptr().cast();
    }

    /// Passes an operand by.
    #[inline(always)]
    pub(super) fn skip(&mut self, bytes: usize) {
        self.cursor = self.cursor.wrapping_add(bytes);
    }

    #[inline(always)]
    pub(super) fn acc<T: Word>(&self) -> T {
        T::get(&self.acc)
    }

    #[inline(always)]
    pub(super) fn set_acc<T: Word>(&mut self, value: T) {
        value.put(self);
    }

    /// The slot that the next operand names.
    #[inline(always)]
    pub(super) fn slot<T: Word>(&mut self) -> SlotPlace {
        let index = self.fetch::<i16>();
        let place = self.sp.wrapping_offset(index.into());
        // Loads of floats are not renamed by any core we know: an indexed address saves them an instruction.
        SlotPlace(if matches!(T::CLASS, Class::Int) {
            plain(place)
        } else {
            place
        })
    }

    /// The slot that the next, 32-bit operand names.
    #[inline(always)]
    pub(super) fn wide_slot(&mut self) -> SlotPlace {
        let index = self.fetch::<i32>();
        SlotPlace(self.sp.wrapping_offset(index as isize))
    }

    #[inline(always)]
    pub(super) fn read<T: Word>(&self, place: SlotPlace) -> T {
        // SAFETY: slots named by operands lie in the frame.
        unsafe { T::load(place.0) }
    }

    #[inline(always)]
    pub(super) fn write<T: Word>(&mut self, place: SlotPlace, value: T) {
        // SAFETY: slots named by operands lie in the frame.
        unsafe { value.store(place.0) }
    }

    /// Reads memory 0 at an effective address of at most 65 bits' worth of range, checked here.
    #[inline(always)]
    pub(super) fn load<T: Bytes>(&self, address: u64) -> Result<T, Leave> {
        // SAFETY: `ctx` is ours while the handler runs.
        if address >= unsafe { (*self.ctx).limits[T::WIDTH] } {
            return Err(Leave::Trap(Trap::MemoryOutOfBounds));
        }
        // SAFETY: below the limit the whole access lies in the memory, so the address fits `usize`.
        let value = unsafe { self.mem.add(address as usize).cast::<T>().read_unaligned() };
        Ok(value.little_endian())
    }

    /// Writes memory 0.
    #[inline(always)]
    pub(super) fn store<T: Bytes>(&mut self, address: u64, value: T) -> Result<(), Leave> {
        self.check::<T>(address)?;
        // SAFETY: below the limit the whole access lies in the memory.
        unsafe {
            self.mem
                .add(address as usize)
                .cast::<T>()
                .write_unaligned(value.little_endian())
        }
        Ok(())
    }

    #[inline(always)]
    fn check<T: Bytes>(&self, address: u64) -> Result<(), Leave> {
        // SAFETY: `ctx` is ours while the handler runs.
        if address >= unsafe { (*self.ctx).limits[T::WIDTH] } {
            return Err(Leave::Trap(Trap::MemoryOutOfBounds));
        }
        Ok(())
    }

    /// The global that the next operand names: one of the instance's own, or any by the address of its cell.
    #[inline(always)]
    pub(super) fn global<const IMPORTED: bool>(&mut self) -> SlotPlace {
        let index = self.fetch::<u32>() as usize;
        // SAFETY: validation proved the index; cells of globals live as long as the store and never move.
        unsafe {
            SlotPlace(if IMPORTED {
                let address = (*self.ctx).global_cells.add(index).read();
                core::ptr::with_exposed_provenance_mut(address as usize)
            } else {
                plain((*self.ctx).globals.add(index))
            })
        }
    }

    /// The cell address that is the next operand, loaded ahead of the loads that it would otherwise queue behind.
    #[inline(always)]
    pub(super) fn target(&mut self) -> Target {
        Target(early(cell_at(self.fetch::<u64>())))
    }

    /// The loop's head, for an edge that is known to go there.
    #[inline(always)]
    pub(super) fn head(&self) -> Target {
        Target(self.head)
    }

    /// Goes back to a loop's head: with the register when that is early and the one, else the register is set.
    #[inline(always)]
    pub(super) fn back(&mut self, target: Target) -> Target {
        if self.head_is_early && target.0 == self.head {
            // Not `pure`, or both arms would be folded into a select and the branch into a load again.
            Target(early(self.head))
        } else {
            let target = early(target.0);
            self.set_head(Target(target));
            Target(target)
        }
    }

    /// Remembers a cell as the loop's head.
    #[inline(always)]
    pub(super) fn set_head(&mut self, target: Target) {
        self.head = target.0;
        self.changed.head = true;
    }

    /// The entry of a `br_table`: the count and then the targets are the next operands.
    #[inline(always)]
    pub(super) fn table_target(&mut self, index: u32) -> Target {
        let count = self.fetch::<u32>();
        let index = if index < count { index } else { count };
        // SAFETY: `count` and one more targets follow.
        let target = unsafe {
            self.cursor
                .cast::<u64>()
                .add(index as usize)
                .read_unaligned()
        };
        Target(cell_at(target))
    }

    /// Says where the frame of a function of this instance will be: `delta` bytes up.
    #[inline(always)]
    pub(super) fn prepare_frame(&mut self, delta: u32) -> Result<(), Leave> {
        self.prepare_header(plain(self.sp.wrapping_byte_add(delta as usize)))
    }

    /// Leaves a callee's header in the accumulator of integers, if there is room for its frame. The accumulators are nobody's
    /// here.
    #[inline(always)]
    fn prepare_header(&mut self, header: *mut u64) -> Result<(), Leave> {
        // SAFETY: `ctx` is ours.
        if header > unsafe { (*self.ctx).stack_end } {
            return Err(Leave::Trap(Trap::CallStackExhausted));
        }
        self.acc.int = header.expose_provenance() as u64;
        Ok(())
    }

    /// Leaves a cell in the place of the memory's base, which is in the context as well.
    #[inline(always)]
    #[cfg_attr(
        not(curta_threaded),
        allow(dead_code, reason = "the loop backend makes frames where it calls")
    )]
    pub(super) fn hand_over(&mut self, cell: Target) {
        self.mem = cell.0.cast_mut();
    }

    /// The cell that was left there; the memory's base is back in its place.
    #[inline(always)]
    #[cfg_attr(
        not(curta_threaded),
        allow(dead_code, reason = "the loop backend makes frames where it calls")
    )]
    pub(super) fn take_over(&mut self) -> Target {
        let cell = Target(self.mem.cast_const());
        // SAFETY: `ctx` is ours.
        self.mem = unsafe { (*self.ctx).mem };
        cell
    }

    /// Makes the frame that was prepared the running one; it returns to `after`.
    #[inline(always)]
    pub(super) fn push_frame(&mut self, after: Target) {
        let header: *mut u64 = core::ptr::with_exposed_provenance_mut(self.acc.int as usize);
        // SAFETY: above the stack's end there is room for the largest addressable frame, so what lies below it, as a
        // prepared header does, and the slots right above, are in the stack.
        unsafe {
            *header = after.0.expose_provenance() as u64;
            *header.add(1) = self.sp.expose_provenance() as u64;
        }
        self.set_frame(header);
    }

    /// Leaves the frame: back to the caller's cell and frame.
    #[inline(always)]
    pub(super) fn leave_frame(&mut self) -> Target {
        // SAFETY: `sp` is a frame's header, which its caller filled.
        unsafe {
            let target = cell_at(*self.sp);
            self.set_frame(core::ptr::with_exposed_provenance_mut(
                *self.sp.add(1) as usize
            ));
            Target(target)
        }
    }

    /// Leaves the frame with `count` results, which lie from `first` on: they go where the arguments were.
    #[inline(always)]
    pub(super) fn leave_frame_with(&mut self, count: u32, locals: u32, first: SlotPlace) -> Target {
        let base = self.sp.wrapping_byte_sub(locals as usize);
        let target = self.leave_frame();
        // SAFETY: both ranges lie in the stack; results go down, so a forward copy is right where they overlap.
        unsafe { super::frame::move_down(first.0, base, count) };
        target
    }

    /// Zeroes a run of slots.
    #[inline(always)]
    pub(super) fn zero(&mut self, first: SlotPlace, count: u32) {
        // SAFETY: the run lies in the frame.
        unsafe { super::frame::zero(first.0, count) };
    }

    /// Copies a run of slots to lower ones; they may overlap.
    #[inline(always)]
    pub(super) fn copy_down(&mut self, to: SlotPlace, from: SlotPlace, count: u32) {
        // SAFETY: both runs lie in the frame, and the translator moves results down only.
        unsafe { super::frame::move_down(from.0, to.0, count) };
    }

    /// Replaces the running frame by one of a function of this instance, whose `count` arguments lie from `first` on.
    #[inline(always)]
    pub(super) fn enter_tail(
        &mut self,
        callee: u32,
        tail: Tail,
        first: SlotPlace,
    ) -> Result<(), Leave> {
        let base = self.sp.wrapping_byte_sub(tail.locals as usize);
        let header = plain(base.wrapping_byte_add(callee as usize));
        // SAFETY: `ctx` is ours; the running frame's header is read before arguments and locals go over it, and all of the
        // new frame up to its header lies below the stack's end, where there is room for what is zeroed.
        unsafe {
            if header > (*self.ctx).stack_end {
                return Err(Leave::Trap(Trap::CallStackExhausted));
            }
            let (after, caller) = (*self.sp, *self.sp.add(1));
            super::frame::move_down(first.0, base, tail.arguments);
            *header = after;
            *header.add(1) = caller;
        }
        self.set_frame(header);
        self.acc.int = header.addr() as u64;
        Ok(())
    }

    /// The code of a reference's function, its frame prepared, if it is one of this instance.
    #[inline(always)]
    pub(super) fn prepare_ref(
        &mut self,
        handle: u64,
        window: SlotPlace,
        after: Target,
    ) -> Result<Target, Leave> {
        if handle == 0 {
            return Err(Leave::Trap(Trap::NullFunctionReference));
        }
        // SAFETY: `ctx` is ours; a reference that is not null is the offset of an entry, whose type validation has proved.
        unsafe {
            let ctx = self.ctx;
            let entry = plain((*ctx).entries.cast_mut().byte_add(handle as usize)).cast_const();
            if (*entry).instance != (*ctx).instance {
                return Err(self.slow_ref(handle, window, after, None));
            }
            self.prepare_header(plain(window.0.byte_add((*entry).locals as usize)))?;
            Ok(Target(cell_at((*entry).code)))
        }
    }

    /// Leaves a note of an exception to throw: its tag, how many values, where the first one is.
    #[inline(always)]
    pub(super) fn throw(&mut self, tag: u32, count: u32, first: SlotPlace) -> Leave {
        // SAFETY: `ctx` is ours.
        let call = unsafe { &mut (*self.ctx).call };
        call.index = tag.into();
        call.table = count;
        call.window = first.0;
        Leave::Throw
    }

    /// Leaves a note of an exception to throw again.
    #[inline(always)]
    pub(super) fn throw_ref(&mut self, exception: u64) -> Leave {
        if exception == 0 {
            return Leave::Trap(Trap::NullExceptionReference);
        }
        // SAFETY: `ctx` is ours.
        unsafe { (*self.ctx).call.index = exception };
        Leave::ThrowRef
    }

    /// Leaves a note of a call through a reference.
    #[inline(always)]
    pub(super) fn slow_ref(
        &mut self,
        handle: u64,
        window: SlotPlace,
        after: Target,
        tail: Option<Tail>,
    ) -> Leave {
        // SAFETY: `ctx` is ours.
        let call = unsafe { &mut (*self.ctx).call };
        call.index = handle;
        call.window = window.0;
        call.after = after.0;
        call.tail = tail;
        Leave::CallRef
    }

    /// The code of an element of the first table, its frame prepared, if it is a function of this instance with the right
    /// signature.
    #[inline(always)]
    pub(super) fn prepare_indirect(
        &mut self,
        index: u32,
        signature: u32,
        window: SlotPlace,
        after: Target,
    ) -> Result<Target, Leave> {
        // SAFETY: `ctx` is ours; its table and entries are those of the running instance and store, and elements of a
        // table of functions are offsets of entries. Entry 0 is the null function, which has no signature.
        unsafe {
            let ctx = self.ctx;
            if u64::from(index) >= (*ctx).table_len {
                return Err(self.slow_indirect(0, index.into(), signature, window, after, None));
            }
            let handle = *(*ctx).table.add(index as usize);
            let entry = plain((*ctx).entries.cast_mut().byte_add(handle as usize)).cast_const();
            if (*entry).signature != signature || (*entry).instance != (*ctx).instance {
                return Err(self.slow_indirect(0, index.into(), signature, window, after, None));
            }
            self.prepare_header(plain(window.0.byte_add((*entry).locals as usize)))?;
            Ok(Target(cell_at((*entry).code)))
        }
    }

    /// Leaves a note of an indirect call for the way through [`super::invoke`].
    #[inline(always)]
    pub(super) fn slow_indirect(
        &mut self,
        table: u32,
        index: u64,
        signature: u32,
        window: SlotPlace,
        after: Target,
        tail: Option<Tail>,
    ) -> Leave {
        // SAFETY: `ctx` is ours.
        let call = unsafe { &mut (*self.ctx).call };
        call.table = table;
        call.index = index;
        call.signature = signature;
        call.window = window.0;
        call.after = after.0;
        call.tail = tail;
        Leave::CallIndirect
    }

    /// Leaves a note of a call of an imported function: the host's takes a shorter way.
    #[inline(always)]
    pub(super) fn call_import(&mut self, function: u32, window: SlotPlace, after: Target) -> Leave {
        // SAFETY: `ctx` is ours; its functions are the running instance's, all of which validation has proved, and each is
        // the offset of an entry.
        unsafe {
            let ctx = self.ctx;
            let handle = *(*ctx).functions.add(function as usize);
            let entry = (*ctx).entries.byte_add(handle.0 as usize);
            if (*entry).instance != HOST {
                return self.slow_call(function, window, after, None);
            }
            (*ctx).call.entry = entry;
            (*ctx).call.window = window.0;
            (*ctx).call.after = after.0;
        }
        Leave::CallHost
    }

    /// Leaves a note of a call of one of the instance's functions, wherever it lives.
    #[inline(always)]
    pub(super) fn slow_call(
        &mut self,
        function: u32,
        window: SlotPlace,
        after: Target,
        tail: Option<Tail>,
    ) -> Leave {
        // SAFETY: `ctx` is ours.
        let call = unsafe { &mut (*self.ctx).call };
        call.index = function.into();
        call.window = window.0;
        call.after = after.0;
        call.tail = tail;
        Leave::CallFunction
    }

    /// The code of the function that the running cell stands for, if it was translated.
    #[inline(always)]
    pub(super) fn lazy_target(&self) -> Result<Target, Leave> {
        // SAFETY: the cell is one of `code::module::Stubs`: an aligned atomic word follows the handler's address.
        let code = unsafe { &*self.ip.add(8).cast::<AtomicU64>() }.load(Ordering::Acquire);
        if code == 0 {
            Err(Leave::Translate)
        } else {
            Ok(Target(cell_at(code)))
        }
    }

    /// Makes sure that a frame of that many slots above the header fits the stack.
    #[inline(always)]
    pub(super) fn check_stack(&self, slots: u32) -> Result<(), Leave> {
        let end = self.sp.wrapping_add(slots as usize);
        // SAFETY: `ctx` is ours.
        if end > unsafe { (*self.ctx).stack_end } {
            return Err(Leave::Trap(Trap::CallStackExhausted));
        }
        Ok(())
    }

    /// Fills `len` bytes of memory 0, which has 32-bit addresses.
    #[inline(always)]
    pub(super) fn fill(&mut self, to: u32, value: u8, len: u32) -> Result<(), Leave> {
        self.check_run(to, len)?;
        let to = self.mem.wrapping_add(to as usize);
        // SAFETY: the run lies in the memory.
        unsafe {
            match len {
                8..=16 => write_ends(to, len, [u64::from_ne_bytes([value; 8]); 2]),
                17..=32 => write_ends(to, len, [u128::from_ne_bytes([value; 16]); 2]),
                _ => fill_bytes(to, value, len as usize),
            }
        }
        Ok(())
    }

    /// Copies `len` bytes within memory 0, which has 32-bit addresses; the runs may overlap.
    #[inline(always)]
    pub(super) fn copy(&mut self, to: u32, from: u32, len: u32) -> Result<(), Leave> {
        self.check_run(from, len)?;
        self.check_run(to, len)?;
        let from = self.mem.wrapping_add(from as usize);
        let to = self.mem.wrapping_add(to as usize);
        // SAFETY: both runs lie in the memory.
        unsafe {
            match len {
                8..=16 => copy_ends::<u64>(from, to, len),
                17..=32 => copy_ends::<u128>(from, to, len),
                _ => copy_bytes(from, to, len as usize),
            }
        }
        Ok(())
    }

    /// Makes sure that a run of bytes lies in memory 0: the limit of single bytes is its length.
    #[inline(always)]
    fn check_run(&self, start: u32, len: u32) -> Result<(), Leave> {
        // SAFETY: `ctx` is ours while the handler runs.
        if u64::from(start) + u64::from(len) > unsafe { (*self.ctx).limits[u8::WIDTH] } {
            return Err(Leave::Trap(Trap::MemoryOutOfBounds));
        }
        Ok(())
    }

    /// The pages of memory 0.
    #[inline(always)]
    pub(super) fn memory_size(&self) -> u64 {
        // SAFETY: `ctx` is ours. The limit of single bytes is the memory's length.
        unsafe { (*self.ctx).limits[u8::WIDTH] >> (*self.ctx).page_size_log2 }
    }

    /// A table of the running instance.
    #[inline(always)]
    pub(super) fn table(&mut self, table: u32) -> &mut Table {
        // SAFETY: `ctx` is ours; its tables are the store's and its ids the running instance's, for whose tables validation
        // has proved the index. Nobody else uses them while the handler runs.
        unsafe {
            let id = *(*self.ctx).table_ids.add(table as usize);
            &mut *(*self.ctx).tables.add(id.index())
        }
    }

    /// Runs an operation of the store out of line; memory may move and tables grow meanwhile.
    #[inline(always)]
    pub(super) fn call_store<O: super::outline::Outline>(
        &mut self,
        words: [u64; 3],
        immediates: [u32; 2],
    ) -> Result<u64, Leave> {
        let [a, b, c] = words;
        let [x, y] = immediates;
        // SAFETY: `ctx` is ours, and nobody else's while the handler runs.
        unsafe {
            let value = call_outline::<O>(self.ctx, a, b, c, x, y);
            self.mem = (*self.ctx).mem;
            if (*self.ctx).pending == NO_TRAP {
                Ok(value)
            } else {
                Err(Leave::Pending)
            }
        }
    }
}

impl Machine {
    /// Reads another memory than the first, or one with 64-bit addresses.
    #[inline(always)]
    pub(super) fn load_other<T: Bytes>(
        &mut self,
        memory: u32,
        address: u64,
        offset: u64,
    ) -> Result<T, Leave> {
        // SAFETY: `ctx` is ours, and nobody else's while the handler runs.
        let value = unsafe { load_other(self.ctx, memory, address, offset, size_of::<T>()) };
        // SAFETY: as above.
        if unsafe { (*self.ctx).pending } == NO_TRAP {
            Ok(T::from_word(value))
        } else {
            Err(Leave::Pending)
        }
    }

    /// Writes another memory than the first, or one with 64-bit addresses.
    #[inline(always)]
    pub(super) fn store_other<T: Bytes>(
        &mut self,
        memory: u32,
        address: u64,
        offset: u64,
        value: T,
    ) -> Result<(), Leave> {
        // SAFETY: `ctx` is ours, and nobody else's while the handler runs.
        unsafe {
            store_other(
                self.ctx,
                memory,
                address,
                offset,
                value.to_word(),
                size_of::<T>(),
            );
            if (*self.ctx).pending == NO_TRAP {
                Ok(())
            } else {
                Err(Leave::Pending)
            }
        }
    }
}

/// # Safety
/// The context is a running machine's, and nobody else uses it.
#[inline(never)]
unsafe fn load_other(
    ctx: *mut Context,
    memory: u32,
    address: u64,
    offset: u64,
    width: usize,
) -> u64 {
    // SAFETY: by contract.
    let ctx = unsafe { &mut *ctx };
    let instance = InstanceId(ctx.instance);
    let result = ctx
        .store()
        .inner()
        .memory_load(instance, memory, address, offset, width);
    ctx.set_pending(result.as_ref().err().copied());
    result.unwrap_or(0)
}

/// # Safety
/// The context is a running machine's, and nobody else uses it.
#[inline(never)]
unsafe fn store_other(
    ctx: *mut Context,
    memory: u32,
    address: u64,
    offset: u64,
    value: u64,
    width: usize,
) {
    // SAFETY: by contract.
    let ctx = unsafe { &mut *ctx };
    let instance = InstanceId(ctx.instance);
    let result = ctx
        .store()
        .inner_mut()
        .memory_store(instance, memory, address, offset, value, width);
    ctx.set_pending(result.err());
}

/// Writes a word at the beginning of a run of bytes and one at its end. They may overlap.
///
/// # Safety
/// The run may be written, and is at least as long as a word.
#[inline(always)]
unsafe fn write_ends<W: Copy>(to: *mut u8, len: u32, [first, last]: [W; 2]) {
    let end = len as usize - size_of::<W>();
    // SAFETY: by contract.
    unsafe {
        to.cast::<W>().write_unaligned(first);
        to.add(end).cast::<W>().write_unaligned(last);
    }
}

/// Copies a run of bytes as a word at its beginning and one at its end: both are read before one is written, so that the
/// runs may overlap.
///
/// # Safety
/// The first run may be read and the second written; they are at least as long as a word, and at most as two.
#[inline(always)]
unsafe fn copy_ends<W: Copy>(from: *const u8, to: *mut u8, len: u32) {
    let end = len as usize - size_of::<W>();
    // SAFETY: by contract.
    unsafe {
        let first = from.cast::<W>().read_unaligned();
        let last = from.add(end).cast::<W>().read_unaligned();
        write_ends(to, len, [first, last]);
    }
}

/// Fills bytes, out of line: what the compiler makes of it may be a call.
///
/// # Safety
/// The bytes may be written.
#[inline(never)]
unsafe extern "C" fn fill_bytes(to: *mut u8, value: u8, len: usize) {
    // SAFETY: by contract.
    unsafe { to.write_bytes(value, len) }
}

/// Copies bytes, out of line.
///
/// # Safety
/// The first may be read and the second written; they may overlap.
#[inline(never)]
unsafe extern "C" fn copy_bytes(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: by contract.
    unsafe { from.copy_to(to, len) }
}

/// Runs an operation of the store, and looks at what it may have moved.
///
/// # Safety
/// The context is a running machine's, and nobody else uses it.
#[inline(never)]
unsafe fn call_outline<O: super::outline::Outline>(
    ctx: *mut Context,
    a: u64,
    b: u64,
    c: u64,
    x: u32,
    y: u32,
) -> u64 {
    // SAFETY: by contract.
    let ctx = unsafe { &mut *ctx };
    let instance = InstanceId(ctx.instance);
    let result = super::outline::run::<O>(ctx.store(), instance, [a, b, c], [x, y]);
    // Only what may grow something asks the limiter.
    if O::ASKS {
        ctx.refresh();
    }
    match result {
        Ok(value) => {
            ctx.set_pending(None);
            value
        }
        Err(Stop::Trap(trap)) => {
            ctx.set_pending(Some(trap));
            0
        }
        Err(Stop::Failure(failure)) => {
            ctx.set_failed(failure);
            0
        }
    }
}

/// No trap is pending.
pub(super) const NO_TRAP: u32 = u32::MAX;

/// The cell at an address that was written into code or a frame.
#[inline(always)]
pub(super) fn cell_at(address: u64) -> *const u8 {
    core::ptr::with_exposed_provenance(address as usize)
}

/// A value that is in a register, of which the optimiser does not know how it got there; `pure` if it may do without it where
/// nobody uses it. Where that serves nothing, the value itself.
macro_rules! hidden {
    ($value:ident $(, $pure:ident)?) => {{
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        {
            let mut value = $value;
            #[allow(clippy::pointers_in_nomem_asm_block, reason = "nothing is accessed")]
            // SAFETY: emits nothing; only the optimiser's knowledge of the value is lost.
            unsafe {
                core::arch::asm!("/* {0} */", inout(reg) value, options($($pure,)? nomem, nostack, preserves_flags));
            }
            value
        }
        #[cfg(not(all(target_arch = "x86_64", not(miri))))]
        $value
    }};
}

/// Hides how an address was computed, so that it is accessed through a plain base register: recent cores forward a store
/// to a load of the same slot in about one cycle then, and in five to seven when the access is indexed.
#[inline(always)]
pub(super) fn plain<T>(p: *mut T) -> *mut T {
    hidden!(p, pure)
}

/// Hides that a value was loaded just now, so that it is loaded into a register before it is used: recent cores forward a store to
/// a plain load, but not to an arithmetic instruction that loads its operand itself.
#[inline(always)]
fn loaded(bits: u64) -> u64 {
    hidden!(bits, pure)
}

/// Keeps a computation where it is written: a branch's target is loaded before the operands, and the arms of a branch
/// stay apart.
#[inline(always)]
pub(super) fn early<T>(p: *const T) -> *const T {
    hidden!(p)
}
