//! The command line: `table [FILTER] [--rounds N] [--json]`.

/// What the command line says, shown on a wrong one.
pub const USAGE: &str = "\
usage: cargo run --release -p benches [--features peers] -- table [FILTER] [--rounds N] [--json]
  FILTER      only workloads whose name contains this
  --rounds N  how often each engine takes its turn (default 10)
  --json      every time in nanoseconds, for programs";

/// The options of `table`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Only workloads whose name contains this.
    pub filter: String,
    /// How often each engine takes its turn; at least 1.
    pub rounds: usize,
    /// JSON instead of the table.
    pub json: bool,
}

impl Options {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    /// Says which argument is wrong.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = arguments.into_iter();
        match arguments.next().as_deref() {
            Some("table") => {}
            Some(other) => return Err(format!("unknown command `{other}`")),
            None => return Err("no command given".to_owned()),
        }
        let mut options = Self {
            filter: String::new(),
            rounds: 10,
            json: false,
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--json" => options.json = true,
                "--rounds" => {
                    let number = arguments.next().and_then(|text| text.parse().ok());
                    options.rounds = number
                        .filter(|&rounds| rounds > 0)
                        .ok_or("--rounds wants a number of at least 1")?;
                }
                flag if flag.starts_with('-') => return Err(format!("unknown option `{flag}`")),
                _ if options.filter.is_empty() => options.filter = argument,
                _ => return Err(format!("a second filter `{argument}`")),
            }
        }
        Ok(options)
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
            json: true,
        };
        assert_eq!(parse("table fib --rounds 3 --json"), Ok(expected.clone()));
        assert_eq!(parse("table --json --rounds 3 fib"), Ok(expected));
    }

    #[test]
    fn a_wrong_command_line_is_refused() {
        for line in [
            "",
            "chart",
            "table --rounds",
            "table --rounds 0",
            "table --fast",
            "table a b",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
