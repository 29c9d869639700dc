//! Hazards 8, 9 and 11: types by the thousand, and constant expressions of any size.

use super::{
    binary::{
        CODE, EXPORT, FUNCTION, GLOBAL, I32, I64, TYPE, counted, export, func_type, function, join,
        leb, module, numbered, sized, sleb,
    },
    engines::{alone, call, exceeded, modes, on_a_small_stack, refusal, run, trap},
    measure::assert_linear,
};
use curta::{Config, Engine, Limit, Limits, Module, Val};

/// As many of something as a linear time allows, optimised or not.
const MANY: usize = if cfg!(debug_assertions) {
    20_000
} else {
    100_000
};

/// The numeric types, by the digits of a number.
fn digits(number: usize) -> Vec<u8> {
    (0..10)
        .map(|digit| [0x7f, 0x7e, 0x7d, 0x7c][(number >> (2 * digit)) & 3])
        .collect()
}

/// Types by the ten thousand that all differ, and that are all the same, are made canonical in linear time, the second
/// time in an engine as well.
#[test]
fn hazard_08_interning_types_is_linear() {
    let different =
        |n: usize| module(&[numbered(TYPE, n, |number| func_type(&digits(number), &[]))]);
    assert_linear(50_000, different, |engine, bytes| {
        run(engine, bytes).unwrap();
        run(engine, bytes).unwrap();
    });
    let same = |n: usize| module(&[numbered(TYPE, n, |_| func_type(&[I32], &[I64]))]);
    assert_linear(50_000, same, |engine, bytes| run(engine, bytes).unwrap());
    // Groups of two that differ in one bit each, of which one type refers to the other.
    let groups = |n: usize| {
        module(&[numbered(TYPE, n, |number| {
            let own = join(&[&[0x64], &sleb(2 * number as u64)]);
            let refers = join(&[&[0x60, 1], &own, &[0]]);
            join(&[&[0x4e, 2], &func_type(&digits(number), &[]), &refers])
        })])
    };
    assert_linear(20_000, groups, |engine, bytes| {
        run(engine, bytes).unwrap();
        run(engine, bytes).unwrap();
    });
}

/// As many modules as one likes, one after the other and each with types of its own, stay as fast.
#[test]
fn hazard_08_types_of_many_modules_are_linear() {
    let engine = Engine::default();
    let modules: Vec<Vec<u8>> = (0..2_000)
        .map(|module_number| {
            module(&[numbered(TYPE, 10, |number| {
                func_type(&digits(module_number * 10 + number), &[])
            })])
        })
        .collect();
    super::measure::assert_linear_time(200, 2_000, |large| {
        let count = if large { 2_000 } else { 200 };
        let kept: Vec<Module> = modules[..count]
            .iter()
            .map(|bytes| Module::new(&engine, bytes).unwrap())
            .collect();
        assert_eq!(kept.len(), count);
    });
}

/// One group of ten thousand types, each of which refers to the next, and types that each extend the one before: linear
/// as far as chains may go, and refused beyond.
#[test]
fn hazard_09_groups_and_chains_of_types_are_linear() {
    let ring = |n: usize| {
        let types: Vec<u8> = (0..n)
            .flat_map(|number| join(&[&[0x60, 1, 0x63], &sleb(((number + 1) % n) as u64), &[0]]))
            .collect();
        module(&[counted(TYPE, 1, &join(&[&[0x4e], &leb(n as u64), &types]))])
    };
    assert_linear(20_000, ring, |engine, bytes| {
        run(engine, bytes).unwrap();
        run(engine, bytes).unwrap();
    });
    let chain = |n: usize, in_a_group: bool| {
        let types: Vec<u8> = (0..n)
            .flat_map(|number| match number {
                0 => vec![0x50, 0, 0x60, 0, 0],
                number => join(&[&[0x50, 1], &leb(number as u64 - 1), &[0x60, 0, 0]]),
            })
            .collect();
        match in_a_group {
            true => module(&[counted(TYPE, 1, &join(&[&[0x4e], &leb(n as u64), &types]))]),
            false => module(&[counted(TYPE, n, &types)]),
        }
    };
    on_a_small_stack(move || {
        for engine in modes() {
            for in_a_group in [false, true] {
                run(&engine, chain(60, in_a_group)).expect("so deep is fine");
                for depth in [66, 1_000, MANY] {
                    refusal(&engine, chain(depth, in_a_group));
                }
            }
            run(&engine, ring(MANY)).expect("as many as one likes refer to each other");
        }
    });
}

