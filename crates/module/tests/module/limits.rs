//! Each limit is enforced, by name, with what was asked for and what is allowed.

use crate::binary::{CODE, FUNCTION, TYPE, counted, custom, function, join, leb, module, sized};
use curta_module::{Exceeded, Features, Limit, Limits, ModuleErrorKind, validate};

/// The limit that stops a module, and the number that it asks for.
#[track_caller]
fn stopped(bytes: &[u8], limits: &Limits) -> Exceeded {
    let error = validate(bytes, &Features::WASM2, limits).expect_err("stopped by a limit");
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
fn needs(text: &str, limit: Limit, asked: u64, set: fn(Limits, usize) -> Limits) {
    let bytes = wat::parse_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    needs_bytes(&bytes, limit, asked, set);
}

#[track_caller]
fn needs_bytes(bytes: &[u8], limit: Limit, asked: u64, set: fn(Limits, usize) -> Limits) {
    let enough = set(Limits::default(), asked as usize);
    if let Err(error) = validate(bytes, &Features::WASM2, &enough) {
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

#[test]
fn counts_are_limited() {
    needs(
        "(module (type (func)) (type (func)))",
        Limit::Types,
        2,
        Limits::with_types,
    );
    needs(
        "(module (import \"m\" \"f\" (func)) (func) (func))",
        Limit::Functions,
        3,
        Limits::with_functions,
    );
    needs(
        "(module (import \"m\" \"f\" (func)) (import \"m\" \"g\" (func)))",
        Limit::Functions,
        2,
        Limits::with_functions,
    );
    needs(
        "(module (import \"m\" \"f\" (func)) (import \"m\" \"g\" (global i32)))",
        Limit::Imports,
        2,
        Limits::with_imports,
    );
    needs(
        "(module (func (export \"a\") (export \"b\")))",
        Limit::Exports,
        2,
        Limits::with_exports,
    );
    needs(
        "(module (import \"m\" \"g\" (global i32)) (global i32 (i32.const 0)))",
        Limit::Globals,
        2,
        Limits::with_globals,
    );
    needs(
        "(module (import \"m\" \"t\" (table 0 funcref)) (table 0 funcref))",
        Limit::Tables,
        2,
        Limits::with_tables,
    );
    needs(
        "(module (memory 0))",
        Limit::Memories,
        1,
        Limits::with_memories,
    );
    needs(
        "(module (elem func) (elem func))",
        Limit::ElementSegments,
        2,
        Limits::with_element_segments,
    );
    needs(
        "(module (data \"\") (data \"\"))",
        Limit::DataSegments,
        2,
        Limits::with_data_segments,
    );
    needs(
        "(module (func) (elem func 0 0 0))",
        Limit::SegmentItems,
        3,
        Limits::with_segment_items,
    );
    needs(
        "(module (elem funcref (ref.null func) (ref.null func)))",
        Limit::SegmentItems,
        2,
        Limits::with_segment_items,
    );
}

#[test]
fn lengths_are_limited() {
    needs(
        "(module (type (func (param i32 i32 i32))))",
        Limit::Params,
        3,
        Limits::with_params,
    );
    needs(
        "(module (type (func (result i32 i32))))",
        Limit::Results,
        2,
        Limits::with_results,
    );
    needs(
        "(module (import \"four\" \"f\" (func)))",
        Limit::NameBytes,
        4,
        Limits::with_name_bytes,
    );
    needs(
        "(module (func (export \"three\")))",
        Limit::NameBytes,
        5,
        Limits::with_name_bytes,
    );
    needs(
        "(module (func (param i32) (local i64 i64 f32)))",
        Limit::Locals,
        4,
        Limits::with_locals,
    );
    needs(
        "(module (func (param i32) (local i64)) (func (local i64 f64)))",
        Limit::TotalLocals,
        4,
        Limits::with_total_locals,
    );
    needs(
        "(module (func (nop) (nop)))",
        Limit::BodyBytes,
        4,
        Limits::with_body_bytes,
    );
    needs(
        "(module (import \"m\" \"f\" (func (param i32) (result i64))) (export \"f\" (func 0)))",
        Limit::InterfaceSize,
        8,
        Limits::with_interface_size,
    );
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
    needs(
        "(module (global i32 (i32.const 1)))",
        Limit::ConstExprOps,
        1,
        Limits::with_const_expr_ops,
    );
}

#[test]
fn bodies_are_limited() {
    needs(
        "(module (func (block (loop (if (i32.const 1) (then))))))",
        Limit::Nesting,
        3,
        Limits::with_nesting,
    );
    needs(
        "(module (func (br_table 0 0 0 0 (i32.const 1))))",
        Limit::BranchTargets,
        3,
        Limits::with_branch_targets,
    );
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
fn locals_beyond_32_bits_are_malformed() {
    // Twice 2^31 locals, which a 32-bit sum would take for none.
    let groups = join(&[&[2], &leb(1 << 31), &[0x7f], &leb(1 << 31), &[0x7e, 0x0b]]);
    let error = validate(&function(&groups), &Features::WASM2, &Limits::default());
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
