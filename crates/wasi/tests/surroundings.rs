//! What a context is to its guests: pipes between them, waits that the host ends, time and
//! random numbers that can be repeated, limits, and a context that several instances use.

use std::io::Read;
use std::thread;
use std::time::{Duration, Instant};

use curta::{Engine, Error, Linker, Module, Store};
use curta_wasi::{
    Capture, Interrupted, Limits, MemoryFs, SeededRandom, VirtualClock, WasiCtx, pipe,
};

const CAT: &str = include_str!("programs/cat.wat");

/// Runs a program with a context and returns its exit code.
fn run(program: &str, wasi: WasiCtx) -> Result<i32, Error> {
    let (engine, linker) = linker()?;
    let module = Module::new(&engine, program)?;
    let mut store = Store::new(&engine, wasi);
    let instance = linker.instantiate(&mut store, &module)?;
    curta_wasi::start(&mut store, &instance)
}

fn linker() -> Result<(Engine, Linker<WasiCtx>), Error> {
    let engine = Engine::default();
    let mut linker = Linker::<WasiCtx>::new(&engine);
    curta_wasi::add_to_linker(&mut linker, |wasi| wasi)?;
    Ok((engine, linker))
}

#[test]
fn two_guests_at_once_are_joined_by_a_small_pipe() {
    let sent: Vec<u8> = (0..50_000_u32).flat_map(u32::to_le_bytes).collect();
    let output = Capture::new(1 << 20);
    let (writer, reader) = pipe(100);
    let first = WasiCtx::builder()
        .stdin_bytes(sent.clone())
        .stdout_pipe(writer)
        .build()
        .unwrap();
    let second = WasiCtx::builder()
        .stdin_pipe(reader)
        .stdout(output.clone())
        .build()
        .unwrap();
    let thread = thread::spawn(move || run(CAT, first).unwrap());
    assert_eq!(run(CAT, second).unwrap(), 0);
    assert_eq!(thread.join().unwrap(), 0);
    assert_eq!(output.contents(), sent);
}

#[test]
fn two_guests_in_turn_are_joined_by_a_pipe_that_holds_all() {
    let output = Capture::new(1 << 20);
    let (writer, reader) = pipe(1 << 20);
    let mut builder = WasiCtx::builder();
    let first = builder.stdin_bytes("first and last").stdout_pipe(writer);
    // The context is dropped with its store, and the pipe has its end.
    assert_eq!(run(CAT, first.build().unwrap()).unwrap(), 0);
    let second = builder.stdin_pipe(reader).stdout(output.clone());
    assert_eq!(run(CAT, second.build().unwrap()).unwrap(), 0);
    assert_eq!(output.contents(), b"first and last");
}

#[test]
fn the_host_reads_what_a_guest_writes_into_a_pipe() {
    let (writer, mut reader) = pipe(8);
    let mut builder = WasiCtx::builder();
    let wasi = builder
        .stdin_bytes("a longer text than that")
        .stdout_pipe(writer);
    let wasi = wasi.build().unwrap();
    let thread = thread::spawn(move || run(CAT, wasi).unwrap());
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    thread.join().unwrap();
    assert_eq!(text, "a longer text than that");
}

/// Runs a program that would wait forever, and interrupts it.
fn interrupt(program: &str, wasi: WasiCtx) {
    let handle = wasi.interrupt_handle();
    let thread = thread::spawn(move || {
        thread::sleep(Duration::from_millis(30));
        handle.interrupt();
    });
    let begin = Instant::now();
    let error = run(program, wasi).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Interrupted));
    assert!(begin.elapsed() < Duration::from_secs(60));
    thread.join().unwrap();
}

