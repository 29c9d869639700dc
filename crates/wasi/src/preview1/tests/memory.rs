//! Addresses and lengths, however hostile.

use super::{DATA, Guest, ROOT, Scratch};
use crate::WasiCtx;
use crate::abi::Errno;
use crate::preview1;

#[test]
fn buffers_that_wrap_or_leave_memory_are_a_fault_and_write_nothing() {
    let (mut guest, output) = Guest::with_output();
    for hostile in [
        (0xffff_fff0, 0x20),
        (0xffff_ffff, 0xffff_ffff),
        (0x8000_0000, 0x8000_0000),
        (0xffff, 2),
        (0x1_0000, 1),
        (0, 0xffff_ffff),
    ] {
        guest.put(DATA, b"seen");
        let written = guest.write_buffers(1, &[(DATA, 4), hostile]);
        assert_eq!(written, Err(Errno::Fault), "{hostile:?}");
    }
    assert_eq!(output.contents(), b"");
}

#[test]
fn counts_of_buffers_that_wrap_are_a_fault() {
    let (mut guest, output) = Guest::with_output();
    for (array, count) in [
        (16, 0x2000_0001),
        (16, 0xffff_ffff),
        (0xffff_fff8, 2),
        (0xfff8, 2),
        (0x1_0000, 1),
    ] {
        let written = guest.call(|ctx, memory| preview1::fd_write(ctx, memory, 1, array, count, 0));
        assert_eq!(written, Err(Errno::Fault), "{array:#x} × {count:#x}");
        let read = guest.call(|ctx, memory| preview1::fd_read(ctx, memory, 0, array, count, 0));
        assert_eq!(read, Err(Errno::Fault), "{array:#x} × {count:#x}");
    }
    assert_eq!(output.contents(), b"");
}

#[test]
fn a_result_that_cannot_be_stored_leaves_the_call_undone() {
    let (mut guest, output) = Guest::with_output();
    let len = guest.put(DATA, b"unseen");
    let (array, count) = guest.put_buffers(&[(DATA, len)]);
    let written =
        guest.call(|ctx, memory| preview1::fd_write(ctx, memory, 1, array, count, 0xfffd));
    assert_eq!(written, Err(Errno::Fault));
    assert_eq!(output.contents(), b"");

    let scratch = Scratch::new();
    let mut guest = Guest::with_directory(&scratch.root());
    let len = guest.put(DATA, b"new");
    let opened = guest.call(|ctx, memory| {
        preview1::path_open(ctx, memory, ROOT, 0, DATA, len, 1, 0, 0, 0, 0xffff_fffe)
    });
    assert_eq!(opened, Err(Errno::Fault));
    assert!(!scratch.file("new").exists());
}

#[test]
fn overlapping_buffers_are_written_as_often_as_they_are_named_within_bounds() {
    let (mut guest, output) = Guest::with_output();
    guest.put(DATA, b"abc");
    let buffers = [(DATA, 3), (DATA + 1, 2), (DATA, 1)];
    // A capture takes one buffer after another, so that the count tells.
    let written = guest.write_buffers(1, &buffers).unwrap();
    assert_eq!(output.contents().len(), written as usize);
    assert!(b"abcbca".starts_with(&output.contents()));

    let all = [(0, 0x1_0000), (0, 0x1_0000), (0, 0x1_0000)];
    let written = guest.write_buffers(1, &all).unwrap();
    assert!(written <= 0x1_0000);
}

#[test]
fn data_read_over_the_array_of_buffers_does_not_redirect_the_read() {
    let scratch = Scratch::new();
    // Read as an array, these bytes would be a buffer at the end of the address space.
    std::fs::write(scratch.file("hostile"), [0xff; 24]).unwrap();
    let mut guest = Guest::with_directory(&scratch.root());
    let file = guest.open_to_read("hostile", 0).unwrap();
    let (array, _) = guest.put_buffers(&[]);
    let got = guest.read_buffers(file, &[(array, 16), (DATA, 8)]).unwrap();
    assert_eq!(got, 24);
    assert_eq!(guest.at(array, 16), [0xff; 16]);
    assert_eq!(guest.at(DATA, 8), [0xff; 8]);
}

