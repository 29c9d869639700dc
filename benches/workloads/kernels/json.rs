//! Parses JSON into a tree, writes the tree out again and compares: a recursive descent over
//! bytes, with strings, vectors and ordered maps.

#[path = "../common.rs"]
mod common;

use common::{Digest, Random, word};
use std::collections::BTreeMap;
use std::fmt::Write;

#[derive(Debug, PartialEq)]
enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Object(BTreeMap<String, Value>),
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn expect(&mut self, words: &[u8]) -> Option<()> {
        let found = self.bytes.get(self.at..self.at + words.len())? == words;
        self.at += words.len();
        found.then_some(())
    }

    fn value(&mut self) -> Option<Value> {
        match self.peek()? {
            b'n' => self.expect(b"null").map(|()| Value::Null),
            b't' => self.expect(b"true").map(|()| Value::Bool(true)),
            b'f' => self.expect(b"false").map(|()| Value::Bool(false)),
            b'"' => self.text().map(Value::Text),
            b'[' => self.list().map(Value::List),
            b'{' => self.object().map(Value::Object),
            _ => self.number().map(Value::Number),
        }
    }

    fn list(&mut self) -> Option<Vec<Value>> {
        self.at += 1;
        let mut list = Vec::new();
        if self.peek()? == b']' {
            self.at += 1;
            return Some(list);
        }
        loop {
            list.push(self.value()?);
            let next = self.peek()?;
            self.at += 1;
            match next {
                b',' => {}
                b']' => return Some(list),
                _ => return None,
            }
        }
    }

    fn object(&mut self) -> Option<BTreeMap<String, Value>> {
        self.at += 1;
        let mut object = BTreeMap::new();
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(object);
        }
        loop {
            self.peek()?;
            let key = self.text()?;
            self.peek()?;
            self.expect(b":")?;
            object.insert(key, self.value()?);
            let next = self.peek()?;
            self.at += 1;
            match next {
                b',' => {}
                b'}' => return Some(object),
                _ => return None,
            }
        }
    }

    fn text(&mut self) -> Option<String> {
        self.expect(b"\"")?;
        let mut text = Vec::new();
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => return String::from_utf8(text).ok(),
                b'\\' => {
                    let escaped = *self.bytes.get(self.at)?;
                    self.at += 1;
                    match escaped {
                        b'n' => text.push(b'\n'),
                        b't' => text.push(b'\t'),
                        b'u' => {
                            let digits = self.bytes.get(self.at..self.at + 4)?;
                            self.at += 4;
                            let digits = std::str::from_utf8(digits).ok()?;
                            let point = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
                            text.extend_from_slice(point.encode_utf8(&mut [0; 4]).as_bytes());
                        }
                        other => text.push(other),
                    }
                }
                other => text.push(other),
            }
        }
    }

    fn number(&mut self) -> Option<f64> {
        let start = self.at;
        while let Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
        }
        std::str::from_utf8(&self.bytes[start..self.at]).ok()?.parse().ok()
    }
}

fn parse(text: &str) -> Option<Value> {
    let mut parser = Parser { bytes: text.as_bytes(), at: 0 };
    let value = parser.value()?;
    parser.peek().is_none().then_some(value)
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\u{80}'..='\u{ffff}' => write!(out, "\\u{:04x}", u32::from(character)).expect("room"),
            other => out.push(other),
        }
    }
    out.push('"');
}

fn write(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => write!(out, "{number}").expect("room"),
        Value::Text(text) => write_text(out, text),
        Value::List(list) => {
            out.push('[');
            for (at, item) in list.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(out, item);
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            for (at, (key, item)) in object.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_text(out, key);
                out.push(':');
                write(out, item);
            }
            out.push('}');
        }
    }
}

/// A made-up record of a made-up shop.
fn record(random: &mut Random) -> Value {
    let mut text = |limit| word(random.below(limit) * 7);
    let mut object = BTreeMap::new();
    object.insert("name".to_owned(), Value::Text(format!("{} {}", text(50), text(900))));
    object.insert("note".to_owned(), Value::Text(format!("„{}\"\n\t{}\\", text(90), text(9000))));
    let tags = (0..random.below(6)).map(|_| Value::Text(word(random.below(40)))).collect();
    object.insert("tags".to_owned(), Value::List(tags));
    object.insert("price".to_owned(), Value::Number(f64::from(random.below(100_000)) / 64.0));
    object.insert("count".to_owned(), Value::Number(f64::from(random.below(50)) - 10.0));
    object.insert("sold".to_owned(), Value::Bool(random.below(3) == 0));
    let size = [random.below(90), random.below(70)].map(|side| Value::Number(f64::from(side)));
    let mut inner = BTreeMap::from([("size".to_owned(), Value::List(size.into()))]);
    inner.insert("more".to_owned(), Value::Null);
    object.insert("details".to_owned(), Value::Object(inner));
    Value::Object(object)
}

/// A digest of the text of n records after it was parsed and written; -1 if it is another.
#[unsafe(no_mangle)]
pub extern "C" fn run(n: i32) -> i64 {
    let mut random = Random(11);
    let value = Value::List((0..n).map(|_| record(&mut random)).collect());
    let mut text = String::new();
    write(&mut text, &value);
    for _ in 0..3 {
        let Some(parsed) = parse(&text) else { return -1 };
        let mut again = String::new();
        write(&mut again, &parsed);
        if parsed != value || again != text {
            return -1;
        }
        text = again;
    }
    let mut digest = Digest::new();
    digest.add_bytes(text.as_bytes());
    digest.result()
}
