//! What translating costs for a byte of a module: the same whatever the module's size and nesting, and no allocation for
//! an instruction.
//!
//! ```sh
//! cargo test --release -p curta --features internals --test hazards -- --nocapture hazard_14_translation
//! ```
//!
//! prints the table that `docs/performance.md` quotes.

use super::{
    binary::{
        CODE, EXPORT, FUNCTION, I32, MEMORY, TYPE, counted, export, func_type, function, join, leb,
        module, numbered, sized,
    },
    engines,
    measure::{allocations, clock, seconds},
};
use curta::{CompilationMode, Dispatch, Engine, Limits, Module};

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

    fn local(&mut self) -> u8 {
        self.roll(8) as u8
    }
}

/// Appends a statement such as compilers write: it leaves the operands as they were.
fn statement(code: &mut Vec<u8>, dice: &mut Dice) {
    let (a, b, c) = (dice.local(), dice.local(), dice.local());
    let offset = dice.roll(100) as u8;
    match dice.roll(9) {
        // c = a op b, with the operand in a local or in the code.
        0 => code.extend([0x20, a, 0x20, b, 0x6a, 0x21, c]),
        1 => code.extend([0x20, a, 0x41, offset & 0x3f, 0x71, 0x21, c]),
        // c = memory[a] * b; memory[a] = b + c.
        2 => code.extend([0x20, a, 0x28, 2, offset, 0x20, b, 0x6c, 0x21, c]),
        3 => code.extend([0x20, a, 0x20, b, 0x20, c, 0x6a, 0x36, 2, offset]),
        // c = f(a, b).
        4 => code.extend([0x20, a, 0x20, b, 0x10, 0, 0x21, c]),
        // if a < b { c = b }, as a branch over it.
        5 => code.extend([
            0x02, 0x40, 0x20, a, 0x20, b, 0x4e, 0x0d, 0, 0x20, b, 0x21, c, 0x0b,
        ]),
        // do { b += c } while (a -= 1) != 0.
        6 => code.extend([
            0x03, 0x40, 0x20, b, 0x20, c, 0x6a, 0x21, b, 0x20, a, 0x41, 1, 0x6b, 0x22, a, 0x0d, 0,
            0x0b,
        ]),
        // c = if a { b } else { c + 1 }.
        7 => code.extend([
            0x20, a, 0x04, I32, 0x20, b, 0x05, 0x20, c, 0x41, 1, 0x6a, 0x0b, 0x21, c,
        ]),
        // c = i32(f64(a) * f64(b)), saturating.
        _ => code.extend([0x20, a, 0xb7, 0x20, b, 0xb7, 0xa2, 0xfc, 2, 0x21, c]),
    }
}

/// How the statements of a module are arranged.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Shape {
    /// Functions of a kilobyte.
    Small,
    /// Functions as large as they may be.
    Large,
    /// The same, with every statement in a block of its own, and that in the block before.
    Nested,
}

impl Shape {
    /// A body of about this size.
    fn body(self, size: usize, dice: &mut Dice) -> Vec<u8> {
        let mut code = Vec::with_capacity(size + 64);
        let mut depth = 0;
        while code.len() + depth < size {
            if self == Shape::Nested {
                let opening = [0x02, 0x03][dice.roll(2) as usize];
                code.extend([opening, 0x40]);
                depth += 1;
            }
            statement(&mut code, dice);
        }
        code.extend(vec![0x0b; depth]);
        code.extend([0x20, 0]);
        function(&[(6, I32)], &code)
    }

    /// A module of about this size.
    fn module(self, size: usize) -> Vec<u8> {
        const LARGEST: usize = 7_000_000;
        let of_each = match self {
            Shape::Small => 1_000,
            Shape::Large | Shape::Nested => size.min(LARGEST),
        };
        let count = size.div_ceil(of_each);
        let mut dice = Dice(20_261_128);
        let bodies: Vec<u8> = (0..count)
            .flat_map(|_| sized(&self.body(size / count, &mut dice)))
            .collect();
        module(&[
            counted(TYPE, 1, &func_type(&[I32, I32], &[I32])),
            numbered(FUNCTION, count, |_| leb(0)),
            counted(MEMORY, 1, &[0, 1]),
            counted(EXPORT, 1, &export("f", count - 1)),
            join(&[&[CODE], &sized(&join(&[&leb(count as u64), &bodies]))]),
        ])
    }
}

