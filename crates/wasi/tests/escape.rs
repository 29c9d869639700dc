//! The escape suite: guests that try to get out of the directories they are given.
//!
//! Every case is a path or a trick, tried through every function that takes a path, against a
//! directory that is full of ways out. What lies outside is looked at afterwards, byte for
//! byte. In the last tests an attacker swaps directories and links while the guest walks.
//!
//! `.ci/full` runs the same with `openat2` missing, where `cap-std` walks by itself.
#![cfg(unix)]

mod escape {
    pub(crate) mod attacker;
    pub(crate) mod guest;
    pub(crate) mod world;
}

use std::time::Duration;
use std::{env, fs};

use curta_wasi::abi::Errno;
use curta_wasi::{HostDir, MemoryFs, ReadOnly, Union};

use escape::attacker::Attacker;
use escape::guest::{Attempt, Guest};
use escape::world::World;

/// Paths that lead outside, each with what it tries. The links are those of [`World`].
const PATHS: &[(&str, &str)] = &[
    ("the parent", ".."),
    ("the parent with a slash", "../"),
    ("the parent as a directory", "../."),
    ("a neighbour", "../outside"),
    ("a neighbour's file", "../outside/secret"),
    ("down and too far up", "dir/../../outside/secret"),
    ("far too far up", "../../../../../../../../etc/passwd"),
    ("up after a dot", "./../outside/secret"),
    ("up after doubled slashes", "dir//..//../outside/secret"),
    ("up from deep", "dir/deep/../../../outside/secret"),
    ("up and back in", "../root/file"),
    ("the host's root", "/"),
    ("the host's root twice", "//"),
    ("an absolute path", "/etc/passwd"),
    ("an absolute path with doubled slashes", "//etc//passwd"),
    ("an absolute path with dots", "/../etc/passwd"),
    ("this process's root", "/proc/self/root/etc/passwd"),
    ("a link to the parent", "up"),
    ("a link to the parent with a slash", "up/"),
    ("a link to the parent as a directory", "up/."),
    ("through a link to the parent", "up/outside/secret"),
    ("the parent of a link to the parent", "up/.."),
    ("a link to a neighbour", "out"),
    ("a link to a neighbour with a slash", "out/"),
    ("a link to a neighbour with slashes", "out//"),
    ("through a link to a neighbour", "out/secret"),
    ("through a link to a neighbour, with a dot", "out/./secret"),
    (
        "through a link to a neighbour and up",
        "out/../outside/secret",
    ),
    ("a link to a neighbour's file", "secret"),
    ("a link in a directory", "dir/out"),
    ("a link in a directory with a slash", "dir/out/"),
    ("through a link in a directory", "dir/out/secret"),
    ("an absolute link", "absolute"),
    ("an absolute link with a slash", "absolute/"),
    ("through an absolute link", "absolute/secret"),
    ("an absolute link to the host's root", "host"),
    (
        "through an absolute link to the host's root",
        "host/etc/passwd",
    ),
    ("an absolute link back inside", "home/file"),
    ("a link to a link", "chain"),
    ("a link to a link with a slash", "chain/"),
    ("through a link to a link", "chain/secret"),
    ("through two links", "here/out/secret"),
    ("a link with dots in the middle", "dotted/secret"),
    ("a link that goes in and out", "roundabout/secret"),
    ("through a link inside, and too far up", "dir/back/../../.."),
    ("a link to this process's root", "procroot/etc/passwd"),
    ("a link to this process's directory", "proccwd/secret"),
    ("a link to a descriptor of this process", "procfd"),
    ("a dangling link outside", "dangling-out"),
    ("a dangling link outside, absolute", "dangling-absolute"),
    ("a dangling link to the parent's name", "dangling-up/new"),
    ("forty-one links", "c41"),
    ("through forty-one links", "c41/secret"),
    ("up from a file", "file/../../outside/secret"),
    ("up from nothing", "nothing/../../outside/secret"),
    (
        "a link with a slash in a directory with a link",
        "here/dir/out/",
    ),
    ("a NUL before the end", "../outside/secret\0inside"),
    (
        "a NUL after something inside",
        "file\0/../../outside/secret",
    ),
    ("through a link with doubled slashes", "out//secret"),
    ("up after two dots", "././../outside/secret"),
];

