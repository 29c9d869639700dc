//! Vector instructions, of which none is executed: what is said of a module that has one.
//!
//! wasmparser is built without them. With its feature `simd`, each visitor, of ours and of its own,
//! would come with a table of six hundred addresses of methods, which the loader of every process
//! adjusts before `main`, whether it meets a vector or not. So wasmparser stops at such an
//! instruction, and this says the rest: whether the bytes are one at all, and of which feature.
//!
//! <https://webassembly.github.io/spec/core/binary/instructions.html#vector-instructions>

use alloc::format;

use wasmparser::{BinaryReader, BinaryReaderError};

use crate::body::built;
use crate::{Feature, Features, ModuleError, ModuleErrorKind};

/// `v128.const`, the one that constant expressions may have.
const V128_CONST: u32 = 0x0c;
/// The first one of the feature `relaxed_simd`, and those behind it.
const RELAXED: u32 = 0x100;

/// Where an instruction stands.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Place {
    Body,
    ConstExpr,
}

/// Why a vector instruction is refused that wasmparser has stopped at; `None` if it has stopped at
/// something else. The bytes are the module's up to where the instruction must have ended.
pub(crate) fn refusal(
    error: &BinaryReaderError,
    bytes: &[u8],
    requested: Features,
    place: Place,
) -> Option<ModuleError> {
    if !error.message().starts_with("unexpected SIMD opcode") {
        return None;
    }
    let offset = usize::try_from(error.offset()).ok()?;
    let vector = Vector {
        offset,
        requested,
        features: built(requested),
    };
    // Behind the prefix that all of them have.
    let rest = bytes.get(offset + 1..)?;
    Some(match vector.read(rest) {
        Err(refused) => refused,
        Ok(code) if place == Place::ConstExpr && code != V128_CONST => ModuleError::invalid(
            "constant expression required: not a vector instruction",
            offset,
        ),
        Ok(code) => vector.not_enabled(code),
    })
}

struct Vector {
    offset: usize,
    requested: Features,
    /// Those of the requested ones that are built.
    features: Features,
}

impl Vector {
    fn not_enabled(&self, code: u32) -> ModuleError {
        let (feature, message) = if code < RELAXED {
            (Feature::Simd, "SIMD support is not enabled")
        } else {
            (Feature::RelaxedSimd, "relaxed SIMD support is not enabled")
        };
        ModuleError::of_feature(message, Some(self.offset), feature, self.requested)
    }

    /// Reads an instruction and returns its code.
    fn read(&self, rest: &[u8]) -> Result<u32, ModuleError> {
        let start = self.offset as u64 + 1;
        let mut reader = BinaryReader::new_features(rest, start, self.features.to_wasmparser());
        let code = reader.read_var_u32().map_err(malformed)?;
        match code {
            // Loads and stores.
            0x00..=0x0b | 0x5c | 0x5d => self.read_mem_arg(&mut reader)?,
            // Those of a lane.
            0x54..=0x5b => {
                self.read_mem_arg(&mut reader)?;
                reader.read_u8().map_err(malformed)?;
            }
            V128_CONST => {
                reader.read_bytes(16).map_err(malformed)?;
            }
            // The lanes of a shuffle.
            0x0d => {
                for _ in 0..16 {
                    reader.read_u8().map_err(malformed)?;
                }
            }
            // A lane that is taken out or put in.
            0x15..=0x22 => {
                reader.read_u8().map_err(malformed)?;
            }
            // What no instruction has.
            0x9a
            | 0xa2
            | 0xa5
            | 0xa6
            | 0xaf
            | 0xb0
            | 0xb2..=0xb4
            | 0xbb
            | 0xc2
            | 0xc5
            | 0xc6
            | 0xcf
            | 0xd0
            | 0xd2..=0xd4
            | 0xe2
            | 0xee
            | 0x114.. => {
                let message = format!("unknown 0xfd subopcode: 0x{code:x}");
                return Err(ModuleError::malformed(message, self.offset));
            }
            _ => {}
        }
        Ok(code)
    }

    /// <https://webassembly.github.io/spec/core/binary/instructions.html#memory-instructions>
    fn read_mem_arg(&self, reader: &mut BinaryReader<'_>) -> Result<(), ModuleError> {
        /// The lowest bit above the alignment's.
        const HAS_MEMORY: u32 = 1 << 6;
        let place = usize::try_from(reader.original_position()).unwrap_or(usize::MAX);
        let mut flags = reader.read_var_u32().map_err(malformed)?;
        if self.features.contains(Feature::MultiMemory) && flags & HAS_MEMORY != 0 {
            flags ^= HAS_MEMORY;
            reader.read_var_u32().map_err(malformed)?;
        }
        if flags >= HAS_MEMORY {
            let message = "malformed memop: reserved flags bits set";
            return Err(ModuleError::malformed(message, place));
        }
        if self.features.contains(Feature::Memory64) {
            reader.read_var_u64().map_err(malformed)?;
        } else {
            reader.read_var_u32().map_err(malformed)?;
        }
        Ok(())
    }
}

fn malformed(error: BinaryReaderError) -> ModuleError {
    ModuleError::from_parser(&error, Features::NONE, ModuleErrorKind::Malformed)
}
