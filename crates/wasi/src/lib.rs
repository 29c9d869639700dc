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
//! assert_eq!(curta_wasi::start(&mut store, &instance)?, 0);
//! assert_eq!(output.contents(), b"hello\n");
//! # Ok(())
//! # }
//! ```
//!
//! # What is there
//!
//! All 46 functions of `wasi_snapshot_preview1` ([`preview1`]), and `wasi_unstable` beside it
//! with its own layouts ([`unstable`]). What depends on the host:
//!
//! * `fd_allocate` is `notsup` but on Linux, and there where the file system cannot;
//! * processor time is `inval`, and flags of files cannot be changed, on Windows; device and
//!   file number are 0 there, and sockets cannot be given;
//! * `path_link` does not follow links (`inval`), and `proc_raise` is `notsup`, everywhere.
//!
//! Directories are the host's ([`HostDir`]), in memory ([`MemoryFs`]), read-only
//! ([`ReadOnly`]), stacks of others ([`Union`]), or the embedder's own ([`Dir`]); streams are
//! the host's, bytes, a [`Capture`], a [`pipe()`] between guests, or any `Read` and `Write`;
//! [`Clocks`] and [`Random`] bytes are the host's or such as make a run repeatable
//! ([`VirtualClock`], [`SeededRandom`]).
//!
//! # What is bounded
//!
//! A guest cannot make the host spend memory or time out of proportion: see [`Limits`]. A call
//! moves no more bytes than the guest's memory holds and looks at 1024 buffers at most (the
//! rest is a short read or write), paths end at 4096 bytes, and a call of `poll_oneoff` has
//! up to 4096 subscriptions. Waiting and reading block the thread, until another one uses an
//! [`Interrupt`].
//!
//! # Without curta
//!
//! The functions are written against [`GuestMemory`], and [`WasiCtx`] knows no engine: without
//! the feature `curta` the crate can be linked into another one. Without the feature `host` it
//! has no directories of the host and does not need `cap-std`.
#![deny(unsafe_code)]

pub mod abi;
mod clock;
#[cfg(feature = "curta")]
mod command;
mod ctx;
mod error;
mod fs;
mod guest;
#[cfg(feature = "curta")]
mod linker;
pub mod preview1;
mod random;
#[cfg(unix)]
mod socket;
mod stdio;
mod table;
pub mod unstable;
mod wait;

pub use clock::{Clocks, HostClocks, VirtualClock};
#[cfg(feature = "curta")]
pub use command::{Exit, ProgramError, initialize, start};
pub use ctx::{ConfigError, Limits, WasiCtx, WasiCtxBuilder};
#[cfg(all(feature = "host", not(target_os = "wasi")))]
pub use fs::HostDir;
pub use fs::{
    Dir, Entries, Entry, File, MemoryError, MemoryFs, NewTimes, OpenOptions, Opened, ReadOnly,
    Union,
};
pub use guest::GuestMemory;
#[cfg(feature = "curta")]
pub use linker::{MODULE, NoMemory, UNSTABLE_MODULE, add_to_linker};
pub use random::{HostRandom, Random, SeededRandom};
pub use stdio::{Capture, PipeReader, PipeWriter, pipe};
pub use wait::{Interrupt, Interrupted};
