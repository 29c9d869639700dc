//! `curta validate`.

use std::io::{self, Write};
use std::path::Path;

use curta::{Engine, Module};

use crate::failure::Failure;
use crate::options::ValidateOptions;
use crate::source;

/// Says of each file whether it is a valid module, one line a file: valid ones on standard
/// output, others with the reason on standard error. Returns the highest code of all.
pub(crate) fn validate(options: &ValidateOptions) -> i32 {
    let engine = options.features.engine();
    let mut worst = 0;
    for file in &options.files {
        match check(&engine, file) {
            Ok(()) => {
                // A reader that closes its end still gets the exit code.
                let _ = writeln!(io::stdout(), "{}: valid", file.display());
            }
            Err(failure) => {
                failure.print();
                worst = worst.max(failure.code().number());
            }
        }
    }
    worst
}

fn check(engine: &Engine, file: &Path) -> Result<(), Failure> {
    let bytes = source::read(file)?;
    Module::validate(engine, bytes).map_err(|error| Failure::from(error).of(file))
}
