//! Sockets: what the embedder has opened and given, and connections that it accepts.
//!
//! Where the host is not a Unix none can be given, and every descriptor is `notsock`.

use crate::WasiCtx;
use crate::abi::{Errno, FdFlags, RiFlags, SdFlags};
use crate::guest::GuestMemory;

#[cfg(unix)]
mod on_unix {
    use smallvec::SmallVec;

    use crate::WasiCtx;
    use crate::abi::{Errno, FdFlags, RiFlags, Rights, RoFlags, SdFlags};
    use crate::guest::{Buffers, GuestMemory};
    use crate::socket::Socket;
    use crate::table::{Descriptor, Kind};

    /// The socket behind a descriptor, unless this right was taken away from it. A right
    /// that its kind never had is for the call to complain of.
    fn socket(ctx: &WasiCtx, fd: u32, right: Rights) -> Result<&Socket, Errno> {
        let descriptor = ctx.table.get(fd)?;
        let Kind::Socket(socket) = &descriptor.kind else {
            return Err(Errno::Notsock);
        };
        if socket.rights().contains(right) {
            descriptor.require(right)?;
        }
        Ok(socket)
    }

    pub(super) fn accept(ctx: &mut WasiCtx, fd: u32, flags: FdFlags) -> Result<u32, Errno> {
        let listener = socket(ctx, fd, Rights::SOCK_ACCEPT)?;
        ctx.table.check_room()?;
        let inheriting = ctx.table.get(fd)?.inheriting;
        let accepted = listener.accept(flags, &ctx.signal)?;
        ctx.table.insert(Descriptor {
            rights: accepted.rights().intersection(inheriting),
            inheriting: Rights::NONE,
            kind: Kind::Socket(accepted),
        })
    }

    /// Receives into the buffers.
    pub(in crate::preview1) fn receive(
        ctx: &WasiCtx,
        memory: &mut dyn GuestMemory,
        fd: u32,
        buffers: &Buffers,
        how: RiFlags,
    ) -> Result<(usize, RoFlags), Errno> {
        let socket = socket(ctx, fd, Rights::FD_READ)?;
        if socket.has_messages() {
            return receive_message(ctx, memory, socket, buffers, how);
        }
        let all = how.contains(RiFlags::RECV_WAITALL) && !how.contains(RiFlags::RECV_PEEK);
        let mut done = 0;
        for range in buffers {
            let mut buffer = memory.buffer_mut(range)?;
            while !buffer.is_empty() {
                let (got, _) = match socket.receive(buffer, how, &ctx.signal) {
                    Ok(got) => got,
                    Err(_) if done > 0 => return Ok((done, RoFlags::empty())),
                    Err(error) => return Err(error),
                };
                done += got;
                if got == 0 || !all {
                    return Ok((done, RoFlags::empty()));
                }
                buffer = &mut buffer[got..];
            }
        }
        Ok((done, RoFlags::empty()))
    }

    /// A message is taken by one call, whatever the buffers.
    fn receive_message(
        ctx: &WasiCtx,
        memory: &mut dyn GuestMemory,
        socket: &Socket,
        buffers: &Buffers,
        how: RiFlags,
    ) -> Result<(usize, RoFlags), Errno> {
        /// No message of the internet's protocols is longer.
        const LONGEST: usize = 1 << 16;
        let room = buffers.iter().map(|range| range.len()).sum::<usize>();
        let mut message = vec![0; room.min(LONGEST)];
        let (got, len) = socket.receive(&mut message, how, &ctx.signal)?;
        let mut rest = &message[..got];
        for range in buffers {
            let (part, after) = rest.split_at(range.len().min(rest.len()));
            memory.buffer_mut(range)?[..part.len()].copy_from_slice(part);
            rest = after;
        }
        let flags = if len > got {
            RoFlags::RECV_DATA_TRUNCATED
        } else {
            RoFlags::empty()
        };
        Ok((got, flags))
    }

