//! From bytes to a [`Module`]: one pass over the file, section by section.
//!
//! Each section goes the same way: its count is compared with the limits and with the bytes that
//! are there, so that an announced number buys nothing; wasmparser's validator checks it; then it
//! is recorded as our data, which has nothing to refuse any more but limits of single items and
//! features that are not built. A refusal is looked into afterwards ([`crate::refusal`]), so that
//! what is valid never pays for good messages.
//!
//! Function bodies are recorded as ranges. Only their declarations of locals are looked at, for
//! the limits.

mod definitions;
mod segments;

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::{Deref, Range};

use wasmparser::{
    BinaryReader, BinaryReaderError, Chunk, Parser, Payload, SectionLimited, Validator,
};

use crate::body::{built, check};
use crate::convert::TypeScope;
use crate::module::CustomSection;
use crate::refusal::Refusal;
use crate::{
    Exceeded, Features, Limit, Limits, Module, ModuleError, ModuleErrorKind, Names, Section,
    SectionId, TypeRegistry,
};

impl Module {
    /// Decodes a module and checks everything but its function bodies.
    ///
    /// The bytes are kept, shared. Its types are interned in the registry, which must be the one
    /// of all modules that are to be linked with it.
    ///
    /// Linear in the size of the file; function bodies are not read. Memory is in proportion to
    /// the file, whatever it announces.
    ///
    /// # Errors
    ///
    /// If the bytes are not a valid module, or use a feature or exceed a limit that they may not.
    pub fn decode(
        bytes: impl Into<Vec<u8>>,
        features: &Features,
        limits: &Limits,
        registry: &TypeRegistry,
    ) -> Result<Module, ModuleError> {
        let mut decoder = Decoder::new(features, limits, registry);
        decoder.push_all(bytes)?;
        decoder.finish()
    }
}

/// Whether the header is that of a component, of whatever version: its second half is the layer.
///
/// <https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md>
fn is_component(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm") && bytes.get(6..8) == Some(&[1, 0])
}

/// A module that arrives piece by piece.
///
/// A section is decoded when all of it is there, a function body likewise; until then its bytes
/// wait. What it announces buys nothing: bytes are stored as they come, and what would exceed a
/// limit is refused when its size is read. The module that has arrived so far is
/// [`Decoder::module`], whose [bodies](Module::body) can be validated and translated meanwhile.
///
/// However the bytes are cut, the module is the same, and so is the error: the first in the order
/// of the file. After one the decoder is of no use any more.
///
/// ```
/// use curta_module::{Decoder, Features, Limits, TypeRegistry};
///
/// let bytes = wat::parse_str("(module (func) (func (export \"f\")))")?;
/// let registry = TypeRegistry::new();
/// let mut decoder = Decoder::new(&Features::WASM2, &Limits::default(), &registry);
/// for chunk in bytes.chunks(5) {
///     decoder.push(chunk)?;
/// }
/// assert_eq!(decoder.module().bodies(), 2);
/// assert!(decoder.finish()?.export("f").is_some());
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub struct Decoder<R> {
    registry: R,
    parser: Parser,
    validator: Validator,
    /// What is known so far.
    module: Module,
    /// Whether all bytes are there, so that what is announced beyond them cannot come.
    is_whole: bool,
    /// How many bytes are decoded.
    position: usize,
    /// How many of them the parser has consumed: what it has not seen yet are function bodies.
    parsed: usize,
    /// Where the section ends that is being read, if that is known.
    section_end: Option<usize>,
    /// How many function bodies are still to come.
    bodies_left: u32,
    name_section: Option<Range<usize>>,
    interface_size: u64,
    total_locals: u64,
}

