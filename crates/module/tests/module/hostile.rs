//! Files that were made to hurt: cut, flipped, announcing what is not there, deep, wide. None may
//! panic, and none may take longer than in proportion to its size.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::binary::{
    CODE, DATA, ELEMENT, EXPORT, FUNCTION, GLOBAL, HEADER, IMPORT, MEMORY, TABLE, TYPE, counted,
    function, join, leb, module, repeat, section, sized,
};
use curta_module::{
    Features, Limit, Limits, Module, ModuleError, ModuleErrorKind, TypeRegistry, validate,
};

const SAMPLES: [&str; 3] = [
    "tests/modules/smallest.wat",
    "tests/modules/control.wat",
    "tests/modules/everything.wat",
];

fn samples() -> impl Iterator<Item = Vec<u8>> {
    SAMPLES
        .iter()
        .map(|path| wat::parse_file(path).expect("valid text"))
}

fn check(bytes: &[u8]) -> Result<(), ModuleError> {
    validate(bytes, &Features::WASM2, &Limits::default())
}

/// The time that this thread has run for: its own where the system tells, else the clock's.
fn now() -> Duration {
    let own = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let own = own.and_then(|times| times.split_whitespace().next()?.parse().ok());
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    own.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// Checks a module within a time that only something worse than linear could need, in a build
/// without optimisation.
#[track_caller]
fn check_soon(bytes: &[u8]) -> Result<(), ModuleError> {
    check_soon_with(bytes, Features::WASM2)
}

#[track_caller]
fn check_soon_with(bytes: &[u8], features: Features) -> Result<(), ModuleError> {
    let start = now();
    let result = validate(bytes, &features, &Limits::default());
    let took = now().saturating_sub(start);
    let megabytes = u32::try_from(bytes.len() >> 20).expect("a small file");
    let allowed = Duration::from_secs(10) * (1 + megabytes);
    assert!(took < allowed, "{} bytes took {took:?}", bytes.len());
    result
}

#[test]
fn a_module_cut_anywhere_is_refused() {
    for bytes in samples() {
        check(&bytes).expect("whole, it is valid");
        for length in 0..bytes.len() {
            // Cut between two sections, it may be another module.
            if let Err(error) = check(&bytes[..length]) {
                let place = error.offset().expect("it has a place");
                assert!(place <= length, "cut at {length}: {error}");
            }
        }
    }
}

#[test]
fn a_module_with_any_bit_flipped_is_decoded_or_refused() {
    for bytes in samples() {
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let _ = validate(&flipped, &Features::KNOWN, &Limits::default());
        }
    }
}

#[test]
fn a_module_with_any_byte_replaced_is_decoded_or_refused() {
    for bytes in samples() {
        for at in 8..bytes.len() {
            for byte in [0x00, 0x0b, 0x40, 0x60, 0x7f, 0x80, 0xfb, 0xfc, 0xfd, 0xff] {
                let mut replaced = bytes.clone();
                replaced[at] = byte;
                let _ = validate(&replaced, &Features::WASM2, &Limits::default());
            }
        }
    }
}

#[test]
fn an_announced_count_is_compared_with_the_bytes() {
    for id in [
        TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT, ELEMENT, CODE, DATA,
    ] {
        for count in [1, 1_000, 1_000_000, u32::MAX.into()] {
            let error = check_soon(&module(&[counted(id, count, &[])])).expect_err("refused");
            assert_eq!(
                error.kind(),
                ModuleErrorKind::Malformed,
                "section {id}: {error}"
            );
        }
    }
}

#[test]
fn an_announced_count_within_an_item_is_compared_with_the_bytes() {
    let bomb = leb(u32::MAX.into());
    for item in [
        counted(TYPE, 1, &join(&[&[0x60], &bomb])),
        counted(TYPE, 1, &join(&[&[0x60, 0], &bomb])),
        counted(TYPE, 1, &join(&[&[0x4e], &bomb])),
        counted(IMPORT, 1, &bomb),
        counted(IMPORT, 1, &join(&[&[0], &bomb])),
        counted(EXPORT, 1, &bomb),
        counted(ELEMENT, 1, &join(&[&[1, 0], &bomb])),
        counted(ELEMENT, 1, &join(&[&[5, 0x70], &bomb])),
        counted(DATA, 1, &join(&[&[1], &bomb])),
        section(0, &bomb),
    ] {
        check_soon(&module(&[item])).expect_err("refused");
    }
    // In a body: groups of locals, targets of a branch, types of a selection.
    for body in [
        bomb.clone(),
        join(&[&[0, 0x41, 0, 0x0e], &bomb]),
        join(&[&[0, 0x1c], &bomb]),
        join(&[&[1], &bomb, &[0x7f, 0x0b]]),
    ] {
        check_soon(&function(&body)).expect_err("refused");
    }
}

