//! Sockets: defined, so that programs link. No guest is given a socket and preview 1 has
//! no way to open one, so a descriptor is either not open (`badf`) or no socket (`notsock`).

use crate::WasiCtx;
use crate::abi::Errno;
use crate::guest::GuestMemory;

/// Why a descriptor cannot be used as a socket.
fn refuse(ctx: &WasiCtx, fd: u32) -> Result<(), Errno> {
    ctx.table.get(fd)?;
    Err(Errno::Notsock)
}

/// Not supported.
pub(super) fn sock_accept(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    _flags: u32,
    _accepted_fd: u32,
) -> Result<(), Errno> {
    refuse(ctx, fd)
}

/// Not supported.
#[allow(clippy::too_many_arguments, reason = "the interface's signature")]
pub(super) fn sock_recv(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    _ri_data: u32,
    _ri_data_len: u32,
    _ri_flags: u32,
    _ro_datalen: u32,
    _ro_flags: u32,
) -> Result<(), Errno> {
    refuse(ctx, fd)
}

/// Not supported.
pub(super) fn sock_send(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    _si_data: u32,
    _si_data_len: u32,
    _si_flags: u32,
    _so_datalen: u32,
) -> Result<(), Errno> {
    refuse(ctx, fd)
}

/// Not supported.
pub(super) fn sock_shutdown(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    _how: u32,
) -> Result<(), Errno> {
    refuse(ctx, fd)
}
