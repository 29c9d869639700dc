//! What a module costs that arrives in chunks of 4 KiB, beside one that is read and then loaded as a whole: peak memory and
//! time. `cargo test --release -p curta --test streaming_memory -- --nocapture` prints both for a module of 20 MB; without
//! optimisation it is one of 2 MB.
//!
//! Without a harness, because each case is measured in a process of its own: what counts is the most memory that the process
//! ever had.

#[cfg(target_os = "linux")]
#[path = "streaming/module.rs"]
mod module;

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() {
    on_linux::main();
}

#[cfg(target_os = "linux")]
mod on_linux {
    use crate::module::module;
    use curta::{Config, Engine, Limits, Module, ModuleBuilder, ModuleErrorKind};
    use std::{
        env, fs,
        fs::File,
        io::Read,
        path::{Path, PathBuf},
        process::Command,
        time::Instant,
    };

    /// The variable that tells a process which case it is to measure.
    const CASE: &str = "CURTA_STREAMING_CASE";

    /// The variable that tells it where the module is.
    const FILE: &str = "CURTA_STREAMING_FILE";

    const CHUNK: usize = 4096;

    /// Functions of the large module, of 350 bytes on average.
    const FUNCTIONS: u32 = if cfg!(debug_assertions) {
        5_000
    } else {
        52_000
    };

    pub(crate) fn main() {
        if let Ok(case) = env::var(CASE) {
            let file = PathBuf::from(env::var(FILE).expect("it is set with the case"));
            match case.as_str() {
                "whole" => measure(|| whole(&file)),
                "streamed" => measure(|| streamed(&file)),
                "truncated" => measure(truncated),
                "hostile" => measure(hostile),
                other => panic!("no case {other}"),
            }
            return;
        }
        let file = env::temp_dir().join(format!("curta-streaming-{}.wasm", std::process::id()));
        let bytes = module(FUNCTIONS, 1_000_000);
        fs::write(&file, &bytes).expect("it can be written");
        let [whole, streamed, truncated, hostile] =
            ["whole", "streamed", "truncated", "hostile"].map(|case| run(case, &file));
        fs::remove_file(&file).expect("it is there");
        println!("a module of {} KB", bytes.len() / 1000);
        println!(
            "read, then Module::new:   peak {} KB, {} ms",
            whole.0 / 1000,
            whole.1
        );
        println!(
            "ModuleBuilder, 4 KiB:     peak {} KB, {} ms",
            streamed.0 / 1000,
            streamed.1
        );
        println!(
            "truncated, 1000 places:   peak {} KB, {} ms",
            truncated.0 / 1000,
            truncated.1
        );
        println!(
            "a section of 4 GiB:       peak {} KB, {} ms",
            hostile.0 / 1000,
            hostile.1
        );
        // The whole way holds the file twice.
        let saved = bytes.len() as u64 / 2;
        assert!(
            streamed.0 + saved < whole.0,
            "streamed {} bytes, whole {}: less than {saved} saved",
            streamed.0,
            whole.0
        );
        assert!(
            hostile.0 < 4_000_000,
            "a section that is only announced bought {}",
            hostile.0
        );
        assert!(
            truncated.0 < 20_000_000,
            "truncated modules left {} behind",
            truncated.0
        );
    }

    /// Measures a case in a process of its own: bytes and milliseconds.
    fn run(case: &str, file: &Path) -> (u64, u64) {
        let this = env::current_exe().expect("it runs");
        let output = Command::new(this).env(CASE, case).env(FILE, file).output();
        let output = output.expect("it starts");
        assert!(
            output.status.success(),
            "{case}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout).expect("it is text");
        let mut numbers = text
            .split_whitespace()
            .map(|word| word.parse().expect("a number"));
        let mut next = || numbers.next().expect("two numbers");
        (next(), next())
    }

    fn measure(case: impl FnOnce()) {
        let (before, begun) = (peak(), Instant::now());
        case();
        println!("{} {}", peak() - before, begun.elapsed().as_millis());
    }

    /// The most memory that the process has had, in bytes.
    fn peak() -> u64 {
        let status = fs::read_to_string("/proc/self/status").expect("Linux has it");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.expect("it is listed").trim().trim_end_matches(" kB");
        number.parse::<u64>().expect("a number") * 1024
    }

    fn whole(file: &Path) {
        let bytes = fs::read(file).expect("it can be read");
        let module = Module::new(&Engine::default(), &bytes).expect("it is valid");
        assert_eq!(module.exports().len(), 1);
    }

    fn streamed(file: &Path) {
        let mut file = File::open(file).expect("it can be read");
        let mut builder = ModuleBuilder::new(&Engine::default());
        let mut buffer = [0; CHUNK];
        loop {
            match file.read(&mut buffer).expect("it can be read") {
                0 => break,
                len => builder.push(&buffer[..len]).expect("it is valid"),
            }
        }
        let module = builder.finish().expect("it is valid");
        assert_eq!(module.exports().len(), 1);
    }

    /// A module that ends too early, at a thousand places.
    fn truncated() {
        let engine = Engine::default();
        let bytes = module(if cfg!(debug_assertions) { 50 } else { 800 }, 0);
        let mut place = 1u64;
        for _ in 0..1000 {
            place = place
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let len = (place >> 33) as usize % bytes.len();
            let mut builder = ModuleBuilder::new(&engine);
            for chunk in bytes[..len].chunks(CHUNK) {
                builder.push(chunk).expect("so far it is valid");
            }
            let error = builder.finish().expect_err("it is truncated");
            let error = error.module_error().expect("it is about the module");
            assert_eq!(error.kind(), ModuleErrorKind::Malformed);
            assert!(
                error.offset().is_some_and(|offset| offset <= len),
                "{error}"
            );
        }
    }

    /// A section that announces all that a module may have at the very most, and sends little.
    fn hostile() {
        let engine =
            Engine::new(Config::new().limits(Limits::default().with_module_bytes(usize::MAX)));
        for id in 0..=13 {
            let mut builder = ModuleBuilder::new(&engine);
            builder
                .push(b"\0asm\x01\0\0\0")
                .expect("so far it is valid");
            // 4 GiB less 4 MiB.
            let size = [id, 0x80, 0x80, 0x80, 0xfe, 0x0f];
            let begun = builder.push(size);
            for _ in 0..100 {
                if begun.is_err() || builder.push([0; CHUNK]).is_err() {
                    break;
                }
            }
            assert!(builder.finish().is_err(), "section {id}");
        }
    }
}
