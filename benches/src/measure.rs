//! Running engines in turns: A B C D, A B C D, …, so that a machine that slows down or warms up
//! does so for all of them. Loading and one first run are not timed. Every result is compared with
//! the workload's right one.

use std::time::Duration;

use crate::clock;
use crate::engine::{Engine, Loaded, UNAVAILABLE};
use crate::workload::Workload;

/// How an engine did on a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The times of its runs, ascending; at least one.
    Timed(Times),
    /// It answered this instead of the right result.
    Wrong(i64),
    /// It failed with these words.
    Failed(String),
    /// This build does not have it.
    Unavailable,
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
    let mut runners: Vec<Runner> = engines
        .iter()
        .map(|engine| Runner::load(&**engine, workload))
        .collect();
    for _ in 0..rounds {
        for runner in &mut runners {
            runner.take_turn(workload);
        }
    }
    runners.into_iter().map(Runner::finish).collect()
}

/// An engine with a loaded workload, or how it dropped out.
enum Runner {
    Running {
        loaded: Box<dyn Loaded>,
        times: Vec<Duration>,
    },
    Out(Outcome),
}

impl Runner {
    fn load(engine: &dyn Engine, workload: &Workload) -> Self {
        match engine.load(workload.wasm) {
            Ok(loaded) => {
                let mut runner = Self::Running {
                    loaded,
                    times: Vec::new(),
                };
                // The first run touches memory and may translate: it is compared, not timed.
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
        let start = clock::now();
        let result = loaded.run(workload.full.argument);
        let time = clock::now().saturating_sub(start);
        match result {
            Ok(value) if value == workload.full.expected => times.push(time),
            Ok(value) => *self = Self::Out(Outcome::Wrong(value)),
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
    use crate::engine::{Engine, Failure, Loaded};
    use crate::workload::{Call, Workload};
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;

    const CALL: Call = Call {
        argument: 7,
        expected: 7,
    };
    const WORKLOAD: Workload = Workload {
        name: "echo",
        wasm: b"",
        full: CALL,
        quick: CALL,
    };

    /// Answers its argument plus `off`, and writes its name into the log at each turn.
    struct Echo {
        name: &'static str,
        off: i64,
        log: Rc<RefCell<String>>,
    }

    impl Engine for Echo {
        fn name(&self) -> &'static str {
            self.name
        }

        fn load(&self, _: &[u8]) -> Result<Box<dyn Loaded>, Failure> {
            let (name, off, log) = (self.name, self.off, Rc::clone(&self.log));
            Ok(Box::new(Turn { name, off, log }))
        }
    }

    struct Turn {
        name: &'static str,
        off: i64,
        log: Rc<RefCell<String>>,
    }

    impl Loaded for Turn {
        fn run(&mut self, argument: i32) -> Result<i64, Failure> {
            self.log.borrow_mut().push_str(self.name);
            Ok(i64::from(argument) + self.off)
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
            &WORKLOAD,
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
