//! What several workloads in Rust share: a generator of numbers, a digest, a generator of text.
//! Each workload includes this file as a module.
#![allow(dead_code, reason = "no workload uses everything")]

/// A linear congruential generator; its upper bits are the good ones.
pub struct Random(pub u32);

impl Random {
    pub fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 8
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u32) -> u32 {
        self.next() % limit
    }
}

/// A digest of a sequence of words.
pub struct Digest(u64);

impl Digest {
    pub fn new() -> Self {
        Self(17)
    }

    pub fn add(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x100_0000_01b3);
        self.0 ^= self.0 >> 29;
    }

    pub fn add_bytes(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.add(u64::from(byte)));
    }

    pub fn result(&self) -> i64 {
        self.0 as i64
    }
}

/// A made-up word; small numbers are short words.
pub fn word(number: u32) -> String {
    const SYLLABLES: [&str; 18] = [
        "ka", "si", "to", "re", "mu", "na", "li", "pe", "vo", "du", "gi", "be", "fo", "je", "xy",
        "wa", "za", "hu",
    ];
    let mut word = String::new();
    let mut rest = number;
    loop {
        word.push_str(SYLLABLES[rest as usize % 18]);
        rest /= 18;
        if rest == 0 {
            return word;
        }
    }
}

/// About `size` bytes of words, some far more frequent than others, in sentences and lines, with
/// numbers and addresses between them.
pub fn text(size: usize) -> String {
    let mut random = Random(2024);
    let mut text = String::with_capacity(size + 64);
    while text.len() < size {
        match random.below(40) {
            0 => text.push_str(&random.below(100_000).to_string()),
            1 => {
                text.push_str(&word(random.below(5000)));
                text.push('@');
                text.push_str(&word(random.below(500)));
                text.push_str(if random.below(3) == 0 { ".org" } else { ".com" });
            }
            2 => {
                text.push_str(&random.below(60).to_string());
                text.push(':');
                text.push_str(&random.below(60).to_string());
            }
            // The product of two numbers prefers small words.
            _ => text.push_str(&word(random.below(80) * random.below(80))),
        }
        match random.below(12) {
            0 => text.push_str(". "),
            1 => text.push('\n'),
            _ => text.push(' '),
        }
    }
    text
}
