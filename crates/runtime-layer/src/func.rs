//! Functions, and references to the host's objects.

use anyhow::{Result, anyhow};
use curta::{AsContextMut as _, Caller, Val};
use smallvec::SmallVec;
use wasm_runtime_layer::FuncType;
use wasm_runtime_layer::backend::{self, AsContext, AsContextMut, WasmExternRef, WasmFunc};

use crate::convert::{func_type, into_func_type, into_val, val};
use crate::error::{into_curta, out_of_curta};
use crate::store::Hosted;
use crate::{Engine, StoreContext, StoreContextMut};

/// A function of a guest or of the host.
#[derive(Clone, Copy, Debug)]
pub struct Func(pub(crate) curta::Func);

/// A reference to an object of the host's.
#[derive(Clone, Copy, Debug)]
pub struct ExternRef(pub(crate) curta::ExternRef);

/// Arguments or results: few as a rule.
type Values = SmallVec<[backend::Val<Engine>; 8]>;

impl WasmFunc<Engine> for Func {
    /// # Panics
    /// When the type has vectors, whose values curta does not have yet.
    fn new<T: 'static>(
        mut ctx: impl AsContextMut<Engine, UserState = T>,
        ty: FuncType,
        func: impl 'static
        + Send
        + Sync
        + Fn(
            StoreContextMut<'_, T>,
            &[backend::Val<Engine>],
            &mut [backend::Val<Engine>],
        ) -> Result<()>,
    ) -> Func {
        let closure =
            move |mut caller: Caller<'_, Hosted<T>>, arguments: &[Val], results: &mut [Val]| {
                let arguments: Values = arguments.iter().copied().map(val).collect();
                let mut returned: Values = results.iter().copied().map(val).collect();
                let context = StoreContextMut(caller.as_context_mut());
                func(context, &arguments, &mut returned).map_err(into_curta)?;
                for (result, value) in results.iter_mut().zip(&returned) {
                    *result = into_val(value)?;
                }
                Ok(())
            };
        let context = ctx.as_context_mut().0;
        Func(curta::Func::new(context, into_func_type(&ty), closure))
    }

    /// # Panics
    /// When the function belongs to another store.
    fn ty(&self, ctx: impl AsContext<Engine>) -> FuncType {
        func_type(&self.0.ty(ctx.as_context().0))
    }

    fn call<T>(
        &self,
        mut ctx: impl AsContextMut<Engine>,
        args: &[backend::Val<Engine>],
        results: &mut [backend::Val<Engine>],
    ) -> Result<()> {
        let arguments = args.iter().map(into_val);
        let arguments: SmallVec<[Val; 8]> = arguments.collect::<Result<_, _>>()?;
        let mut returned: SmallVec<[Val; 8]> = smallvec::smallvec![Val::I32(0); results.len()];
        self.0
            .call(ctx.as_context_mut().0, &arguments, &mut returned)
            .map_err(out_of_curta)?;
        for (result, value) in results.iter_mut().zip(returned) {
            *result = val(value);
        }
        Ok(())
    }
}

impl WasmExternRef<Engine> for ExternRef {
    fn new<T: 'static + Send + Sync>(mut ctx: impl AsContextMut<Engine>, object: T) -> ExternRef {
        ExternRef(curta::ExternRef::new(ctx.as_context_mut().0, object))
    }

    fn downcast<'a, 's: 'a, T: 'static, S: 'static>(
        &'a self,
        store: StoreContext<'s, S>,
    ) -> Result<&'a T> {
        let object = self.0.data(store.0);
        let object = object.ok_or_else(|| anyhow!("the reference belongs to another store"))?;
        object.downcast_ref().ok_or_else(|| {
            let wanted = std::any::type_name::<T>();
            anyhow!("the object is of another type than {wanted}")
        })
    }
}
