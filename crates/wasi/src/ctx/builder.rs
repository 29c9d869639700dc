//! Granting a guest what it may use.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
#[cfg(all(feature = "host", not(target_os = "wasi")))]
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use super::strings::{Strings, Unfit};
use super::{Limits, WasiCtx};
use crate::abi::Rights;
use crate::clock::{Clocks, HostClocks};
#[cfg(all(feature = "host", not(target_os = "wasi")))]
use crate::fs::HostDir;
use crate::fs::{Dir, Directory, Listings};
use crate::random::{HostRandom, Random};
use crate::stdio::{Input, Output, PipeReader, PipeWriter};
use crate::table::{Descriptor, Kind, Table};
use crate::wait::Signal;

/// Why a context cannot be made as it was described.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A directory to be given to the guest cannot be opened.
    #[error("cannot open the directory `{}` for the guest: {source}", host.display())]
    Directory {
        /// The directory.
        host: PathBuf,
        /// What the host says.
        source: io::Error,
    },
    /// One of the host's standard streams cannot be shared.
    #[error("cannot share the host's {stream} with the guest: {source}")]
    Stream {
        /// Which one.
        stream: &'static str,
        /// What the host says.
        source: io::Error,
    },
    /// An argument, variable or directory name contains a NUL byte, which ends strings.
    #[error("{what} contains a NUL byte: {text:?}")]
    Nul {
        /// What kind of string.
        what: &'static str,
        /// The string.
        text: String,
    },
    /// The name of an environment variable is empty or contains `=`.
    #[error("{0:?} cannot name an environment variable: it is empty or contains `=`")]
    VariableName(String),
    /// A directory's name for the guest is empty.
    #[error("a directory needs a name that is not empty for the guest")]
    NoName,
    /// What was to be given to the guest as a socket is none, or cannot be used.
    #[error("cannot give the guest a socket: {0}")]
    Socket(crate::abi::Errno),
    /// Arguments or environment exceed what a guest can address.
    #[error("the {0} of the guest exceed 4 GiB")]
    Size(&'static str),
    /// There are more streams and directories than the table may hold.
    #[error("the guest may have {limit} open descriptors, too few for its streams and directories")]
    Descriptors {
        /// The limit.
        limit: usize,
    },
}

/// Describes what a guest may use, and makes a [`WasiCtx`] of it.
///
/// What is not granted does not exist for the guest: by default it has no arguments, no
/// environment, an empty standard input, a standard output and error that swallow what
/// they get, no directory, and no way to the network. Clocks and random numbers are
/// always there.
///
/// It reads like Node's `new WASI({ version, args, env, preopens })`; a version need not be
/// named, as a module's imports do so.
///
/// ```
/// let output = curta_wasi::Capture::new(1 << 20);
/// let wasi = curta_wasi::WasiCtx::builder()
///     .args(["prog", "--fast"])
///     .env("LANG", "C")
///     .preopens([("/data", ".")])?
///     .stdout(output.clone())
///     .build()?;
/// # let _ = wasi;
/// # Ok::<(), curta_wasi::ConfigError>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct WasiCtxBuilder {
    args: Vec<Vec<u8>>,
    environ: Vec<(Vec<u8>, Vec<u8>)>,
    stdin: Input,
    stdout: Output,
    stderr: Output,
    mounts: Vec<(String, Box<dyn Dir>)>,
    #[cfg(unix)]
    sockets: Vec<crate::socket::Socket>,
    clocks: Option<Box<dyn Clocks>>,
    random: Option<Box<dyn Random>>,
    limits: Limits,
    /// The first failure of a setter that returns the builder.
    failure: Option<ConfigError>,
}

impl Default for WasiCtxBuilder {
    fn default() -> Self {
        WasiCtxBuilder::new()
    }
}

impl WasiCtxBuilder {
    /// A builder that grants nothing yet.
    pub fn new() -> Self {
        WasiCtxBuilder {
            args: Vec::new(),
            environ: Vec::new(),
            stdin: Input::bytes(Vec::new()),
            stdout: Output::null(),
            stderr: Output::null(),
            mounts: Vec::new(),
            #[cfg(unix)]
            sockets: Vec::new(),
            clocks: None,
            random: None,
            limits: Limits::default(),
            failure: None,
        }
    }

    /// Adds one argument. By custom the first is the name of the program.
    pub fn arg(&mut self, arg: impl AsRef<[u8]>) -> &mut Self {
        self.args.push(arg.as_ref().to_vec());
        self
    }

    /// Adds arguments.
    pub fn args<A: AsRef<[u8]>>(&mut self, args: impl IntoIterator<Item = A>) -> &mut Self {
        for arg in args {
            self.arg(arg);
        }
        self
    }