/// An offset in a file of fewer than 2^32 bytes.
fn at(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

fn places(range: &Range<u64>) -> Range<usize> {
    at(range.start)..at(range.end)
}

/// The same for what is kept in numbers; the module's size has been checked.
fn narrow(range: &Range<usize>) -> Range<u32> {
    let narrow = |place| u32::try_from(place).expect("limited");
    narrow(range.start)..narrow(range.end)
}

/// A size in the file, and where what is so long begins: `None` if it is not all there, or is none.
fn size_at(bytes: &[u8], at: usize) -> Option<(usize, u32)> {
    let mut reader = BinaryReader::new(bytes.get(at..)?, 0);
    let size = reader.read_var_u32().ok()?;
    Some((at + reader.current_position(), size))
}

impl<R: Deref<Target = TypeRegistry>> Decoder<R> {
    /// A decoder for a module of which nothing has arrived. See [`Module::decode`].
    #[must_use]
    pub fn new(features: &Features, limits: &Limits, registry: R) -> Decoder<R> {
        let mut parser = Parser::new(0);
        parser.set_features(built(*features).to_wasmparser());
        Decoder {
            registry,
            parser,
            validator: Validator::new_with_features(built(*features).to_wasmparser()),
            module: Module::empty(*features, limits.clone()),
            is_whole: false,
            position: 0,
            parsed: 0,
            section_end: None,
            bodies_left: 0,
            name_section: None,
            interface_size: 0,
            total_locals: 0,
        }
    }

    /// What has arrived of the module. Its exports cannot be found by name yet, and function
    /// bodies are those that are complete.
    #[must_use]
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The same, to be lent to somebody who has to own it for a while: it must be back before the decoder goes on.
    #[must_use]
    pub fn module_mut(&mut self) -> &mut Module {
        &mut self.module
    }

    /// Takes the next bytes, and decodes what is complete with them.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the bytes up to here, however they were cut; more than
    /// [`Limit::ModuleBytes`].
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), ModuleError> {
        let most = self.module.limits.module_bytes();
        let room = most.saturating_sub(self.module.bytes.len());
        let fits = &chunk[..chunk.len().min(room)];
        Arc::get_mut(&mut self.module.bytes)
            .expect("shared when it is finished")
            .extend_from_slice(fits);
        self.advance(false)?;
        if fits.len() == chunk.len() {
            return Ok(());
        }
        let exceeded = Exceeded {
            limit: Limit::ModuleBytes,
            asked: None,
            maximum: most as u64,
        };
        Err(ModuleError::exceeding(exceeded, most))
    }

    /// Takes all bytes of a module, without copying a vector. Nothing may have been pushed before.
    ///
    /// # Errors
    ///
    /// As [`Decoder::push`].
    pub fn push_all(&mut self, bytes: impl Into<Vec<u8>>) -> Result<(), ModuleError> {
        let bytes = bytes.into();
        self.check(Limit::ModuleBytes, bytes.len() as u64, 0)?;
        self.module.bytes = Arc::new(bytes);
        self.is_whole = true;
        self.advance(false)
    }

    /// The module, now that all bytes are there.
    ///
    /// # Errors
    ///
    /// If they end too early.
    pub fn finish(mut self) -> Result<Module, ModuleError> {
        self.advance(true)?;
        let Decoder {
            mut module,
            name_section,
            ..
        } = self;
        if let Some(bytes) = Arc::get_mut(&mut module.bytes) {
            bytes.shrink_to_fit();
        }
        let mut exports_by_name: Vec<u32> = (0u32..).take(module.exports.len()).collect();
        exports_by_name.sort_unstable_by_key(|&at| &*module.exports[at as usize].name);
        module.exports_by_name = exports_by_name;
        if let Some(section) = name_section {
            let (functions, limit) = (module.functions.len(), module.limits.names());
            module.names = Names::read(&module.bytes, section, functions, limit);
        }
        Ok(module)
    }

    /// Decodes what is complete; at the end of the file, all that is left.
    fn advance(&mut self, eof: bool) -> Result<(), ModuleError> {
        // Shared meanwhile, so that what is read can be noted.
        let bytes = Arc::clone(&self.module.bytes);
        loop {
            self.bodies(&bytes)?;
            match self.next(&bytes, eof)? {
                Some(Payload::End(offset)) => {
                    return self.valid(|validator| validator.end(offset).map(drop));
                }
                Some(payload) => self.section_payload(payload)?,
                None => return Ok(()),
            }
        }
    }

    /// Takes the function bodies that are all there and end in their section.
    ///
    /// There are many of them, and little is to be read of each, so the parser is not asked: when the section is done, it is
    /// told to go on behind it. It sees them only to refuse what comes after them.
    fn bodies(&mut self, bytes: &[u8]) -> Result<(), ModuleError> {
        let section_end = self.section_end.unwrap_or_default();
        let there = &bytes[..section_end.min(bytes.len())];
        while self.bodies_left > 0 {
            let Some((start, size)) = size_at(there, self.position) else {
                return Ok(());
            };
            if size as usize > there.len() - start {
                return Ok(());
            }
            self.position = start + size as usize;
            self.bodies_left -= 1;
            self.body(there, start..self.position)?;
        }
        if self.parsed < self.position && self.position == section_end {
            self.parser.skip_section();
            self.parsed = section_end;
        }
        Ok(())
    }

    /// The next thing that is complete, but for function bodies.
    fn next<'b>(&mut self, bytes: &'b [u8], eof: bool) -> Result<Option<Payload<'b>>, ModuleError> {
        if !self.is_complete(bytes)? && !eof {
            return Ok(None);
        }
        if self.position == 0 && is_component(bytes) {
            return Err(ModuleError::component());
        }
        loop {
            let is_behind = self.parsed < self.position;
            match self.parser.parse(&bytes[self.parsed..], eof) {
                Ok(Chunk::NeedMoreData(_)) => return Ok(None),
                Ok(Chunk::Parsed { consumed, payload }) => {
                    self.parsed += consumed;
                    if !is_behind {
                        self.position = self.parsed;
                        return Ok(Some(payload));
                    }
                }
                Err(error) => return Err(self.refusal().malformed(&error)),
            }
        }
    }

    /// Whether the header, function body or section at the parser is there as far as it has to be,
    /// or else what the parser will refuse. Compares with the limits what they announce.
    fn is_complete(&mut self, bytes: &[u8]) -> Result<bool, ModuleError> {
        /// The section whose contents come one by one.
        const CODE: u8 = 10;
        /// Magic number and version.
        const HEADER: usize = 8;

        if self.position < HEADER {
            return Ok(bytes.len() >= HEADER);
        }
        if self.position == bytes.len() {
            return Ok(false);
        }
        if self.bodies_left > 0 {
            let Some((body, size)) = size_at(bytes, self.position) else {
                return Ok(true);
            };
            self.check(Limit::BodyBytes, size.into(), body)?;
            return Ok(bytes.len() - body >= size as usize);
        }
        self.section_end = None;
        let Some((contents, size)) = size_at(bytes, self.position + 1) else {
            return Ok(true);
        };
        let end = contents.saturating_add(size as usize);
        self.section_end = Some(end);
        if !self.is_whole {
            self.check(Limit::ModuleBytes, end as u64, self.position)?;
        }
        Ok(bytes[self.position] == CODE || end <= bytes.len())
    }

    fn check(&self, limit: Limit, asked: u64, offset: usize) -> Result<(), ModuleError> {
        check(&self.module.limits, limit, asked, offset)
    }

    /// Anything but a body or the end.
    fn section_payload(&mut self, payload: Payload<'_>) -> Result<(), ModuleError> {
        match payload {
            Payload::Version {
                num,
                encoding,
                range,
            } => self.valid(|validator| validator.version(num, encoding, &range)),
            Payload::TypeSection(section) => self.types(&section),
            Payload::ImportSection(section) => self.imports(&section),
            Payload::FunctionSection(section) => self.functions(&section),
            Payload::TableSection(section) => self.tables(&section),
            Payload::MemorySection(section) => self.memories(&section),
            Payload::TagSection(section) => self.tags(&section),
            Payload::GlobalSection(section) => self.globals(&section),
            Payload::ExportSection(section) => self.exports(&section),
            Payload::StartSection { func, range } => {
                self.section(SectionId::Start, places(&range));
                self.module.start = Some(func.into());
                self.valid(|validator| validator.start_section(func, &range))
            }
            Payload::ElementSection(section) => self.elements(&section),
            Payload::DataCountSection { count, range } => {
                self.section(SectionId::DataCount, places(&range));
                self.check(Limit::DataSegments, count.into(), at(range.start))?;
                self.valid(|validator| validator.data_count_section(count, &range))
            }
            Payload::CodeSectionStart {
                count,
                unchecked_range,
                ..
            } => {
                self.section(SectionId::Code, places(&unchecked_range));
                self.valid(|validator| validator.code_section_start(&unchecked_range))?;
                // As many as there are functions, which the parser has compared.
                let functions = self.module.functions.len() - self.module.imported.functions;
                self.module
                    .bodies
                    .reserve_exact(functions.min(count as usize));
                self.bodies_left = count;
                Ok(())
            }
            Payload::DataSection(section) => self.data(&section),
            Payload::CustomSection(section) => self.custom(&section),
            Payload::UnknownSection { id, range, .. } => {
                let refused = self.validator.unknown_section(id, &range);
                refused.map_err(|error| self.refusal().malformed(&error))
            }
            // What a module of a later wasmparser might have, which was not asked for.
            _ => Err(ModuleError::malformed("unexpected section", self.position)),
        }
    }

    fn refusal(&self) -> Refusal<'_> {
        // What comes after the section has nothing to do with it, and may not be there yet.
        let there = self.module.bytes.len();
        let end = self.section_end.map_or(there, |end| end.min(there));
        Refusal {
            bytes: &self.module.bytes[..end],
            requested: self.module.features,
        }
    }

    fn valid(
        &mut self,
        f: impl FnOnce(&mut Validator) -> Result<(), BinaryReaderError>,
    ) -> Result<(), ModuleError> {
        f(&mut self.validator).map_err(|error| self.refusal().invalid(&error))
    }

    /// What reading a section that has been validated says, which is nothing.
    fn read<T>(&self, item: Result<T, BinaryReaderError>) -> Result<T, ModuleError> {
        item.map_err(|error| {
            ModuleError::from_parser(&error, self.module.features, ModuleErrorKind::Malformed)
        })
    }

    fn scope(&self) -> TypeScope<'_> {
        TypeScope::new(&self.module.type_ids, self.module.features)
    }

    fn section(&mut self, id: SectionId, range: Range<usize>) {
        self.module.sections.push(Section { id, range });
    }

    /// Notes a section of so many items, after so many others in their index space, and checks
    /// their number.
    fn counted<T>(
        &mut self,
        id: SectionId,
        section: &SectionLimited<'_, T>,
        limit: Limit,
        before: usize,
    ) -> Result<usize, ModuleError> {
        let range = places(&section.range());
        let items = at(section.original_position());
        let count = section.count();
        // Every item is at least a byte.
        if count as usize > range.end - items {
            return Err(ModuleError::malformed("unexpected end-of-file", range.end));
        }
        self.check(limit, before as u64 + u64::from(count), items)?;
        self.section(id, range);
        Ok(count as usize)
    }

    fn custom(&mut self, section: &wasmparser::CustomSectionReader<'_>) -> Result<(), ModuleError> {
        let range = places(&section.range());
        let asked = self.module.custom.len() as u64 + 1;
        self.check(Limit::CustomSections, asked, range.start)?;
        let data = at(section.data_offset())..range.end;
        if section.name() == "name" && self.name_section.is_none() {
            self.name_section = Some(data.clone());
        }
        let name = data.start - section.name().len()..data.start;
        self.module.custom.push(CustomSection {
            name: narrow(&name),
            data: narrow(&data),
        });
        self.section(SectionId::Custom, range);
        Ok(())
    }
}
