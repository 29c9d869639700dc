//! Modules that arrive piece by piece.

use super::{
    engine::{Compiler, Engine},
    module::Module,
};
use crate::error::Error;
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::fmt;
use curta_module::{Decoder, ModuleError, TypeRegistry};

/// A module whose bytes are given in chunks of any size, as they arrive.
///
/// Sections are checked as they are complete, and functions validated and translated while later
/// ones are still to come, so that little is left to do when the last byte is there. Bytes are kept
/// once; nothing is bought because a file announces it, and a section that would exceed the
/// engine's [`Limits`](crate::Limits) is refused when its size is read.
///
/// The module, and the first error with its offset, are those of [`Module::new`], however the bytes
/// are cut. (Alone a section's size beyond the limits is an error here before its contents come; if
/// they do not come at all, it is one of truncated input there.) After an error nothing of the
/// module is kept.
///
/// The binary format only. For everything that can be read there is
/// [`Module::from_reader`].
///
/// ```
/// use curta::{Engine, ModuleBuilder};
///
/// # let bytes: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x04\x01\x02\0\x0b";
/// # let received = bytes.chunks(4);
/// let mut builder = ModuleBuilder::new(&Engine::default());
/// for chunk in received {
///     builder.push(chunk)?;
/// }
/// let module = builder.finish()?;
/// assert_eq!(module.exports().len(), 1);
/// # Ok::<(), curta::Error>(())
/// ```
///
/// What ends too early is an error, and so is what is wrong, as soon as it has arrived:
///
/// ```
/// use curta::{Engine, ModuleBuilder};
///
/// let mut builder = ModuleBuilder::new(&Engine::default());
/// builder.push(b"\0asm\x01\0\0\0\x01\x04\x01")?;
/// let error = builder.finish().unwrap_err();
/// assert_eq!(error.to_string(), "malformed module at byte 0xa: unexpected end-of-file");
/// # Ok::<(), curta::Error>(())
/// ```
#[must_use]
pub struct ModuleBuilder {
    engine: Engine,
    /// Or why it was refused.
    state: Result<Box<Building>, ModuleError>,
}

struct Building {
    decoder: Decoder<Arc<TypeRegistry>>,
    compiler: Compiler,
}

impl ModuleBuilder {
    /// A module of which nothing has arrived.
    pub fn new(engine: &Engine) -> ModuleBuilder {
        ModuleBuilder {
            engine: engine.clone(),
            state: Ok(Box::new(Building::new(engine))),
        }
    }

    /// Takes the next bytes, and does with them what can be done.
    ///
    /// # Errors
    /// The first thing that is wrong with the bytes up to here; what was built is dropped, and
    /// further calls return the same error.
    pub fn push(&mut self, chunk: impl AsRef<[u8]>) -> Result<(), Error> {
        let building = self.state.as_mut().map_err(|refused| refused.clone())?;
        building
            .take(|decoder| decoder.push(chunk.as_ref()))
            .map_err(|error| {
                self.state = Err(error.clone());
                error.into()
            })
    }

    /// The module, now that all bytes are there.
    ///
    /// # Errors
    /// When the bytes end too early, or were refused before.
    pub fn finish(self) -> Result<Module, Error> {
        self.state?.finish(self.engine)
    }

    /// A module that is there as a whole.
    pub(super) fn whole(engine: &Engine, bytes: Vec<u8>) -> Result<Module, Error> {
        let mut building = Building::new(engine);
        building.take(|decoder| decoder.push_all(bytes))?;
        building.finish(engine.clone())
    }
}

impl Building {
    fn new(engine: &Engine) -> Building {
        Building {
            decoder: engine.decoder(),
            compiler: engine.compiler(),
        }
    }

    fn take(
        &mut self,
        decode: impl FnOnce(&mut Decoder<Arc<TypeRegistry>>) -> Result<(), ModuleError>,
    ) -> Result<(), ModuleError> {
        let decoded = decode(&mut self.decoder);
        // What came before an error comes first.
        let done = self.compiler.advance(self.decoder.module_mut());
        done.and(decoded)
    }

    fn finish(self, engine: Engine) -> Result<Module, Error> {
        let mut module = self.decoder.finish()?;
        let code = self.compiler.finish(&mut module)?;
        Ok(Module::new_compiled(engine, module, code))
    }
}

impl fmt::Debug for ModuleBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.state.as_ref().ok();
        f.debug_struct("ModuleBuilder")
            .field(
                "bytes",
                &bytes.map(|building| building.decoder.module().bytes().len()),
            )
            .field("refused", &self.state.as_ref().err())
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "std")]
impl Module {
    /// Reads a module to its end, and validates and translates its functions as they come: see
    /// [`ModuleBuilder`].
    ///
    /// With the feature `wat` (on by default), the text format is accepted too; it is read as a
    /// whole.
    ///
    /// ```
    /// use curta::{Engine, Module};
    ///
    /// let text = "(module (func (export \"f\")))";
    /// let module = Module::from_reader(&Engine::default(), text.as_bytes())?;
    /// assert_eq!(module.exports().len(), 1);
    /// # Ok::<(), curta::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Module::new`]; what the reader fails with, which
    /// [`Error::downcast_ref`] gives back as a `std::io::Error`.
    pub fn from_reader(engine: &Engine, mut reader: impl std::io::Read) -> Result<Module, Error> {
        /// What is read at once.
        const CHUNK: usize = 16 * 1024;

        let mut buffer = alloc::vec![0; CHUNK];
        let mut builder = ModuleBuilder::new(engine);
        let mut is_first = true;
        loop {
            let len = match reader.read(&mut buffer) {
                Ok(0) => return builder.finish(),
                Ok(len) => len,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            if is_first && super::module::is_text(&buffer[..len]) {
                buffer.truncate(len);
                reader.read_to_end(&mut buffer)?;
                return Module::new(engine, buffer);
            }
            is_first = false;
            builder.push(&buffer[..len])?;
        }
    }

    /// Reads a module from a file: see [`Module::from_reader`].
    ///
    /// # Errors
    /// As [`Module::from_reader`]; that the file cannot be opened.
    pub fn from_file(engine: &Engine, path: impl AsRef<std::path::Path>) -> Result<Module, Error> {
        Module::from_reader(engine, std::fs::File::open(path)?)
    }
}
