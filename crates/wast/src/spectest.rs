//! The host module `spectest` that scripts import from, as the reference interpreter defines it.
//!
//! Its printing functions take their arguments and print nothing: a run of the suite prints its
//! verdict and nothing else.

use curta::{
    AsContextMut, Error, Global, GlobalType, Linker, Memory, MemoryType, RefType, Store, Table,
    TableType, Val, ValType,
};

/// The name under which scripts import these definitions.
const MODULE: &str = "spectest";

/// Defines every item of `spectest` in the linker of a script.
///
/// # Errors
/// The engine's, when it refuses a definition.
pub fn define(linker: &mut Linker<()>, store: &mut Store<()>) -> Result<(), Error> {
    linker
        .func_wrap(MODULE, "print", || ())?
        .func_wrap(MODULE, "print_i32", |_: i32| ())?
        .func_wrap(MODULE, "print_i64", |_: i64| ())?
        .func_wrap(MODULE, "print_f32", |_: f32| ())?
        .func_wrap(MODULE, "print_f64", |_: f64| ())?
        .func_wrap(MODULE, "print_i32_f32", |_: i32, _: f32| ())?
        .func_wrap(MODULE, "print_f64_f64", |_: f64, _: f64| ())?;

    let globals = [
        ("global_i32", ValType::I32, Val::I32(666)),
        ("global_i64", ValType::I64, Val::I64(666)),
        ("global_f32", ValType::F32, Val::F32(666.6_f32.to_bits())),
        ("global_f64", ValType::F64, Val::F64(666.6_f64.to_bits())),
    ];
    for (name, content, value) in globals {
        let ty = GlobalType {
            content,
            mutable: false,
        };
        let global = Global::new(store.as_context_mut(), ty, value)?;
        linker.define(MODULE, name, global)?;
    }

    let table = TableType {
        element: RefType::FUNCREF,
        minimum: 10,
        maximum: Some(20),
        table64: false,
    };
    let table = Table::new(store.as_context_mut(), table, Val::FuncRef(None))?;
    linker.define(MODULE, "table", table)?;

    let memory = Memory::new(store.as_context_mut(), MemoryType::new(1, Some(2)))?;
    linker.define(MODULE, "memory", memory)?;
    Ok(())
}
