//! A module that arrives in pieces is the module that came whole, and what is wrong with it is wrong at the same place.

#[path = "streaming/module.rs"]
mod module;

use curta::{
    CompilationMode, Config, Engine, Error, Instance, Limit, Limits, Module, ModuleBuilder,
    ModuleErrorKind, Store,
};
use std::io::{self, Read};

/// A module given in chunks of so many bytes.
fn streamed(engine: &Engine, bytes: &[u8], chunk: usize) -> Result<Module, Error> {
    let mut builder = ModuleBuilder::new(engine);
    for chunk in bytes.chunks(chunk) {
        builder.push(chunk)?;
    }
    builder.finish()
}

fn engine(mode: CompilationMode) -> Engine {
    Engine::new(Config::new().compilation_mode(mode))
}

const MODES: [CompilationMode; 3] = [
    CompilationMode::Eager,
    CompilationMode::LazyTranslation,
    CompilationMode::Lazy,
];

/// Small numbers that look random, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}

/// What two modules have to have in common: their description, their code, and what calls of it give.
fn assert_same(whole: &Module, other: &Module, what: &str) {
    let imports = |module: &Module| {
        module
            .imports()
            .map(|import| import.to_string())
            .collect::<Vec<_>>()
    };
    let exports = |module: &Module| {
        module
            .exports()
            .map(|export| export.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(imports(whole), imports(other), "{what}");
    assert_eq!(exports(whole), exports(other), "{what}");
    assert_eq!(whole.name(), other.name(), "{what}");
    assert!(
        whole.disassemble() == other.disassemble(),
        "{what}: other code"
    );
    assert_eq!(results(whole), results(other), "{what}");
}

/// What calls give: numbers at each depth, and where a trap was.
fn results(module: &Module) -> (Vec<i32>, Vec<Option<usize>>) {
    let mut store = Store::new(module.engine(), ());
    let instance = Instance::new(&mut store, module, &[]).expect("it imports nothing");
    let f = instance
        .get_typed_func::<i32, i32>(&store, "f0")
        .expect("it is exported");
    let numbers = (0..8).map(|depth| f.call(&mut store, depth).expect("it does not trap"));
    let numbers = numbers.collect();
    // Five functions deep, most of them called forwards.
    let error = f.call(&mut store, 1004).expect_err("it traps");
    let frames = error.backtrace().expect("a trap has one").frames().iter();
    let offsets: Vec<_> = frames.map(curta::Frame::offset).collect();
    assert_eq!(offsets.len(), 5);
    (numbers, offsets)
}

#[test]
fn the_module_is_the_same_however_the_bytes_are_cut() {
    let bytes = module::module(60, 1000);
    for mode in MODES {
        let engine = engine(mode);
        let whole = Module::new(&engine, &bytes).expect("it is valid");
        for chunk in [1, 2, 7, 100, 1000, 4096, bytes.len()] {
            let module = streamed(&engine, &bytes, chunk).expect("it is valid");
            assert_same(
                &whole,
                &module,
                &format!("{mode:?}, {chunk} bytes at a time"),
            );
        }
    }
}

#[test]
fn a_reader_may_give_as_much_as_it_likes_and_be_interrupted() {
    /// Gives one byte, then two, then three; in between it is interrupted.
    struct Halting<'a>(&'a [u8], usize);

    impl Read for Halting<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 += 1;
            if self.1.is_multiple_of(3) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let len = (self.1 / 3 + 1).min(buffer.len());
            self.0.read(&mut buffer[..len])
        }
    }

    let engine = Engine::default();
    let bytes = module::module(20, 100);
    let whole = Module::new(&engine, &bytes).expect("it is valid");
    let read = Module::from_reader(&engine, Halting(&bytes, 0)).expect("it is valid");
    assert_same(&whole, &read, "from a reader");
}

#[test]
fn what_a_reader_fails_with_comes_back() {
    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(
                io::ErrorKind::ConnectionReset,
                "the line is dead",
            ))
        }
    }

    let error = Module::from_reader(&Engine::default(), Broken).unwrap_err();
    let error = error.downcast_ref::<io::Error>().expect("as it was");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn text_is_read_as_a_whole() {
    let text = format!(
        "(; {} ;) (module (func (export \"f\")))",
        "x".repeat(100_000)
    );
    let module = Module::from_reader(&Engine::default(), text.as_bytes()).expect("it is valid");
    assert!(module.get_export("f").is_some());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/fib.wat");
    assert!(Module::from_file(&Engine::default(), path).is_ok());
    let error = Module::from_file(&Engine::default(), "/nowhere/at/all.wasm").unwrap_err();
    assert!(error.downcast_ref::<io::Error>().is_some());
}

/// The kind of an error, its words and its place.
fn complaint(error: &Error) -> (ModuleErrorKind, String, Option<usize>) {
    let error = error.module_error().expect("it is about the module");
    (error.kind(), error.message().into(), error.offset())
}