/// Waits for a clock (by a timeout of more than five hundred years) or a descriptor.
fn waiting(kind: u8, fd: u32) -> String {
    format!(
        r#"(module
            (import "wasi_snapshot_preview1" "poll_oneoff"
                (func $poll (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (func (export "_start")
                (i32.store8 (i32.const 8) (i32.const {kind}))
                (i32.store (i32.const 16) (i32.const {fd}))
                (i64.store (i32.const 24) (i64.const -1))
                (drop (call $poll (i32.const 0) (i32.const 256) (i32.const 1) (i32.const 512)))
                unreachable))"#
    )
}

#[test]
fn the_host_ends_a_wait_for_a_clock() {
    interrupt(&waiting(0, 1), WasiCtx::builder().build().unwrap());
}

#[test]
fn the_host_ends_a_wait_for_a_pipe_and_a_read_from_it() {
    let (_writer, reader) = pipe(8);
    let wasi = WasiCtx::builder().stdin_pipe(reader).build().unwrap();
    interrupt(&waiting(1, 0), wasi);
    let (_writer, reader) = pipe(8);
    interrupt(CAT, WasiCtx::builder().stdin_pipe(reader).build().unwrap());
}

#[test]
fn the_host_ends_a_write_into_a_full_pipe() {
    let (writer, _reader) = pipe(8);
    let mut builder = WasiCtx::builder();
    let wasi = builder.stdin_bytes("more than eight").stdout_pipe(writer);
    interrupt(CAT, wasi.build().unwrap());
}

#[cfg(unix)]
#[test]
fn the_host_ends_waits_for_sockets_and_for_files_of_its_own() {
    use std::os::unix::net::UnixStream;
    let (_other, socket) = UnixStream::pair().unwrap();
    let mut builder = WasiCtx::builder();
    let wasi = builder.preopened_socket(socket).unwrap().build().unwrap();
    interrupt(&waiting(1, 3), wasi);
    let (_other, stdin) = UnixStream::pair().unwrap();
    let file = std::fs::File::from(std::os::fd::OwnedFd::from(stdin));
    interrupt(CAT, WasiCtx::builder().stdin_file(file).build().unwrap());
}

#[test]
fn a_guest_that_calls_and_calls_is_ended_by_its_next_call() {
    let program = r#"(module
        (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
        (func (export "_start") (loop $again (drop (call $yield)) (br $again))))"#;
    interrupt(program, WasiCtx::builder().build().unwrap());
}

/// Prints the time, waits for a day, prints the time, then random bytes, all as they are.
const NUMBERS: &str = r#"(module
    (import "wasi_snapshot_preview1" "clock_time_get"
        (func $time (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "poll_oneoff"
        (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
        (drop (call $time (i32.const 0) (i64.const 0) (i32.const 64)))
        (i32.store (i32.const 16) (i32.const 1))
        (i64.store (i32.const 24) (i64.const 86400000000000))
        (drop (call $poll (i32.const 0) (i32.const 256) (i32.const 1) (i32.const 512)))
        (drop (call $time (i32.const 1) (i64.const 0) (i32.const 72)))
        (drop (call $random (i32.const 80) (i32.const 100)))
        (i32.store (i32.const 0) (i32.const 64))
        (i32.store (i32.const 4) (i32.const 116))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

#[test]
fn runs_with_virtual_time_and_a_seed_are_the_same_and_take_no_time() {
    let numbers = |seed| {
        let output = Capture::new(1 << 10);
        let mut builder = WasiCtx::builder();
        builder
            .stdout(output.clone())
            .clocks(VirtualClock::new())
            .random(SeededRandom::new(seed));
        assert_eq!(run(NUMBERS, builder.build().unwrap()).unwrap(), 0);
        output.contents()
    };
    let first = numbers(1);
    assert_eq!(first.len(), 116);
    assert_eq!(first, numbers(1));
    assert_ne!(first, numbers(2));
    let waited = u64::from_le_bytes(first[8..16].try_into().unwrap());
    assert!((86_400_000_000_000..86_401_000_000_000).contains(&waited));
}

/// Opens `file` as often as it can, and returns how often by exiting.
const OPENER: &str = r#"(module
    (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 64) "file")
    (func (export "_start") (local $count i32)
        (loop $again
            (if (i32.eqz
                    (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 4)
                        (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0)))
                (then
                    (local.set $count (i32.add (local.get $count) (i32.const 1)))
                    (br $again))))
        (call $exit (local.get $count))))"#;

#[test]
fn thousands_of_descriptors_are_counted() {
    let files = MemoryFs::new(1 << 20);
    files.write("file", "").unwrap();
    let mut builder = WasiCtx::builder();
    builder.mount("/", files).max_descriptors(10_000);
    let begin = Instant::now();
    assert_eq!(run(OPENER, builder.build().unwrap()).unwrap(), 9_996);
    assert!(begin.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_call_moves_no_more_than_is_allowed_in_flight() {
    let program = r#"(module
        (import "wasi_snapshot_preview1" "fd_write"
            (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start")
            (i32.store (i32.const 0) (i32.const 64))
            (i32.store (i32.const 4) (i32.const 1000))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;
    let output = Capture::new(1 << 10);
    let mut builder = WasiCtx::builder();
    builder.stdout(output.clone()).limits(Limits {
        bytes_in_flight: 100,
        ..Limits::default()
    });
    assert_eq!(run(program, builder.build().unwrap()).unwrap(), 0);
    assert_eq!(output.contents().len(), 100);
}

/// Reads two bytes from descriptor 4 and writes them to standard output; opens it first if
/// it is not open.
const READER: &str = r#"(module
    (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read"
        (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 64) "file")
    (func (export "_start")
        (i32.store (i32.const 0) (i32.const 100))
        (i32.store (i32.const 4) (i32.const 2))
        (if (call $read (i32.const 4) (i32.const 0) (i32.const 1) (i32.const 8))
            (then
                (drop
                    (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 4)
                        (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 8)))
                (drop (call $read (i32.const 4) (i32.const 0) (i32.const 1) (i32.const 8)))))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

#[test]
fn instances_use_a_context_in_turn_in_one_store_and_in_the_next() {
    let files = MemoryFs::new(1 << 20);
    files.write("file", "abcdef").unwrap();
    let output = Capture::new(100);
    let mut builder = WasiCtx::builder();
    let wasi = builder.mount("/", files).stdout(output.clone());
    let (engine, linker) = linker().unwrap();
    let module = Module::new(&engine, READER).unwrap();
    let mut store = Store::new(&engine, wasi.build().unwrap());
    for _ in 0..2 {
        let instance = linker.instantiate(&mut store, &module).unwrap();
        assert_eq!(curta_wasi::start(&mut store, &instance).unwrap(), 0);
    }
    assert_eq!(output.contents(), b"abcd");
    assert_eq!(run(READER, store.into_data()).unwrap(), 0);
    assert_eq!(output.contents(), b"abcdef");
}

#[test]
fn four_gibibytes_of_random_bytes_are_too_many() {
    let program = r#"(module
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 65536)
        (func (export "_start") (call $exit (call $random (i32.const 0) (i32.const -1)))))"#;
    let inval = i32::from(curta_wasi::abi::Errno::Inval.raw());
    let wasi = WasiCtx::builder().build().unwrap();
    assert_eq!(run(program, wasi).unwrap(), inval);
}

#[test]
fn closing_a_context_ends_its_pipes() {
    let (writer, mut reader) = pipe(8);
    let mut wasi = WasiCtx::builder().stdout_pipe(writer).build().unwrap();
    wasi.close_all();
    assert_eq!(reader.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn exit_codes_of_all_32_bits_are_values() {
    for code in [0, 1, 125, 126, 255, 256, 65_536, i32::MAX, i32::MIN, -1] {
        let program = format!(
            r#"(module
                (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                (func (export "_start") (call $exit (i32.const {code})) unreachable))"#
        );
        let wasi = WasiCtx::builder().build().unwrap();
        assert_eq!(run(&program, wasi).unwrap(), code);
    }
}
