//! `cargo run --release -p benches -- table` and `-- startup`: curta beside its peers.

use std::process::ExitCode;

use benches::engine::{self, child};
use benches::measure;
use benches::options::{Options, USAGE};
use benches::startup;
use benches::table::Table;
use benches::workload;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let done = match arguments.next().as_deref() {
        Some("table") => Options::parse(arguments)
            .map_err(|wrong| format!("{wrong}\n{USAGE}"))
            .and_then(|options| table(&options)),
        Some("startup") => Options::parse(arguments)
            .map_err(|wrong| format!("{wrong}\n{USAGE}"))
            .and_then(|options| {
                warn();
                startup::print(&options)
            }),
        // For benches/instructions.sh.
        Some("list") => list(&arguments.next().unwrap_or_default()),
        Some("once") => once(
            &arguments.next().unwrap_or_default(),
            &arguments.next().unwrap_or_default(),
        ),
        // What processes of this program ask of another.
        Some("first") => startup::first(&arguments.next().unwrap_or_default())
            .map(|()| ExitCode::SUCCESS)
            .map_err(|failure| failure.to_string()),
        Some("resident") => {
            let (engine, what) = (arguments.next(), arguments.next());
            startup::resident(&engine.unwrap_or_default(), &what.unwrap_or_default())
                .map(|bytes| println!("{bytes}"))
                .map(|()| ExitCode::SUCCESS)
                .map_err(|failure| failure.to_string())
        }
        Some("serve") => child::serve(&engine::served(), &arguments.next().unwrap_or_default())
            .map(|()| ExitCode::SUCCESS)
            .map_err(|failure| failure.to_string()),
        Some(other) => Err(format!("unknown command `{other}`\n{USAGE}")),
        None => Err(format!("no command given\n{USAGE}")),
    };
    done.unwrap_or_else(|wrong| {
        eprintln!("benches: {wrong}");
        ExitCode::from(2)
    })
}

/// Warns about what makes times worthless or the table incomplete.
fn warn() {
    if cfg!(debug_assertions) {
        eprintln!("benches: this is not a release build; its times say nothing (use --release)");
    }
    if engine::lacks_peers() {
        eprintln!(
            "benches: peers are missing; `cargo run --release -p benches --features peers -- …` \
             builds them too"
        );
    }
}

/// Prints the names of the workloads that there are.
fn list(filter: &str) -> Result<ExitCode, String> {
    let mut workloads = workload::all()?;
    workloads.retain(|workload| workload.wasm.is_some() && workload.is_named(filter));
    for workload in workloads {
        println!("{}", workload.name);
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs one workload on one engine.
fn once(workload: &str, engine: &str) -> Result<ExitCode, String> {
    let workloads = workload::all()?;
    let mut workloads = workloads.iter();
    let workload = workloads
        .find(|found| found.name == workload)
        .ok_or_else(|| format!("no workload {workload}"))?;
    let engines = engine::all();
    let mut engines = engines.iter();
    let engine = engines
        .find(|found| found.name() == engine)
        .ok_or_else(|| format!("no engine {engine}"))?;
    measure::once(&**engine, workload).map_err(|failure| failure.to_string())?;
    Ok(ExitCode::SUCCESS)
}

fn table(options: &Options) -> Result<ExitCode, String> {
    warn();
    let table = Table::measure(&workload::all()?, options);
    if table.is_empty() {
        return Err("no workload or no engine has such a name".to_owned());
    }
    if let Some(file) = &options.chart {
        let chart = table
            .chart()
            .ok_or("a chart needs a baseline to be relative to")?;
        std::fs::write(file, chart).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    print!(
        "{}",
        if options.json {
            table.json()
        } else {
            table.text()
        }
    );
    Ok(if table.is_right() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
