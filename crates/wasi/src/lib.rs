//! WASI preview 1 for the interpreter [`curta`], sandboxed by capability.
//!
//! A guest has what its [`WasiCtx`] grants and nothing else: by default no arguments, no
//! environment, an empty standard input, an output that goes nowhere and no file. Of the
//! file system it reaches the directories that the embedder opens for it and what lies
//! below them; neither `..` nor an absolute path nor a symbolic link leads out.
//!
//! ```
//! # fn main() -> Result<(), curta::Error> {
//! use curta::{Engine, Linker, Module, Store};
//! use curta_wasi::{Capture, WasiCtx};
//!
//! let engine = Engine::default();
//! let module = Module::new(&engine, r#"(module
//!     (import "wasi_snapshot_preview1" "fd_write"
//!         (func $fd_write (param i32 i32 i32 i32) (result i32)))
//!     (memory (export "memory") 1)
//!     (data (i32.const 8) "\10\00\00\00\06\00\00\00hello\n")
//!     (func (export "_start")
//!         (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))"#)?;
//!
//! let mut linker = Linker::<WasiCtx>::new(&engine);
//! curta_wasi::add_to_linker(&mut linker, |wasi| wasi)?;
//!
//! let output = Capture::new(1024);
//! let wasi = WasiCtx::builder().stdout(output.clone()).build()?;
//! let mut store = Store::new(&engine, wasi);
//! let instance = linker.instantiate(&mut store, &module)?;
//! assert_eq!(curta_wasi::run(&mut store, &instance)?, 0);
//! assert_eq!(output.contents(), b"hello\n");
//! # Ok(())
//! # }
//! ```
//!
//! # What is there
//!
//! All 46 functions of `wasi_snapshot_preview1` are defined, so that every program links.
//!
//! | functions | state |
//! |---|---|
//! | `args_get`, `args_sizes_get`, `environ_get`, `environ_sizes_get` | whole |
//! | `clock_time_get`, `clock_res_get` | whole; processor time is `notsup` where the host does not tell it (Windows) |
//! | `random_get`, `sched_yield`, `proc_exit` | whole; `proc_exit` ends in the value [`Exit`] |
//! | `fd_read`, `fd_write`, `fd_pread`, `fd_pwrite`, `fd_seek`, `fd_tell` | whole; streams do not seek (`spipe`) |
//! | `fd_close`, `fd_renumber`, `fd_sync`, `fd_datasync`, `fd_filestat_set_size` | whole |
//! | `fd_fdstat_get`, `fd_fdstat_set_rights`, `fd_prestat_get`, `fd_prestat_dir_name` | whole |
//! | `fd_fdstat_set_flags` | `append` and `nonblock` of files, on Unix; other changes are `notsup` |
//! | `fd_filestat_get`, `path_filestat_get` | whole; device and file number are 0 on Windows |
//! | `fd_filestat_set_times`, `path_filestat_set_times` | files and directories; streams are `notsup` |
//! | `fd_readdir` | whole; names that are not UTF-8 are left out |
//! | `fd_advise` | checked and otherwise without effect |
//! | `fd_allocate` | Linux, where the file system can; elsewhere `notsup` |
//! | `path_open`, `path_create_directory`, `path_remove_directory`, `path_unlink_file` | whole |
//! | `path_rename`, `path_symlink`, `path_readlink` | whole; an absolute target is `perm` |
//! | `path_link` | whole; with `symlink_follow` `inval` |
//! | `poll_oneoff` | clocks are waited for; descriptors are always ready; processor time is `notsup` |
//! | `proc_raise` | `notsup` |
//! | `sock_accept`, `sock_recv`, `sock_send`, `sock_shutdown` | not supported: no descriptor is a socket, `notsock` |
//!
//! # What is bounded
//!
//! A guest cannot make the host spend memory or time out of proportion: descriptors have
//! a limit ([`WasiCtxBuilder::max_descriptors`]), a call moves no more bytes than the
//! guest's memory holds and looks at 1024 buffers at most (the rest is a short read or
//! write), paths end at 4096 bytes, a call of `poll_oneoff` has up to 4096 subscriptions,
//! and listing a directory keeps one entry. Sleeping and reading block the thread.
#![deny(unsafe_code)]

pub mod abi;
mod clock;
mod command;
mod ctx;
mod fs;
mod functions;
mod guest;
mod random;
mod table;

pub use command::{Exit, ProgramError, initialize, run};
pub use ctx::{Capture, ConfigError, WasiCtx, WasiCtxBuilder};
pub use functions::{MODULE, NoMemory, add_to_linker};
