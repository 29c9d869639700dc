//! Decides whether the threaded dispatch backend is built.
//!
//! It relies on the optimiser turning a handler's last call into a jump. That holds for optimised builds of the processors
//! that are checked by reading the machine code (see `tests/machine_code.rs`); everywhere else the loop backend is the
//! only one.

use std::env;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(curta_threaded)");
    println!("cargo::rerun-if-changed=build.rs");
    let var = |name: &str| env::var(name).unwrap_or_default();
    let optimised = matches!(var("OPT_LEVEL").as_str(), "1" | "2" | "3" | "s" | "z");
    let checked_processor = matches!(var("CARGO_CFG_TARGET_ARCH").as_str(), "x86_64" | "aarch64");
    let debugging = env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_some()
        || env::var_os("CARGO_CFG_MIRI").is_some();
    let flags = var("CARGO_ENCODED_RUSTFLAGS");
    let instrumented = [
        "sanitizer",
        "instrument-coverage",
        "profile-generate",
        "instrument-mcount",
        "instrument-xray",
    ]
    .iter()
    .any(|flag| flags.contains(flag));
    // Counting is done by the loop.
    let profiling = env::var_os("CARGO_FEATURE_PROFILE").is_some();
    if optimised && checked_processor && !debugging && !instrumented && !profiling {
        println!("cargo::rustc-cfg=curta_threaded");
    }
}
