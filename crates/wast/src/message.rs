//! When our words for a failure are the suite's words.
//!
//! The reference interpreter accepts a failure whose message starts with the words in the script, and
//! so do we, for traps, links and modules alike. Two liberties are taken, both written down here:
//!
//! * A message may name what it was about before it says what is wrong with it, with a colon between:
//!   `invalid var_u32: integer too large` is `integer too large`.
//! * `SAME` lists the pairs in which `wasmparser`, or we, say the same in other words.
//!
//! A refused module also has to be refused in the right phase: as malformed or as invalid, or as one of
//! a feature that is off, which is neither. `LATE` lists the few exceptions.
//!
//! Text that `wast` refuses has the words of `wast` and is not compared: the text format is its work,
//! not the engine's.

use curta::{LinkError, ModuleError, ModuleErrorKind};

/// The suite's words, and ours with which a message may start in their place.
const SAME: &[(&str, &str)] = &[
    // Traps: the reference interpreter appends the index of the element.
    ("uninitialized element 2", "uninitialized element"),
    ("uninitialized element 7", "uninitialized element"),
    // Malformed: another wording.
    ("invalid UTF-8 encoding", "malformed UTF-8 encoding"),
    ("invalid section id", "malformed section id"),
    ("invalid mutability", "malformed global flags"),
    ("malformed mutability", "malformed global flags"),
    ("malformed import kind", "invalid leading byte"),
    ("malformed limits flags", "invalid memory limits flags"),
    (
        "malformed limits flags",
        "invalid table resizable limits flags",
    ),
    ("illegal opcode ff", "illegal opcode"),
    ("zero flag expected", "zero byte expected"),
    ("junk after last section", "section out of order"),
    ("malformed memop flags", "malformed memop"),
    ("i32 constant", "integer too large"),
    ("i32 constant out of range", "integer too large"),
    ("multiple start sections", "section out of order"),
    (
        "unexpected content after last section",
        "section out of order",
    ),
    (
        "function and code section have inconsistent lengths",
        "function section has non-zero count but code section is absent",
    ),
    (
        "function and code section have inconsistent lengths",
        "function section is absent but code section has non-zero count",
    ),
    (
        "data count and data section have inconsistent lengths",
        "data count is non-zero but data section is absent",
    ),
    // Malformed: the bytes have ended where the suite sees what they lack.
    ("unexpected end", "control frames remain"),
    ("END opcode expected", "control frames remain"),
    ("section size mismatch", "control frames remain"),
    (
        "unexpected end of section or function",
        "control frames remain",
    ),
    (
        "unexpected end of section or function",
        "unexpected end-of-file",
    ),
    ("length out of bounds", "unexpected end-of-file"),
    ("invalid value type", "unexpected end-of-file"),
    ("illegal opcode", "unexpected end-of-file"),
    ("integer representation too long", "unexpected end-of-file"),
    ("integer too large", "unexpected end-of-file"),
    ("malformed import kind", "unexpected end-of-file"),
    ("malformed limits flags", "unexpected end-of-file"),
    ("malformed section id", "unexpected end-of-file"),
    ("invalid mutability", "unexpected end-of-file"),
    ("malformed elements segment kind", "unexpected end-of-file"),
    // Malformed: a version of which more is known.
    ("unknown binary version", "this is a WebAssembly component"),
    // Malformed: something else is wrong at an earlier byte.
    (
        "length out of bounds",
        "expected section, got wasm magic number",
    ),
    (
        "unexpected end of section or function",
        "unknown label: branch depth too large",
    ),
    (
        "unexpected content after last section",
        "function and code section have inconsistent lengths",
    ),
    (
        "integer representation too long",
        "trailing bytes at end of section",
    ),
    ("integer too large", "trailing bytes at end of section"),
    ("zero flag expected", "trailing bytes at end of section"),
    // Malformed: flags that the suite reads as a number of which only some values are known.
    ("integer representation too long", "invalid leading byte"),
    (
        "integer representation too long",
        "invalid memory limits flags",
    ),
    (
        "integer representation too long",
        "invalid table resizable limits flags",
    ),
    ("integer representation too long", "malformed section id"),
    ("integer too large", "malformed section id"),
    ("integer too large", "invalid memory limits flags"),
    ("integer too large", "invalid table resizable limits flags"),
    // Malformed: bits that a later proposal gave a meaning to.
    ("invalid mutability", "shared globals require"),
    ("malformed mutability", "shared globals require"),
    ("malformed memop flags", "invalid memop alignment"),
    // Malformed: text that has the old instructions for exceptions, which `wast` still takes.
    ("unexpected token", "legacy_exceptions feature required"),
    // Invalid: another wording.
    ("type mismatch", "element segment 0 type mismatch"),
    ("immutable global", "global is immutable"),
    ("immutable array", "array is immutable"),
    ("immutable field", "struct field is immutable"),
    (
        "type mismatch: instruction requires [i32] but stack has []",
        "type mismatch: expected i32 but nothing on stack",
    ),
    (
        "type mismatch: instruction requires [i32] but stack has [i64]",
        "type mismatch: expected i32, found i64",
    ),
    (
        "memory size must be at most 65536 pages (4GiB)",
        "memory size must be at most 0x10000 65536-byte pages",
    ),
    ("start function", "invalid start function type"),
];

