//! Running engines in turns: A B C D, A B C D, …, so that a machine that slows down or warms up
//! does so for all of them. Compiling, instantiating and one first run are not timed. Every result
//! is compared with the workload's right one.

use std::time::Duration;

use crate::engine::{Compiled, Engine, Failure, Running, UNAVAILABLE};
use crate::host::Host;
use crate::workload::{Call, Entry, Workload};

/// How an engine did on a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The times of its runs, ascending; at least one.
    Timed(Times),
    /// It answered this instead of the right result.
    Wrong(i64),
    /// It failed with these words.
    Failed(String),
    /// This build does not have the engine.
    Unavailable,
    /// The workload is a program of others that was not built.
    NotBuilt,
}

/// The times of several runs of the same call, ascending and never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Sorts `times`; `None` if there are none.
    #[must_use]
    pub fn new(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        (!times.is_empty()).then_some(Self(times))
    }

    /// The shortest run, the one least disturbed.
    #[must_use]
    pub fn min(&self) -> Duration {
        self.0[0]
    }

    /// The run in the middle (the later one of two).
    #[must_use]
    pub fn median(&self) -> Duration {
        self.0[self.0.len() / 2]
    }

    /// By which part of the shortest run the longest one is longer.
    #[must_use]
    pub fn spread(&self) -> f64 {
        ratio(self.0[self.0.len() - 1], self.min()) - 1.0
    }

    /// All runs, ascending.
    #[must_use]
    pub fn all(&self) -> &[Duration] {
        &self.0
    }
}

/// How many times `one` is as long as `other`.
#[must_use]
pub fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

/// Runs `workload` on every engine `rounds` times, the engines taking turns; the outcomes are in
/// the order of `engines`.
#[must_use]
pub fn take_turns(engines: &[Box<dyn Engine>], workload: &Workload, rounds: usize) -> Vec<Outcome> {
    let Some(wasm) = &workload.wasm else {
        return engines.iter().map(|_| Outcome::NotBuilt).collect();
    };
    let mut runners: Vec<Runner> = engines
        .iter()
        .map(|engine| Runner::first(&**engine, wasm, workload))
        .collect();
    for _ in 0..rounds {
        for runner in &mut runners {
            runner.take_turn(workload);
        }
    }
    runners.into_iter().map(Runner::finish).collect()
}

/// A module with, where one instance can be called again and again, that instance.
pub struct Loaded {
    compiled: Box<dyn Compiled>,
    running: Option<Box<dyn Running>>,
}

impl Loaded {
    /// Compiles a module.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn new(engine: &dyn Engine, wasm: &[u8]) -> Result<Self, Failure> {
        Ok(Self {
            compiled: engine.compile(wasm)?,
            running: None,
        })
    }

    /// Makes the call and returns its answer with the time that the call alone took. A program gets
    /// a new instance each time, other workloads get one at the first call.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn call(&mut self, entry: &Entry, call: Call) -> Result<(i64, Duration), Failure> {
        self.instance(entry, call)?.timed(entry, call.argument)
    }

    /// The instance to call.
    fn instance(&mut self, entry: &Entry, call: Call) -> Result<&mut dyn Running, Failure> {
        if let Entry::Start(input) = entry {
            let host = Host::new(call.argument, input);
            // Memory of the instance before is given back before there is another one.
            self.running = None;
            self.running = Some(self.compiled.instantiate(host)?);
        }
        Ok(match &mut self.running {
            Some(running) => &mut **running,
            none => &mut **none.insert(self.compiled.instantiate(Host::default())?),
        })
    }
}

/// Calls a workload once to warm up, then once through `counted_call`, for
/// `benches/instructions.sh`. No clock is read: valgrind does not survive it.
///
/// # Errors
/// Those of the engine, and a wrong answer.
pub fn once(engine: &dyn Engine, workload: &Workload) -> Result<(), Failure> {
    let wasm = workload.wasm.as_ref().ok_or("not built")?;
    let (entry, quick, full) = (&workload.entry, workload.quick, workload.full);
    let mut loaded = Loaded::new(engine, wasm)?;
    loaded.instance(entry, quick)?.call(entry, quick.argument)?;
    let running = loaded.instance(entry, full)?;
    let answer = counted_call(running, entry, full.argument)?;
    if answer != full.expected {
        return Err(format!("it answers {answer}").into());
    }
    Ok(())
}

/// A call whose instructions are counted: callgrind is told this function's name.
#[inline(never)]
fn counted_call(running: &mut dyn Running, entry: &Entry, argument: i32) -> Result<i64, Failure> {
    running.call(entry, argument)
}

