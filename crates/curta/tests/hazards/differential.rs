//! Hazards 22, 24, 25, 34, 39 and 53 by chance: programs made by a generator, run on every engine and on a model of a few lines.

use super::engines::{engines, func};
use curta::{Engine, Instance, Linker, Module, Store, Trap};
use std::fmt::Write as _;

/// A generator of numbers that are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len() as u64) as usize]
    }
}

/// Programs for each test.
const PROGRAMS: usize = if cfg!(debug_assertions) { 60 } else { 600 };

/// The memories of a module: how they are declared, their bytes, and whether addresses have 64 bits.
const MEMORIES: [(&str, usize, bool); 4] = [
    ("1 1", 65_536, false),
    ("300 300 (pagesize 1)", 300, false),
    ("i64 1 1", 65_536, true),
    ("i64 7 7 (pagesize 1)", 7, true),
];

/// The loads and stores of integers, by the bytes that they touch and whether a load extends the sign.
const ACCESSES: [(&str, &str, usize, bool); 7] = [
    ("i64.load8_u", "i64.store8", 1, false),
    ("i64.load8_s", "i64.store8", 1, true),
    ("i64.load16_u", "i64.store16", 2, false),
    ("i64.load16_s", "i64.store16", 2, true),
    ("i64.load32_u", "i64.store32", 4, false),
    ("i64.load32_s", "i64.store32", 4, true),
    ("i64.load", "i64.store", 8, false),
];

/// The memories of the model.
type Bytes = [Vec<u8>; MEMORIES.len()];

/// A step of a function: its text, and what it does to the memories and to a sum. `None`: it traps.
type Step = (String, Box<dyn Fn(&mut Bytes, &mut u64) -> Option<()>>);

/// An address in a memory or a bit beyond, as text of one of the forms that the translator knows.
fn address(dice: &mut Dice, memory: usize) -> (u64, String) {
    let (_, size, wide) = MEMORIES[memory];
    let far = if wide { u64::MAX } else { u64::from(u32::MAX) };
    let near_end = size as u64 - dice.roll(16).min(size as u64);
    let number = match dice.roll(40) {
        0 => far - dice.roll(9),
        1..8 => near_end,
        _ => dice.roll(size as u64 / 2),
    };
    let (ty, zero) = if wide {
        ("i64", "(local.get $wide)")
    } else {
        ("i32", "(local.get $narrow)")
    };
    let signed = if wide {
        format!("{}", number as i64)
    } else {
        format!("{}", number as i32)
    };
    let text = match dice.roll(4) {
        0 => format!("({ty}.const {signed})"),
        1 => format!("({ty}.add {zero} ({ty}.const {signed}))"),
        2 => format!("({ty}.add ({ty}.const {signed}) ({ty}.shl {zero} ({ty}.const 2)))"),
        _ => format!("({ty}.or {zero} ({ty}.const {signed}))"),
    };
    (number, text)
}

/// A number of bytes for a bulk operation, as text of an address type.
fn length(dice: &mut Dice, wide: bool) -> (u64, String) {
    let number = dice.of(&[0, 1, 3, 8, 100]);
    let ty = if wide { "i64" } else { "i32" };
    (number, format!("({ty}.const {number})"))
}

/// The bytes from an address on, if there are so many.
fn range(bytes: &[u8], at: u64, count: u64) -> Option<std::ops::Range<usize>> {
    let end = at.checked_add(count)?;
    (end <= bytes.len() as u64).then_some(at as usize..end as usize)
}

