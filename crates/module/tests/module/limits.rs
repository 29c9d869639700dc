//! Each limit is enforced, by name, with what was asked for and what is allowed.

use crate::binary::{CODE, FUNCTION, TYPE, counted, custom, function, join, leb, module, sized};
use curta_module::{Exceeded, Features, Limit, Limits, ModuleErrorKind, validate};

/// The limit that stops a module, and the number that it asks for.
#[track_caller]
fn stopped(bytes: &[u8], limits: &Limits) -> Exceeded {
    let error = validate(bytes, &Features::BUILT, limits).expect_err("stopped by a limit");
    assert_eq!(error.kind(), ModuleErrorKind::Limit, "{error}");
    let exceeded = error.exceeded().expect("it is a limit");
    assert!(
        error.message().contains(&format!("`{}`", exceeded.limit)),
        "{error}"
    );
    assert!(
        error.message().contains(&exceeded.maximum.to_string()),
        "{error}"
    );
    exceeded
}

/// Checks that a module needs so much of a limit: it is let pass with that, and stopped with less.
#[track_caller]
fn needs(text: &str, limit: Limit, asked: u64, set: Set) {
    let bytes = wat::parse_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    needs_bytes(&bytes, limit, asked, set);
}

#[track_caller]
fn needs_bytes(bytes: &[u8], limit: Limit, asked: u64, set: Set) {
    let enough = set(Limits::default(), asked as usize);
    if let Err(error) = validate(bytes, &Features::BUILT, &enough) {
        panic!("{limit} of {asked} is enough, but: {error}");
    }
    let less = asked - 1;
    let exceeded = stopped(bytes, &set(Limits::default(), less as usize));
    assert_eq!(
        exceeded,
        Exceeded {
            limit,
            asked: Some(asked),
            maximum: less
        }
    );
}

/// Sets a limit.
type Set = fn(Limits, usize) -> Limits;

/// Modules, and how much of a limit each of them needs.
const NEEDS: &[(&str, Limit, u64, Set)] = &[
    (
        "(module (type (func)) (type (func)))",
        Limit::Types,
        2,
        Limits::with_types,
    ),
    (
        "(module (import \"m\" \"f\" (func)) (func) (func))",
        Limit::Functions,
        3,
        Limits::with_functions,
    ),
    (
        "(module (import \"m\" \"f\" (func)) (import \"m\" \"g\" (func)))",
        Limit::Functions,
        2,
        Limits::with_functions,
    ),
    (
        "(module (import \"m\" \"f\" (func)) (import \"m\" \"g\" (global i32)))",
        Limit::Imports,
        2,
        Limits::with_imports,
    ),
    (
        "(module (func (export \"a\") (export \"b\")))",
        Limit::Exports,
        2,
        Limits::with_exports,
    ),
    (
        "(module (import \"m\" \"g\" (global i32)) (global i32 (i32.const 0)))",
        Limit::Globals,
        2,
        Limits::with_globals,
    ),
    (
        "(module (import \"m\" \"t\" (table 0 funcref)) (table 0 funcref))",
        Limit::Tables,
        2,
        Limits::with_tables,
    ),
    (
        "(module (memory 0))",
        Limit::Memories,
        1,
        Limits::with_memories,
    ),
    (
        "(module (elem func) (elem func))",
        Limit::ElementSegments,
        2,
        Limits::with_element_segments,
    ),
    (
        "(module (data \"\") (data \"\"))",
        Limit::DataSegments,
        2,
        Limits::with_data_segments,
    ),
    (
        "(module (func) (elem func 0 0 0))",
        Limit::SegmentItems,
        3,
        Limits::with_segment_items,
    ),
    (
        "(module (elem funcref (ref.null func) (ref.null func)))",
        Limit::SegmentItems,
        2,
        Limits::with_segment_items,
    ),
    (
        "(module (type (func (param i32 i32 i32))))",
        Limit::Params,
        3,
        Limits::with_params,
    ),
    (
        "(module (type (func (result i32 i32))))",
        Limit::Results,
        2,
        Limits::with_results,
    ),
    (
        "(module (import \"four\" \"f\" (func)))",
        Limit::NameBytes,
        4,
        Limits::with_name_bytes,
    ),
    (
        "(module (func (export \"three\")))",
        Limit::NameBytes,
        5,
        Limits::with_name_bytes,
    ),
    (
        "(module (func (param i32) (local i64 i64 f32)))",
        Limit::Locals,
        4,
        Limits::with_locals,
    ),
    (
        "(module (func (param i32) (local i64)) (func (local i64 f64)))",
        Limit::TotalLocals,
        4,
        Limits::with_total_locals,
    ),
    (
        "(module (func (nop) (nop)))",
        Limit::BodyBytes,
        4,
        Limits::with_body_bytes,
    ),
    (
        "(module (import \"m\" \"f\" (func (param i32) (result i64))) (export \"f\" (func 0)))",
        Limit::InterfaceSize,
        8,
        Limits::with_interface_size,
    ),
    (
        "(module (global i32 (i32.const 1)))",
        Limit::ConstExprOps,
        1,
        Limits::with_const_expr_ops,
    ),
    (
        "(module (func (block (loop (if (i32.const 1) (then))))))",
        Limit::Nesting,
        3,
        Limits::with_nesting,
    ),
    (
        "(module (func (br_table 0 0 0 0 (i32.const 1))))",
        Limit::BranchTargets,
        3,
        Limits::with_branch_targets,
    ),
    (
        "(module (type (func)) (import \"m\" \"t\" (tag)) (tag))",
        Limit::Tags,
        2,
        Limits::with_tags,
    ),
    (
        "(module (type (struct (field i32 i64 f32))))",
        Limit::Fields,
        3,
        Limits::with_fields,
    ),
    (
        "(module (type (func)) (rec (type (func)) (type (func)) (type (struct))))",
        Limit::GroupTypes,
        3,
        Limits::with_group_types,
    ),
    (
        "(module (type $a (sub (func))) (type $b (sub $a (func))) (type (sub $b (func))))",
        Limit::SubtypingDepth,
        2,
        Limits::with_subtyping_depth,
    ),
    (
        "(module (rec (type $a (sub (func))) (type (sub $a (func)))))",
        Limit::SubtypingDepth,
        1,
        Limits::with_subtyping_depth,
    ),
    (
        "(module (func (i32.const 1) (i32.const 2) (i32.const 3) (drop) (drop) (drop)))",
        Limit::OperandHeight,
        3,
        Limits::with_operand_height,
    ),
    (
        "(module (func (param i32) (result i32 i32) (i32.const 1) (block (result i32) (i32.const 2) (i32.const 3) (drop))))",
        Limit::OperandHeight,
        3,
        Limits::with_operand_height,
    ),
    (
        "(module (func $f (result i32 i32 i32 i32) (unreachable)) (func (call $f) (unreachable)))",
        Limit::OperandHeight,
        4,
        Limits::with_operand_height,
    ),
    (
        "(module (func (block (try_table (catch_all 0) (catch_all 1) (catch_all 0)))))",
        Limit::Catches,
        3,
        Limits::with_catches,
    ),
    (
        "(module (func (block (block (try_table (catch_all 0))))))",
        Limit::Nesting,
        3,
        Limits::with_nesting,
    ),
    (
        "(module (import \"m\" \"m\" (memory 0)) (memory i64 0))",
        Limit::Memories,
        2,
        Limits::with_memories,
    ),
];

