//! Everything that was measured, for programs.

use super::{Row, Summary, Table};
use crate::clock;
use crate::measure::{Outcome, Times};

impl Table {
    /// One JSON object; times are in nanoseconds.
    #[must_use]
    pub fn json(&self) -> String {
        let groups = self.groups().map(Some).chain([None]).map(|group| {
            let engines = self.engines.iter().enumerate().map(|(at, engine)| {
                let summary = self.summary(at, group).map(|it| json_summary(&it));
                let summary = summary.unwrap_or_else(|| "null".to_owned());
                format!("{}:{summary}", quote(engine))
            });
            let name = group.map_or_else(|| "all".to_owned(), |group| group.to_string());
            format!("{}:{{{}}}", quote(&name), join(engines))
        });
        format!(
            "{{\"processor\":{},\"clock\":{},\"rounds\":{},\"baseline\":{},\"groups\":{{{}}},\"workloads\":[{}]}}\n",
            quote(&self.processor),
            quote(clock::NAME),
            self.rounds,
            self.baseline().map_or_else(|| "null".to_owned(), quote),
            join(groups),
            join(self.rows.iter().map(|row| self.json_row(row))),
        )
    }

    fn json_row(&self, row: &Row) -> String {
        let engines = self.engines.iter().zip(&row.outcomes).enumerate();
        let outcomes = engines.map(|(at, (engine, outcome))| {
            let ratio = json_number(row.ratio(at, self.baseline));
            let outcome = json_outcome(outcome);
            format!(
                "{{\"engine\":{},\"ratio\":{ratio},{outcome}}}",
                quote(engine)
            )
        });
        format!(
            "{{\"workload\":{},\"group\":{},\"outcomes\":[{}]}}",
            quote(&row.workload),
            quote(&row.group.to_string()),
            join(outcomes)
        )
    }
}

fn json_summary(summary: &Summary) -> String {
    format!(
        "{{\"geometric_mean\":{},\"worst\":{},\"worst_on\":{},\"count\":{}}}",
        json_number(Some(summary.mean)),
        json_number(Some(summary.worst)),
        quote(&summary.worst_on),
        summary.count
    )
}

fn json_outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Timed(times) => json_times(times),
        Outcome::Wrong(value) => format!("\"wrong\":{}", quote(&value.to_string())),
        Outcome::Failed(words) => format!("\"failed\":{}", quote(words)),
        Outcome::Unavailable => "\"unavailable\":true".to_owned(),
        Outcome::NotBuilt => "\"not_built\":true".to_owned(),
    }
}

fn json_times(times: &Times) -> String {
    let all = join(times.all().iter().map(|time| time.as_nanos().to_string()));
    let (min, median) = (times.min().as_nanos(), times.median().as_nanos());
    let spread = times.spread();
    format!("\"min\":{min},\"median\":{median},\"spread\":{spread},\"times\":[{all}]")
}

fn json_number(number: Option<f64>) -> String {
    let number = number.filter(|number| number.is_finite());
    number.map_or_else(|| "null".to_owned(), |number| number.to_string())
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
                quoted.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;

    #[test]
    fn json_escapes_names() {
        let json = table().json();
        for part in [
            r#"{"processor":"a \"chip\"","#,
            r#"{"engine":"curta","ratio":null,"wrong":"-1"}"#,
            r#""kernels":{"curta":null,"#,
            r#"{"workload":"p","group":"programs","#,
        ] {
            assert!(json.contains(part), "{part} is not in\n{json}");
        }
    }
}
