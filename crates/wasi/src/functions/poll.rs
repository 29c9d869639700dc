//! Waiting for clocks and descriptors.
//!
//! Files and standard streams are always ready: a read or a write may then block, which
//! a guest without threads cannot tell from waiting here. So only clocks are waited for.

use std::thread;
use std::time::{Duration, Instant};

use crate::WasiCtx;
use crate::abi::{ClockId, Errno, Event, Rights, SubclockFlags, Subscription, SubscriptionKind};
use crate::guest::GuestMemory;
use crate::table::Kind;

/// More subscriptions than that in one call are `inval`, as on POSIX systems; there are
/// at most two a descriptor, and clocks.
const MAX_SUBSCRIPTIONS: u32 = 4096;

/// Waits until at least one subscription has happened and stores an event for each that
/// has. Waiting for nothing would last forever and is `inval`.
pub(super) fn poll_oneoff(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    subscriptions: u32,
    events: u32,
    nsubscriptions: u32,
    nevents: u32,
) -> Result<(), Errno> {
    if nsubscriptions == 0 || nsubscriptions > MAX_SUBSCRIPTIONS {
        return Err(Errno::Inval);
    }
    // Decoded before anything is stored: the two arrays may overlap.
    let subscriptions = memory
        .array(subscriptions, nsubscriptions)?
        .iter()
        .map(Subscription::decode)
        .collect::<Result<Vec<_>, _>>()?;
    memory.check(events, subscriptions.len() * Event::SIZE)?;
    memory.check(nevents, 4)?;

    let happened = wait(ctx, &subscriptions);
    let mut slot = events;
    for event in &happened {
        memory.write(slot, &event.encode())?;
        // Below the end that was checked above.
        slot = slot.wrapping_add(Event::SIZE as u32);
    }
    let count = u32::try_from(happened.len()).map_err(|_| Errno::Overflow)?;
    memory.write_u32(nevents, count)
}

/// What a subscription waits for, looked at once.
enum State {
    /// It has happened: so many bytes can be read or written.
    Ready(u64),
    /// It cannot be waited for.
    Failed(Errno),
    /// It happens after that long.
    After(Duration),
}

/// Waits as long as nothing has happened; at least one event comes back.
fn wait(ctx: &mut WasiCtx, subscriptions: &[Subscription]) -> Vec<Event> {
    let start = Instant::now();
    let states: Vec<State> = subscriptions
        .iter()
        .map(|subscription| look(ctx, subscription))
        .collect();
    let soonest = states
        .iter()
        .map(|state| match state {
            State::After(delay) => *delay,
            State::Ready(_) | State::Failed(_) => Duration::ZERO,
        })
        .min()
        .unwrap_or_default();
    if !soonest.is_zero() {
        thread::sleep(soonest);
    }
    let passed = if soonest.is_zero() {
        Duration::ZERO
    } else {
        soonest.max(start.elapsed())
    };

    let mut happened = Vec::new();
    for (subscription, state) in subscriptions.iter().zip(states) {
        let (error, bytes) = match state {
            State::Ready(bytes) => (Errno::Success, bytes),
            State::Failed(errno) => (errno, 0),
            State::After(delay) if delay <= passed => (Errno::Success, 0),
            State::After(_) => continue,
        };
        happened.push(Event {
            userdata: subscription.userdata,
            error,
            event_type: subscription.event_type(),
            bytes,
        });
    }
    happened
}

/// Looks at a subscription.
fn look(ctx: &mut WasiCtx, subscription: &Subscription) -> State {
    let state = match subscription.kind {
        SubscriptionKind::Clock { id, timeout, flags } => delay(ctx, id, timeout, flags),
        SubscriptionKind::FdRead(fd) => readable(ctx, fd),
        SubscriptionKind::FdWrite(fd) => writable(ctx, fd),
    };
    state.unwrap_or_else(State::Failed)
}

/// How long until a clock has reached a time.
fn delay(
    ctx: &WasiCtx,
    id: Result<ClockId, Errno>,
    timeout: u64,
    flags: Result<SubclockFlags, Errno>,
) -> Result<State, Errno> {
    let clock = match id? {
        clock @ (ClockId::Realtime | ClockId::Monotonic) => clock,
        ClockId::ProcessCputime | ClockId::ThreadCputime => return Err(Errno::Notsup),
    };
    let nanoseconds = if flags?.contains(SubclockFlags::ABSTIME) {
        timeout.saturating_sub(ctx.clocks.now(clock)?)
    } else {
        timeout
    };
    Ok(State::After(Duration::from_nanos(nanoseconds)))
}

/// Whether a descriptor can be read.
fn readable(ctx: &mut WasiCtx, fd: u32) -> Result<State, Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    descriptor.require(Rights::POLL_FD_READWRITE.union(Rights::FD_READ))?;
    match &mut descriptor.kind {
        Kind::Input(_) => Ok(State::Ready(1)),
        Kind::File(file) => {
            let size = file.stat()?.size;
            // A device or a pipe has no position and may have anything to read.
            let left = file
                .tell()
                .map_or(1, |position| size.saturating_sub(position));
            Ok(State::Ready(left))
        }
        Kind::Output(_) | Kind::Directory(_) => Err(Errno::Badf),
    }
}

/// Whether a descriptor can be written.
fn writable(ctx: &WasiCtx, fd: u32) -> Result<State, Errno> {
    let descriptor = ctx.table.get(fd)?;
    descriptor.require(Rights::POLL_FD_READWRITE.union(Rights::FD_WRITE))?;
    match &descriptor.kind {
        Kind::Output(_) | Kind::File(_) => Ok(State::Ready(1)),
        Kind::Input(_) | Kind::Directory(_) => Err(Errno::Badf),
    }
}
