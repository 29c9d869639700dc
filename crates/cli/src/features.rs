//! `--features`: which features of WebAssembly modules may use.

use clap::Args;
use curta::{Config, Engine, Feature, Features};

/// The option that several commands have.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct FeatureOptions {
    /// What modules may use: a preset (`wasm1`, `wasm2`, `wasm3`, `all`) or nothing, which is
    /// `wasm3`, then features to add and to take away, as in `wasm2,+tail_call,-floats`
    #[arg(
        long,
        value_name = "LIST",
        allow_hyphen_values = true,
        value_parser = parse
    )]
    features: Option<Features>,
}

impl FeatureOptions {
    /// The features that were asked for.
    pub(crate) fn get(self) -> Features {
        self.features
            .unwrap_or_else(|| Config::new().get_features())
    }

    /// An engine with these features, and the defaults for all else.
    pub(crate) fn engine(self) -> Engine {
        Engine::new(Config::new().features(self.get()))
    }
}

/// Reads a list of features, from left to right.
fn parse(list: &str) -> Result<Features, String> {
    let mut features = Config::new().get_features();
    for (place, word) in list.split(',').enumerate() {
        features = match (word.strip_prefix('+'), word.strip_prefix('-')) {
            (Some(name), _) => features.with(named(name)?),
            (_, Some(name)) => features.without(named(name)?),
            (None, None) if place == 0 => Features::from_name(word).ok_or_else(|| {
                format!("there is no preset `{word}`; a feature has a `+` or a `-` in front")
            })?,
            (None, None) => {
                return Err(format!(
                    "`{word}` has no `+` or `-` in front, and only the first word may be a preset"
                ));
            }
        };
    }
    Ok(features)
}

fn named(name: &str) -> Result<Feature, String> {
    Feature::from_name(name).ok_or_else(|| {
        let names: Vec<_> = Feature::ALL.iter().map(|feature| feature.name()).collect();
        format!(
            "there is no feature `{name}`; there are {}",
            names.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use curta::{Config, Feature, Features};

    use super::parse;

    #[test]
    fn a_list_starts_from_a_preset_or_from_the_default() {
        assert_eq!(parse("wasm1"), Ok(Features::WASM1));
        assert_eq!(
            parse("wasm1,+tail-call,-floats"),
            Ok(Features::WASM1
                .with(Feature::TailCall)
                .without(Feature::Floats))
        );
        assert_eq!(
            parse("-multi_memory"),
            Ok(Config::new().get_features().without(Feature::MultiMemory))
        );
    }

    #[test]
    fn what_is_wrong_with_a_list_is_said() {
        let error = |list| parse(list).unwrap_err();
        assert!(error("wasm9").starts_with("there is no preset `wasm9`"));
        assert!(error("simd").contains("a feature has a `+` or a `-` in front"));
        assert!(
            error("+teleport").starts_with("there is no feature `teleport`; there are floats,")
        );
        assert!(error("wasm1,wasm2").starts_with("`wasm2` has no `+`"));
        assert!(error("").starts_with("there is no preset ``"));
    }
}
