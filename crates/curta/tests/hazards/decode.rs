//! Hazards 1, 2, 15–19: what is announced and not there, what there is too much of, and bytes that are none of a module.

use super::{
    binary::{
        CODE, DATA, DATA_COUNT, ELEMENT, EXPORT, FUNCTION, GLOBAL, HEADER, I32, IMPORT, MEMORY,
        START, TABLE, TAG, TYPE, body, counted, custom, export, func_type, function, join, leb,
        module, numbered, program, section, sized,
    },
    engines::{modes, refusal, run},
    measure::{SMALL_CHANGE, assert_linear, peak},
};
use curta::{CompilationMode, Engine, ErrorKind, Linker, Module, Store};

/// Files that announce more than they have cost next to nothing: nothing is allocated for a count.
#[test]
fn hazard_01_announced_counts_buy_nothing() {
    let engine = Engine::default();
    let counts = [
        1_000,
        99_999,
        1_000_000,
        10_000_000,
        0x7fff_ffff,
        u32::MAX as usize,
    ];
    for count in counts {
        let mut files = Vec::new();
        for id in [
            TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT, ELEMENT, CODE, DATA, DATA_COUNT,
            TAG,
        ] {
            files.push(module(&[counted(id, count, &[])]));
            files.push(module(&[counted(id, count, &[0x60, 0, 0, 0, 0])]));
            files.push(join(&[&HEADER, &[id], &leb(count as u64), &[1]]));
        }
        let count = leb(count as u64);
        files.push(module(&[counted(
            TYPE,
            1,
            &join(&[&[0x60], &count, &[I32]]),
        )]));
        files.push(module(&[counted(
            TYPE,
            1,
            &join(&[&[0x60, 0], &count, &[I32]]),
        )]));
        files.push(module(&[counted(
            TYPE,
            1,
            &join(&[&[0x4e], &count, &[0x60, 0, 0]]),
        )]));
        files.push(module(&[counted(
            ELEMENT,
            1,
            &join(&[&[1, 0], &count, &[0]]),
        )]));
        files.push(module(&[
            custom(b"x", &[]),
            counted(IMPORT, 1, &join(&[&count, b"x"])),
        ]));
        files.push(program(&[], &[], &join(&[&count, &[1, I32, 0x0b]])));
        for file in files {
            let memory = peak(|| {
                // An empty section of names or a size of zero may be right.
                let _ = Module::new(&engine, &file);
            });
            assert!(memory < SMALL_CHANGE, "{file:x?} held {memory} bytes");
        }
    }
}

/// A `br_table` that announces four thousand million targets is refused for a few bytes.
#[test]
fn hazard_02_br_table_count_buys_nothing() {
    for engine in modes() {
        for count in [1_000, 7_000_000, 0x7fff_ffff, u32::MAX.into()] {
            let bytes = body(&[], &join(&[&[0x41, 0, 0x0e], &leb(count), &[0, 0]]));
            let memory = peak(|| {
                run(&engine, &bytes).expect_err("there are not so many targets");
            });
            assert!(memory < SMALL_CHANGE, "{count} targets held {memory} bytes");
        }
    }
}

/// Modules of very many small things are decoded and instantiated in linear time.
#[test]
fn hazard_15_many_exports_globals_and_segments_are_linear() {
    let named =
        |number: usize, kind: u8| join(&[&sized(format!("{number}").as_bytes()), &[kind, 0]]);
    assert_linear(
        100_000,
        |n| {
            module(&[
                counted(TYPE, 1, &func_type(&[], &[])),
                counted(FUNCTION, 1, &[0]),
                numbered(EXPORT, n, |number| named(number, 0)),
                counted(CODE, 1, &sized(&function(&[], &[]))),
            ])
        },
        |engine, bytes| run(engine, bytes).unwrap(),
    );
    assert_linear(100_000, numbered_globals, |engine, bytes| {
        run(engine, bytes).unwrap()
    });
    assert_linear(
        50_000,
        |n| {
            module(&[
                counted(TABLE, 1, &[0x70, 0, 1]),
                counted(MEMORY, 1, &[0, 1]),
                counted(ELEMENT, n, &[0, 0x41, 0, 0x0b, 0].repeat(n)),
                counted(DATA, n, &[0, 0x41, 0, 0x0b, 1, 7].repeat(n)),
            ])
        },
        |engine, bytes| run(engine, bytes).unwrap(),
    );
    assert_linear(
        50_000,
        |n| module(&[counted(TABLE, n, &[0x70, 0, 0].repeat(n))]),
        |engine, bytes| run(engine, bytes).unwrap(),
    );
}

