//! The ways in which a build of the engine can execute, each of which has to pass the whole suite.
//!
//! A mode is asked for by a [`Config`] and granted or not: the engine says which dispatch it really
//! uses. A run in a mode that was not granted would test another mode under a wrong name, so
//! [`Mode::engine`] refuses it. Later settings (compilation mode, fuel) become fields of [`Mode`].

use std::fmt;
use std::str::FromStr;

use curta::{Config, Dispatch, Engine, Features};

/// One way to execute: a setting of the engine under which every script has to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    dispatch: Dispatch,
}

impl Mode {
    /// Handlers that jump to each other.
    pub const THREADED: Mode = Mode {
        dispatch: Dispatch::Threaded,
    };

    /// Handlers that return to a loop.
    pub const LOOP: Mode = Mode {
        dispatch: Dispatch::Loop,
    };

    /// Every mode that exists, available in this build or not.
    pub const ALL: [Mode; 2] = [Mode::THREADED, Mode::LOOP];

    /// The name by which the command line and the expectations know the mode.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.dispatch {
            Dispatch::Auto => "auto",
            Dispatch::Threaded => "threaded",
            Dispatch::Loop => "loop",
        }
    }

    /// A fresh engine in this mode, for modules of these features.
    ///
    /// # Errors
    /// [`Unavailable`] when this build of the engine executes in another mode than asked.
    pub fn engine(self, features: Features) -> Result<Engine, Unavailable> {
        let mut config = Config::new();
        config.features(features).dispatch(self.dispatch);
        let engine = Engine::new(&config);
        let granted = Mode {
            dispatch: engine.dispatch(),
        };
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
        f.pad(self.name())
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(name: &str) -> Result<Mode, String> {
        Mode::ALL
            .into_iter()
            .find(|mode| mode.name() == name)
            .ok_or_else(|| format!("there is no mode `{name}`"))
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
