//! Hazards 3–7, 10 and 12–14: bodies whose translation could cost more than they are worth.

use super::{
    binary::{
        CODE, EXPORT, FUNCTION, I32, I64, TYPE, body, counted, export, func_type, function, join,
        leb, module, program, sized, sleb,
    },
    engines::{
        MODES, alone, call, engine, engines, exceeded, modes, on_a_small_stack, run,
        runs_or_exceeds,
    },
    measure::{Bomb, SMALL_CHANGE, assert_linear, peak, sizes},
};
use curta::{CompilationMode, Config, Dispatch, Engine, Limit, Limits, Module, Trap};

const BLOCK: u8 = 0x02;
const LOOP: u8 = 0x03;
const IF: u8 = 0x04;
const END: u8 = 0x0b;
const BR: u8 = 0x0c;
const BR_IF: u8 = 0x0d;
const BR_TABLE: u8 = 0x0e;
const CALL: u8 = 0x10;
const DROP: u8 = 0x1a;
const LOCAL_GET: u8 = 0x20;
const LOCAL_SET: u8 = 0x21;
const LOCAL_TEE: u8 = 0x22;
const ADD: u8 = 0x6a;
/// `i32.const 0` and the block type of nothing.
const ZERO: [u8; 2] = [0x41, 0];
const EMPTY: u8 = 0x40;

/// What a bomb may cost by the budget that every body has, whatever its size: a million operands moved.
const BUDGET: u64 = 64 << 20;

/// Sees that a bomb is linear where the limits let it pass, and that they answer where they do not.
fn assert_bounded(size: usize, build: impl Fn(usize) -> Vec<u8>) {
    let (small, large) = sizes(size, build);
    for engine in modes() {
        let bomb = Bomb {
            small: &small,
            large: &large,
            slack: BUDGET,
        };
        bomb.assert_linear(|bytes| {
            runs_or_exceeds(&engine, bytes);
        });
    }
}

/// A `br_table` of many targets, each of which would carry many results, costs memory for its bytes only.
#[test]
fn hazard_03_br_table_targets_times_results_are_bounded() {
    for results in [1, 16, 1_000] {
        assert_bounded(100_000, |targets| {
            let wide = func_type(&[], &vec![I32; results]);
            let code = join(&[
                &[BLOCK, 1],
                &ZERO.repeat(results),
                &ZERO,
                &[BR_TABLE],
                &leb(targets as u64),
                &vec![0; targets + 1],
                &[END],
                &vec![DROP; results],
            ]);
            program(&[wide], &[], &function(&[], &code))
        });
    }
}

/// Each target of a table of thousands gets its results, whatever lies below them.
#[test]
fn hazard_03_br_table_carries_results_to_every_target() {
    const DEPTH: usize = 2_000;
    // Below each block lies one more value, so that results are moved by another distance for each target.
    let open = "i32.const 7 block (result i32 i64 i32) ".repeat(DEPTH);
    let targets: String = (0..DEPTH).map(|target| format!("{target} ")).collect();
    let values = "i32.const 1 i64.const 2 i32.const 3 ";
    let close = "end local.set $c local.set $b local.set $a (if (i32.ne (i32.const 7)) (then unreachable))
        (local.set $passed (i32.add (local.get $passed) (i32.const 1)))
        (if (i32.ne (i32.const 321) (i32.add (local.get $a) (i32.add (i32.mul (i32.const 10) (i32.wrap_i64 (local.get $b)))
            (i32.mul (i32.const 100) (local.get $c))))) (then unreachable)) ";
    let closes = vec![close; DEPTH].join(values);
    let text = format!(
        "(module (func (export \"f\") (param $i i32) (result i32)
            (local $a i32) (local $b i64) (local $c i32) (local $passed i32)
            {open} {values} local.get $i br_table {targets} {closes} local.get $passed))"
    );
    let bytes = wat::parse_str(text).expect("it is text of a module");
    for engine in engines() {
        let (mut store, instance) = alone(&engine, &bytes);
        for target in [0, 1, 2, 17, 255, 256, 999, 1_998, 1_999, 2_000, u32::MAX] {
            let passed = DEPTH as u32 - target.min(DEPTH as u32 - 1);
            assert_eq!(
                call::<u32, u32>(&mut store, instance, "f", target).unwrap(),
                passed,
                "target {target}"
            );
        }
    }
}