fn memory_step(dice: &mut Dice) -> Step {
    let memory = dice.of(&[0, 0, 0, 1, 1, 1, 2, 2, 2, 3]);
    let (_, size, wide) = MEMORIES[memory];
    let (at, text) = address(dice, memory);
    match dice.roll(8) {
        0..=5 => {
            let (load, store, width, signed) = dice.of(&ACCESSES);
            let offset = dice.of(&[0, 0, 1, size as u64 / 3]);
            // Without a carry out of the address type: the sum of address and offset is exact.
            let first = at.checked_add(offset);
            let place =
                move |bytes: &Bytes| first.and_then(|at| range(&bytes[memory], at, width as u64));
            if dice.roll(2) == 0 {
                let value = dice.0 ^ dice.0 << 7;
                let text = format!(
                    "({store} {memory} offset={offset} {text} (i64.const {}))",
                    value as i64
                );
                let act = move |bytes: &mut Bytes, _: &mut u64| {
                    let place = place(bytes)?;
                    bytes[memory][place].copy_from_slice(&value.to_le_bytes()[..width]);
                    Some(())
                };
                return (text, Box::new(act));
            }
            let text = add(&format!("({load} {memory} offset={offset} {text})"));
            let act = move |bytes: &mut Bytes, sum: &mut u64| {
                let mut word = [0; 8];
                word[..width].copy_from_slice(&bytes[memory][place(bytes)?]);
                let unused = 64 - 8 * width as u32;
                let mut value = u64::from_le_bytes(word) << unused;
                value = if signed {
                    (value as i64 >> unused) as u64
                } else {
                    value >> unused
                };
                *sum = sum.wrapping_mul(31).wrapping_add(value);
                Some(())
            };
            (text, Box::new(act))
        }
        6 => {
            let (count, count_text) = length(dice, wide);
            let byte = dice.roll(256) as u8;
            let text = format!("(memory.fill {memory} {text} (i32.const {byte}) {count_text})");
            let act = move |bytes: &mut Bytes, _: &mut u64| {
                let place = range(&bytes[memory], at, count)?;
                bytes[memory][place].fill(byte);
                Some(())
            };
            (text, Box::new(act))
        }
        _ => {
            let from = dice.of(&[0, 1, 2, 3]);
            let (source, source_text) = address(dice, from);
            let (count, count_text) = length(dice, wide && MEMORIES[from].2);
            let text = format!("(memory.copy {memory} {from} {text} {source_text} {count_text})");
            let act = move |bytes: &mut Bytes, _: &mut u64| {
                let to = range(&bytes[memory], at, count)?;
                let moved = bytes[from][range(&bytes[from], source, count)?].to_vec();
                bytes[memory][to].copy_from_slice(&moved);
                Some(())
            };
            (text, Box::new(act))
        }
    }
}

/// Adds a value to the sum.
fn add(value: &str) -> String {
    format!("(local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) {value}))")
}

/// Accesses of several memories, of 32 and 64 bits and with pages of one byte, near their ends and beyond, are exact in
/// value, extent and trap.
#[test]
fn hazard_25_and_39_accesses_of_many_memories_are_those_of_a_model() {
    let mut dice = Dice(1_128);
    let programs: Vec<Vec<Step>> = (0..PROGRAMS)
        .map(|_| (0..8).map(|_| memory_step(&mut dice)).collect())
        .collect();
    let mut text = String::from("(module ");
    for (number, (declared, ..)) in MEMORIES.iter().enumerate() {
        write!(text, "(memory (export \"m{number}\") {declared}) ").unwrap();
    }
    for (number, steps) in programs.iter().enumerate() {
        let code: String = steps.iter().map(|(text, _)| text.as_str()).collect();
        write!(
            text,
            "(func (export \"{number}\") (param $narrow i32) (param $wide i64) (result i64) (local $sum i64)
                {code} (local.get $sum))"
        )
        .unwrap();
    }
    let bytes = wat::parse_str(text + ")").unwrap();
    for engine in engines() {
        let module = Module::new(&engine, &bytes).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let mut model = MEMORIES.map(|(_, size, _)| vec![0; size]);
        let mut trapped = 0;
        for (number, steps) in programs.iter().enumerate() {
            let mut sum = 0;
            let ended = steps
                .iter()
                .try_for_each(|(_, act)| act(&mut model, &mut sum));
            let run = func::<(i32, i64), u64>(&store, instance, &number.to_string());
            match run.call(&mut store, (0, 0)) {
                Ok(found) => assert_eq!((Some(()), found), (ended, sum), "{number}"),
                Err(error) => {
                    assert_eq!(error.trap(), Some(Trap::MemoryOutOfBounds), "{number}");
                    assert_eq!(ended, None, "{number}: {:?}", steps[0].0);
                    trapped += 1;
                }
            }
            for (memory, bytes) in model.iter().enumerate() {
                let found = instance.get_memory(&store, &format!("m{memory}")).unwrap();
                assert!(found.data(&store) == bytes, "{number}: memory {memory}");
            }
        }
        assert!(
            (PROGRAMS / 5..PROGRAMS * 4 / 5).contains(&trapped),
            "{trapped} trapped"
        );
    }
}

