//! The conformance suite: guests in C and in the text format call every function of preview
//! 1 and compare what comes back, error number by error number, on a directory of the host,
//! in memory, in a union of the two, read-only, and on streams and sockets.
//!
//! `cargo test -p curta-wasi --test conformance -- --nocapture` prints the list of functions
//! and error numbers that were seen. It must be the one in `conformance/errnos.txt`;
//! `BLESS=1` writes that anew. `conformance/build.sh` builds the C guests.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use curta::{Engine, Error, Linker, Module, Store};
use curta_wasi::{Capture, HostDir, Limits, MemoryFs, ReadOnly, Union, WasiCtx, WasiCtxBuilder};

/// A directory of the test's own.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("curta-conformance-{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the guests expect in a directory of the host.
fn fill(root: &Path) {
    use std::os::unix::fs::symlink;
    fs::create_dir_all(root.join("dir")).unwrap();
    fs::write(root.join("file"), "content").unwrap();
    fs::write(root.join("dir/inner"), "inner").unwrap();
    for (target, link) in [
        ("file", "to-file"),
        ("dir", "to-dir"),
        ("loop", "loop"),
        ("target", "dangling"),
        ("..", "out"),
        ("../new", "out-new"),
        ("/etc", "absolute"),
    ] {
        symlink(target, root.join(link)).unwrap();
    }
    let odd = std::ffi::OsStr::from_bytes(b"\xff");
    symlink(odd, root.join("bad-target")).unwrap();
    let fifo = root.join("fifo");
    assert!(
        process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
}

/// The same in memory; links by way of a guest's own function, as an embedder would.
fn fill_memory(files: &MemoryFs) {
    use curta_wasi::Dir;
    files.write("file", "content").unwrap();
    files.write("dir/inner", "inner").unwrap();
    for (target, link) in [
        ("file", "to-file"),
        ("dir", "to-dir"),
        ("loop", "loop"),
        ("target", "dangling"),
        ("..", "out"),
        ("../new", "out-new"),
        ("/etc", "absolute"),
    ] {
        files.symlink(target, link).unwrap();
    }
}

/// The other ends of the sockets that a guest has, and what was put in.
struct Ends {
    connection: UnixStream,
    _silent: UnixStream,
    datagrams: UnixDatagram,
}

/// Gives a guest the sockets 7 to 10: a listener with one connection waiting, a connection
/// on which nothing comes, one of datagrams, one whose other end is gone.
fn sockets(builder: &mut WasiCtxBuilder, scratch: &Path) -> Ends {
    let listener = UnixListener::bind(scratch.join("socket")).unwrap();
    let mut connection = UnixStream::connect(scratch.join("socket")).unwrap();
    connection.write_all(b"greeting").unwrap();
    let (silent, stream) = UnixStream::pair().unwrap();
    let (datagrams, datagram) = UnixDatagram::pair().unwrap();
    datagrams.send(b"first").unwrap();
    datagrams.send(b"second").unwrap();
    let (mut gone, left) = UnixStream::pair().unwrap();
    gone.write_all(b"last").unwrap();
    drop(gone);
    builder.preopened_socket(listener).unwrap();
    builder.preopened_socket(stream).unwrap();
    builder.preopened_socket(datagram).unwrap();
    builder.preopened_socket(left).unwrap();
    Ends {
        connection,
        _silent: silent,
        datagrams,
    }
}

fn program(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    fs::read(folder.join(name)).unwrap()
}

fn run(program: &[u8], wasi: WasiCtx) -> Result<i32, Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, program)?;
    let mut linker = Linker::<WasiCtx>::new(&engine);
    curta_wasi::add_to_linker(&mut linker, |wasi| wasi)?;
    let mut store = Store::new(&engine, wasi);
    let instance = linker.instantiate(&mut store, &module)?;
    curta_wasi::start(&mut store, &instance)
}

