//! Memory, unions and read-only directories from the host's side; what they are to guests is
//! tested by the conformance suite.

use std::io::IoSlice;

use super::{Dir, MemoryFs, NewTimes, OpenOptions, Opened, ReadOnly, Union};
use crate::VirtualClock;
use crate::abi::{Errno, FileType};

const WRITING: OpenOptions = OpenOptions {
    write: true,
    create: true,
    ..OpenOptions::new()
};

fn write(dir: &dyn Dir, path: &str, text: &str) -> Result<(), Errno> {
    match dir.open(path, &WRITING)? {
        Opened::File(mut file) => file.write(&[IoSlice::new(text.as_bytes())]).map(|_| ()),
        Opened::Dir(_) => Err(Errno::Isdir),
    }
}

fn read(dir: &dyn Dir, path: &str) -> Result<String, Errno> {
    match dir.open(path, &OpenOptions::reading())? {
        Opened::File(mut file) => {
            let mut buffer = [0; 100];
            let got = file.read(&mut buffer)?;
            Ok(String::from_utf8_lossy(&buffer[..got]).into_owned())
        }
        Opened::Dir(_) => Err(Errno::Isdir),
    }
}

fn names(dir: &dyn Dir) -> Vec<String> {
    let entries = dir.entries().unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().name).collect();
    names.sort();
    names
}

/// A union of an empty layer over one with `file`, `dir/a`, `dir/b` and `link` to `dir`.
fn union() -> (MemoryFs, MemoryFs, Union) {
    let (top, below) = (MemoryFs::new(1 << 16), MemoryFs::new(1 << 16));
    below.write("file", "below").unwrap();
    below.write("dir/a", "a").unwrap();
    below.write("dir/b", "b").unwrap();
    below.symlink("dir", "link").unwrap();
    let union = Union::new(top.clone()).below(below.clone());
    (top, below, union)
}

#[test]
fn memory_is_seeded_and_read_back() {
    let files = MemoryFs::new(1 << 16);
    files.write("a/b/c", "text").unwrap();
    files.write("a/b/c", "other").unwrap();
    assert_eq!(files.read("a/b/c").unwrap(), b"other");
    assert_eq!(files.names("a/b").unwrap(), ["c"]);
    assert_eq!(files.names(".").unwrap(), ["a"]);
    let error = files.read("a/nothing").unwrap_err();
    assert_eq!(error.to_string(), "`a/nothing` in memory: noent");
    assert_eq!(files.write("a/b", "x").unwrap_err().errno, Errno::Isdir);
    assert_eq!(files.write("../x", "x").unwrap_err().errno, Errno::Perm);
}

#[test]
fn memory_is_given_back_when_names_and_handles_are_gone() {
    let files = MemoryFs::new(4096);
    for round in 0..100 {
        files.write("file", vec![0; 3000]).unwrap();
        let handle = files.open("file", &OpenOptions::reading()).unwrap();
        files.unlink("file").unwrap();
        // The content is still there for the handle.
        let full = files.write("other", vec![0; 3000]).unwrap_err();
        assert_eq!(full.errno, Errno::Nospc, "{round}");
        let _ = files.unlink("other");
        drop(handle);
    }
    files.write("file", vec![0; 3000]).unwrap();
    let many = (0..100).find_map(|number| files.create_directory(&number.to_string()).err());
    assert_eq!(many, Some(Errno::Nospc), "names count");
}

#[test]
fn times_in_memory_are_those_of_the_clock_that_it_is_given() {
    let stat = || {
        let files = MemoryFs::with_clock(1 << 16, VirtualClock::new());
        files.write("a", "1").unwrap();
        files.write("b", "2").unwrap();
        files.stat("b", true).unwrap()
    };
    assert_eq!(stat(), stat());
}

#[test]
fn a_union_shows_both_layers_and_changes_only_the_top() {
    let (top, below, union) = union();
    assert_eq!(read(&union, "file").unwrap(), "below");
    assert_eq!(read(&union, "link/a").unwrap(), "a");
    write(&union, "dir/c", "c").unwrap();
    write(&union, "link/a", "A").unwrap();
    let Ok(Opened::Dir(dir)) = union.open("dir", &OpenOptions::directory()) else {
        panic!("a directory");
    };
    assert_eq!(names(&*dir), ["a", "b", "c"]);
    assert_eq!(read(&*dir, "a").unwrap(), "A");
    assert_eq!(top.names("dir").unwrap(), ["a", "c"]);
    assert_eq!(below.names("dir").unwrap(), ["a", "b"]);
    assert_eq!(below.read("dir/a").unwrap(), b"a");
}

