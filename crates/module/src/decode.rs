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

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use wasmparser::{
    BinaryReaderError, Parser, Payload, SectionLimited, Validator, ValidatorResources,
};

use crate::body::{built, check};
use crate::convert::TypeScope;
use crate::module::{CustomSection, ImportCounts};
use crate::refusal::Refusal;
use crate::{
    DataSegment, ElementSegment, Export, Features, FuncIdx, Global, Import, Limit, Limits,
    MemoryType, Module, ModuleError, ModuleErrorKind, Names, Section, SectionId, SubType, Table,
    TypeId, TypeIdx, TypeRegistry,
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
        bytes: impl Into<Arc<[u8]>>,
        features: &Features,
        limits: &Limits,
        registry: &TypeRegistry,
    ) -> Result<Module, ModuleError> {
        let bytes = bytes.into();
        check(limits, Limit::ModuleBytes, bytes.len() as u64, 0)?;
        if is_component(&bytes) {
            return Err(ModuleError::component());
        }
        let mut decoder = Decoder::new(&bytes, *features, limits, registry);
        let mut parser = Parser::new(0);
        parser.set_features(built(*features).to_wasmparser());
        for payload in parser.parse_all(&bytes) {
            let payload = payload.map_err(|error| decoder.refusal().malformed(&error))?;
            decoder.payload(payload)?;
        }
        Ok(decoder.finish())
    }
}

/// Whether the header is that of a component, of whatever version: its second half is the layer.
///
/// <https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md>
fn is_component(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm") && bytes.get(6..8) == Some(&[1, 0])
}

/// A module in the making.
struct Decoder<'a> {
    bytes: &'a Arc<[u8]>,
    features: Features,
    limits: &'a Limits,
    registry: &'a TypeRegistry,
    validator: Validator,
    sections: Vec<Section>,
    custom: Vec<CustomSection>,
    name_section: Option<Range<usize>>,
    types: Vec<SubType>,
    type_ids: Vec<TypeId>,
    imports: Vec<Import>,
    imported: ImportCounts,
    functions: Vec<TypeIdx>,
    tables: Vec<Table>,
    memories: Vec<MemoryType>,
    globals: Vec<Global>,
    tags: Vec<TypeIdx>,
    exports: Vec<Export>,
    interface_size: u64,
    start: Option<FuncIdx>,
    elements: Vec<ElementSegment>,
    data: Vec<DataSegment>,
    bodies: Vec<Range<u32>>,
    total_locals: u64,
    resources: Option<ValidatorResources>,
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

impl<'a> Decoder<'a> {
    fn new(
        bytes: &'a Arc<[u8]>,
        features: Features,
        limits: &'a Limits,
        registry: &'a TypeRegistry,
    ) -> Decoder<'a> {
        Decoder {
            bytes,
            features,
            limits,
            registry,
            validator: Validator::new_with_features(built(features).to_wasmparser()),
            sections: Vec::new(),
            custom: Vec::new(),
            name_section: None,
            types: Vec::new(),
            type_ids: Vec::new(),
            imports: Vec::new(),
            imported: ImportCounts::default(),
            functions: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            tags: Vec::new(),
            exports: Vec::new(),
            interface_size: 0,
            start: None,
            elements: Vec::new(),
            data: Vec::new(),
            bodies: Vec::new(),
            total_locals: 0,
            resources: None,
        }
    }

    fn payload(&mut self, payload: Payload<'_>) -> Result<(), ModuleError> {
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
                self.start = Some(func.into());
                self.valid(|validator| validator.start_section(func, &range))
            }
            Payload::ElementSection(section) => self.elements(&section),
            Payload::DataCountSection { count, range } => {
                self.section(SectionId::DataCount, places(&range));
                check(
                    self.limits,
                    Limit::DataSegments,
                    count.into(),
                    at(range.start),
                )?;
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
                let functions = self.functions.len() - self.imported.functions;
                self.bodies.reserve_exact(functions.min(count as usize));
                Ok(())
            }
            Payload::CodeSectionEntry(body) => self.body(&body),
            Payload::DataSection(section) => self.data(&section),
            Payload::CustomSection(section) => self.custom(&section),
            Payload::UnknownSection { id, range, .. } => {
                let refused = self.validator.unknown_section(id, &range);
                refused.map_err(|error| self.refusal().malformed(&error))
            }
            Payload::End(offset) => self.valid(|validator| validator.end(offset).map(drop)),
            // What a module of a later wasmparser might have, which was not asked for.
            _ => Err(ModuleError::malformed(
                "unexpected section",
                self.bytes.len(),
            )),
        }
    }

    fn finish(self) -> Module {
        let mut exports_by_name: Box<[u32]> = (0u32..).take(self.exports.len()).collect();
        exports_by_name.sort_unstable_by_key(|&at| &*self.exports[at as usize].name);
        let names = self.name_section.map(|section| {
            Names::read(
                self.bytes,
                section,
                self.functions.len(),
                self.limits.names(),
            )
        });
        let widest = self.types.iter().map(SubType::width).max().unwrap_or(0);
        Module {
            bytes: self.bytes.clone(),
            features: self.features,
            limits: self.limits.clone(),
            sections: self.sections.into(),
            custom: self.custom.into(),
            types: self.types.into(),
            type_ids: self.type_ids.into(),
            widest,
            imports: self.imports.into(),
            imported: self.imported,
            functions: self.functions.into(),
            tables: self.tables.into(),
            memories: self.memories.into(),
            globals: self.globals.into(),
            tags: self.tags.into(),
            exports: self.exports.into(),
            exports_by_name,
            start: self.start,
            elements: self.elements.into(),
            data: self.data.into(),
            bodies: self.bodies.into(),
            resources: self.resources,
            names: names.unwrap_or_default(),
        }
    }

    fn refusal(&self) -> Refusal<'_> {
        Refusal {
            bytes: self.bytes,
            requested: self.features,
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
            ModuleError::from_parser(&error, self.features, ModuleErrorKind::Malformed)
        })
    }

    fn scope(&self) -> TypeScope<'_> {
        TypeScope::new(&self.type_ids, self.features)
    }

    fn section(&mut self, id: SectionId, range: Range<usize>) {
        self.sections.push(Section { id, range });
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
        check(self.limits, limit, before as u64 + u64::from(count), items)?;
        self.section(id, range);
        Ok(count as usize)
    }

    fn custom(&mut self, section: &wasmparser::CustomSectionReader<'_>) -> Result<(), ModuleError> {
        let range = places(&section.range());
        let asked = self.custom.len() as u64 + 1;
        check(self.limits, Limit::CustomSections, asked, range.start)?;
        let data = at(section.data_offset())..range.end;
        if section.name() == "name" && self.name_section.is_none() {
            self.name_section = Some(data.clone());
        }
        let name = data.start - section.name().len()..data.start;
        self.custom.push(CustomSection {
            name: narrow(&name),
            data: narrow(&data),
        });
        self.section(SectionId::Custom, range);
        Ok(())
    }
}
