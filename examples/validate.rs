// ANCHOR: all
// Checks bytes without keeping anything: `WebAssembly.validate`.
use curta::{Engine, Error, Module};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    // ANCHOR: validate
    Module::validate(&engine, "(module (func (result i32) (i32.const 1)))")?;
    // ANCHOR_END: validate

    // What is wrong has a place, and says what was expected and what was found.
    // ANCHOR: invalid
    let error =
        Module::validate(&engine, "(module (func (result i32) (i64.const 1)))").unwrap_err();
    let problem = error.module_error().expect("it is about the module");
    assert_eq!(problem.offset(), Some(0x1a));
    assert_eq!(
        (problem.expected(), problem.found()),
        (Some("i32"), Some("i64"))
    );
    // ANCHOR_END: invalid
    Ok(())
}
// ANCHOR_END: all
