//! Parses and validates the module that is its only argument, and counts what is in its functions.

use std::collections::BTreeMap;

use wasmparser::{Parser, Payload, Validator};

fn main() {
    let path = std::env::args().nth(1).expect("the path of a module");
    let module = std::fs::read(path).expect("a module");
    let types = Validator::new()
        .validate_all(&module)
        .expect("a valid module");
    println!("{} types", types.as_ref().core_type_count_in_module());
    let mut kinds = BTreeMap::<String, u32>::new();
    let mut bytes = 0;
    for payload in Parser::new(0).parse_all(&module) {
        if let Payload::CodeSectionEntry(body) = payload.expect("a section") {
            bytes += body.as_bytes().len();
            for operator in body.get_operators_reader().expect("a body") {
                let text = format!("{:?}", operator.expect("an operator"));
                let kind = text.split([' ', '{']).next().unwrap_or_default();
                *kinds.entry(kind.to_owned()).or_default() += 1;
            }
        }
    }
    println!(
        "{bytes} bytes of code, {} kinds, {} operators",
        kinds.len(),
        kinds.values().sum::<u32>()
    );
}