const SHAPES: [Shape; 3] = [Shape::Small, Shape::Large, Shape::Nested];

/// Sizes of modules, the first of which the others are compared with.
const SIZES: &[usize] = if cfg!(debug_assertions) {
    &[10_000, 100_000]
} else {
    &[10_000, 100_000, 1_000_000, 10_000_000, 20_000_000]
};

fn engine(mode: CompilationMode) -> Engine {
    engines::engine(mode, Dispatch::Auto, |config| {
        config.limits(Limits::default().with_nesting(usize::MAX));
    })
}

/// The bytes of code that a module became, where this build can tell.
fn code_bytes(module: &Module) -> Option<usize> {
    #[cfg(feature = "internals")]
    return Some(curta::internals::code_bytes(module));
    #[cfg(not(feature = "internals"))]
    {
        let _ = module;
        None
    }
}

/// A byte costs the same whatever the size of its module and the depth of its block.
#[test]
fn hazard_14_translation_costs_the_same_for_each_byte() {
    /// How much dearer a byte may be: caches end somewhere between the sizes.
    const DEARER: f64 = 4.0;
    const TRIES: usize = 8;
    let _alone = clock();
    let engine = engine(CompilationMode::Eager);
    println!("shape           bytes   ns/byte   allocations   code/byte");
    for shape in SHAPES {
        let mut cheapest = f64::INFINITY;
        for size in SIZES {
            let bytes = shape.module(*size);
            let (times, module) =
                allocations(|| Module::new(&engine, &bytes).expect("it is valid"));
            let code = code_bytes(&module).map_or("-".to_owned(), |code| {
                format!("{:.2}", code as f64 / bytes.len() as f64)
            });
            drop(module);
            let mut shortest = f64::INFINITY;
            for attempt in 0..TRIES {
                let several = (SIZES[1] / size).max(1);
                let spent = seconds(|| {
                    for _ in 0..several {
                        Module::new(&engine, &bytes).expect("it is valid");
                    }
                });
                shortest = shortest.min(spent * 1e9 / (several * bytes.len()) as f64);
                // Whatever disturbs makes it longer, so a short time need not be measured again.
                if attempt >= 2 && shortest <= DEARER * cheapest {
                    break;
                }
            }
            let name = format!("{shape:?}");
            println!(
                "{name:<8} {:>12} {shortest:>9.1} {times:>13} {code:>11}",
                bytes.len()
            );
            cheapest = cheapest.min(shortest);
            assert!(
                shortest <= DEARER * cheapest,
                "{shape:?}: a byte of {size} takes {shortest:.1} ns, one of fewer takes {cheapest:.1} ns"
            );
        }
    }
}

/// What is allocated is allocated for a function, and for the doubling of what grows: never for an instruction.
#[test]
fn hazard_14_translation_allocates_for_functions_and_not_for_instructions() {
    let modes = [
        CompilationMode::Eager,
        CompilationMode::LazyTranslation,
        CompilationMode::Lazy,
    ];
    for mode in modes {
        let engine = engine(mode);
        let times =
            |bytes: &[u8]| allocations(|| Module::new(&engine, bytes).expect("it is valid")).0;
        for shape in [Shape::Large, Shape::Nested] {
            let [few, many] = [10_000, 320_000].map(|size| times(&shape.module(size)));
            // Of what grows by doubling there are some ten things, each of which doubles five times more.
            assert!(
                many <= few + 60,
                "{shape:?}: {few} allocations for 10,000 bytes, {many} for 320,000"
            );
        }
        let [few, many] = [10, 500].map(|count| times(&Shape::Small.module(count * 1_000)));
        let each = (many - few) as f64 / 490.0;
        println!("{mode:?}: {each:.2} allocations for each function more");
        assert!(each <= 4.0, "{each} allocations for each function");
    }
}
