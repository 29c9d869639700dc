//! Reads and writes TOML with serde, into types of its own and into tables.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Settings {
    title: String,
    retries: u32,
    ratio: f64,
    owner: Option<String>,
    ports: Vec<u16>,
    servers: BTreeMap<String, Server>,
    rules: Vec<Rule>,
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Server {
    address: String,
    enabled: bool,
    weights: Vec<f64>,
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Rule {
    Allow { from: String, until: i64 },
    Deny { reason: String },
}

fn settings(number: u32) -> Settings {
    let server = |i: u32| Server {
        address: format!("10.0.{number}.{i}"),
        enabled: i % 2 == 0,
        weights: (0..4).map(|w| f64::from(w * i + number) / 8.0).collect(),
    };
    let rule = |i: u32| match i % 3 {
        0 => Rule::Deny {
            reason: format!("line {i}\nwith \"quotes\" and ünïcode"),
        },
        _ => Rule::Allow {
            from: format!("host-{i}.example"),
            until: i64::from(i) * 86_400,
        },
    };
    Settings {
        title: format!("settings no. {number}"),
        retries: number,
        ratio: 0.1 * f64::from(number),
        owner: (number % 2 == 0).then(|| "nobody".to_owned()),
        ports: (0..10).map(|p| 8000 + p).collect(),
        servers: (0..12)
            .map(|i| (format!("server-{i}"), server(i)))
            .collect(),
        rules: (0..12).map(rule).collect(),
    }
}

fn main() {
    let mut bytes = 0;
    for number in 0..40 {
        let before = settings(number);
        let text = toml::to_string_pretty(&before).expect("text");
        let after: Settings = toml::from_str(&text).expect("the same settings");
        assert_eq!(before, after);
        let table: toml::Table = text.parse().expect("a table");
        bytes += text.len() + table.len() + toml::to_string(&table).expect("text again").len();
        let broken = text.replacen('=', ":", 2);
        bytes += toml::from_str::<Settings>(&broken)
            .expect_err("an error")
            .to_string()
            .len();
    }
    println!("{bytes}");
}
