//! The outcomes of all engines on all workloads, as a table for people and as JSON for programs.

use std::fmt::Write;

use crate::clock;
use crate::engine::{self, BASELINE, UNAVAILABLE};
use crate::measure::{Outcome, Times, ratio, take_turns};
use crate::options::Options;
use crate::processor;
use crate::workload::WORKLOADS;

/// What was measured.
#[derive(Debug)]
pub struct Table {
    processor: String,
    rounds: usize,
    engines: Vec<&'static str>,
    rows: Vec<Row>,
}

/// The outcomes of one workload, in the order of the table's engines.
#[derive(Debug)]
struct Row {
    workload: &'static str,
    outcomes: Vec<Outcome>,
}

impl Row {
    /// The engine's shortest time relative to the baseline's; `None` unless both have one.
    fn ratio(&self, engine: usize, baseline: Option<usize>) -> Option<f64> {
        let min = |at: usize| match &self.outcomes[at] {
            Outcome::Timed(times) => Some(times.min()),
            Outcome::Wrong(_) | Outcome::Failed(_) | Outcome::Unavailable => None,
        };
        Some(ratio(min(engine)?, min(baseline?)?))
    }
}

impl Table {
    /// Runs every engine of this build on every workload that the options name.
    #[must_use]
    pub fn measure(options: &Options) -> Self {
        let engines = engine::all();
        let rows = WORKLOADS
            .iter()
            .filter(|workload| workload.name.contains(&options.filter))
            .map(|workload| Row {
                workload: workload.name,
                outcomes: take_turns(&engines, workload, options.rounds),
            })
            .collect();
        Self {
            processor: processor::name(),
            rounds: options.rounds,
            engines: engines.iter().map(|engine| engine.name()).collect(),
            rows,
        }
    }

    /// Whether no workload was selected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether every engine that this build has gave the right result on every workload.
    #[must_use]
    pub fn is_right(&self) -> bool {
        let mut outcomes = self.rows.iter().flat_map(|row| &row.outcomes);
        outcomes.all(|outcome| matches!(outcome, Outcome::Timed(_) | Outcome::Unavailable))
    }

    fn baseline(&self) -> Option<usize> {
        self.engines.iter().position(|&name| name == BASELINE)
    }

    /// The geometric mean of an engine's ratios, and over how many workloads it is.
    fn mean(&self, engine: usize) -> Option<(f64, usize)> {
        let baseline = self.baseline();
        let logarithms: Vec<f64> = self
            .rows
            .iter()
            .filter_map(|row| row.ratio(engine, baseline))
            .map(f64::ln)
            .collect();
        let count = u32::try_from(logarithms.len())
            .ok()
            .filter(|&count| count > 0)?;
        let mean = logarithms.iter().sum::<f64>() / f64::from(count);
        Some((mean.exp(), logarithms.len()))
    }

    /// The table for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.write_heading(&mut text);
        for row in &self.rows {
            self.write_row(&mut text, row);
        }
        self.write_means(&mut text);
        text
    }

    fn write_heading(&self, text: &mut String) {
        let (processor, rounds) = (&self.processor, self.rounds);
        push(
            text,
            format_args!("{processor}; {rounds} rounds in turns, {}\n", clock::NAME),
        );
        if self.baseline().is_some() {
            push(
                text,
                format_args!(
                    "ratio: shortest run relative to that of {BASELINE}, less is faster; "
                ),
            );
        }
        push(
            text,
            format_args!("spread: (longest - shortest) / shortest\n\n"),
        );
        push(
            text,
            format_args!(
                "{:<9} {:<15} {:>6} {:>10} {:>10} {:>8}\n",
                "workload", "engine", "ratio", "min ms", "median ms", "spread"
            ),
        );
    }

    fn write_row(&self, text: &mut String, row: &Row) {
        for (at, (engine, outcome)) in self.engines.iter().zip(&row.outcomes).enumerate() {
            let workload = if at == 0 { row.workload } else { "" };
            push(text, format_args!("{workload:<9} {engine:<15} "));
            match outcome {
                Outcome::Timed(times) => {
                    let ratio = cell(row.ratio(at, self.baseline()));
                    let (min, median) = (milliseconds(times.min()), milliseconds(times.median()));
                    let spread = times.spread() * 100.0;
                    push(
                        text,
                        format_args!("{ratio:>6} {min:>10.2} {median:>10.2} {spread:>6.1} %\n"),
                    );
                }
                Outcome::Wrong(value) => push(text, format_args!("WRONG: it answers {value}\n")),
                Outcome::Failed(words) => push(text, format_args!("FAILED: {words}\n")),
                Outcome::Unavailable => push(text, format_args!("{UNAVAILABLE}\n")),
            }
        }
    }

    fn write_means(&self, text: &mut String) {
        if self.baseline().is_none() {
            return;
        }
        push(text, format_args!("\ngeometric mean of the ratios\n"));
        for (at, engine) in self.engines.iter().enumerate() {
            let Some((mean, count)) = self.mean(at) else {
                push(text, format_args!("{:<9} {engine:<15} {:>6}\n", "", "-"));
                continue;
            };
            let all = self.rows.len();
            push(
                text,
                format_args!(
                    "{:<9} {engine:<15} {:>6} over {count} of {all}\n",
                    "",
                    cell(Some(mean))
                ),
            );
        }
    }

    /// Everything that was measured, as one JSON object; times are in nanoseconds.
    #[must_use]
    pub fn json(&self) -> String {
        let rows = join(self.rows.iter().map(|row| {
            let outcomes = join(self.engines.iter().zip(&row.outcomes).enumerate().map(
                |(at, (engine, outcome))| {
                    let ratio = json_number(row.ratio(at, self.baseline()));
                    format!(
                        "{{\"engine\":{},\"ratio\":{ratio},{}}}",
                        quote(engine),
                        json_outcome(outcome)
                    )
                },
            ));
            format!(
                "{{\"workload\":{},\"outcomes\":[{outcomes}]}}",
                quote(row.workload)
            )
        }));
        let means = join(self.engines.iter().enumerate().map(|(at, engine)| {
            format!(
                "{}:{}",
                quote(engine),
                json_number(self.mean(at).map(|(mean, _)| mean))
            )
        }));
        format!(
            "{{\"processor\":{},\"clock\":{},\"rounds\":{},\"baseline\":{},\"geometric_mean\":{{{means}}},\"workloads\":[{rows}]}}\n",
            quote(&self.processor),
            quote(clock::NAME),
            self.rounds,
            self.baseline()
                .map_or_else(|| "null".to_owned(), |_| quote(BASELINE)),
        )
    }
}

