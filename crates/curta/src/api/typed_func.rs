//! Functions whose parameters and results are known when the host is compiled.

use super::{
    context::AsContextMut,
    externref::ExternRef,
    func::{Func, argument_word},
    host_func::sealed::StoreSeal,
    value::Val,
};
use crate::{
    error::Error,
    exec,
    store::{func::FuncHandle, store::StoreInner},
};
use core::{fmt, marker::PhantomData};
use curta_module::{HeapType, RefType, ValType};

/// The most parameters, and the most results, that typed functions have.
const MOST: usize = 16;

/// A function that was checked once to take `P` and return `R`: a single [`WasmTy`], a tuple of
/// up to 16, or `()`.
///
/// A call converts its values to words on the native stack and allocates nothing.
///
/// ```
/// use curta::{Engine, Instance, Module, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module (func (export "add") (param i32 i32) (result i32)
///         (i32.add (local.get 0) (local.get 1))))
/// "#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let add = instance.get_typed_func::<(i32, i32), i32>(&store, "add")?;
/// assert_eq!(add.call(&mut store, (2, 3))?, 5);
/// # Ok::<(), curta::Error>(())
/// ```
pub struct TypedFunc<P, R> {
    func: Func,
    /// Whether each call has to check the references that it is given.
    check: bool,
    signature: PhantomData<fn(P) -> R>,
}

/// A Rust type that is a WebAssembly value: `i32`, `u32`, `i64`, `u64`, `f32`, `f64`,
/// [`Ptr`](crate::Ptr), `Option<Func>`, `Option<ExternRef>`, and for references that cannot be null
/// [`Func`] and [`ExternRef`].
pub trait WasmTy: sealed::Word {}

/// What a typed function takes: a [`WasmTy`], a tuple of up to 16, or `()`.
pub trait WasmParams: WasmResults {}

/// What a typed function returns: a [`WasmTy`], a tuple of up to 16, or `()`.
pub trait WasmResults: sealed::Words {}

pub(crate) mod sealed {
    //! What users need not see.
    use super::{Error, StoreSeal, ValType};

    /// A value that fits a word.
    pub trait Word: Copy + 'static {
        /// Its type.
        const TYPE: ValType;
        /// The value as a word of a store.
        ///
        /// # Errors
        /// When it is a reference of another store.
        fn into_word(self, store: StoreSeal) -> Result<u64, Error>;
        /// The value of a word of a store.
        fn from_word(word: u64, store: StoreSeal) -> Self;
    }

    /// Values that fit a row of words.
    pub trait Words: Copy + 'static {
        /// Their types.
        const TYPES: &'static [ValType];
        /// Writes them.
        ///
        /// # Errors
        /// When one is a reference of another store.
        fn into_words(self, words: &mut [u64], store: StoreSeal) -> Result<(), Error>;
        /// Reads them.
        fn from_words(words: &[u64], store: StoreSeal) -> Self;
    }
}

macro_rules! words {
    ($($ty:ty: $val:ident;)*) => {$(
        impl WasmTy for $ty {}

        impl sealed::Word for $ty {
            const TYPE: ValType = words!(@type $val);

            #[inline]
            fn into_word(self, store: StoreSeal) -> Result<u64, Error> {
                Val::from(self).into_word(store.0)
            }

            #[inline]
            #[allow(unused_variables, reason = "numbers belong to no store")]
            fn from_word(word: u64, store: StoreSeal) -> $ty {
                words!(@from $val, word, store)
            }
        }
    )*};
    (@type I32) => { ValType::I32 };
    (@type U32) => { ValType::I32 };
    (@type I64) => { ValType::I64 };
    (@type U64) => { ValType::I64 };
    (@type F32) => { ValType::F32 };
    (@type F64) => { ValType::F64 };
    (@type Func) => { ValType::FUNCREF };
    (@type Extern) => { ValType::EXTERNREF };
    (@type NonNullFunc) => { ValType::Ref(RefType::new(false, HeapType::Func)) };
    (@type NonNullExtern) => { ValType::Ref(RefType::new(false, HeapType::Extern)) };
    // The upper half of a narrow value's word may hold anything.
    (@from I32, $word:ident, $store:ident) => { $word as u32 as i32 };
    (@from U32, $word:ident, $store:ident) => { $word as u32 };
    (@from I64, $word:ident, $store:ident) => { $word as i64 };
    (@from U64, $word:ident, $store:ident) => { $word };
    (@from F32, $word:ident, $store:ident) => { f32::from_bits($word as u32) };
    (@from F64, $word:ident, $store:ident) => { f64::from_bits($word) };
    (@from Func, $word:ident, $store:ident) => { Func::from_handle(FuncHandle($word), $store.0) };
    (@from Extern, $word:ident, $store:ident) => {
        ($word != 0).then_some(ExternRef { store: $store.0, word: $word })
    };
    (@from NonNullFunc, $word:ident, $store:ident) => {
        Func::from_handle(FuncHandle($word), $store.0).expect("validated: not null")
    };
    (@from NonNullExtern, $word:ident, $store:ident) => {
        ExternRef { store: $store.0, word: $word }
    };
}

