//! What people do with WebAssembly in a host, operation by operation: a program that does it, and what happens when it goes
//! wrong, in the exact words.
//!
//! | what they did elsewhere | module |
//! |---|---|
//! | `WebAssembly.validate(bytes)` | [`validate`] |
//! | `WebAssembly.compile(buffer)`, `new WebAssembly.Module(bytes)` | [`compile`] |
//! | `compileStreaming(response)` | [`streaming`] |
//! | `WebAssembly.instantiate(bytes, imports)` | [`instantiate`] |
//! | `{ env: { log: console.log } }` | [`host_function`] |
//! | `instance.exports.add(2, 3)` | [`call_export`] |
//! | check an export contract before calling | [`export_contract`] |
//! | `new Uint8Array(instance.exports.memory.buffer)` | [`memory_view`] |
//! | copy in and out with size checks | [`memory_copy`] |
//! | `new WebAssembly.Memory({ initial, maximum })`, `Table`, `Global` | [`shared_objects`] |
//! | `memory.grow(pages)` | [`grow`] |
//! | bound what a guest may use | [`limits`] |
//! | `new WASI({ args, env, preopens })`, `start(instance)` | [`wasi_command`] |
//! | `wasi.initialize(instance)` | [`wasi_reactor`] |
//! | `memfs` as a guest's file system | [`wasi_files`] |
//! | several runtimes side by side | [`threads`] |
//! | catch what goes wrong | [`host_error`] |
//! | one module's exports as another's imports | [`modules`] |
//! | objects of the host in a guest's hands | [`references`] |

use curta::{Engine, Error, Instance, Linker, Module, Store};

/// Makes a module of each example, with a test that runs it.
macro_rules! examples {
    ($($(#[$doc:meta])* $name:ident { $($test:item)* })*) => {$(
        $(#[$doc])*
        mod $name {
            mod example {
                include!(concat!("../", stringify!($name), ".rs"));

                #[test]
                fn runs() {
                    main().unwrap();
                }
            }

            $($test)*
        }
    )*};
}

/// An instance of a module without imports, and its store.
fn instance(text: &str) -> (Store<()>, Instance) {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = Module::new(&engine, text).expect("the test's module is valid");
    let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
    (store, instance)
}

/// A store, an empty linker and a module.
fn setup<T: 'static>(data: T, text: &str) -> (Store<T>, Linker<T>, Module) {
    let engine = Engine::default();
    let module = Module::new(&engine, text).expect("the test's module is valid");
    (Store::new(&engine, data), Linker::new(&engine), module)
}

/// The message of an error.
#[track_caller]
fn message<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => panic!("expected an error"),
        Err(error) => error.to_string(),
    }
}

