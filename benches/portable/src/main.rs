//! wasmi with the feature `portable-dispatch`, which a build either has or has not: hence a program
//! of its own, which the table runs and asks for its times.

use std::process::ExitCode;

use benches::engine::{self, BASELINE, child};

// The dependency is here for its feature.
use wasmi as _;

fn main() -> ExitCode {
    let served = engine::all()
        .iter()
        .find(|engine| engine.name() == BASELINE)
        .ok_or_else(|| "this build has no wasmi".into())
        .and_then(|engine| child::serve(&**engine));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("benches-portable: {error}");
            ExitCode::FAILURE
        }
    }
}
