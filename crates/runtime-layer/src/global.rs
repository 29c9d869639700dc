//! Globals.

use anyhow::Result;
use wasm_runtime_layer::GlobalType;
use wasm_runtime_layer::backend::{AsContext, AsContextMut, Val, WasmGlobal};

use crate::Engine;
use crate::convert::{global_type, into_val, into_val_type, val};

/// A global.
#[derive(Clone, Copy, Debug)]
pub struct Global(pub(crate) curta::Global);

impl WasmGlobal<Engine> for Global {
    /// # Panics
    /// When the value is a vector, which curta does not have yet, or a reference of another store.
    fn new(mut ctx: impl AsContextMut<Engine>, value: Val<Engine>, mutable: bool) -> Global {
        let ty = curta::GlobalType::new(into_val_type(value.ty()), mutable);
        let global = into_val(&value)
            .and_then(|value| curta::Global::new(ctx.as_context_mut().0, ty, value));
        Global(global.unwrap_or_else(|error| panic!("{error}")))
    }

    fn ty(&self, ctx: impl AsContext<Engine>) -> GlobalType {
        global_type(&self.0.ty(ctx.as_context().0))
    }

    fn set(&self, mut ctx: impl AsContextMut<Engine>, new_value: Val<Engine>) -> Result<()> {
        let value = into_val(&new_value)?;
        Ok(self.0.set(ctx.as_context_mut().0, value)?)
    }

    fn get(&self, mut ctx: impl AsContextMut<Engine>) -> Val<Engine> {
        val(self.0.get(ctx.as_context_mut().0))
    }
}
