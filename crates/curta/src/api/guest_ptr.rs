//! Addresses in a guest's memory, with the type of what is there.

use super::{
    context::{AsContext, AsContextMut},
    host_func::sealed::StoreSeal,
    memory::Memory,
    typed_func::{WasmTy, sealed::Word},
};
use crate::error::Error;
use alloc::{vec, vec::Vec};
use core::{fmt, marker::PhantomData};
use curta_module::ValType;

/// The address of a value in a guest's memory, as guests with 32-bit addresses pass it.
///
/// A parameter or result of host functions and typed functions, like the `u32` that it is there.
/// Nothing is known of the address until it is used: each access checks it, and values are
/// little-endian and need no alignment.
///
/// ```
/// use curta::{Caller, Engine, Linker, Module, Ptr, Slice, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module
///         (import "host" "sum" (func $sum (param i32 i32 i32)))
///         (memory (export "memory") 1)
///         (data (i32.const 16) "\01\00\00\00\02\00\00\00")
///         (func (export "run") (result i32)
///             ;; Two numbers from 16 on, the sum to 64.
///             (call $sum (i32.const 16) (i32.const 2) (i32.const 64))
///             (i32.load (i32.const 64))))
/// "#)?;
/// let mut linker = Linker::<()>::new(&engine);
/// linker.func_wrap(
///     "host",
///     "sum",
///     |mut caller: Caller<'_, ()>, numbers: Ptr<u32>, len: u32, sum: Ptr<u32>| {
///         let memory = caller.get_export("memory").and_then(|export| export.into_memory());
///         let memory = memory.ok_or_else(|| curta::Error::msg("no memory is exported"))?;
///         let numbers = Slice::new(numbers, len).read(&caller, memory)?;
///         sum.write(&mut caller, memory, numbers.iter().sum())
///     },
/// )?;
/// let mut store = Store::new(&engine, ());
/// let instance = linker.instantiate(&mut store, &module)?;
/// let run = instance.get_typed_func::<(), i32>(&store, "run")?;
/// assert_eq!(run.call(&mut store, ())?, 3);
///
/// let memory = instance.get_memory(&store, "memory").expect("it is exported");
/// let error = Ptr::<u64>::new(65_532).read(&store, memory).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "cannot read 8 bytes at offset 65532: the memory has 65536 bytes"
/// );
/// # Ok::<(), curta::Error>(())
/// ```
pub struct Ptr<T> {
    address: u32,
    of: PhantomData<fn() -> T>,
}

/// So many values one after the other in a guest's memory, from a [`Ptr`] on.
pub struct Slice<T> {
    first: Ptr<T>,
    len: u32,
}

/// A type whose values guests keep in memory: an integer or a floating-point number.
pub trait GuestData: Copy + Default + 'static + sealed::Bytes {}

pub(crate) mod sealed {
    //! What users need not see.

    /// Values as bytes, little-endian.
    pub trait Bytes: Sized {
        /// How many there are.
        const SIZE: usize;
        /// The value of so many bytes.
        fn from_bytes(bytes: &[u8]) -> Self;
        /// Writes so many bytes.
        fn to_bytes(self, bytes: &mut [u8]);
    }
}

macro_rules! guest_data {
    ($($ty:ty)*) => {$(
        impl GuestData for $ty {}

        impl sealed::Bytes for $ty {
            const SIZE: usize = size_of::<$ty>();

            fn from_bytes(bytes: &[u8]) -> $ty {
                let mut array = [0; size_of::<$ty>()];
                array.copy_from_slice(bytes);
                <$ty>::from_le_bytes(array)
            }

            fn to_bytes(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}

guest_data!(u8 i8 u16 i16 u32 i32 u64 i64 f32 f64);

impl<T: GuestData> Ptr<T> {
    /// The value at an address.
    pub const fn new(address: u32) -> Ptr<T> {
        let of = PhantomData;
        Ptr { address, of }
    }

    /// The address, in bytes.
    pub const fn address(self) -> u32 {
        self.address
    }

    /// Copies the value out.
    ///
    /// # Errors
    /// As [`Memory::read`].
    pub fn read(self, ctx: impl AsContext, memory: Memory) -> Result<T, Error> {
        let mut bytes = [0; 8];
        let bytes = &mut bytes[..T::SIZE];
        memory.read(ctx, self.address as usize, bytes)?;
        Ok(T::from_bytes(bytes))
    }

    /// Copies a value in.
    ///
    /// # Errors
    /// As [`Memory::write`]; nothing is written then.
    pub fn write(self, ctx: impl AsContextMut, memory: Memory, value: T) -> Result<(), Error> {
        let mut bytes = [0; 8];
        let bytes = &mut bytes[..T::SIZE];
        value.to_bytes(bytes);
        memory.write(ctx, self.address as usize, bytes)
    }
}

impl<T: GuestData> Slice<T> {
    /// So many values from an address on.
    pub const fn new(first: Ptr<T>, len: u32) -> Slice<T> {
        Slice { first, len }
    }

    /// How many values there are.
    pub const fn len(self) -> u32 {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// How many bytes the values take; more than any memory has if that is no number.
    fn size(self) -> usize {
        (self.len as usize).saturating_mul(T::SIZE)
    }

    /// Copies all values out. Nothing is allocated before the memory is known to have them.
    ///
    /// # Errors
    /// As [`Memory::read`].
    pub fn read(self, ctx: impl AsContext, memory: Memory) -> Result<Vec<T>, Error> {
        let ctx = ctx.as_context();
        let bytes = memory.slice(ctx, self.first.address as usize, self.size(), "read")?;
        Ok(bytes.chunks_exact(T::SIZE).map(T::from_bytes).collect())
    }

    /// Copies all values in.
    ///
    /// # Errors
    /// When there are not as many values as the slice has; as [`Memory::write`]. Nothing is written
    /// then.
    pub fn write(self, ctx: impl AsContextMut, memory: Memory, values: &[T]) -> Result<(), Error> {
        if values.len() != self.len as usize {
            let (len, given) = (self.len, values.len());
            return Err(Error::usage(alloc::format!(
                "a slice of {len} values cannot be written with {given}"
            )));
        }
        let mut bytes = vec![0; self.size()];
        for (bytes, value) in bytes.chunks_exact_mut(T::SIZE).zip(values) {
            value.to_bytes(bytes);
        }
        memory.write(ctx, self.first.address as usize, &bytes)
    }
}

impl<T: GuestData> WasmTy for Ptr<T> {}

impl<T: GuestData> Word for Ptr<T> {
    const TYPE: ValType = ValType::I32;

    #[inline]
    fn into_word(self, _: StoreSeal) -> Result<u64, Error> {
        Ok(u64::from(self.address))
    }

    #[inline]
    fn from_word(word: u64, _: StoreSeal) -> Ptr<T> {
        // The upper half of a narrow value's word may hold anything.
        Ptr::new(word as u32)
    }
}

impl<T> Clone for Ptr<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Ptr<T> {}

impl<T> Clone for Slice<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Slice<T> {}

impl<T> fmt::Debug for Ptr<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ptr({:#x})", self.address)
    }
}

impl<T> fmt::Debug for Slice<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slice({:#x}; {})", self.first.address, self.len)
    }
}
