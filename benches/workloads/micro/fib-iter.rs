//! Fibonacci numbers by iteration: an addition of i64 and two moves between locals.

/// The n-th Fibonacci number modulo 2^64.
#[unsafe(no_mangle)]
pub extern "C" fn run(n: i32) -> i64 {
    let (mut this, mut next) = (0i64, 1i64);
    for _ in 0..n {
        (this, next) = (next, this.wrapping_add(next));
    }
    this
}
