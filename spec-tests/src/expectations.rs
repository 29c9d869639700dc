//! What is not built yet, checked in both directions: a failure that is not listed is one too many,
//! and an entry that no longer fails is one too many.
//!
//! An entry is about single directives or about whole scripts, and the two are held to different
//! rules:
//!
//! * `FILE:LINE` excuses whatever the directives on that line do, and has to go when all of them
//!   pass. `FILE:LINE,LINE,…` is one such entry for each line.
//! * `FILE`, in which a `*` may stand for any part of a name, excuses what is not built and what
//!   follows from it, in every script that it matches; a wrong value, a wrong trap or a wrong
//!   refusal is none of this and fails the run ([`Cause`]). Each of the scripts has to fail: one
//!   that passes as a whole must no longer be matched.
//!
//! A panic is never excused. The form of the list stands at the head of `expectations.txt`.

use std::fmt;
use std::str::FromStr;

use crate::report::SuiteRun;
use curta_wast::mode::Modes;
use curta_wast::script::{Cause, Failure};

/// One entry: directives that are known to fail, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The suite.
    pub suite: String,
    /// The scripts.
    pub scripts: Scripts,
    /// The line of the directive; whatever is not built in these scripts when absent.
    pub line: Option<usize>,
    /// The modes.
    pub modes: Modes,
    /// Why it fails.
    pub reason: String,
}

impl Entry {
    /// Whether the entry says that a directive fails.
    #[must_use]
    pub fn covers(&self, run: &SuiteRun, script: &str, failure: &Failure) -> bool {
        self.concerns(run, script)
            && match self.line {
                Some(line) => line == failure.line && failure.cause != Cause::Panic,
                None => matches!(failure.cause, Cause::NotBuilt | Cause::Consequence),
            }
    }

    /// Whether the entry says anything about a script.
    fn concerns(&self, run: &SuiteRun, script: &str) -> bool {
        self.suite == run.suite && self.modes.contain(run.mode) && self.scripts.contain(script)
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.suite, self.scripts)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if self.modes != Modes::ALL {
            write!(f, " @{}", self.modes)?;
        }
        write!(f, " -- {}", self.reason)
    }
}

impl Entry {
    /// Reads a line of the list: several entries if it names several lines of its file.
    ///
    /// # Errors
    /// What is wrong with its form.
    pub fn parse(text: &str) -> Result<Vec<Entry>, String> {
        let (place, reason) = text
            .split_once(" -- ")
            .map(|(place, reason)| (place, reason.trim()))
            .filter(|(_, reason)| !reason.is_empty())
            .ok_or("an entry ends with ` -- ` and its reason")?;
        let mut words = place.split_whitespace();
        let suite = words.next().ok_or("an entry starts with its suite")?;
        let file = words.next().ok_or("an entry names its file")?;
        let (scripts, lines) = match file.split_once(':') {
            None => (file, vec![None]),
            Some((script, lines)) => (script, parse_lines(lines)?),
        };
        let scripts: Scripts = scripts.parse()?;
        if lines != [None] && matches!(scripts, Scripts::Matching { .. }) {
            return Err(format!("`{file}`: a line is a line of one file"));
        }
        let modes = words
            .next()
            .map(|word| match word.strip_prefix('@') {
                Some(modes) => modes.parse(),
                None => Err(format!("`{word}` is no mode: a mode starts with @")),
            })
            .transpose()?
            .unwrap_or(Modes::ALL);
        if let Some(word) = words.next() {
            return Err(format!("`{word}` does not belong into an entry"));
        }
        let entry = |line| Entry {
            suite: suite.to_owned(),
            scripts: scripts.clone(),
            line,
            modes,
            reason: reason.to_owned(),
        };
        Ok(lines.into_iter().map(entry).collect())
    }
}

fn parse_lines(lines: &str) -> Result<Vec<Option<usize>>, String> {
    let line = |line: &str| line.parse().map_err(|_| format!("`{line}` is no line"));
    lines.split(',').map(|text| line(text).map(Some)).collect()
}

