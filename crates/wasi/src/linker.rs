//! The functions in a linker of curta: the only file that touches the engine, beside
//! [`command`](crate::command), which runs programs.

use curta::{Caller, Error, Extern, Linker};

use crate::abi::Errno;
use crate::command::Exit;
use crate::guest::GuestMemory;
use crate::{ConfigError, Interrupted, MemoryError, WasiCtx, preview1, unstable};

/// The module name that preview 1's functions are imported from.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// The module name that the older interface's functions are imported from.
pub const UNSTABLE_MODULE: &str = "wasi_unstable";

/// A module calls a function that needs its memory, but exports none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("WASI function `{function}` was called by a module that exports no memory named `memory`")]
pub struct NoMemory {
    /// The function.
    pub function: &'static str,
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Error::new(error)
    }
}

impl From<MemoryError> for Error {
    fn from(error: MemoryError) -> Self {
        Error::new(error)
    }
}

/// Defines each listed function. A row is the function's signature in the interface.
macro_rules! define {
    ($linker:ident, $ctx:ident, $module:expr; $($family:ident::$name:ident($($param:ident: $ty:ty),*);)*) => {$(
        $linker.func_wrap(
            $module,
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
/// `wasi_snapshot_preview1`, and the 45 of the older interface in `wasi_unstable`. `ctx`
/// finds a guest's [`WasiCtx`] in the store's data.
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
    add_shared(linker, ctx, MODULE)?;
    define! { linker, ctx, MODULE;
        preview1::fd_filestat_get(fd: u32, buf: u32);
        preview1::fd_seek(fd: u32, offset: i64, whence: u32, newoffset: u32);
        preview1::path_filestat_get(fd: u32, flags: u32, path: u32, path_len: u32, buf: u32);
        preview1::poll_oneoff(in_: u32, out: u32, nsubscriptions: u32, nevents: u32);
        preview1::sock_accept(fd: u32, flags: u32, accepted_fd: u32);
    }
    add_shared(linker, ctx, UNSTABLE_MODULE)?;
    define! { linker, ctx, UNSTABLE_MODULE;
        unstable::fd_filestat_get(fd: u32, buf: u32);
        unstable::fd_seek(fd: u32, offset: i64, whence: u32, newoffset: u32);
        unstable::path_filestat_get(fd: u32, flags: u32, path: u32, path_len: u32, buf: u32);
        unstable::poll_oneoff(in_: u32, out: u32, nsubscriptions: u32, nevents: u32);
    }
    Ok(())
}

/// The functions that are the same in both interfaces.
fn add_shared<T: 'static>(
    linker: &mut Linker<T>,
    ctx: fn(&mut T) -> &mut WasiCtx,
    module: &'static str,
) -> Result<(), Error> {
    define! { linker, ctx, module;
        preview1::args_get(argv: u32, argv_buf: u32);
        preview1::args_sizes_get(argc: u32, argv_buf_size: u32);
        preview1::environ_get(environ: u32, environ_buf: u32);
        preview1::environ_sizes_get(environ_count: u32, environ_buf_size: u32);
        preview1::clock_res_get(id: u32, resolution: u32);
        preview1::clock_time_get(id: u32, precision: u64, time: u32);
        preview1::fd_advise(fd: u32, offset: u64, len: u64, advice: u32);
        preview1::fd_allocate(fd: u32, offset: u64, len: u64);
        preview1::fd_close(fd: u32);
        preview1::fd_datasync(fd: u32);
        preview1::fd_fdstat_get(fd: u32, stat: u32);
        preview1::fd_fdstat_set_flags(fd: u32, flags: u32);
        preview1::fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64);
        preview1::fd_filestat_set_size(fd: u32, size: u64);
        preview1::fd_filestat_set_times(fd: u32, atim: u64, mtim: u64, fst_flags: u32);
        preview1::fd_pread(fd: u32, iovs: u32, iovs_len: u32, offset: u64, nread: u32);
        preview1::fd_prestat_get(fd: u32, buf: u32);
        preview1::fd_prestat_dir_name(fd: u32, path: u32, path_len: u32);
        preview1::fd_pwrite(fd: u32, iovs: u32, iovs_len: u32, offset: u64, nwritten: u32);
        preview1::fd_read(fd: u32, iovs: u32, iovs_len: u32, nread: u32);
        preview1::fd_readdir(fd: u32, buf: u32, buf_len: u32, cookie: u64, bufused: u32);
        preview1::fd_renumber(fd: u32, to: u32);
        preview1::fd_sync(fd: u32);
        preview1::fd_tell(fd: u32, offset: u32);
        preview1::fd_write(fd: u32, iovs: u32, iovs_len: u32, nwritten: u32);
        preview1::proc_raise(signal: u32);
        preview1::sched_yield();
        preview1::random_get(buf: u32, buf_len: u32);
    }
    add_paths_and_sockets(linker, ctx, module)?;
    // The one function that does not return.
    linker.func_wrap(module, "proc_exit", |code: u32| -> Result<(), Error> {
        Err(Error::new(Exit(code.cast_signed())))
    })?;
    Ok(())
}

fn add_paths_and_sockets<T: 'static>(
    linker: &mut Linker<T>,
    ctx: fn(&mut T) -> &mut WasiCtx,
    module: &'static str,
) -> Result<(), Error> {
    define! { linker, ctx, module;
        preview1::path_create_directory(fd: u32, path: u32, path_len: u32);
        preview1::path_filestat_set_times(
            fd: u32, flags: u32, path: u32, path_len: u32, atim: u64, mtim: u64, fst_flags: u32
        );
        preview1::path_link(
            old_fd: u32, old_flags: u32, old_path: u32, old_path_len: u32,
            new_fd: u32, new_path: u32, new_path_len: u32
        );
        preview1::path_open(
            fd: u32, dirflags: u32, path: u32, path_len: u32, oflags: u32,
            rights_base: u64, rights_inheriting: u64, fdflags: u32, opened_fd: u32
        );
        preview1::path_readlink(
            fd: u32, path: u32, path_len: u32, buf: u32, buf_len: u32, bufused: u32
        );
        preview1::path_remove_directory(fd: u32, path: u32, path_len: u32);
        preview1::path_rename(
            fd: u32, old_path: u32, old_path_len: u32, new_fd: u32, new_path: u32, new_path_len: u32
        );
        preview1::path_symlink(
            old_path: u32, old_path_len: u32, fd: u32, new_path: u32, new_path_len: u32
        );
        preview1::path_unlink_file(fd: u32, path: u32, path_len: u32);
        preview1::sock_recv(
            fd: u32, ri_data: u32, ri_data_len: u32, ri_flags: u32, ro_datalen: u32, ro_flags: u32
        );
        preview1::sock_send(
            fd: u32, si_data: u32, si_data_len: u32, si_flags: u32, so_datalen: u32
        );
        preview1::sock_shutdown(fd: u32, how: u32);
    }
    Ok(())
}