#[test]
fn a_million_nested_blocks_are_stopped_and_do_not_recurse() {
    let depth = 1_000_000;
    for block in [[0x02, 0x40], [0x03, 0x40]] {
        let body = join(&[&[0], &repeat(&block, depth), &repeat(&[0x0b], depth + 1)]);
        let error = check_soon(&function(&body)).expect_err("too deep");
        let exceeded = error.exceeded().expect("a limit");
        assert_eq!(
            (exceeded.limit, exceeded.asked),
            (Limit::Nesting, Some(100_001))
        );
        let deep = Limits::default().with_nesting(depth);
        validate(&function(&body), &Features::WASM2, &deep).expect("deep enough");
    }
    let body = join(&[
        &[0],
        &repeat(&[0x41, 0, 0x04, 0x40], 90_000),
        &repeat(&[0x0b], 90_001),
    ]);
    check_soon(&function(&body)).expect("valid");
}

#[test]
fn a_million_operands_are_let_pass() {
    let body = join(&[
        &[0],
        &repeat(&[0x41, 0], 1_000_000),
        &repeat(&[0x1a], 1_000_000),
        &[0x0b],
    ]);
    check_soon(&function(&body)).expect("valid");
    // After `unreachable`, operands come from nowhere.
    let body = join(&[&[0, 0x00], &repeat(&[0x6a], 1_000_000), &[0x1a, 0x0b]]);
    check_soon(&function(&body)).expect("valid");
}

/// A type of so many parameters and results, all `i32`.
fn wide(params: u64, results: u64) -> Vec<u8> {
    let values = |count: u64| join(&[&leb(count), &vec![0x7f; count as usize]]);
    join(&[&[0x60], &values(params), &values(results)])
}

/// A module of a function `[] -> []` and one of a wide type, the first with a body.
fn beside_wide(params: u64, results: u64, body: &[u8]) -> Vec<u8> {
    module(&[
        counted(TYPE, 2, &join(&[&[0x60, 0, 0], &wide(params, results)])),
        counted(FUNCTION, 2, &[0, 1]),
        counted(CODE, 2, &join(&[&sized(body), &sized(&[0, 0x00, 0x0b])])),
    ])
}

#[track_caller]
fn stopped_by_its_traffic(bytes: &[u8]) {
    let error = check_soon(bytes).expect_err("it moves too much");
    assert_eq!(
        error.exceeded().map(|e| e.limit),
        Some(Limit::OperandsPerByte),
        "{error}"
    );
}

#[test]
fn calls_of_wide_functions_are_limited_by_the_size_of_the_caller() {
    // From a thousand values to a thousand values, for two bytes.
    let body = join(&[&[0, 0x00], &repeat(&[0x10, 1], 100_000), &[0x00, 0x0b]]);
    stopped_by_its_traffic(&beside_wide(1_000, 1_000, &body));
    // A few of them are fine, and so is any number of narrow ones.
    let body = join(&[&[0, 0x00], &repeat(&[0x10, 1], 400), &[0x00, 0x0b]]);
    check_soon(&beside_wide(1_000, 1_000, &body)).expect("valid");
    let body = join(&[&[0, 0x00], &repeat(&[0x10, 1], 100_000), &[0x00, 0x0b]]);
    check_soon(&beside_wide(10, 10, &body)).expect("valid");
}

#[test]
fn wide_nested_blocks_are_limited_by_the_size_of_their_function() {
    let depth = 50_000;
    let body = join(&[
        &[0, 0x00],
        &repeat(&[0x02, 1], depth),
        &[0x00],
        &repeat(&[0x0b], depth),
        &[0x00, 0x0b],
    ]);
    stopped_by_its_traffic(&beside_wide(1_000, 1_000, &body));
}

#[test]
fn a_branch_table_to_wide_labels_is_limited_by_the_size_of_its_function() {
    // A block of a thousand results, and a table of branches out of it.
    let targets = 100_000;
    let body = join(&[
        &[0, 0x02, 1, 0x00, 0x0e],
        &leb(targets),
        &vec![0; targets as usize],
        &[0, 0x0b, 0x00, 0x0b],
    ]);
    stopped_by_its_traffic(&beside_wide(0, 1_000, &body));
    // To labels without results, there may be as many as there are bytes.
    let body = join(&[
        &[0, 0x00, 0x0e],
        &leb(900_000),
        &vec![0; 900_000],
        &[0, 0x0b],
    ]);
    check_soon(&function(&body)).expect("valid");
}

