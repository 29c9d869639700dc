//! Waiting for clocks and descriptors.

use std::sync::Arc;
use std::time::Duration;

use crate::WasiCtx;
use crate::abi::{ClockId, Errno, Event, Rights, SubclockFlags, Subscription, SubscriptionKind};
use crate::clock::Clocks;
#[cfg(unix)]
use crate::fs::File;
use crate::guest::GuestMemory;
use crate::table::{Descriptor, Kind, Table};
use crate::wait::{Look, Signal};

/// More subscriptions than that in one call are `inval`, as on POSIX systems; there are
/// at most two a descriptor, and clocks.
const MAX_SUBSCRIPTIONS: u32 = 4096;

/// Waits until at least one of the `nsubscriptions` subscriptions at `in_` has happened,
/// stores an event at `out` for each that has, and their number at `nevents`. The two
/// arrays may overlap.
///
/// Clocks, pipes, sockets, and terminals and pipes of the host are truly waited for;
/// regular files and bytes in memory are always ready. A stream that the embedder made of a
/// reader or writer is taken for ready, as it cannot be asked. An event says how many bytes
/// there are, as far as known, and whether the other end is gone. What cannot be waited for
/// is an event with an error. Processor time cannot: such an event is `notsup`.
///
/// # Errors
/// [`Errno::Inval`] for no subscription (waiting for nothing would last forever), for more
/// than 4096, and for an unknown kind of subscription. [`Errno::Intr`] where the host
/// interrupts.
pub fn poll_oneoff(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    in_: u32,
    out: u32,
    nsubscriptions: u32,
    nevents: u32,
) -> Result<(), Errno> {
    poll(
        ctx,
        memory,
        (in_, out, nsubscriptions, nevents),
        Subscription::decode,
    )
}

/// The same for records of any layout; the numbers are the call's arguments.
pub(crate) fn poll<const N: usize>(
    ctx: &mut WasiCtx,
    memory: &mut dyn GuestMemory,
    (subscriptions, events, nsubscriptions, nevents): (u32, u32, u32, u32),
    decode: fn(&[u8; N]) -> Result<Subscription, Errno>,
) -> Result<(), Errno> {
    if nsubscriptions == 0 || nsubscriptions > MAX_SUBSCRIPTIONS {
        return Err(Errno::Inval);
    }
    // Decoded before anything is stored: the two arrays may overlap.
    let subscriptions = memory
        .array(subscriptions, nsubscriptions)?
        .iter()
        .map(decode)
        .collect::<Result<Vec<_>, _>>()?;
    memory.check(events, subscriptions.len() * Event::SIZE)?;
    memory.check(nevents, 4)?;

    let happened = wait(ctx, &subscriptions)?;
    let mut slot = events;
    for event in &happened {
        memory.write(slot, &event.encode())?;
        // Below the end that was checked above.
        slot = slot.wrapping_add(Event::SIZE as u32);
    }
    let count = u32::try_from(happened.len()).map_err(|_| Errno::Overflow)?;
    memory.write_u32(nevents, count)
}

/// When a clock subscription happens, for the clocks that can be waited for.
type Due = Option<Result<(ClockId, u64), Errno>>;

