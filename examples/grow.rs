// ANCHOR: all
// Grows a memory by pages of 64 KiB: `memory.grow(pages)`.
use curta::{Engine, Error, Memory, MemoryType, Store};

fn main() -> Result<(), Error> {
    let mut store = Store::new(&Engine::default(), ());
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(3)))?;
    // ANCHOR: grow
    assert_eq!(memory.grow(&mut store, 2)?, 1, "the size before, in pages");
    assert_eq!(memory.data_size(&store), 3 * 65_536);

    // Beyond the maximum nothing happens.
    assert!(memory.grow(&mut store, 1).is_err());
    assert_eq!(memory.size(&store), 3);
    // ANCHOR_END: grow
    Ok(())
}
// ANCHOR_END: all
