//! Listings of directories.

use std::collections::BTreeSet;
use std::fs;

use super::{DATA, Guest, RESULT, ROOT, Scratch};
use crate::abi::{Dirent, Errno};
use crate::preview1;

/// An entry as the guest sees it: cookie of the next, name, type.
type Entry = (u64, String, u8);

/// One call: the whole entries in the buffer, and whether it was filled to the brim.
fn page(guest: &mut Guest, fd: u32, cookie: u64, room: u32) -> Result<(Vec<Entry>, bool), Errno> {
    guest.call(|ctx, memory| preview1::fd_readdir(ctx, memory, fd, DATA, room, cookie, RESULT))?;
    let used = guest.u32_at(RESULT);
    let mut rest = guest.at(DATA, used as usize);
    let mut entries = Vec::new();
    while let Some((head, tail)) = rest.split_at_checked(Dirent::SIZE) {
        let next = u64::from_le_bytes(head[..8].try_into().unwrap());
        let len = u32::from_le_bytes(head[16..20].try_into().unwrap());
        let Some((name, tail)) = tail.split_at_checked(len as usize) else {
            break;
        };
        entries.push((next, String::from_utf8(name.to_vec()).unwrap(), head[20]));
        rest = tail;
    }
    Ok((entries, used == room))
}

/// All names, as libraries read them: from the last whole entry on, until a call does
/// not fill the buffer.
fn names(guest: &mut Guest, room: u32) -> Vec<String> {
    let (mut names, mut cookie) = (Vec::new(), 0);
    loop {
        let (entries, full) = page(guest, ROOT, cookie, room).unwrap();
        if let Some((next, ..)) = entries.last() {
            cookie = *next;
        }
        names.extend(entries.into_iter().map(|(_, name, _)| name));
        if !full {
            return names;
        }
    }
}

#[test]
fn an_empty_directory_has_itself_and_its_parent() {
    let scratch = Scratch::new();
    let mut guest = Guest::with_directory(&scratch.root());
    let (entries, full) = page(&mut guest, ROOT, 0, 1000).unwrap();
    let expected = [(1, ".".to_owned(), 3), (2, "..".to_owned(), 3)];
    assert_eq!((entries.as_slice(), full), (expected.as_slice(), false));
}

#[test]
fn every_entry_comes_once_whatever_the_size_of_the_buffer() {
    let scratch = Scratch::new();
    let mut expected = BTreeSet::from([".".to_owned(), "..".to_owned()]);
    for number in 0..300 {
        let name = format!("file-{number:0width$}", width = 1 + number % 40);
        fs::write(scratch.file(&name), "").unwrap();
        expected.insert(name);
    }
    let mut guest = Guest::with_directory(&scratch.root());
    for room in [72, 100, 256, 4096, 0x8000] {
        let names = names(&mut guest, room);
        assert_eq!(names.len(), expected.len(), "{room}");
        assert_eq!(
            names.into_iter().collect::<BTreeSet<_>>(),
            expected,
            "{room}"
        );
    }
}

#[test]
fn a_listing_goes_on_from_any_cookie_and_begins_anew_at_zero() {
    let scratch = Scratch::new();
    fs::write(scratch.file("a"), "").unwrap();
    fs::write(scratch.file("b"), "").unwrap();
    let mut guest = Guest::with_directory(&scratch.root());
    let (all, _) = page(&mut guest, ROOT, 0, 1000).unwrap();
    for (index, entry) in all.iter().enumerate().skip(1) {
        let (rest, _) = page(&mut guest, ROOT, all[index - 1].0, 1000).unwrap();
        assert_eq!(&rest[0], entry);
    }
    fs::write(scratch.file("c"), "").unwrap();
    let (all, _) = page(&mut guest, ROOT, 0, 1000).unwrap();
    assert_eq!(all.len(), 5);
}

#[test]
fn cookies_beyond_the_end_find_nothing() {
    let scratch = Scratch::new();
    let mut guest = Guest::with_directory(&scratch.root());
    for cookie in [2, 3, 1 << 40, u64::MAX] {
        assert_eq!(page(&mut guest, ROOT, cookie, 1000), Ok((vec![], false)));
    }
    assert_eq!(page(&mut guest, ROOT, 1, 1000).unwrap().0.len(), 1);
}

#[test]
fn removing_what_was_listed_does_not_hide_what_was_not() {
    let scratch = Scratch::new();
    for number in 0..200 {
        fs::write(scratch.file(&format!("{number}")), "").unwrap();
    }
    let mut guest = Guest::with_directory(&scratch.root());
    let (mut cookie, mut removed) = (0, 0);
    loop {
        let (entries, full) = page(&mut guest, ROOT, cookie, 128).unwrap();
        for (next, name, _) in &entries {
            cookie = *next;
            if !name.starts_with('.') {
                fs::remove_file(scratch.file(name)).unwrap();
                removed += 1;
            }
        }
        if !full {
            break;
        }
    }
    assert_eq!(removed, 200);
}

#[test]
fn kinds_of_entries_are_told() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.file("dir")).unwrap();
    fs::write(scratch.file("file"), "").unwrap();
    let mut guest = Guest::with_directory(&scratch.root());
    guest.symlink("file", "link").unwrap();
    let (mut entries, _) = page(&mut guest, ROOT, 2, 1000).unwrap();
    entries.sort_by(|one, other| one.1.cmp(&other.1));
    let kinds: Vec<_> = entries
        .iter()
        .map(|(_, name, kind)| (name.as_str(), *kind))
        .collect();
    assert_eq!(kinds, [("dir", 3), ("file", 4), ("link", 7)]);
}

#[test]
fn only_directories_are_listed_into_memory_that_exists() {
    let scratch = Scratch::new();
    let mut guest = Guest::with_directory(&scratch.root());
    assert_eq!(page(&mut guest, 1, 0, 100), Err(Errno::Notdir));
    assert_eq!(page(&mut guest, 9, 0, 100), Err(Errno::Badf));
    assert_eq!(page(&mut guest, ROOT, 0, u32::MAX), Err(Errno::Fault));
    assert_eq!(page(&mut guest, ROOT, 0, 0), Ok((vec![], true)));
}