/// Blocks with a thousand parameters and results, inside each other and after each other, are bounded.
#[test]
fn hazard_04_block_params_times_nesting_are_bounded() {
    for width in [4, 1_000] {
        let same = func_type(&vec![I32; width], &vec![I32; width]);
        let build = |open: &'static [u8], blocks: usize, nested: bool| {
            let opened = join(&[&[BLOCK, 1], open]);
            let blocks = match nested {
                true => join(&[&opened.repeat(blocks), &vec![END; blocks]]),
                false => join(&[&opened, &[END]]).repeat(blocks),
            };
            let code = join(&[&ZERO.repeat(width), &blocks, &vec![DROP; width]]);
            program(std::slice::from_ref(&same), &[], &function(&[], &code))
        };
        assert_bounded(20_000, |blocks| build(&[], blocks, true));
        assert_bounded(20_000, |blocks| build(&[], blocks, false));
        assert_bounded(20_000, |blocks| build(&[BR, 0], blocks, false));
        assert_bounded(20_000, |blocks| build(&[0x41, 0, BR_IF, 0], blocks, true));
    }
}

/// Calls with a thousand arguments and results are bounded.
#[test]
fn hazard_05_wide_signatures_times_calls_are_bounded() {
    for width in [4, 1_000] {
        assert_bounded(20_000, |calls| {
            let same = func_type(&vec![I32; width], &vec![I32; width]);
            let gets: Vec<u8> = (0..width)
                .flat_map(|local| join(&[&[LOCAL_GET], &leb(local as u64)]))
                .collect();
            let code = join(&[
                &ZERO.repeat(width),
                &[CALL, 0].repeat(calls),
                &vec![DROP; width],
            ]);
            program(&[same], &[(1, function(&[], &gets))], &function(&[], &code))
        });
    }
}

/// What a body moves is counted alike whether it is translated at once or validated alone.
#[test]
fn hazard_05_every_mode_draws_the_line_at_the_same_place() {
    let params = "i32 ".repeat(1_000);
    let values = "i32.const 0 ".repeat(1_000);
    let catches = "(catch $t 0) ".repeat(20);
    let bodies = [
        "(call $f)".to_owned(),
        "(return_call $f)".to_owned(),
        "(call_ref $f (ref.func $f))".to_owned(),
        "(call_indirect (type $f) (i32.const 0))".to_owned(),
        "(throw $t)".to_owned(),
        "(return)".to_owned(),
        "(br 0)".to_owned(),
        "(br_if 0 (i32.const 0))".to_owned(),
        "(br_table 0 0 (i32.const 0))".to_owned(),
        "(br_on_null 0 (ref.null func)) (drop)".to_owned(),
        "(block (type $f))".to_owned(),
        "(if (type $f) (i32.const 1) (then) (else))".to_owned(),
        format!("(try_table (type $f) {catches})"),
    ];
    for body in bodies {
        let repeated = body.repeat(1_200);
        let bytes = wat::parse_str(format!(
            "(module (type $f (func (param {params}) (result {params}))) (tag $t (param {params})) (table 1 funcref)
                (func $f (type $f) {values} {repeated} (unreachable)) (elem declare func $f))"
        ))
        .unwrap();
        let answers = MODES.map(|mode| {
            let engine = engine(mode, Dispatch::Auto, |config| {
                config.limits(Limits::default().with_operands_per_byte(0));
            });
            let error = match mode {
                CompilationMode::Lazy => Module::validate(&engine, &bytes).unwrap_err(),
                _ => Module::new(&engine, &bytes).map(drop).unwrap_err(),
            };
            (exceeded(&error), error.to_string())
        });
        assert_eq!(answers[0].0, Some(Limit::OperandsPerByte), "{body}");
        assert_eq!(answers[0], answers[1], "{body}");
        assert_eq!(answers[0], answers[2], "{body}");
    }
}