/// A call through a table finds out in the same time whether a type extends another, however far apart they are; so does
/// one of a function from another module.
#[test]
fn hazard_09_the_subtype_test_takes_constant_time() {
    const DEEPEST: usize = 63;
    let types: String = (0..=DEEPEST)
        .map(|number| match number {
            0 => "(type $t0 (sub (func)))".to_owned(),
            number => format!("(type $t{number} (sub $t{} (func)))", number - 1),
        })
        .collect();
    let callee = format!(
        r#"(module {types} (func (export "near") (type $t1)) (func (export "far") (type $t{DEEPEST})))"#
    );
    let caller = format!(
        r#"(module {types} (import "m" "near" (func $near (type $t1))) (import "m" "far" (func $far (type $t{DEEPEST})))
            (func $own_near (type $t1)) (func $own_far (type $t{DEEPEST}))
            (table funcref (elem $near $far $own_near $own_far))
            (func (export "run") (param $n i32) (param $element i32)
                (loop $again
                    (call_indirect (type $t0) (local.get $element))
                    (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
            (func (export "refused") (param i32) (call_indirect (type $t{DEEPEST}) (local.get 0))))"#
    );
    for engine in modes() {
        let mut store = curta::Store::new(&engine, ());
        let callee = Module::new(&engine, &callee).unwrap();
        let callee = curta::Instance::new(&mut store, &callee, &[]).unwrap();
        let imports = ["near", "far"].map(|name| callee.get_export(&store, name).unwrap());
        let caller = Module::new(&engine, &caller).unwrap();
        let caller = curta::Instance::new(&mut store, &caller, &imports).unwrap();
        for element in [0, 2] {
            let refused = call::<u32, ()>(&mut store, caller, "refused", element);
            assert_eq!(trap(refused), curta::Trap::IndirectCallTypeMismatch);
        }
        let store = std::cell::RefCell::new(store);
        for near in [0, 2] {
            super::measure::assert_linear_time(1, 1, |far| {
                let element = near + u32::from(far);
                call::<(u32, u32), ()>(&mut store.borrow_mut(), caller, "run", (20_000, element))
                    .unwrap();
            });
        }
    }
}

/// Types inside types by references are as deep as there are types, without recursion.
#[test]
fn hazard_09_references_to_types_do_not_recurse() {
    let nested = |n: usize| {
        module(&[numbered(TYPE, n, |number| match number {
            0 => func_type(&[], &[]),
            number => join(&[&[0x60, 1, 0x64], &sleb(number as u64 - 1), &[0]]),
        })])
    };
    on_a_small_stack(move || {
        for engine in modes() {
            let bytes = nested(MANY);
            run(&engine, &bytes).unwrap();
            run(&engine, &bytes).unwrap();
        }
    });
    assert_linear(50_000, nested, |engine, bytes| run(engine, bytes).unwrap());
}

/// A global of a sum of so many ones, added up at once or at the end.
fn sum(terms: usize, at_the_end: bool) -> Vec<u8> {
    let code = match at_the_end {
        true => join(&[&[0x41, 1].repeat(terms), &vec![0x6a; terms - 1]]),
        false => join(&[&[0x41, 1], &[0x41, 1, 0x6a].repeat(terms - 1)]),
    };
    let global = join(&[&[I32, 0], &code, &[0x0b]]);
    module(&[
        counted(GLOBAL, 1, &global),
        counted(EXPORT, 1, &join(&[&sized(b"g"), &[3, 0]])),
    ])
}

/// Constant expressions have no recursion and a limit, which says so; within it they are exact and linear.
#[test]
fn hazard_11_constant_expressions_are_flat() {
    on_a_small_stack(|| {
        for engine in modes() {
            for at_the_end in [false, true] {
                let (store, instance) = alone(&engine, sum(5_000, at_the_end));
                assert_eq!(
                    instance.get_global(&store, "g").unwrap().get(&store),
                    Val::I32(5_000)
                );
                for terms in [5_001, 10 * MANY] {
                    let error = run(&engine, sum(terms, at_the_end)).unwrap_err();
                    assert_eq!(exceeded(&error), Some(Limit::ConstExprOps), "{error:?}");
                }
            }
        }
        let mut config = Config::new();
        config.limits(Limits::default().with_const_expr_ops(usize::MAX));
        let engine = Engine::new(&config);
        for at_the_end in [false, true] {
            let (store, instance) = alone(&engine, sum(10 * MANY, at_the_end));
            assert_eq!(
                instance.get_global(&store, "g").unwrap().get(&store),
                Val::I32(10 * MANY as i32)
            );
        }
    });
}

/// Many constant expressions, in which one global follows from another, are linear.
#[test]
fn hazard_11_constant_expressions_that_follow_from_each_other_are_linear() {
    let build = |n: usize| {
        module(&[numbered(GLOBAL, n, |number| match number {
            0 => vec![I32, 0, 0x41, 1, 0x0b],
            number => join(&[
                &[I32, 0, 0x23],
                &leb(number as u64 - 1),
                &[0x41, 3, 0x6a, 0x0b],
            ]),
        })])
    };
    assert_linear(50_000, build, |engine, bytes| run(engine, bytes).unwrap());
}

/// Functions of as many types as there are functions, each called by the one after it, are linear.
#[test]
fn hazard_08_functions_of_many_types_are_linear() {
    let build = |n: usize| {
        let body = |number: usize| match number {
            0 => function(&[], &[]),
            _ => function(&[], &[0x10, 0]),
        };
        let ty = |number: usize| {
            if number == 0 {
                func_type(&[], &[])
            } else {
                func_type(&digits(number), &[])
            }
        };
        module(&[
            numbered(TYPE, n, ty),
            numbered(FUNCTION, n, |number| leb(number as u64)),
            counted(EXPORT, 1, &export("run", 0)),
            numbered(CODE, n, |number| sized(&body(number))),
        ])
    };
    assert_linear(20_000, build, |engine, bytes| run(engine, bytes).unwrap());
}
