//! Hazards 24–31: the last byte, one beyond, and addresses that wrap.

use super::{
    engines::{alone, call, engines, modes, on_a_small_stack, run, trap},
    measure::{assert_linear_time, peak},
};
use curta::{CompilationMode, Dispatch, ErrorKind, Instance, Module, Store, Trap};

/// Each load and store: its name, the type of its value, and the bytes it reaches.
const ACCESSES: [(&str, &str, u64); 23] = [
    ("i32.load", "i32", 4),
    ("i64.load", "i64", 8),
    ("f32.load", "f32", 4),
    ("f64.load", "f64", 8),
    ("i32.load8_s", "i32", 1),
    ("i32.load8_u", "i32", 1),
    ("i32.load16_s", "i32", 2),
    ("i32.load16_u", "i32", 2),
    ("i64.load8_s", "i64", 1),
    ("i64.load8_u", "i64", 1),
    ("i64.load16_s", "i64", 2),
    ("i64.load16_u", "i64", 2),
    ("i64.load32_s", "i64", 4),
    ("i64.load32_u", "i64", 4),
    ("i32.store", "i32", 4),
    ("i64.store", "i64", 8),
    ("f32.store", "f32", 4),
    ("f64.store", "f64", 8),
    ("i32.store8", "i32", 1),
    ("i32.store16", "i32", 2),
    ("i64.store8", "i64", 1),
    ("i64.store16", "i64", 2),
    ("i64.store32", "i64", 4),
];

/// An access as an instruction without a result, at an address given as text.
fn access(name: &str, value: &str, memory: &str, offset: u64, address: &str) -> String {
    if name.contains("store") {
        format!("({name} {memory} offset={offset} {address} ({value}.const 1))")
    } else {
        format!("(drop ({name} {memory} offset={offset} {address}))")
    }
}

/// Accesses of one page at an address and an offset: with the address as a constant, in a local, computed, and after a
/// memory that is not the first.
fn accesses_at(address_type: &str, address: u64, offset: u64) -> (String, Vec<(String, bool)>) {
    let mut functions = String::new();
    let mut expected = Vec::new();
    let literal = if address_type == "i32" {
        format!("{}", address as u32)
    } else {
        format!("{address}")
    };
    let places = [
        ("constant", format!("({address_type}.const {literal})")),
        ("local", "(local.get 0)".to_string()),
        (
            "sum",
            format!("({address_type}.add (local.get 0) ({address_type}.const 0))"),
        ),
        (
            "after",
            format!("({address_type}.xor (local.get 1) (local.get 0))"),
        ),
    ];
    for (name, value, bytes) in ACCESSES {
        let fits = u128::from(address) + u128::from(offset) + u128::from(bytes) <= 65_536;
        for (place, text) in &places {
            for memory in ["$first", "$second"] {
                let access = access(name, value, memory, offset, text);
                let export = format!("{name} {place} {memory}");
                functions += &format!(
                    "(func (export \"{export}\") (param {address_type}) (local {address_type}) {access})\n"
                );
                expected.push((export, fits));
            }
        }
    }
    let width = if address_type == "i32" { "" } else { "i64" };
    (
        format!("(module (memory $first {width} 1) (memory $second {width} 1) {functions})"),
        expected,
    )
}

/// Wherever constant addresses and offsets lie, folded or not, the access is exact: it traps exactly if its last byte is
/// beyond the memory, also where the sum wraps.
fn accesses_are_exact(address_type: &'static str, cases: &[(u64, u64)]) {
    for &(address, offset) in cases {
        let (text, expected) = accesses_at(address_type, address, offset);
        let bytes = wat::parse_str(&text).expect("it is text of a module");
        for engine in engines() {
            let (mut store, instance) = alone(&engine, &bytes);
            for (name, fits) in &expected {
                let result = match address_type {
                    "i32" => call::<u32, ()>(&mut store, instance, name, address as u32),
                    _ => call::<u64, ()>(&mut store, instance, name, address),
                };
                match fits {
                    true => result.unwrap_or_else(|error| {
                        panic!("{name} at {address:#x}+{offset:#x}: {error}")
                    }),
                    false => {
                        let error =
                            result.expect_err(&format!("{name} at {address:#x}+{offset:#x}"));
                        assert_eq!(error.trap(), Some(Trap::MemoryOutOfBounds), "{name}");
                    }
                }
            }
        }
    }
}