/// Globals of which each is the one before it.
fn numbered_globals(count: usize) -> Vec<u8> {
    module(&[numbered(GLOBAL, count, |number| match number {
        0 => vec![I32, 0, 0x41, 7, 0x0b],
        number => join(&[&[I32, 0, 0x23], &leb(number as u64 - 1), &[0x0b]]),
    })])
}

/// Imports that are there are found, and those that are missing are told, in linear time.
#[test]
fn hazard_15_many_imports_are_linear() {
    let imports = |n: usize| {
        module(&[
            counted(TYPE, 1, &func_type(&[], &[])),
            numbered(IMPORT, n, |number| {
                join(&[
                    &sized(b"m"),
                    &sized(format!("f{number}").as_bytes()),
                    &[0, 0],
                ])
            }),
        ])
    };
    assert_linear(20_000, imports, |engine, bytes| {
        let module = Module::new(engine, bytes).unwrap();
        let error = Linker::<()>::new(engine)
            .instantiate(&mut Store::new(engine, ()), &module)
            .unwrap_err();
        let problems = error
            .link_error()
            .expect("imports are missing")
            .problems()
            .len();
        assert_eq!(problems, module.imports().len());
        assert!(error.to_string().len() < 10_000);
    });
    assert_linear(20_000, imports, |engine, bytes| {
        let module = Module::new(engine, bytes).unwrap();
        let mut linker = Linker::<()>::new(engine);
        for number in 0..module.imports().len() {
            // Names that are near, and not the same.
            linker.func_wrap("m", &format!("g{number}"), || ()).unwrap();
        }
        linker
            .instantiate(&mut Store::new(engine, ()), &module)
            .unwrap_err();
    });
    assert_linear(20_000, imports, |engine, bytes| {
        let module = Module::new(engine, bytes).unwrap();
        let mut linker = Linker::<()>::new(engine);
        for number in 0..module.imports().len() {
            linker.func_wrap("m", &format!("f{number}"), || ()).unwrap();
        }
        linker
            .instantiate(&mut Store::new(engine, ()), &module)
            .unwrap();
    });
}

/// Numbers that are too long or have bits beyond their type are malformed; padding within the length is not.
#[test]
fn hazard_16_leb128_is_read_exactly() {
    let constant = |bytes: &[u8]| body(&[], &join(&[&[0x41], bytes, &[0x1a]]));
    let constant64 = |bytes: &[u8]| body(&[], &join(&[&[0x42], bytes, &[0x1a]]));
    for engine in modes() {
        run(&engine, constant(&[0x80, 0x80, 0x80, 0x80, 0x00])).expect("padded to five bytes");
        run(&engine, constant(&[0xff, 0xff, 0xff, 0xff, 0x7f])).expect("-1 in five bytes");
        run(&engine, constant(&[0x80, 0x80, 0x80, 0x80, 0x78])).expect("the least number");
        let padded = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00];
        run(&engine, constant64(&padded)).expect("padded to ten bytes");
        let wrong = [
            constant(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x00]),
            constant(&[0xff, 0xff, 0xff, 0xff, 0x0f]),
            constant(&[0xff, 0xff, 0xff, 0xff, 0x4f]),
            constant(&[0x80, 0x80, 0x80, 0x80, 0x70]),
            constant64(&[&padded[..9], &[0x80, 0x00]].concat()),
            constant64(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
        ];
        for bytes in wrong {
            assert!(refusal(&engine, bytes).contains("malformed"));
        }
    }
    let engine = Engine::default();
    let types = |count: &[u8]| module(&[section(TYPE, &join(&[count, &func_type(&[], &[])]))]);
    run(&engine, types(&[0x81, 0x80, 0x80, 0x80, 0x00])).expect("a padded count");
    for count in [
        &[0x81, 0x80, 0x80, 0x80, 0x80, 0x00][..],
        &[0x81, 0x80, 0x80, 0x80, 0x10],
    ] {
        assert!(refusal(&engine, types(count)).contains("malformed"));
    }
}