fn push(text: &mut String, words: std::fmt::Arguments<'_>) {
    text.write_fmt(words)
        .expect("writing into a string does not fail");
}

fn milliseconds(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn cell(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.3}"))
}

fn json_number(number: Option<f64>) -> String {
    number
        .filter(|number| number.is_finite())
        .map_or_else(|| "null".to_owned(), |n| n.to_string())
}

fn json_outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Timed(times) => json_times(times),
        Outcome::Wrong(value) => format!("\"wrong\":{}", quote(&value.to_string())),
        Outcome::Failed(words) => format!("\"failed\":{}", quote(words)),
        Outcome::Unavailable => "\"unavailable\":true".to_owned(),
    }
}

fn json_times(times: &Times) -> String {
    let all = join(times.all().iter().map(|time| time.as_nanos().to_string()));
    let (min, median) = (times.min().as_nanos(), times.median().as_nanos());
    format!(
        "\"min\":{min},\"median\":{median},\"spread\":{},\"times\":[{all}]",
        times.spread()
    )
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}

/// A JSON string.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control < ' ' => {
                push(&mut quoted, format_args!("\\u{:04x}", u32::from(control)))
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::{Row, Table};
    use crate::engine::BASELINE;
    use crate::measure::{Outcome, Times};
    use std::time::Duration;

    fn timed(milliseconds: u64) -> Outcome {
        Outcome::Timed(Times::new(vec![Duration::from_millis(milliseconds)]).expect("one"))
    }

    fn table() -> Table {
        let row = |workload, first, second| Row {
            workload,
            outcomes: vec![first, second],
        };
        Table {
            processor: "a \"chip\"".to_owned(),
            rounds: 1,
            engines: vec!["mine", BASELINE],
            rows: vec![
                row("x", timed(10), timed(20)),
                row("y", timed(40), timed(20)),
                row("z", Outcome::Wrong(-1), timed(20)),
            ],
        }
    }

    #[test]
    fn the_mean_is_geometric_and_leaves_out_wrong_results() {
        let (mean, count) = table().mean(0).expect("two ratios");
        assert!((mean - 1.0).abs() < 1e-9, "0.5 and 2 make 1, not {mean}");
        assert_eq!(count, 2);
        assert!(!table().is_right());
    }

    #[test]
    fn the_text_shows_ratios_and_wrong_results() {
        let text = table().text();
        assert!(text.contains("0.500      10.00"), "{text}");
        assert!(text.contains("WRONG: it answers -1"), "{text}");
        assert!(text.contains("1.000 over 2 of 3"), "{text}");
    }

    #[test]
    fn json_escapes_names() {
        let json = table().json();
        assert!(json.starts_with(r#"{"processor":"a \"chip\"","#), "{json}");
        assert!(
            json.contains(r#"{"engine":"mine","ratio":null,"wrong":"-1"}"#),
            "{json}"
        );
    }
}