/// Locals cost nothing while a function is not called: many functions of 50,000 locals each.
#[test]
fn hazard_06_many_functions_of_many_locals_are_linear() {
    let build = |functions: usize| {
        let many = function(&[(49_999, I64), (1, I32)], &[LOCAL_GET, 0, DROP]);
        program(
            &[],
            &vec![(0, many); functions],
            &function(&[(50_000, I64)], &[CALL, 0]),
        )
    };
    assert_linear(900, build, |engine, bytes| run(engine, bytes).unwrap());
    let (few, many) = (build(1), build(900));
    for engine in modes() {
        let more = peak(|| run(&engine, &many).unwrap())
            .saturating_sub(peak(|| run(&engine, &few).unwrap()));
        assert!(
            more < 900 * 8_192,
            "900 functions of 50,000 locals held {more} bytes"
        );
    }
}

/// All of 50,000 locals begin as zero, whatever was on the stack before.
#[test]
fn hazard_06_fifty_thousand_locals_begin_as_zero() {
    let fill: Vec<u8> = (0..50_000u64)
        .flat_map(|local| join(&[&[0x42, 0x7f, LOCAL_SET], &leb(local)]))
        .collect();
    let sum: Vec<u8> = (0..50_000u64)
        .flat_map(|local| join(&[&[LOCAL_GET], &leb(local), &[0x84]]))
        .collect();
    // A trap if any bit of any local is set.
    let check = join(&[&[0x42, 0], &sum, &[0x50, IF, EMPTY, 0x05, 0x00, END]]);
    let bytes = program(
        &[],
        &[
            (0, function(&[(50_000, I64)], &fill)),
            (0, function(&[(50_000, I64)], &check)),
        ],
        &function(&[], &[CALL, 0, CALL, 1, CALL, 0, CALL, 1]),
    );
    for engine in engines() {
        run(&engine, &bytes).unwrap();
    }
}

/// Counts of locals that overflow 32 bits together are refused, and buy nothing.
#[test]
fn hazard_07_the_count_of_locals_does_not_overflow() {
    let max = u64::from(u32::MAX);
    let too_many: [&[(u64, u8)]; 6] = [
        &[(max, I32)],
        &[(max, I32), (1, I64)],
        &[(max, I32), (max, I64), (2, I32)],
        &[(1 << 31, I32), (1 << 31, I64)],
        &[(50_001, I32)],
        &[(50_000, I32), (1, I64)],
    ];
    for engine in modes() {
        for locals in too_many {
            let bytes = body(locals, &[]);
            let memory = peak(|| {
                run(&engine, &bytes).expect_err("there are too many locals");
            });
            assert!(memory < SMALL_CHANGE, "{locals:?} held {memory} bytes");
        }
        run(&engine, body(&[(0, I32), (50_000, I64), (0, I64)], &[])).expect("so many are allowed");
        let error = run(&engine, body(&[(50_001, I32)], &[])).unwrap_err();
        assert_eq!(exceeded(&error), Some(Limit::Locals));
    }
}

/// Blocks, loops, ifs and `try_table`s of each kind inside each other.
fn nested(opening: &[u8], depth: usize) -> Vec<u8> {
    body(&[], &join(&[&opening.repeat(depth), &vec![END; depth]]))
}

/// A depth beyond the limit.
const TOO_DEEP: usize = if cfg!(debug_assertions) {
    150_000
} else {
    1_000_000
};

const OPENINGS: [&[u8]; 6] = [
    &[BLOCK, EMPTY],
    &[LOOP, EMPTY],
    &[0x41, 1, IF, EMPTY],
    &[0x41, 0, IF, EMPTY],
    &[0x1f, EMPTY, 0],
    &[0x00, BLOCK, EMPTY],
];

