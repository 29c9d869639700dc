//! The table for people.

use std::fmt::{self, Write};
use std::time::Duration;

use super::{Row, Table, cell};
use crate::clock;
use crate::engine::UNAVAILABLE;
use crate::measure::Outcome;

/// What is wrong where a program of others is missing.
const NOT_BUILT: &str = "not built (benches/workloads/programs.sh builds it)";

impl Table {
    /// The table for people: all workloads, then what they come to in each group and together.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.write_all(&mut text)
            .expect("writing into a string does not fail");
        text
    }

    fn write_all(&self, out: &mut String) -> fmt::Result {
        let (processor, rounds) = (&self.processor, self.rounds);
        writeln!(
            out,
            "{processor}; {rounds} rounds in turns, {}",
            clock::NAME
        )?;
        if let Some(baseline) = self.baseline() {
            write!(
                out,
                "ratio: shortest run relative to that of {baseline}, less is faster; "
            )?;
        }
        writeln!(out, "spread: (longest - shortest) / shortest\n")?;
        let columns = ("ratio", "min ms", "median ms", "spread");
        let (ratio, min, median, spread) = columns;
        writeln!(
            out,
            "{:<14} {:<19} {ratio:>6} {min:>10} {median:>10} {spread:>8}",
            "workload", "engine"
        )?;
        for row in &self.rows {
            self.write_row(out, row)?;
        }
        self.write_summaries(out)
    }

    fn write_row(&self, out: &mut String, row: &Row) -> fmt::Result {
        if row
            .outcomes
            .iter()
            .all(|outcome| *outcome == Outcome::NotBuilt)
        {
            return writeln!(out, "{:<14} {NOT_BUILT}", row.workload);
        }
        for (at, (engine, outcome)) in self.engines.iter().zip(&row.outcomes).enumerate() {
            let workload = if at == 0 { row.workload.as_str() } else { "" };
            write!(out, "{workload:<14} {engine:<19} ")?;
            match outcome {
                Outcome::Timed(times) => {
                    let ratio = cell(row.ratio(at, self.baseline));
                    let (min, median) = (milliseconds(times.min()), milliseconds(times.median()));
                    let spread = times.spread() * 100.0;
                    writeln!(out, "{ratio:>6} {min:>10.2} {median:>10.2} {spread:>6.1} %")?;
                }
                Outcome::Wrong(value) => writeln!(out, "WRONG: it answers {value}")?,
                Outcome::Failed(words) => writeln!(out, "FAILED: {}", first_line(words))?,
                Outcome::Unavailable => writeln!(out, "{UNAVAILABLE}")?,
                Outcome::NotBuilt => writeln!(out, "{NOT_BUILT}")?,
            }
        }
        Ok(())
    }

    fn write_summaries(&self, out: &mut String) -> fmt::Result {
        if self.baseline.is_none() {
            return Ok(());
        }
        let groups: Vec<_> = self.groups().map(Some).chain([None]).collect();
        writeln!(out)?;
        for group in groups {
            let name = group.map_or_else(|| "all".to_owned(), |group| group.to_string());
            let title = format!("{name}: geometric mean of the ratios, and the worst one");
            writeln!(out, "{title}")?;
            let all = self.rows_of(group).count();
            for (at, engine) in self.engines.iter().enumerate() {
                write!(out, "{:<14} {engine:<19} ", "")?;
                match self.summary(at, group) {
                    Some(summary) => {
                        let (mean, worst) = (cell(Some(summary.mean)), cell(Some(summary.worst)));
                        let (worst_on, count) = (summary.worst_on, summary.count);
                        writeln!(
                            out,
                            "{mean:>6} over {count:>2} of {all:>2}, worst {worst:>6} ({worst_on})"
                        )?;
                    }
                    None => writeln!(out, "{:>6}", "-")?,
                }
            }
        }
        Ok(())
    }
}

fn first_line(words: &str) -> &str {
    words.lines().next().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;

    #[test]
    fn the_text_shows_ratios_and_wrong_results() {
        let text = table().text();
        for part in [
            "0.500      10.00",
            "WRONG: it answers -1",
            "p              not built",
            "1.000 over  2 of  4, worst  2.000 (y)",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
