//! curta with the feature `lean`, which a build either has or has not: hence a program of its own,
//! which the table runs and asks for its times.

use std::process::ExitCode;

use benches::engine::child;

fn main() -> ExitCode {
    child::main("benches-lean")
}
