//! What is not in the binary format is refused as malformed; what is odd but allowed is not.

use crate::binary::{
    CODE, DATA, DATA_COUNT, ELEMENT, EXPORT, FUNCTION, GLOBAL, HEADER, IMPORT, MEMORY, START,
    TABLE, TYPE, counted, custom, function, join, leb, module, section, sized,
};
use curta_module::{Features, Limits, ModuleError, ModuleErrorKind, validate};

fn check(bytes: &[u8]) -> Result<(), ModuleError> {
    validate(bytes, &Features::WASM2, &Limits::default())
}

#[track_caller]
fn malformed(bytes: &[u8], message: &str) {
    let error = check(bytes).expect_err("malformed");
    assert_eq!(error.kind(), ModuleErrorKind::Malformed, "{error}");
    assert!(error.message().contains(message), "{error}");
}

#[track_caller]
fn valid(bytes: &[u8]) {
    if let Err(error) = check(bytes) {
        panic!("refused: {error}");
    }
}

#[test]
fn the_header_is_exact() {
    malformed(b"", "unexpected end");
    malformed(b"\0as", "unexpected end");
    malformed(b"asm\0\x01\0\0\0", "magic header not detected");
    malformed(b"\0asm\x02\0\0\0", "unknown binary version");
    malformed(b"\0asm\x01\0\0", "unexpected end");
    malformed(b"(module)", "magic header not detected");
    malformed(&[HEADER, HEADER].concat(), "wasm magic number");
    valid(&HEADER);
}

#[test]
fn numbers_may_be_padded_but_not_beyond_their_width() {
    // A type section of five bytes, its length in two to five bytes.
    let with_length = |length: &[u8]| join(&[&HEADER, &[TYPE], length, &[1, 0x60, 0, 0]]);
    valid(&with_length(&[0x84, 0x00]));
    valid(&with_length(&[0x84, 0x80, 0x80, 0x80, 0x00]));
    malformed(
        &with_length(&[0x84, 0x80, 0x80, 0x80, 0x80, 0x00]),
        "integer representation too long",
    );
    malformed(
        &with_length(&[0x84, 0x80, 0x80, 0x80, 0x10]),
        "integer too large",
    );

    // `i32.const` and `i64.const` in as many bytes as there may be, and one more.
    let constant = |op: u8, number: &[u8]| function(&join(&[&[0, op], number, &[0x1a, 0x0b]]));
    valid(&constant(0x41, &[0xff, 0xff, 0xff, 0xff, 0x7f]));
    malformed(
        &constant(0x41, &[0xff, 0xff, 0xff, 0xff, 0x4f]),
        "integer too large",
    );
    malformed(
        &constant(0x41, &[0x80, 0x80, 0x80, 0x80, 0x80, 0x00]),
        "integer representation too long",
    );
    let nine = [0xff; 9];
    valid(&constant(0x42, &join(&[&nine, &[0x7f]])));
    malformed(
        &constant(0x42, &join(&[&nine, &[0x7d]])),
        "integer too large",
    );
    malformed(
        &constant(0x42, &join(&[&nine, &[0xff, 0x00]])),
        "integer representation too long",
    );
}

#[test]
fn sections_come_once_and_in_order() {
    let types = counted(TYPE, 1, &[0x60, 0, 0]);
    let memory = counted(MEMORY, 1, &[0, 1]);
    valid(&module(&[types.clone(), memory.clone()]));
    malformed(
        &module(&[memory.clone(), types.clone()]),
        "section out of order",
    );
    malformed(
        &module(&[types.clone(), types.clone()]),
        "section out of order",
    );
    malformed(&module(&[section(14, &[0])]), "malformed section id");
    malformed(&module(&[section(0x7f, &[])]), "malformed section id");
    // Custom sections come anywhere, and as often as they like.
    let extra = custom(b"x", b"");
    valid(&module(&[
        extra.clone(),
        types,
        extra.clone(),
        memory,
        extra.clone(),
        extra,
    ]));
}

#[test]
fn a_section_has_the_size_that_it_says() {
    malformed(
        &module(&[section(TYPE, &[1, 0x60, 0, 0, 0])]),
        "section size mismatch",
    );
    malformed(
        &module(&[section(TYPE, &[2, 0x60, 0, 0])]),
        "unexpected end",
    );
    malformed(&module(&[vec![TYPE, 5, 1, 0x60, 0, 0]]), "unexpected end");
    malformed(&module(&[section(TYPE, &[])]), "unexpected end");
    malformed(&module(&[section(START, &[])]), "unexpected end");
    let two_bodies = join(&[&sized(&[0, 0x0b]), &[0]]);
    let defined = [counted(TYPE, 1, &[0x60, 0, 0]), counted(FUNCTION, 1, &[0])];
    let code = [&defined[..], &[counted(CODE, 1, &two_bodies)]].concat();
    malformed(&module(&code), "trailing bytes at end of section");
}

#[test]
fn a_body_is_a_part_of_its_section() {
    let body = sized(&[0, 0x0b]);
    // Behind two bodies one that goes on in the section behind, that ends with the file, or whose size is none.
    let thirds: [(&[u8], &str); 4] = [
        (&[9, 0, 0x0b], "unexpected end"),
        (&[100, 0, 0x0b], "unexpected end"),
        (&[0x80], "unexpected end"),
        (&[0xff, 0xff, 0xff, 0xff, 0x1f, 0x0b], "integer too large"),
    ];
    for (third, message) in thirds {
        let mut sections = vec![
            counted(TYPE, 1, &[0x60, 0, 0]),
            counted(FUNCTION, 3, &[0, 0, 0]),
            counted(CODE, 3, &join(&[&body, &body, third])),
            counted(DATA, 1, &[1, 3, 1, 2, 3]),
        ];
        malformed(&module(&sections), message);
        sections.pop();
        malformed(&module(&sections), message);
    }
}

