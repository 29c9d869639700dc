//! `f32` vectors, quaternions and matrices: a chain of joints that moves and skins a mesh, with culling.

use glam::{EulerRot, Mat4, Quat, Vec2, Vec3, Vec4};

struct Joint {
    turn: Quat,
    offset: Vec3,
}

fn perspective(field: f32, aspect: f32, near: f32, far: f32) -> Mat4 {
    let (scale, depth) = (1.0 / (field / 2.0).tan(), far / (near - far));
    Mat4::from_cols(
        Vec4::X * (scale / aspect),
        Vec4::Y * scale,
        Vec4::new(0.0, 0.0, depth, -1.0),
        Vec4::Z * (near * depth),
    )
}

fn main() {
    let mesh: Vec<(Vec3, usize, f32)> = (0..600)
        .map(|i| {
            let (angle, height) = (i as f32 * 0.37, i as f32 / 100.0);
            (
                Vec3::new(angle.cos(), height, angle.sin()),
                i / 100,
                (i % 100) as f32 / 100.0,
            )
        })
        .collect();
    let mut joints: Vec<Joint> = (0..7)
        .map(|_| Joint {
            turn: Quat::IDENTITY,
            offset: Vec3::Y,
        })
        .collect();
    let place = Mat4::from_translation(Vec3::new(6.0, 4.0, 9.0))
        * Mat4::from_rotation_y(0.588)
        * Mat4::from_rotation_x(-0.09);
    let camera = perspective(1.1, 4.0 / 3.0, 0.1, 60.0) * place.inverse();
    let (mut seen, mut area, mut light) = (0, 0.0f32, 0.0f32);
    for frame in 0..60 {
        let time = frame as f32 / 30.0;
        for (i, joint) in joints.iter_mut().enumerate() {
            let target = Quat::from_euler(
                EulerRot::XYZ,
                (time + i as f32).sin() * 0.4,
                time * 0.2,
                0.1,
            );
            joint.turn = joint.turn.slerp(target, 0.25).normalize();
        }
        let mut world = Mat4::IDENTITY;
        let chain: Vec<Mat4> = joints
            .iter()
            .map(|joint| {
                world *= Mat4::from_rotation_translation(joint.turn, joint.offset);
                world
            })
            .collect();
        let skinned: Vec<Vec3> = mesh
            .iter()
            .map(|&(point, joint, weight)| {
                let (a, b) = (
                    chain[joint].transform_point3(point),
                    chain[joint + 1].transform_point3(point),
                );
                a.lerp(b, weight)
            })
            .collect();
        for corners in skinned.windows(3) {
            let normal = (corners[1] - corners[0])
                .cross(corners[2] - corners[0])
                .normalize_or_zero();
            light += normal.dot(Vec3::new(0.3, 0.8, 0.5)).abs();
            let screen: Vec<Vec4> = corners
                .iter()
                .map(|&corner| camera * corner.extend(1.0))
                .collect();
            if screen
                .iter()
                .any(|p| p.w <= 0.0 || p.x.abs() > p.w || p.y.abs() > p.w)
            {
                continue;
            }
            let flat: Vec<Vec2> = screen
                .iter()
                .map(|p| Vec2::new(p.x / p.w, p.y / p.w))
                .collect();
            let turn = (flat[1] - flat[0]).perp_dot(flat[2] - flat[0]);
            if turn > 0.0 {
                seen += 1;
                area += turn / 2.0;
            }
        }
    }
    println!("{seen} triangles, area {area:.3}, light {light:.1}");
}