/// Constant addresses in a 64-bit memory are folded without wrapping.
#[test]
fn hazard_24_constant_addresses_are_folded_exactly() {
    let max = u64::MAX;
    accesses_are_exact(
        "i64",
        &[
            (max, 0),
            (max, 1),
            (max, max),
            (1, max),
            (8, max - 7),
            (max - 8, 8),
            (0, max),
        ],
    );
}

/// 32-bit addresses and offsets are added without wrapping.
#[test]
fn hazard_25_address_plus_offset_does_not_wrap_in_32_bits() {
    let max = u64::from(u32::MAX);
    let cases = [
        (0, 0),
        (65_528, 0),
        (65_532, 0),
        (65_535, 0),
        (65_536, 0),
        (0, 65_528),
        (0, 65_535),
        (0, 65_536),
    ];
    accesses_are_exact("i32", &cases);
    accesses_are_exact(
        "i32",
        &[
            (max, 0),
            (max, 1),
            (max, max),
            (0, max),
            (1, max),
            (max - 3, 4),
            (1 << 31, 1 << 31),
        ],
    );
}

/// 64-bit addresses and offsets are added without wrapping.
#[test]
fn hazard_25_address_plus_offset_does_not_wrap_in_64_bits() {
    let cases = [
        (0, 0),
        (65_528, 0),
        (65_535, 0),
        (65_536, 0),
        (0, 65_535),
        (1 << 32, 0),
        (0, 1 << 32),
        (1 << 63, 1 << 63),
    ];
    accesses_are_exact("i64", &cases);
    accesses_are_exact(
        "i64",
        &[
            ((1 << 32) | 8, 0),
            (8, 1 << 32),
            (u64::MAX - 65_535, 65_536),
        ],
    );
}

/// The last byte of the largest memory can be reached, and nothing beyond it.
#[test]
fn hazard_26_the_last_byte_of_65_536_pages() {
    let text = r#"(module (memory (export "memory") 65536 65536)
        (func (export "size") (result i32) (memory.size))
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "load8") (param i32) (result i32) (i32.load8_u (local.get 0)))
        (func (export "load16") (param i32) (result i32) (i32.load16_u (local.get 0)))
        (func (export "load8_constant") (param i32) (result i32) (i32.load8_u offset=4294967295 (i32.const 0)))
        (func (export "load64") (param i32) (result i32) (i32.wrap_i64 (i64.load (local.get 0))))
        (func (export "store") (param i32) (result i32) (i32.store (local.get 0) (i32.const 0x1020304)) (i32.const 0))
        (func (export "fill") (param i32) (result i32)
            (memory.fill (local.get 0) (i32.const 9) (i32.sub (i32.const 0) (local.get 0))) (i32.const 0))
        (func (export "fill_nothing") (param i32) (result i32)
            (memory.fill (local.get 0) (i32.const 9) (i32.const 0)) (i32.const 0)))"#;
    for engine in engines() {
        let module = Module::new(&engine, text).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = match Instance::new(&mut store, &module, &[]) {
            Ok(instance) => instance,
            Err(error) => {
                assert_eq!(
                    error.kind(),
                    ErrorKind::Limit,
                    "where 4 GiB cannot be had, that is said: {error:?}"
                );
                continue;
            }
        };
        let mut call = |name: &str, at: u32| call::<u32, u32>(&mut store, instance, name, at);
        assert_eq!(call("grow", 0).unwrap(), 65_536);
        assert_eq!(call("grow", 1).unwrap(), u32::MAX);
        assert_eq!(call("load8", u32::MAX).unwrap(), 0);
        assert_eq!(call("store", u32::MAX - 3).unwrap(), 0);
        assert_eq!(call("load8", u32::MAX).unwrap(), 1);
        assert_eq!(call("load8_constant", 0).unwrap(), 1);
        assert_eq!(call("load16", u32::MAX - 1).unwrap(), 0x102);
        assert_eq!(trap(call("load16", u32::MAX)), Trap::MemoryOutOfBounds);
        assert_eq!(trap(call("load64", u32::MAX - 6)), Trap::MemoryOutOfBounds);
        assert_eq!(call("load64", u32::MAX - 7).unwrap(), 0);
        assert_eq!(trap(call("store", u32::MAX - 2)), Trap::MemoryOutOfBounds);
        assert_eq!(call("fill", u32::MAX - 9).unwrap(), 0);
        assert_eq!(call("load8", u32::MAX).unwrap(), 9);
        assert_eq!(call("fill_nothing", u32::MAX).unwrap(), 0);
        assert_eq!(
            super::engines::call::<(), u32>(&mut store, instance, "size", ()).unwrap(),
            65_536
        );
        let memory = instance.get_memory(&store, "memory").unwrap();
        assert_eq!(
            (memory.size(&store), memory.data_size(&store) as u64),
            (65_536, 1 << 32)
        );
    }
}