/// The deepest nesting that is allowed is translated and run without recursion; a million levels are beyond the limit,
/// which says so.
#[test]
fn hazard_10_deep_nesting_does_not_recurse() {
    on_a_small_stack(|| {
        for engine in modes() {
            for opening in OPENINGS {
                let unreachable = opening[0] == 0x00;
                let trap = run(&engine, nested(opening, 100_000 - 1)).err();
                assert_eq!(trap.is_some(), unreachable, "{opening:x?}: {trap:?}");
                let error = run(&engine, nested(opening, TOO_DEEP)).expect_err("this is too deep");
                assert_eq!(
                    exceeded(&error),
                    Some(Limit::Nesting),
                    "{opening:x?}: {error:?}"
                );
            }
        }
        let mut config = Config::new();
        config.limits(Limits::default().with_nesting(usize::MAX));
        let engine = Engine::new(&config);
        for opening in &OPENINGS[..5] {
            run(&engine, nested(opening, TOO_DEEP)).expect("the host allows it");
        }
    });
}

/// Time and memory are linear in the nesting, at depths that a host has to allow: all of them cost new pages of memory, which
/// the system takes longer to give than what small depths need takes altogether.
#[test]
fn hazard_10_nesting_is_linear() {
    for opening in OPENINGS {
        let (small, large) = sizes(900_000, |depth| nested(opening, depth));
        let bomb = Bomb {
            small: &small,
            large: &large,
            slack: SMALL_CHANGE,
        };
        for mode in MODES {
            let engine = engine(mode, Dispatch::Auto, |config| {
                config.limits(Limits::default().with_nesting(usize::MAX));
            });
            bomb.assert_linear(|bytes| {
                // One of them begins with a trap.
                let _ = run(&engine, bytes);
            });
        }
    }
}

/// Operands by the hundred thousand are linear; more than the stack holds are an exhausted stack, or a limit.
#[test]
fn hazard_12_operand_height_is_linear() {
    for value in [&[0x41, 1][..], &[LOCAL_GET, 0], &[LOCAL_GET, 0, 0x45]] {
        let build = |height: usize| {
            body(
                &[(1, I32)],
                &join(&[&value.repeat(height), &vec![DROP; height]]),
            )
        };
        assert_linear(200_000, build, |engine, bytes| run(engine, bytes).unwrap());
        for engine in modes() {
            if let Err(error) = run(&engine, build(1_500_000)) {
                let is_exhausted = error.trap() == Some(Trap::CallStackExhausted);
                assert!(is_exhausted || exceeded(&error).is_some(), "{error:?}");
            }
        }
    }
}

/// Dead code by the megabyte, with operands from nothing, is linear and never run.
#[test]
fn hazard_12_dead_code_is_linear() {
    let pieces: [&[u8]; 6] = [
        &[ADD],
        &[DROP],
        &[0x6a, 0x41, 1],
        &[BLOCK, EMPTY, END],
        &[BR, 0],
        &[LOCAL_GET, 0, 0x1b],
    ];
    for piece in pieces {
        let build = |times: usize| {
            let code = join(&[&[BLOCK, EMPTY, BR, 0], &piece.repeat(times), &[0x00, END]]);
            body(&[(1, I32)], &code)
        };
        assert_linear(1_000_000 / piece.len(), build, |engine, bytes| {
            run(engine, bytes).unwrap()
        });
    }
}

