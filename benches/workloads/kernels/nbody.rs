//! Five bodies that attract each other: f64 in small arrays, a root and a quotient for each pair.

#[path = "../common.rs"]
mod common;
use common::Digest;

#[derive(Clone, Copy)]
struct Body {
    place: [f64; 3],
    speed: [f64; 3],
    mass: f64,
}

fn bodies() -> [Body; 5] {
    let body = |number: f64| Body {
        place: [4.0 * number, 1.5 - number, 0.25 * number * number],
        speed: [0.3 - 0.1 * number, 0.2 * number, 0.05],
        mass: 8.0 / (1.0 + number * number),
    };
    [0.0, 1.0, 2.0, 3.0, 4.0].map(body)
}

fn advance(bodies: &mut [Body], step: f64) {
    for at in 0..bodies.len() {
        let (before, after) = bodies.split_at_mut(at + 1);
        let one = &mut before[at];
        for other in after {
            let way: [f64; 3] = std::array::from_fn(|axis| one.place[axis] - other.place[axis]);
            let square: f64 = way.iter().map(|part| part * part).sum();
            let pull = step / (square * square.sqrt());
            for axis in 0..3 {
                one.speed[axis] -= way[axis] * other.mass * pull;
                other.speed[axis] += way[axis] * one.mass * pull;
            }
        }
    }
    for body in bodies {
        for axis in 0..3 {
            body.place[axis] += step * body.speed[axis];
        }
    }
}

/// A digest of all bits of all places after n steps.
#[unsafe(no_mangle)]
pub extern "C" fn run(n: i32) -> i64 {
    let mut bodies = bodies();
    for _ in 0..n {
        advance(&mut bodies, 0.001);
    }
    let mut digest = Digest::new();
    for body in bodies {
        body.place.iter().for_each(|part| digest.add(part.to_bits()));
    }
    digest.result()
}
