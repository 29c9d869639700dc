//! Why a module was refused, looked into after the fact.
//!
//! wasmparser says what is wrong and where. This adds whether the bytes or what they say is at
//! fault, and which feature would have let it pass where wasmparser does not tell. All of it reads
//! the file again, up to the place in question, a bounded number of times.

use alloc::{format, vec::Vec};

use wasmparser::{
    BinaryReader, BinaryReaderError, ElementItems, Parser, Payload, SectionLimited, Validator,
};

use crate::body::built;
use crate::vector::{self, Place};
use crate::{Exceeded, Feature, Features, Limit, ModuleError, ModuleErrorKind};

/// A module that was refused.
pub(crate) struct Refusal<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) requested: Features,
}

impl Refusal<'_> {
    /// From an error of the parser, which looks at the outer structure of the file.
    #[cold]
    pub(crate) fn malformed(&self, error: &BinaryReaderError) -> ModuleError {
        self.header(error)
            .unwrap_or_else(|| self.explain(error, ModuleErrorKind::Malformed))
    }

    /// What is wrong with the first eight bytes, in words for a line.
    fn header(&self, error: &BinaryReaderError) -> Option<ModuleError> {
        let start = self.bytes.get(..self.bytes.len().min(4))?;
        let message = if error.message().starts_with("magic header not detected") {
            format!(
                "magic header not detected: expected the bytes {:02x?}, found {start:02x?}",
                b"\0asm"
            )
        } else if error.message().starts_with("unknown binary version") {
            let version = self.bytes.get(4..8)?;
            format!(
                "unknown binary version: expected the bytes {:02x?}, found {version:02x?}",
                [1, 0, 0, 0]
            )
        } else {
            return None;
        };
        let offset = usize::try_from(error.offset()).unwrap_or(usize::MAX);
        Some(ModuleError::malformed(message, offset))
    }

    /// From an error of the validator, which reads the contents of a section as well.
    #[cold]
    pub(crate) fn invalid(&self, error: &BinaryReaderError) -> ModuleError {
        let kind = if self.is_unreadable_at(error.offset()) {
            ModuleErrorKind::Malformed
        } else {
            ModuleErrorKind::Invalid
        };
        self.explain(error, kind)
    }

    fn explain(&self, error: &BinaryReaderError, kind: ModuleErrorKind) -> ModuleError {
        let of_vector = || vector::refusal(error, self.bytes, self.requested, Place::ConstExpr);
        if let Some(refused) = self.exceeded(error).or_else(of_vector) {
            return refused;
        }
        if error.missing_wasm_feature().is_none()
            && let Some(feature) = self.missing_feature(error)
        {
            let offset = usize::try_from(error.offset()).ok();
            return ModuleError::of_feature(error.message(), offset, feature, self.requested);
        }
        ModuleError::from_parser(error, self.requested, kind)
    }

    /// One of our limits at its ceiling, where wasmparser has seen it first.
    ///
    /// A length that the rest of the file could not hold anyway is not meant by this: the file is
    /// malformed then.
    fn exceeded(&self, error: &BinaryReaderError) -> Option<ModuleError> {
        let offset = usize::try_from(error.offset()).ok()?;
        let (limit, is_counted) = match error.message() {
            "function params size is out of bounds" => (Limit::Params, true),
            "function returns size is out of bounds" => (Limit::Results, true),
            "struct fields size is out of bounds" => (Limit::Fields, true),
            "rec group types size is out of bounds" => (Limit::GroupTypes, true),
            "string size out of bounds" => (Limit::NameBytes, false),
            "number of elements is out of bounds" => (Limit::SegmentItems, false),
            message if message.starts_with("effective type size exceeds") => {
                (Limit::InterfaceSize, false)
            }
            message if message.starts_with("sub type hierarchy too deep") => {
                (Limit::SubtypingDepth, false)
            }
            _ => return None,
        };
        let maximum = limit.ceiling() as u64;
        let rest = self.bytes.get(offset..)?;
        let asked = is_counted
            .then(|| BinaryReader::new(rest, 0).read_var_u32().ok())
            .flatten();
        let asked = asked.map(u64::from);
        let needs_bytes = !matches!(limit, Limit::InterfaceSize | Limit::SubtypingDepth);
        if needs_bytes && asked.unwrap_or(maximum) >= rest.len() as u64 {
            return None;
        }
        Some(ModuleError::exceeding(
            Exceeded {
                limit,
                asked,
                maximum,
            },
            offset,
        ))
    }

    /// The feature that gets a module past an error, if there is one.
    ///
    /// More features let more pass, so it is the one with which, added one after the other, the
    /// module gets past the error first; that is found by halving.
    fn missing_feature(&self, error: &BinaryReaderError) -> Option<Feature> {
        let enabled = built(self.requested);
        // Read as a whole, the file may be refused elsewhere than where it was cut into pieces.
        if self.gets_past(error, enabled) || !self.gets_past(error, Features::KNOWN) {
            return None;
        }
        let is_missing = |feature: &Feature| !enabled.contains(*feature);
        let missing: Vec<Feature> = Feature::ALL.iter().copied().filter(is_missing).collect();
        let (mut fails, mut passes) = (0, missing.len());
        while passes - fails > 1 {
            let middle = fails + (passes - fails) / 2;
            if self.gets_past(error, enabled.union(Features::of(&missing[..middle]))) {
                passes = middle;
            } else {
                fails = middle;
            }
        }
        missing.get(fails).copied()
    }

    /// Whether these features let the file pass up to the place of an error and beyond.
    fn gets_past(&self, error: &BinaryReaderError, features: Features) -> bool {
        let mut parser = Parser::new(0);
        parser.set_features(features.to_wasmparser());
        let mut validator = Validator::new_with_features(features.to_wasmparser());
        for payload in parser.parse_all(self.bytes) {
            let payload = match payload {
                Ok(payload) => payload,
                Err(other) => return other.offset() > error.offset(),
            };
            // Sections beyond have not had their counts checked.
            let start = payload.as_section().map_or(0, |(_, range)| range.start);
            if start > error.offset() {
                return true;
            }
            if matches!(payload, Payload::CodeSectionEntry(_)) {
                continue;
            }
            if let Err(other) = validator.payload(&payload) {
                return other.offset() > error.offset();
            }
        }
        true
    }

    /// Whether reading without validating fails, and at this place.
    fn is_unreadable_at(&self, offset: u64) -> bool {
        let mut parser = Parser::new(0);
        parser.set_features(built(self.requested).to_wasmparser());
        for payload in parser.parse_all(self.bytes) {
            let Ok(payload) = payload else { return false };
            if payload
                .as_section()
                .is_some_and(|(_, range)| range.start > offset)
            {
                return false;
            }
            let read = match payload {
                Payload::TypeSection(section) => drain(section),
                Payload::ImportSection(section) => section
                    .into_imports()
                    .try_for_each(|import| import.map(drop)),
                Payload::FunctionSection(section) => drain(section),
                Payload::TableSection(section) => drain(section),
                Payload::MemorySection(section) => drain(section),
                Payload::TagSection(section) => drain(section),
                Payload::GlobalSection(section) => drain(section),
                Payload::ExportSection(section) => drain(section),
                Payload::ElementSection(section) => {
                    section
                        .into_iter()
                        .try_for_each(|element| match element?.items {
                            ElementItems::Functions(functions) => drain(functions),
                            ElementItems::Expressions(_, expressions) => drain(expressions),
                        })
                }
                Payload::DataSection(section) => drain(section),
                _ => Ok(()),
            };
            if let Err(error) = read {
                return error.offset() == offset;
            }
        }
        false
    }
}

/// Reads every item of a section.
fn drain<'a, T: wasmparser::FromReader<'a>>(
    section: SectionLimited<'a, T>,
) -> Result<(), BinaryReaderError> {
    section.into_iter().try_for_each(|item| item.map(drop))
}