/// Sections out of order, twice, too long or too short are refused, and so is a module of another version.
#[test]
fn hazard_16_sections_have_their_order_and_size() {
    let engine = Engine::default();
    let types = counted(TYPE, 1, &func_type(&[], &[]));
    let functions = counted(FUNCTION, 1, &[0]);
    let code = counted(CODE, 1, &sized(&[0, 0x0b]));
    let memory = counted(MEMORY, 1, &[0, 1]);
    let whole = [
        types.clone(),
        functions.clone(),
        memory.clone(),
        code.clone(),
    ];
    run(&engine, module(&whole)).expect("this is how it should be");
    let mut anywhere = vec![custom(b"a", b"x")];
    for section in &whole {
        anywhere.extend([section.clone(), custom(b"", b"")]);
    }
    run(&engine, module(&anywhere)).expect("custom sections may be anywhere");
    let wrong = [
        module(&[functions.clone(), types.clone(), code.clone()]),
        module(&[types.clone(), types.clone()]),
        module(&[
            types.clone(),
            functions.clone(),
            code.clone(),
            memory.clone(),
        ]),
        module(&[types.clone(), functions.clone()]),
        module(&[types.clone(), code.clone()]),
        module(&[
            types.clone(),
            functions.clone(),
            counted(CODE, 2, &sized(&[0, 0x0b]).repeat(2)),
        ]),
        module(&[section(TYPE, &join(&[&[1], &func_type(&[], &[]), &[0]]))]),
        module(&[section(TYPE, &[2, 0x60, 0, 0])]),
        module(&[section(20, &[])]),
        module(&[
            counted(TYPE, 1, &func_type(&[], &[])),
            functions,
            counted(CODE, 1, &join(&[&leb(3), &[0, 0x0b, 0x0b]])),
        ]),
        module(&[
            types,
            counted(FUNCTION, 1, &[0]),
            counted(CODE, 1, &join(&[&leb(1), &[0, 0x0b]])),
        ]),
        b"\0asm\x02\0\0\0".to_vec(),
        b"\0asn\x01\0\0\0".to_vec(),
        b"\0asm\x01\0\0".to_vec(),
        module(&[section(0, &[5, b'x'])]),
    ];
    for (number, bytes) in wrong.iter().enumerate() {
        let error = Module::new(&engine, bytes).expect_err("it is malformed");
        assert_eq!(error.kind(), ErrorKind::Module, "{number}: {error:?}");
    }
}

/// Names of exports are unique, and indices and the start function exist and fit.
#[test]
fn hazard_16_duplicates_and_missing_things_are_refused() {
    let engine = Engine::default();
    let with = |sections: &[Vec<u8>], start: &[Vec<u8>]| {
        let types = counted(
            TYPE,
            2,
            &join(&[&func_type(&[], &[]), &func_type(&[I32], &[])]),
        );
        let code = counted(CODE, 2, &sized(&[0, 0x0b]).repeat(2));
        let functions = counted(FUNCTION, 2, &[0, 1]);
        module(&[&[types, functions][..], sections, start, &[code]].concat())
    };
    run(&engine, with(&[], &[section(START, &[0])])).expect("a start function");
    for bytes in [
        with(
            &[counted(
                EXPORT,
                2,
                &[export("a", 0), export("a", 1)].concat(),
            )],
            &[],
        ),
        with(&[counted(EXPORT, 1, &export("a", 2))], &[]),
        with(&[], &[section(START, &[1])]),
        with(&[], &[section(START, &[2])]),
        module(&[
            counted(FUNCTION, 1, &[0]),
            counted(CODE, 1, &sized(&[0, 0x0b])),
        ]),
    ] {
        Module::new(&engine, bytes).expect_err("it is invalid");
    }
}

