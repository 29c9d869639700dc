//! Modules of any size, made up for measuring how long engines take to begin: many functions of a
//! few hundred bytes that compute, branch, load, store and call, no two of them the same.

/// About how many bytes a generated function takes.
const FUNCTION: usize = 230;

/// A valid module of about `size` bytes whose export `run` takes an i32, runs one of its functions
/// and returns an i64.
#[must_use]
pub fn module(size: usize) -> Vec<u8> {
    let functions = u32::try_from((size / FUNCTION).max(1)).unwrap_or(u32::MAX);
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    // (i32) -> i64
    section(&mut module, 1, &[&[1, 0x60, 1, 0x7f, 1, 0x7e]]);
    let types = vec![0; functions as usize];
    section(&mut module, 3, &[&unsigned(functions), &types]);
    // One page of memory.
    section(&mut module, 5, &[&[1, 0, 1]]);
    section(&mut module, 7, &[&[1, 3], b"run", &[0, 0]]);
    let mut bodies = unsigned(functions);
    for number in 0..functions {
        let body = body(number);
        bodies.extend(unsigned(size_of(&body)));
        bodies.extend(body);
    }
    section(&mut module, 10, &[&bodies]);
    module
}

/// A module with a function `run` of the same type that does nothing, and with so many pages of
/// memory, exported, or with none.
#[must_use]
pub fn small(pages: Option<u32>) -> Vec<u8> {
    // Sixteen bytes of data at address 8.
    let data: Vec<u8> = (1..=16).collect();
    one_function(pages, &data)
}

/// The same with so many bytes of data, and twice as much memory.
#[must_use]
pub fn with_data(bytes: usize) -> Vec<u8> {
    let data: Vec<u8> = (1..=u8::MAX).cycle().take(bytes).collect();
    let pages = u32::try_from(bytes.div_ceil(32 * 1024)).unwrap_or(u32::MAX);
    one_function(Some(pages), &data)
}

fn one_function(pages: Option<u32>, data: &[u8]) -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    section(&mut module, 1, &[&[1, 0x60, 1, 0x7f, 1, 0x7e]]);
    section(&mut module, 3, &[&[1, 0]]);
    if let Some(pages) = pages {
        section(&mut module, 5, &[&[1, 0], &unsigned(pages)]);
    }
    section(&mut module, 7, &[&[1, 3], b"run", &[0, 0]]);
    section(&mut module, 10, &[&[1, 4, 0, 0x42, 7, 0x0b]]);
    if pages.is_some() {
        let head = [1, 0, 0x41, 8, 0x0b];
        section(&mut module, 11, &[&head, &unsigned(size_of(data)), data]);
    }
    module
}

fn section(module: &mut Vec<u8>, id: u8, parts: &[&[u8]]) {
    let content = parts.concat();
    module.push(id);
    module.extend(unsigned(size_of(&content)));
    module.extend(content);
}

fn size_of(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("modules are smaller than 4 GiB")
}

/// LEB128.
fn unsigned(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// LEB128 of a number that is not negative.
fn signed(number: u32) -> Vec<u8> {
    let mut bytes = unsigned(number);
    // The sign is the second bit of the last byte.
    if let Some(last) = bytes.last_mut()
        && *last & 0x40 != 0
    {
        *last |= 0x80;
        bytes.push(0);
    }
    bytes
}

/// The body of the function of this number. Function 0 calls nothing; the others call an earlier
/// one, at the end of a branch that no argument takes.
fn body(number: u32) -> Vec<u8> {
    let constant = number.wrapping_mul(2_654_435_761) >> 4;
    // One local i32 (1) and one i64 (2) beside the parameter (0).
    let mut body = vec![2, 1, 0x7f, 1, 0x7e];
    for round in 0..5 {
        // local 1 = (local 0 + constant) ^ (local 1 << round)
        body.extend([0x20, 0, 0x41]);
        body.extend(signed(constant >> round));
        body.extend([0x6a, 0x20, 1, 0x41, round, 0x74, 0x73, 0x21, 1]);
        // if local 1 < local 0: local 2 = local 2 * 31 + local 1, else memory[local 1 & 4088] = local 2
        body.extend([0x20, 1, 0x20, 0, 0x48, 0x04, 0x40]);
        body.extend([0x20, 2, 0x42, 31, 0x7e, 0x20, 1, 0xad, 0x7c, 0x21, 2]);
        body.extend([
            0x05, 0x20, 1, 0x41, 0xf8, 0x1f, 0x71, 0x20, 2, 0x37, 3, 0, 0x0b,
        ]);
    }
    if let Some(before) = number.checked_sub(1) {
        // if local 0 == -1: local 2 = an earlier function (local 1)
        body.extend([0x20, 0, 0x41, 0x7f, 0x46, 0x04, 0x40, 0x20, 1, 0x10]);
        body.extend(unsigned(before / 2));
        body.extend([0x21, 2, 0x0b]);
    }
    // local 2 + memory[8]
    body.extend([0x20, 2, 0x41, 8, 0x29, 3, 0, 0x7c, 0x0b]);
    body
}

#[cfg(test)]
mod tests {
    use super::{module, small};
    use curta::{Engine, Instance, Module, Store};

    fn run(wasm: &[u8]) -> i64 {
        let engine = Engine::default();
        let module = Module::new(&engine, wasm).expect("it is valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
        let run = instance.get_typed_func::<i32, i64>(&mut store, "run");
        let run = run.expect("it exports `run`");
        run.call(&mut store, 5).expect("it does not trap")
    }

    #[test]
    fn modules_are_valid_and_about_as_large_as_asked_for() {
        for size in [1_000, 10_000, 1_000_000] {
            let module = module(size);
            let ratio = module.len() as f64 / size as f64;
            assert!((0.8..1.25).contains(&ratio), "{} for {size}", module.len());
            assert_eq!(run(&module), run(&super::module(1)));
        }
    }

    #[test]
    fn small_modules_do_nothing() {
        for pages in [None, Some(1), Some(1024)] {
            assert_eq!(run(&small(pages)), 7);
        }
    }
}