    /// Adds the arguments of the host process, its own name included.
    pub fn inherit_args(&mut self) -> &mut Self {
        self.args(std::env::args_os().map(OsString::into_encoded_bytes))
    }

    /// Sets an environment variable, in place of one of the same name set before.
    pub fn env(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> &mut Self {
        let name = name.as_ref();
        self.environ.retain(|(earlier, _)| earlier != name);
        self.environ.push((name.to_vec(), value.as_ref().to_vec()));
        self
    }

    /// Sets environment variables.
    pub fn envs<N: AsRef<[u8]>, V: AsRef<[u8]>>(
        &mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> &mut Self {
        for (name, value) in variables {
            self.env(name, value);
        }
        self
    }

    /// Sets all environment variables of the host process.
    pub fn inherit_env(&mut self) -> &mut Self {
        // Hosts keep entries of their own there that are no variables (`=C:` on Windows).
        let regular = |name: &OsStr| !name.as_encoded_bytes().contains(&b'=');
        let variables = std::env::vars_os().filter(|(name, _)| regular(name));
        self.envs(
            variables.map(|(name, value)| (name.into_encoded_bytes(), value.into_encoded_bytes())),
        )
    }

    /// Standard input is read from `reader`, by calls that nobody can interrupt.
    pub fn stdin(&mut self, reader: impl Read + Send + 'static) -> &mut Self {
        self.stdin = Input::reader(reader);
        self
    }

    /// Standard input consists of these bytes.
    pub fn stdin_bytes(&mut self, bytes: impl Into<Vec<u8>>) -> &mut Self {
        self.stdin = Input::bytes(bytes.into());
        self
    }

    /// Standard input is read from a file of the host, also a pipe or a terminal.
    pub fn stdin_file(&mut self, file: std::fs::File) -> &mut Self {
        self.stdin = Input::file(file);
        self
    }

    /// Standard input is what comes through a [`pipe`](crate::pipe()).
    pub fn stdin_pipe(&mut self, reader: PipeReader) -> &mut Self {
        self.stdin = Input::pipe(reader);
        self
    }

    /// Standard input is at its end, as it is unless set otherwise.
    pub fn null_stdin(&mut self) -> &mut Self {
        self.stdin_bytes(Vec::new())
    }

    /// Standard output goes to `writer`, for example a [`Capture`](crate::Capture). Every
    /// write of the guest is one write of `writer`; it is flushed when the guest asks for
    /// synchronisation or closes it, and when it is dropped if it does so by itself.
    pub fn stdout(&mut self, writer: impl Write + Send + 'static) -> &mut Self {
        self.stdout = Output::writer(writer);
        self
    }

    /// Standard output goes into a [`pipe`](crate::pipe()).
    pub fn stdout_pipe(&mut self, writer: PipeWriter) -> &mut Self {
        self.stdout = Output::pipe(writer);
        self
    }

    /// Standard output goes nowhere, as it does unless set otherwise.
    pub fn null_stdout(&mut self) -> &mut Self {
        self.stdout = Output::null();
        self
    }

    /// Standard error goes to `writer`, as for [`stdout`](Self::stdout).
    pub fn stderr(&mut self, writer: impl Write + Send + 'static) -> &mut Self {
        self.stderr = Output::writer(writer);
        self
    }

    /// Standard error goes into a [`pipe`](crate::pipe()).
    pub fn stderr_pipe(&mut self, writer: PipeWriter) -> &mut Self {
        self.stderr = Output::pipe(writer);
        self
    }

    /// Standard error goes nowhere, as it does unless set otherwise.
    pub fn null_stderr(&mut self) -> &mut Self {
        self.stderr = Output::null();
        self
    }

    /// Standard input is the host's.
    pub fn inherit_stdin(&mut self) -> &mut Self {
        match Input::inherit() {
            Ok(input) => self.stdin = input,
            Err(source) => self.fail_stream("standard input", source),
        }
        self
    }

    /// Standard output is the host's. What the host has printed before comes first.
    pub fn inherit_stdout(&mut self) -> &mut Self {
        match Output::inherit_stdout() {
            Ok(output) => self.stdout = output,
            Err(source) => self.fail_stream("standard output", source),
        }
        self
    }

    /// Standard error is the host's.
    pub fn inherit_stderr(&mut self) -> &mut Self {
        match Output::inherit_stderr() {
            Ok(output) => self.stderr = output,
            Err(source) => self.fail_stream("standard error", source),
        }
        self
    }

    /// All three standard streams are the host's.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.inherit_stdin().inherit_stdout().inherit_stderr()
    }

    fn fail_stream(&mut self, stream: &'static str, source: io::Error) {
        self.failure
            .get_or_insert(ConfigError::Stream { stream, source });
    }

    /// Gives the guest the directory `host` and all below it, to read and to write, under
    /// the name `guest`. Links in it that lead out of it cannot be followed.
    ///
    /// # Errors
    /// A [`ConfigError`] where the directory cannot be opened.
    #[cfg(all(feature = "host", not(target_os = "wasi")))]
    pub fn preopened_dir(
        &mut self,
        host: impl AsRef<Path>,
        guest: impl Into<String>,
    ) -> Result<&mut Self, ConfigError> {
        let host = host.as_ref();
        let dir = HostDir::open(host).map_err(|source| ConfigError::Directory {
            host: host.to_owned(),
            source,
        })?;
        Ok(self.mount(guest, dir))
    }

    /// Gives the guest directories of the host, each as the guest's name and the host's:
    /// the order of Node's `preopens`.
    ///
    /// # Errors
    /// A [`ConfigError`] where a directory cannot be opened.
    #[cfg(all(feature = "host", not(target_os = "wasi")))]
    pub fn preopens<G: Into<String>, H: AsRef<Path>>(
        &mut self,
        directories: impl IntoIterator<Item = (G, H)>,
    ) -> Result<&mut Self, ConfigError> {
        for (guest, host) in directories {
            self.preopened_dir(host, guest)?;
        }
        Ok(self)
    }

    /// Gives the guest a directory of any kind under the name `guest`. Libraries look a
    /// path up in the directory with the longest name that it begins with, so `/data/cache`
    /// may lie over a directory of `/data`.
    pub fn mount(&mut self, guest: impl Into<String>, dir: impl Dir + 'static) -> &mut Self {
        self.mounts.push((guest.into(), Box::new(dir)));
        self
    }

    /// Gives the guest a socket: a listener that it may accept connections from, or a
    /// connection. Sockets have the numbers after those of the directories. They do not
    /// block from here on, also for other holders of the same socket.
    ///
    /// # Errors
    /// A [`ConfigError`] for what is no socket.
    #[cfg(unix)]
    pub fn preopened_socket(
        &mut self,
        socket: impl Into<std::os::fd::OwnedFd>,
    ) -> Result<&mut Self, ConfigError> {
        let socket = crate::socket::Socket::new(socket.into()).map_err(ConfigError::Socket)?;
        self.sockets.push(socket);
        Ok(self)
    }

    /// The guest's time; the host's unless set.
    pub fn clocks(&mut self, clocks: impl Clocks + 'static) -> &mut Self {
        self.clocks = Some(Box::new(clocks));
        self
    }

    /// The guest's random bytes; the host's unless set.
    pub fn random(&mut self, random: impl Random + 'static) -> &mut Self {
        self.random = Some(Box::new(random));
        self
    }

    /// What the guest may ask of its host.
    pub fn limits(&mut self, limits: Limits) -> &mut Self {
        self.limits = limits;
        self
    }

    /// How many descriptors the guest may have open at once, streams and given
    /// directories included. 1024 unless set.
    pub fn max_descriptors(&mut self, limit: usize) -> &mut Self {
        self.limits.descriptors = limit;
        self
    }

    /// Makes the context. The builder is as new afterwards.
    ///
    /// # Errors
    /// A [`ConfigError`]: the first thing described before that cannot be granted.
    pub fn build(&mut self) -> Result<WasiCtx, ConfigError> {
        std::mem::take(self).finish()
    }

    fn finish(self) -> Result<WasiCtx, ConfigError> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let mut args = Strings::default();
        for arg in &self.args {
            push(&mut args, arg, "an argument", "arguments")?;
        }
        let mut environ = Strings::default();
        for (name, value) in &self.environ {
            if name.is_empty() || name.contains(&b'=') {
                let name = String::from_utf8_lossy(name).into_owned();
                return Err(ConfigError::VariableName(name));
            }
            let entry = [name, &b"="[..], value].concat();
            push(
                &mut environ,
                &entry,
                "an environment variable",
                "environment variables",
            )?;
        }
        let streams = [
            (Kind::Input(self.stdin), Rights::INPUT),
            (Kind::Output(self.stdout), Rights::OUTPUT),
            (Kind::Output(self.stderr), Rights::OUTPUT),
        ];
        let table = descriptors(streams, self.mounts, self.limits.descriptors)?;
        #[cfg(unix)]
        let table = with_sockets(table, self.sockets, self.limits.descriptors)?;
        Ok(WasiCtx {
            args,
            environ,
            table,
            clocks: self.clocks.unwrap_or_else(|| Box::new(HostClocks::new())),
            random: self.random.unwrap_or_else(|| Box::new(HostRandom)),
            limits: self.limits,
            listings: Listings::new(self.limits.directory_entries),
            signal: Arc::new(Signal::default()),
        })
    }
}