/// An instruction on pairs of 64-bit words, and what it is.
type Wide = (&'static str, fn(u128, u128) -> u128);

const WIDE: [Wide; 4] = [
    ("i64.add128", u128::wrapping_add),
    ("i64.sub128", u128::wrapping_sub),
    ("i64.mul_wide_u", |a, b| {
        u128::from(a as u64) * u128::from(b as u64)
    }),
    ("i64.mul_wide_s", |a, b| {
        (i128::from(a as i64) * i128::from(b as i64)) as u128
    }),
];

/// Chains of wide arithmetic, with operands in locals, constants and results, are those of 128-bit integers.
#[test]
fn hazard_22_wide_arithmetic_is_that_of_a_model() {
    const LOCALS: u64 = 4;
    let mut dice = Dice(2_256);
    let mut text = String::from("(module ");
    // Each step: which instruction, of which pairs of locals, to which.
    let mut programs = Vec::new();
    for number in 0..PROGRAMS {
        let params = "i64 ".repeat(2 * LOCALS as usize);
        write!(
            text,
            "(func (export \"{number}\") (param {params}) (result i64 i64) "
        )
        .unwrap();
        let mut steps = Vec::new();
        for _ in 0..8 {
            let (op, [a, b, to]) = (dice.of(&WIDE), [(); 3].map(|()| dice.roll(LOCALS)));
            let constant = (dice.roll(4) == 0).then(|| dice.of(&[0, 1, -1, i64::MIN, i64::MAX]));
            let low = constant.map_or(format!("(local.get {})", 2 * b), |number| {
                format!("(i64.const {number})")
            });
            if op.0.contains("128") {
                write!(
                    text,
                    "(local.get {}) (local.get {}) {low} (local.get {}) ",
                    2 * a,
                    2 * a + 1,
                    2 * b + 1
                )
                .unwrap();
            } else {
                write!(text, "(local.get {}) {low} ", 2 * a).unwrap();
            }
            write!(
                text,
                "{} (local.set {}) (local.set {}) ",
                op.0,
                2 * to + 1,
                2 * to
            )
            .unwrap();
            steps.push((op.1, a as usize, b as usize, to as usize, constant));
        }
        text += "(local.get 0) (local.get 1))";
        programs.push(steps);
    }
    let bytes = wat::parse_str(text + ")").unwrap();
    let words = [
        0,
        1,
        u64::MAX,
        1 << 63,
        (1 << 63) - 1,
        0x0123_4567_89ab_cdef,
        3,
        u64::MAX - 1,
    ];
    for engine in engines() {
        let module = Module::new(&engine, &bytes).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        for (number, steps) in programs.iter().enumerate() {
            let words: [u64; 8] = std::array::from_fn(|at| words[(at + number) % words.len()]);
            let mut values: [u128; 4] = std::array::from_fn(|at| {
                u128::from(words[2 * at]) | u128::from(words[2 * at + 1]) << 64
            });
            for (op, a, b, to, constant) in steps {
                let b = match constant {
                    Some(low) => values[*b] >> 64 << 64 | u128::from(*low as u64),
                    None => values[*b],
                };
                values[*to] = op(values[*a], b);
            }
            let [a, b, c, d, e, f, g, h] = words;
            type Words = (u64, u64, u64, u64, u64, u64, u64, u64);
            let run = func::<Words, (u64, u64)>(&store, instance, &number.to_string());
            let found = run.call(&mut store, (a, b, c, d, e, f, g, h)).unwrap();
            assert_eq!(
                found,
                (values[0] as u64, (values[0] >> 64) as u64),
                "{number}"
            );
        }
    }
}

/// What a function of the model does.
enum Act {
    /// Adds a number to the instance's own global, and to a word of its memory.
    Own(i64),
    Call(usize),
    /// Calls in place of what would follow.
    TailCall(usize),
    Throw(usize, i64),
    /// What is tried, and the tag that is caught; no tag: any exception, which is thrown on.
    Try(Vec<Act>, Option<usize>),
}

const INSTANCES: usize = 3;
const TAGS: u64 = 3;
const FUNCTIONS: usize = 30;

fn acts(dice: &mut Dice, function: usize, depth: u32) -> Vec<Act> {
    let count = 1 + dice.roll(4);
    let later = (FUNCTIONS - function - 1) as u64;
    (0..count)
        .map(|_| match dice.roll(10) {
            0..=2 => Act::Own(dice.roll(100) as i64 - 50),
            3..=5 if later > 0 => Act::Call(function + 1 + dice.roll(later.min(4)) as usize),
            6 if depth == 0 && later > 0 => {
                Act::TailCall(function + 1 + dice.roll(later.min(4)) as usize)
            }
            7 if later < 20 => Act::Throw(dice.roll(TAGS) as usize, dice.roll(1_000) as i64),
            _ if depth < 3 => {
                let tag = (dice.roll(4) != 0).then(|| dice.roll(TAGS) as usize);
                Act::Try(acts(dice, function, depth + 1), tag)
            }
            _ => Act::Own(1),
        })
        .collect()
}

fn text_of(acts: &[Act], text: &mut String) {
    for act in acts {
        match act {
            Act::Own(number) => write!(
                text,
                "(global.set $own (i64.add (global.get $own) (i64.const {number})))
                 (i64.store (i32.const 8) (i64.add (i64.load (i32.const 8)) (i64.const {number})))"
            ),
            Act::Call(to) => write!(text, "(call_indirect (type $f) (i32.const {to}))"),
            Act::TailCall(to) => write!(text, "(return_call_indirect (type $f) (i32.const {to}))"),
            Act::Throw(tag, value) => write!(text, "(throw $t{tag} (i64.const {value}))"),
            Act::Try(tried, Some(tag)) => {
                text.push_str("(block $done (block $caught (result i64) (try_table (catch $t");
                write!(text, "{tag} $caught)").unwrap();
                text_of(tried, text);
                write!(text, ") (br $done)) (global.set $own (i64.add (global.get $own))))")
            }
            Act::Try(tried, None) => {
                text.push_str("(block $done (block $caught (result exnref) (try_table (catch_all_ref $caught)");
                text_of(tried, text);
                write!(text, ") (br $done)) (global.set $own (i64.add (global.get $own) (i64.const 7))) (throw_ref))")
            }
        }
        .unwrap();
    }
}

/// What the model's functions leave in each instance's global, and in its memory.
type Owned = [(i64, i64); INSTANCES];

/// Runs acts in the model; an exception ends them.
fn model(
    program: &[Vec<Act>],
    at: usize,
    acts: &[Act],
    owned: &mut Owned,
) -> Result<(), (usize, i64)> {
    let own = at % INSTANCES;
    for act in acts {
        match act {
            Act::Own(number) => {
                owned[own].0 += number;
                owned[own].1 += number;
            }
            Act::Call(to) => model(program, *to, &program[*to], owned)?,
            Act::TailCall(to) => return model(program, *to, &program[*to], owned),
            Act::Throw(tag, value) => return Err((*tag, *value)),
            Act::Try(tried, catch) => match (model(program, at, tried, owned), catch) {
                (Err((tag, value)), Some(caught)) if tag == *caught => owned[own].0 += value,
                (Err(exception), None) => {
                    owned[own].0 += 7;
                    return Err(exception);
                }
                (ended, _) => ended?,
            },
        }
    }
    Ok(())
}

/// The modules of a program: a base with table and tags, and one for each instance.
fn modules(program: &[Vec<Act>]) -> Vec<String> {
    let tags: String = (0..TAGS)
        .map(|tag| format!("(tag (export \"t{tag}\") (param i64))"))
        .collect();
    let mut all = vec![format!(
        "(module (table (export \"table\") {FUNCTIONS} funcref) {tags})"
    )];
    for instance in 0..INSTANCES {
        let imports: String = (0..TAGS)
            .map(|tag| format!("(import \"base\" \"t{tag}\" (tag $t{tag} (param i64)))"))
            .collect();
        let mut text = format!(
            "(module (type $f (func)) {imports} (import \"base\" \"table\" (table {FUNCTIONS} funcref))
                (memory (export \"memory\") 1) (global $own (export \"own\") (mut i64) (i64.const 0))"
        );
        for (number, acts) in program.iter().enumerate() {
            if number % INSTANCES == instance {
                write!(text, "(func $f{number} (export \"{number}\") (type $f) ").unwrap();
                text_of(acts, &mut text);
                write!(text, ") (elem (i32.const {number}) $f{number})").unwrap();
            }
        }
        all.push(text + ")");
    }
    all
}

/// The instances of a program, without the base.
fn instances(engine: &Engine, store: &mut Store<()>, binaries: &[Vec<u8>]) -> Vec<Instance> {
    let mut linker = Linker::new(engine);
    let base = Module::new(engine, &binaries[0]).unwrap();
    let base = Instance::new(&mut *store, &base, &[]).unwrap();
    linker.instance(&mut *store, "base", base).unwrap();
    binaries[1..]
        .iter()
        .map(|bytes| {
            let module = Module::new(engine, bytes).unwrap();
            linker.instantiate(&mut *store, &module).unwrap()
        })
        .collect()
}

/// Exceptions through calls and tail calls between instances end where the model's do, in the instance of the catch.
#[test]
fn hazard_53_exceptions_between_instances_are_those_of_a_model() {
    let mut dice = Dice(3_384);
    let (mut caught, mut uncaught) = (0, 0);
    for _ in 0..PROGRAMS / 10 {
        let program: Vec<Vec<Act>> = (0..FUNCTIONS).map(|at| acts(&mut dice, at, 0)).collect();
        let binaries: Vec<Vec<u8>> = modules(&program)
            .iter()
            .map(|text| wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}")))
            .collect();
        for engine in engines() {
            let mut store = Store::new(&engine, ());
            let instances = instances(&engine, &mut store, &binaries);
            let mut expected = Owned::default();
            for start in 0..FUNCTIONS {
                let ended = model(&program, start, &program[start], &mut expected);
                let run = func::<(), ()>(&store, instances[start % INSTANCES], &start.to_string());
                let found = run.call(&mut store, ());
                match found {
                    Ok(()) => assert_eq!(ended, Ok(()), "{start}"),
                    Err(error) => {
                        let exception = error.exception().expect("nothing else ends it");
                        let values = exception.values(&store).unwrap();
                        let value = ended.expect_err("the model's ends with an exception").1;
                        assert_eq!(values[0].unwrap_i64(), value, "{start}");
                        uncaught += 1;
                    }
                }
                for (instance, own) in instances.iter().zip(&expected) {
                    let global = instance.get_global(&store, "own").unwrap().get(&store);
                    let memory = instance.get_memory(&store, "memory").unwrap();
                    let word = memory.data(&store)[8..16].try_into().unwrap();
                    assert_eq!(
                        (global.unwrap_i64(), i64::from_le_bytes(word)),
                        *own,
                        "{start}"
                    );
                    caught += usize::from(own.0 != own.1);
                }
            }
        }
    }
    assert!(caught > 0 && uncaught > 0, "{caught} {uncaught}");
}
