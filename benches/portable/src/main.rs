//! wasmi with the feature `portable-dispatch`, which a build either has or has not: hence a program
//! of its own, which the table runs and asks for its times.

use std::process::ExitCode;

use benches::engine::{self, child};

// The dependency is here for its feature.
use wasmi as _;

fn main() -> ExitCode {
    // The table calls this with `serve` and the engine's name.
    let name = std::env::args().nth(2).unwrap_or_default();
    match child::serve(&engine::served(), &name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("benches-portable: {error}");
            ExitCode::FAILURE
        }
    }
}