/// Locals that are read, wait on the operand stack, and are written meanwhile are kept in linear time.
#[test]
fn hazard_13_local_preservation_is_linear() {
    let read = [LOCAL_GET, 0];
    let write = |local: u8| [0x41, 5, LOCAL_SET, local];
    let bombs: [(&str, Box<dyn Fn(usize) -> Vec<u8>>); 7] = [
        (
            "many reads, then writes of another local",
            Box::new(move |n| join(&[&read.repeat(n), &write(1).repeat(n), &vec![DROP; n]])),
        ),
        (
            "many reads, then writes of this local",
            Box::new(move |n| join(&[&read.repeat(n), &write(0).repeat(n), &vec![DROP; n]])),
        ),
        (
            "a write after each read",
            Box::new(move |n| join(&[&join(&[&read, &write(0)]).repeat(n), &vec![DROP; n]])),
        ),
        (
            "a tee after each read",
            Box::new(move |n| {
                join(&[
                    &[LOCAL_GET, 0, LOCAL_GET, 1, LOCAL_TEE, 0].repeat(n),
                    &vec![DROP; 2 * n],
                ])
            }),
        ),
        (
            "many reads, then blocks",
            Box::new(move |n| {
                join(&[
                    &read.repeat(n),
                    &[BLOCK, EMPTY, END].repeat(n),
                    &vec![DROP; n],
                ])
            }),
        ),
        (
            "many reads, then loops with writes",
            Box::new(move |n| {
                join(&[
                    &read.repeat(n),
                    &join(&[&[LOOP, EMPTY], &write(0), &[END]]).repeat(n),
                    &vec![DROP; n],
                ])
            }),
        ),
        (
            "reads between blocks inside each other",
            Box::new(move |n| {
                let open = join(&[&read, &[BLOCK, EMPTY]]);
                join(&[&open.repeat(n / 4), &write(0), &[END, DROP].repeat(n / 4)])
            }),
        ),
    ];
    for (what, code) in bombs {
        println!("{what}");
        assert_linear(
            100_000,
            |n| body(&[(2, I32)], &code(n)),
            |engine, bytes| run(engine, bytes).unwrap(),
        );
    }
    // As many locals as there are, each read once and then written.
    let each = |n: usize| {
        let reads: Vec<u8> = (0..n)
            .flat_map(|local| join(&[&[LOCAL_GET], &leb(local as u64)]))
            .collect();
        let writes: Vec<u8> = (0..n)
            .flat_map(|local| join(&[&[0x41, 5, LOCAL_SET], &leb(local as u64)]))
            .collect();
        body(
            &[(n as u64, I32)],
            &join(&[&reads, &writes, &vec![DROP; n]]),
        )
    };
    assert_linear(50_000, each, |engine, bytes| run(engine, bytes).unwrap());
}

/// A value read from a local is the one of that time, however often the local is written afterwards.
#[test]
fn hazard_13_preserved_locals_keep_their_values() {
    // Pushes n, n-1, …, 1 by counting a local down, in straight code, then adds all of them.
    const COUNT: i32 = 3_000;
    let step = [LOCAL_GET, 0, LOCAL_GET, 0, 0x41, 1, 0x6b, LOCAL_SET, 0];
    let code = join(&[&step.repeat(COUNT as usize), &vec![ADD; COUNT as usize - 1]]);
    let ty = func_type(&[I32], &[I32]);
    let bytes = module(&[
        counted(TYPE, 1, &ty),
        counted(FUNCTION, 1, &[0]),
        counted(EXPORT, 1, &export("f", 0)),
        counted(CODE, 1, &sized(&function(&[], &code))),
    ]);
    let text = r#"(module
        (func (export "swap") (param i32 i32) (result i32 i32)
            (local.get 0) (local.get 1) (local.set 0) (local.set 1) (local.get 0) (local.get 1))
        (func (export "branches") (param $a i32) (result i32)
            (local.get $a)
            (block (br_if 0 (local.get $a)) (local.set $a (i32.const 100)))
            (if (local.get $a) (then (local.set $a (i32.const 7))) (else (local.set $a (i32.const 8))))
            (loop (local.set $a (i32.add (local.get $a) (i32.const 1))) (br_if 0 (i32.lt_s (local.get $a) (i32.const 20))))
            (i32.sub (i32.mul (i32.const 1000)) (local.get $a)))
        (func (export "tee") (param $a i32) (result i32)
            (i32.sub (local.get $a) (i32.add (local.tee $a (i32.const 3)) (local.get $a))))
        (func (export "select") (param $a i32) (result i32)
            (select (local.get $a) (local.tee $a (i32.add (local.get $a) (i32.const 1))) (local.tee $a (i32.const 0)))))"#;
    for engine in engines() {
        let (mut store, instance) = alone(&engine, &bytes);
        let sum = call::<i32, i32>(&mut store, instance, "f", COUNT).unwrap();
        assert_eq!(sum, COUNT * (COUNT + 1) / 2);
        let (mut store, instance) = alone(&engine, text);
        assert_eq!(
            call::<(i32, i32), (i32, i32)>(&mut store, instance, "swap", (1, 2)).unwrap(),
            (2, 1)
        );
        assert_eq!(
            call::<i32, i32>(&mut store, instance, "branches", 5).unwrap(),
            5_000 - 20
        );
        assert_eq!(
            call::<i32, i32>(&mut store, instance, "branches", 0).unwrap(),
            -20
        );
        assert_eq!(
            call::<i32, i32>(&mut store, instance, "tee", 10).unwrap(),
            4
        );
        assert_eq!(
            call::<i32, i32>(&mut store, instance, "select", 10).unwrap(),
            11
        );
    }
}