/// How messages of an invalid module start where the suite sees bytes that are no module at all:
/// `wasmparser` finds these while it validates.
const LATE: &[&str] = &[
    "invalid memop alignment",
    "unknown label: branch depth too large",
];

/// What a script says of a module that is to be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The bytes are no module.
    Malformed,
    /// They are one, and it is not valid.
    Invalid,
}

/// Whether a module was refused in this phase and in the words that a script expects.
#[must_use]
pub fn refused(phase: Phase, expected: &str, refusal: &ModuleError) -> bool {
    let late = || {
        LATE.iter()
            .any(|words| refusal.message().starts_with(words))
    };
    let in_phase = match refusal.kind() {
        ModuleErrorKind::FeatureOff => true,
        ModuleErrorKind::Malformed | ModuleErrorKind::Component => phase == Phase::Malformed,
        ModuleErrorKind::Invalid => phase == Phase::Invalid || late(),
        ModuleErrorKind::Limit | ModuleErrorKind::NotBuilt => false,
    };
    in_phase && matches(expected, refusal.message())
}

/// Whether a link failed in the words that a script expects.
///
/// The engine reports all imports that do not fit; the suite, the first.
#[must_use]
pub fn unlinkable(expected: &str, error: &LinkError) -> bool {
    error
        .problems()
        .first()
        .is_some_and(|problem| matches(expected, &problem.to_string()))
}

/// Whether `got` says what a script expects with `expected`.
#[must_use]
pub fn matches(expected: &str, got: &str) -> bool {
    after_each_colon(got).any(|got| {
        got.starts_with(expected)
            || SAME
                .iter()
                .any(|(theirs, ours)| *theirs == expected && got.starts_with(ours))
    })
}

/// The whole message, then what follows its first colon, its second, and so on.
fn after_each_colon(message: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(message), |rest| {
        rest.split_once(": ").map(|(_, rest)| rest)
    })
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_message_may_say_more_than_the_script() {
        assert!(matches("unknown function", "unknown function 7"));
        assert!(!matches("unknown function 7", "unknown function"));
        assert!(!matches("integer overflow", "integer divide by zero"));
    }

    #[test]
    fn a_message_may_say_first_what_it_is_about() {
        let got = "invalid var_u32: integer too large";
        assert!(matches("integer too large", got));
        assert!(!matches("too large", got));
    }

    #[test]
    fn other_words_are_listed() {
        assert!(matches("uninitialized element 7", "uninitialized element"));
        assert!(matches(
            "i32 constant",
            "invalid var_u32: integer too large"
        ));
        assert!(!matches("unexpected end", "section out of order"));
    }
}
