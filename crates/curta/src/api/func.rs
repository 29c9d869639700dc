//! Functions of a store, the guests' and the host's.

use super::{
    caller::{Caller, with_data},
    context::{AsContext, AsContextMut},
    host_func::{IntoFunc, host_func},
    typed_func::{TypedFunc, WasmParams, WasmResults},
    value::{Mismatch, Val, check_types},
};
use crate::{
    error::Error,
    exec,
    store::{
        func::{FuncHandle, HostCallable, HostFunc},
        store::{StoreId, StoreInner},
    },
};
use alloc::{boxed::Box, format, sync::Arc};
use curta_module::{FuncType, TypeRegistry, ValType};
use smallvec::SmallVec;

/// A function of a store: exported by a guest, or made by the host.
///
/// ```
/// use curta::{Engine, Func, Store};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let double = Func::wrap(&mut store, |n: i32| n * 2);
/// assert_eq!(double.typed::<i32, i32>(&store)?.call(&mut store, 21)?, 42);
/// # Ok::<(), curta::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Func {
    pub(crate) store: StoreId,
    /// Not null.
    pub(crate) handle: FuncHandle,
}

impl Func {
    /// A closure as a function; its parameters and results give the type. See [`IntoFunc`].
    pub fn wrap<C: AsContextMut, Params>(
        mut ctx: C,
        closure: impl IntoFunc<C::Data, Params>,
    ) -> Func {
        let store = &mut ctx.as_context_mut().store.inner;
        let handle = store.push_host_func(Arc::new(host_func(closure)));
        Func {
            store: store.id,
            handle,
        }
    }

    /// A function of a type that is known only at run time. The closure gets the arguments, and
    /// sets the results, which are zero and null before.
    ///
    /// Results of other types than `ty` has are an error of the call.
    ///
    /// # Panics
    /// When `ty` has values that are not built yet, such as `v128`, or is a type of a module of
    /// another engine.
    pub fn new<C: AsContextMut>(
        mut ctx: C,
        ty: FuncType,
        closure: impl Fn(Caller<'_, C::Data>, &[Val], &mut [Val]) -> Result<(), Error>
        + Send
        + Sync
        + 'static,
    ) -> Func {
        let store = &mut ctx.as_context_mut().store.inner;
        check_types(&ty, &store.registry).unwrap_or_else(|error| panic!("{error}"));
        let func = dynamic::<C::Data>(ty, closure);
        Func {
            store: store.id,
            handle: store.push_host_func(Arc::new(func)),
        }
    }

    /// The type.
    ///
    /// # Panics
    /// When the function belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> FuncType {
        let store = &ctx.as_context().store.inner;
        store.assert_home(self.store, "Func");
        store.func_type(self.handle)
    }