#[test]
fn what_is_removed_in_a_union_stays_removed() {
    let (_top, below, union) = union();
    union.unlink("dir/a").unwrap();
    assert_eq!(read(&union, "dir/a"), Err(Errno::Noent));
    assert_eq!(union.remove_directory("dir"), Err(Errno::Notempty));
    union.unlink("dir/b").unwrap();
    union.remove_directory("dir").unwrap();
    assert_eq!(union.stat("dir", true), Err(Errno::Noent));
    assert_eq!(names(&union), ["file", "link"]);
    // Made anew, it is empty, and so is a file.
    union.create_directory("dir").unwrap();
    assert_eq!(read(&union, "dir/b"), Err(Errno::Noent));
    union.unlink("file").unwrap();
    write(&union, "file", "new").unwrap();
    assert_eq!(read(&union, "file").unwrap(), "new");
    assert_eq!(below.read("file").unwrap(), b"below");
    assert_eq!(below.names("dir").unwrap(), ["a", "b"]);
}

#[test]
fn a_link_or_a_file_on_top_hides_a_directory_below_with_all_that_is_in_it() {
    let (top, _below, union) = union();
    top.write("dir", "a file").unwrap();
    assert_eq!(read(&union, "dir/a"), Err(Errno::Notdir));
    assert_eq!(read(&union, "dir").unwrap(), "a file");
    // And a directory on top hides a link below: it is not followed.
    top.create_dir_all("link").unwrap();
    assert_eq!(read(&union, "link/a"), Err(Errno::Noent));
    write(&union, "link/a", "of the top").unwrap();
    assert_eq!(top.read("link/a").unwrap(), b"of the top");
}

#[test]
fn renaming_in_a_union_copies_files_and_leaves_directories_below() {
    let (top, below, union) = union();
    union.rename("file", &union, "dir/a").unwrap();
    assert_eq!(read(&union, "dir/a").unwrap(), "below");
    assert_eq!(read(&union, "file"), Err(Errno::Noent));
    assert_eq!(union.rename("dir", &union, "other"), Err(Errno::Xdev));
    union.create_directory("mine").unwrap();
    union.rename("mine", &union, "yours").unwrap();
    assert_eq!(top.names(".").unwrap(), ["dir", "yours"]);
    assert_eq!(below.names(".").unwrap(), ["dir", "file", "link"]);
    // Onto a directory of the layer below that is empty by now.
    union.unlink("dir/a").unwrap();
    union.unlink("dir/b").unwrap();
    union.rename("yours", &union, "dir").unwrap();
    assert!(names(&union).contains(&"dir".to_owned()));
    assert_eq!(read(&union, "dir/b"), Err(Errno::Noent));
}

#[test]
fn times_set_in_a_union_copy_first() {
    let (_top, below, union) = union();
    let times = NewTimes {
        accessed: None,
        modified: Some(7),
    };
    union.set_times("link/b", true, times).unwrap();
    assert_eq!(union.stat("dir/b", true).unwrap().modified, 7);
    assert_ne!(below.stat("dir/b", true).unwrap().modified, 7);
    assert_eq!(read(&union, "dir/b").unwrap(), "b");
}

#[test]
fn a_union_without_space_leaves_nothing_half_copied() {
    let below = MemoryFs::new(1 << 20);
    below.write("large", vec![1; 10_000]).unwrap();
    let top = MemoryFs::new(4096);
    let union = Union::new(top.clone()).below(below);
    assert_eq!(write(&union, "large", "x"), Err(Errno::Nospc));
    assert!(top.names(".").unwrap().is_empty());
    let Ok(Opened::File(mut file)) = union.open("large", &OpenOptions::reading()) else {
        panic!("a file");
    };
    let mut buffer = [0; 4];
    file.read(&mut buffer).unwrap();
    assert_eq!(buffer, [1; 4]);
}

#[test]
fn a_union_of_unions_and_read_only_ones() {
    let (_top, _below, lower) = union();
    let top = MemoryFs::new(1 << 16);
    let union = Union::new(top.clone()).below(ReadOnly::new(lower));
    write(&union, "dir/a", "A").unwrap();
    assert_eq!(read(&union, "dir/a").unwrap(), "A");
    assert_eq!(read(&union, "dir/b").unwrap(), "b");
    let read_only = ReadOnly::new(union);
    assert_eq!(write(&read_only, "dir/a", "x"), Err(Errno::Rofs));
    assert_eq!(write(&read_only, "dir/new", "x"), Err(Errno::Rofs));
    assert_eq!(read(&read_only, "dir/a").unwrap(), "A");
    let stat = read_only.stat("link", false).unwrap();
    assert_eq!(stat.file_type, FileType::SymbolicLink);
}
