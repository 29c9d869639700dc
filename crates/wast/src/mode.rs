//! The ways in which a build of the engine can execute, each of which has to pass the whole suite.
//!
//! A mode is asked for by a [`Config`] and granted or not: the engine says which dispatch it really
//! uses. A run in a mode that was not granted would test another mode under a wrong name, so
//! [`Mode::engine`] refuses it. Later settings (fuel) become further fields of [`Mode`].
//!
//! A mode's name has one word a field, as in `loop/lazy`. The command line and the expectations may
//! leave words out and so mean several ([`Modes`]): `lazy` is both `threaded/lazy` and `loop/lazy`.

use std::fmt;
use std::str::FromStr;

use curta::{CompilationMode, Config, Dispatch, Engine, Features};

/// One way to execute: settings of the engine under which every script has to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    dispatch: Dispatch,
    compilation: CompilationMode,
}

/// Handlers that jump to each other, and handlers that return to a loop.
const DISPATCHES: [Dispatch; 2] = [Dispatch::Threaded, Dispatch::Loop];

/// When bodies are validated and translated.
pub const COMPILATIONS: [CompilationMode; 3] = [
    CompilationMode::Eager,
    CompilationMode::LazyTranslation,
    CompilationMode::Lazy,
];

impl Mode {
    /// What every build has: handlers that return to a loop, and all work done at once.
    pub const LOOP: Mode = Mode::new(Dispatch::Loop, CompilationMode::Eager);

    /// Every mode that exists, available in this build or not.
    pub const ALL: [Mode; 6] = {
        let mut all = [Mode::LOOP; 6];
        let mut at = 0;
        while at < all.len() {
            all[at] = Mode::new(
                DISPATCHES[at / COMPILATIONS.len()],
                COMPILATIONS[at % COMPILATIONS.len()],
            );
            at += 1;
        }
        all
    };

    /// A mode from its settings.
    #[must_use]
    pub const fn new(dispatch: Dispatch, compilation: CompilationMode) -> Mode {
        Mode {
            dispatch,
            compilation,
        }
    }

    /// The mode in which an engine executes.
    #[must_use]
    pub fn of(engine: &Engine) -> Mode {
        Mode::new(engine.dispatch(), engine.config().get_compilation_mode())
    }

    /// A fresh engine in this mode, for modules of these features.
    ///
    /// # Errors
    /// [`Unavailable`] when this build of the engine executes in another mode than asked.
    pub fn engine(self, features: Features) -> Result<Engine, Unavailable> {
        let mut config = Config::new();
        config
            .features(features)
            .dispatch(self.dispatch)
            .compilation_mode(self.compilation);
        let engine = Engine::new(&config);
        let granted = Mode::of(&engine);
        if granted == self {
            Ok(engine)
        } else {
            Err(Unavailable {
                asked: self,
                granted,
            })
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [dispatch, compilation] = [dispatch(self.dispatch), compilation(self.compilation)];
        f.pad(&format!("{dispatch}/{compilation}"))
    }
}

const fn dispatch(dispatch: Dispatch) -> &'static str {
    match dispatch {
        Dispatch::Auto => "auto",
        Dispatch::Threaded => "threaded",
        Dispatch::Loop => "loop",
    }
}

/// The word for a mode of compilation.
#[must_use]
pub const fn compilation(compilation: CompilationMode) -> &'static str {
    match compilation {
        CompilationMode::Eager => "eager",
        CompilationMode::LazyTranslation => "lazy-translation",
        CompilationMode::Lazy => "lazy",
    }
}

/// Whether an engine may accept a module with a body that is not valid, and refuse the body when it
/// is called for the first time.
#[must_use]
pub fn validates_at_the_first_call(engine: &Engine) -> bool {
    engine.config().get_compilation_mode() == CompilationMode::Lazy
}

/// Several modes, by what they have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modes {
    dispatch: Option<Dispatch>,
    compilation: Option<CompilationMode>,
}

impl Modes {
    /// All of them.
    pub const ALL: Modes = Modes {
        dispatch: None,
        compilation: None,
    };

    /// Whether a mode is one of them.
    #[must_use]
    pub fn contain(self, mode: Mode) -> bool {
        self.dispatch.is_none_or(|listed| listed == mode.dispatch)
            && self
                .compilation
                .is_none_or(|listed| listed == mode.compilation)
    }
}

impl fmt::Display for Modes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = [
            self.dispatch.map(dispatch),
            self.compilation.map(compilation),
        ]
        .into_iter()
        .flatten()
        .collect();
        f.write_str(&words.join("/"))
    }
}

impl FromStr for Modes {
    type Err = String;

    fn from_str(name: &str) -> Result<Modes, String> {
        let mut modes = Modes::ALL;
        for word in name.split('/') {
            let no_mode = || format!("there is no mode `{name}`");
            let again = if let Some(found) = DISPATCHES.into_iter().find(|d| dispatch(*d) == word) {
                modes.dispatch.replace(found).is_some()
            } else {
                let found = COMPILATIONS.into_iter().find(|c| compilation(*c) == word);
                let found = found.ok_or_else(no_mode)?;
                modes.compilation.replace(found).is_some()
            };
            if again {
                return Err(no_mode());
            }
        }
        Ok(modes)
    }
}

/// A mode that this build does not have: the engine executes in another one when asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailable {
    /// The mode that was asked for.
    pub asked: Mode,
    /// The mode that the engine would have used in its place.
    pub granted: Mode,
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not available: asked for {}, this build runs {}",
            self.asked, self.granted
        )
    }
}

impl std::error::Error for Unavailable {}

#[cfg(test)]
mod tests {
    use super::{Mode, Modes};

    #[test]
    fn modes_have_names_of_their_own() {
        let names: Vec<_> = Mode::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            [
                "threaded/eager",
                "threaded/lazy-translation",
                "threaded/lazy",
                "loop/eager",
                "loop/lazy-translation",
                "loop/lazy",
            ]
        );
    }

    #[test]
    fn a_name_may_stand_for_several_modes() {
        let count = |name: &str| {
            let modes: Modes = name.parse().unwrap();
            assert_eq!(modes.to_string(), name);
            Mode::ALL
                .iter()
                .filter(|mode| modes.contain(**mode))
                .count()
        };
        assert_eq!(count("loop"), 3);
        assert_eq!(count("lazy"), 2);
        assert_eq!(count("threaded/lazy-translation"), 1);
        for name in ["", "odd", "auto", "loop/", "loop/loop", "loop/lazy/lazy"] {
            assert!(name.parse::<Modes>().is_err(), "{name}");
        }
    }
}