/// Loads what was damaged whole and in pieces, and compares.
fn compare(engine: &Engine, bytes: &[u8], chunk: usize, what: &str) -> bool {
    match (Module::new(engine, bytes), streamed(engine, bytes, chunk)) {
        (Ok(_), Ok(_)) => false,
        (Err(whole), Err(other)) => {
            let exceeded = other.module_error().and_then(curta::ModuleError::exceeded);
            if exceeded.is_some_and(|exceeded| exceeded.limit == Limit::ModuleBytes) {
                // What would come could not be accepted; when nothing can come, it is truncated.
                assert_eq!(complaint(&whole).0, ModuleErrorKind::Malformed, "{what}");
            } else {
                assert_eq!(complaint(&whole), complaint(&other), "{what}");
            }
            true
        }
        (whole, other) => panic!("{what}: whole {whole:?}, in pieces {other:?}"),
    }
}

#[test]
fn truncation_at_a_thousand_places_is_an_error_at_the_same_place() {
    let bytes = module::module(30, 500);
    let mut random = Random(1);
    for mode in MODES {
        let engine = engine(mode);
        for round in 0..1000 {
            let len = random.below(bytes.len());
            let chunk = 1 + random.below(2000);
            // What ends after the header, or after the types, is a module; and so it is without the data.
            let refused = compare(
                &engine,
                &bytes[..len],
                chunk,
                &format!("{len} bytes by {chunk}"),
            );
            assert!(
                refused || matches!(len, 8 | 15) || len >= bytes.len() - 600,
                "round {round}: {len} bytes pass"
            );
        }
    }
}

#[test]
fn a_byte_that_is_wrong_is_an_error_at_the_same_place() {
    let bytes = module::module(12, 50);
    let mut random = Random(2);
    let mut refused = 0;
    for mode in MODES {
        let engine = engine(mode);
        for round in 0..500 {
            let mut bytes = bytes.clone();
            for _ in 0..=round % 3 {
                let at = random.below(bytes.len());
                bytes[at] = random.below(256) as u8;
            }
            let chunk = 1 + random.below(300);
            refused += usize::from(compare(
                &engine,
                &bytes,
                chunk,
                &format!("{mode:?} {round}"),
            ));
        }
    }
    assert!(refused > 500, "only {refused} were refused");
}

#[test]
fn of_several_errors_the_first_of_the_file_is_reported() {
    // A body of the wrong type, then a section that is malformed.
    let mut bytes =
        b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x05\x01\x03\0\x45\x0b".to_vec();
    let body = bytes.len() - 2;
    bytes.extend([0x0b, 1, 0x05]);
    for mode in [CompilationMode::Eager, CompilationMode::LazyTranslation] {
        let engine = engine(mode);
        for error in [
            Module::new(&engine, &bytes).unwrap_err(),
            streamed(&engine, &bytes, 1).unwrap_err(),
            Module::validate(&engine, &bytes).unwrap_err(),
        ] {
            let (kind, message, offset) = complaint(&error);
            assert_eq!(
                (kind, offset),
                (ModuleErrorKind::Invalid, Some(body)),
                "{message}"
            );
        }
    }
}

#[test]
fn a_size_beyond_the_limits_is_refused_when_it_is_read() {
    let limits = Limits::default()
        .with_module_bytes(1 << 20)
        .with_body_bytes(1000);
    let engine = Engine::new(Config::new().limits(limits));
    let mut builder = ModuleBuilder::new(&engine);
    builder
        .push(b"\0asm\x01\0\0\0")
        .expect("so far it is valid");
    // A custom section of 4 GiB less one.
    builder
        .push([0, 0xff, 0xff, 0xff, 0xff])
        .expect("the size is not complete");
    let error = builder.push([0x0f]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "module refused at byte 0x8: the limit `module_bytes` is 1048576, and 4294967309 is asked for"
    );
    let again = builder.push([0]).unwrap_err();
    assert_eq!(again.to_string(), error.to_string(), "it stays refused");
    assert_eq!(builder.finish().unwrap_err().to_string(), error.to_string());

    // A function body that is too large, of which nothing but the size is there.
    let mut bytes =
        b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\xff\xff\x03\x01".to_vec();
    bytes.extend(module::leb(1001));
    for error in [
        streamed(&engine, &bytes, 3).unwrap_err(),
        Module::new(&engine, &bytes).unwrap_err(),
    ] {
        let at = bytes.len();
        assert_eq!(
            error.to_string(),
            format!(
                "module refused at byte {at:#x}: the limit `body_bytes` is 1000, and 1001 is asked for"
            )
        );
    }

    // Small sections without end.
    let mut builder = ModuleBuilder::new(&engine);
    builder
        .push(b"\0asm\x01\0\0\0")
        .expect("so far it is valid");
    let section = [&[0, 0x80, 0x20, 1, b'x'][..], &[7; 4094]].concat();
    let error = (0..1000).find_map(|_| builder.push(&section).err());
    let error = error.expect("at a megabyte it is too large");
    assert_eq!(
        error.module_error().unwrap().exceeded().unwrap().limit,
        Limit::ModuleBytes
    );
}