/// A memory of no page has no byte; what needs none is fine with it, and it can grow.
#[test]
fn hazard_27_a_memory_of_no_page() {
    let text = r#"(module (memory 0) (memory $none 0 0) (data $empty "")
        (func (export "load") (param i32) (drop (i32.load8_u (local.get 0))))
        (func (export "store") (param i32) (i64.store8 (local.get 0) (i64.const 1)))
        (func (export "load_none") (param i32) (drop (i32.load8_u $none (local.get 0))))
        (func (export "fill") (param i32) (memory.fill (local.get 0) (i32.const 1) (i32.const 0)))
        (func (export "copy") (param i32) (memory.copy (local.get 0) (i32.const 0) (i32.const 0)))
        (func (export "init") (param i32) (memory.init $empty (local.get 0) (i32.const 0) (i32.const 0)))
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "grow_none") (param i32) (result i32) (memory.grow $none (local.get 0))))"#;
    for engine in engines() {
        let (mut store, instance) = alone(&engine, text);
        let store = &mut store;
        for name in ["load", "store", "load_none"] {
            for address in [0, 1, 65_536, u32::MAX] {
                assert_eq!(
                    trap(call::<u32, ()>(store, instance, name, address)),
                    Trap::MemoryOutOfBounds
                );
            }
        }
        for name in ["fill", "copy", "init"] {
            call::<u32, ()>(store, instance, name, 0).unwrap();
            assert_eq!(
                trap(call::<u32, ()>(store, instance, name, 1)),
                Trap::MemoryOutOfBounds
            );
        }
        assert_eq!(
            call::<u32, u32>(store, instance, "grow_none", 0).unwrap(),
            0
        );
        assert_eq!(
            call::<u32, i32>(store, instance, "grow_none", 1).unwrap(),
            -1
        );
        assert_eq!(call::<u32, u32>(store, instance, "grow", 0).unwrap(), 0);
        assert_eq!(call::<u32, u32>(store, instance, "grow", 1).unwrap(), 0);
        call::<u32, ()>(store, instance, "store", 65_535).unwrap();
        assert_eq!(
            trap(call::<u32, ()>(store, instance, "load", 65_536)),
            Trap::MemoryOutOfBounds
        );
        assert_eq!(
            trap(call::<u32, ()>(store, instance, "load_none", 0)),
            Trap::MemoryOutOfBounds
        );
    }
}

/// Growth beyond the maximum, beyond the address space, and beyond what the host gives is -1 and changes nothing.
#[test]
fn hazard_28_growth_that_fails_says_so() {
    let text = r#"(module
        (memory (export "small") 1 3) (memory $open (export "open") 1) (memory $wide (export "wide") i64 1)
        (func (export "grow small") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "grow open") (param i32) (result i32) (memory.grow $open (local.get 0)))
        (func (export "grow wide") (param i64) (result i64) (memory.grow $wide (local.get 0))))"#;
    for engine in engines() {
        let (mut store, instance) = alone(&engine, text);
        let store = &mut store;
        for pages in [
            3,
            4,
            65_535,
            65_536,
            0x7fff_ffff,
            0x8000_0000,
            u32::MAX - 1,
            u32::MAX,
        ] {
            assert_eq!(
                call::<u32, i32>(store, instance, "grow small", pages).unwrap(),
                -1,
                "{pages} pages"
            );
        }
        for pages in [65_536, 65_537, u32::MAX - 1, u32::MAX] {
            assert_eq!(
                call::<u32, i32>(store, instance, "grow open", pages).unwrap(),
                -1,
                "{pages} pages"
            );
        }
        for pages in [1 << 30, 1 << 48, 1 << 63, u64::MAX - 1, u64::MAX] {
            assert_eq!(
                call::<u64, i64>(store, instance, "grow wide", pages).unwrap(),
                -1,
                "{pages} pages"
            );
        }
        for name in ["small", "open", "wide"] {
            let memory = instance.get_memory(&*store, name).unwrap();
            assert_eq!(memory.size(&*store), 1, "{name}");
            let error = memory.grow(&mut *store, u64::MAX).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Limit);
        }
        assert_eq!(
            call::<u32, i32>(store, instance, "grow small", 2).unwrap(),
            1
        );
        assert_eq!(
            call::<u32, i32>(store, instance, "grow small", 1).unwrap(),
            -1
        );
        assert_eq!(
            call::<u64, i64>(store, instance, "grow wide", 1).unwrap(),
            1
        );
    }
}