/// Runs a guest in its surroundings, and returns what it printed.
fn conform(guest: &str, after: impl FnOnce(Ends)) -> String {
    let scratch = Scratch::new(guest);
    let root = |name: &str| {
        let root = scratch.0.join(name);
        fill(&root);
        root
    };
    let memory = MemoryFs::new(1 << 20);
    fill_memory(&memory);
    let union = Union::new(MemoryFs::new(1 << 20)).below(HostDir::open(root("lower")).unwrap());
    let output = Capture::new(1 << 24);
    let mut builder = WasiCtx::builder();
    builder
        .args(["conformance", "two words", ""])
        .envs([("NAME", "value"), ("EMPTY", "")])
        .stdin_bytes("input")
        .stdout(output.clone())
        .stderr(Capture::new(4))
        .limits(Limits {
            descriptors: 24,
            directory_entries: 64 + if guest == "library" { 100 } else { 0 },
            random_bytes: 4096,
            ..Limits::default()
        });
    builder.preopened_dir(root("host"), "/host").unwrap();
    builder
        .mount(
            "/read-only",
            ReadOnly::new(HostDir::open(root("read-only")).unwrap()),
        )
        .mount("/memory", memory)
        .mount("/union", union);
    let ends = sockets(&mut builder, &scratch.0);
    let code = run(&program(&format!("{guest}.wasm")), builder.build().unwrap());
    let printed = String::from_utf8(output.contents()).unwrap();
    let failures: Vec<&str> = printed
        .lines()
        .filter(|line| line.starts_with("FAILED"))
        .collect();
    assert!(failures.is_empty(), "{guest}:\n{}", failures.join("\n"));
    assert_eq!(code.unwrap(), 0, "{guest}");
    after(ends);
    let names = fs::read_dir(&scratch.0).unwrap();
    assert_eq!(names.count(), 4, "something was made outside");
    printed
}

#[test]
fn every_function_returns_every_number_that_it_documents() {
    let mut seen: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let mut printed = conform("process", |_| {});
    printed += &conform("descriptors", |_| {});
    printed += &conform("paths", |_| {});
    printed += &conform("sockets", |mut ends| {
        let mut received = String::new();
        ends.connection.read_to_string(&mut received).unwrap();
        assert_eq!(received, "hellohello");
        let _ = ends.connection.shutdown(Shutdown::Both);
        let mut message = [0; 16];
        let len = ends.datagrams.recv(&mut message).unwrap();
        assert_eq!(&message[..len], b"hello");
    });
    for line in printed.lines() {
        let (function, errno) = line.split_once(' ').unwrap();
        let function = function.trim_start_matches("wasi_").to_owned();
        *seen
            .entry(function)
            .or_default()
            .entry(errno.to_owned())
            .or_default() += 1;
    }
    let mut list = String::new();
    for (function, errnos) in &seen {
        list += function;
        list += ":";
        for errno in errnos.keys() {
            list += " ";
            list += errno;
        }
        list += "\n";
    }
    println!("{list}");
    let calls: usize = seen.values().flat_map(BTreeMap::values).sum();
    let pairs: usize = seen.values().map(BTreeMap::len).sum();
    println!(
        "{} functions, {pairs} pairs of function and error number, {calls} calls",
        seen.len()
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/errnos.txt");
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &list).unwrap();
    }
    assert_eq!(seen.len(), 46, "all functions are called");
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), list);
}

#[test]
fn programs_of_a_c_library_do_what_they_do_natively() {
    conform("library", |_| {});
}

#[test]
fn the_older_interface_has_its_own_layouts() {
    let scratch = Scratch::new("unstable");
    fs::write(scratch.0.join("file"), "content").unwrap();
    let mut builder = WasiCtx::builder();
    builder.preopened_dir(&scratch.0, "/").unwrap();
    let code = run(&program("unstable.wat"), builder.build().unwrap());
    assert_eq!(code.unwrap(), 0);
}
