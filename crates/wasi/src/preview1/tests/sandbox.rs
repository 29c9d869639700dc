//! Nothing leads out of a directory.

use std::fs;

use super::{CREAT, DIRECTORY, FOLLOW, Guest, ROOT, SECOND_PATH, Scratch, TRUNC};
use crate::abi::{Errno, Rights};
use crate::preview1::{
    path_create_directory, path_filestat_set_times, path_remove_directory, path_unlink_file,
};

/// Paths to places outside, by way of the links of [`guest`] or without.
const OUTSIDE: &[&str] = &[
    "..",
    "../",
    "../.",
    "../outside",
    "../outside/secret",
    "dir/../../outside/secret",
    "dir/../..",
    "./.././outside/secret",
    "/",
    "/etc/passwd",
    "//etc/passwd",
    "up",
    "up/",
    "up/.",
    "up/outside/secret",
    "out",
    "out/",
    "out//",
    "out/.",
    "out/..",
    "out/secret",
    "out/./secret",
    "secret",
    "dir/deep",
    "dir/deep/",
    "dir/deep/secret",
    "absolute",
    "absolute/",
    "chain",
    "chain/",
    "chain/secret",
];

/// A guest in a directory that is full of ways out, as a careless host might leave it.
fn guest() -> (Scratch, Guest) {
    let scratch = Scratch::new();
    fs::create_dir(scratch.file("dir")).unwrap();
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(target, scratch.file(name)).unwrap();
    };
    link("..", "up");
    link("../outside", "out");
    link("../outside/secret", "secret");
    link("../../outside", "dir/deep");
    link(
        &scratch.outer.join("outside").display().to_string(),
        "absolute",
    );
    link("out", "chain");
    let guest = Guest::with_directory(&scratch.root());
    (scratch, guest)
}

/// Refusals that tell nothing of what is outside.
fn refused<T: std::fmt::Debug>(result: Result<T, Errno>) -> bool {
    matches!(result, Err(Errno::Perm))
}

#[test]
fn nothing_outside_opens_for_reading() {
    let (scratch, mut guest) = guest();
    for path in OUTSIDE {
        for oflags in [0, DIRECTORY] {
            let rights = Rights::FD_READ;
            let opened = guest.open_with(ROOT, path, FOLLOW, oflags, rights, 0);
            assert!(refused(opened), "{path} {oflags}: {opened:?}");
        }
    }
    scratch.assert_outside_untouched();
}

#[test]
fn nothing_outside_is_created_or_cut() {
    let (scratch, mut guest) = guest();
    for path in OUTSIDE {
        for oflags in [CREAT, TRUNC, CREAT | TRUNC, CREAT | 4] {
            let opened = guest.open(path, FOLLOW, oflags);
            assert!(opened.is_err(), "{path} {oflags}: {opened:?}");
        }
    }
    for path in [
        "../new",
        "up/new",
        "out/new",
        "dir/deep/new",
        "absolute/new",
        "chain/new",
    ] {
        assert!(refused(guest.open(path, FOLLOW, CREAT)), "{path}");
        assert!(
            refused(guest.with_path(path_create_directory, path)),
            "{path}"
        );
        assert!(refused(guest.symlink("x", path)), "{path}");
    }
    scratch.assert_outside_untouched();
}

#[test]
fn nothing_outside_tells_its_attributes_or_has_them_changed() {
    let (scratch, mut guest) = guest();
    for path in OUTSIDE {
        let told = guest.file_type(path, FOLLOW);
        assert!(refused(told), "{path}: {told:?}");
        let len = guest.put(SECOND_PATH, path.as_bytes());
        let set = guest.call(|ctx, memory| {
            path_filestat_set_times(ctx, memory, ROOT, FOLLOW, SECOND_PATH, len, 0, 0, 0b0101)
        });
        assert!(refused(set), "{path}: {set:?}");
    }
    scratch.assert_outside_untouched();
}

