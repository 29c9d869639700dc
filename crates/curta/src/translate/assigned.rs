//! Which locals were set on every way to where translation is.
//!
//! WebAssembly's locals begin as zero. Nearly all are set before they are read, on every way there, and need no zeroing: a
//! call would pay for it each time. Control is structured, so a single pass knows: a label's locals are those set on all
//! ways to it, and a loop's head is reached with what was set before the loop or more. Only the first 128 locals are
//! followed; those beyond, which few functions have, count as never set.

/// The locals that were set, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Assigned([u64; 2]);

impl Assigned {
    /// No way leads here yet.
    pub(super) const ALL: Assigned = Assigned([u64::MAX; 2]);

    /// A function begins: its parameters are set.
    pub(super) fn params(count: u32) -> Assigned {
        let up_to = |count: u32| 1_u64.checked_shl(count).map_or(u64::MAX, |bit| bit - 1);
        Assigned([up_to(count), up_to(count.saturating_sub(64))])
    }

    #[inline]
    pub(super) fn set(&mut self, local: u32) {
        if let Some(word) = self.0.get_mut(local as usize / 64) {
            *word |= 1 << (local % 64);
        }
    }

    #[inline]
    pub(super) fn has(&self, local: u32) -> bool {
        let word = self.0.get(local as usize / 64);
        word.is_some_and(|word| word >> (local % 64) & 1 != 0)
    }

    /// Another way leads to the same place.
    pub(super) fn meet(&mut self, other: Assigned) {
        self.0[0] &= other.0[0];
        self.0[1] &= other.0[1];
    }
}

/// The locals that may be read before they are set, and all between them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Exposed {
    first: u32,
    /// Behind the last one; 0 when there is none.
    end: u32,
}

impl Exposed {
    pub(super) fn add(&mut self, local: u32) {
        self.first = if self.end == 0 {
            local
        } else {
            self.first.min(local)
        };
        self.end = self.end.max(local + 1);
    }

    /// The first local and how many there are from it on.
    pub(super) fn range(self) -> Option<(u32, u32)> {
        (self.end != 0).then(|| (self.first, self.end - self.first))
    }
}

#[cfg(test)]
mod tests {
    use super::{Assigned, Exposed};

    #[test]
    fn parameters_are_set() {
        for count in [0, 1, 64, 127, 128, 1000] {
            let assigned = Assigned::params(count);
            for local in 0..128 {
                assert_eq!(assigned.has(local), local < count, "{local} of {count}");
            }
        }
    }

    #[test]
    fn what_is_set_on_one_way_only_is_not_set() {
        let mut label = Assigned::ALL;
        let (mut one, mut other) = (Assigned::params(1), Assigned::params(1));
        one.set(3);
        one.set(4);
        other.set(4);
        label.meet(one);
        label.meet(other);
        assert!(label.has(0) && label.has(4) && !label.has(3));
    }

    #[test]
    fn what_is_too_far_away_counts_as_not_set() {
        let mut assigned = Assigned::params(0);
        assigned.set(128);
        assert!(!assigned.has(128));
    }

    #[test]
    fn the_range_covers_all_that_is_exposed() {
        let mut exposed = Exposed::default();
        assert_eq!(exposed.range(), None);
        exposed.add(0);
        assert_eq!(exposed.range(), Some((0, 1)));
        exposed.add(7);
        exposed.add(3);
        assert_eq!(exposed.range(), Some((0, 8)));
    }
}
