//! The least that a Rust program does: what `startup` sets beside one that has curta in it.

fn main() {}