#[test]
fn what_is_asked_for_is_limited() {
    for (text, limit, asked, set) in NEEDS {
        needs(text, *limit, *asked, *set);
    }
    needs_bytes(
        &module(&[custom(b"a", b""), custom(b"b", b"")]),
        Limit::CustomSections,
        2,
        Limits::with_custom_sections,
    );
    needs_bytes(
        &module(&[custom(b"a", b"")]),
        Limit::ModuleBytes,
        12,
        Limits::with_module_bytes,
    );
}

/// Two have tests of their own: [`operands_that_are_moved_are_limited`], and that of names, where what is beyond the limit
/// is ignored (`names.rs`).
#[test]
fn every_limit_is_tested() {
    let others = [
        Limit::CustomSections,
        Limit::ModuleBytes,
        Limit::OperandsPerByte,
        Limit::Names,
    ];
    for limit in Limit::ALL {
        let in_table = NEEDS.iter().any(|(_, tested, ..)| tested == limit);
        assert!(in_table || others.contains(limit), "{limit}");
    }
}

/// Functions of a thousand parameters, so often called, branched to or thrown that the budget of a million is used up.
#[test]
fn operands_that_are_moved_are_limited() {
    let wide = "i32 ".repeat(1_000);
    let values = "i32.const 0 ".repeat(1_000);
    let catches = "(catch $t 0) ".repeat(20);
    let bodies = [
        (1_200, "(call $f)".to_owned()),
        (1_200, "(return_call $f)".to_owned()),
        (1_200, "(call_ref $f (ref.func $f))".to_owned()),
        (1_200, "(call_indirect (type $f) (i32.const 0))".to_owned()),
        (1_200, "(throw $t)".to_owned()),
        (1_200, "(return)".to_owned()),
        (1_200, "(br 0)".to_owned()),
        (1_200, "(br_if 0 (i32.const 0))".to_owned()),
        (600, "(br_table 0 0 (i32.const 0))".to_owned()),
        (1_200, "(br_on_null 0 (ref.null func)) (drop)".to_owned()),
        (1_200, "(block (type $f))".to_owned()),
        (1_200, format!("(try_table (type $f) {catches})")),
    ];
    for (times, body) in bodies {
        let bytes = |times: usize| {
            let body = body.repeat(times);
            let text = format!(
                "(module (type $f (func (param {wide}) (result {wide}))) (tag $t (param {wide})) (table 1 funcref)
                    (func $f (type $f) {values} {body} (unreachable)) (elem declare func $f))"
            );
            wat::parse_str(&text).unwrap_or_else(|error| panic!("{body}: {error}"))
        };
        let limits = Limits::default().with_operands_per_byte(0);
        let exceeded = stopped(&bytes(times), &limits);
        assert_eq!(exceeded.limit, Limit::OperandsPerByte, "{body}");
        assert_eq!(exceeded.maximum, 1_000_000, "{body}");
        assert!(exceeded.asked > Some(1_000_000), "{body}");
        validate(&bytes(10), &Features::BUILT, &limits).expect("ten times are fine");
        let unlimited = Limits::default().with_operands_per_byte(1_000_000);
        validate(&bytes(times), &Features::BUILT, &unlimited).expect("with a larger budget");
    }
}

