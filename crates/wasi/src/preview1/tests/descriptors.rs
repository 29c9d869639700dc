//! Descriptors: streams, files, positions, renumbering.

use std::fs;

use super::{APPEND, CREAT, DATA, Guest, RESULT, ROOT, Scratch, TRUNC};
use crate::WasiCtx;
use crate::abi::{Errno, Rights};
use crate::preview1;

const SET: u32 = 0;
const CUR: u32 = 1;
const END: u32 = 2;

#[test]
fn output_is_written_in_order_and_counted() {
    let (mut guest, output) = Guest::with_output();
    assert_eq!(guest.write(1, b"ab"), Ok(2));
    assert_eq!(guest.write(1, b""), Ok(0));
    assert_eq!(guest.write(1, b"c"), Ok(1));
    assert_eq!(output.contents(), b"abc");
}

#[test]
fn input_ends_with_a_count_of_zero() {
    let mut guest = Guest::new(WasiCtx::builder().stdin_bytes("abc"));
    assert_eq!(guest.read(0, 2).unwrap(), b"ab");
    assert_eq!(guest.read(0, 8).unwrap(), b"c");
    assert_eq!(guest.read(0, 8).unwrap(), b"");
}

#[test]
fn streams_are_used_one_way_and_do_not_seek() {
    let mut guest = Guest::new(&mut WasiCtx::builder());
    assert_eq!(guest.write(0, b"x"), Err(Errno::Badf));
    assert_eq!(guest.read(1, 1), Err(Errno::Badf));
    assert_eq!(guest.seek(1, 0, SET), Err(Errno::Spipe));
    assert_eq!(guest.seek(0, 0, CUR), Err(Errno::Spipe));
    assert_eq!(guest.seek(0, 0, 3), Err(Errno::Inval));
}

#[test]
fn a_file_is_written_sought_and_read() {
    let scratch = Scratch::new();
    let mut guest = Guest::with_directory(&scratch.root());
    let file = guest.open("file", 0, CREAT).unwrap();
    assert_eq!(file, 4);
    assert_eq!(guest.write(file, b"hello world"), Ok(11));
    assert_eq!(guest.seek(file, 0, CUR), Ok(11));
    assert_eq!(guest.seek(file, -5, END), Ok(6));
    assert_eq!(guest.read(file, 100).unwrap(), b"world");
    assert_eq!(guest.seek(file, 0, SET), Ok(0));
    assert_eq!(guest.seek(file, -1, CUR), Err(Errno::Inval));
    assert_eq!(guest.seek(file, -1, SET), Err(Errno::Inval));
    assert_eq!(guest.seek(file, i64::MIN, END), Err(Errno::Inval));
    assert_eq!(guest.read(file, 5).unwrap(), b"hello");
    assert_eq!(guest.close(file), Ok(()));
    assert_eq!(guest.close(file), Err(Errno::Badf));
    assert_eq!(fs::read(scratch.file("file")).unwrap(), b"hello world");
}

#[test]
fn several_buffers_are_filled_and_written_one_after_another() {
    let scratch = Scratch::new();
    let mut guest = Guest::with_directory(&scratch.root());
    let file = guest.open("file", 0, CREAT).unwrap();
    guest.put(DATA, b"abcdef");
    let buffers = [(DATA + 3, 3), (DATA, 0), (DATA, 3)];
    assert_eq!(guest.write_buffers(file, &buffers), Ok(6));
    assert_eq!(fs::read(scratch.file("file")).unwrap(), b"defabc");
    guest.seek(file, 0, SET).unwrap();
    let buffers = [(DATA, 4), (DATA + 16, 0), (DATA + 32, 100)];
    assert_eq!(guest.read_buffers(file, &buffers), Ok(6));
    assert_eq!(guest.at(DATA, 4), b"defa");
    assert_eq!(guest.at(DATA + 32, 2), b"bc");
}

