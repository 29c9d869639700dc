//! Rights: checked, passed on, only ever taken away.

use std::fs;

use super::{CREAT, Guest, ROOT, Scratch, TRUNC};
use crate::WasiCtx;
use crate::abi::{Errno, Rights};
use crate::preview1;
use crate::preview1::path_unlink_file;

fn guest() -> (Scratch, Guest) {
    let scratch = Scratch::new();
    fs::write(scratch.file("file"), "content").unwrap();
    fs::create_dir(scratch.file("dir")).unwrap();
    let guest = Guest::with_directory(&scratch.root());
    (scratch, guest)
}

fn set_rights(guest: &mut Guest, fd: u32, base: Rights, inheriting: Rights) -> Result<(), Errno> {
    let (base, inheriting) = (base.bits(), inheriting.bits());
    guest.call(|ctx, memory| preview1::fd_fdstat_set_rights(ctx, memory, fd, base, inheriting))
}

#[test]
fn a_terminal_is_told_by_what_streams_cannot_do() {
    let mut guest = Guest::new(&mut WasiCtx::builder());
    for fd in 0..3 {
        let (_, rights, inheriting) = guest.fdstat(fd).unwrap();
        assert!(!rights.intersects(Rights::FD_SEEK.union(Rights::FD_TELL)));
        assert_eq!(inheriting, Rights::NONE);
    }
}

#[test]
fn what_is_opened_has_the_rights_that_make_sense_for_it() {
    let (_scratch, mut guest) = guest();
    let file = guest.open("file", 0, 0).unwrap();
    assert_eq!(guest.fdstat(file), Ok((4, Rights::FILE, Rights::NONE)));
    let dir = guest.open_directory("dir", 0).unwrap();
    assert_eq!(guest.fdstat(dir), Ok((3, Rights::DIRECTORY, Rights::ALL)));
}

#[test]
fn a_program_that_asks_for_less_than_it_uses_keeps_working() {
    let (scratch, mut guest) = guest();
    fs::write(scratch.file("dir/inner"), "inner").unwrap();
    let file = guest
        .open_with(ROOT, "file", 0, 0, Rights::FD_READ, 0)
        .unwrap();
    assert_eq!(guest.seek(file, 1, 0), Ok(1));
    assert_eq!(guest.read(file, 3).unwrap(), b"ont");
    assert_eq!(guest.fdstat(file).unwrap().0, 4);
    guest
        .call(|ctx, memory| preview1::fd_filestat_get(ctx, memory, file, 0))
        .unwrap();
    let dir = guest
        .open_with(ROOT, "dir", 0, super::DIRECTORY, Rights::NONE, 0)
        .unwrap();
    assert!(guest.open_with(dir, "inner", 0, 0, Rights::ALL, 0).is_ok());
}

#[test]
fn a_file_opened_one_way_is_not_used_the_other() {
    let (_scratch, mut guest) = guest();
    let reads = guest
        .open_with(ROOT, "file", 0, 0, Rights::FD_READ, 0)
        .unwrap();
    assert_eq!(guest.write(reads, b"x"), Err(Errno::Badf));
    assert_eq!(guest.read(reads, 4).unwrap(), b"cont");
    let sized = guest.call(|ctx, memory| preview1::fd_filestat_set_size(ctx, memory, reads, 0));
    assert_eq!(sized, Err(Errno::Notcapable));
    let reserved = guest.call(|ctx, memory| preview1::fd_allocate(ctx, memory, reads, 0, 1));
    assert_eq!(reserved, Err(Errno::Notcapable));

    let writes = guest
        .open_with(ROOT, "file", 0, 0, Rights::FD_WRITE, 0)
        .unwrap();
    assert_eq!(guest.read(writes, 1), Err(Errno::Badf));
    assert_eq!(guest.write(writes, b"C"), Ok(1));

    // Asking for neither opens it to be asked for its attributes.
    let neither = guest
        .open_with(ROOT, "file", 0, 0, Rights::FD_FILESTAT_SET_SIZE, 0)
        .unwrap();
    assert_eq!(guest.read(neither, 1), Err(Errno::Badf));
    assert_eq!(guest.write(neither, b"x"), Err(Errno::Badf));
}

