//! Sockets: defined, so that programs link, and not supported. No guest is given a
//! socket, and preview 1 has no way to open one.

use crate::WasiCtx;
use crate::abi::Errno;
use crate::guest::GuestMemory;

/// Not supported.
pub(super) fn sock_accept(
    _ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    _fd: u32,
    _flags: u32,
    _accepted_fd: u32,
) -> Result<(), Errno> {
    Err(Errno::Notsup)
}

/// Not supported.
#[allow(clippy::too_many_arguments, reason = "the interface's signature")]
pub(super) fn sock_recv(
    _ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    _fd: u32,
    _ri_data: u32,
    _ri_data_len: u32,
    _ri_flags: u32,
    _ro_datalen: u32,
    _ro_flags: u32,
) -> Result<(), Errno> {
    Err(Errno::Notsup)
}

/// Not supported.
pub(super) fn sock_send(
    _ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    _fd: u32,
    _si_data: u32,
    _si_data_len: u32,
    _si_flags: u32,
    _so_datalen: u32,
) -> Result<(), Errno> {
    Err(Errno::Notsup)
}

/// Not supported.
pub(super) fn sock_shutdown(
    _ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    _fd: u32,
    _how: u32,
) -> Result<(), Errno> {
    Err(Errno::Notsup)
}
