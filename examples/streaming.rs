// ANCHOR: all
// Loads a module while it arrives: `WebAssembly.compileStreaming`. Functions are translated while later ones are still on
// their way, and the bytes are held once.
use curta::{Engine, Error, Module, ModuleBuilder};

/// The smallest module that exports a function, as a server would send it.
const BYTES: &[u8] = b"\0asm\x01\0\0\0\
    \x01\x04\x01\x60\0\0\
    \x03\x02\x01\0\
    \x07\x07\x01\x03run\0\0\
    \x0a\x04\x01\x02\0\x0b";

fn main() -> Result<(), Error> {
    let engine = Engine::default();

    // From anything that can be read: a file, a socket, the body of a response.
    // ANCHOR: reader
    let module = Module::from_reader(&engine, BYTES)?;
    // ANCHOR_END: reader
    assert!(module.get_export("run").is_some());

    // Or chunk by chunk, where something else does the reading.
    // ANCHOR: chunks
    let mut builder = ModuleBuilder::new(&engine);
    for chunk in BYTES.chunks(7) {
        builder.push(chunk)?;
    }
    let module = builder.finish()?;
    // ANCHOR_END: chunks
    assert!(module.get_export("run").is_some());
    Ok(())
}
// ANCHOR_END: all