/// Carries out a function on the caller's context and memory, and turns its outcome into
/// the number that the guest gets.
fn call<T: 'static>(
    caller: &mut Caller<'_, T>,
    ctx: fn(&mut T) -> &mut WasiCtx,
    function: &'static str,
    body: impl FnOnce(&mut WasiCtx, &mut dyn GuestMemory) -> Result<(), Errno>,
) -> Result<u32, Error> {
    let outcome = match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => {
            let (mut bytes, data) = memory.data_and_store_mut(caller);
            uninterrupted(ctx(data), &mut bytes, body)?
        }
        // A guest without memory may still yield or close. Only where it names an
        // address is there something to complain of, and to its author at that.
        _ => match uninterrupted(ctx(caller.data_mut()), &mut Vec::new(), body)? {
            Err(Errno::Fault) => return Err(Error::new(NoMemory { function })),
            outcome => outcome,
        },
    };
    let errno = outcome.err().unwrap_or(Errno::Success);
    Ok(u32::from(errno.raw()))
}

/// Carries out a function unless the host wants the guest to end, before it or while it
/// waits.
fn uninterrupted(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    body: impl FnOnce(&mut WasiCtx, &mut dyn GuestMemory) -> Result<(), Errno>,
) -> Result<Result<(), Errno>, Error> {
    if ctx.is_interrupted() {
        return Err(Error::new(Interrupted));
    }
    let outcome = body(ctx, memory);
    if outcome == Err(Errno::Intr) && ctx.is_interrupted() {
        return Err(Error::new(Interrupted));
    }
    Ok(outcome)
}
