//! Types and values, curta's and the layer's.
//!
//! What a store of this backend can hold has a type of the layer's: the features that would let
//! anything else in are off ([`Engine`]). The other direction is total but for vectors.

use curta::{HeapType, RefType, ValType};
use wasm_runtime_layer as layer;
use wasm_runtime_layer::backend;

use crate::{Engine, ExternRef, Func, Global, Memory, Table};

/// Says what cannot be, where the engine's features rule it out.
macro_rules! off {
    ($what:expr) => {
        unreachable!("the features of this backend rule out {}", $what)
    };
}

pub(crate) fn val_type(ty: ValType) -> layer::ValType {
    match ty {
        ValType::I32 => layer::ValType::I32,
        ValType::I64 => layer::ValType::I64,
        ValType::F32 => layer::ValType::F32,
        ValType::F64 => layer::ValType::F64,
        ValType::V128 => layer::ValType::V128,
        ValType::Ref(ty) => ref_type(ty).into(),
    }
}

fn ref_type(ty: RefType) -> layer::RefType {
    match ty.heap {
        HeapType::Func => layer::RefType::FuncRef,
        HeapType::Extern => layer::RefType::ExternRef,
        _ => off!(ty),
    }
}

pub(crate) fn func_type(ty: &curta::FuncType) -> layer::FuncType {
    let types = |types: &[ValType]| types.iter().copied().map(val_type).collect::<Vec<_>>();
    layer::FuncType::new(types(ty.params()), types(ty.results()))
}

pub(crate) fn global_type(ty: &curta::GlobalType) -> layer::GlobalType {
    layer::GlobalType::new(val_type(ty.content), ty.mutable)
}

pub(crate) fn memory_type(ty: &curta::MemoryType) -> layer::MemoryType {
    layer::MemoryType::new(narrow(ty.minimum), ty.maximum.map(narrow))
}

pub(crate) fn table_type(ty: &curta::TableType) -> layer::TableType {
    let maximum = ty.maximum.map(narrow);
    layer::TableType::new(ref_type(ty.element), narrow(ty.minimum), maximum)
}

pub(crate) fn extern_type(ty: &curta::ExternType) -> layer::ExternType {
    match ty {
        curta::ExternType::Func(ty) => func_type(ty).into(),
        curta::ExternType::Global(ty) => global_type(ty).into(),
        curta::ExternType::Memory(ty) => memory_type(ty).into(),
        curta::ExternType::Table(ty) => table_type(ty).into(),
        curta::ExternType::Tag(ty) => off!(ty),
    }
}

/// A size of what has 32-bit addresses.
pub(crate) fn narrow(size: u64) -> u32 {
    match u32::try_from(size) {
        Ok(size) => size,
        Err(_) => off!("memories and tables with 64-bit addresses"),
    }
}

pub(crate) fn into_val_type(ty: layer::ValType) -> ValType {
    match ty {
        layer::ValType::I32 => ValType::I32,
        layer::ValType::I64 => ValType::I64,
        layer::ValType::F32 => ValType::F32,
        layer::ValType::F64 => ValType::F64,
        layer::ValType::V128 => ValType::V128,
        layer::ValType::FuncRef => ValType::Ref(RefType::FUNCREF),
        layer::ValType::ExternRef => ValType::Ref(RefType::EXTERNREF),
    }
}

pub(crate) fn into_func_type(ty: &layer::FuncType) -> curta::FuncType {
    let types = |types: &[layer::ValType]| types.iter().copied().map(into_val_type).collect();
    let [params, results]: [Vec<ValType>; 2] = [types(ty.params()), types(ty.results())];
    curta::FuncType::new(params, results)
}

pub(crate) fn into_memory_type(ty: layer::MemoryType) -> curta::MemoryType {
    curta::MemoryType::new(ty.initial_pages().into(), ty.maximum_pages().map(u64::from))
}

pub(crate) fn into_table_type(ty: layer::TableType) -> curta::TableType {
    let element = match ty.element() {
        layer::RefType::FuncRef => RefType::FUNCREF,
        layer::RefType::ExternRef => RefType::EXTERNREF,
    };
    curta::TableType::new(element, ty.minimum().into(), ty.maximum().map(u64::from))
}

pub(crate) fn val(value: curta::Val) -> backend::Val<Engine> {
    match value {
        curta::Val::I32(value) => backend::Val::I32(value),
        curta::Val::I64(value) => backend::Val::I64(value),
        curta::Val::F32(bits) => backend::Val::F32(f32::from_bits(bits)),
        curta::Val::F64(bits) => backend::Val::F64(f64::from_bits(bits)),
        curta::Val::FuncRef(func) => backend::Val::FuncRef(func.map(Func)),
        curta::Val::ExternRef(object) => backend::Val::ExternRef(object.map(ExternRef)),
        curta::Val::AnyRef(_) | curta::Val::ExnRef(_) => off!("this value"),
    }
}

/// # Errors
/// Vectors have no value of curta's yet.
pub(crate) fn into_val(value: &backend::Val<Engine>) -> Result<curta::Val, curta::Error> {
    Ok(match value {
        backend::Val::I32(value) => curta::Val::I32(*value),
        backend::Val::I64(value) => curta::Val::I64(*value),
        backend::Val::F32(value) => curta::Val::F32(value.to_bits()),
        backend::Val::F64(value) => curta::Val::F64(value.to_bits()),
        backend::Val::V128(_) => {
            return Err(curta::Error::msg("values of type v128 are not built yet"));
        }
        backend::Val::FuncRef(func) => curta::Val::FuncRef(func.as_ref().map(|func| func.0)),
        backend::Val::ExternRef(object) => {
            curta::Val::ExternRef(object.as_ref().map(|object| object.0))
        }
    })
}

pub(crate) fn reference(value: curta::Val) -> backend::Ref<Engine> {
    match value {
        curta::Val::FuncRef(func) => backend::Ref::FuncRef(func.map(Func)),
        curta::Val::ExternRef(object) => backend::Ref::ExternRef(object.map(ExternRef)),
        other => off!(other),
    }
}

pub(crate) fn into_reference(reference: backend::Ref<Engine>) -> curta::Val {
    match reference {
        backend::Ref::FuncRef(func) => curta::Val::FuncRef(func.map(|func| func.0)),
        backend::Ref::ExternRef(object) => curta::Val::ExternRef(object.map(|object| object.0)),
    }
}

pub(crate) fn external(external: curta::Extern) -> backend::Extern<Engine> {
    match external {
        curta::Extern::Func(func) => backend::Extern::Func(Func(func)),
        curta::Extern::Global(global) => backend::Extern::Global(Global(global)),
        curta::Extern::Memory(memory) => backend::Extern::Memory(Memory(memory)),
        curta::Extern::Table(table) => backend::Extern::Table(Table(table)),
        curta::Extern::Tag(_) => off!("tags"),
    }
}

pub(crate) fn into_external(external: &backend::Extern<Engine>) -> curta::Extern {
    match external {
        backend::Extern::Func(func) => func.0.into(),
        backend::Extern::Global(global) => global.0.into(),
        backend::Extern::Memory(memory) => memory.0.into(),
        backend::Extern::Table(table) => table.0.into(),
    }
}
