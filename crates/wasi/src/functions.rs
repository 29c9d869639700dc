//! The functions of preview 1, one file a family, and the table that links them.
//!
//! Every function is plain Rust over the guest's context, its memory and the arguments:
//! it returns nothing or an error number, and it cannot reach anything else. The wrapper
//! in [`call`] is the only place that touches the engine.
//!
//! Results are checked for room before a call has an effect that cannot be taken back, so
//! that `fault` means: nothing has happened.

mod args;
mod clock;
mod environ;
mod fd;
mod path;
mod poll;
mod proc;
mod random;
mod sock;

#[cfg(test)]
mod tests;

use curta::{Caller, Error, Extern, Linker};

use crate::WasiCtx;
use crate::abi::Errno;
use crate::guest::GuestMemory;

/// The module name that preview 1's functions are imported from.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// A module calls a function that needs its memory, but exports none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("WASI function `{function}` was called by a module that exports no memory named `memory`")]
pub struct NoMemory {
    /// The function.
    pub function: &'static str,
}

/// Defines each listed function. A row is the function's signature in the interface.
macro_rules! define {
    ($linker:ident, $ctx:ident; $($family:ident::$name:ident($($param:ident: $ty:ty),*);)*) => {$(
        $linker.func_wrap(
            MODULE,
            stringify!($name),
            move |mut caller: Caller<'_, T>, $($param: $ty),*| {
                call(&mut caller, $ctx, stringify!($name), |ctx, memory| {
                    $family::$name(ctx, memory, $($param),*)
                })
            },
        )?;
    )*};
}

/// Defines all 46 functions of preview 1 in `linker`, in the module
/// `wasi_snapshot_preview1`. `ctx` finds a guest's [`WasiCtx`] in the store's data.
///
/// ```
/// # fn main() -> Result<(), curta::Error> {
/// struct Host {
///     wasi: curta_wasi::WasiCtx,
/// }
/// let engine = curta::Engine::default();
/// let mut linker = curta::Linker::<Host>::new(&engine);
/// curta_wasi::add_to_linker(&mut linker, |host| &mut host.wasi)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The linker's, where one of the names is defined already and shadowing is off.
pub fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    ctx: fn(&mut T) -> &mut WasiCtx,
) -> Result<(), Error> {
    define! { linker, ctx;
        args::args_get(argv: u32, argv_buf: u32);
        args::args_sizes_get(argc: u32, argv_buf_size: u32);
        environ::environ_get(environ: u32, environ_buf: u32);
        environ::environ_sizes_get(environ_count: u32, environ_buf_size: u32);
        clock::clock_res_get(id: u32, resolution: u32);
        clock::clock_time_get(id: u32, precision: u64, time: u32);
        fd::fd_advise(fd: u32, offset: u64, len: u64, advice: u32);
        fd::fd_allocate(fd: u32, offset: u64, len: u64);
        fd::fd_close(fd: u32);
        fd::fd_datasync(fd: u32);
        fd::fd_fdstat_get(fd: u32, fdstat: u32);
        fd::fd_fdstat_set_flags(fd: u32, flags: u32);
        fd::fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64);
        fd::fd_filestat_get(fd: u32, filestat: u32);
        fd::fd_filestat_set_size(fd: u32, size: u64);
        fd::fd_filestat_set_times(fd: u32, atim: u64, mtim: u64, fst_flags: u32);
        fd::fd_pread(fd: u32, iovs: u32, iovs_len: u32, offset: u64, nread: u32);
        fd::fd_prestat_get(fd: u32, prestat: u32);
        fd::fd_prestat_dir_name(fd: u32, path: u32, path_len: u32);
        fd::fd_pwrite(fd: u32, iovs: u32, iovs_len: u32, offset: u64, nwritten: u32);
        fd::fd_read(fd: u32, iovs: u32, iovs_len: u32, nread: u32);
        fd::fd_readdir(fd: u32, buf: u32, buf_len: u32, cookie: u64, bufused: u32);
        fd::fd_renumber(fd: u32, to: u32);
        fd::fd_seek(fd: u32, delta: i64, whence: u32, position: u32);
        fd::fd_sync(fd: u32);
        fd::fd_tell(fd: u32, position: u32);
        fd::fd_write(fd: u32, iovs: u32, iovs_len: u32, nwritten: u32);
        path::path_create_directory(fd: u32, path: u32, path_len: u32);
        path::path_filestat_get(fd: u32, flags: u32, path: u32, path_len: u32, filestat: u32);
        path::path_filestat_set_times(
            fd: u32, flags: u32, path: u32, path_len: u32, atim: u64, mtim: u64, fst_flags: u32
        );
        path::path_link(
            fd: u32, flags: u32, path: u32, path_len: u32,
            new_fd: u32, new_path: u32, new_path_len: u32
        );
        path::path_open(
            fd: u32, dirflags: u32, path: u32, path_len: u32, oflags: u32,
            rights_base: u64, rights_inheriting: u64, fdflags: u32, opened_fd: u32
        );
        path::path_readlink(fd: u32, path: u32, path_len: u32, buf: u32, buf_len: u32, bufused: u32);
        path::path_remove_directory(fd: u32, path: u32, path_len: u32);
        path::path_rename(
            fd: u32, path: u32, path_len: u32, new_fd: u32, new_path: u32, new_path_len: u32
        );
        path::path_symlink(target: u32, target_len: u32, fd: u32, path: u32, path_len: u32);
        path::path_unlink_file(fd: u32, path: u32, path_len: u32);
        poll::poll_oneoff(subscriptions: u32, events: u32, nsubscriptions: u32, nevents: u32);
        proc::proc_raise(signal: u32);
        proc::sched_yield();
        random::random_get(buf: u32, buf_len: u32);
        sock::sock_accept(fd: u32, flags: u32, accepted_fd: u32);
        sock::sock_recv(
            fd: u32, ri_data: u32, ri_data_len: u32, ri_flags: u32, ro_datalen: u32, ro_flags: u32
        );
        sock::sock_send(fd: u32, si_data: u32, si_data_len: u32, si_flags: u32, so_datalen: u32);
        sock::sock_shutdown(fd: u32, how: u32);
    }
    // The one function that does not return.
    linker.func_wrap(MODULE, "proc_exit", proc::proc_exit)?;
    Ok(())
}

/// Carries out a function on the caller's context and memory, and turns its outcome into
/// the number that the guest gets.
fn call<T: 'static>(
    caller: &mut Caller<'_, T>,
    ctx: fn(&mut T) -> &mut WasiCtx,
    function: &'static str,
    body: impl FnOnce(&mut WasiCtx, &mut GuestMemory<'_>) -> Result<(), Errno>,
) -> Result<u32, Error> {
    let outcome = match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => {
            let (bytes, data) = memory.data_and_store_mut(caller);
            body(ctx(data), &mut GuestMemory::new(bytes))
        }
        // A guest without memory may still yield or close. Only where it names an
        // address is there something to complain of, and to its author at that.
        _ => match body(ctx(caller.data_mut()), &mut GuestMemory::new(&mut [])) {
            Err(Errno::Fault) => return Err(Error::new(NoMemory { function })),
            outcome => outcome,
        },
    };
    let errno = outcome.err().unwrap_or(Errno::Success);
    Ok(u32::from(errno.raw()))
}
