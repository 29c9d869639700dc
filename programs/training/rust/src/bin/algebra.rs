//! `f64` matrices of any size: decompositions, least squares, eigenvalues, and a filter of small ones.

use nalgebra::{DMatrix, DVector, Matrix2, Matrix4, Vector2, Vector4};

fn filled(rows: usize, columns: usize, seed: f64) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |i, j| {
        ((i * 7 + j * 13) as f64 * 0.618 + seed).sin()
    })
}

fn main() {
    for size in [10, 24, 40] {
        let matrix = filled(size, size, 0.5) + DMatrix::identity(size, size) * 3.0;
        let right = DVector::from_fn(size, |i, _| i as f64);
        let solution = matrix.clone().lu().solve(&right).expect("a solution");
        let error = (&matrix * &solution - &right).norm();
        let symmetric = &matrix * matrix.transpose();
        let eigen = symmetric.clone().symmetric_eigen();
        let lower = symmetric.cholesky().expect("a positive matrix").l();
        let singular = filled(size, size / 2, 1.5).svd(true, true);
        let (q, r) = filled(size + 5, size, 2.5).qr().unpack();
        println!(
            "{size}: error below 1e-9: {}, {:.6} {:.6} {:.6} {:.6}",
            error < 1e-9,
            eigen.eigenvalues.max(),
            lower.trace(),
            singular.singular_values.sum(),
            (q * r).norm()
        );
    }
    let step = Matrix4::new(
        1., 0., 0.1, 0., 0., 1., 0., 0.1, 0., 0., 1., 0., 0., 0., 0., 1.,
    );
    let seen = nalgebra::Matrix2x4::new(1., 0., 0., 0., 0., 1., 0., 0.);
    let (mut state, mut doubt) = (Vector4::zeros(), Matrix4::identity() * 10.0);
    for time in 0..3000 {
        let angle = f64::from(time) * 0.01;
        state = step * state;
        doubt = step * doubt * step.transpose() + Matrix4::identity() * 0.01;
        let surprise = Vector2::new(angle.cos(), angle.sin()) - seen * state;
        let gain = doubt
            * seen.transpose()
            * (seen * doubt * seen.transpose() + Matrix2::identity() * 0.5)
                .try_inverse()
                .expect("an inverse");
        state += gain * surprise;
        doubt = (Matrix4::identity() - gain * seen) * doubt;
    }
    println!("{state:.4}");
}
