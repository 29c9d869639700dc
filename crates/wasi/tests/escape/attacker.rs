//! Somebody on the host who changes a guest's directory while the guest walks in it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use super::world::World;

/// Works on a thread until it is dropped.
pub(crate) struct Attacker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Attacker {
    fn new(turn: impl Fn() + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            while !seen.load(Ordering::Relaxed) {
                turn();
            }
        });
        Attacker {
            stop,
            thread: Some(thread),
        }
    }

    /// `swap` is a directory, then a link to the neighbour, then a directory again.
    pub(crate) fn swapping_directory_and_link(world: &World) -> Self {
        Attacker::swapping(world.root(), "../outside".into())
    }

    /// The same with an absolute link.
    pub(crate) fn swapping_directory_and_absolute_link(world: &World) -> Self {
        Attacker::swapping(world.root(), world.outside())
    }

    fn swapping(root: PathBuf, target: PathBuf) -> Self {
        fs::create_dir(root.join("real")).unwrap();
        fs::write(root.join("real/secret"), "nothing").unwrap();
        symlink(target, root.join("link")).unwrap();
        Attacker::new(move || {
            // Renaming is one step: there is no moment in between.
            for name in ["real", "link"] {
                let _ = fs::rename(root.join(name), root.join("swap"));
                let _ = fs::rename(root.join("swap"), root.join(name));
            }
            // What the guest removes comes back.
            let _ = fs::write(root.join("real/secret"), "nothing");
            let _ = fs::write(root.join("file"), "inside");
        })
    }

    /// `swap` is a file, then a link to the secret.
    pub(crate) fn swapping_file_and_link(world: &World) -> Self {
        let root = world.root();
        Attacker::new(move || {
            let _ = symlink("../outside/secret", root.join("link"));
            let _ = fs::write(root.join("plain"), "nothing");
            let _ = fs::rename(root.join("plain"), root.join("swap"));
            let _ = fs::rename(root.join("link"), root.join("swap"));
            let _ = fs::write(root.join("file"), "inside");
        })
    }

    /// `a/b` is moved up to `b` and back, so that `..` from it is another directory each time.
    pub(crate) fn moving_directory_up(world: &World) -> Self {
        let root = world.root();
        fs::create_dir_all(root.join("a/b")).unwrap();
        Attacker::new(move || {
            let _ = fs::rename(root.join("a/b"), root.join("b"));
            let _ = fs::rename(root.join("b"), root.join("a/b"));
            let _ = fs::write(root.join("file"), "inside");
        })
    }
}

impl Drop for Attacker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