/// The number of data segments is what was announced, and needed before code may name a segment.
#[test]
fn hazard_17_data_count_is_that_of_the_data_section() {
    let engine = Engine::default();
    let init = function(&[], &[0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 8, 0, 0]);
    let with = |count: Option<usize>, segments: usize, body: &[u8]| {
        let mut sections = vec![
            counted(TYPE, 1, &func_type(&[], &[])),
            counted(FUNCTION, 1, &[0]),
        ];
        sections.extend([
            counted(MEMORY, 1, &[0, 1]),
            counted(EXPORT, 1, &export("run", 0)),
        ]);
        sections.extend(count.map(|count| section(DATA_COUNT, &leb(count as u64))));
        sections.push(counted(CODE, 1, &sized(body)));
        if segments > 0 {
            sections.push(counted(DATA, segments, &[1, 1, 7].repeat(segments)));
        }
        module(&sections)
    };
    let empty = function(&[], &[]);
    for (count, segments) in [(None, 0), (None, 2), (Some(0), 0), (Some(2), 2)] {
        run(&engine, with(count, segments, &empty)).expect("the counts agree");
    }
    for (count, segments) in [(Some(1), 0), (Some(0), 1), (Some(3), 2), (Some(1), 2)] {
        run(&engine, with(count, segments, &empty)).expect_err("the counts differ");
    }
    for engine in modes() {
        run(&engine, with(Some(1), 1, &init)).expect("the segment is announced");
        refusal(&engine, with(None, 1, &init));
        refusal(&engine, with(Some(0), 0, &init));
    }
}

/// Names of imports, exports and custom sections must be UTF-8; what a name section says need not make sense.
#[test]
fn hazard_18_names_are_checked_and_name_sections_are_not() {
    let engine = Engine::default();
    let wrong: [&[u8]; 8] = [
        &[0x80],
        &[0xc3],
        &[0xc0, 0x80],
        &[0xed, 0xa0, 0x80],
        &[0xf4, 0x90, 0x80, 0x80],
        &[0xe2, 0x28, 0xa1],
        &[0xff],
        &[0xfe],
    ];
    let nothing = |name: &[u8], data: &[u8]| module(&[custom(name, data)]);
    for name in wrong {
        let types = counted(TYPE, 1, &func_type(&[], &[]));
        let import = |module: &[u8], field: &[u8]| {
            counted(IMPORT, 1, &join(&[&sized(module), &sized(field), &[0, 0]]))
        };
        Module::new(&engine, module(&[types.clone(), import(name, b"x")])).expect_err("not UTF-8");
        Module::new(&engine, module(&[types.clone(), import(b"x", name)])).expect_err("not UTF-8");
        let export = counted(EXPORT, 1, &join(&[&sized(name), &[2, 0]]));
        Module::new(&engine, module(&[counted(MEMORY, 1, &[0, 1]), export]))
            .expect_err("not UTF-8");
        Module::new(&engine, nothing(name, b"")).expect_err("not UTF-8");
        // Not an error, whatever is in them.
        for data in [
            sized(name),
            join(&[&[0], &sized(&sized(name))]),
            join(&[&[1], &sized(&join(&[&[1, 0], &sized(name)]))]),
        ] {
            Module::new(&engine, nothing(b"name", &data)).expect("ignored");
            Module::new(&engine, nothing(b"producers", &data)).expect("ignored");
        }
    }
    for data in [
        &[][..],
        &[1, 0xff],
        &[1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f],
        &[9, 9, 9],
        &[1, 3, 1, 0x7f, 0],
    ] {
        Module::new(&engine, nothing(b"name", data)).expect("ignored");
    }
    for name in ["", "\0", "ü", "\u{10ffff}", "\u{feff}"] {
        let export = counted(EXPORT, 1, &join(&[&sized(name.as_bytes()), &[2, 0]]));
        let module = Module::new(&engine, module(&[counted(MEMORY, 1, &[0, 1]), export]))
            .expect("any text is a name");
        assert!(module.get_export(name).is_some());
    }
}

