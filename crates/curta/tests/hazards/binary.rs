//! Modules written byte by byte: what is too large for text, and what no text can say.

/// The magic number and the version.
pub(crate) const HEADER: [u8; 8] = *b"\0asm\x01\0\0\0";

pub(crate) const TYPE: u8 = 1;
pub(crate) const IMPORT: u8 = 2;
pub(crate) const FUNCTION: u8 = 3;
pub(crate) const TABLE: u8 = 4;
pub(crate) const MEMORY: u8 = 5;
pub(crate) const GLOBAL: u8 = 6;
pub(crate) const EXPORT: u8 = 7;
pub(crate) const START: u8 = 8;
pub(crate) const ELEMENT: u8 = 9;
pub(crate) const CODE: u8 = 10;
pub(crate) const DATA: u8 = 11;
pub(crate) const DATA_COUNT: u8 = 12;
pub(crate) const TAG: u8 = 13;

/// The binary form of the type `i32`.
pub(crate) const I32: u8 = 0x7f;
/// The binary form of the type `i64`.
pub(crate) const I64: u8 = 0x7e;

/// An unsigned number in LEB128, as short as can be.
pub(crate) fn leb(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

/// A number that is not negative in signed LEB128: the index of a type where a block or a heap type names it.
pub(crate) fn sleb(number: u64) -> Vec<u8> {
    let mut bytes = leb(number);
    let last = bytes.last_mut().expect("there is a byte at least");
    if *last & 0x40 != 0 {
        *last |= 0x80;
        bytes.push(0);
    }
    bytes
}

/// Pieces in a row.
pub(crate) fn join(pieces: &[&[u8]]) -> Vec<u8> {
    pieces.concat()
}

/// Bytes with their length before them.
pub(crate) fn sized(bytes: &[u8]) -> Vec<u8> {
    join(&[&leb(bytes.len() as u64), bytes])
}

/// A section with these contents.
pub(crate) fn section(id: u8, contents: &[u8]) -> Vec<u8> {
    join(&[&[id], &sized(contents)])
}

/// A section of so many items.
pub(crate) fn counted(id: u8, count: usize, items: &[u8]) -> Vec<u8> {
    section(id, &join(&[&leb(count as u64), items]))
}

/// A section whose items are made from their numbers.
pub(crate) fn numbered(id: u8, count: usize, item: impl FnMut(usize) -> Vec<u8>) -> Vec<u8> {
    let items: Vec<u8> = (0..count).flat_map(item).collect();
    counted(id, count, &items)
}

/// A custom section.
pub(crate) fn custom(name: &[u8], data: &[u8]) -> Vec<u8> {
    section(0, &join(&[&sized(name), data]))
}

/// A module of these sections.
pub(crate) fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    join(&[&HEADER, &sections.concat()])
}

/// The export of a function.
pub(crate) fn export(name: &str, function: usize) -> Vec<u8> {
    join(&[&sized(name.as_bytes()), &[0], &leb(function as u64)])
}

/// A function type.
pub(crate) fn func_type(params: &[u8], results: &[u8]) -> Vec<u8> {
    join(&[&[0x60], &sized(params), &sized(results)])
}

/// A module whose first type is `[] -> []` and whose last function, of this type, is exported as `run`. `types` come
/// after the first one; `others` are functions before the last one, as a type and a body (locals included).
pub(crate) fn program(types: &[Vec<u8>], others: &[(usize, Vec<u8>)], run: &[u8]) -> Vec<u8> {
    let all_types = join(&[&func_type(&[], &[]), &types.concat()]);
    let functions: Vec<u8> = others.iter().flat_map(|(ty, _)| leb(*ty as u64)).collect();
    let bodies: Vec<u8> = others.iter().flat_map(|(_, body)| sized(body)).collect();
    module(&[
        counted(TYPE, types.len() + 1, &all_types),
        counted(FUNCTION, others.len() + 1, &join(&[&functions, &[0]])),
        counted(EXPORT, 1, &export("run", others.len())),
        counted(CODE, others.len() + 1, &join(&[&bodies, &sized(run)])),
    ])
}

/// A module that exports `run : [] -> []` with these locals (runs of a count and a type) and this code, without its end.
pub(crate) fn body(locals: &[(u64, u8)], code: &[u8]) -> Vec<u8> {
    program(&[], &[], &function(locals, code))
}

/// The body of a function.
pub(crate) fn function(locals: &[(u64, u8)], code: &[u8]) -> Vec<u8> {
    let runs: Vec<u8> = locals
        .iter()
        .flat_map(|(count, ty)| join(&[&leb(*count), &[*ty]]))
        .collect();
    join(&[&leb(locals.len() as u64), &runs, code, &[0x0b]])
}