#[test]
fn reading_and_writing_at_an_offset_leaves_the_position_alone() {
    let scratch = Scratch::new();
    let mut guest = Guest::with_directory(&scratch.root());
    let file = guest.open("file", 0, CREAT).unwrap();
    guest.write(file, b"0123456789").unwrap();
    guest.seek(file, 1, SET).unwrap();

    guest.put(DATA, b"xy");
    let (array, count) = guest.put_buffers(&[(DATA, 2)]);
    guest
        .call(|ctx, memory| preview1::fd_pwrite(ctx, memory, file, array, count, 8, RESULT))
        .unwrap();
    let (array, count) = guest.put_buffers(&[(DATA, 4)]);
    guest
        .call(|ctx, memory| preview1::fd_pread(ctx, memory, file, array, count, 6, RESULT))
        .unwrap();
    assert_eq!(guest.at(DATA, 4), b"67xy");
    assert_eq!(guest.seek(file, 0, CUR), Ok(1));

    for offset in [u64::MAX, 1 << 63] {
        let (array, count) = guest.put_buffers(&[(DATA, 4)]);
        let read = guest.call(|ctx, memory| {
            preview1::fd_pread(ctx, memory, file, array, count, offset, RESULT)
        });
        assert_eq!(read, Err(Errno::Inval));
    }
}

#[test]
fn appending_goes_to_the_end_until_the_flag_is_taken_away() {
    let scratch = Scratch::new();
    fs::write(scratch.file("log"), "one").unwrap();
    let mut guest = Guest::with_directory(&scratch.root());
    let file = guest
        .open_with(ROOT, "log", 0, 0, Rights::ALL, APPEND)
        .unwrap();
    guest.write(file, b"two").unwrap();
    guest.seek(file, 0, SET).unwrap();
    guest.write(file, b"three").unwrap();
    assert_eq!(fs::read(scratch.file("log")).unwrap(), b"onetwothree");
    if cfg!(unix) {
        guest
            .call(|ctx, memory| preview1::fd_fdstat_set_flags(ctx, memory, file, 0))
            .unwrap();
        guest.seek(file, 0, SET).unwrap();
        guest.write(file, b"1").unwrap();
        assert_eq!(fs::read(scratch.file("log")).unwrap(), b"1netwothree");
    }
    let file = guest
        .open_with(ROOT, "log", 0, TRUNC, Rights::ALL, APPEND)
        .unwrap();
    guest.write(file, b"new").unwrap();
    assert_eq!(fs::read(scratch.file("log")).unwrap(), b"new");
}

#[test]
fn flags_that_cannot_be_changed_are_not_supported() {
    let scratch = Scratch::new();
    let mut guest = Guest::with_directory(&scratch.root());
    let file = guest.open("file", 0, CREAT).unwrap();
    let sync = 1 << 4;
    for (fd, flags, expected) in [
        (file, sync, Err(Errno::Notsup)),
        (file, 1 << 5, Err(Errno::Inval)),
        (1, 0, Ok(())),
        (1, APPEND, Err(Errno::Notsup)),
    ] {
        let changed =
            guest.call(|ctx, memory| preview1::fd_fdstat_set_flags(ctx, memory, fd, flags));
        assert_eq!(changed, expected, "{fd} {flags}");
    }
}

#[test]
fn a_size_is_set_and_space_is_reserved() {
    let scratch = Scratch::new();
    let mut guest = Guest::with_directory(&scratch.root());
    let file = guest.open("file", 0, CREAT).unwrap();
    guest
        .call(|ctx, memory| preview1::fd_filestat_set_size(ctx, memory, file, 100))
        .unwrap();
    assert_eq!(fs::metadata(scratch.file("file")).unwrap().len(), 100);
    let huge =
        guest.call(|ctx, memory| preview1::fd_filestat_set_size(ctx, memory, file, u64::MAX));
    assert_eq!(huge, Err(Errno::Inval));
    for (offset, len, expected) in [
        (0, 0, Errno::Inval),
        (u64::MAX, 1, Errno::Fbig),
        (1 << 62, 1 << 62, Errno::Fbig),
    ] {
        let reserved =
            guest.call(|ctx, memory| preview1::fd_allocate(ctx, memory, file, offset, len));
        assert_eq!(reserved, Err(expected));
    }
    match guest.call(|ctx, memory| preview1::fd_allocate(ctx, memory, file, 90, 20)) {
        Ok(()) => assert_eq!(fs::metadata(scratch.file("file")).unwrap().len(), 110),
        Err(errno) => assert_eq!(errno, Errno::Notsup),
    }
}