#[test]
fn functions_and_bodies_are_equally_many() {
    let types = counted(TYPE, 1, &[0x60, 0, 0]);
    let functions = counted(FUNCTION, 2, &[0, 0]);
    let body = sized(&[0, 0x0b]);
    let message = "function and code section have inconsistent lengths";
    let absent = "function section has non-zero count but code section is absent";
    malformed(&module(&[types.clone(), functions.clone()]), absent);
    malformed(
        &module(&[types.clone(), functions.clone(), counted(CODE, 1, &body)]),
        message,
    );
    let absent = "function section is absent but code section has non-zero count";
    malformed(&module(&[types.clone(), counted(CODE, 1, &body)]), absent);
    valid(&module(&[
        types.clone(),
        functions,
        counted(CODE, 2, &join(&[&body, &body])),
    ]));
    valid(&module(&[
        types,
        counted(FUNCTION, 0, &[]),
        counted(CODE, 0, &[]),
    ]));
    valid(&module(&[counted(FUNCTION, 0, &[])]));
    valid(&module(&[counted(CODE, 0, &[])]));
}

#[test]
fn the_data_count_is_the_count_of_the_data() {
    let count = |count: u64| section(DATA_COUNT, &leb(count));
    let passive = |count: u64, items: &[u8]| counted(DATA, count, items);
    let message = "data count and data section have inconsistent lengths";
    valid(&module(&[count(1), passive(1, &[1, 0])]));
    valid(&module(&[count(0)]));
    valid(&module(&[count(0), passive(0, &[])]));
    let absent = "data count is non-zero but data section is absent";
    malformed(&module(&[count(1)]), absent);
    malformed(&module(&[count(2), passive(1, &[1, 0])]), message);
    malformed(&module(&[count(0), passive(1, &[1, 0])]), message);

    // Without a count, `memory.init` and `data.drop` cannot be read in one pass.
    let drop_data = [
        counted(TYPE, 1, &[0x60, 0, 0]),
        counted(FUNCTION, 1, &[0]),
        counted(CODE, 1, &sized(&[0, 0xfc, 9, 0, 0x0b])),
        passive(1, &[1, 0]),
    ];
    malformed(&module(&drop_data), "data count section required");
    let mut with_count = drop_data.to_vec();
    with_count.insert(2, count(1));
    valid(&module(&with_count));
}

#[test]
fn names_that_mean_something_are_utf8() {
    let import = |module_name: &[u8], name: &[u8]| {
        let import = join(&[&sized(module_name), &sized(name), &[3, 0x7f, 0]]);
        module(&[counted(IMPORT, 1, &import)])
    };
    let export = |name: &[u8]| {
        let export = join(&[&sized(name), &[2, 0]]);
        module(&[counted(MEMORY, 1, &[0, 1]), counted(EXPORT, 1, &export)])
    };
    valid(&import("ü".as_bytes(), "\u{10ffff}".as_bytes()));
    valid(&export("\0".as_bytes()));
    for name in [
        &b"\xff"[..],        // no first byte
        b"\x80",             // a continuation of nothing
        b"\xc3",             // cut off
        b"\xc0\xaf",         // overlong
        b"\xed\xa0\x80",     // a surrogate
        b"\xf4\x90\x80\x80", // beyond the last character
    ] {
        malformed(&import(name, b"x"), "malformed UTF-8 encoding");
        malformed(&import(b"x", name), "malformed UTF-8 encoding");
        malformed(&export(name), "malformed UTF-8 encoding");
        malformed(&module(&[custom(name, b"")]), "malformed UTF-8 encoding");
        valid(&module(&[custom(b"name", name)]));
        valid(&module(&[custom(b"x", name)]));
    }
}

#[test]
fn flags_and_kinds_have_no_other_values() {
    malformed(
        &module(&[counted(MEMORY, 1, &[0x10, 0])]),
        "memory limits flags",
    );
    malformed(
        &module(&[counted(TABLE, 1, &[0x70, 0x08, 0])]),
        "limits flags",
    );
    malformed(
        &module(&[counted(GLOBAL, 1, &[0x7f, 4, 0x41, 0, 0x0b])]),
        "malformed global flags",
    );
    malformed(&module(&[counted(EXPORT, 1, &[0, 9, 0])]), "external kind");
    malformed(
        &module(&[counted(ELEMENT, 1, &[8, 0])]),
        "flags byte in element segment",
    );
    malformed(
        &module(&[counted(DATA, 1, &[3, 0])]),
        "flags byte in data segment",
    );
    malformed(&module(&[counted(TYPE, 1, &[0x60, 1, 0x11, 0])]), "");
}

#[test]
fn a_body_ends_where_it_says() {
    valid(&function(&[0, 0x0b]));
    malformed(&function(&[0]), "");
    malformed(&function(&[0, 0x02, 0x40, 0x0b]), "");
    malformed(&function(&[0, 0x0b, 0x01]), "");
    malformed(&function(&[]), "unexpected end");
    malformed(&function(&[0, 0xff, 0x0b]), "illegal opcode");
    malformed(&function(&[0, 0xfc, 0x7f, 0x0b]), "");
    malformed(&function(&[0, 0x41]), "unexpected end");
}

#[test]
fn constant_expressions_end() {
    malformed(
        &module(&[counted(GLOBAL, 1, &[0x7f, 0, 0x41, 0])]),
        "unexpected end",
    );
    malformed(&module(&[counted(DATA, 1, &[0, 0x41, 0])]), "");
}
