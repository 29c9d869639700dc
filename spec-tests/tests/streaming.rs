//! Every module of the suite of 3.0 is the same, or refused in the same words at the same place, whether it comes whole or
//! in pieces.

use curta::{Engine, Error, Module, ModuleBuilder};
use curta_wast::directive;
use spec_tests::suite;
use wast::{QuoteWat, WastDirective};

#[test]
fn modules_in_pieces_are_what_they_are_whole() {
    let (mut accepted, mut refused) = (0, 0);
    for script in suite::named("v3").expect("there is one").scripts() {
        let engine = Engine::default();
        let mut compare = |module: &mut QuoteWat<'_>| {
            // Text that is malformed never becomes bytes.
            let Ok(bytes) = module.encode() else { return };
            let whole = outcome(Module::new(&engine, &bytes));
            for chunk in [1, 13] {
                let streamed = outcome(streamed(&engine, &bytes, chunk));
                assert_eq!(whole, streamed, "{}, {chunk} bytes at a time", script.name);
            }
            match whole {
                Ok(_) => accepted += 1,
                Err(_) => refused += 1,
            }
        };
        let parsed = directive::parse(script.text, |directives| {
            for directive in directives {
                match directive {
                    WastDirective::Module(module)
                    | WastDirective::ModuleDefinition(module)
                    | WastDirective::AssertMalformed { module, .. }
                    | WastDirective::AssertInvalid { module, .. } => compare(module),
                    _ => {}
                }
            }
        });
        assert!(parsed.is_ok(), "{} cannot be read", script.name);
    }
    println!("{accepted} modules, {refused} that are none");
    assert!(
        accepted > 1000 && refused > 1000,
        "{accepted} and {refused}"
    );
}

/// What a module is made of, or what is wrong with it and where.
fn outcome(module: Result<Module, Error>) -> Result<String, String> {
    match module {
        Ok(module) => Ok(module.disassemble()),
        Err(error) => Err(error.to_string()),
    }
}

fn streamed(engine: &Engine, bytes: &[u8], chunk: usize) -> Result<Module, Error> {
    let mut builder = ModuleBuilder::new(engine);
    for chunk in bytes.chunks(chunk) {
        builder.push(chunk)?;
    }
    builder.finish()
}