#[test]
fn times_are_set_on_files_and_directories() {
    let scratch = Scratch::new();
    let mut guest = Guest::with_directory(&scratch.root());
    let file = guest.open("file", 0, CREAT).unwrap();
    let modified = 1_000_000_000_000_000_000;
    for fd in [file, ROOT] {
        guest
            .call(|ctx, memory| {
                preview1::fd_filestat_set_times(ctx, memory, fd, 0, modified, 0b0100)
            })
            .unwrap();
        guest
            .call(|ctx, memory| preview1::fd_filestat_get(ctx, memory, fd, DATA))
            .unwrap();
        assert_eq!(guest.u64_at(DATA + 48), modified);
    }
    let both =
        guest.call(|ctx, memory| preview1::fd_filestat_set_times(ctx, memory, file, 0, 0, 0b1100));
    assert_eq!(both, Err(Errno::Inval));
}

#[test]
fn renumbering_to_itself_and_to_huge_numbers_is_harmless() {
    let (mut guest, output) = Guest::with_output();
    let mut renumber =
        |from, to| guest.call(|ctx, memory| preview1::fd_renumber(ctx, memory, from, to));
    assert_eq!(renumber(1, 1), Ok(()));
    for to in [3, 1 << 20, (1 << 31) - 1, u32::MAX] {
        assert_eq!(renumber(1, to), Err(Errno::Badf));
        assert_eq!(renumber(to, 1), Err(Errno::Badf));
        assert_eq!(renumber(to, to), Err(Errno::Badf));
    }
    assert_eq!(renumber(1, 2), Ok(()));
    assert_eq!(guest.write(2, b"still here"), Ok(10));
    assert_eq!(guest.write(1, b"gone"), Err(Errno::Badf));
    assert_eq!(output.contents(), b"still here");
}

#[test]
fn opening_without_end_stops_at_the_limit_and_creates_nothing_more() {
    let scratch = Scratch::new();
    let mut builder = WasiCtx::builder();
    builder
        .max_descriptors(6)
        .preopened_dir(scratch.root(), "/")
        .unwrap();
    let mut guest = Guest::new(&mut builder);
    assert_eq!(guest.open("a", 0, CREAT), Ok(4));
    assert_eq!(guest.open("b", 0, CREAT), Ok(5));
    assert_eq!(guest.open("c", 0, CREAT), Err(Errno::Mfile));
    assert!(!scratch.file("c").exists());
    guest.close(4).unwrap();
    assert_eq!(guest.open("c", 0, CREAT), Ok(4));
}

#[test]
fn the_names_of_given_directories_are_told_and_no_others() {
    let scratch = Scratch::new();
    let mut builder = WasiCtx::builder();
    builder.preopened_dir(scratch.root(), "/sandbox").unwrap();
    let mut guest = Guest::new(&mut builder);
    guest
        .call(|ctx, memory| preview1::fd_prestat_get(ctx, memory, 3, RESULT))
        .unwrap();
    assert_eq!(guest.at(RESULT, 8), [0, 0, 0, 0, 8, 0, 0, 0]);
    guest
        .call(|ctx, memory| preview1::fd_prestat_dir_name(ctx, memory, 3, DATA, 16))
        .unwrap();
    assert_eq!(guest.at(DATA, 9), b"/sandbox\0");
    let short = guest.call(|ctx, memory| preview1::fd_prestat_dir_name(ctx, memory, 3, DATA, 7));
    assert_eq!(short, Err(Errno::Nametoolong));
    for fd in [0, 4, u32::MAX] {
        let told = guest.call(|ctx, memory| preview1::fd_prestat_get(ctx, memory, fd, RESULT));
        assert_eq!(told, Err(Errno::Badf));
    }
}

#[test]
fn a_stream_that_stores_nothing_more_says_so() {
    let output = crate::Capture::new(4);
    let mut guest = Guest::new(WasiCtx::builder().stdout(output.clone()));
    assert_eq!(guest.write(1, b"abcdef"), Ok(4));
    assert_eq!(guest.write(1, b"ef"), Err(Errno::Nospc));
    assert_eq!(output.contents(), b"abcd");
}
