// Bytes become a module, or an error that says what is wrong with them.

use curta::{Config, Engine, Error, Features, Module, ModuleBuilder};

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let bytes = include_str!("double.wat");

    // ANCHOR: validate
    Module::validate(&engine, bytes)?;
    // ANCHOR_END: validate

    // ANCHOR: compile
    let module = Module::new(&engine, bytes)?;
    // ANCHOR_END: compile

    // What it needs and what it offers, in the words of the text format.
    // ANCHOR: reflect
    let imports: Vec<String> = module.imports().map(|import| import.to_string()).collect();
    assert_eq!(imports, [r#"(import "host" "note" (func (param i32)))"#]);
    for export in module.exports() {
        assert_eq!(export.name(), "double");
        assert_eq!(export.ty().to_string(), "(func (param i32) (result i32))");
    }
    // ANCHOR_END: reflect

    // ANCHOR: invalid
    let invalid = Module::new(&engine, "(module (func (result i32) (f32.const 1)))");
    let error = invalid.unwrap_err();
    let details = error.module_error().expect("the bytes are at fault");
    assert_eq!(details.offset(), Some(0x1d));
    assert_eq!(details.expected(), Some("i32"));
    assert_eq!(details.found(), Some("f32"));
    // ANCHOR_END: invalid

    // From anything that can be read: a file, a socket, a pipe. Functions are translated while later
    // ones are still arriving.
    // ANCHOR: stream
    let module = Module::from_reader(&engine, bytes.as_bytes())?;
    // ANCHOR_END: stream
    assert_eq!(module.exports().len(), 1);

    // Chunks that arrive by hand; what ends too early is an error at its byte.
    // ANCHOR: chunks
    let mut builder = ModuleBuilder::new(&engine);
    for chunk in [&b"\0asm"[..], b"\x01\0\0\0", b"\x01\x04\x01"] {
        builder.push(chunk)?;
    }
    let error = builder.finish().unwrap_err();
    assert_eq!(
        error.to_string(),
        "malformed module at byte 0xb: unexpected end-of-file"
    );
    // ANCHOR_END: chunks

    // A host may accept less than all: here no more than WebAssembly 1.0.
    // ANCHOR: features
    let strict = Engine::new(Config::new().features(Features::WASM1));
    let error = Module::new(&strict, "(module (func (result i32 i32) unreachable))").unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("(the feature `multi_value` is off)")
    );
    // ANCHOR_END: features
    Ok(())
}
