//! Waiting.

use std::time::{Duration, Instant};

use super::{DATA, Guest, RESULT};
use crate::WasiCtx;
use crate::abi::{Errno, Event, Subscription};
use crate::preview1::poll_oneoff;

/// Where events are stored.
const EVENTS: u32 = 0x8000;

fn clock(userdata: u64, id: u32, timeout: u64, absolute: bool) -> Vec<u8> {
    let mut bytes = vec![0; Subscription::SIZE];
    bytes[..8].copy_from_slice(&userdata.to_le_bytes());
    bytes[16..20].copy_from_slice(&id.to_le_bytes());
    bytes[24..32].copy_from_slice(&timeout.to_le_bytes());
    bytes[40] = u8::from(absolute);
    bytes
}

fn descriptor(userdata: u64, kind: u8, fd: u32) -> Vec<u8> {
    let mut bytes = vec![0; Subscription::SIZE];
    bytes[..8].copy_from_slice(&userdata.to_le_bytes());
    bytes[8] = kind;
    bytes[16..20].copy_from_slice(&fd.to_le_bytes());
    bytes
}

/// Polls and returns mark, error and kind of every event.
fn poll(guest: &mut Guest, subscriptions: &[Vec<u8>]) -> Result<Vec<(u64, u16, u8)>, Errno> {
    guest.put(DATA, &subscriptions.concat());
    let count = u32::try_from(subscriptions.len()).unwrap();
    guest.call(|ctx, memory| poll_oneoff(ctx, memory, DATA, EVENTS, count, RESULT))?;
    let stored = guest.u32_at(RESULT) as usize;
    let events = guest.at(EVENTS, stored * Event::SIZE).chunks(Event::SIZE);
    Ok(events
        .map(|event| {
            let userdata = u64::from_le_bytes(event[..8].try_into().unwrap());
            (userdata, u16::from(event[8]), event[10])
        })
        .collect())
}

#[test]
fn waiting_for_nothing_or_for_too_much_is_refused() {
    let mut guest = Guest::new(&mut WasiCtx::builder());
    assert_eq!(poll(&mut guest, &[]), Err(Errno::Inval));
    for count in [0x1_0000, u32::MAX] {
        let polled =
            guest.call(|ctx, memory| poll_oneoff(ctx, memory, DATA, EVENTS, count, RESULT));
        assert_eq!(polled, Err(Errno::Inval));
    }
    for (subscriptions, events, stored) in [
        (0xfff0, EVENTS, RESULT),
        (DATA, 0xfff0, RESULT),
        (DATA, EVENTS, 0xffff_fffe),
        (u32::MAX, EVENTS, RESULT),
    ] {
        let polled =
            guest.call(|ctx, memory| poll_oneoff(ctx, memory, subscriptions, events, 1, stored));
        assert_eq!(polled, Err(Errno::Fault));
    }
    let mut unknown = clock(1, 1, 0, false);
    unknown[8] = 9;
    assert_eq!(poll(&mut guest, &[unknown]), Err(Errno::Inval));
}

#[test]
fn a_timeout_passes_before_its_event() {
    let mut guest = Guest::new(&mut WasiCtx::builder());
    let start = Instant::now();
    let events = poll(&mut guest, &[clock(7, 1, 20_000_000, false)]).unwrap();
    assert_eq!(events, [(7, 0, 0)]);
    assert!(start.elapsed() >= Duration::from_millis(20));
}

#[test]
fn the_soonest_of_several_clocks_ends_the_wait() {
    let mut guest = Guest::new(&mut WasiCtx::builder());
    let long = u64::MAX;
    let subscriptions = [clock(1, 1, long, false), clock(2, 0, 1_000_000, false)];
    assert_eq!(poll(&mut guest, &subscriptions).unwrap(), [(2, 0, 0)]);
}

#[test]
fn a_time_that_has_passed_is_there_at_once() {
    let mut guest = Guest::new(&mut WasiCtx::builder());
    let subscriptions = [clock(1, 0, 1_000_000_000, true), clock(2, 1, 1, true)];
    let events = poll(&mut guest, &subscriptions).unwrap();
    assert_eq!(events, [(1, 0, 0), (2, 0, 0)]);
}

#[test]
fn streams_are_ready_and_do_not_wait_for_the_clock() {
    let mut guest = Guest::new(&mut WasiCtx::builder());
    let hour = 3_600_000_000_000;
    let subscriptions = [
        clock(1, 1, hour, false),
        descriptor(2, 1, 0),
        descriptor(3, 2, 1),
        descriptor(4, 2, 2),
    ];
    let events = poll(&mut guest, &subscriptions).unwrap();
    assert_eq!(events, [(2, 0, 1), (3, 0, 2), (4, 0, 2)]);
}

#[test]
fn what_cannot_be_waited_for_is_an_event_with_an_error() {
    let mut guest = Guest::new(&mut WasiCtx::builder());
    let subscriptions = [
        descriptor(1, 1, 77),
        descriptor(2, 2, 0),
        clock(3, 9, 0, false),
        clock(4, 2, 0, false),
    ];
    let events = poll(&mut guest, &subscriptions).unwrap();
    let (badf, capable) = (Errno::Badf.raw(), Errno::Notcapable.raw());
    let (inval, notsup) = (Errno::Inval.raw(), Errno::Notsup.raw());
    let expected = [(1, badf, 1), (2, capable, 2), (3, inval, 0), (4, notsup, 0)];
    assert_eq!(events, expected);
}

#[test]
fn events_may_be_stored_over_their_subscriptions() {
    let mut guest = Guest::new(&mut WasiCtx::builder());
    let subscriptions = [descriptor(1, 2, 1), descriptor(2, 2, 2)];
    guest.put(DATA, &subscriptions.concat());
    guest
        .call(|ctx, memory| poll_oneoff(ctx, memory, DATA, DATA, 2, RESULT))
        .unwrap();
    assert_eq!(guest.u32_at(RESULT), 2);
    assert_eq!((guest.u64_at(DATA), guest.u64_at(DATA + 32)), (1, 2));
}
