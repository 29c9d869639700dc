//! Granting a guest what it may use.

use std::ffi::{OsStr, OsString};
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use curta::Error;

use super::strings::{Strings, Unfit};
use super::{Input, Output, WasiCtx};
use crate::abi::Rights;
use crate::clock::Clocks;
use crate::fs::Directory;
use crate::table::{self, Descriptor, Kind, Table};

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
    #[error("the directory `{}` needs a name that is not empty for the guest", .0.display())]
    NoName(PathBuf),
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
/// ```
/// # fn main() -> Result<(), curta::Error> {
/// let output = curta_wasi::Capture::new(1 << 20);
/// let wasi = curta_wasi::WasiCtx::builder()
///     .args(["prog", "--fast"])
///     .env("LANG", "C")
///     .stdout(output.clone())
///     .preopened_dir(".", "/data")?
///     .build()?;
/// # let _ = wasi;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use]
pub struct WasiCtxBuilder {
    args: Vec<Vec<u8>>,
    environ: Vec<(Vec<u8>, Vec<u8>)>,
    stdin: Input,
    stdout: Output,
    stderr: Output,
    preopens: Vec<(Dir, String)>,
    max_descriptors: usize,
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
            stdin: Input::empty(),
            stdout: Output::sink(),
            stderr: Output::sink(),
            preopens: Vec::new(),
            max_descriptors: table::DEFAULT_LIMIT,
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

    /// Standard input is read from `reader`.
    pub fn stdin(&mut self, reader: impl Read + Send + 'static) -> &mut Self {
        self.stdin = Input::new(reader);
        self
    }

    /// Standard input consists of these bytes.
    pub fn stdin_bytes(&mut self, bytes: impl Into<Vec<u8>>) -> &mut Self {
        self.stdin(Cursor::new(bytes.into()))
    }

    /// Standard output goes to `writer`, for example a [`Capture`](crate::Capture). Every
    /// write of the guest is one write of `writer`; it is flushed when the guest asks for
    /// synchronisation, and when it is dropped if it does so by itself.
    pub fn stdout(&mut self, writer: impl Write + Send + 'static) -> &mut Self {
        self.stdout = Output::new(writer);
        self
    }

    /// Standard error goes to `writer`, as for [`stdout`](Self::stdout).
    pub fn stderr(&mut self, writer: impl Write + Send + 'static) -> &mut Self {
        self.stderr = Output::new(writer);
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
    /// A [`ConfigError`] where the directory cannot be opened or the name is unfit.
    pub fn preopened_dir(
        &mut self,
        host: impl AsRef<Path>,
        guest: impl Into<String>,
    ) -> Result<&mut Self, Error> {
        let (host, guest) = (host.as_ref(), guest.into());
        if guest.is_empty() {
            return Err(Error::new(ConfigError::NoName(host.to_owned())));
        }
        if guest.contains('\0') {
            return Err(Error::new(ConfigError::Nul {
                what: "a directory's name for the guest",
                text: guest,
            }));
        }
        let dir = Dir::open_ambient_dir(host, ambient_authority()).map_err(|source| {
            Error::new(ConfigError::Directory {
                host: host.to_owned(),
                source,
            })
        })?;
        self.preopens.push((dir, guest));
        Ok(self)
    }

    /// How many descriptors the guest may have open at once, streams and given
    /// directories included. 1024 unless set.
    pub fn max_descriptors(&mut self, limit: usize) -> &mut Self {
        self.max_descriptors = limit;
        self
    }

    /// Makes the context. The builder is as new afterwards.
    ///
    /// # Errors
    /// A [`ConfigError`]: the first thing described before that cannot be granted.
    pub fn build(&mut self) -> Result<WasiCtx, Error> {
        std::mem::take(self).finish().map_err(Error::new)
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
        Ok(WasiCtx {
            args,
            environ,
            table: descriptors(
                [
                    (Kind::Input(self.stdin), Rights::INPUT),
                    (Kind::Output(self.stdout), Rights::OUTPUT),
                    (Kind::Output(self.stderr), Rights::OUTPUT),
                ],
                self.preopens,
                self.max_descriptors,
            )?,
            clocks: Clocks::new(),
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

/// The table that a guest starts with: streams at 0, 1 and 2, directories from 3 on.
fn descriptors(
    streams: [(Kind, Rights); 3],
    preopens: Vec<(Dir, String)>,
    limit: usize,
) -> Result<Table, ConfigError> {
    let streams = streams.into_iter().map(|(kind, rights)| Descriptor {
        kind,
        rights,
        inheriting: Rights::NONE,
    });
    let directories = preopens.into_iter().map(|(dir, name)| Descriptor {
        kind: Kind::Directory(Directory::preopened(dir, name.into_boxed_str())),
        rights: Rights::DIRECTORY,
        // All, so that a guest which asks for everything at once gets what there is.
        inheriting: Rights::ALL,
    });
    let mut table = Table::new(limit);
    for descriptor in streams.chain(directories) {
        table
            .insert(descriptor)
            .map_err(|_| ConfigError::Descriptors { limit })?;
    }
    Ok(table)
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
