//! The name section is for people: it is read as far as it goes, and nothing in it is an error.

use crate::binary::{
    CODE, FUNCTION, TYPE, counted, custom, join, leb, module, repeat, section, sized,
};
use curta_module::{Features, FuncIdx, Limits, Module, TypeRegistry};

/// A module of `functions` functions with this name section.
fn named(functions: u64, names: &[u8]) -> Module {
    named_within(functions, names, &Limits::default())
}

fn named_within(functions: u64, names: &[u8], limits: &Limits) -> Module {
    let count = functions as usize;
    let bytes = module(&[
        counted(TYPE, 1, &[0x60, 0, 0]),
        counted(FUNCTION, functions, &repeat(&[0], count)),
        counted(CODE, functions, &repeat(&[2, 0, 0x0b], count)),
        custom(b"name", names),
    ]);
    Module::decode(bytes, &Features::WASM1, limits, &TypeRegistry::new())
        .expect("names cannot make a module invalid")
}

fn naming(index: u64, name: &[u8]) -> Vec<u8> {
    join(&[&leb(index), &sized(name)])
}

#[test]
fn functions_modules_and_locals_have_names() {
    let bytes = wat::parse_file("tests/modules/everything.wat").expect("valid text");
    let module = Module::decode(
        bytes,
        &Features::WASM2,
        &Limits::default(),
        &TypeRegistry::new(),
    )
    .expect("a valid module");
    assert_eq!(module.name(), Some("everything"));
    let names: Vec<Option<&str>> = (0..6)
        .map(|index| module.names().function(FuncIdx::new(index)))
        .collect();
    let expected = [
        Some("call"),
        Some("begin"),
        Some("twice"),
        Some("split"),
        Some("bulk"),
        None,
    ];
    assert_eq!(names, expected);
    let locals: Vec<(usize, &str)> = module
        .names()
        .locals(FuncIdx::new(2))
        .map(|(index, name)| (index.index(), name))
        .collect();
    assert_eq!(locals, [(0, "number"), (1, "unused")]);
    assert_eq!(module.names().locals(FuncIdx::new(1)).count(), 0);
}

#[test]
fn a_name_that_is_not_utf8_is_no_name() {
    let functions = join(&[
        &leb(3),
        &naming(0, b"\xff"),
        &naming(1, b"ok"),
        &naming(2, b"\xc0\x80"),
    ]);
    let module = named(3, &section(1, &functions));
    assert_eq!(module.names().function(0.into()), None);
    assert_eq!(module.names().function(1.into()), Some("ok"));
    assert_eq!(module.names().functions(), 1);
    let module = named(1, &section(0, &sized(b"\xed\xa0\x80")));
    assert_eq!(module.name(), None);
}

#[test]
fn what_is_readable_before_the_end_is_kept() {
    // Three names are announced; the second is cut off.
    let functions = join(&[&leb(3), &naming(0, b"first"), &[1, 200], b"short"]);
    let module = named(
        3,
        &join(&[&section(0, &sized(b"module")), &section(1, &functions)]),
    );
    assert_eq!(module.name(), Some("module"));
    assert_eq!(module.names().function(0.into()), Some("first"));
    assert_eq!(module.names().functions(), 1);
}

#[test]
fn a_subsection_too_long_ends_the_names() {
    let module = named(1, &join(&[&section(0, &sized(b"module")), &[1, 100, 1]]));
    assert_eq!(module.name(), Some("module"));
    assert_eq!(module.names().functions(), 0);
}

#[test]
fn the_first_name_of_a_function_counts_in_any_order() {
    let functions = join(&[
        &leb(4),
        &naming(2, b"c"),
        &naming(0, b"a"),
        &naming(2, b"again"),
        &naming(9, b"x"),
    ]);
    let module = named(3, &section(1, &functions));
    assert_eq!(module.names().function(0.into()), Some("a"));
    assert_eq!(module.names().function(1.into()), None);
    assert_eq!(module.names().function(2.into()), Some("c"));
    assert_eq!(module.names().functions(), 2, "no function has the index 9");
}

#[test]
fn an_announced_number_of_names_buys_nothing() {
    let module = named(
        1,
        &section(1, &join(&[&leb(u32::MAX.into()), &naming(0, b"f")])),
    );
    assert_eq!(module.names().function(0.into()), Some("f"));
    let locals = section(
        2,
        &join(&[&leb(u32::MAX.into()), &leb(0), &leb(u32::MAX.into())]),
    );
    assert_eq!(named(1, &locals).names().locals(0.into()).count(), 0);
}

#[test]
fn names_beyond_the_limit_are_left_out() {
    let functions = join(&[
        &leb(3),
        &naming(0, b"a"),
        &naming(1, b"b"),
        &naming(2, b"c"),
    ]);
    let limits = Limits::default().with_names(2);
    let module = named_within(3, &section(1, &functions), &limits);
    assert_eq!(module.names().function(1.into()), Some("b"));
    assert_eq!(module.names().function(2.into()), None);
}

#[test]
fn a_name_section_of_noise_is_ignored() {
    let mut noise = 1u32;
    for length in 0..200 {
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 24) as u8 % 16
            })
            .collect();
        let module = named(2, &bytes);
        for index in 0..2 {
            let _ = module.names().function(FuncIdx::new(index));
            let _ = module.names().locals(FuncIdx::new(index)).count();
        }
    }
}