/// Waits as long as nothing has happened; at least one event comes back.
fn wait(ctx: &mut WasiCtx, subscriptions: &[Subscription]) -> Result<Vec<Event>, Errno> {
    let dues: Vec<Due> = subscriptions
        .iter()
        .map(|subscription| match subscription.kind {
            SubscriptionKind::Clock { id, timeout, flags } => {
                Some(due(&mut *ctx.clocks, id, timeout, flags))
            }
            SubscriptionKind::FdRead(_) | SubscriptionKind::FdWrite(_) => None,
        })
        .collect();
    let WasiCtx {
        table,
        clocks,
        signal,
        ..
    } = ctx;
    loop {
        // What changes from here on ends the wait below.
        signal.arm();
        let mut happened = Vec::new();
        let mut soonest: Option<u64> = None;
        let mut descriptors = Vec::new();
        for (subscription, due) in subscriptions.iter().zip(&dues) {
            let outcome = match (due, subscription.kind) {
                (Some(Err(errno)), _) => Err(*errno),
                (Some(Ok((clock, at))), _) => clocks.now(*clock).map(|now| {
                    if now < *at {
                        soonest = Some(soonest.unwrap_or(u64::MAX).min(at - now));
                        None
                    } else {
                        Some((0, false))
                    }
                }),
                (None, kind) => look(table, signal, kind).map(|look| match look {
                    Look::Ready { bytes, hangup } => Some((bytes, hangup)),
                    Look::Pending(on) => {
                        descriptors.extend(on);
                        None
                    }
                }),
            };
            let (error, bytes, hangup) = match outcome {
                Ok(None) => continue,
                Ok(Some((bytes, hangup))) => (Errno::Success, bytes, hangup),
                Err(errno) => (errno, 0, false),
            };
            happened.push(Event {
                userdata: subscription.userdata,
                error,
                event_type: subscription.event_type(),
                bytes,
                hangup,
            });
        }
        if !happened.is_empty() {
            return Ok(happened);
        }
        signal.wait(
            match soonest {
                Some(time) if clocks.pass(time) => Some(Duration::ZERO),
                time => time.map(Duration::from_nanos),
            },
            &descriptors,
        )?;
    }
}

/// The clock of a subscription and the time that it is to reach.
fn due(
    clocks: &mut dyn Clocks,
    id: Result<ClockId, Errno>,
    timeout: u64,
    flags: Result<SubclockFlags, Errno>,
) -> Result<(ClockId, u64), Errno> {
    let clock = match id? {
        clock @ (ClockId::Realtime | ClockId::Monotonic) => clock,
        ClockId::ProcessCputime | ClockId::ThreadCputime => return Err(Errno::Notsup),
    };
    let now = clocks.now(clock)?;
    Ok((
        clock,
        if flags?.contains(SubclockFlags::ABSTIME) {
            timeout
        } else {
            now.saturating_add(timeout)
        },
    ))
}

/// Looks whether a descriptor is ready.
fn look<'a>(
    table: &'a Table,
    signal: &Arc<Signal>,
    kind: SubscriptionKind,
) -> Result<Look<'a>, Errno> {
    match kind {
        SubscriptionKind::FdRead(fd) => readable(table.get(fd)?, signal),
        SubscriptionKind::FdWrite(fd) => writable(table.get(fd)?, signal),
        SubscriptionKind::Clock { .. } => Err(Errno::Inval),
    }
}

fn readable<'a>(descriptor: &'a Descriptor, signal: &Arc<Signal>) -> Result<Look<'a>, Errno> {
    descriptor.require(Rights::POLL_FD_READWRITE.union(Rights::FD_READ))?;
    match &descriptor.kind {
        Kind::Input(input) => input.look(signal),
        Kind::File(file) => {
            #[cfg(unix)]
            if let Some(look) = look_at_host(&**file, true) {
                return look;
            }
            Ok(Look::Ready {
                bytes: file.stat()?.size.saturating_sub(file.tell()?),
                hangup: false,
            })
        }
        #[cfg(unix)]
        Kind::Socket(socket) => socket.look_to_read(),
        Kind::Output(_) | Kind::Directory(_) => Err(Errno::Badf),
    }
}

fn writable<'a>(descriptor: &'a Descriptor, signal: &Arc<Signal>) -> Result<Look<'a>, Errno> {
    descriptor.require(Rights::POLL_FD_READWRITE.union(Rights::FD_WRITE))?;
    match &descriptor.kind {
        Kind::Output(output) => output.look(signal),
        #[cfg(unix)]
        Kind::File(file) => look_at_host(&**file, false).unwrap_or(Ok(Look::READY)),
        #[cfg(not(unix))]
        Kind::File(_) => Ok(Look::READY),
        #[cfg(unix)]
        Kind::Socket(socket) => socket.look_to_write(),
        Kind::Input(_) | Kind::Directory(_) => Err(Errno::Badf),
    }
}

/// Looks at a file that may have to be waited for.
#[cfg(unix)]
fn look_at_host(file: &dyn File, read: bool) -> Option<Result<Look<'_>, Errno>> {
    use crate::wait::HostWait;
    let fd = file.host_descriptor()?;
    Some(if read {
        HostWait::to_read_borrowed(fd).look()
    } else {
        HostWait::to_write_borrowed(fd).look()
    })
}