#[test]
fn no_path_leads_out_by_any_function() {
    let world = World::new("paths");
    let mut tried = 0;
    for kind in ["host", "read-only", "union"] {
        for (what, path) in PATHS {
            for attempt in Attempt::ALL {
                let outcome = guest(kind, &world).attempt(*attempt, path);
                tried += 1;
                assert!(
                    outcome.is_err() || attempt.acts_on_link(path),
                    "{kind}: {what} (`{path}`) by {attempt:?}: {outcome:?}"
                );
                world.assert_outside_untouched(&format!("{kind}: {what} by {attempt:?}"));
                world.restore();
            }
        }
    }
    println!(
        "{} paths, {} functions, 3 kinds of directory: {tried} attempts, 0 escapes",
        PATHS.len(),
        Attempt::ALL.len()
    );
    assert!(PATHS.len() >= 60);
}

/// A guest in the directory itself, in it read-only, or in a union with it at the bottom.
fn guest(kind: &str, world: &World) -> Guest {
    let host = HostDir::open(world.root()).unwrap();
    match kind {
        "host" => Guest::new(host),
        "read-only" => Guest::new(ReadOnly::new(host)),
        _ => Guest::new(Union::new(MemoryFs::new(1 << 20)).below(host)),
    }
}

#[test]
fn refusals_tell_nothing_of_what_is_outside() {
    let world = World::new("tell");
    let mut guest = Guest::new(HostDir::open(world.root()).unwrap());
    for path in [
        "../outside/secret",
        "../outside/nothing",
        "out/secret",
        "out/nothing",
        "absolute/secret",
        "absolute/nothing",
    ] {
        assert_eq!(
            guest.attempt(Attempt::Stat, path),
            Err(Errno::Perm),
            "{path}"
        );
        assert_eq!(
            guest.attempt(Attempt::Read, path),
            Err(Errno::Perm),
            "{path}"
        );
    }
}

#[test]
fn a_guest_makes_itself_no_way_out() {
    let world = World::new("makes");
    let mut guest = Guest::new(HostDir::open(world.root()).unwrap());
    // Absolute targets are refused, relative ones are made and lead nowhere.
    for target in ["/", "/etc", "//etc"] {
        assert_eq!(guest.symlink(target, "made"), Err(Errno::Perm), "{target}");
    }
    for (number, target) in [
        "..",
        "../outside",
        "../outside/secret",
        "dir/../../outside",
        "../root/../outside",
    ]
    .iter()
    .enumerate()
    {
        let name = format!("made{number}");
        guest.symlink(target, &name).unwrap();
        for attempt in Attempt::ALL {
            let outcome = guest.attempt(*attempt, &format!("{name}/secret"));
            assert!(outcome.is_err(), "{target} {attempt:?}");
        }
        assert!(guest.attempt(Attempt::Read, &name).is_err(), "{target}");
        assert!(guest.attempt(Attempt::Create, &name).is_err(), "{target}");
        world.assert_outside_untouched(target);
        world.restore();
    }
    // A harmless link, moved to where it leads out.
    guest.symlink("../outside", "dir/inside").unwrap();
    assert_eq!(guest.rename("dir/inside", "moved"), Ok(()));
    assert_eq!(
        guest.attempt(Attempt::Read, "moved/secret"),
        Err(Errno::Perm)
    );
    // A directory, moved up from under a link that was harmless in it.
    guest.symlink("../../file", "dir/deep/up-two").unwrap();
    assert_eq!(guest.rename("dir/deep", "shallow"), Ok(()));
    assert_eq!(
        guest.attempt(Attempt::Read, "shallow/up-two"),
        Err(Errno::Perm)
    );
    // Further names of links that lead out lead out no better.
    assert_eq!(guest.hard_link("out", "dir/out2"), Ok(()));
    assert!(guest.attempt(Attempt::Read, "dir/out2/secret").is_err());
    world.assert_outside_untouched("made links");
}

