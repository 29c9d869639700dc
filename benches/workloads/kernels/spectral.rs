//! The spectral norm of an infinite matrix, by iteration: an f64 quotient of an integer expression
//! for each element, summed up; no matrix lies in memory, only vectors do.

fn element(row: usize, column: usize) -> f64 {
    let sum = row + column;
    1.0 / (sum * (sum + 1) / 2 + row + 1) as f64
}

fn multiply(vector: &[f64], transposed: bool) -> Vec<f64> {
    (0..vector.len())
        .map(|row| {
            let products = vector.iter().enumerate().map(|(column, value)| {
                value * if transposed { element(column, row) } else { element(row, column) }
            });
            products.sum()
        })
        .collect()
}

/// The bits of the norm of the n × n part after ten iterations.
#[unsafe(no_mangle)]
pub extern "C" fn run(n: i32) -> i64 {
    let mut u = vec![1.0; n as usize];
    let mut v = Vec::new();
    for _ in 0..10 {
        v = multiply(&multiply(&u, false), true);
        u = multiply(&multiply(&v, false), true);
    }
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    (dot(&u, &v) / dot(&v, &v)).sqrt().to_bits() as i64
}