    /// Sends the buffers: of a stream as many as it takes, of messages all as one.
    pub(in crate::preview1) fn send(
        ctx: &WasiCtx,
        memory: &dyn GuestMemory,
        fd: u32,
        buffers: &Buffers,
    ) -> Result<usize, Errno> {
        let socket = socket(ctx, fd, Rights::FD_WRITE)?;
        if socket.has_messages() {
            let mut message: SmallVec<[u8; 256]> = SmallVec::new();
            for range in buffers {
                message.extend_from_slice(memory.buffer(range)?);
            }
            return socket.send(&message, &ctx.signal);
        }
        let mut done = 0;
        for range in buffers {
            let buffer = memory.buffer(range)?;
            match socket.send(buffer, &ctx.signal) {
                Ok(sent) => {
                    done += sent;
                    if sent < buffer.len() {
                        break;
                    }
                }
                Err(_) if done > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    pub(super) fn shutdown(ctx: &WasiCtx, fd: u32, how: SdFlags) -> Result<(), Errno> {
        socket(ctx, fd, Rights::SOCK_SHUTDOWN)?.shutdown(how)
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use crate::WasiCtx;
    use crate::abi::{Errno, FdFlags, RiFlags, RoFlags, SdFlags};
    use crate::guest::{Buffers, GuestMemory};

    fn refuse(ctx: &WasiCtx, fd: u32) -> Errno {
        ctx.table.get(fd).err().unwrap_or(Errno::Notsock)
    }

    pub(super) fn accept(ctx: &mut WasiCtx, fd: u32, _flags: FdFlags) -> Result<u32, Errno> {
        Err(refuse(ctx, fd))
    }

    pub(super) fn receive(
        ctx: &WasiCtx,
        _memory: &mut dyn GuestMemory,
        fd: u32,
        _buffers: &Buffers,
        _how: RiFlags,
    ) -> Result<(usize, RoFlags), Errno> {
        Err(refuse(ctx, fd))
    }

    pub(super) fn send(
        ctx: &WasiCtx,
        _memory: &dyn GuestMemory,
        fd: u32,
        _buffers: &Buffers,
    ) -> Result<usize, Errno> {
        Err(refuse(ctx, fd))
    }

    pub(super) fn shutdown(ctx: &WasiCtx, fd: u32, _how: SdFlags) -> Result<(), Errno> {
        Err(refuse(ctx, fd))
    }
}

#[cfg(not(unix))]
use elsewhere as host;
#[cfg(unix)]
use on_unix as host;

#[cfg(unix)]
pub(super) use on_unix::{receive, send};

/// Takes a connection from the listener `fd`, waiting for one, and stores its descriptor at
/// `accepted_fd`. Of `flags` only `nonblock` can be set, for the connection; the listener's
/// own decides whether this call waits.
///
/// # Errors
/// [`Errno::Notsock`], [`Errno::Inval`] for a socket that does not listen and for flags
/// that sockets do not have, [`Errno::Again`] where there is no connection and the listener
/// does not wait, [`Errno::Mfile`] where the table of descriptors is full.
pub fn sock_accept(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    flags: u32,
    accepted_fd: u32,
) -> Result<(), Errno> {
    let flags = FdFlags::from_guest(flags)?;
    if !FdFlags::NONBLOCK.contains(flags) {
        return Err(Errno::Inval);
    }
    memory.check(accepted_fd, 4)?;
    let accepted = host::accept(ctx, fd, flags)?;
    memory.write_u32(accepted_fd, accepted)
}

/// Receives into the `ri_data_len` buffers at `ri_data`, waiting for data unless `fd` does
/// not wait, and stores how many bytes at `ro_datalen` and what is to be said of them at
/// `ro_flags`. 0 bytes are the end of a stream. A message that is longer than the buffers
/// is cut.
///
/// # Errors
/// [`Errno::Notsock`], [`Errno::Notconn`] of a listener, [`Errno::Again`].
#[allow(clippy::too_many_arguments, reason = "the interface's signature")]
pub fn sock_recv(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    ri_data: u32,
    ri_data_len: u32,
    ri_flags: u32,
    ro_datalen: u32,
    ro_flags: u32,
) -> Result<(), Errno> {
    let how = RiFlags::from_guest(ri_flags)?;
    let buffers = memory.buffers(ri_data, ri_data_len, ctx.limits.bytes_in_flight)?;
    memory.check(ro_datalen, 4)?;
    memory.check(ro_flags, 2)?;
    let (count, flags) = host::receive(ctx, memory, fd, &buffers, how)?;
    memory.write_u32(
        ro_datalen,
        u32::try_from(count).map_err(|_| Errno::Overflow)?,
    )?;
    memory.write(ro_flags, &flags.bits().to_le_bytes())
}

/// Sends the `si_data_len` buffers at `si_data`, waiting for room unless `fd` does not wait,
/// and stores how many bytes were taken at `so_datalen`. There are no flags to send with.
///
/// # Errors
/// [`Errno::Notsock`], [`Errno::Notconn`] of a listener, [`Errno::Pipe`] where the other
/// end is gone, [`Errno::Again`], [`Errno::Inval`] for any flag.
pub fn sock_send(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    fd: u32,
    si_data: u32,
    si_data_len: u32,
    si_flags: u32,
    so_datalen: u32,
) -> Result<(), Errno> {
    if si_flags != 0 {
        return Err(Errno::Inval);
    }
    let buffers = memory.buffers(si_data, si_data_len, ctx.limits.bytes_in_flight)?;
    memory.check(so_datalen, 4)?;
    let count = host::send(ctx, memory, fd, &buffers)?;
    memory.write_u32(
        so_datalen,
        u32::try_from(count).map_err(|_| Errno::Overflow)?,
    )
}

/// Ends receiving (`how` 1), sending (2) or both (3) of a connection.
///
/// # Errors
/// [`Errno::Notsock`], [`Errno::Notconn`] of a listener or a connection that is gone,
/// [`Errno::Inval`] for neither direction.
pub fn sock_shutdown(
    ctx: &mut WasiCtx,
    _memory: &mut dyn GuestMemory,
    fd: u32,
    how: u32,
) -> Result<(), Errno> {
    host::shutdown(ctx, fd, SdFlags::from_guest(how)?)
}
