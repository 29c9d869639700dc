//! What a guest gets from its host, as `curta run` is told.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use curta::Error;
use curta_wasi::{MemoryFs, SeededRandom, VirtualClock, WasiCtx, WasiCtxBuilder};

use crate::failure::Failure;

/// How many bytes a directory in memory holds.
const TMPFS_BYTES: usize = 1 << 30;

/// The options of WASI.
#[derive(Debug, Args)]
pub(crate) struct WasiOptions {
    /// Give the guest a directory and all below it, under the name GUEST or the same name;
    /// with `ro` only to be read
    #[arg(long, value_name = "HOST[::GUEST[::ro]]", value_parser = Directory::parse)]
    pub(crate) dir: Vec<Directory>,

    /// Give the guest an empty directory in memory, of up to 1 GiB, which is gone afterwards
    #[arg(long, value_name = "GUEST")]
    pub(crate) tmpfs: Vec<String>,

    /// Set an environment variable of the guest; the host's are not passed on
    #[arg(long, value_name = "NAME=VALUE", value_parser = Variable::parse)]
    pub(crate) env: Vec<Variable>,

    /// Pass the host's environment variables on; `--env` overrides them
    #[arg(long)]
    pub(crate) env_inherit: bool,

    /// Give the guest this name of itself as its first argument, instead of FILE
    #[arg(long, value_name = "NAME")]
    pub(crate) argv0: Option<OsString>,

    /// Read the guest's standard input from this file
    #[arg(long, value_name = "FILE")]
    pub(crate) stdin: Option<PathBuf>,

    /// Let the guest's time begin in the year 2000 and go only as it uses it: waiting takes
    /// no time, and every run sees the same
    #[arg(long)]
    pub(crate) virtual_clock: bool,

    /// Make the guest's random numbers those of this seed, the same in every run
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
}

impl WasiOptions {
    /// What the guest is given, and these arguments, of which the first is its name.
    pub(crate) fn context(&self, arguments: &[OsString]) -> Result<WasiCtx, Failure> {
        let mut builder = WasiCtx::builder();
        builder.inherit_stdio();
        let name = self.argv0.as_ref().or(arguments.first());
        for argument in name.into_iter().chain(arguments.iter().skip(1)) {
            builder.arg(argument.as_encoded_bytes());
        }
        if self.env_inherit {
            builder.inherit_env();
        }
        for variable in &self.env {
            builder.env(&variable.name, &variable.value);
        }
        if let Some(path) = &self.stdin {
            let file = std::fs::File::open(path);
            builder.stdin_file(file.map_err(|error| Failure::unreadable(path, &error))?);
        }
        let clock = self.virtual_clock.then(VirtualClock::new);
        if let Some(clock) = &clock {
            builder.clocks(clock.clone());
        }
        if let Some(seed) = self.seed {
            builder.random(SeededRandom::new(seed));
        }
        for directory in &self.dir {
            directory.mount(&mut builder)?;
        }
        for guest in &self.tmpfs {
            let files = match &clock {
                Some(clock) => MemoryFs::with_clock(TMPFS_BYTES, clock.clone()),
                None => MemoryFs::new(TMPFS_BYTES),
            };
            builder.mount(guest, files);
        }
        Ok(builder.build().map_err(Error::from)?)
    }
}

/// A directory for the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directory {
    /// Where it is.
    host: PathBuf,
    /// What the guest calls it.
    guest: String,
    /// Whether the guest may only read it.
    read_only: bool,
}

impl Directory {
    #[cfg(not(target_os = "wasi"))]
    fn mount(&self, builder: &mut WasiCtxBuilder) -> Result<(), Failure> {
        use curta_wasi::{HostDir, ReadOnly};
        if self.read_only {
            let host = HostDir::open(&self.host);
            let host = host.map_err(|error| Failure::unreadable(&self.host, &error))?;
            builder.mount(&self.guest, ReadOnly::new(host));
        } else {
            builder
                .preopened_dir(&self.host, &self.guest)
                .map_err(Error::from)?;
        }
        Ok(())
    }

    /// Where this program is a WASI guest itself.
    #[cfg(target_os = "wasi")]
    fn mount(&self, _builder: &mut WasiCtxBuilder) -> Result<(), Failure> {
        let name = if self.read_only { "read" } else { "use" };
        Err(Failure::usage(format!(
            "a guest cannot {name} the directory {} as {}: this build of curta runs as a guest \
             itself and has none to give",
            self.host.display(),
            self.guest
        )))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split("::").collect();
        let (host, guest, read_only) = match parts[..] {
            [host] => (host, host, false),
            [host, guest] => (host, guest, false),
            [host, guest, "ro"] => (host, guest, true),
            [_, _, other] => {
                return Err(format!(
                    "after the second `::` only `ro` can stand, for a directory to be read, not `{other}`"
                ));
            }
            _ => return Err("at most two `::` are expected".to_owned()),
        };
        if host.is_empty() || guest.is_empty() {
            return Err("a directory and, after `::`, a name for it are expected".to_owned());
        }
        Ok(Directory {
            host: host.into(),
            guest: guest.to_owned(),
            read_only,
        })
    }
}

/// An environment variable for the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    name: String,
    value: String,
}

impl Variable {
    fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Variable {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("a name and, after `=`, a value are expected".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Directory, Variable};

    #[test]
    fn directories_may_be_renamed_for_the_guest_and_be_read_only() {
        let directory = |host: &str, guest: &str, read_only| Directory {
            host: host.into(),
            guest: guest.to_owned(),
            read_only,
        };
        assert_eq!(Directory::parse("a/b"), Ok(directory("a/b", "a/b", false)));
        assert_eq!(Directory::parse("a::/b"), Ok(directory("a", "/b", false)));
        assert_eq!(
            Directory::parse("a::/b::ro"),
            Ok(directory("a", "/b", true))
        );
        for text in [
            "",
            "::",
            "a::",
            "::b",
            "a::b::rw",
            "a::b::",
            "a::b::ro::c",
            "::b::ro",
        ] {
            assert!(Directory::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn variables_have_a_name_and_a_value_that_may_be_empty() {
        let variable = Variable::parse("A=b=c").unwrap();
        assert_eq!(
            (variable.name.as_str(), variable.value.as_str()),
            ("A", "b=c")
        );
        assert!(Variable::parse("A=").is_ok());
        assert!(Variable::parse("A").is_err());
        assert!(Variable::parse("=b").is_err());
    }
}
