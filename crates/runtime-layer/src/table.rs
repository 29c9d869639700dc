//! Tables.

use anyhow::Result;
use wasm_runtime_layer::TableType;
use wasm_runtime_layer::backend::{AsContext, AsContextMut, Ref, WasmTable};

use crate::Engine;
use crate::convert::{into_reference, into_table_type, narrow, reference, table_type};

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table(pub(crate) curta::Table);

impl WasmTable<Engine> for Table {
    fn new(mut ctx: impl AsContextMut<Engine>, ty: TableType, init: Ref<Engine>) -> Result<Table> {
        let (ty, init) = (into_table_type(ty), into_reference(init));
        Ok(Table(curta::Table::new(ctx.as_context_mut().0, ty, init)?))
    }

    fn ty(&self, ctx: impl AsContext<Engine>) -> TableType {
        table_type(&self.0.ty(ctx.as_context().0))
    }

    fn size(&self, ctx: impl AsContext<Engine>) -> u32 {
        narrow(self.0.size(ctx.as_context().0))
    }

    fn grow(
        &self,
        mut ctx: impl AsContextMut<Engine>,
        delta: u32,
        init: Ref<Engine>,
    ) -> Result<u32> {
        let init = into_reference(init);
        let before = self.0.grow(ctx.as_context_mut().0, delta.into(), init)?;
        Ok(narrow(before))
    }

    fn get(&self, mut ctx: impl AsContextMut<Engine>, index: u32) -> Option<Ref<Engine>> {
        let value = self.0.get(ctx.as_context_mut().0, index.into())?;
        Some(reference(value))
    }

    fn set(&self, mut ctx: impl AsContextMut<Engine>, index: u32, elem: Ref<Engine>) -> Result<()> {
        let value = into_reference(elem);
        Ok(self.0.set(ctx.as_context_mut().0, index.into(), value)?)
    }
}
