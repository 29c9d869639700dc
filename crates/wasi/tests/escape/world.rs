//! A directory for a guest, full of ways out, and what lies outside.

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs, process};

/// What must not get out.
pub(crate) const SECRET: &[u8] = b"the secret of the host";

/// A directory `root` for the guest and its neighbour `outside`.
pub(crate) struct World {
    outer: PathBuf,
    modified: SystemTime,
}

impl World {
    pub(crate) fn new(name: &str) -> Self {
        let outer = env::temp_dir().join(format!("curta-escape-{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&outer);
        fs::create_dir_all(outer.join("outside/below")).unwrap();
        fs::write(outer.join("outside/secret"), SECRET).unwrap();
        let modified = fs::metadata(outer.join("outside/secret"))
            .and_then(|metadata| metadata.modified())
            .unwrap();
        let world = World { outer, modified };
        world.restore();
        world
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.outer.join("root")
    }

    pub(crate) fn outside(&self) -> PathBuf {
        self.outer.join("outside")
    }

    /// Makes what the guest may have changed as it was.
    pub(crate) fn restore(&self) {
        let root = self.root();
        fs::create_dir_all(root.join("dir/deep")).unwrap();
        for file in ["file", "dir/inner"] {
            if !root.join(file).is_file() {
                fs::write(root.join(file), "inside").unwrap();
            }
        }
        for name in ["stolen", "made-by-guest"] {
            let _ = fs::remove_file(root.join(name));
            let _ = fs::remove_dir(root.join(name));
        }
        let outer = self.outer.display();
        let fixed = [
            ("..", "up"),
            ("../outside", "out"),
            ("../outside/secret", "secret"),
            ("../../outside", "dir/out"),
            ("../dir/deep", "dir/back"),
            ("out", "chain"),
            (".", "here"),
            ("./dir/.././../outside", "dotted"),
            ("dir/deep/../../../root/../outside", "roundabout"),
            ("/", "host"),
            ("/proc/self/root", "procroot"),
            ("/proc/self/cwd", "proccwd"),
            ("/proc/self/fd/0", "procfd"),
            ("../outside/made", "dangling-out"),
            ("../outside", "dangling-up"),
        ];
        let absolute = [
            (format!("{outer}/outside"), "absolute"),
            (format!("{outer}/root"), "home"),
            (format!("{outer}/outside/made"), "dangling-absolute"),
        ];
        for (target, name) in fixed {
            self.link(target, name);
        }
        for (target, name) in absolute {
            self.link(&target, name);
        }
        for number in 1..=41 {
            let target = format!("c{}", number - 1);
            self.link(
                if number == 1 { "out" } else { &target },
                &format!("c{number}"),
            );
        }
    }

    fn link(&self, target: &str, name: &str) {
        let path = self.root().join(name);
        if fs::read_link(&path).is_ok_and(|found| found == Path::new(target)) {
            return;
        }
        let _ = fs::remove_file(&path);
        let _ = fs::remove_dir_all(&path);
        std::os::unix::fs::symlink(target, path).unwrap();
    }

    pub(crate) fn make_fifo(&self, name: &str) {
        let made = process::Command::new("mkfifo")
            .arg(self.root().join(name))
            .status();
        assert!(made.unwrap().success());
    }

    /// Looks at all that lies outside: names, contents, times.
    pub(crate) fn assert_outside_untouched(&self, after: &str) {
        let names = |path: PathBuf| {
            let entries = fs::read_dir(path).unwrap();
            let mut names: Vec<String> = entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        assert_eq!(names(self.outer.clone()), ["outside", "root"], "{after}");
        assert_eq!(names(self.outside()), ["below", "secret"], "{after}");
        assert!(names(self.outside().join("below")).is_empty(), "{after}");
        let secret = self.outside().join("secret");
        assert_eq!(fs::read(&secret).unwrap(), SECRET, "{after}");
        let metadata = fs::metadata(&secret).unwrap();
        assert_eq!(metadata.modified().unwrap(), self.modified, "{after}");
        use std::os::unix::fs::MetadataExt;
        assert_eq!(metadata.nlink(), 1, "a further name of the secret: {after}");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.outer);
    }
}
