//! wasmi with the feature `portable-dispatch`, which a build either has or has not: hence a program
//! of its own, which the table runs and asks for its times.

use std::process::ExitCode;

use benches::engine::child;

// The dependency is here for its feature.
use wasmi as _;

fn main() -> ExitCode {
    child::main("benches-portable")
}
