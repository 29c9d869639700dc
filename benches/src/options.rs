//! The command line: `table [FILTER]` or `startup`, and options.

use std::path::PathBuf;

use crate::engine::BASELINE;

/// What the command line says, shown on a wrong one.
pub const USAGE: &str = "\
usage: cargo run --release -p benches [--features peers] -- COMMAND [OPTION…]
  table [FILTER]  how fast workloads run
  startup         how fast engines begin, and what an instance costs (--rounds, --engines)
  FILTER          only workloads whose name contains this, or a whole group: micro, kernels, programs
  --rounds N      how often each engine takes its turn (default 10)
  --engines LIST  only these, with commas between them, each by its name or the start of it:
                  curta,wasmi-2.0 (a space in a name is written as `-`)
  --baseline NAME what ratios are relative to (default wasmi-2.0)
  --json          every time in nanoseconds, for programs
  --chart FILE    draws the means of the groups and the worst ratios into an SVG file, too";

/// The options of both commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Only workloads whose name contains this, or of the group of this name.
    pub filter: String,
    /// How often each engine takes its turn; at least 1.
    pub rounds: usize,
    /// Only engines that [are named](Options::names) by one of these; all if there are none.
    pub engines: Vec<String>,
    /// The engine that ratios are relative to, with `-` for spaces.
    pub baseline: String,
    /// JSON instead of the table.
    pub json: bool,
    /// Where to draw a chart.
    pub chart: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            filter: String::new(),
            rounds: 10,
            engines: Vec::new(),
            baseline: BASELINE.replace(' ', "-"),
            json: false,
            chart: None,
        }
    }
}

impl Options {
    /// Reads the arguments after the name of the command.
    ///
    /// # Errors
    /// Says which argument is wrong.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = arguments.into_iter();
        let mut options = Self::default();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--json" => options.json = true,
                "--rounds" => {
                    let number = arguments.next().and_then(|text| text.parse().ok());
                    options.rounds = number
                        .filter(|&rounds| rounds > 0)
                        .ok_or("--rounds wants a number of at least 1")?;
                }
                "--engines" => {
                    let list = arguments.next().ok_or("--engines wants a list")?;
                    options.engines = list.split(',').map(str::to_owned).collect();
                }
                "--baseline" => {
                    options.baseline = arguments.next().ok_or("--baseline wants an engine")?;
                }
                "--chart" => {
                    let file = arguments.next().ok_or("--chart wants a file's name")?;
                    options.chart = Some(file.into());
                }
                flag if flag.starts_with('-') => return Err(format!("unknown option `{flag}`")),
                _ if options.filter.is_empty() => options.filter = argument,
                _ => return Err(format!("a second filter `{argument}`")),
            }
        }
        Ok(options)
    }

    /// Whether an engine is wanted.
    #[must_use]
    pub fn names(&self, engine: &str) -> bool {
        let engine = engine.replace(' ', "-");
        self.engines.is_empty() || self.engines.iter().any(|name| engine.starts_with(name))
    }

    /// Whether ratios are relative to an engine.
    #[must_use]
    pub fn is_baseline(&self, engine: &str) -> bool {
        engine.replace(' ', "-") == self.baseline
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_read_in_any_order() {
        let expected = Options {
            filter: "fib".to_owned(),
            rounds: 3,
            engines: vec!["curta".to_owned(), "wasmi-2.0".to_owned()],
            baseline: "wasmi-2.0".to_owned(),
            json: true,
            chart: Some("a.svg".into()),
        };
        let one = parse("fib --rounds 3 --json --chart a.svg --engines curta,wasmi-2.0");
        let other = parse("--json --engines curta,wasmi-2.0 --rounds 3 fib --chart a.svg");
        assert_eq!(one, Ok(expected.clone()));
        assert_eq!(other, Ok(expected));
    }

    #[test]
    fn a_wrong_command_line_is_refused() {
        for line in [
            "--rounds",
            "--rounds 0",
            "--fast",
            "a b",
            "--chart",
            "--baseline",
            "--engines",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn engines_are_named_by_how_they_start() {
        let options = parse("--engines curta,wasmi-2.0-l").expect("it is right");
        for (engine, named) in [
            ("curta loop", true),
            ("wasmi 2.0", false),
            ("wasmi 2.0 lazy", true),
            ("wasm3", false),
        ] {
            assert_eq!(options.names(engine), named, "{engine}");
        }
        assert!(Options::default().names("anything"));
        assert!(Options::default().is_baseline("wasmi 2.0"));
        let options = parse("--baseline curta-loop").expect("it is right");
        assert!(options.is_baseline("curta loop") && !options.is_baseline("wasmi 2.0"));
    }
}
