//! Counts words in a hash map: hashing and comparing strings, an allocation for each new word.

#[path = "../common.rs"]
mod common;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// FNV-1a, so that the order of the map is the same wherever this runs.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A digest of the 100 most frequent words of n KiB of text, with how often each comes.
#[unsafe(no_mangle)]
pub extern "C" fn run(n: i32) -> i64 {
    let text = common::text(n as usize * 1024);
    let mut counts: HashMap<String, u32, BuildHasherDefault<Fnv>> = HashMap::default();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        match counts.get_mut(word) {
            Some(count) => *count += 1,
            None => {
                counts.insert(word.to_owned(), 1);
            }
        }
    }
    let mut sorted: Vec<(&String, &u32)> = counts.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    let mut digest = common::Digest::new();
    digest.add(sorted.len() as u64);
    for (word, &count) in sorted.into_iter().take(100) {
        digest.add_bytes(word.as_bytes());
        digest.add(u64::from(count));
    }
    digest.result()
}
