//! Memory is in proportion to the file, whatever the file announces.
//!
//! Without a harness, because each case is measured in a process of its own, on its first thread:
//! what counts is the address space that the process has asked for at its peak.

#[cfg(target_os = "linux")]
#[path = "module/binary.rs"]
mod binary;

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() {
    on_linux::main();
}

#[cfg(target_os = "linux")]
mod on_linux {
    use std::env;
    use std::fs;
    use std::process::Command;

    use curta_module::{Features, Limits, Module, TypeRegistry};

    use crate::binary::{
        CODE, DATA, DATA_COUNT, ELEMENT, EXPORT, FUNCTION, GLOBAL, HEADER, IMPORT, MEMORY, TABLE,
        TAG, TYPE, counted, custom, join, leb, module, repeat, section, sized,
    };

    /// What a file may buy, however small it is.
    const SLACK: u64 = 2 << 20;

    /// What it may buy for each of its bytes.
    const FACTOR: u64 = 96;

    /// The variable that tells a process which case it is to measure.
    const CASE: &str = "CURTA_PROPORTION_CASE";

    pub(crate) fn main() {
        if let Ok(case) = env::var(CASE) {
            match WORST_CASES.get(case.parse::<usize>().expect("a number")) {
                Some((what, bytes)) => measure(what, &[bytes()]),
                None => measure("announcements", &announcing()),
            }
            return;
        }
        let this = env::current_exe().expect("it runs");
        for case in 0..=WORST_CASES.len() {
            let measured = Command::new(&this).env(CASE, case.to_string()).status();
            assert!(measured.expect("it starts").success(), "case {case}");
        }
    }

    /// Decodes files and checks how much more address space they needed than the process had.
    fn measure(what: &str, files: &[Vec<u8>]) {
        let before = peak();
        for bytes in files {
            for features in [Features::WASM2, Features::KNOWN] {
                let registry = TypeRegistry::new();
                let decoded = Module::decode(&bytes[..], &features, &Limits::default(), &registry);
                if files.len() == 1 && features == Features::KNOWN {
                    assert!(decoded.is_ok(), "{what}: {}", decoded.unwrap_err());
                }
                let bought = peak() - before;
                let size = bytes.len() as u64;
                if size > 100_000 {
                    println!(
                        "{what}: {size} bytes bought {bought}, {} times as much",
                        bought / size
                    );
                }
                assert!(
                    bought <= SLACK + FACTOR * size,
                    "{what}: {size} bytes bought {bought}"
                );
            }
        }
    }

    /// The most address space that the process ever had, in bytes.
    fn peak() -> u64 {
        let status = fs::read_to_string("/proc/self/status").expect("Linux has it");
        let line = status
            .lines()
            .find(|line| line.starts_with("VmPeak:"))
            .expect("it is there");
        let kilobytes = line
            .split_whitespace()
            .nth(1)
            .expect("a number")
            .parse::<u64>();
        kilobytes.expect("a number") << 10
    }

    /// Small files that announce as much as the limits allow, and more.
    fn announcing() -> Vec<Vec<u8>> {
        let mut files = Vec::new();
        for count in [99, 99_999, 1_000_000, 10_000_000, u32::MAX.into()] {
            for id in [
                TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT, ELEMENT, CODE, DATA,
            ] {
                files.push(module(&[counted(id, count, &[0x60, 0, 0, 0, 0])]));
            }
            let count = leb(count);
            files.push(module(&[section(DATA_COUNT, &count)]));
            for item in [
                join(&[&[0x60], &count, &[0x7f]]),
                join(&[&[0x60, 0], &count, &[0x7f]]),
                join(&[&[0x4e], &count, &[0x60, 0, 0]]),
                join(&[&[0x5f], &count, &[0x7f]]),
            ] {
                files.push(module(&[counted(TYPE, 1, &item)]));
            }
            for item in [
                join(&[&[1, 0], &count, &[0]]),
                join(&[&[5, 0x70], &count, &[0xd0]]),
            ] {
                files.push(module(&[counted(ELEMENT, 1, &item)]));
            }
            files.push(module(&[custom(
                b"name",
                &section(1, &join(&[&count, &[0, 1, b'x']])),
            )]));
            files.push(module(&[custom(
                b"name",
                &section(2, &join(&[&count, &[0], &count])),
            )]));
        }
        files
    }

    /// So many functions of one type with empty bodies.
    fn functions(count: usize) -> Vec<u8> {
        module(&[
            counted(TYPE, 1, &[0x60, 0, 0]),
            counted(FUNCTION, count as u64, &vec![0; count]),
            counted(CODE, count as u64, &repeat(&sized(&[0, 0x0b]), count)),
        ])
    }

    /// The same with an empty name for each.
    fn named(count: u64) -> Vec<u8> {
        let names: Vec<u8> = (0..count)
            .flat_map(|index| join(&[&leb(index), &[0]]))
            .collect();
        let mut bytes = functions(count as usize);
        bytes.extend(custom(b"name", &section(1, &join(&[&leb(count), &names]))));
        bytes
    }

    /// Function types of nine parameters that all differ.
    fn distinct_types(count: u32) -> Vec<u8> {
        let types: Vec<u8> = (0..count)
            .flat_map(|number| [0x60, 9].into_iter().chain(digits(number, 9)).chain([0]))
            .collect();
        module(&[counted(TYPE, count.into(), &types)])
    }