#[test]
fn rights_are_taken_away_and_not_given_back() {
    let (_scratch, mut guest) = guest();
    let file = guest.open("file", 0, 0).unwrap();
    set_rights(&mut guest, file, Rights::FD_SEEK, Rights::NONE).unwrap();
    assert_eq!(guest.read(file, 1), Err(Errno::Badf));
    assert_eq!(guest.write(file, b"x"), Err(Errno::Badf));
    assert_eq!(guest.seek(file, 1, 0), Ok(1));
    let back = set_rights(&mut guest, file, Rights::FILE, Rights::NONE);
    assert_eq!(back, Err(Errno::Notcapable));
    let back = set_rights(&mut guest, file, Rights::NONE, Rights::FD_READ);
    assert_eq!(back, Err(Errno::Notcapable));
}

#[test]
fn a_directory_passes_on_no_more_than_it_may() {
    let (_scratch, mut guest) = guest();
    set_rights(&mut guest, ROOT, Rights::DIRECTORY, Rights::FD_READ).unwrap();
    assert_eq!(guest.open("file", 0, 0), Err(Errno::Notcapable));
    let wants = Rights::FD_READ.union(Rights::FD_WRITE);
    let opened = guest.open_with(ROOT, "file", 0, 0, wants, 0);
    assert_eq!(opened, Err(Errno::Notcapable));
    let file = guest
        .open_with(ROOT, "file", 0, 0, Rights::FD_READ, 0)
        .unwrap();
    assert_eq!(guest.fdstat(file), Ok((4, Rights::FD_READ, Rights::NONE)));
    assert_eq!(guest.seek(file, 1, 0), Err(Errno::Notcapable));
}

#[test]
fn each_use_of_a_directory_needs_its_right() {
    let (scratch, mut guest) = guest();
    set_rights(&mut guest, ROOT, Rights::PATH_OPEN, Rights::ALL).unwrap();
    assert!(guest.open_to_read("file", 0).is_ok());
    for oflags in [CREAT, TRUNC] {
        assert_eq!(guest.open("file", 0, oflags), Err(Errno::Notcapable));
    }
    let capable = Errno::Notcapable;
    assert_eq!(guest.file_type("file", 0), Err(capable));
    assert_eq!(guest.with_path(path_unlink_file, "file"), Err(capable));
    assert_eq!(guest.rename("file", "x"), Err(capable));
    assert_eq!(guest.symlink("file", "x"), Err(capable));
    assert_eq!(guest.hard_link(0, "file", "x"), Err(capable));
    assert_eq!(guest.read_link("x", 1), Err(capable));
    assert_eq!(fs::read(scratch.file("file")).unwrap(), b"content");

    set_rights(&mut guest, ROOT, Rights::NONE, Rights::NONE).unwrap();
    let opened = guest.open_with(ROOT, "file", 0, 0, Rights::NONE, 0);
    assert_eq!(opened, Err(capable));
}

#[test]
fn what_only_files_can_do_is_no_use_of_a_directory() {
    let (_scratch, mut guest) = guest();
    assert_eq!(guest.read(ROOT, 1), Err(Errno::Badf));
    assert_eq!(guest.write(ROOT, b"x"), Err(Errno::Badf));
    assert_eq!(guest.seek(ROOT, 0, 0), Err(Errno::Badf));
    assert_eq!(guest.seek(ROOT, 0, 1), Err(Errno::Badf));
    let sized = guest.call(|ctx, memory| preview1::fd_filestat_set_size(ctx, memory, ROOT, 0));
    assert_eq!(sized, Err(Errno::Badf));
    let told = guest.call(|ctx, memory| preview1::fd_allocate(ctx, memory, ROOT, 0, 1));
    assert_eq!(told, Err(Errno::Badf));
}
