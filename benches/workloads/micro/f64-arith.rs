//! Arithmetic on f64 in registers: polynomials, quotients, roots, rounding, conversions.

/// The bits of what n rounds add up to.
#[unsafe(no_mangle)]
pub extern "C" fn run(n: i32) -> i64 {
    let (mut x, mut sum) = (0.5_f64, 0.0_f64);
    for i in 0..n {
        // The logistic map never settles.
        x = 3.75 * x * (1.0 - x);
        let series = x * (1.0 - x * x * (1.0 / 6.0 - x * x * (1.0 / 120.0)));
        let root = (series * series + 1.0).sqrt();
        let part = (sum.abs() / root).floor();
        sum += (series - root).max(-0.75).min(f64::from(i & 1023) * 0.125);
        if part as i32 & 1 == 0 {
            sum -= x / (1.0 + root);
        } else {
            sum = -sum + part.copysign(series - 0.3) * 1e-3;
        }
    }
    sum.to_bits() as i64
}
