//! The functions of `wasi_snapshot_preview1`, one file a family.
//!
//! Every function is plain Rust over a guest's context, its memory and the arguments of the
//! call: it returns nothing or an error number, and it cannot reach anything else. So any
//! engine can link them; for curta, [`add_to_linker`](crate::add_to_linker) does. An engine
//! asks [`WasiCtx::is_interrupted`](crate::WasiCtx::is_interrupted) before each call and
//! where one returned [`Errno::Intr`](crate::abi::Errno::Intr), and ends the guest then.
//! `proc_exit`, the 46th function, does not return, which is a matter of the engine alone:
//! see [`Exit`](crate::Exit).
//!
//! Parameters bear the interface's names. Addresses and lengths are the guest's, 32 bits
//! wide; where one leaves the memory the call is [`Errno::Fault`](crate::abi::Errno::Fault),
//! and results are checked for room before a call has an effect that cannot be taken back,
//! so that `fault` means: nothing has happened. It is not repeated below, nor are
//! [`Errno::Badf`](crate::abi::Errno::Badf) for a descriptor that is not open,
//! [`Errno::Notcapable`](crate::abi::Errno::Notcapable) for one that the guest took a right
//! from, [`Errno::Inval`](crate::abi::Errno::Inval) for numbers and flags without a
//! meaning, and whatever else the host's file system says.
//!
//! # Rights
//!
//! Each descriptor has the rights that make sense for what it is: a file that was opened to
//! be read can be read, sought and asked for its attributes. What a guest asks for when it
//! opens something says whether it is to be read (`FD_READ`, `FD_READDIR`) and written
//! (`FD_WRITE`), and nothing else: programs that ask for less than they use keep working, as
//! they do on other hosts. Rights that were taken away by `fd_fdstat_set_rights` are gone,
//! also from whatever is opened through that descriptor afterwards.

mod args;
mod clock;
mod environ;
mod fd;
mod path;
mod poll;
mod proc;
mod random;
mod sock;

#[cfg(all(test, feature = "host", not(target_os = "wasi")))]
mod tests;

pub use args::{args_get, args_sizes_get};
pub use clock::{clock_res_get, clock_time_get};
pub use environ::{environ_get, environ_sizes_get};
pub use fd::{
    fd_advise, fd_allocate, fd_close, fd_datasync, fd_fdstat_get, fd_fdstat_set_flags,
    fd_fdstat_set_rights, fd_filestat_get, fd_filestat_set_size, fd_filestat_set_times, fd_pread,
    fd_prestat_dir_name, fd_prestat_get, fd_pwrite, fd_read, fd_readdir, fd_renumber, fd_seek,
    fd_sync, fd_tell, fd_write,
};
pub(crate) use fd::{filestat, seek};
pub(crate) use path::filestat_at;
pub use path::{
    path_create_directory, path_filestat_get, path_filestat_set_times, path_link, path_open,
    path_readlink, path_remove_directory, path_rename, path_symlink, path_unlink_file,
};
pub(crate) use poll::poll;
pub use poll::poll_oneoff;
pub use proc::{proc_raise, sched_yield};
pub use random::random_get;
pub use sock::{sock_accept, sock_recv, sock_send, sock_shutdown};