    /// Calls the function with values whose types are checked now.
    ///
    /// ```
    /// use curta::{Engine, Func, Store, Val};
    ///
    /// let mut store = Store::new(&Engine::default(), ());
    /// let divide = Func::wrap(&mut store, |a: f64, b: f64| a / b);
    /// let mut results = [Val::I32(0)];
    /// divide.call(&mut store, &[Val::from(1.0), Val::from(4.0)], &mut results)?;
    /// assert_eq!(results[0].f64(), Some(0.25));
    ///
    /// let error = divide.call(&mut store, &[Val::I32(1)], &mut results).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the function (func (param f64 f64) (result f64)) takes 2 arguments, 1 was given"
    /// );
    /// # Ok::<(), curta::Error>(())
    /// ```
    ///
    /// # Errors
    /// The guest's trap or exception, the error of a host function that it called; arguments of the
    /// wrong number or types, results of the wrong number, and handles of another store. Whatever
    /// `results` held does not matter.
    ///
    /// # Panics
    /// When a host function panicked: the panic goes on here.
    pub fn call(
        &self,
        mut ctx: impl AsContextMut,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<(), Error> {
        let store = ctx.as_context_mut().store;
        store.inner.check_home(self.store, "Func")?;
        let ty = store.inner.func_type(self.handle);
        let mut words = words_of(&store.inner, &ty, params, results.len())?;
        let called = exec::invoke::call(store, self.handle, &mut words);
        called.map_err(|error| store.inner.let_out(error))?;
        for ((result, ty), word) in results.iter_mut().zip(ty.results()).zip(words) {
            *result = Val::from_word(word, *ty, &store.inner);
        }
        Ok(())
    }

    /// The function with a type that is known when the host is compiled; checked here, once.
    ///
    /// Where the function takes references of a narrower type than Rust has, such as a function
    /// that may not be null or has to be of some type, each call checks what it is given.
    ///
    /// # Errors
    /// When the function's type is another one (both are named), or it belongs to another store.
    pub fn typed<P: WasmParams, R: WasmResults>(
        &self,
        ctx: impl AsContext,
    ) -> Result<TypedFunc<P, R>, Error> {
        self.typed_in(&ctx.as_context().store.inner)
    }

    pub(crate) fn typed_in<P: WasmParams, R: WasmResults>(
        &self,
        store: &StoreInner,
    ) -> Result<TypedFunc<P, R>, Error> {
        store.check_home(self.store, "Func")?;
        let found = store.func_type(self.handle);
        if let Some(check) = fits(&found, P::TYPES, R::TYPES, &store.registry) {
            return Ok(TypedFunc::new(*self, check));
        }
        let expected = FuncType::new(P::TYPES.iter().copied(), R::TYPES.iter().copied());
        Err(Error::usage(format!(
            "the function is of type {found}, not {expected}"
        )))
    }

    /// The function behind a word of a store; `None` for null.
    pub(crate) fn from_handle(handle: FuncHandle, store: StoreId) -> Option<Func> {
        (!handle.is_null()).then_some(Func { store, handle })
    }
}

/// Whether a function may be called with values of static types: what it takes, it has to be given,
/// and what it returns, there has to be a place for. `Some(true)` if only the values can tell.
fn fits(
    ty: &FuncType,
    params: &[ValType],
    results: &[ValType],
    registry: &TypeRegistry,
) -> Option<bool> {
    if ty.params().len() != params.len() || ty.results().len() != results.len() {
        return None;
    }
    let mut results = ty.results().iter().zip(results);
    if !results.all(|(returned, place)| returned.matches(*place, registry)) {
        return None;
    }
    let mut check = false;
    for (given, taken) in params.iter().zip(ty.params()) {
        if given.matches(*taken, registry) {
            continue;
        }
        match (given, taken) {
            (ValType::Ref(given), ValType::Ref(taken)) if given.heap.top() == taken.heap.top() => {
                check = true;
            }
            _ => return None,
        }
    }
    Some(check)
}

/// Checks arguments against a type and writes them into the words of a call.
fn words_of(
    store: &StoreInner,
    ty: &FuncType,
    params: &[Val],
    results: usize,
) -> Result<SmallVec<[u64; 16]>, Error> {
    let count = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    };
    if params.len() != ty.params().len() {
        let takes = count(ty.params().len(), "argument");
        let given = if params.len() == 1 {
            "1 was"
        } else {
            &format!("{} were", params.len())
        };
        return Err(Error::usage(format!(
            "the function {ty} takes {takes}, {given} given"
        )));
    }
    if results != ty.results().len() {
        let returns = count(ty.results().len(), "result");
        return Err(Error::usage(format!(
            "the function {ty} returns {returns}, there is room for {results}"
        )));
    }
    let mut words = SmallVec::new();
    for (index, (param, expected)) in params.iter().zip(ty.params()).enumerate() {
        words.push(argument_word(*param, *expected, store, index, ty)?);
    }
    words.resize(ty.params().len().max(ty.results().len()), 0);
    Ok(words)
}

/// An argument of a function as a word.
pub(crate) fn argument_word(
    value: Val,
    expected: ValType,
    store: &StoreInner,
    index: usize,
    ty: &FuncType,
) -> Result<u64, Error> {
    value.checked_word(expected, store, |mismatch| {
        format!("argument {index} of the function {ty}: {mismatch}")
    })
}

/// A host function of a type that is known only at run time, and was checked.
pub(crate) fn dynamic<T: 'static>(
    ty: FuncType,
    closure: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
) -> HostFunc {
    let signature = ty.clone();
    let call: Box<HostCallable> = Box::new(move |store, by, words| {
        let (types, result_types) = (signature.params(), signature.results());
        let params: SmallVec<[Val; 8]> = types
            .iter()
            .zip(&*words)
            .map(|(ty, word)| Val::from_word(*word, *ty, store.inner()))
            .collect();
        let mut results: SmallVec<[Val; 4]> =
            result_types.iter().map(|ty| placeholder(*ty)).collect();
        let caller = Caller::new(with_data::<T>(store), by.instance());
        let returned = closure(caller, &params, &mut results);
        returned.map_err(|error| store.inner_mut().let_in(error))?;
        for (index, (result, expected)) in results.iter().zip(result_types).enumerate() {
            let complain = |mismatch: Mismatch<'_>| {
                format!("result {index} of a host function {signature}: {mismatch}")
            };
            words[index] = result.checked_word(*expected, store.inner(), complain)?;
        }
        Ok(words.first().copied().unwrap_or(0))
    });
    HostFunc::new(ty, true, call)
}

/// What a result is before the closure sets it: zero or null.
fn placeholder(ty: ValType) -> Val {
    // A reference that may not be null has no default; null makes the check afterwards fail.
    Val::default_for_ty(ty).unwrap_or(Val::FuncRef(None))
}
