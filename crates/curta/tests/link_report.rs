//! What a link reports in which nearly everything is wrong: 40 imports that are missing and 10 that do not fit, as the
//! text that `link_report/report.txt` holds. `BLESS=1 cargo test -p curta --test link_report` writes it anew.

use curta::{
    Engine, ErrorKind, Global, GlobalType, Linker, Memory, MemoryType, Module, RefType, Store,
    Table, TableType, Val, ValType,
};
use std::{env, fs, path::Path};

#[test]
fn forty_missing_and_ten_mismatched_imports_are_one_report_of_fifty_lines() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/link_report");
    let engine = Engine::default();
    let module = fs::read(folder.join("module.wat")).expect("it can be read");
    let module = Module::new(&engine, module).expect("it is valid");
    let mut store = Store::new(&engine, ());
    let linker = host(&engine, &mut store);

    let error = linker.instantiate(&mut store, &module).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Link);
    let problems = error.link_error().expect("it is one").problems();
    let missing = problems.iter().filter(|problem| problem.found().is_none());
    assert_eq!((problems.len(), missing.count()), (50, 40));

    let report = format!("{error}\n");
    assert_eq!(report.lines().count(), 51, "a title, and a line for each");
    let golden = folder.join("report.txt");
    if env::var_os("BLESS").is_some() {
        fs::write(&golden, &report).expect("it can be written");
    }
    assert_eq!(fs::read_to_string(golden).expect("it is there"), report);
}

/// A host with names that are nearly, or not at all, those that the module wants.
fn host(engine: &Engine, store: &mut Store<()>) -> Linker<()> {
    let mut linker = Linker::new(engine);
    let mut define = || -> Result<(), curta::Error> {
        linker
            .func_wrap("env", "log", |_: i32| ())?
            .func_wrap("env", "log_error", |_: i32, _: i32| ())?
            .func_wrap("env", "now", || 0i64)?
            .func_wrap("env", "random", || 0i32)?
            .func_wrap("env", "abort", |_: i32, _: i32, _: i32, _: i32| ())?
            .func_wrap("math", "sin", |x: f64| x)?
            .func_wrap("math", "cos", |x: f64| x)?
            .func_wrap("math", "pow", |x: f64, _: f64| x)?
            .func_wrap("gl", "createBuffer", || 0i32)?
            .func_wrap("gl", "bindBuffer", |_: i32, _: i32| ())?
            .func_wrap("gl", "clearColor", |_: f32, _: f32, _: f32, _: f32| ())?;
        linker
            .define(
                "env",
                "memory",
                Memory::new(&mut *store, MemoryType::new(1, None))?,
            )?
            .define(
                "env",
                "small",
                Memory::new(&mut *store, MemoryType::new(1, Some(4)))?,
            )?
            .define(
                "env",
                "table",
                Table::new(
                    &mut *store,
                    TableType::new(RefType::FUNCREF, 2, None),
                    Val::FuncRef(None),
                )?,
            )?
            .define(
                "env",
                "stack_pointer",
                Global::new(
                    &mut *store,
                    GlobalType::new(ValType::I32, false),
                    Val::I32(0),
                )?,
            )?
            .define(
                "env",
                "base",
                Global::new(
                    &mut *store,
                    GlobalType::new(ValType::I64, false),
                    Val::I64(0),
                )?,
            )?;
        Ok(())
    };
    define().expect("each name is defined once");
    linker
}
