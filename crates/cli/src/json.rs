//! JSON, as much as is printed here.

use std::fmt::{self, Write as _};

/// A value. <https://www.rfc-editor.org/rfc/rfc8259>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(u64),
    Text(String),
    List(Vec<Json>),
    /// The members, in the order in which they are printed.
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    pub(crate) fn text(text: impl fmt::Display) -> Json {
        Json::Text(text.to_string())
    }

    pub(crate) fn size(size: usize) -> Json {
        Json::Number(size as u64)
    }

    pub(crate) fn list(items: impl IntoIterator<Item = Json>) -> Json {
        Json::List(items.into_iter().collect())
    }

    /// What there is, or null.
    pub(crate) fn or_null(value: Option<Json>) -> Json {
        value.unwrap_or(Json::Null)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(value) => write!(f, "{value}"),
            Json::Number(value) => write!(f, "{value}"),
            Json::Text(text) => write_text(f, text),
            Json::List(items) if items.is_empty() => f.write_str("[]"),
            Json::List(items) => {
                f.write_char('[')?;
                for (place, item) in items.iter().enumerate() {
                    break_line(f, place, depth)?;
                    item.write(f, depth + 1)?;
                }
                end_line(f, depth, ']')
            }
            // What is listed is printed on a line each.
            Json::Object(members) => {
                f.write_char('{')?;
                for (place, (name, value)) in members.iter().enumerate() {
                    if depth == 0 {
                        break_line(f, place, depth)?;
                    } else if place > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "\"{name}\": ")?;
                    value.write(f, depth + 1)?;
                }
                if depth == 0 {
                    end_line(f, depth, '}')
                } else {
                    f.write_char('}')
                }
            }
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

fn break_line(f: &mut fmt::Formatter<'_>, place: usize, depth: usize) -> fmt::Result {
    let comma = if place > 0 { "," } else { "" };
    write!(f, "{comma}\n{:1$}", "", 2 * (depth + 1))
}

fn end_line(f: &mut fmt::Formatter<'_>, depth: usize, bracket: char) -> fmt::Result {
    write!(f, "\n{:1$}{bracket}", "", 2 * depth)
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            // Control characters, and the marks that turn the direction of text on a terminal.
            '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                write!(f, "\\u{:04x}", u32::from(character))?;
            }
            _ => f.write_char(character)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn text_is_escaped() {
        let text = Json::text("a\"\\\n\u{1b}\u{202e}é");
        assert_eq!(text.to_string(), r#""a\"\\\u000a\u001b\u202eé""#);
    }

    #[test]
    fn members_and_items_have_lines_of_their_own_at_the_top() {
        let inner = Json::Object(vec![("b", Json::Null), ("c", Json::Bool(true))]);
        let outer = Json::Object(vec![
            ("a", Json::list([inner.clone(), inner])),
            ("d", Json::list([])),
            ("e", Json::size(7)),
        ]);
        let expected = r#"{
  "a": [
    {"b": null, "c": true},
    {"b": null, "c": true}
  ],
  "d": [],
  "e": 7
}"#;
        assert_eq!(outer.to_string(), expected);
    }
}
