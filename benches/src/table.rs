//! The outcomes of all engines on all workloads: how they compare, as a table for people, as JSON
//! for programs and as a chart.

use crate::engine;
use crate::measure::{Outcome, ratio, take_turns};
use crate::options::Options;
use crate::processor;
use crate::workload::{Group, Workload};

mod chart;
mod json;
mod short;
mod text;

/// What was measured.
#[derive(Debug)]
pub struct Table {
    processor: String,
    rounds: usize,
    engines: Vec<&'static str>,
    /// Where the engine that ratios are relative to is among the engines.
    baseline: Option<usize>,
    rows: Vec<Row>,
}

/// The outcomes of one workload, in the order of the table's engines.
#[derive(Debug)]
struct Row {
    workload: String,
    group: Group,
    outcomes: Vec<Outcome>,
}

impl Row {
    /// An engine's shortest time relative to the baseline's; `None` unless both have one.
    fn ratio(&self, engine: usize, baseline: Option<usize>) -> Option<f64> {
        let min = |at: usize| match &self.outcomes[at] {
            Outcome::Timed(times) => Some(times.min()),
            _ => None,
        };
        Some(ratio(min(engine)?, min(baseline?)?))
    }
}

/// How an engine does on a group of workloads, relative to the baseline.
#[derive(Debug, Clone, PartialEq)]
struct Summary {
    /// The geometric mean of the ratios.
    mean: f64,
    /// The largest ratio.
    worst: f64,
    /// The workload with the largest ratio.
    worst_on: String,
    /// On how many workloads both engines gave the right answer.
    count: usize,
}

impl Table {
    /// Runs the engines on the workloads that the options name.
    #[must_use]
    pub fn measure(workloads: &[Workload], options: &Options) -> Self {
        let mut engines = engine::all();
        engines.retain(|engine| options.names(engine.name()));
        let rows = workloads
            .iter()
            .filter(|workload| workload.is_named(&options.filter))
            .map(|workload| Row {
                workload: workload.name.clone(),
                group: workload.group,
                outcomes: take_turns(&engines, workload, options.rounds),
            })
            .collect();
        Self {
            processor: processor::name(),
            rounds: options.rounds,
            engines: engines.iter().map(|engine| engine.name()).collect(),
            baseline: engines
                .iter()
                .position(|engine| options.is_baseline(engine.name())),
            rows,
        }
    }

    /// Whether nothing was selected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() || self.engines.is_empty()
    }

    /// Whether curta gave the right result on every workload that there is. Peers may lack
    /// something; the table shows what.
    #[must_use]
    pub fn is_right(&self) -> bool {
        let ours = |engine: &str| engine.starts_with("curta");
        self.rows.iter().all(|row| {
            let mut outcomes = self.engines.iter().zip(&row.outcomes);
            outcomes.all(|(engine, outcome)| {
                !ours(engine) || !matches!(outcome, Outcome::Wrong(_) | Outcome::Failed(_))
            })
        })
    }

    /// The name of what ratios are relative to.
    fn baseline(&self) -> Option<&'static str> {
        Some(self.engines[self.baseline?])
    }

    /// The groups that have rows.
    fn groups(&self) -> impl Iterator<Item = Group> {
        let mut groups: Vec<Group> = self.rows.iter().map(|row| row.group).collect();
        groups.dedup();
        groups.into_iter()
    }

    /// The rows of a group, or all.
    fn rows_of(&self, group: Option<Group>) -> impl Iterator<Item = &Row> {
        let all = group.is_none();
        self.rows
            .iter()
            .filter(move |row| all || Some(row.group) == group)
    }

    /// How an engine does on a group, or on everything; `None` where nothing can be compared.
    fn summary(&self, engine: usize, group: Option<Group>) -> Option<Summary> {
        let ratios: Vec<(f64, &str)> = self
            .rows_of(group)
            .filter_map(|row| Some((row.ratio(engine, self.baseline)?, row.workload.as_str())))
            .collect();
        let count = u32::try_from(ratios.len()).ok()?;
        let worst = ratios.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        let logarithms: f64 = ratios.iter().map(|(ratio, _)| ratio.ln()).sum();
        Some(Summary {
            mean: (logarithms / f64::from(count)).exp(),
            worst: worst.0,
            worst_on: worst.1.to_owned(),
            count: ratios.len(),
        })
    }
}

/// A ratio as tables show it.
fn cell(ratio: Option<f64>) -> String {
    ratio.map_or_else(nothing, |ratio| format!("{ratio:.3}"))
}

/// What tables show where there is nothing to show.
fn nothing() -> String {
    "-".to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Row, Table};
    use crate::engine::BASELINE;
    use crate::measure::{Outcome, Times};
    use crate::workload::Group;
    use std::time::Duration;

    fn timed(milliseconds: u64) -> Outcome {
        Outcome::Timed(Times::new(vec![Duration::from_millis(milliseconds)]).expect("one"))
    }

    pub(super) fn table() -> Table {
        let row = |workload: &str, group, first, second| Row {
            workload: workload.to_owned(),
            group,
            outcomes: vec![first, second],
        };
        Table {
            processor: "a \"chip\"".to_owned(),
            rounds: 1,
            engines: vec!["curta", BASELINE],
            baseline: Some(1),
            rows: vec![
                row("x", Group::Micro, timed(10), timed(20)),
                row("y", Group::Micro, timed(40), timed(20)),
                row("z", Group::Kernels, Outcome::Wrong(-1), timed(20)),
                row("p", Group::Programs, Outcome::NotBuilt, Outcome::NotBuilt),
            ],
        }
    }

    #[test]
    fn the_mean_is_geometric_and_leaves_out_wrong_results() {
        let summary = table().summary(0, None).expect("two ratios");
        assert!((summary.mean - 1.0).abs() < 1e-9, "0.5 and 2 make 1");
        assert!((summary.worst - 2.0).abs() < 1e-9);
        assert_eq!((summary.worst_on.as_str(), summary.count), ("y", 2));
        assert_eq!(table().summary(0, Some(Group::Micro)), Some(summary));
        assert_eq!(table().summary(0, Some(Group::Kernels)), None);
    }

    #[test]
    fn a_wrong_result_of_a_peer_is_no_failure_of_ours() {
        let mut table = table();
        assert!(!table.is_right());
        table.rows[2].outcomes.swap(0, 1);
        assert!(table.is_right());
    }
}