/// Adds a string to a list, or says what is wrong with it.
fn push(
    list: &mut Strings,
    string: &[u8],
    what: &'static str,
    all: &'static str,
) -> Result<(), ConfigError> {
    list.push(string).map_err(|unfit| match unfit {
        Unfit::Nul => ConfigError::Nul {
            what,
            text: String::from_utf8_lossy(string).into_owned(),
        },
        Unfit::Size => ConfigError::Size(all),
    })
}

/// Puts in what a guest starts with: streams at 0, 1 and 2, directories from 3 on.
fn descriptors(
    streams: [(Kind, Rights); 3],
    mounts: Vec<(String, Box<dyn Dir>)>,
    limit: usize,
) -> Result<Table, ConfigError> {
    let mut table = Table::new(limit);
    for (kind, rights) in streams {
        let descriptor = Descriptor {
            kind,
            rights,
            inheriting: Rights::NONE,
        };
        insert(&mut table, descriptor, limit)?;
    }
    for (name, dir) in mounts {
        if name.is_empty() {
            return Err(ConfigError::NoName);
        }
        if name.contains('\0') {
            return Err(ConfigError::Nul {
                what: "a directory's name for the guest",
                text: name,
            });
        }
        let descriptor = Descriptor {
            kind: Kind::Directory(Directory::preopened(dir, name.into_boxed_str())),
            rights: Rights::DIRECTORY,
            // All, so that a guest which asks for everything at once gets what there is.
            inheriting: Rights::ALL,
        };
        insert(&mut table, descriptor, limit)?;
    }
    Ok(table)
}

