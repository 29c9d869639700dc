//! Whole programs on the engine: every file in `programs/` is a command that checks what
//! it is named for and exits with 0, or with the number of the first check that failed.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, process};

use curta::{Engine, Error, Linker, Module, Store};
use curta_wasi::{Capture, Exit, NoMemory, ProgramError, WasiCtx, WasiCtxBuilder};

/// Runs a program and returns its exit code.
fn run(program: impl AsRef<[u8]>, builder: &mut WasiCtxBuilder) -> Result<i32, Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, program)?;
    let mut linker = Linker::<WasiCtx>::new(&engine);
    curta_wasi::add_to_linker(&mut linker, |wasi| wasi)?;
    let mut store = Store::new(&engine, builder.build()?);
    let instance = linker.instantiate(&mut store, &module)?;
    curta_wasi::start(&mut store, &instance)
}

/// Prepares a reactor and calls its export `f`.
fn call(program: &str) -> Result<i32, Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, program)?;
    let mut linker = Linker::<WasiCtx>::new(&engine);
    curta_wasi::add_to_linker(&mut linker, |wasi| wasi)?;
    let mut store = Store::new(&engine, WasiCtx::builder().build()?);
    let instance = linker.instantiate(&mut store, &module)?;
    curta_wasi::initialize(&mut store, &instance)?;
    let function = instance.get_typed_func::<(), i32>(&mut store, "f")?;
    function.call(&mut store, ())
}

fn program(name: &str) -> Vec<u8> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    fs::read(directory.join(name)).unwrap()
}

/// A directory to give to a guest, beside one that it must not reach.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("curta-wasi-programs-{}-{number}", process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(path.join("root")).unwrap();
        fs::write(path.join("secret"), "secret").unwrap();
        Scratch(path)
    }

    fn root(&self) -> PathBuf {
        self.0.join("root")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn every_function_links_with_the_type_of_the_interface() {
    let code = run(program("links.wat"), &mut WasiCtx::builder());
    assert_eq!(code.unwrap(), 0);
}

#[test]
fn output_arrives_and_is_counted() {
    let output = Capture::new(1 << 20);
    let errors = Capture::new(1 << 20);
    let mut builder = WasiCtx::builder();
    builder.stdout(output.clone()).stderr(errors.clone());
    assert_eq!(run(program("hello.wat"), &mut builder).unwrap(), 0);
    assert_eq!(output.contents(), b"hello, world\n");
    assert_eq!(errors.contents(), b"oops\n");
}

#[test]
fn input_is_copied_to_output() {
    let output = Capture::new(1 << 20);
    let input: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let mut builder = WasiCtx::builder();
    builder.stdin_bytes(input.clone()).stdout(output.clone());
    assert_eq!(run(program("cat.wat"), &mut builder).unwrap(), 0);
    assert_eq!(output.contents(), input);
}

#[test]
fn hostile_arguments_are_refused_without_harm() {
    let output = Capture::new(1 << 20);
    let mut builder = WasiCtx::builder();
    builder.stdout(output.clone());
    assert_eq!(run(program("hostile.wat"), &mut builder).unwrap(), 0);
    assert_eq!(output.contents(), b"alive\n");
}

#[test]
fn a_file_is_written_and_read_back() {
    let scratch = Scratch::new();
    let mut builder = WasiCtx::builder();
    builder.preopened_dir(scratch.root(), "/data").unwrap();
    assert_eq!(run(program("file.wat"), &mut builder).unwrap(), 0);
    assert_eq!(
        fs::read(scratch.root().join("made")).unwrap(),
        b"0123456789"
    );
}

#[cfg(unix)]
#[test]
fn no_path_leads_out_of_a_directory() {
    let scratch = Scratch::new();
    std::os::unix::fs::symlink("..", scratch.root().join("up")).unwrap();
    std::os::unix::fs::symlink("../secret", scratch.root().join("link")).unwrap();
    let mut builder = WasiCtx::builder();
    builder.preopened_dir(scratch.root(), "/").unwrap();
    assert_eq!(run(program("escape.wat"), &mut builder).unwrap(), 0);
    assert_eq!(fs::read(scratch.0.join("secret")).unwrap(), b"secret");
    assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 2);
}

