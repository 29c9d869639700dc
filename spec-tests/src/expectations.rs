//! What is not built yet, checked in both directions: a failure that is not listed is one too many,
//! and an entry that no longer fails is one too many.
//!
//! The form of the list stands at the head of `expectations.txt`.

use std::fmt;
use std::str::FromStr;

use crate::mode::Mode;
use crate::report::SuiteRun;

/// One entry: directives that are known to fail, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The suite.
    pub suite: String,
    /// The script's file.
    pub script: String,
    /// The line of the directive; any in the script when absent.
    pub line: Option<usize>,
    /// The mode; every one when absent.
    pub mode: Option<Mode>,
    /// Why it fails.
    pub reason: String,
}

impl Entry {
    /// Whether the entry says that a directive fails.
    #[must_use]
    pub fn covers(&self, suite: &str, mode: Mode, script: &str, line: usize) -> bool {
        self.concerns(suite, mode, script) && self.line.is_none_or(|listed| listed == line)
    }

    /// Whether the entry says anything about a script.
    fn concerns(&self, suite: &str, mode: Mode, script: &str) -> bool {
        self.suite == suite
            && self.script == script
            && self.mode.is_none_or(|listed| listed == mode)
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.suite, self.script)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(mode) = self.mode {
            write!(f, " @{mode}")?;
        }
        write!(f, " -- {}", self.reason)
    }
}

impl FromStr for Entry {
    type Err = String;

    fn from_str(text: &str) -> Result<Entry, String> {
        let (place, reason) = text
            .split_once(" -- ")
            .map(|(place, reason)| (place, reason.trim()))
            .filter(|(_, reason)| !reason.is_empty())
            .ok_or("an entry ends with ` -- ` and its reason")?;
        let mut words = place.split_whitespace();
        let suite = words.next().ok_or("an entry starts with its suite")?;
        let file = words.next().ok_or("an entry names its file")?;
        let (script, line) = match file.split_once(':') {
            None => (file, None),
            Some((script, line)) => (
                script,
                Some(line.parse().map_err(|_| format!("`{line}` is no line"))?),
            ),
        };
        let mode = words
            .next()
            .map(|word| match word.strip_prefix('@') {
                Some(mode) => mode.parse(),
                None => Err(format!("`{word}` is no mode: a mode starts with @")),
            })
            .transpose()?;
        if let Some(word) = words.next() {
            return Err(format!("`{word}` does not belong into an entry"));
        }
        Ok(Entry {
            suite: suite.to_owned(),
            script: script.to_owned(),
            line,
            mode,
            reason: reason.to_owned(),
        })
    }
}

/// The whole list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectations {
    entries: Vec<Entry>,
}

impl Expectations {
    /// Whether a directive is known to fail.
    #[must_use]
    pub fn cover(&self, suite: &str, mode: Mode, script: &str, line: usize) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.covers(suite, mode, script, line))
    }

    /// The entries about scripts of this run that none of its failures needs any more.
    #[must_use]
    pub fn stale(&self, run: &SuiteRun) -> Vec<&Entry> {
        let needed = |entry: &Entry| {
            run.scripts.iter().any(|script| {
                script
                    .failures
                    .iter()
                    .any(|failure| entry.covers(run.suite, run.mode, &script.script, failure.line))
            })
        };
        let concerned = |entry: &Entry| {
            run.scripts
                .iter()
                .any(|script| entry.concerns(run.suite, run.mode, &script.script))
        };
        self.entries
            .iter()
            .filter(|entry| concerned(entry) && !needed(entry))
            .collect()
    }
}

impl FromStr for Expectations {
    type Err = String;

    /// Reads the list; an error names its line.
    fn from_str(text: &str) -> Result<Expectations, String> {
        let entries = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
            .map(|(number, line)| {
                line.parse()
                    .map_err(|why| format!("expectations, line {}: {why}", number + 1))
            })
            .collect::<Result<_, _>>()?;
        Ok(Expectations { entries })
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Expectations};
    use crate::mode::Mode;
    use crate::report::SuiteRun;
    use crate::script::{Failure, ScriptOutcome};

    fn run(failing: &[(&str, usize)]) -> SuiteRun {
        let scripts = ["a.wast", "b.wast"].map(|name| ScriptOutcome {
            script: name.to_owned(),
            directives: 10,
            failures: failing
                .iter()
                .filter(|(script, _)| *script == name)
                .map(|(_, line)| Failure {
                    line: *line,
                    directive: String::new(),
                    expected: String::new(),
                    got: String::new(),
                })
                .collect(),
        });
        SuiteRun::new("v1", Mode::LOOP, scripts.into())
    }

    #[test]
    fn an_entry_has_a_place_and_a_reason() {
        let entry: Entry = "v1 a.wast:12 @loop -- not built".parse().unwrap();
        assert!(entry.covers("v1", Mode::LOOP, "a.wast", 12));
        assert!(!entry.covers("v1", Mode::LOOP, "a.wast", 13));
        assert!(!entry.covers("v1", Mode::THREADED, "a.wast", 12));
        assert!(!entry.covers("v2", Mode::LOOP, "a.wast", 12));
        assert_eq!(entry.to_string(), "v1 a.wast:12 @loop -- not built");

        let whole: Entry = "v1 a.wast -- not built".parse().unwrap();
        assert!(whole.covers("v1", Mode::THREADED, "a.wast", 99));
    }

    #[test]
    fn an_entry_without_a_reason_or_of_another_form_is_refused() {
        for (text, why) in [
            ("v1 a.wast:12", "reason"),
            ("v1 a.wast:12 -- ", "reason"),
            ("v1 -- why", "file"),
            ("v1 a.wast:x -- why", "no line"),
            ("v1 a.wast loop -- why", "no mode"),
            ("v1 a.wast @odd -- why", "no mode"),
            ("v1 a.wast @loop twice -- why", "does not belong"),
        ] {
            let error = text.parse::<Entry>().unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        let error = "# fine\n\nv1 a.wast\n".parse::<Expectations>().unwrap_err();
        assert!(error.contains("line 3"), "{error}");
    }

    #[test]
    fn an_entry_that_passes_is_stale() {
        let list: Expectations = "v1 a.wast:3 -- x\nv1 b.wast -- y\nv1 c.wast -- z\n"
            .parse()
            .unwrap();
        let stale = |failing| {
            let run = run(failing);
            let stale = list.stale(&run);
            stale.iter().map(|entry| entry.script.clone()).collect()
        };
        let none: Vec<String> = stale(&[("a.wast", 3), ("b.wast", 7)]);
        assert!(none.is_empty(), "{none:?}");
        let both: Vec<String> = stale(&[("a.wast", 4)]);
        assert_eq!(both, ["a.wast", "b.wast"]);
    }
}
