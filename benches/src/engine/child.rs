//! An engine in a process of its own, for builds that cannot live in one with another, and for
//! engines that take the process with them when they fail.
//!
//! The parent writes requests to the child's standard input and reads an answer from its standard
//! output. A request is a line of words, followed by as many bytes as its last word says; an answer
//! is a line that begins with `ok` or `failed`. The child takes the times, so that none of this is
//! in them. It ends when its input does.
#![cfg_attr(
    feature = "lean",
    allow(dead_code, reason = "what is served asks for nothing")
)]

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::rc::Rc;
use std::time::Duration;

use super::{Compiled, Engine, Failure, Running, UNAVAILABLE};
use crate::host::Host;
use crate::workload::Entry;

/// The engine that a program beside this one serves.
pub(super) struct Served {
    pub(super) name: &'static str,
    /// The program's name.
    pub(super) program: &'static str,
    /// What the program calls the engine.
    pub(super) engine: &'static str,
}

impl Served {
    /// Where the program is if it was built as this one was; tests are one folder further down.
    fn path(&self) -> Option<PathBuf> {
        let this = std::env::current_exe().ok()?;
        let program = format!("{}{}", self.program, std::env::consts::EXE_SUFFIX);
        let folders = this.ancestors().skip(1).take(2);
        let mut paths = folders.map(|folder| folder.join(&program));
        paths.find(|path| path.exists())
    }
}

impl Engine for Served {
    fn name(&self) -> &'static str {
        self.name
    }

    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn Compiled>, Failure> {
        let path = self.path().ok_or(UNAVAILABLE)?;
        let mut connection = Connection::open(&path, self.engine)?;
        connection.ask("compile", wasm)?;
        Ok(Box::new(Remote(Rc::new(RefCell::new(connection)))))
    }
}

/// A child process with both ends of the talk.
struct Connection {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Connection {
    fn open(program: &PathBuf, engine: &str) -> Result<Self, Failure> {
        let mut child = Command::new(program)
            .args(["serve", engine])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What it dies of is an answer, as far as it can be one.
            .stderr(Stdio::null())
            .spawn()?;
        let requests = child.stdin.take();
        let answers = child.stdout.take().ok_or("no pipe from the child")?;
        Ok(Self {
            child,
            requests,
            answers: BufReader::new(answers),
        })
    }

    /// Sends a request and returns what follows `ok`.
    fn ask(&mut self, words: &str, bytes: &[u8]) -> Result<String, Failure> {
        let requests = self.requests.as_mut().ok_or("the child has been left")?;
        writeln!(requests, "{words} {}", bytes.len())?;
        requests.write_all(bytes)?;
        requests.flush()?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        match answer.trim_end().split_once(' ') {
            Some(("ok", rest)) => Ok(rest.to_owned()),
            Some(("failed", words)) => Err(words.into()),
            _ => Err("the engine's process has ended".into()),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // The end of its input ends it.
        self.requests = None;
        if let Err(error) = self.child.wait() {
            eprintln!("benches: a child process cannot be waited for: {error}");
        }
    }
}

/// A module in the child, and at the same time its only instance there.
struct Remote(Rc<RefCell<Connection>>);

impl Compiled for Remote {
    fn instantiate(&self, host: Host) -> Result<Box<dyn Running>, Failure> {
        let words = format!("instantiate {}", host.argument());
        self.0.borrow_mut().ask(&words, host.input())?;
        Ok(Box::new(Self(Rc::clone(&self.0))))
    }
}

impl Running for Remote {
    fn run(&mut self, argument: i32) -> Result<i64, Failure> {
        Ok(self.timed(&Entry::Run, argument)?.0)
    }

    fn steps(&mut self, times: i32) -> Result<i64, Failure> {
        Ok(self.timed(&Entry::Step, times)?.0)
    }

    fn start(&mut self) -> Result<i64, Failure> {
        Ok(self.timed(&Entry::Start(Vec::new()), 0)?.0)
    }

    fn timed(&mut self, entry: &Entry, argument: i32) -> Result<(i64, Duration), Failure> {
        let name = match entry {
            Entry::Run => "run",
            Entry::Step => "step",
            Entry::Start(_) => "start",
        };
        let answer = self
            .0
            .borrow_mut()
            .ask(&format!("{name} {argument}"), &[])?;
        let numbers = answer.split_once(' ').and_then(|(answer, nanoseconds)| {
            let time = Duration::from_nanos(nanoseconds.parse().ok()?);
            Some((answer.parse().ok()?, time))
        });
        numbers.ok_or_else(|| format!("the child answers `{answer}`").into())
    }
}

/// All of a program that exists to be a child: the table calls it with `serve` and the engine's name.
#[must_use]
pub fn main(program: &str) -> ExitCode {
    let name = std::env::args().nth(2).unwrap_or_default();
    match serve(&super::served(), &name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{program}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What the child does: serves the one of `engines` that has this name until its input ends.
///
/// # Errors
/// When there is no such engine, or the parent cannot be talked to. What the engine fails with is an
/// answer, a panic too; it is the last one.
pub fn serve(engines: &[Box<dyn Engine>], name: &str) -> Result<(), Failure> {
    let mut engines = engines.iter();
    let engine = engines
        .find(|engine| engine.name() == name)
        .ok_or_else(|| format!("this build has no engine `{name}`"))?;
    std::panic::set_hook(Box::new(|panic| {
        println!("failed {}", panic.to_string().replace('\n', " "));
    }));
    let (mut requests, mut answers) = (io::stdin().lock(), io::stdout());
    let mut served = Serving {
        engine: &**engine,
        compiled: None,
        running: None,
    };
    loop {
        let mut line = String::new();
        if requests.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let (words, size) = line.trim_end().rsplit_once(' ').ok_or("a short request")?;
        let mut bytes = vec![0; size.parse()?];
        requests.read_exact(&mut bytes)?;
        match served.answer(words, &bytes) {
            Ok(words) => writeln!(answers, "ok {words}")?,
            Err(failure) => {
                let words = failure.to_string().replace('\n', " ");
                writeln!(answers, "failed {words}")?;
            }
        }
        answers.flush()?;
    }
}

/// What the child has.
struct Serving<'a> {
    engine: &'a dyn Engine,
    compiled: Option<Box<dyn Compiled>>,
    running: Option<Box<dyn Running>>,
}

impl Serving<'_> {
    fn answer(&mut self, words: &str, bytes: &[u8]) -> Result<String, Failure> {
        let (request, argument) = words.split_once(' ').unwrap_or((words, "0"));
        let argument: i32 = argument.parse()?;
        let entry = match request {
            "compile" => {
                self.running = None;
                self.compiled = Some(self.engine.compile(bytes)?);
                return Ok("compiled".to_owned());
            }
            "instantiate" => {
                self.running = None;
                let compiled = self.compiled.as_ref().ok_or("nothing is compiled")?;
                self.running = Some(compiled.instantiate(Host::new(argument, bytes))?);
                return Ok("instantiated".to_owned());
            }
            "run" => Entry::Run,
            "step" => Entry::Step,
            "start" => Entry::Start(Vec::new()),
            other => return Err(format!("the parent asks for `{other}`").into()),
        };
        let running = self.running.as_mut().ok_or("nothing is instantiated")?;
        let (answer, time) = running.timed(&entry, argument)?;
        Ok(format!("{answer} {}", time.as_nanos()))
    }
}