/// The scripts of an entry, by their names in the suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// One script.
    One(String),
    /// Those whose names start and end like this: `START*END`.
    Matching {
        /// What stands in front of the `*`.
        start: String,
        /// What stands behind it.
        end: String,
    },
}

impl Scripts {
    /// Whether a script is one of them.
    #[must_use]
    pub fn contain(&self, script: &str) -> bool {
        match self {
            Scripts::One(name) => name == script,
            Scripts::Matching { start, end } => script
                .strip_prefix(start.as_str())
                .is_some_and(|rest| rest.ends_with(end.as_str())),
        }
    }
}

impl fmt::Display for Scripts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scripts::One(name) => f.write_str(name),
            Scripts::Matching { start, end } => write!(f, "{start}*{end}"),
        }
    }
}

impl FromStr for Scripts {
    type Err = String;

    fn from_str(text: &str) -> Result<Scripts, String> {
        match text.split_once('*') {
            None => Ok(Scripts::One(text.to_owned())),
            Some((_, end)) if end.contains('*') => Err(format!("`{text}` has more than one *")),
            Some((start, end)) => Ok(Scripts::Matching {
                start: start.to_owned(),
                end: end.to_owned(),
            }),
        }
    }
}

/// The whole list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectations {
    /// Its entries, in their order.
    pub entries: Vec<Entry>,
}

/// What an entry says that is no longer so: directives, or all directives of a script, that pass.
#[derive(Clone, Copy, Debug)]
pub struct Stale<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// The script.
    pub script: &'a str,
}

impl fmt::Display for Stale<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entry.scripts {
            Scripts::One(_) => self.entry.fmt(f),
            Scripts::Matching { .. } => write!(f, "{} of {}", self.script, self.entry),
        }
    }
}

impl Expectations {
    /// Whether a directive is known to fail.
    #[must_use]
    pub fn cover(&self, run: &SuiteRun, script: &str, failure: &Failure) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.covers(run, script, failure))
    }

    /// What the entries say about scripts of this run that none of its failures bears out.
    #[must_use]
    pub fn stale<'a>(&'a self, run: &'a SuiteRun) -> Vec<Stale<'a>> {
        let pairs = self
            .entries
            .iter()
            .flat_map(|entry| run.scripts.iter().map(move |script| (entry, script)));
        pairs
            .filter(|(entry, script)| {
                let covers = |failure| entry.covers(run, &script.script, failure);
                entry.concerns(run, &script.script) && !script.failures.iter().any(covers)
            })
            .map(|(entry, script)| Stale {
                entry,
                script: &script.script,
            })
            .collect()
    }
}

impl FromStr for Expectations {
    type Err = String;

    /// Reads the list; an error names its line.
    fn from_str(text: &str) -> Result<Expectations, String> {
        let mut entries = Vec::new();
        for (number, line) in text.lines().enumerate() {
            if !line.trim().is_empty() && !line.starts_with('#') {
                let parsed = Entry::parse(line);
                entries.extend(parsed.map_err(|why| format!("line {}: {why}", number + 1))?);
            }
        }
        Ok(Expectations { entries })
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Expectations};
    use crate::report::SuiteRun;
    use curta_wast::mode::Mode;
    use curta_wast::script::{Cause, Failure, ScriptOutcome};

    fn failure(line: usize, cause: Cause) -> Failure {
        Failure {
            line,
            directive: String::new(),
            expected: String::new(),
            got: String::new(),
            cause,
        }
    }

    fn one(text: &str) -> Entry {
        let [entry] = Entry::parse(text).unwrap().try_into().unwrap();
        entry
    }

    /// A run of scripts with ten directives each, of which these fail.
    fn run(failing: &[(&str, usize, Cause)]) -> SuiteRun {
        let scripts = ["a.wast", "gc/a.wast", "gc/b.wast"].map(|name| ScriptOutcome {
            script: name.to_owned(),
            directives: 10,
            failures: failing
                .iter()
                .filter(|(script, ..)| *script == name)
                .map(|(_, line, cause)| failure(*line, *cause))
                .collect(),
        });
        SuiteRun::new("v1", Mode::LOOP, scripts.into())
    }