examples! {
    embed {}

    validate {
        use curta::{Engine, Module};

        #[test]
        fn says_what_was_expected_and_found_and_where() {
            let text = "(module (func (param i64) (result i32) (i32.add (i32.const 1) (local.get 0))))";
            assert_eq!(
                super::message(Module::validate(&Engine::default(), text)),
                "invalid module at byte 0x1d: type mismatch: expected i32, found i64"
            );
            assert_eq!(
                super::message(Module::validate(&Engine::default(), b"not wasm")),
                "malformed module at byte 0x0: magic header not detected: \
                 expected the bytes [00, 61, 73, 6d], found [6e, 6f, 74, 20]"
            );
        }
    }

    compile {
        use curta::{Config, Engine, Features, Module};

        #[test]
        fn says_which_feature_is_off() {
            let engine = Engine::new(Config::new().features(Features::WASM1));
            let text = "(module (func (param i32) (result i64) (i64.extend32_s (i64.const 1)) \
                        (return_call 0 (i32.const 1))))";
            assert_eq!(
                super::message(Module::new(&engine, text)),
                "module refused at byte 0x1b: sign extension operations support is not enabled \
                 (the feature `sign_extension` is off)"
            );
        }

        #[test]
        fn says_what_is_invalid_and_where() {
            assert_eq!(
                super::message(Module::new(&Engine::default(), "(module (func (result i32) (i64.const 1)))")),
                "invalid module at byte 0x1a: type mismatch: expected i32, found i64"
            );
        }
    }

    streaming {
        use curta::{Engine, Module, ModuleBuilder};

        #[test]
        fn input_that_ends_too_early_is_an_error_at_its_end() {
            let bytes = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x04\x01\x02\0";
            assert_eq!(
                super::message(Module::from_reader(&Engine::default(), &bytes[..])),
                "malformed module at byte 0x16: unexpected end-of-file"
            );
        }

        #[test]
        fn what_is_wrong_is_found_before_the_rest_arrives() {
            let mut builder = ModuleBuilder::new(&Engine::default());
            builder.push(b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0").unwrap();
            // A body that adds up nothing; twenty bytes of other functions are still to come.
            assert_eq!(
                super::message(builder.push(b"\x0a\x18\x01\x03\0\x6a\x0b")),
                "invalid module at byte 0x17: type mismatch: expected i32 but nothing on stack"
            );
        }
    }

    instantiate {
        #[test]
        fn every_import_that_is_missing_or_does_not_fit_is_named() {
            let (mut store, mut linker, module) = super::setup(
                (),
                r#"(module
                    (import "math" "sqare" (func (param f64) (result f64)))
                    (import "math" "add" (func (param f64 f64) (result f64)))
                    (import "env" "memory" (memory 1)))"#,
            );
            linker.func_wrap("math", "square", |x: f64| x * x).unwrap();
            linker.func_wrap("math", "add", |x: i32, y: i32| x + y).unwrap();
            assert_eq!(
                super::message(linker.instantiate(&mut store, &module)),
                "3 imports cannot be linked:\n  \
                 unknown import: `math` `sqare` is missing, expected (func (param f64) (result f64)); \
                 did you mean `math.square`?\n  \
                 incompatible import type: `math` `add`: expected (func (param f64 f64) (result f64)), \
                 found (func (param i32 i32) (result i32))\n  \
                 unknown import: `env` `memory` is missing, expected (memory 1); \
                 nothing is defined under `env`"
            );
        }
    }

    host_function {
        #[test]
        fn a_signature_that_does_not_fit_is_named_on_both_sides() {
            let (mut store, mut linker, module) =
                super::setup((), r#"(module (import "env" "log" (func (param i32 i32))))"#);
            linker.func_wrap("env", "log", |_: i64| ()).unwrap();
            assert_eq!(
                super::message(linker.instantiate(&mut store, &module)),
                "incompatible import type: `env` `log`: expected (func (param i32 i32)), \
                 found (func (param i64))"
            );
        }

        #[test]
        fn its_error_ends_the_guest_and_comes_back_as_it_was() {
            let (mut store, mut linker, module) = super::setup(
                (),
                r#"(module (import "env" "fail" (func $fail)) (func (export "run") (call $fail)))"#,
            );
            linker.func_wrap("env", "fail", || "x".parse::<i32>().map(drop)).unwrap();
            let instance = linker.instantiate(&mut store, &module).unwrap();
            let run = instance.get_typed_func::<(), ()>(&store, "run").unwrap();
            let error = run.call(&mut store, ()).unwrap_err();
            assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
            assert_eq!(error.to_string(), "invalid digit found in string");
        }
    }

    call_export {
        const TEXT: &str = r#"(module
            (memory (export "memory") 1)
            (func (export "add") (param i32 i32) (result i32) (i32.const 0)))"#;

        #[test]
        fn an_export_that_is_missing_is_an_error_that_says_what_there_is() {
            let (store, instance) = super::instance(TEXT);
            assert_eq!(
                super::message(instance.get_typed_func::<(i32, i32), i32>(&store, "sum")),
                "no export `sum`: there is `memory`, `add`"
            );
        }

        #[test]
        fn an_export_of_another_kind_or_type_says_what_it_is() {
            let (store, instance) = super::instance(TEXT);
            assert_eq!(
                super::message(instance.get_typed_func::<(), ()>(&store, "memory")),
                "the export `memory` is (memory 1), not a function"
            );
            assert_eq!(
                super::message(instance.get_typed_func::<(i32, i64), i32>(&store, "add")),
                "the export `add` cannot be called so: the function is of type \
                 (func (param i32 i32) (result i32)), not (func (param i32 i64) (result i32))"
            );
        }

        #[test]
        fn arguments_of_other_types_are_refused_by_number() {
            let (mut store, instance) = super::instance(TEXT);
            let add = instance.get_func(&store, "add").unwrap();
            let values = [curta::Val::I32(1), curta::Val::I64(2)];
            assert_eq!(
                super::message(add.call(&mut store, &values, &mut [curta::Val::I32(0)])),
                "argument 1 of the function (func (param i32 i32) (result i32)): expected i32, found i64"
            );
        }
    }

    export_contract {
        use curta::{Global, Memory, TypedFunc};

        #[test]
        fn all_problems_are_in_one_report() {
            let (store, instance) = super::instance(
                r#"(module
                    (memory (export "version") 1)
                    (func (export "run") (param i64)))"#,
            );
            let contract = instance.typed_exports::<(Memory, Global, TypedFunc<i32, ()>), 3>(
                &store,
                ["memory", "version", "run"],
            );
            assert_eq!(
                super::message(contract),
                "3 exports are not what is asked for; there is `version`, `run`:\n  \
                 no export `memory`\n  \
                 the export `version` is (memory 1), not a global\n  \
                 the export `run` cannot be called so: the function is of type (func (param i64)), \
                 not (func (param i32))"
            );
        }
    }

    memory_view {
        /// That a view cannot be kept while the memory grows is a test of the compiler's, in the documentation of
        /// `curta::Memory`.
        #[test]
        #[should_panic(expected = "this Memory belongs to another store")]
        fn a_view_needs_the_store_of_the_memory() {
            let (store, instance) = super::instance(r#"(module (memory (export "memory") 1))"#);
            let memory = instance.get_memory(&store, "memory").unwrap();
            let (other, _) = super::instance("(module)");
            let _ = memory.data(&other);
        }
    }

    memory_copy {
        use curta::{ErrorKind, Ptr, Slice};

        #[test]
        fn what_does_not_fit_names_offset_length_and_size_and_writes_nothing() {
            let (mut store, instance) = super::instance(r#"(module (memory (export "memory") 1))"#);
            let memory = instance.get_memory(&store, "memory").unwrap();
            let error = memory.write(&mut store, 65_533, b"four").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Bounds);
            assert_eq!(
                error.to_string(),
                "cannot write 4 bytes at offset 65533: the memory has 65536 bytes"
            );
            assert_eq!(memory.data(&store)[65_533..], [0, 0, 0]);
            assert_eq!(
                super::message(memory.read(&store, usize::MAX, &mut [0; 2])),
                format!("cannot read 2 bytes at offset {}: the memory has 65536 bytes", usize::MAX)
            );
        }

        #[test]
        fn typed_access_is_checked_before_anything_is_allocated_or_written() {
            let (mut store, instance) = super::instance(r#"(module (memory (export "memory") 1))"#);
            let memory = instance.get_memory(&store, "memory").unwrap();
            let huge = Slice::new(Ptr::<u64>::new(8), u32::MAX);
            assert_eq!(
                super::message(huge.read(&store, memory)),
                "cannot read 34359738360 bytes at offset 8: the memory has 65536 bytes"
            );
            let last = Ptr::<u32>::new(65_534);
            assert_eq!(
                super::message(last.write(&mut store, memory, u32::MAX)),
                "cannot write 4 bytes at offset 65534: the memory has 65536 bytes"
            );
            assert_eq!(memory.data(&store)[65_534..], [0, 0]);
            let pair = Slice::new(Ptr::<i16>::new(0), 2);
            assert_eq!(
                super::message(pair.write(&mut store, memory, &[1])),
                "a slice of 2 values cannot be written with 1"
            );
            pair.write(&mut store, memory, &[-1, 2]).unwrap();
            assert_eq!(pair.read(&store, memory).unwrap(), [-1, 2]);
        }
    }

    shared_objects {
        use curta::{Global, GlobalType, Memory, MemoryType, RefType, Table, TableType, Val, ValType};

        #[test]
        fn limits_that_do_not_fit_the_import_are_named_on_both_sides() {
            let (mut store, mut linker, module) = super::setup(
                (),
                r#"(module
                    (import "env" "memory" (memory 2 4))
                    (import "env" "table" (table 1 4 funcref))
                    (import "env" "counter" (global (mut i32))))"#,
            );
            let memory = Memory::new(&mut store, MemoryType::new(1, Some(4))).unwrap();
            let ty = TableType::new(RefType::FUNCREF, 1, None);
            let table = Table::new(&mut store, ty, Val::FuncRef(None)).unwrap();
            let ty = GlobalType::new(ValType::I32, false);
            let counter = Global::new(&mut store, ty, Val::I32(0)).unwrap();
            linker.define("env", "memory", memory).unwrap();
            linker.define("env", "table", table).unwrap();
            linker.define("env", "counter", counter).unwrap();
            assert_eq!(
                super::message(linker.instantiate(&mut store, &module)),
                "3 imports cannot be linked:\n  \
                 incompatible import type: `env` `memory`: expected (memory 2 4), found (memory 1 4); \
                 it must have at least 2 pages\n  \
                 incompatible import type: `env` `table`: expected (table 1 4 funcref), \
                 found (table 1 funcref); its maximum must be at most 4 elements\n  \
                 incompatible import type: `env` `counter`: expected (global (mut i32)), \
                 found (global i32); it must be mutable"
            );
            memory.grow(&mut store, 1).unwrap();
            assert!(!super::message(linker.instantiate(&mut store, &module)).contains("`memory`"));
        }

        #[test]
        fn values_are_checked() {
            let (mut store, _) = super::instance("(module)");
            let ty = GlobalType::new(ValType::I32, false);
            assert_eq!(
                super::message(Global::new(&mut store, ty, Val::F32(0))),
                "the value of (global i32): expected i32, found f32"
            );
            let global = Global::new(&mut store, ty, Val::I32(1)).unwrap();
            assert_eq!(
                super::message(global.set(&mut store, Val::I32(2))),
                "(global i32) is immutable"
            );
            let ty = TableType::new(RefType::FUNCREF, 1, None);
            let table = Table::new(&mut store, ty, Val::FuncRef(None)).unwrap();
            assert_eq!(
                super::message(table.set(&mut store, 1, Val::FuncRef(None))),
                "cannot set element 1: the table has 1 elements"
            );
        }
    }

    grow {
        use curta::{Memory, MemoryType};

        #[test]
        fn refused_growth_says_why_and_changes_nothing() {
            let (mut store, _) = super::instance("(module)");
            let memory = Memory::new(&mut store, MemoryType::new(1, Some(3))).unwrap();
            memory.write(&mut store, 0, b"kept").unwrap();
            assert_eq!(
                super::message(memory.grow(&mut store, 3)),
                "cannot grow the memory (memory 1 3) of 1 pages by 3 more: its maximum is 3 pages"
            );
            assert_eq!(memory.size(&store), 1);
            assert_eq!(&memory.data(&store)[..4], b"kept");
        }
    }

    limits {
        use curta::{Instance, Memory, MemoryType, StoreLimitsBuilder};

        #[test]
        fn what_is_refused_says_which_limit_and_how_much_was_asked() {
            let limits = StoreLimitsBuilder::new().memory_size(100_000).instances(1).build();
            let (mut store, _, module) = super::setup(limits, "(module (memory 1))");
            store.limiter(|limits| limits);
            Instance::new(&mut store, &module, &[]).unwrap();
            assert_eq!(
                super::message(Instance::new(&mut store, &module, &[])),
                "the store's limiter allows 1 instances, the store has 1 and 1 more are asked for"
            );
            assert_eq!(
                super::message(Memory::new(&mut store, MemoryType::new(2, None))),
                "cannot allocate the memory (memory 2): \
                 the store's limiter allows 100000 bytes, 131072 are asked for"
            );
        }

        #[test]
        fn a_guest_that_runs_out_of_stack_traps() {
            let (mut store, instance) =
                super::instance(r#"(module (func $deep (export "deep") (call $deep)))"#);
            let deep = instance.get_typed_func::<(), ()>(&store, "deep").unwrap();
            assert_eq!(super::message(deep.call(&mut store, ())), "call stack exhausted");
        }
    }

    host_error {}

    modules {}

    references {}

    wasi_command {
        use curta_wasi::{Exit, WasiCtx};

        #[test]
        fn a_reactor_is_no_command() {
            let (mut store, instance) = super::instance(r#"(module (func (export "_initialize")))"#);
            assert_eq!(
                super::message(curta_wasi::start(&mut store, &instance)),
                "the module is a reactor (it exports `_initialize` and no `_start`): initialize it \
                 and call its functions instead of running it"
            );
        }

        #[test]
        fn the_code_of_an_exit_is_a_value() {
            let (mut store, mut linker, module) = super::setup(
                WasiCtx::builder().build().unwrap(),
                r#"(module
                    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                    (memory (export "memory") 1)
                    (func (export "_start") (call $exit (i32.const 7))))"#,
            );
            curta_wasi::add_to_linker(&mut linker, |wasi| wasi).unwrap();
            let instance = linker.instantiate(&mut store, &module).unwrap();
            assert_eq!(curta_wasi::start(&mut store, &instance).unwrap(), 7);
            let start = instance.get_typed_func::<(), ()>(&store, "_start").unwrap();
            let error = start.call(&mut store, ()).unwrap_err();
            assert!(error.downcast_ref::<Exit>().is_some());
        }

        #[test]
        fn a_directory_that_cannot_be_opened_is_an_error() {
            let mut builder = WasiCtx::builder();
            assert!(builder.preopened_dir("/no/such/directory", "/sandbox").is_err());
        }
    }

    wasi_files {}

    wasi_reactor {
        #[test]
        fn a_command_is_no_reactor() {
            let (mut store, instance) = super::instance(r#"(module (func (export "_start")))"#);
            assert_eq!(
                super::message(curta_wasi::initialize(&mut store, &instance)),
                "the module is a command (it exports `_start`): run it instead of initializing it"
            );
        }
    }

    threads {
        use curta::{Engine, Error, Instance, Linker, Module, ModuleBuilder, Store, TypedFunc};

        #[test]
        fn what_can_be_shared_and_sent_is_known_to_the_compiler() {
            fn shared<T: Send + Sync>() {}
            fn sent<T: Send>() {}
            shared::<Engine>();
            shared::<Module>();
            shared::<Linker<std::cell::Cell<u8>>>();
            shared::<Error>();
            shared::<Instance>();
            shared::<TypedFunc<i32, i32>>();
            // Data that cannot be shared can be sent, and so can its store.
            sent::<Store<std::cell::Cell<u8>>>();
            sent::<ModuleBuilder>();
        }
    }
}
