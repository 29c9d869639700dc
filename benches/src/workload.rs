//! The workloads: modules with the right answer to two calls each, read from the lists in the
//! folder `workloads`, which say how the modules were made and where the answers come from.

use std::fmt;
use std::path::{Path, PathBuf};

/// A module and two calls into it.
#[derive(Debug, Clone)]
pub struct Workload {
    /// What the table and the benches call it.
    pub name: String,
    /// Which mean it counts for.
    pub group: Group,
    /// What a call is.
    pub entry: Entry,
    /// The module; `None` for a program of others that was not built.
    pub wasm: Option<Vec<u8>>,
    /// The call that is timed.
    pub full: Call,
    /// A small call, for tests of unoptimised builds.
    pub quick: Call,
}

impl Workload {
    /// Whether a filter of the command line selects it: a part of its name, or its whole group.
    #[must_use]
    pub fn is_named(&self, filter: &str) -> bool {
        self.name.contains(filter) || self.group.to_string() == filter
    }
}

/// The kinds of workload, each with a geometric mean of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// One kind of instruction, over and over.
    Micro,
    /// An algorithm.
    Kernels,
    /// What is as large and as mixed as what people run.
    Programs,
}

impl Group {
    /// All groups, in the order of the table.
    pub const ALL: [Self; 3] = [Self::Micro, Self::Kernels, Self::Programs];
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Micro => "micro",
            Self::Kernels => "kernels",
            Self::Programs => "programs",
        })
    }
}

/// How a workload is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Its export `run: (i32) -> i32` or `(i32) -> i64`, once.
    Run,
    /// Its export `step: (i32) -> i32`, as often as the argument says, each time with the last
    /// result, the first time with 0.
    Step,
    /// Its export `_start`, in a new instance each time. It is a WASI program that gets the
    /// argument as its only one and this as its standard input; the answer is
    /// [the checksum](crate::host::Host::answer) of what it writes.
    Start(Vec<u8>),
}

/// A call and its right answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// What is passed.
    pub argument: i32,
    /// What is answered; an i32 result is sign-extended.
    pub expected: i64,
}

/// The folder of the lists.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/workloads");

/// All workloads, in the order of the table.
///
/// # Errors
/// Says which file cannot be read, or which line of a list makes no sense.
pub fn all() -> Result<Vec<Workload>, String> {
    let mut workloads = Vec::new();
    for line in lines("list.txt")? {
        workloads.push(own(&line)?);
    }
    for line in lines("programs.txt")? {
        workloads.push(program(&line)?);
    }
    Ok(workloads)
}

/// Where `programs.sh` puts what it builds.
#[must_use]
pub fn built_programs() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    target.join("benches")
}

/// The words of the lines of a list, without comments.
fn lines(name: &str) -> Result<Vec<Vec<String>>, String> {
    let text = read(&Path::new(FOLDER).join(name))?;
    let text = String::from_utf8(text).map_err(|_| format!("{name} is not text"))?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let words = lines.map(|line| line.split_whitespace().map(str::to_owned).collect());
    Ok(words.filter(|words: &Vec<_>| !words.is_empty()).collect())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// A line of `list.txt`.
fn own(line: &[String]) -> Result<Workload, String> {
    let [name, source, _flags, calls @ ..] = line else {
        return Err(nonsense(line));
    };
    let (folder, _) = source.split_once('/').ok_or_else(|| nonsense(line))?;
    let group = Group::ALL
        .into_iter()
        .find(|group| group.to_string() == folder)
        .ok_or_else(|| nonsense(line))?;
    let (full, quick) = two_calls(calls).ok_or_else(|| nonsense(line))?;
    Ok(Workload {
        wasm: Some(read(
            &Path::new(FOLDER).join(folder).join(format!("{name}.wasm")),
        )?),
        group,
        entry: if name == "host-in" {
            Entry::Step
        } else {
            Entry::Run
        },
        name: name.clone(),
        full,
        quick,
    })
}

/// A line of `programs.txt`.
fn program(line: &[String]) -> Result<Workload, String> {
    let [name, module, input, calls @ ..] = line else {
        return Err(nonsense(line));
    };
    let (full, quick) = two_calls(calls).ok_or_else(|| nonsense(line))?;
    let input = match input.as_str() {
        "-" => Vec::new(),
        file => read(&Path::new(FOLDER).join(file))?,
    };
    Ok(Workload {
        name: name.clone(),
        group: Group::Programs,
        entry: Entry::Start(input),
        wasm: std::fs::read(built_programs().join(module)).ok(),
        full,
        quick,
    })
}

fn two_calls(words: &[String]) -> Option<(Call, Call)> {
    let [full, full_result, quick, quick_result] = words else {
        return None;
    };
    let call = |argument: &str, expected: &str| {
        Some(Call {
            argument: argument.parse().ok()?,
            expected: expected.parse().ok()?,
        })
    };
    Some((call(full, full_result)?, call(quick, quick_result)?))
}

fn nonsense(line: &[String]) -> String {
    format!("a list of workloads has the line `{}`", line.join(" "))
}
