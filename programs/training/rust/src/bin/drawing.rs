//! Fills and strokes paths into a picture: curves, gradients, dashes, clips and blending, in `f32`.

use tiny_skia::{
    BlendMode, Color, FillRule, GradientStop, LineCap, LinearGradient, Mask, Paint, PathBuilder,
    Pixmap, Point, SpreadMode, Stroke, StrokeDash, Transform,
};

fn main() {
    let mut picture = Pixmap::new(200, 160).expect("a picture");
    picture.fill(Color::from_rgba8(240, 236, 220, 255));
    let gradient = LinearGradient::new(
        Point::from_xy(0.0, 0.0),
        Point::from_xy(200.0, 160.0),
        vec![
            GradientStop::new(0.0, Color::from_rgba8(20, 60, 200, 200)),
            GradientStop::new(1.0, Color::from_rgba8(250, 120, 10, 120)),
        ],
        SpreadMode::Pad,
        Transform::identity(),
    );
    let mut clip = Mask::new(200, 160).expect("a mask");
    clip.fill_path(
        &PathBuilder::from_circle(100.0, 80.0, 70.0).expect("a circle"),
        FillRule::Winding,
        true,
        Transform::identity(),
    );
    for step in 0..8 {
        let turn = step as f32 * 0.8;
        let mut path = PathBuilder::new();
        path.move_to(100.0 + 60.0 * turn.cos(), 80.0 + 60.0 * turn.sin());
        path.cubic_to(
            20.0 * turn.sin() + 100.0,
            0.0,
            200.0,
            150.0 - 10.0 * turn,
            100.0 - 60.0 * turn.cos(),
            80.0,
        );
        path.quad_to(90.0, 150.0, 40.0 + 9.0 * turn, 30.0);
        path.close();
        let path = path.finish().expect("a path");
        let mut paint = Paint {
            anti_alias: true,
            ..Paint::default()
        };
        if step % 2 == 0 {
            paint.shader = gradient.clone().expect("a gradient");
        } else {
            paint.set_color_rgba8(30 * step as u8, 90, 160, 150);
        }
        paint.blend_mode = [
            BlendMode::SourceOver,
            BlendMode::Multiply,
            BlendMode::Screen,
            BlendMode::Overlay,
        ][step / 2];
        picture.fill_path(
            &path,
            &paint,
            FillRule::EvenOdd,
            Transform::identity(),
            (step > 3).then_some(&clip),
        );
        let stroke = Stroke {
            width: 1.5 + step as f32,
            line_cap: LineCap::Round,
            dash: StrokeDash::new(vec![12.0, 5.0], turn),
            ..Stroke::default()
        };
        picture.stroke_path(
            &path,
            &paint,
            &stroke,
            Transform::from_rotate_at(step as f32 * 5.0, 100.0, 80.0),
            None,
        );
    }
    let sum: u64 = picture
        .data()
        .iter()
        .zip(1u64..)
        .map(|(&byte, place)| u64::from(byte) * (place % 251))
        .sum();
    println!("{sum}");
}