/// Growth that fails leaves nothing anywhere, however often.
#[test]
fn hazard_29_failed_growth_in_a_loop() {
    let text = r#"(module (memory (export "memory") 1 1) (memory $wide i64 1) (table $table 1 1 funcref)
        (func (export "run") (param $n i32) (result i32) (local $failed i32)
            (loop $again
                (local.set $failed (i32.sub (local.get $failed) (memory.grow (i32.const 1))))
                (local.set $failed (i32.sub (local.get $failed) (memory.grow (i32.const -1))))
                (local.set $failed (i32.sub (local.get $failed) (i32.wrap_i64 (memory.grow $wide (i64.const -1)))))
                (local.set $failed (i32.sub (local.get $failed) (table.grow $table (ref.null func) (i32.const 1))))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $failed)))"#;
    on_a_small_stack(move || {
        for engine in engines() {
            let (mut store, instance) = alone(&engine, text);
            let turns = if cfg!(debug_assertions) {
                10_000
            } else {
                200_000
            };
            let memory = peak(|| {
                let failed = call::<u32, u32>(&mut store, instance, "run", turns).unwrap();
                assert_eq!(failed, turns * 4);
            });
            assert!(memory < 1 << 16, "held {memory} bytes");
        }
    });
}

/// Growth by one page, again and again, costs the same each time; the contents stay.
#[test]
fn hazard_30_one_page_growth_is_linear() {
    let text = |address: &str| {
        format!(
            r#"(module (memory {address} 1) (func (export "run") (param $n {address}) (result {address})
                (i64.store ({address}.const 0) (i64.const 77))
                (loop $again
                    (i64.store (i32.wrapped (memory.grow ({address}.const 1))) (i64.const 1))
                    (br_if $again (i32.wrap (local.tee $n ({address}.sub (local.get $n) ({address}.const 1))))))
                (if (i64.ne (i64.load ({address}.const 0)) (i64.const 77)) (then unreachable))
                (memory.size)))"#
        )
    };
    let plain = text("i32").replace(
        "(i32.wrapped (memory.grow (i32.const 1)))",
        "(i32.mul (memory.grow (i32.const 1)) (i32.const 65536))",
    );
    let plain = plain.replace(
        "(i32.wrap (local.tee $n (i32.sub (local.get $n) (i32.const 1))))",
        "(local.tee $n (i32.sub (local.get $n) (i32.const 1)))",
    );
    let wide = text("i64").replace(
        "(i32.wrapped (memory.grow (i64.const 1)))",
        "(i64.mul (memory.grow (i64.const 1)) (i64.const 65536))",
    );
    let wide = wide.replace("(i32.wrap ", "(i32.wrap_i64 ");
    let engine = super::engines::engine(CompilationMode::Eager, Dispatch::Auto, |_| ());
    for (text, is_wide) in [(plain, false), (wide, true)] {
        let module = Module::new(&engine, &text).unwrap();
        assert_linear_time(300, 3_000, |large| {
            let pages: u32 = if large { 3_000 } else { 300 };
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).unwrap();
            let size = match is_wide {
                true => call::<u64, u64>(&mut store, instance, "run", pages.into()).unwrap(),
                false => call::<u32, u32>(&mut store, instance, "run", pages)
                    .unwrap()
                    .into(),
            };
            assert_eq!(size, u64::from(pages) + 1);
        });
    }
}

/// Memories that no machine has are refused when they are made, by name of the reason, and nothing is aborted.
#[test]
fn hazard_31_memories_larger_than_the_address_space() {
    for engine in modes() {
        for pages in [1u64 << 33, 1 << 40, (1 << 48) - 1, 1 << 48] {
            let error = run(&engine, format!("(module (memory i64 {pages}))")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Limit, "{pages} pages: {error:?}");
            run(&engine, format!("(module (memory i64 0 {pages}))"))
                .expect("it may ask for little");
        }
        let error = run(&engine, "(module (memory i64 281474976710657))").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Module);
        let error = run(&engine, "(module (memory 65537))").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Module);
        // One hundred at once: refused or given, but not touched.
        let many = "(memory 65536)".repeat(100);
        if let Err(error) = run(&engine, format!("(module {many})")) {
            assert_eq!(error.kind(), ErrorKind::Limit, "{error:?}");
        }
    }
}