    #[test]
    fn an_entry_has_a_place_and_a_reason() {
        let text = "v1 a.wast:12 @loop -- not built";
        let entry = one(text);
        let wrong = |line| failure(line, Cause::Wrong);
        let in_loop = run(&[]);
        let threaded = SuiteRun::new("v1", Mode::ALL[0], Vec::new());
        let other = SuiteRun::new("v2", Mode::LOOP, Vec::new());
        assert!(entry.covers(&in_loop, "a.wast", &wrong(12)));
        assert!(!entry.covers(&in_loop, "a.wast", &wrong(13)));
        assert!(!entry.covers(&in_loop, "gc/a.wast", &wrong(12)));
        assert!(!entry.covers(&threaded, "a.wast", &wrong(12)));
        assert!(!entry.covers(&other, "a.wast", &wrong(12)));
        assert_eq!(entry.to_string(), text);
    }

    #[test]
    fn an_entry_without_a_line_excuses_what_is_not_built_and_no_more() {
        for text in ["v1 gc/a.wast -- x", "v1 gc/* -- x", "v1 *a.wast -- x"] {
            let entry = one(text);
            assert_eq!(entry.to_string(), text);
            let covers = |cause| entry.covers(&run(&[]), "gc/a.wast", &failure(7, cause));
            assert!(covers(Cause::NotBuilt) && covers(Cause::Consequence));
            assert!(!covers(Cause::Wrong) && !covers(Cause::Panic));
        }
    }

    #[test]
    fn a_panic_is_never_excused() {
        let entry = one("v1 a.wast:1 -- x");
        assert!(!entry.covers(&run(&[]), "a.wast", &failure(1, Cause::Panic)));
    }

    #[test]
    fn an_entry_without_a_reason_or_of_another_form_is_refused() {
        for (text, why) in [
            ("v1 a.wast:12", "reason"),
            ("v1 a.wast:12 -- ", "reason"),
            ("v1 -- why", "file"),
            ("v1 a.wast:x -- why", "no line"),
            ("v1 a.wast:1, -- why", "no line"),
            ("v1 a*:1 -- why", "one file"),
            ("v1 *a* -- why", "more than one"),
            ("v1 a.wast loop -- why", "no mode"),
            ("v1 a.wast @odd -- why", "no mode"),
            ("v1 a.wast @loop twice -- why", "does not belong"),
        ] {
            let error = Entry::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        let error = "# fine\n\nv1 a.wast\n".parse::<Expectations>().unwrap_err();
        assert!(error.contains("line 3"), "{error}");
    }

    #[test]
    fn an_entry_that_passes_is_stale_and_so_is_each_script_of_a_pattern() {
        let list: Expectations = "v1 a.wast:3,5 -- x\nv1 gc/* -- y\nv1 c.wast -- z\n"
            .parse()
            .unwrap();
        let stale = |failing: &[(&str, usize, Cause)]| -> Vec<String> {
            let run = run(failing);
            let stale = list.stale(&run);
            stale.iter().map(ToString::to_string).collect()
        };
        let all_fail = [
            ("a.wast", 3, Cause::Wrong),
            ("a.wast", 5, Cause::Wrong),
            ("gc/a.wast", 7, Cause::NotBuilt),
            ("gc/b.wast", 9, Cause::Consequence),
        ];
        assert!(stale(&all_fail).is_empty());
        assert_eq!(stale(&all_fail[..3]), ["gc/b.wast of v1 gc/* -- y"]);
        assert_eq!(stale(&all_fail[1..]), ["v1 a.wast:3 -- x"]);
        let elsewhere = [("a.wast", 4, Cause::Wrong), ("gc/a.wast", 7, Cause::Wrong)];
        assert_eq!(stale(&elsewhere).len(), 4);
    }
}