#[test]
fn a_setter_stops_at_the_ceiling() {
    let limits = Limits::default()
        .with_params(usize::MAX)
        .with_memories(usize::MAX);
    assert_eq!(limits.params(), Limit::Params.ceiling());
    assert_eq!(limits.memories(), Limit::Memories.ceiling());
    for &limit in Limit::ALL {
        assert!(Limits::default().get(limit) <= limit.ceiling(), "{limit}");
    }
}

#[test]
fn a_built_in_limit_is_called_by_our_name() {
    let params = join(&[&[0x60], &leb(1_001), &vec![0x7f; 1_001], &[0]]);
    let exceeded = stopped(&module(&[counted(TYPE, 1, &params)]), &Limits::default());
    assert_eq!(
        exceeded,
        Exceeded {
            limit: Limit::Params,
            asked: Some(1_001),
            maximum: 1_000
        }
    );

    let results = join(&[&[0x60, 0], &leb(1_001), &vec![0x7f; 1_001]]);
    let exceeded = stopped(&module(&[counted(TYPE, 1, &results)]), &Limits::default());
    assert_eq!(
        exceeded,
        Exceeded {
            limit: Limit::Results,
            asked: Some(1_001),
            maximum: 1_000
        }
    );

    let name = module(&[custom(&vec![b'x'; 100_001], b"")]);
    let exceeded = stopped(&name, &Limits::default());
    assert_eq!(
        exceeded,
        Exceeded {
            limit: Limit::NameBytes,
            asked: None,
            maximum: 100_000
        }
    );
}

#[test]
fn built_in_limits_of_types_and_clauses_are_called_by_our_names() {
    let group = join(&[&[0x4e], &leb(1_000_001), &[0x60, 0, 0].repeat(1_000_001)]);
    let exceeded = stopped(&module(&[counted(TYPE, 1, &group)]), &Limits::default());
    let (limit, asked) = (Limit::GroupTypes, Some(1_000_001));
    assert_eq!((exceeded.limit, exceeded.asked), (limit, asked));

    let chain: Vec<u8> = (0..65u64)
        .flat_map(|number| match number {
            0 => vec![0x50, 0, 0x60, 0, 0],
            number => join(&[&[0x50, 1], &leb(number - 1), &[0x60, 0, 0]]),
        })
        .collect();
    let exceeded = stopped(&module(&[counted(TYPE, 65, &chain)]), &Limits::default());
    assert_eq!(exceeded.limit, Limit::SubtypingDepth);
    assert_eq!(exceeded.maximum, 63);

    let clauses = join(&[
        &[0, 0x1f, 0x40],
        &leb(10_001),
        &[2, 0].repeat(10_001),
        &[0x0b, 0x0b],
    ]);
    let exceeded = stopped(&function(&clauses), &Limits::default());
    let (limit, asked) = (Limit::Catches, Some(10_001));
    assert_eq!((exceeded.limit, exceeded.asked), (limit, asked));
}

#[test]
fn locals_beyond_32_bits_are_malformed() {
    // Twice 2^31 locals, which a 32-bit sum would take for none.
    let groups = join(&[&[2], &leb(1 << 31), &[0x7f], &leb(1 << 31), &[0x7e, 0x0b]]);
    let error = validate(&function(&groups), &Features::BUILT, &Limits::default());
    let error = error.expect_err("more than the binary format allows");
    assert_eq!(
        (error.kind(), error.message()),
        (ModuleErrorKind::Malformed, "too many locals")
    );
    let groups = join(&[&[1], &leb(u32::MAX.into()), &[0x7f, 0x0b]]);
    let exceeded = stopped(&function(&groups), &Limits::default());
    assert_eq!(
        (exceeded.limit, exceeded.asked),
        (Limit::Locals, Some(u32::MAX.into()))
    );
}

#[test]
fn many_functions_with_many_locals_are_stopped() {
    let body = sized(&join(&[&[1], &leb(50_000), &[0x7f, 0x0b]]));
    let count = 2_000;
    let bytes = module(&[
        counted(TYPE, 1, &[0x60, 0, 0]),
        counted(FUNCTION, count, &vec![0; count as usize]),
        counted(CODE, count, &body.repeat(count as usize)),
    ]);
    assert!(bytes.len() < 20_000);
    let exceeded = stopped(&bytes, &Limits::default());
    assert_eq!(exceeded.limit, Limit::TotalLocals);
}
