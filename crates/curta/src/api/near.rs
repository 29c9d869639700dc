//! Names that may have been meant when one is not found.
//!
//! Names come from guests, so the work is bounded whatever they are: long names are not compared,
//! and only so many are.

use alloc::{boxed::Box, format, vec, vec::Vec};

/// Longer names are not compared.
const LONGEST: usize = 40;

/// So many definitions are looked at.
const MOST_DEFINITIONS: usize = 1000;

/// So many names are suggested.
const MOST_SUGGESTIONS: usize = 3;

/// The defined names (`module.name`) nearest to a missing one, nearest first.
pub(crate) fn names<'a>(
    module: &str,
    name: &str,
    defined: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<Box<str>> {
    let mut near: Vec<(usize, &str, &str)> = defined
        .take(MOST_DEFINITIONS)
        .filter_map(|(other_module, other_name)| {
            // Another module's name is one mistake, however far it is.
            let module_distance = if module == other_module {
                0
            } else if name == other_name {
                1
            } else {
                distance(module, other_module)?
            };
            Some((
                module_distance + distance(name, other_name)?,
                other_module,
                other_name,
            ))
        })
        .collect();
    near.sort();
    let suggestions = near.into_iter().take(MOST_SUGGESTIONS);
    suggestions
        .map(|(_, module, name)| format!("{module}.{name}").into())
        .collect()
}

/// How many bytes have to be inserted, removed, replaced or swapped with their neighbour to make one
/// name of the other, if that is not more than about a third of them.
fn distance(a: &str, b: &str) -> Option<usize> {
    if a.len() > LONGEST || b.len() > LONGEST {
        return None;
    }
    let most = a.len().max(b.len()).div_ceil(3);
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let (a, b) = (a.as_bytes(), b.as_bytes());
    // Row by row of the table of distances between prefixes; two are kept, for swaps.
    let mut above = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut next = vec![i + 1];
        for j in 0..b.len() {
            let replaced = row[j] + usize::from(a[i] != b[j]);
            let mut least = replaced.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(above[j - 1] + 1);
            }
            next.push(least);
        }
        above = core::mem::replace(&mut row, next);
    }
    row.last().copied().filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::{distance, names};

    #[test]
    fn the_nearest_come_first() {
        let defined = [
            ("env", "print"),
            ("env", "printf"),
            ("env", "prints"),
            ("env", "exit"),
        ];
        let near = names("env", "prin", defined.into_iter());
        assert_eq!(
            near.iter()
                .map(|name| &**name)
                .collect::<alloc::vec::Vec<_>>(),
            ["env.print", "env.printf", "env.prints",]
        );
    }

    #[test]
    fn the_right_name_in_another_module_is_near() {
        let defined = [("wasi_snapshot_preview1", "fd_write"), ("env", "abort")];
        let near = names("wasi_unstable", "fd_write", defined.into_iter());
        assert_eq!(&*near[0], "wasi_snapshot_preview1.fd_write");
        assert_eq!(near.len(), 1);
    }

    #[test]
    fn what_is_far_is_not_suggested() {
        assert_eq!(distance("abc", "xyz"), None);
        assert_eq!(distance(&"a".repeat(10_000), &"a".repeat(10_000)), None);
        assert_eq!(distance("kitten", "sitten"), Some(1));
        assert_eq!(distance("now", "nwo"), Some(1));
        assert_eq!(distance("ab", "ba"), Some(1));
        assert_eq!(distance("", ""), Some(0));
    }
}