#[test]
fn a_link_with_a_slash_is_followed_and_so_refused_even_where_links_are_not() {
    let (scratch, mut guest) = guest();
    for path in [
        "up/",
        "out/",
        "out//",
        "out/.",
        "absolute/",
        "chain/",
        "dir/deep/",
    ] {
        let told = guest.file_type(path, 0);
        assert!(refused(told), "{path}: {told:?}");
        let opened = guest.open_to_read(path, 0);
        assert!(refused(opened), "{path}: {opened:?}");
        assert!(guest.with_path(path_unlink_file, path).is_err(), "{path}");
        assert!(
            guest.with_path(path_remove_directory, path).is_err(),
            "{path}"
        );
        assert!(guest.rename(path, "dir/stolen").is_err(), "{path}");
        assert!(guest.hard_link(0, path, "dir/stolen").is_err(), "{path}");
        assert!(guest.read_link(path, 100).is_err(), "{path}");
    }
    assert!(scratch.file("out").symlink_metadata().is_ok());
    scratch.assert_outside_untouched();
}

#[test]
fn nothing_outside_is_removed_moved_or_linked() {
    let (scratch, mut guest) = guest();
    fs::write(scratch.file("mine"), "mine").unwrap();
    for path in [
        "../outside/secret",
        "up/outside/secret",
        "out/secret",
        "absolute/secret",
    ] {
        assert!(refused(guest.with_path(path_unlink_file, path)), "{path}");
        assert!(refused(guest.rename(path, "stolen")), "{path}");
        assert!(refused(guest.rename("mine", path)), "{path}");
        assert!(refused(guest.hard_link(0, path, "stolen")), "{path}");
        assert!(refused(guest.hard_link(0, "mine", path)), "{path}");
        assert!(refused(guest.read_link(path, 100)), "{path}");
    }
    for path in ["../outside", "up/outside"] {
        assert!(
            refused(guest.with_path(path_remove_directory, path)),
            "{path}"
        );
    }
    assert!(guest.with_path(path_remove_directory, "..").is_err());
    assert!(guest.with_path(path_remove_directory, ".").is_err());
    scratch.assert_outside_untouched();
}

#[test]
fn a_link_that_leads_out_can_be_looked_at_and_removed_itself() {
    let (scratch, mut guest) = guest();
    assert_eq!(guest.file_type("out", 0), Ok(7));
    assert_eq!(guest.read_link("out", 100).unwrap(), "../outside");
    assert_eq!(guest.read_link("absolute", 100), Err(Errno::Perm));
    assert_eq!(guest.with_path(path_unlink_file, "out"), Ok(()));
    scratch.assert_outside_untouched();
}

#[test]
fn a_guest_cannot_make_a_way_out() {
    let (scratch, mut guest) = guest();
    assert_eq!(guest.symlink("/etc", "etc"), Err(Errno::Perm));
    assert_eq!(guest.symlink("/", "root"), Err(Errno::Perm));
    // A relative one can be made, since where it leads depends on where it lies; it
    // cannot be followed.
    guest.symlink("../outside", "mine").unwrap();
    assert!(refused(guest.open_to_read("mine/secret", FOLLOW)));
    // Moved to where it leads out, an innocent link is as useless.
    guest.symlink("../outside", "dir/inside").unwrap();
    guest.rename("dir/inside", "moved").unwrap();
    assert!(refused(guest.open_to_read("moved/secret", FOLLOW)));
    assert!(refused(guest.open_to_read("moved/", 0)));
    scratch.assert_outside_untouched();
}

#[test]
fn a_directory_below_is_a_sandbox_of_its_own() {
    let (scratch, mut guest) = guest();
    fs::write(scratch.file("above"), "above").unwrap();
    let dir = guest.open_directory("dir", 0).unwrap();
    for path in ["../above", "..", "deep", "deep/secret"] {
        let opened = guest.open_with(dir, path, FOLLOW, 0, Rights::PATH_OPEN, 0);
        assert!(refused(opened), "{path}: {opened:?}");
    }
}

#[test]
fn dots_inside_the_directory_are_fine() {
    let (scratch, mut guest) = guest();
    fs::write(scratch.file("dir/file"), "x").unwrap();
    for path in [
        "dir/../dir/file",
        "./dir/./file",
        "dir//file",
        "dir/../dir/..//dir/file",
    ] {
        assert!(guest.open_to_read(path, 0).is_ok(), "{path}");
    }
}
