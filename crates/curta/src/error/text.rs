//! Names that guests chose, in messages of ours: bounded, and safe to print to a terminal.

use alloc::string::String;
use core::fmt::{self, Write as _};

/// A guest's name in quotation marks, safe to print.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", Plain(self.0))
    }
}

/// A guest's name, safe to print: control characters are escaped, and it is cut after
/// [`SHOWN_CHARACTERS`].
pub(super) struct Plain<'a>(pub(super) &'a str);

/// A guest's name as a string of the text format: whole, and safe to print.
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(f, "\\{character}")?,
                _ if character.is_control() || is_bidirectional_control(character) => {
                    write!(f, "{}", character.escape_unicode())?;
                }
                _ => f.write_char(character)?,
            }
        }
        f.write_char('"')
    }
}

/// Longer names are cut.
const SHOWN_CHARACTERS: usize = 120;

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(SHOWN_CHARACTERS) {
            if character.is_control() || is_bidirectional_control(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                f.write_char(character)?;
            }
        }
        if characters.next().is_some() {
            f.write_char('…')
        } else {
            Ok(())
        }
    }
}

/// Characters that reorder the text around them.
fn is_bidirectional_control(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A list of names for a message, of so many at most: what there is when something was not found.
pub(crate) fn listed<'a>(names: impl Iterator<Item = &'a str>, most: usize) -> String {
    let mut list = String::new();
    let mut names = names.peekable();
    for name in names.by_ref().take(most) {
        let separator = if list.is_empty() { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(list, "{separator}{}", Quoted(name));
    }
    if names.peek().is_some() {
        list.push_str(", …");
    }
    list
}

#[cfg(test)]
mod tests {
    use super::{Quoted, Text, listed};
    use alloc::string::ToString;

    #[test]
    fn names_of_guests_cannot_write_to_the_terminal() {
        assert_eq!(
            Quoted("a\u{1b}[2J\u{202e}b").to_string(),
            "`a\\u{1b}[2J\\u{202e}b`"
        );
        assert!(Quoted(&"x".repeat(10_000)).to_string().len() < 200);
        assert_eq!(listed(["a", "b"].into_iter(), 2), "`a`, `b`");
        assert_eq!(Text("a\"\\\n\u{1b}ß").to_string(), r#""a\"\\\u{a}\u{1b}ß""#);
    }
}
