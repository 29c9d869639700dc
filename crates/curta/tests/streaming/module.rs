//! Modules in the binary format, as large as one likes: functions that call each other forwards and backwards, with locals
//! to zero and without, with loops, memory accesses and tail calls.

/// A module of so many functions, of about 520 bytes each, with data of so many bytes.
///
/// Function number `n`, exported as `f0` if it is the first, takes a depth and returns a number. It calls others at a depth
/// less, but at depth 0 nobody; at depth 1000 it traps.
pub(crate) fn module(functions: u32, data: usize) -> Vec<u8> {
    let mut out = b"\0asm\x01\0\0\0".to_vec();
    // Types: (i32) -> i32.
    section(&mut out, 1, &[1, 0x60, 1, 0x7f, 1, 0x7f]);
    let mut types = leb(functions);
    types.extend((0..functions).map(|_| 0));
    section(&mut out, 3, &types);
    section(&mut out, 5, &[1, 0, 2]);
    section(&mut out, 7, b"\x01\x02f0\0\0");
    let mut code = leb(functions);
    for number in 0..functions {
        let body = body(number, functions);
        code.extend(leb(body.len() as u32));
        code.extend(body);
    }
    section(&mut out, 10, &code);
    if data > 0 {
        let mut contents = vec![1, 0, 0x41, 0, 0x0b];
        contents.extend(leb(data as u32));
        contents.extend((0..data).map(|byte| byte as u8));
        section(&mut out, 11, &contents);
    }
    out
}

/// What a function of the module does: arithmetic on its own number, memory, a loop, and two calls.
fn body(number: u32, functions: u32) -> Vec<u8> {
    let locals = number % 3;
    // One run of i32 locals, or none; local 0 is the depth, so without locals it is the sum as well.
    let mut body = match locals {
        0 => vec![0],
        count => vec![1, count as u8, 0x7f],
    };
    let sum = if locals == 0 { 0 } else { 1 };
    // if depth == 1000 unreachable
    body.extend([0x20, 0, 0x41, 0xe8, 0x07, 0x46, 0x04, 0x40, 0x00, 0x0b]);
    // if depth == 0 return number
    body.extend([0x20, 0, 0x45, 0x04, 0x40, 0x41]);
    body.extend(sleb(number as i32));
    body.extend([0x0f, 0x0b]);
    if locals > 0 {
        for step in 0..24u32 {
            // sum = (sum + load(address)) * constant ; store(address, sum)
            body.extend([0x20, sum, 0x41]);
            body.extend(sleb((number % 97 * 4 + step) as i32));
            body.extend([0x28, 2]);
            body.extend(leb(step * 4));
            body.extend([0x6a, 0x41]);
            body.extend(sleb((number + step) as i32 | 1));
            body.extend([0x6c, 0x22, sum, 0x1a, 0x41, 16, 0x20, sum, 0x36, 2]);
            body.extend(leb(1000 + step * 4));
        }
    }
    // The callees: one before, one after, at a depth less.
    for callee in [number / 2, (number + 7 + number % 11) % functions] {
        body.extend([0x20, 0, 0x41, 1, 0x6b, 0x10]);
        body.extend(leb(callee));
    }
    body.push(0x6a);
    if number.is_multiple_of(5) {
        // Their sum goes on as a tail call at depth 0.
        body.extend([0x41, 0, 0x6c, 0x12]);
        body.extend(leb((number + 3) % functions));
    }
    body.push(0x0b);
    body
}

fn section(out: &mut Vec<u8>, id: u8, contents: &[u8]) {
    out.push(id);
    out.extend(leb(contents.len() as u32));
    out.extend(contents);
}

pub(crate) fn leb(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn sleb(mut number: i32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if (number == 0 && low & 0x40 == 0) || (number == -1 && low & 0x40 != 0) {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
