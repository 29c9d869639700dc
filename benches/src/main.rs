//! `cargo run --release -p benches -- table`: curta beside its peers.

use std::process::ExitCode;

use benches::engine;
use benches::options::{Options, USAGE};
use benches::table::Table;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(wrong) => {
            eprintln!("benches: {wrong}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    if cfg!(debug_assertions) {
        eprintln!("benches: this is not a release build; its times say nothing (use --release)");
    }
    if engine::lacks_peers() {
        eprintln!(
            "benches: peers are missing; `cargo run --release -p benches --features peers -- table` \
             builds wasmi 2.0 and sf-nano-core 0.6 too"
        );
    }
    let table = Table::measure(&options);
    if table.is_empty() {
        eprintln!("benches: no workload has `{}` in its name", options.filter);
        return ExitCode::from(2);
    }
    print!(
        "{}",
        if options.json {
            table.json()
        } else {
            table.text()
        }
    );
    if table.is_right() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