/// A module of many kinds of sections and instructions.
const SAMPLE: &str = r#"(module $sample
    (type $pair (func (param i32 i64) (result i64 i32)))
    (import "host" "f" (func $host (param i32) (result i32)))
    (memory (export "memory") 1 2)
    (table $table (export "table") 4 funcref)
    (global $counter (mut i32) (i32.const 0))
    (func $swap (type $pair) (local.get 1) (local.get 0))
    (func $many (param $a i32) (result i32) (local $b i64) (local $c f64)
        (block $out (result i32)
            (loop $again
                (block $on (br_table $again $on $again (i32.rem_u (local.get $a) (i32.const 3)))))
            (if (result i32) (i32.eqz (local.get $a))
                (then (call $host (i32.const 1)))
                (else (select (i32.load offset=4 (local.get $a)) (i32.const 9) (local.get $a))))))
    (func $bulk
        (memory.fill (i32.const 0) (i32.const 1) (i32.const 2))
        (memory.init $text (i32.const 0) (i32.const 0) (i32.const 2))
        (data.drop $text)
        (table.init $table $functions (i32.const 0) (i32.const 0) (i32.const 1))
        (drop (call_indirect $table (type $pair) (i32.const 1) (i64.const 2) (i32.const 0)))
        (drop))
    (func $float (param f32) (result f64) (f64.promote_f32 (f32.sqrt (local.get 0))))
    (export "run" (func $bulk))
    (start $bulk)
    (elem $functions func $swap $many)
    (elem (table $table) (i32.const 2) func $float)
    (data $text "text")
    (data (i32.const 8) "more"))"#;

/// Wherever a module ends too early, it is refused, in every mode and without a panic.
#[test]
fn hazard_19_a_module_cut_anywhere_is_refused() {
    let bytes = wat::parse_str(SAMPLE).expect("it is text of a module");
    let boundaries = boundaries(&bytes);
    for engine in modes() {
        Module::new(&engine, &bytes).expect("the whole is valid");
        for end in 0..bytes.len() {
            let error = Module::new(&engine, &bytes[..end]);
            // Where a section ends there may be a smaller module.
            assert!(error.is_err() || boundaries.contains(&end), "cut at {end}");
        }
    }
}

/// The ends of a module's sections.
fn boundaries(bytes: &[u8]) -> Vec<usize> {
    let mut ends = vec![HEADER.len()];
    let mut at = HEADER.len();
    while at < bytes.len() {
        at += 1;
        let (mut size, mut shift) = (0, 0);
        loop {
            let byte = bytes[at];
            at += 1;
            size |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        at += size;
        ends.push(at);
    }
    ends
}

/// Whichever bit of a module is wrong, it is accepted or refused, the same in every mode, without a panic.
#[test]
fn hazard_19_any_flipped_bit_is_survived() {
    let bytes = wat::parse_str(SAMPLE).expect("it is text of a module");
    let engines: Vec<Engine> = modes().collect();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let valid = Module::validate(&engines[0], &flipped).is_ok();
        for engine in &engines {
            let made = Module::new(engine, &flipped).is_ok();
            match engine.config().get_compilation_mode() {
                CompilationMode::Eager | CompilationMode::LazyTranslation => {
                    assert_eq!(made, valid, "bit {bit}")
                }
                CompilationMode::Lazy => assert!(made || !valid, "bit {bit}"),
            }
        }
    }
}
