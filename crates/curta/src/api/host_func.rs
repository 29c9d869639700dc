//! Closures as host functions: `Fn(i32, f64) -> i64`, with a [`Caller`] before the parameters or
//! without, fallible or not.
//!
//! A macro makes an implementation for each number of parameters, which only spells the tuple
//! out; conversions are ordinary generics over [`WasmTy`] and [`WasmReturn`].

use super::{
    caller::{Caller, with_data},
    typed_func::{WasmResults, WasmTy, sealed::Words},
};
use crate::{
    error::Error,
    store::{
        func::{HostCallable, HostFunc},
        store::{HostStore, StoreId},
    },
};
use alloc::boxed::Box;
use curta_module::{FuncType, ValType};

/// A closure that can be a function of the host's in a [`Store<T>`](crate::Store):
/// `Fn(A, B, …) -> R` or `Fn(Caller<'_, T>, A, B, …) -> R`, with up to 16 parameters, each a
/// [`WasmTy`], and `R` a [`WasmReturn`].
///
/// `Params` only tells implementations apart; let the compiler find it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a host function of a store with data `{T}`",
    label = "not a closure of up to 16 WebAssembly values, optionally with a `Caller<'_, {T}>` first",
    note = "parameters: i32, u32, i64, u64, f32, f64, Ptr, Func, ExternRef, or an Option of these two; \
            results: (), one of these, a tuple of these, or a `Result` of that"
)]
pub trait IntoFunc<T, Params>: Send + Sync + 'static + sealed::IntoHostFunc<T, Params> {}

/// What a host function may return: `()`, a [`WasmTy`], a tuple of up to 16, or a `Result` of one
/// of these with an error that becomes an [`Error`].
pub trait WasmReturn: sealed::Return {}

pub(crate) mod sealed {
    //! What users need not see.
    use super::{Error, HostFunc, StoreId, ValType};

    /// How a closure becomes a host function.
    pub trait IntoHostFunc<T, Params> {
        /// The type-erased function.
        fn into_host_func(self) -> HostFuncSeal;
    }

    /// A type-erased host function.
    pub struct HostFuncSeal(pub(crate) HostFunc);

    /// Which store results are for.
    #[derive(Clone, Copy)]
    pub struct StoreSeal(pub(crate) StoreId);

    /// How results are written.
    pub trait Return {
        /// Their types.
        const TYPES: &'static [ValType];
        /// Returns the word of a single result, and writes those of several.
        ///
        /// # Errors
        /// The host function's own, or a result that belongs to another store.
        fn write(self, words: &mut [u64], store: StoreSeal) -> Result<u64, Error>;
    }
}

use sealed::{HostFuncSeal, IntoHostFunc, Return, StoreSeal};

impl<R: WasmResults> WasmReturn for R {}

impl<R: WasmResults> Return for R {
    const TYPES: &'static [ValType] = <R as Words>::TYPES;

    #[inline]
    fn write(self, words: &mut [u64], store: StoreSeal) -> Result<u64, Error> {
        if const { <R as Words>::TYPES.len() == 1 } {
            let mut word = [0];
            self.into_words(&mut word, store)?;
            return Ok(word[0]);
        }
        self.into_words(words, store)?;
        Ok(0)
    }
}

impl<R: WasmResults, E: Into<Error>> WasmReturn for Result<R, E> {}

impl<R: WasmResults, E: Into<Error>> Return for Result<R, E> {
    const TYPES: &'static [ValType] = <R as Words>::TYPES;

    #[inline]
    fn write(self, words: &mut [u64], store: StoreSeal) -> Result<u64, Error> {
        self.map_err(Into::into)?.write(words, store)
    }
}

/// Which store the references among a function's values are of. One that has none need not be asked for.
#[inline]
fn seal<P: Words, R: Return>(store: &mut dyn HostStore) -> StoreSeal {
    const fn refer(types: &[ValType]) -> bool {
        let mut index = 0;
        while index < types.len() {
            if matches!(types[index], ValType::Ref(_)) {
                return true;
            }
            index += 1;
        }
        false
    }
    StoreSeal(if const { refer(P::TYPES) || refer(R::TYPES) } {
        store.inner().id
    } else {
        StoreId::NONE
    })
}

macro_rules! into_func {
    ($($param:ident)*) => {
        impl<T: 'static, F, R, $($param),*> IntoFunc<T, ($($param,)*)> for F
        where
            F: Fn($($param),*) -> R + Send + Sync + 'static,
            $($param: WasmTy,)*
            R: WasmReturn,
        {
        }

        impl<T: 'static, F, R, $($param),*> IntoHostFunc<T, ($($param,)*)> for F
        where
            F: Fn($($param),*) -> R + Send + Sync + 'static,
            $($param: WasmTy,)*
            R: WasmReturn,
        {
            #[allow(non_snake_case, unused_variables, reason = "named by their types; there may be none")]
            fn into_host_func(self) -> HostFuncSeal {
                let ty = FuncType::new([$($param::TYPE),*], R::TYPES.iter().copied());
                let call: Box<HostCallable> = Box::new(move |store, _, words| {
                    let seal = seal::<($($param,)*), R>(store);
                    let ($($param,)*) = <($($param,)*)>::from_words(words, seal);
                    let written = self($($param),*).write(words, seal);
                    written.map_err(|error| store.inner_mut().let_in(error))
                });
                HostFuncSeal(HostFunc::new(ty, false, call))
            }
        }

        impl<T: 'static, F, R, $($param),*> IntoFunc<T, (Caller<'_, T>, $($param,)*)> for F
        where
            F: Fn(Caller<'_, T>, $($param),*) -> R + Send + Sync + 'static,
            $($param: WasmTy,)*
            R: WasmReturn,
        {
        }

        impl<T: 'static, F, R, $($param),*> IntoHostFunc<T, (Caller<'_, T>, $($param,)*)> for F
        where
            F: Fn(Caller<'_, T>, $($param),*) -> R + Send + Sync + 'static,
            $($param: WasmTy,)*
            R: WasmReturn,
        {
            #[allow(non_snake_case, unused_variables, reason = "named by their types; there may be none")]
            fn into_host_func(self) -> HostFuncSeal {
                let ty = FuncType::new([$($param::TYPE),*], R::TYPES.iter().copied());
                let call: Box<HostCallable> = Box::new(move |store, by, words| {
                    let seal = seal::<($($param,)*), R>(store);
                    let ($($param,)*) = <($($param,)*)>::from_words(words, seal);
                    let caller = Caller::new(with_data::<T>(store), by.instance());
                    let written = self(caller, $($param),*).write(words, seal);
                    written.map_err(|error| store.inner_mut().let_in(error))
                });
                HostFuncSeal(HostFunc::new(ty, true, call))
            }
        }
    };
}

into_func!();
into_func!(A1);
into_func!(A1 A2);
into_func!(A1 A2 A3);
into_func!(A1 A2 A3 A4);
into_func!(A1 A2 A3 A4 A5);
into_func!(A1 A2 A3 A4 A5 A6);
into_func!(A1 A2 A3 A4 A5 A6 A7);
into_func!(A1 A2 A3 A4 A5 A6 A7 A8);
into_func!(A1 A2 A3 A4 A5 A6 A7 A8 A9);
into_func!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10);
into_func!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
into_func!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12);
into_func!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13);
into_func!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14);
into_func!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15);
into_func!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16);

/// A closure as a host function of a store with data `T`.
pub(crate) fn host_func<T, Params>(closure: impl IntoFunc<T, Params>) -> HostFunc {
    closure.into_host_func().0
}