#[test]
fn lengths_that_add_up_to_more_than_32_bits_are_refused() {
    let (mut guest, _output) = Guest::with_output();
    let buffers = vec![(0, 0x1_0000); 1000];
    assert!(guest.write_buffers(1, &buffers).is_ok());

    // Every buffer must lie in memory, so it takes many large ones.
    let mut guest = Guest::new(&mut WasiCtx::builder());
    guest.bytes = vec![0; 0x80_0000];
    let buffers = vec![(0, 0x80_0000); 1000];
    assert_eq!(guest.write_buffers(1, &buffers), Err(Errno::Inval));
}

#[test]
fn random_bytes_stay_inside_the_buffer() {
    let mut guest = Guest::new(&mut WasiCtx::builder());
    for (address, len) in [(0, 0xffff_ffff), (0xffff_ffff, 1), (0xffff, 2)] {
        let filled = guest.call(|ctx, memory| preview1::random_get(ctx, memory, address, len));
        assert_eq!(filled, Err(Errno::Fault));
    }
    guest
        .call(|ctx, memory| preview1::random_get(ctx, memory, 0x10000, 0))
        .unwrap();
    guest
        .call(|ctx, memory| preview1::random_get(ctx, memory, DATA, 64))
        .unwrap();
    assert_ne!(guest.at(DATA, 64), [0; 64]);
    assert_eq!(guest.at(DATA - 64, 64), [0; 64]);
    assert_eq!(guest.at(DATA + 64, 64), [0; 64]);
}

#[test]
fn arguments_and_environment_need_room() {
    let mut builder = WasiCtx::builder();
    let mut guest = Guest::new(builder.args(["a", "b"]).env("K", "V"));
    for (array, buffer) in [(0xffff_fffc, 0), (0, 0xffff_ffff), (0xfffc, 0)] {
        let stored = guest.call(|ctx, memory| preview1::args_get(ctx, memory, array, buffer));
        assert_eq!(stored, Err(Errno::Fault));
    }
    guest
        .call(|ctx, memory| preview1::args_sizes_get(ctx, memory, 0, 4))
        .unwrap();
    assert_eq!((guest.u32_at(0), guest.u32_at(4)), (2, 4));
    guest
        .call(|ctx, memory| preview1::args_get(ctx, memory, 0, 8))
        .unwrap();
    assert_eq!(guest.at(0, 12), b"\x08\0\0\0\x0a\0\0\0a\0b\0");
    guest
        .call(|ctx, memory| preview1::environ_sizes_get(ctx, memory, 0, 4))
        .unwrap();
    assert_eq!((guest.u32_at(0), guest.u32_at(4)), (1, 4));
    guest
        .call(|ctx, memory| preview1::environ_get(ctx, memory, 0, 8))
        .unwrap();
    assert_eq!(guest.at(0, 4), b"\x08\0\0\0");
    assert_eq!(guest.at(8, 4), b"K=V\0");
}

#[test]
fn clocks_that_do_not_exist_are_refused() {
    let mut guest = Guest::new(&mut WasiCtx::builder());
    for id in [4, u32::MAX] {
        let told = guest.call(|ctx, memory| preview1::clock_time_get(ctx, memory, id, 0, 0));
        assert_eq!(told, Err(Errno::Inval));
        let told = guest.call(|ctx, memory| preview1::clock_res_get(ctx, memory, id, 0));
        assert_eq!(told, Err(Errno::Inval));
    }
    guest
        .call(|ctx, memory| preview1::clock_time_get(ctx, memory, 1, 0, 0))
        .unwrap();
    assert!(guest.u64_at(0) > 0);
    let told = guest.call(|ctx, memory| preview1::clock_time_get(ctx, memory, 1, 0, 0xfffc));
    assert_eq!(told, Err(Errno::Fault));
}