#[test]
fn an_open_directory_that_is_moved_out_is_still_no_way_up() {
    let world = World::new("moved");
    let mut guest = Guest::new(HostDir::open(world.root()).unwrap());
    let dir = guest.open_directory("dir").unwrap();
    // The host moves it beside the secret; what the guest may do stays below it.
    fs::rename(world.root().join("dir"), world.outside().join("dir")).unwrap();
    for path in ["..", "../secret", "deep/../../secret", "out/secret"] {
        for attempt in Attempt::ALL {
            let outcome = guest.attempt_in(dir, *attempt, path);
            assert!(outcome.is_err(), "{path} by {attempt:?}: {outcome:?}");
        }
    }
    assert!(guest.attempt_in(dir, Attempt::Read, "inner").is_ok());
    fs::rename(world.outside().join("dir"), world.root().join("dir")).unwrap();
    world.assert_outside_untouched("a moved directory");
}

#[test]
fn what_is_no_file_neither_hangs_nor_leads_out() {
    let world = World::new("special");
    world.make_fifo("fifo");
    let _socket = std::os::unix::net::UnixListener::bind(world.root().join("socket")).unwrap();
    let mut guest = Guest::new(HostDir::open(world.root()).unwrap());
    for name in ["fifo", "socket"] {
        for attempt in Attempt::ALL {
            // Whatever comes of it, it comes.
            let _ = guest.attempt(*attempt, name);
        }
    }
    let _ = fs::remove_file(world.root().join("fifo"));
    world.assert_outside_untouched("special files");
    // Devices: what the host puts there is given, and reading or writing it returns.
    let mut guest = Guest::new(HostDir::open("/dev").unwrap());
    for device in ["null", "zero", "urandom", "full", "tty", "ptmx"] {
        let _ = guest.attempt(Attempt::Stat, device);
        let _ = guest.attempt(Attempt::Read, device);
    }
}

/// How long each race lasts; `.ci/full` asks for more.
fn race() -> Duration {
    let seconds = env::var("ESCAPE_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    seconds.map_or(Duration::from_millis(300), Duration::from_secs)
}

#[test]
fn links_swapped_while_a_guest_walks_let_nothing_out() {
    let world = World::new("race");
    let attacker = Attacker::swapping_directory_and_link(&world);
    let tried = hammer(&world, "swap/secret", "swap/new");
    drop(attacker);
    world.assert_outside_untouched("a directory swapped for a link");
    println!("a directory swapped for a link: {tried} attempts, 0 escapes");
}

#[test]
fn files_swapped_for_links_let_nothing_out() {
    let world = World::new("race-file");
    let attacker = Attacker::swapping_file_and_link(&world);
    let tried = hammer(&world, "swap", "swap");
    drop(attacker);
    world.assert_outside_untouched("a file swapped for a link");
    println!("a file swapped for a link: {tried} attempts, 0 escapes");
}

#[test]
fn directories_moved_while_a_guest_goes_up_let_nothing_out() {
    let world = World::new("race-up");
    let attacker = Attacker::moving_directory_up(&world);
    let tried = hammer(
        &world,
        "a/b/../../../outside/secret",
        "a/b/../../outside/new",
    );
    drop(attacker);
    world.assert_outside_untouched("a directory moved up");
    println!("a directory moved up: {tried} attempts, 0 escapes");
}

#[test]
fn absolute_links_swapped_in_let_nothing_out() {
    let world = World::new("race-absolute");
    let attacker = Attacker::swapping_directory_and_absolute_link(&world);
    let tried = hammer(&world, "swap/secret", "swap/new");
    drop(attacker);
    world.assert_outside_untouched("a directory swapped for an absolute link");
    println!("a directory swapped for an absolute link: {tried} attempts, 0 escapes");
}

/// Tries every function on a path again and again; what is read is never the secret.
fn hammer(world: &World, path: &str, new: &str) -> usize {
    let end = std::time::Instant::now() + race();
    let mut guest = Guest::new(HostDir::open(world.root()).unwrap());
    let mut tried = 0;
    while std::time::Instant::now() < end {
        for attempt in Attempt::ALL {
            let _ = guest.attempt(*attempt, if attempt.makes() { new } else { path });
            tried += 1;
            assert!(
                !guest.saw_secret(),
                "{attempt:?} on {path} let the secret out"
            );
        }
        world.assert_outside_untouched(path);
    }
    tried
}
