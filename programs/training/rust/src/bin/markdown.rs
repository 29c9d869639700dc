//! Renders a Markdown text of its own, made of headings, lists, tables, code and links, to HTML.

use std::fmt::Write;

use pulldown_cmark::{Event, Options, Parser, Tag, html};

fn chapter(text: &mut String, number: usize) {
    let _ = writeln!(
        text,
        "{} Chapter {number}: *on* harbours & `lights`\n",
        "#".repeat(1 + number % 4)
    );
    for paragraph in 0..3 {
        let _ = writeln!(
            text,
            "The keeper of light {paragraph} wrote **{number} letters** to [the office](https://example.org/{number}?a=1&b=2 \"title\"),\n\
             and each was _answered_ within ~~two~~ three days; see[^{number}] and <https://example.net>. \\*No\\* stars.\n"
        );
    }
    let _ = writeln!(
        text,
        "> A quote with `code`\n> and a second line\n\n1. first\n2. second\n   - inner *one*\n   - inner two\n\n- [x] done\n- [ ] open\n"
    );
    let _ = writeln!(
        text,
        "| lamp | height | colour |\n|:-----|-------:|:------:|"
    );
    for row in 0..5 {
        let _ = writeln!(text, "| L{row} | {} | &amp; red{row} |", row * number);
    }
    let _ = writeln!(
        text,
        "\n```rust\nfn lamp_{number}() -> u32 {{ {number} << 2 }}\n```\n\n![picture](lamp{number}.png)\n\n---\n\n[^{number}]: A note.\n"
    );
}

fn main() {
    let mut text = String::new();
    (1..=150).for_each(|number| chapter(&mut text, number));
    let mut bytes = 0;
    for options in [Options::empty(), Options::all()] {
        let mut page = String::new();
        html::push_html(&mut page, Parser::new_ext(&text, options));
        let links = Parser::new_ext(&text, options)
            .filter(|event| matches!(event, Event::Start(Tag::Link { .. })));
        bytes += page.len();
        println!(
            "{} bytes of Markdown, {} bytes of HTML, {} links",
            text.len(),
            page.len(),
            links.count()
        );
    }
    println!("{bytes}");
}