/// Adds sockets, after the directories.
#[cfg(unix)]
fn with_sockets(
    mut table: Table,
    sockets: Vec<crate::socket::Socket>,
    limit: usize,
) -> Result<Table, ConfigError> {
    for socket in sockets {
        let descriptor = Descriptor {
            rights: socket.rights(),
            inheriting: Rights::SOCKET,
            kind: Kind::Socket(socket),
        };
        insert(&mut table, descriptor, limit)?;
    }
    Ok(table)
}

fn insert(table: &mut Table, descriptor: Descriptor, limit: usize) -> Result<(), ConfigError> {
    match table.insert(descriptor) {
        Ok(_) => Ok(()),
        Err(_) => Err(ConfigError::Descriptors { limit }),
    }
}

#[cfg(test)]
mod tests {
    use super::WasiCtxBuilder;
    use crate::abi::Errno;

    #[test]
    fn nothing_is_granted_by_default() {
        let ctx = WasiCtxBuilder::new().build().unwrap();
        assert_eq!(ctx.args.sizes(), Ok((0, 0)));
        assert_eq!(ctx.environ.sizes(), Ok((0, 0)));
        assert!(ctx.table.get(2).is_ok());
        assert_eq!(ctx.table.get(3).err(), Some(Errno::Badf));
    }

    #[test]
    fn a_variable_set_again_replaces_the_first() {
        let ctx = WasiCtxBuilder::new()
            .env("A", "1")
            .env("A", "22")
            .build()
            .unwrap();
        assert_eq!(ctx.environ.sizes(), Ok((1, 5)));
    }

    #[test]
    fn strings_that_the_guest_could_not_read_back_are_refused() {
        let error = WasiCtxBuilder::new().arg("a\0b").build().unwrap_err();
        assert!(error.to_string().contains("NUL"), "{error}");
        let error = WasiCtxBuilder::new().env("a=b", "").build().unwrap_err();
        assert!(error.to_string().contains("a=b"), "{error}");
        let error = WasiCtxBuilder::new().env("", "b").build().unwrap_err();
        assert!(error.to_string().contains("empty"), "{error}");
    }

    #[test]
    fn a_directory_that_does_not_exist_is_named_in_the_error() {
        let mut builder = WasiCtxBuilder::new();
        let error = builder.preopened_dir("/does/not/exist", "/").unwrap_err();
        assert!(error.to_string().contains("/does/not/exist"), "{error}");
    }

    #[test]
    fn more_directories_than_descriptors_are_refused() {
        let mut builder = WasiCtxBuilder::new();
        builder.max_descriptors(3).preopened_dir(".", "/").unwrap();
        let error = builder.build().unwrap_err();
        assert!(error.to_string().contains('3'), "{error}");
    }
}