words! {
    i32: I32;
    u32: U32;
    i64: I64;
    u64: U64;
    f32: F32;
    f64: F64;
    Option<Func>: Func;
    Option<ExternRef>: Extern;
    Func: NonNullFunc;
    ExternRef: NonNullExtern;
}

impl<A: WasmTy> WasmParams for A {}
impl<A: WasmTy> WasmResults for A {}

impl<A: WasmTy> sealed::Words for A {
    const TYPES: &'static [ValType] = &[A::TYPE];

    #[inline]
    fn into_words(self, words: &mut [u64], store: StoreSeal) -> Result<(), Error> {
        words[0] = self.into_word(store)?;
        Ok(())
    }

    #[inline]
    fn from_words(words: &[u64], store: StoreSeal) -> A {
        A::from_word(words[0], store)
    }
}

macro_rules! tuples {
    ($($name:ident $index:tt)*) => {
        impl<$($name: WasmTy),*> WasmParams for ($($name,)*) {}
        impl<$($name: WasmTy),*> WasmResults for ($($name,)*) {}

        impl<$($name: WasmTy),*> sealed::Words for ($($name,)*) {
            const TYPES: &'static [ValType] = &[$($name::TYPE),*];

            #[inline]
            #[allow(unused_variables, reason = "there may be none")]
            fn into_words(self, words: &mut [u64], store: StoreSeal) -> Result<(), Error> {
                $(words[$index] = self.$index.into_word(store)?;)*
                Ok(())
            }

            #[inline]
            #[allow(unused_variables, clippy::unused_unit, reason = "there may be none")]
            fn from_words(words: &[u64], store: StoreSeal) -> Self {
                ($($name::from_word(words[$index], store),)*)
            }
        }
    };
}

tuples!();
tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14 P 15);

impl<P: WasmParams, R: WasmResults> TypedFunc<P, R> {
    /// A function whose type was found to be that of `P` and `R`.
    /// `check`: the function takes references of narrower types.
    pub(crate) fn new(func: Func, check: bool) -> TypedFunc<P, R> {
        TypedFunc {
            func,
            check,
            signature: PhantomData,
        }
    }

    /// The function without its static type.
    pub fn func(&self) -> Func {
        self.func
    }

    /// Calls the function.
    ///
    /// # Errors
    /// The guest's trap or exception, the error of a host function that it called, a reference that
    /// is null or of a type where the function does not take it, or the use of a handle (this
    /// function, or a reference among the parameters) of another store.
    ///
    /// # Panics
    /// When a host function panicked: the panic goes on here.
    pub fn call(&self, mut ctx: impl AsContextMut, params: P) -> Result<R, Error> {
        let store = ctx.as_context_mut().store;
        store.inner.check_home(self.func.store, "TypedFunc")?;
        let seal = StoreSeal(store.inner.id);
        if const { P::TYPES.len() <= 1 && R::TYPES.len() <= 1 } {
            let mut word = [0];
            params.into_words(&mut word, seal)?;
            self.check(&store.inner, &word)?;
            let called = exec::invoke::call_small(store, self.func.handle, word[0]);
            let word = called.map_err(|error| store.inner.let_out(error))?;
            return Ok(R::from_words(&[word], seal));
        }
        let mut words = [0; MOST];
        params.into_words(&mut words, seal)?;
        self.check(&store.inner, &words)?;
        let len = const {
            if P::TYPES.len() < R::TYPES.len() {
                R::TYPES.len()
            } else {
                P::TYPES.len()
            }
        };
        let called = exec::invoke::call(store, self.func.handle, &mut words[..len]);
        called.map_err(|error| store.inner.let_out(error))?;
        Ok(R::from_words(&words, seal))
    }

    /// Checks the words of parameters, where their static types do not say enough.
    #[inline]
    fn check(&self, store: &StoreInner, words: &[u64]) -> Result<(), Error> {
        if self.check {
            check_arguments(store, self.func, P::TYPES, words)?;
        }
        Ok(())
    }
}

/// Checks arguments, given as words of static types, against the types that a function takes.
#[cold]
fn check_arguments(
    store: &StoreInner,
    func: Func,
    given: &[ValType],
    words: &[u64],
) -> Result<(), Error> {
    let ty = store.func_type(func.handle);
    let arguments = given.iter().zip(words).zip(ty.params());
    for (index, ((given, word), expected)) in arguments.enumerate() {
        let value = Val::from_word(*word, *given, store);
        argument_word(value, *expected, store, index, &ty)?;
    }
    Ok(())
}

impl<P, R> Clone for TypedFunc<P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, R> Copy for TypedFunc<P, R> {}

impl<P: WasmParams, R: WasmResults> fmt::Debug for TypedFunc<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedFunc")
            .field("func", &self.func)
            .field("params", &P::TYPES)
            .field("results", &R::TYPES)
            .finish()
    }
}