#[test]
fn many_types_are_interned_in_linear_time() {
    // Types that are long and differ in their last value only, and as many that are equal.
    let distinct: Vec<u8> = (0..20_000u32)
        .flat_map(|number| {
            let digits = (0..10)
                .map(move |digit| [0x7f, 0x7e, 0x7d, 0x7c][(number >> (2 * digit)) as usize & 3]);
            [0x60, 20]
                .into_iter()
                .chain([0x7f; 10])
                .chain(digits)
                .chain([0])
        })
        .collect();
    check_soon(&module(&[counted(TYPE, 20_000, &distinct)])).expect("valid");
    let equal = repeat(&wide(20, 0), 20_000);
    check_soon(&module(&[counted(TYPE, 20_000, &equal)])).expect("valid");
    let registry = TypeRegistry::new();
    let decode = |types: &[u8]| {
        let bytes = module(&[counted(TYPE, 20_000, types)]);
        Module::decode(bytes, &Features::WASM1, &Limits::default(), &registry).expect("valid");
        registry.len()
    };
    assert_eq!(decode(&equal), 1);
    assert_eq!(
        decode(&distinct),
        20_000,
        "the equal one is the first of the distinct"
    );
    assert_eq!(decode(&distinct), 20_000);
}

#[test]
fn many_items_of_every_sort_take_linear_time() {
    let many = 50_000;
    let count = many as u64;
    let names: Vec<u8> = (0..count)
        .flat_map(|n| join(&[&sized(n.to_string().as_bytes()), &[3, 0]]))
        .collect();
    let globals = repeat(&[0x7f, 0, 0x41, 0, 0x0b], many);
    check_soon(&module(&[
        counted(GLOBAL, count, &globals),
        counted(EXPORT, count, &names),
    ]))
    .expect("valid");
    let imports: Vec<u8> = (0..count)
        .flat_map(|n| join(&[&[1, b'm'], &sized(n.to_string().as_bytes()), &[3, 0x7f, 0]]))
        .collect();
    check_soon(&module(&[counted(IMPORT, count, &imports)])).expect("valid");
    check_soon(&module(&[counted(
        IMPORT,
        count,
        &repeat(&[0, 0, 3, 0x7f, 0], many),
    )]))
    .expect("valid: imports may have equal names");
    check_soon(&module(&[counted(
        ELEMENT,
        count,
        &repeat(&[1, 0, 0], many),
    )]))
    .expect("valid");
    check_soon(&module(&[counted(DATA, count, &repeat(&[1, 0], many))])).expect("valid");
    check_soon(&module(&[counted(
        TABLE,
        count,
        &repeat(&[0x70, 0, 0], many),
    )]))
    .expect("valid");
    check_soon(&[HEADER.to_vec(), repeat(&section(0, &[0]), many)].concat()).expect("valid");
}

#[test]
fn a_long_constant_expression_does_not_recurse() {
    // Without arithmetic in constant expressions, a second operand is already too many; with it,
    // the same bytes are a sum of many. Neither may use the native stack.
    let many = 1_000_000;
    let sum = join(&[
        &[0x7f, 0],
        &repeat(&[0x41, 0], many),
        &repeat(&[0x6a], many - 1),
        &[0x0b],
    ]);
    let bytes = module(&[counted(GLOBAL, 1, &sum)]);
    for features in [Features::WASM2, Features::WASM3] {
        check_soon_with(&bytes, features).expect_err("refused");
    }
    // Blocks are not constant.
    let nested = join(&[
        &[0x7f, 0],
        &repeat(&[0x02, 0x40], many),
        &repeat(&[0x0b], many + 1),
    ]);
    check_soon(&module(&[counted(GLOBAL, 1, &nested)])).expect_err("refused");
}

#[test]
fn a_refusal_of_a_large_module_takes_linear_time() {
    // The reason is looked for by reading again, once for each feature.
    let many = 50_000;
    let types = counted(TYPE, many, &repeat(&[0x60, 0, 0], many as usize));
    let shared = counted(MEMORY, 1, &[3, 1, 1]);
    let error = check_soon(&module(&[types, shared])).expect_err("refused");
    assert_eq!(error.kind(), ModuleErrorKind::FeatureOff, "{error}");
}