    /// The four numeric types, by the digits of a number.
    fn digits(number: u32, count: u32) -> impl Iterator<Item = u8> {
        (0..count).map(move |digit| [0x7f, 0x7e, 0x7d, 0x7c][(number >> (2 * digit)) as usize & 3])
    }

    /// Function types in chains, as long as chains may be, each type extending the one before it.
    fn chains(count: u32) -> Vec<u8> {
        const LONGEST: u32 = 63;
        let types: Vec<u8> = (0..count)
            .flat_map(|number| match number % (LONGEST + 1) {
                0 => [0x50, 0, 0x60, 9]
                    .into_iter()
                    .chain(digits(number, 9))
                    .chain([0])
                    .collect(),
                _ => {
                    let params: Vec<u8> =
                        digits(number / (LONGEST + 1) * (LONGEST + 1), 9).collect();
                    join(&[
                        &[0x50, 1],
                        &leb(u64::from(number) - 1),
                        &[0x60, 9],
                        &params,
                        &[0],
                    ])
                }
            })
            .collect();
        module(&[counted(TYPE, count.into(), &types)])
    }

    /// Structure types that all differ and all extend the last one of the longest chain.
    fn siblings(count: u32) -> Vec<u8> {
        const LONGEST: u32 = 62;
        let types: Vec<u8> = (0..count)
            .flat_map(|number| match number {
                0 => vec![0x50, 0, 0x5f, 0],
                1..=LONGEST => join(&[&[0x50, 1], &leb(u64::from(number) - 1), &[0x5f, 0]]),
                _ => {
                    let fields: Vec<u8> = digits(number, 9).flat_map(|value| [value, 0]).collect();
                    join(&[&[0x50, 1], &leb(LONGEST.into()), &[0x5f, 9], &fields])
                }
            })
            .collect();
        module(&[counted(TYPE, count.into(), &types)])
    }

    /// Groups of two types that refer to each other.
    fn pairs(count: u32) -> Vec<u8> {
        let types: Vec<u8> = (0..count)
            .flat_map(|number| {
                // Signed numbers of three bytes.
                let index = |index: u32| {
                    [
                        index as u8 | 0x80,
                        (index >> 7) as u8 | 0x80,
                        (index >> 14) as u8 & 0x3f,
                    ]
                };
                let (first, second) = (index(number * 2), index(number * 2 + 1));
                let params: Vec<u8> = digits(number, 9).collect();
                join(&[
                    &[0x4e, 2, 0x60, 1, 0x63],
                    &second,
                    &[0, 0x60, 10, 0x63],
                    &first,
                    &params,
                    &[0],
                ])
            })
            .collect();
        module(&[counted(TYPE, count.into(), &types)])
    }

    /// Exports of one global, each with a name of four bytes.
    fn exports(count: u32) -> Vec<u8> {
        let name = |number: u32| [0, 7, 14, 21].map(|shift| (number >> shift) as u8 & 0x7f);
        let exports: Vec<u8> = (0..count)
            .flat_map(|number| join(&[&sized(&name(number)), &[3, 0]]))
            .collect();
        let global = counted(GLOBAL, 1, &[0x7f, 0, 0x41, 0, 0x0b]);
        module(&[global, counted(EXPORT, count.into(), &exports)])
    }

    fn expressions(count: usize) -> Vec<u8> {
        let items = repeat(&[0xd0, 0x70, 0x0b], count);
        module(&[counted(
            ELEMENT,
            1,
            &join(&[&[5, 0x70], &leb(count as u64), &items]),
        )])
    }

    fn items(id: u8, item: &[u8], count: usize) -> Vec<u8> {
        module(&[counted(id, count as u64, &repeat(item, count))])
    }

    /// Writes a file.
    type Write = fn() -> Vec<u8>;

    /// Files of about a megabyte that hold as many items as they can.
    const WORST_CASES: &[(&str, Write)] = &[
        ("types", || items(TYPE, &[0x60, 0, 0], 350_000)),
        ("distinct types", || distinct_types(100_000)),
        ("chains of types", || chains(60_000)),
        ("siblings", || siblings(50_000)),
        ("pairs of types", || pairs(40_000)),
        ("groups of no type", || items(TYPE, &[0x4e, 0], 500_000)),
        ("tags", || {
            let ty = counted(TYPE, 1, &[0x60, 0, 0]);
            module(&[ty, counted(TAG, 300_000, &repeat(&[0, 0], 300_000))])
        }),
        ("imports", || items(IMPORT, &[0, 0, 3, 0x7f, 0], 200_000)),
        ("functions", || functions(250_000)),
        ("names", || named(250_000)),
        ("tables", || items(TABLE, &[0x70, 0, 0], 100_000)),
        ("globals", || {
            items(GLOBAL, &[0x7f, 0, 0x41, 0, 0x0b], 200_000)
        }),
        ("exports", || exports(130_000)),
        ("element segments", || items(ELEMENT, &[1, 0, 0], 100_000)),
        ("element expressions", || expressions(300_000)),
        ("data segments", || items(DATA, &[1, 0], 100_000)),
        ("custom sections", || {
            [HEADER.to_vec(), repeat(&section(0, &[0]), 100_000)].concat()
        }),
    ];
}
