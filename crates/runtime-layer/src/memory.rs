//! Memories.

use anyhow::Result;
use wasm_runtime_layer::MemoryType;
use wasm_runtime_layer::backend::{AsContext, AsContextMut, WasmMemory};

use crate::Engine;
use crate::convert::{into_memory_type, memory_type, narrow};

/// A memory.
#[derive(Clone, Copy, Debug)]
pub struct Memory(pub(crate) curta::Memory);

impl WasmMemory<Engine> for Memory {
    fn new(mut ctx: impl AsContextMut<Engine>, ty: MemoryType) -> Result<Memory> {
        let ty = into_memory_type(ty);
        Ok(Memory(curta::Memory::new(ctx.as_context_mut().0, ty)?))
    }

    fn ty(&self, ctx: impl AsContext<Engine>) -> MemoryType {
        memory_type(&self.0.ty(ctx.as_context().0))
    }

    fn grow(&self, mut ctx: impl AsContextMut<Engine>, additional: u32) -> Result<u32> {
        let before = self.0.grow(ctx.as_context_mut().0, additional.into())?;
        Ok(narrow(before))
    }

    fn current_pages(&self, ctx: impl AsContext<Engine>) -> u32 {
        narrow(self.0.size(ctx.as_context().0))
    }

    fn read(&self, ctx: impl AsContext<Engine>, offset: usize, buffer: &mut [u8]) -> Result<()> {
        Ok(self.0.read(ctx.as_context().0, offset, buffer)?)
    }

    fn write(
        &self,
        mut ctx: impl AsContextMut<Engine>,
        offset: usize,
        buffer: &[u8],
    ) -> Result<()> {
        Ok(self.0.write(ctx.as_context_mut().0, offset, buffer)?)
    }
}