#[test]
fn an_exit_leaves_every_frame_and_is_a_value() {
    let exit = |code: &str| {
        let program = format!(
            r#"(module
                (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                (func $inner (call $exit (i32.const {code})) unreachable)
                (func (export "_start") (call $inner) unreachable))"#
        );
        run(program, &mut WasiCtx::builder()).unwrap()
    };
    assert_eq!(exit("0"), 0);
    assert_eq!(exit("42"), 42);
    assert_eq!(exit("-1"), -1);
}

#[test]
fn an_exit_of_a_reactor_is_found_in_the_error() {
    let error = call(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (func (export "f") (result i32) (call $exit (i32.const 7)) (i32.const 1)))"#,
    )
    .unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Exit(7)));
}

#[test]
fn a_trap_is_not_an_exit() {
    let program = r#"(module (func (export "_start") unreachable))"#;
    let error = run(program, &mut WasiCtx::builder()).unwrap_err();
    assert!(error.trap().is_some());
    assert!(error.downcast_ref::<Exit>().is_none());
}

#[test]
fn a_reactor_is_prepared_before_its_functions_are_called() {
    let result = call(
        r#"(module
            (global $ready (mut i32) (i32.const 0))
            (func (export "_initialize") (global.set $ready (i32.const 5)))
            (func (export "f") (result i32) (global.get $ready)))"#,
    );
    assert_eq!(result.unwrap(), 5);
    let without = call(r#"(module (func (export "f") (result i32) (i32.const 3)))"#);
    assert_eq!(without.unwrap(), 3);
}

#[test]
fn commands_and_reactors_are_not_mistaken_for_each_other() {
    let kind = |error: Error| error.downcast_ref::<ProgramError>().cloned();
    let builder = &mut WasiCtx::builder();

    let reactor = r#"(module (func (export "_initialize")))"#;
    let error = run(reactor, builder).unwrap_err();
    assert_eq!(kind(error), Some(ProgramError::Reactor));

    let neither = r#"(module (func (export "f") (result i32) (i32.const 1)))"#;
    let error = run(neither, builder).unwrap_err();
    assert_eq!(kind(error), Some(ProgramError::NoStart));

    let command = r#"(module (func (export "_start")))"#;
    let error = call(command).unwrap_err();
    assert_eq!(kind(error), Some(ProgramError::Command));

    for odd in [
        r#"(module (func (export "_start") (param i32)))"#,
        r#"(module (func (export "_start") (result i32) (i32.const 1)))"#,
        r#"(module (memory (export "_start") 1))"#,
    ] {
        let error = run(odd, builder).unwrap_err();
        assert!(
            matches!(
                kind(error),
                Some(ProgramError::WrongType { name: "_start", .. })
            ),
            "{odd}"
        );
    }
}

#[test]
fn a_program_without_memory_hears_of_it_where_it_matters() {
    let program = |body: &str| {
        format!(
            r#"(module
                (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
                (import "wasi_snapshot_preview1" "fd_tell"
                    (func $tell (param i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "args_sizes_get"
                    (func $args (param i32 i32) (result i32)))
                (memory 1)
                (func (export "_start") {body}))"#
        )
    };
    let harmless = program("(drop (call $yield)) (drop (call $tell (i32.const 9) (i32.const 0)))");
    assert_eq!(run(harmless, &mut WasiCtx::builder()).unwrap(), 0);
    let needs = program("(drop (call $args (i32.const 0) (i32.const 0)))");
    let error = run(needs, &mut WasiCtx::builder()).unwrap_err();
    let function = "args_sizes_get";
    assert_eq!(error.downcast_ref(), Some(&NoMemory { function }));
}

#[test]
fn the_memory_may_grow_between_calls() {
    let output = Capture::new(1 << 20);
    let mut builder = WasiCtx::builder();
    builder.stdout(output.clone());
    let code = run(
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write"
                (func $write (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1 3)
            (func (export "_start")
                (drop (memory.grow (i32.const 2)))
                (i32.store (i32.const 0) (i32.const 0x20000))
                (i32.store (i32.const 4) (i32.const 2))
                (i32.store16 (i32.const 0x20000) (i32.const 0x6968))
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#,
        &mut builder,
    );
    assert_eq!(code.unwrap(), 0);
    assert_eq!(output.contents(), b"hi");
}
