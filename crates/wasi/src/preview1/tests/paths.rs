//! What paths mean: links, slashes at the end, creating and removing.

use std::fs;

use super::{CREAT, DIRECTORY, EXCL, FOLLOW, Guest, ROOT, Scratch, TRUNC};
use crate::abi::{Errno, Rights};
use crate::preview1::{path_create_directory, path_remove_directory, path_unlink_file};

const DIRECTORY_TYPE: u8 = 3;
const FILE_TYPE: u8 = 4;
const LINK_TYPE: u8 = 7;

/// A guest with a file, a directory and links to both.
fn guest() -> (Scratch, Guest) {
    let scratch = Scratch::new();
    fs::write(scratch.file("file"), "content").unwrap();
    fs::create_dir(scratch.file("dir")).unwrap();
    let mut guest = Guest::with_directory(&scratch.root());
    guest.symlink("file", "to-file").unwrap();
    guest.symlink("dir", "to-dir").unwrap();
    guest.symlink("nowhere", "dangling").unwrap();
    guest.symlink("loop", "loop").unwrap();
    (scratch, guest)
}

#[test]
fn links_are_followed_where_the_guest_says_so() {
    let (_scratch, mut guest) = guest();
    assert_eq!(guest.file_type("to-file", 0), Ok(LINK_TYPE));
    assert_eq!(guest.file_type("to-file", FOLLOW), Ok(FILE_TYPE));
    assert_eq!(guest.file_type("to-dir", FOLLOW), Ok(DIRECTORY_TYPE));
    assert_eq!(guest.file_type("dangling", 0), Ok(LINK_TYPE));
    assert_eq!(guest.file_type("dangling", FOLLOW), Err(Errno::Noent));
    assert_eq!(guest.file_type("loop", FOLLOW), Err(Errno::Loop));
    assert_eq!(guest.file_type("file", 2), Err(Errno::Inval));

    assert!(guest.open_to_read("to-file", FOLLOW).is_ok());
    assert_eq!(guest.open_to_read("to-file", 0), Err(Errno::Loop));
    assert_eq!(guest.open_to_read("loop", FOLLOW), Err(Errno::Loop));
    let unfollowed = guest.open_directory("to-dir", 0);
    assert!(matches!(unfollowed, Err(Errno::Notdir | Errno::Loop)));
    assert!(guest.open_directory("to-dir", FOLLOW).is_ok());
}

#[test]
fn a_slash_at_the_end_means_a_directory_and_follows_a_link_to_one() {
    let (_scratch, mut guest) = guest();
    for path in ["dir/", "dir///", "dir/.", "to-dir/", "to-dir/.", "dir/.."] {
        assert_eq!(guest.file_type(path, 0), Ok(DIRECTORY_TYPE), "{path}");
        let opened = guest.open_to_read(path, 0).unwrap();
        assert_eq!(guest.fdstat(opened).unwrap().0, DIRECTORY_TYPE, "{path}");
    }
    for path in ["file/", "file///", "file/.", "to-file/"] {
        assert_eq!(guest.file_type(path, 0), Err(Errno::Notdir), "{path}");
        assert_eq!(guest.open_to_read(path, 0), Err(Errno::Notdir), "{path}");
    }
    assert_eq!(guest.file_type("dangling/", 0), Err(Errno::Noent));
}

#[test]
fn a_file_cannot_be_made_under_a_name_with_a_slash() {
    let (scratch, mut guest) = guest();
    assert_eq!(guest.open("new/", 0, CREAT), Err(Errno::Isdir));
    assert_eq!(guest.open("dir/", 0, TRUNC), Err(Errno::Isdir));
    assert_eq!(guest.symlink("file", "new/"), Err(Errno::Noent));
    assert_eq!(guest.symlink("file", "dir/"), Err(Errno::Exist));
    assert_eq!(guest.hard_link(0, "file", "new/"), Err(Errno::Noent));
    assert_eq!(guest.rename("file", "new/"), Err(Errno::Notdir));
    assert_eq!(guest.rename("file/", "new"), Err(Errno::Notdir));
    assert!(!scratch.file("new").exists());
}

#[test]
fn opening_creates_refuses_and_cuts_as_asked() {
    let (scratch, mut guest) = guest();
    assert_eq!(guest.open_to_read("new", 0), Err(Errno::Noent));
    assert!(guest.open("new", 0, CREAT).is_ok());
    assert!(guest.open("new", 0, CREAT).is_ok());
    assert_eq!(guest.open("new", 0, CREAT | EXCL), Err(Errno::Exist));
    assert!(guest.open("newer", 0, CREAT | EXCL).is_ok());
    assert_eq!(
        guest.open("dangling", FOLLOW, CREAT | EXCL),
        Err(Errno::Exist)
    );
    assert_eq!(guest.open("dir", 0, CREAT | DIRECTORY), Err(Errno::Inval));
    assert_eq!(guest.open("file", 0, DIRECTORY), Err(Errno::Notdir));
    assert_eq!(guest.open("file", 0, 16), Err(Errno::Inval));
    for path in ["dir", "dir/", ".", "to-dir/"] {
        for oflags in [0, DIRECTORY] {
            let opened = guest.open(path, 0, oflags);
            assert_eq!(opened, Err(Errno::Isdir), "{path} {oflags}");
        }
        assert!(guest.open_directory(path, 0).is_ok(), "{path}");
    }
    assert!(guest.open("file", 0, TRUNC).is_ok());
    assert_eq!(fs::read(scratch.file("file")).unwrap(), b"");
}

