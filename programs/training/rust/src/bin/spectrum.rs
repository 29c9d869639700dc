//! Fourier transforms of `f32` and `f64` signals: lengths that are powers of two, products and primes.

use rustfft::{FftNum, FftPlanner, num_complex::Complex};

fn peak<T: FftNum + PartialOrd>(length: usize, signal: impl Fn(usize) -> T) -> usize {
    let mut planner = FftPlanner::<T>::new();
    let mut samples: Vec<Complex<T>> = (0..length)
        .map(|i| Complex::new(signal(i), T::zero()))
        .collect();
    planner.plan_fft_forward(length).process(&mut samples);
    let strength = |i: usize| samples[i].norm_sqr();
    let best = (1..length / 2).fold(1, |best, i| {
        if strength(i) > strength(best) {
            i
        } else {
            best
        }
    });
    planner.plan_fft_inverse(length).process(&mut samples);
    best
}

fn main() {
    for length in [1024, 4096, 1000, 2187, 1009, 1800] {
        let wave = |i: usize| {
            (i as f64 * 17.0 / length as f64 * std::f64::consts::TAU).sin()
                + ((i * 31 % 7) as f64) * 0.05
        };
        println!(
            "{length}: {} {}",
            peak(length, wave),
            peak(length, |i| wave(i) as f32)
        );
    }
}
