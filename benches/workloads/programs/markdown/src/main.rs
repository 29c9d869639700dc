//! Renders as many KiB of Markdown as the argument says, made up of all that Markdown has, and
//! prints the size and a digest of the HTML.

#[path = "../../../common.rs"]
mod common;

use common::{Digest, Random, word};
use pulldown_cmark::{Options, Parser, html};

fn words(random: &mut Random, count: u32) -> String {
    let words: Vec<String> = (0..count)
        .map(|_| {
            let plain = word(random.below(60) * random.below(60));
            match random.below(20) {
                0 => format!("*{plain}*"),
                1 => format!("**{plain}**"),
                2 => format!("`{plain}()`"),
                3 => format!("[{plain}](https://example.org/{plain} \"{plain}\")"),
                4 => format!("{plain} & <{plain}>"),
                5 => format!("~~{plain}~~"),
                _ => plain,
            }
        })
        .collect();
    words.join(" ")
}

fn block(random: &mut Random) -> String {
    match random.below(8) {
        0 => format!("{} {}\n", "#".repeat(1 + random.below(4) as usize), words(random, 4)),
        1 => (0..4).map(|_| format!("- {}\n", words(random, 6))).collect(),
        2 => (1..4).map(|i| format!("{i}. {}\n   - {}\n", words(random, 5), words(random, 3))).collect(),
        3 => format!("> {}\n> {}\n", words(random, 8), words(random, 7)),
        4 => format!("```c\nint {}(int x) {{ return x < {}; }}\n```\n", word(random.below(99)), random.below(99)),
        5 => {
            let row = |random: &mut Random| format!("| {} | {} |\n", words(random, 2), random.below(1000));
            format!("| a | b |\n|---|--:|\n{}{}", row(random), row(random))
        }
        _ => format!("{}\n{}  \n{}\n", words(random, 11), words(random, 9), words(random, 10)),
    }
}

fn main() {
    let argument = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let size: usize = 1024 * argument.unwrap_or(1);
    let mut random = Random(77);
    let mut markdown = String::new();
    while markdown.len() < size {
        markdown.push_str(&block(&mut random));
        markdown.push('\n');
    }
    let mut page = String::new();
    html::push_html(&mut page, Parser::new_ext(&markdown, Options::all()));
    let mut digest = Digest::new();
    digest.add_bytes(page.as_bytes());
    println!("{} {:016x}", page.len(), digest.result());
}
