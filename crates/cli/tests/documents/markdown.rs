//! As much of Markdown as our documents use.

use std::fs;
use std::path::{Path, PathBuf};

/// A document, by its path in the repository.
pub(crate) struct Document {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// A block between fences.
pub(crate) struct Block<'d> {
    pub(crate) language: &'d str,
    pub(crate) lines: Vec<&'d str>,
}

/// `README.md` and everything below `docs`.
pub(crate) fn documents(root: &Path) -> Vec<Document> {
    let mut paths = vec![root.join("README.md")];
    let mut folders = vec![root.join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let document = |path: PathBuf| Document {
        text: fs::read_to_string(&path).unwrap(),
        path: path.strip_prefix(root).unwrap().to_owned(),
    };
    paths.into_iter().map(document).collect()
}

impl Document {
    /// The document with a path.
    pub(crate) fn read(root: &Path, path: &str) -> Document {
        Document {
            text: fs::read_to_string(root.join(path)).unwrap(),
            path: path.into(),
        }
    }

    /// The blocks between fences, which may be indented as in a list.
    pub(crate) fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks: Vec<Block<'_>> = Vec::new();
        let mut indent = None;
        for line in self.text.lines() {
            match (line.trim_start().strip_prefix("```"), indent) {
                (Some(language), None) => {
                    let lines = Vec::new();
                    blocks.push(Block { language, lines });
                    indent = Some(line.len() - line.trim_start().len());
                }
                (Some(_), Some(_)) => indent = None,
                (None, Some(columns)) => {
                    let line = line.get(columns..).unwrap_or("");
                    blocks.last_mut().unwrap().lines.push(line);
                }
                (None, None) => {}
            }
        }
        let path = self.path.display();
        assert!(indent.is_none(), "{path}: a fence is not closed");
        blocks
    }

    /// The lines outside of fences.
    pub(crate) fn prose(&self) -> impl Iterator<Item = &str> {
        let mut inside = false;
        self.text.lines().filter(move |line| {
            let fence = line.trim_start().starts_with("```");
            inside ^= fence;
            !inside && !fence
        })
    }

    /// What stands between backticks in a line of text.
    pub(crate) fn code(&self) -> Vec<&str> {
        let path = self.path.display();
        self.prose()
            .inspect(|line| assert!(line.matches('`').count() % 2 == 0, "{path}: {line}"))
            .flat_map(names)
            .collect()
    }

    /// Where links lead.
    pub(crate) fn links(&self) -> Vec<&str> {
        let target = |part: &'_ str| part.split_once(')').map(|(target, _)| target.len());
        self.prose()
            .flat_map(|line| {
                line.match_indices("](")
                    .filter_map(move |(at, _)| Some(&line[at + 2..][..target(&line[at + 2..])?]))
            })
            .collect()
    }

    /// The names by which headings are linked to.
    pub(crate) fn anchors(&self) -> Vec<String> {
        let letter = |c: char| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c if c.is_alphanumeric() => Some(c.to_ascii_lowercase()),
            _ => None,
        };
        let heading = |line: &str| line.trim_start_matches('#').trim().to_owned();
        self.prose()
            .filter(|line| line.starts_with('#'))
            .map(|line| heading(line).chars().filter_map(letter).collect())
            .collect()
    }

    /// The cells of each row of the tables, without headers and rules.
    pub(crate) fn rows(&self) -> Vec<Vec<&str>> {
        let lines: Vec<&str> = self.prose().collect();
        let cells = |line: &'_ str| line.starts_with("| ").then_some(());
        lines
            .iter()
            .enumerate()
            .filter(|(at, line)| {
                let rule = lines.get(at + 1).is_some_and(|next| next.starts_with("|-"));
                cells(line).is_some() && !rule
            })
            .map(|(_, line)| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect()
    }
}

/// The file, and the anchor in it, that a line of the book is replaced by.
pub(crate) fn include(line: &str) -> Option<(&str, Option<&str>)> {
    let target = line.strip_prefix("{{#include ")?.strip_suffix("}}")?;
    Some(match target.split_once(':') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (target, None),
    })
}

/// What stands between backticks in a line or a part of one.
pub(crate) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}
