//! What a linker knows, by name.
//!
//! Hosts fill a linker with many short names, of which a module asks for a few. So a definition costs no allocation of its
//! own: all names are one text, and a table of hashes finds them. The hash differs from process to process, since exports of
//! instances, whose names are guests', can be definitions too. Order is made when somebody asks for it.

use alloc::{string::String, vec::Vec};
use core::hash::{BuildHasher, Hasher};
use hashbrown::{DefaultHashBuilder, HashTable};

/// Values by names of two parts, the module's and the item's.
#[derive(Clone)]
pub(super) struct Definitions<D> {
    /// The names of all, one after another.
    text: String,
    all: Vec<Named<D>>,
    /// Positions in `all`.
    by_hash: HashTable<usize>,
    hash: DefaultHashBuilder,
}

/// For how many there is room when the first comes: growing costs more than a part that stays empty.
const ROOM: usize = 28;

/// About how many bytes the item's part of a name has.
const NAME: usize = 16;

#[derive(Clone)]
struct Named<D> {
    hash: u64,
    /// Where the module's part begins in the text, the item's begins, and that ends.
    bounds: [usize; 3],
    value: D,
}

impl<D> Named<D> {
    fn name<'t>(&self, text: &'t str) -> (&'t str, &'t str) {
        let [from, middle, to] = self.bounds;
        (&text[from..middle], &text[middle..to])
    }
}

impl<D> Definitions<D> {
    pub(super) fn new() -> Definitions<D> {
        Definitions {
            text: String::new(),
            all: Vec::new(),
            by_hash: HashTable::new(),
            hash: DefaultHashBuilder::default(),
        }
    }

    /// What a name stands for.
    pub(super) fn get(&self, module: &str, name: &str) -> Option<&D> {
        let at = self.find(self.hash_of(module, name), module, name)?;
        Some(&self.all[at].value)
    }

    /// Lets a name stand for something. `false`, with nothing changed, if it does so already and may not be replaced.
    pub(super) fn insert(&mut self, module: &str, name: &str, value: D, may_replace: bool) -> bool {
        let hash = self.hash_of(module, name);
        if let Some(at) = self.find(hash, module, name) {
            if may_replace {
                self.all[at].value = value;
            }
            return may_replace;
        }
        if self.all.is_empty() {
            self.text.reserve(ROOM * (module.len() + NAME));
            self.all.reserve(ROOM);
            self.by_hash.reserve(ROOM, |_| unreachable!("it is empty"));
        }
        let from = self.text.len();
        self.text.push_str(module);
        self.text.push_str(name);
        let bounds = [from, from + module.len(), self.text.len()];
        let at = self.all.len();
        self.all.push(Named {
            hash,
            bounds,
            value,
        });
        self.by_hash
            .insert_unique(hash, at, |at| self.all[*at].hash);
        true
    }

    /// All, in alphabetical order: the two parts of the name, and what it stands for.
    pub(super) fn sorted(&self) -> impl Iterator<Item = (&str, &str, &D)> {
        let mut order: Vec<&Named<D>> = self.all.iter().collect();
        order.sort_unstable_by_key(|named| named.name(&self.text));
        order.into_iter().map(|named| {
            let (module, name) = named.name(&self.text);
            (module, name, &named.value)
        })
    }

    fn find(&self, hash: u64, module: &str, name: &str) -> Option<usize> {
        let is_it = |at: &usize| {
            let named = &self.all[*at];
            named.hash == hash && named.name(&self.text) == (module, name)
        };
        self.by_hash.find(hash, is_it).copied()
    }

    fn hash_of(&self, module: &str, name: &str) -> u64 {
        let mut hasher = self.hash.build_hasher();
        for part in [module, name] {
            hasher.write(part.as_bytes());
            hasher.write_usize(part.len());
        }
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Definitions;
    use alloc::{format, vec::Vec};

    #[test]
    fn names_are_found_by_both_parts_and_replaced_only_if_they_may_be() {
        let mut definitions = Definitions::new();
        assert!(definitions.insert("ab", "c", 1, false));
        assert!(definitions.insert("a", "bc", 2, false));
        assert!(definitions.insert("", "abc", 3, true));
        assert!(!definitions.insert("a", "bc", 4, false));
        let get =
            |definitions: &Definitions<i32>, module, name| definitions.get(module, name).copied();
        assert_eq!(get(&definitions, "ab", "c"), Some(1));
        assert_eq!(get(&definitions, "a", "bc"), Some(2));
        assert_eq!(get(&definitions, "", "abc"), Some(3));
        assert_eq!(get(&definitions, "abc", ""), None);
        assert!(definitions.insert("a", "bc", 5, true));
        assert_eq!(get(&definitions, "a", "bc"), Some(5));
        assert_eq!(definitions.sorted().count(), 3);
    }

    #[test]
    fn many_are_found_and_come_in_order() {
        let mut definitions = Definitions::new();
        let names: Vec<_> = (0..1000).map(|n| format!("{:03}", n * 7 % 1000)).collect();
        for (number, name) in names.iter().enumerate() {
            assert!(definitions.insert(&name[..1], &name[1..], number, false));
        }
        for (number, name) in names.iter().enumerate() {
            assert_eq!(definitions.get(&name[..1], &name[1..]), Some(&number));
        }
        let sorted = definitions.sorted().map(|(module, name, _)| (module, name));
        assert!(sorted.is_sorted());
        assert_eq!(definitions.clone().sorted().count(), 1000);
    }
}
