//! A ray tracer in f32: spheres over a chequered plane, with shadows and reflections.

#[path = "../common.rs"]
mod common;
use common::{Digest, Random};
use std::ops::{Add, Mul, Sub};

#[derive(Clone, Copy, PartialEq)]
struct Vector(f32, f32, f32);

impl Add for Vector {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1, self.2 + other.2)
    }
}

impl Sub for Vector {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0, self.1 - other.1, self.2 - other.2)
    }
}

impl Mul<f32> for Vector {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        Self(self.0 * factor, self.1 * factor, self.2 * factor)
    }
}

impl Vector {
    fn dot(self, other: Self) -> f32 {
        self.0 * other.0 + self.1 * other.1 + self.2 * other.2
    }

    fn unit(self) -> Self {
        self * (1.0 / self.dot(self).sqrt())
    }
}

trait Shape {
    /// The distance along the ray at which it meets this shape.
    fn meet(&self, from: Vector, way: Vector) -> Option<f32>;
    /// The direction of the surface at a point, its colour, and how much it reflects.
    fn surface(&self, at: Vector) -> (Vector, Vector, f32);
}

struct Sphere {
    centre: Vector,
    radius: f32,
    colour: Vector,
}

struct Plane;

const NEAR: f32 = 1e-3;

impl Shape for Sphere {
    fn meet(&self, from: Vector, way: Vector) -> Option<f32> {
        let to = self.centre - from;
        let along = to.dot(way);
        let square = self.radius * self.radius - (to.dot(to) - along * along);
        if square < 0.0 {
            return None;
        }
        let half = square.sqrt();
        [along - half, along + half].into_iter().find(|&distance| distance > NEAR)
    }

    fn surface(&self, at: Vector) -> (Vector, Vector, f32) {
        ((at - self.centre).unit(), self.colour, 0.3)
    }
}

impl Shape for Plane {
    fn meet(&self, from: Vector, way: Vector) -> Option<f32> {
        let distance = -(from.1 + 1.0) / way.1;
        (distance > NEAR && distance < 40.0).then_some(distance)
    }

    fn surface(&self, at: Vector) -> (Vector, Vector, f32) {
        let dark = (at.0.floor() as i32 ^ at.2.floor() as i32) & 1 == 0;
        let colour = if dark { Vector(0.2, 0.25, 0.2) } else { Vector(0.9, 0.9, 0.8) };
        (Vector(0.0, 1.0, 0.0), colour, 0.15)
    }
}

fn scene() -> Vec<Box<dyn Shape>> {
    let mut random = Random(5);
    let mut part = |scale: f32| random.below(1000) as f32 * (scale / 1000.0);
    let mut shapes: Vec<Box<dyn Shape>> = vec![Box::new(Plane)];
    for _ in 0..7 {
        shapes.push(Box::new(Sphere {
            centre: Vector(part(6.0) - 3.0, part(2.0) - 0.7, part(4.0) + 3.0),
            radius: 0.3 + part(0.6),
            colour: Vector(part(1.0), part(1.0), part(1.0)),
        }));
    }
    shapes
}

fn nearest(shapes: &[Box<dyn Shape>], from: Vector, way: Vector) -> Option<(f32, &dyn Shape)> {
    let mut best: Option<(f32, &dyn Shape)> = None;
    for shape in shapes {
        if let Some(distance) = shape.meet(from, way)
            && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, &**shape));
        }
    }
    best
}

fn trace(shapes: &[Box<dyn Shape>], from: Vector, way: Vector, depth: u32) -> Vector {
    const LIGHT: Vector = Vector(-0.57, 0.57, -0.59);
    let Some((distance, shape)) = nearest(shapes, from, way) else {
        return Vector(0.3, 0.5, 0.8) * (0.5 + 0.5 * way.1);
    };
    let at = from + way * distance;
    let (normal, colour, mirror) = shape.surface(at);
    let light = normal.dot(LIGHT).max(0.0);
    let shaded = light > 0.0 && nearest(shapes, at, LIGHT).is_some();
    let direct = colour * (0.15 + if shaded { 0.0 } else { 0.85 * light });
    if depth == 0 {
        return direct;
    }
    let onwards = way - normal * (2.0 * normal.dot(way));
    direct * (1.0 - mirror) + trace(shapes, at, onwards, depth - 1) * mirror
}

/// A digest of a picture of n × n points with 8 bits a colour.
#[unsafe(no_mangle)]
pub extern "C" fn run(n: i32) -> i64 {
    let shapes = scene();
    let mut digest = Digest::new();
    for row in 0..n {
        for column in 0..n {
            let across = |at: i32| (at as f32 + 0.5) / n as f32 - 0.5;
            let way = Vector(across(column), -across(row), 0.8).unit();
            let colour = trace(&shapes, Vector(0.0, 0.3, -1.0), way, 3);
            for part in [colour.0, colour.1, colour.2] {
                digest.add((part * 255.0) as u8 as u64);
            }
        }
    }
    digest.result()
}
