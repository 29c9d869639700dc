//! Random bytes for a guest: the host's, or such as a seed determines.

use std::fmt;

use crate::abi::Errno;

/// Where a guest's random bytes come from.
pub trait Random: fmt::Debug + Send {
    /// Fills `bytes`, which lie in the guest's memory. Costs time linear in their number.
    ///
    /// # Errors
    /// [`Errno::Io`] where the source fails.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Errno>;
}

/// The operating system's source, fit for secrets.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostRandom;

impl Random for HostRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
        getrandom::fill(bytes).map_err(|_| Errno::Io)
    }
}

/// Bytes that a seed determines, the same on every platform and however they are asked
/// for, one by one or all at once. Who knows the seed knows them: never for secrets.
///
/// ```
/// use curta_wasi::{Random, SeededRandom};
///
/// let (mut one, mut other) = ([0; 16], [0; 16]);
/// SeededRandom::new(7).fill(&mut one).unwrap();
/// SeededRandom::new(7).fill(&mut other).unwrap();
/// assert_eq!(one, other);
/// ```
#[derive(Clone, Debug)]
pub struct SeededRandom {
    state: u64,
    word: [u8; 8],
    /// Bytes of `word` that were given out.
    used: usize,
}

impl SeededRandom {
    /// The bytes of a seed.
    pub fn new(seed: u64) -> Self {
        SeededRandom {
            state: seed,
            word: [0; 8],
            used: 8,
        }
    }

    /// The next 64 bits: a counter with large odd steps, its bits mixed (SplitMix64, by
    /// Steele, Lea and Flood).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Random for SeededRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
        for byte in bytes {
            if self.used == self.word.len() {
                self.word = self.next().to_le_bytes();
                self.used = 0;
            }
            *byte = self.word[self.used];
            self.used += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{HostRandom, Random, SeededRandom};

    #[test]
    fn a_seed_gives_the_same_bytes_in_whatever_portions() {
        let mut whole = [0; 100];
        SeededRandom::new(1).fill(&mut whole).unwrap();
        let mut parts = [0; 100];
        let mut random = SeededRandom::new(1);
        let (mut rest, mut size) = (&mut parts[..], 1);
        while !rest.is_empty() {
            let (part, after) = rest.split_at_mut(size.min(rest.len()));
            random.fill(part).unwrap();
            (rest, size) = (after, size + 3);
        }
        assert_eq!(whole, parts);
        // The generator's published first output for the seed 0.
        let mut first = [0; 8];
        SeededRandom::new(0).fill(&mut first).unwrap();
        assert_eq!(u64::from_le_bytes(first), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn the_host_s_bytes_are_filled_in() {
        let mut bytes = [0; 64];
        HostRandom.fill(&mut bytes).unwrap();
        assert_ne!(bytes, [0; 64]);
    }
}