#[test]
fn creating_without_the_right_to_write_opens_what_is_there() {
    let (scratch, mut guest) = guest();
    let rights = Rights::FD_READ;
    let opened = guest.open_with(ROOT, "file", 0, CREAT, rights, 0).unwrap();
    assert_eq!(guest.read(opened, 100).unwrap(), b"content");
    assert!(guest.open_with(ROOT, "dir", 0, CREAT, rights, 0).is_ok());
    assert!(guest.open_with(ROOT, "new", 0, CREAT, rights, 0).is_ok());
    assert!(scratch.file("new").exists());
}

#[test]
fn directories_are_made_and_removed() {
    let (scratch, mut guest) = guest();
    let make = path_create_directory;
    assert_eq!(guest.with_path(make, "dir"), Err(Errno::Exist));
    assert_eq!(guest.with_path(make, "file"), Err(Errno::Exist));
    assert_eq!(guest.with_path(make, "no/such"), Err(Errno::Noent));
    assert_eq!(guest.with_path(make, "dir/nested/"), Ok(()));
    let remove = path_remove_directory;
    assert_eq!(guest.with_path(remove, "dir"), Err(Errno::Notempty));
    assert_eq!(guest.with_path(remove, "file"), Err(Errno::Notdir));
    assert_eq!(guest.with_path(remove, "to-dir"), Err(Errno::Notdir));
    assert_eq!(guest.with_path(remove, "dir/nested/"), Ok(()));
    assert_eq!(guest.with_path(remove, "dir"), Ok(()));
    assert!(!scratch.file("dir").exists());
}

#[test]
fn unlinking_removes_files_and_links_but_no_directories() {
    let (scratch, mut guest) = guest();
    let unlink = path_unlink_file;
    assert_eq!(guest.with_path(unlink, "dir"), Err(Errno::Isdir));
    assert_eq!(guest.with_path(unlink, "dir/"), Err(Errno::Isdir));
    assert_eq!(guest.with_path(unlink, "to-dir/"), Err(Errno::Isdir));
    assert_eq!(guest.with_path(unlink, "file/"), Err(Errno::Notdir));
    assert_eq!(guest.with_path(unlink, "nowhere"), Err(Errno::Noent));
    for path in ["to-dir", "to-file", "dangling", "file"] {
        assert_eq!(guest.with_path(unlink, path), Ok(()), "{path}");
    }
    assert!(scratch.file("dir").exists());
}

#[test]
fn renaming_moves_files_and_directories_with_and_without_slashes() {
    let (scratch, mut guest) = guest();
    assert_eq!(guest.rename("file", "moved"), Ok(()));
    assert_eq!(fs::read(scratch.file("moved")).unwrap(), b"content");
    assert_eq!(guest.rename("dir/", "dir2"), Ok(()));
    assert_eq!(guest.rename("dir2", "dir3/"), Ok(()));
    assert_eq!(guest.rename("dir3/", "dir/"), Ok(()));
    assert_eq!(guest.rename("moved", "dir"), Err(Errno::Isdir));
    assert_eq!(guest.rename("dir", "moved"), Err(Errno::Notdir));
    assert_eq!(guest.rename("nowhere", "x"), Err(Errno::Noent));
    assert_eq!(guest.rename("to-dir/", "x"), Err(Errno::Notdir));
}

#[test]
fn hard_links_are_made_of_files_and_of_links_themselves() {
    let (scratch, mut guest) = guest();
    assert_eq!(guest.hard_link(0, "file", "second"), Ok(()));
    assert_eq!(fs::read(scratch.file("second")).unwrap(), b"content");
    assert_eq!(guest.hard_link(0, "file", "second"), Err(Errno::Exist));
    assert_eq!(guest.hard_link(FOLLOW, "to-file", "x"), Err(Errno::Inval));
    assert_eq!(guest.hard_link(0, "dir", "x"), Err(Errno::Perm));
    assert_eq!(guest.hard_link(0, "dir/", "x"), Err(Errno::Perm));
    assert_eq!(guest.hard_link(0, "dangling", "dangling2"), Ok(()));
    assert_eq!(guest.file_type("dangling2", 0), Ok(LINK_TYPE));
}

#[test]
fn the_target_of_a_link_is_cut_to_the_buffer() {
    let (_scratch, mut guest) = guest();
    assert_eq!(guest.read_link("dangling", 100).unwrap(), "nowhere");
    assert_eq!(guest.read_link("dangling", 3).unwrap(), "now");
    assert_eq!(guest.read_link("dangling", 0).unwrap(), "");
    assert_eq!(guest.read_link("file", 100), Err(Errno::Inval));
    assert_eq!(guest.read_link("to-dir/", 100), Err(Errno::Inval));
    assert_eq!(guest.read_link("none", 100), Err(Errno::Noent));
}

#[test]
fn a_descriptor_that_is_no_directory_resolves_nothing() {
    let (_scratch, mut guest) = guest();
    let file = guest.open_to_read("file", 0).unwrap();
    let rights = Rights::FD_READ;
    for fd in [0, 1, file] {
        let opened = guest.open_with(fd, "x", 0, 0, rights, 0);
        assert_eq!(opened, Err(Errno::Notdir));
    }
    let opened = guest.open_with(99, "x", 0, 0, rights, 0);
    assert_eq!(opened, Err(Errno::Badf));
}
