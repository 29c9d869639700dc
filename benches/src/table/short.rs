//! The table for documents: a line for each workload, or only the means.

use std::fmt::{self, Write};

use super::{Row, Table, cell, nothing};
use crate::clock;
use crate::measure::Outcome;
use crate::workload::Group;

/// How wide the names in front of a line are.
const NAMES: usize = 24;

impl Table {
    /// A line for each workload with the ratios of all engines, then what each group comes to.
    #[must_use]
    pub fn columns(&self) -> String {
        written(|out| {
            self.write_head(out)?;
            self.write_line(out, "workload", |at| self.engines[at].to_owned())?;
            for row in self.rows.iter().filter(|row| row.is_timed()) {
                self.write_line(out, &row.workload, |at| cell(row.ratio(at, self.baseline)))?;
            }
            for group in self.groups().map(Some).chain([None]) {
                writeln!(out)?;
                let summary = |at| self.summary(at, group);
                self.write_line(out, &self.title(group), |at| {
                    cell(summary(at).map(|group| group.mean))
                })?;
                self.write_line(out, "  worst", |at| {
                    cell(summary(at).map(|group| group.worst))
                })?;
                self.write_line(out, "  on", |at| {
                    summary(at).map_or_else(nothing, |group| group.worst_on)
                })?;
            }
            Ok(())
        })
    }

    /// A line for each engine with its geometric means.
    #[must_use]
    pub fn means(&self) -> String {
        written(|out| {
            self.write_head(out)?;
            let groups: Vec<_> = self.groups().map(Some).chain([None]).collect();
            write!(out, "{:<NAMES$}", "geometric mean of ratios")?;
            for group in &groups {
                write!(out, " {:>13}", self.title(*group))?;
            }
            writeln!(out)?;
            for (at, engine) in self.engines.iter().enumerate() {
                write!(out, "{engine:<NAMES$}")?;
                for group in &groups {
                    let mean = self.summary(at, *group).map(|summary| summary.mean);
                    write!(out, " {:>13}", cell(mean))?;
                }
                writeln!(out)?;
            }
            Ok(())
        })
    }

    fn write_head(&self, out: &mut String) -> fmt::Result {
        let (processor, rounds) = (&self.processor, self.rounds);
        write!(
            out,
            "{processor}; {rounds} rounds in turns, {}",
            clock::NAME
        )?;
        match self.baseline() {
            Some(baseline) => writeln!(out, "; minima relative to {baseline}, less is faster\n"),
            None => writeln!(out, "\n"),
        }
    }

    /// A name, and something for each engine in a column of its own.
    fn write_line(
        &self,
        out: &mut String,
        name: &str,
        value: impl Fn(usize) -> String,
    ) -> fmt::Result {
        let mut line = format!("{name:<14}");
        for (at, engine) in self.engines.iter().enumerate() {
            let width = engine.len().max(13);
            write!(line, " {:>width$}", value(at))?;
        }
        writeln!(out, "{}", line.trim_end())
    }

    /// A group's name and how many of its workloads were run.
    fn title(&self, group: Option<Group>) -> String {
        let count = self.rows_of(group).filter(|row| row.is_timed()).count();
        let name = group.map_or_else(|| "all".to_owned(), |group| group.to_string());
        format!("{name} ({count})")
    }
}

impl Row {
    /// Whether any engine ran it.
    fn is_timed(&self) -> bool {
        let mut outcomes = self.outcomes.iter();
        outcomes.any(|outcome| matches!(outcome, Outcome::Timed(_)))
    }
}

fn written(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut text = String::new();
    write(&mut text).expect("writing into a string does not fail");
    text
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;

    #[test]
    fn workloads_are_lines_and_engines_columns() {
        let text = table().columns();
        for part in [
            "x                      0.500         1.000\n",
            "z                          -         1.000\n",
            "all (3)                1.000         1.000\n  worst                2.000         1.000\n",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert!(!text.contains("\np "), "nothing ran it:\n{text}");
    }

    #[test]
    fn engines_are_lines_and_groups_columns() {
        let text = table().means();
        let line =
            "curta                            1.000             -             -         1.000\n";
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}
