// ANCHOR: all
// Gives a guest a directory that it may change, while what lies below stays as it is: a union of
// an empty file system in memory and a read-only one.
use curta::{Engine, Error, Linker, Module, Store};
use curta_wasi::{MemoryFs, ReadOnly, Union, WasiCtx};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    // Cuts `config` to nothing.
    let module = Module::new(
        &engine,
        r#"(module
            (import "wasi_snapshot_preview1" "path_open"
                (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
            (memory (export "memory") 1)
            (data (i32.const 8) "config")
            (func (export "_start")
                (call $proc_exit
                    (call $path_open (i32.const 3) (i32.const 0) (i32.const 8) (i32.const 6)
                        (i32.const 8) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 0)))))"#,
    )?;

    let mut linker = Linker::<WasiCtx>::new(&engine);
    curta_wasi::add_to_linker(&mut linker, |wasi| wasi)?;
    // ANCHOR: mount
    let image = MemoryFs::new(1 << 20);
    image.write("config", "fast = true")?;
    let changes = MemoryFs::new(1 << 20);
    let wasi = WasiCtx::builder()
        .mount(
            "/",
            Union::new(changes.clone()).below(ReadOnly::new(image.clone())),
        )
        .build()?;
    // ANCHOR_END: mount
    let mut store = Store::new(&engine, wasi);
    let instance = linker.instantiate(&mut store, &module)?;
    assert_eq!(curta_wasi::start(&mut store, &instance)?, 0);
    // ANCHOR: after
    assert_eq!(changes.names(".")?, ["config"]);
    assert_eq!(changes.read("config")?, b"");
    assert_eq!(image.read("config")?, b"fast = true");
    // ANCHOR_END: after
    Ok(())
}
// ANCHOR_END: all
