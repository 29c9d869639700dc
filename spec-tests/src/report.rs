//! Verdict, failures and the table.
//!
//! Every number is shown with the total that it belongs to.

use std::fmt;

use crate::expectations::{Expectations, Stale};
use crate::suite;
use curta_wast::mode::{Mode, Unavailable};
use curta_wast::script::{Failure, ScriptOutcome};

/// What became of a suite in one mode.
#[derive(Debug)]
pub struct SuiteRun {
    /// The suite's name.
    pub suite: &'static str,
    /// The mode.
    pub mode: Mode,
    /// What became of its scripts, in the order of their names.
    pub scripts: Vec<ScriptOutcome>,
}

impl SuiteRun {
    /// Puts the outcomes, which come from several threads, into their order.
    #[must_use]
    pub fn new(suite: &'static str, mode: Mode, mut scripts: Vec<ScriptOutcome>) -> SuiteRun {
        scripts.sort_by(|a, b| a.script.cmp(&b.script));
        SuiteRun {
            suite,
            mode,
            scripts,
        }
    }

    /// How many directives were executed, failed ones included.
    #[must_use]
    pub fn total(&self) -> usize {
        self.scripts.iter().map(|script| script.directives).sum()
    }

    /// How many directives passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.total() - self.failures().count()
    }

    /// The directives that failed, each with its script's name.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &Failure)> {
        self.scripts.iter().flat_map(|script| {
            script
                .failures
                .iter()
                .map(|failure| (script.script.as_str(), failure))
        })
    }

    /// Holds the run against the list of what is known to fail.
    #[must_use]
    pub fn judge<'a>(&'a self, expectations: &'a Expectations) -> Verdict<'a> {
        let (expected, unexpected) = self
            .failures()
            .partition(|(script, failure)| expectations.cover(self, script, failure));
        Verdict {
            run: self,
            expected,
            unexpected,
            stale: expectations.stale(self),
        }
    }
}

/// A run and what is to be said about it.
#[derive(Debug)]
pub struct Verdict<'a> {
    run: &'a SuiteRun,
    /// Failures that the list knows.
    pub expected: Vec<(&'a str, &'a Failure)>,
    /// Failures that it does not know.
    pub unexpected: Vec<(&'a str, &'a Failure)>,
    /// What the list says to fail and passed.
    pub stale: Vec<Stale<'a>>,
}

impl Verdict<'_> {
    /// Whether nothing failed but what the list knows, and all of that.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.unexpected.is_empty() && self.stale.is_empty()
    }

    /// The failures and the stale entries in words, at most `most` of each; what is left out is
    /// counted.
    #[must_use]
    pub fn details(&self, most: usize) -> String {
        let SuiteRun { suite, mode, .. } = self.run;
        let mut lines = Vec::new();
        for (script, failure) in self.unexpected.iter().take(most) {
            lines.push(format!(
                "FAILED {suite} {mode} {script}:{} {}\n  expected {}\n  got      {}",
                failure.line, failure.directive, failure.expected, failure.got
            ));
        }
        for stale in self.stale.iter().take(most) {
            lines.push(format!(
                "PASSED {suite} {mode}, and has to leave the expectations: {stale}"
            ));
        }
        let left =
            self.unexpected.len().saturating_sub(most) + self.stale.len().saturating_sub(most);
        if left > 0 {
            lines.push(format!("… and {left} more ({suite} {mode})"));
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

impl fmt::Display for Verdict<'_> {
    /// One row of the table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{:>8} / {:>6}",
            head(self.run.suite, self.run.mode),
            grouped(self.run.passed()),
            grouped(self.run.total())
        )?;
        if !self.expected.is_empty() {
            write!(f, "  {} expected to fail", self.expected.len())?;
        }
        if !self.unexpected.is_empty() {
            write!(f, "  {} FAILED", self.unexpected.len())?;
        }
        if !self.stale.is_empty() {
            write!(f, "  {} expected to fail PASSED", self.stale.len())?;
        }
        Ok(())
    }
}

/// The row of a mode that this build does not have.
#[must_use]
pub fn skipped_row(suite: &str, why: &Unavailable) -> String {
    format!("{}  {why}", head(suite, why.asked))
}

/// The first two columns, wide enough for every suite and every mode.
fn head(suite: &str, mode: Mode) -> String {
    let suites = suite::ALL.iter().map(|suite| suite.name.len());
    let modes = Mode::ALL.iter().map(|mode| mode.to_string().len());
    let [suites, modes] = [suites.max(), modes.max()].map(Option::unwrap_or_default);
    format!("{suite:<suites$}  {mode:<modes$}")
}

/// A number with a comma after each three digits.
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart() {
        let shown = [0, 7, 999, 1000, 19_245, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "7", "999", "1,000", "19,245", "1,234,567"]);
    }
}