/// Many branches forward to one label, to as many labels as there are, and to the outermost of many, are linear.
#[test]
fn hazard_14_forward_branches_are_linear() {
    let conditional = join(&[&ZERO, &[BR_IF, 0]]);
    let bombs: [(&str, Box<dyn Fn(usize) -> Vec<u8>>); 5] = [
        (
            "to where the function returns",
            Box::new(move |n| {
                let piece = join(&[&ZERO, &[IF, EMPTY, BR, 1, END]]);
                join(&[&[BLOCK, EMPTY], &piece.repeat(n), &[END]])
            }),
        ),
        (
            "many to one",
            Box::new(move |n| join(&[&[BLOCK, EMPTY], &conditional.repeat(n), &[END]])),
        ),
        (
            "from each depth to the outermost",
            Box::new(|n| {
                let branches: Vec<u8> = (0..n / 4)
                    .flat_map(|depth| join(&[&[BLOCK, EMPTY], &ZERO, &[BR_IF], &leb(depth as u64)]))
                    .collect();
                join(&[&branches, &vec![END; n / 4]])
            }),
        ),
        (
            "from the innermost to each",
            Box::new(|n| {
                let branches: Vec<u8> = (0..n / 4)
                    .flat_map(|depth| join(&[&ZERO, &[BR_IF], &leb(depth as u64)]))
                    .collect();
                join(&[&[BLOCK, EMPTY].repeat(n / 4), &branches, &vec![END; n / 4]])
            }),
        ),
        (
            "tables to all",
            Box::new(|n| {
                let targets: Vec<u8> = (0..n / 4).flat_map(|depth| leb(depth as u64)).collect();
                let table = join(&[&ZERO, &[BR_TABLE], &leb(n as u64 / 4 - 1), &targets]);
                join(&[&[BLOCK, EMPTY].repeat(n / 4), &table, &vec![END; n / 4]])
            }),
        ),
    ];
    for (what, code) in bombs {
        println!("{what}");
        assert_linear(
            200_000,
            |n| body(&[], &code(n)),
            |engine, bytes| run(engine, bytes).unwrap(),
        );
    }
}

/// Many blocks with results, one after the other and with branches that carry them, are linear.
#[test]
fn hazard_14_blocks_with_results_are_linear() {
    let build = |n: usize| {
        let piece = join(&[
            &[BLOCK],
            &sleb(1),
            &[0x41, 1, 0x41, 2, 0x41, 0, BR_IF, 0, END, DROP, DROP],
        ]);
        program(
            &[func_type(&[], &[I32, I32])],
            &[],
            &function(&[], &piece.repeat(n)),
        )
    };
    assert_linear(50_000, build, |engine, bytes| run(engine, bytes).unwrap());
}
