//! Writes modules byte by byte, for the tests of what no text format can say.

#![allow(dead_code, reason = "every test file uses a part of it")]

/// The magic number and the version.
pub(crate) const HEADER: [u8; 8] = *b"\0asm\x01\0\0\0";

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

/// Several pieces in a row.
pub(crate) fn join(pieces: &[&[u8]]) -> Vec<u8> {
    pieces.concat()
}

/// A piece, so many times.
pub(crate) fn repeat(piece: &[u8], times: usize) -> Vec<u8> {
    piece.repeat(times)
}

/// Bytes with their length before them.
pub(crate) fn sized(bytes: &[u8]) -> Vec<u8> {
    join(&[&leb(bytes.len() as u64), bytes])
}

/// A section with these contents.
pub(crate) fn section(id: u8, contents: &[u8]) -> Vec<u8> {
    join(&[&[id], &sized(contents)])
}

/// A section of so many items, which are given in their order.
pub(crate) fn counted(id: u8, count: u64, items: &[u8]) -> Vec<u8> {
    section(id, &join(&[&leb(count), items]))
}

/// A custom section.
pub(crate) fn custom(name: &[u8], data: &[u8]) -> Vec<u8> {
    section(0, &join(&[&sized(name), data]))
}

/// A module of these sections.
pub(crate) fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = HEADER.to_vec();
    for section in sections {
        bytes.extend_from_slice(section);
    }
    bytes
}

/// A module of one function `[] -> []` with a body given without its length.
pub(crate) fn function(body: &[u8]) -> Vec<u8> {
    module(&[
        counted(TYPE, 1, &[0x60, 0, 0]),
        counted(FUNCTION, 1, &[0]),
        counted(CODE, 1, &sized(body)),
    ])
}

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
