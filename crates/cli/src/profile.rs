//! What a program dispatched, written to the file that the variable `CURTA_PROFILE` names (feature `profile`).

use std::{fs::File, io::BufWriter, io::Write};

use curta::Module;

use crate::failure::Failure;

/// Writes a line for each sequence of micro-ops: its share of all that was dispatched, a tab, its micro-ops.
pub(crate) fn write(module: &Module) -> Result<(), Failure> {
    let Some(path) = std::env::var_os("CURTA_PROFILE") else {
        return Ok(());
    };
    let groups = curta::internals::profile(module);
    let singles = groups.iter().filter(|(_, group)| group.len() == 1);
    let all: u64 = singles.map(|(times, _)| times).sum();
    let write = || -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(&path)?);
        for (times, group) in &groups {
            let share = *times as f64 / all as f64;
            writeln!(file, "{share:.9}\t{}", group.join("; "))?;
        }
        file.flush()
    };
    write().map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}