/// An engine with a loaded workload, or how it dropped out.
enum Runner {
    Running {
        loaded: Loaded,
        times: Vec<Duration>,
    },
    Out(Outcome),
}

impl Runner {
    /// Loads the workload and runs it once. That run touches memory and may translate: it is
    /// compared, not timed.
    fn first(engine: &dyn Engine, wasm: &[u8], workload: &Workload) -> Self {
        match Loaded::new(engine, wasm) {
            Ok(loaded) => {
                let times = Vec::new();
                let mut runner = Self::Running { loaded, times };
                runner.take_turn(workload);
                if let Self::Running { times, .. } = &mut runner {
                    times.clear();
                }
                runner
            }
            Err(failure) if failure.to_string() == UNAVAILABLE => Self::Out(Outcome::Unavailable),
            Err(failure) => Self::Out(Outcome::Failed(failure.to_string())),
        }
    }

    fn take_turn(&mut self, workload: &Workload) {
        let Self::Running { loaded, times } = self else {
            return;
        };
        match loaded.call(&workload.entry, workload.full) {
            Ok((value, time)) if value == workload.full.expected => times.push(time),
            Ok((value, _)) => *self = Self::Out(Outcome::Wrong(value)),
            Err(failure) => *self = Self::Out(Outcome::Failed(failure.to_string())),
        }
    }

    fn finish(self) -> Outcome {
        match self {
            Self::Running { times, .. } => Times::new(times)
                .map_or_else(|| Outcome::Failed("no rounds".to_owned()), Outcome::Timed),
            Self::Out(outcome) => outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Times, take_turns};
    use crate::engine::{Compiled, Engine, Failure, Running};
    use crate::host::Host;
    use crate::workload::{Call, Entry, Group, Workload};
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;

    const CALL: Call = Call {
        argument: 7,
        expected: 7,
    };

    fn workload() -> Workload {
        Workload {
            name: "echo".to_owned(),
            group: Group::Micro,
            entry: Entry::Run,
            wasm: Some(Vec::new()),
            full: CALL,
            quick: CALL,
        }
    }

    /// Answers its argument plus `off`, and writes its name into the log at each turn.
    #[derive(Clone)]
    struct Echo {
        name: &'static str,
        off: i64,
        log: Rc<RefCell<String>>,
    }

    impl Engine for Echo {
        fn name(&self) -> &'static str {
            self.name
        }

        fn compile(&self, _: &[u8]) -> Result<Box<dyn Compiled>, Failure> {
            Ok(Box::new(self.clone()))
        }
    }

    impl Compiled for Echo {
        fn instantiate(&self, _: Host) -> Result<Box<dyn Running>, Failure> {
            Ok(Box::new(self.clone()))
        }
    }

    impl Running for Echo {
        fn run(&mut self, argument: i32) -> Result<i64, Failure> {
            self.log.borrow_mut().push_str(self.name);
            Ok(i64::from(argument) + self.off)
        }

        fn steps(&mut self, _: i32) -> Result<i64, Failure> {
            Err("no export `step`".into())
        }

        fn start(&mut self) -> Result<i64, Failure> {
            Err("no export `_start`".into())
        }
    }

    #[test]
    fn engines_take_turns_and_one_with_a_wrong_result_drops_out() {
        let log = Rc::new(RefCell::new(String::new()));
        let engine = |name, off| -> Box<dyn Engine> {
            Box::new(Echo {
                name,
                off,
                log: Rc::clone(&log),
            })
        };
        let outcomes = take_turns(
            &[engine("a", 0), engine("b", 1), engine("c", 0)],
            &workload(),
            3,
        );
        assert_eq!(
            *log.borrow(),
            "abcacacac",
            "one run each, then three rounds"
        );
        assert_eq!(outcomes[1], Outcome::Wrong(8));
        for at in [0, 2] {
            assert!(matches!(&outcomes[at], Outcome::Timed(times) if times.all().len() == 3));
        }
    }

    #[test]
    fn statistics_are_those_of_the_sorted_times() {
        let times = [30, 10, 20].map(Duration::from_millis).to_vec();
        let times = Times::new(times).expect("there are some");
        assert_eq!(times.min(), Duration::from_millis(10));
        assert_eq!(times.median(), Duration::from_millis(20));
        assert!((times.spread() - 2.0).abs() < 1e-9);
        assert_eq!(Times::new(Vec::new()), None);
    }
}
