//! BLAKE3 (whole, keyed, and as a long output) and SHA-1 of texts of many lengths.

use sha1::{Digest, Sha1};

fn main() {
    let bytes: Vec<u8> = (0..400_000u32)
        .map(|i| (i.wrapping_mul(2654435761) >> 13) as u8)
        .collect();
    println!("{}", blake3::hash(&bytes));
    println!("{}", blake3::keyed_hash(&[7; 32], &bytes[..100_000]));
    let mut hasher = blake3::Hasher::new();
    bytes.chunks(777).for_each(|chunk| {
        hasher.update(chunk);
    });
    let mut long = [0; 4096];
    hasher.finalize_xof().fill(&mut long);
    println!("{}", blake3::hash(&long));
    let mut all = Sha1::new();
    for length in (0..2000).step_by(37) {
        all.update(Sha1::digest(&bytes[..length]));
    }
    all.update(&bytes);
    println!("{:02x?}", all.finalize());
}
