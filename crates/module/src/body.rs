//! A function body: where it is, how to read it, and how to validate it.
//!
//! A body is not checked when its module is decoded. Whoever runs it validates it first: alone,
//! by [`Body::validate`], or in lock step with something else, by [`Body::validator`] and
//! [`Body::reader`]. Bodies of one module can be validated on several threads at once.

use core::ops::Range;

use wasmparser::{
    BinaryReader, BinaryReaderError, Catch, FrameKind, FuncToValidate, FuncValidator,
    FuncValidatorAllocations, FunctionBody, ModuleArity, Operator, ValidatorResources,
};

use crate::vector::{self, Place};
use crate::{
    Decoder, Feature, Features, FuncIdx, FuncType, Limit, Limits, Module, ModuleError,
    ModuleErrorKind, TypeRegistry,
};

/// The body of a function that a module defines. See [`Module::body`].
#[derive(Clone, Debug)]
pub struct Body<'m> {
    module: &'m Module,
    defined: usize,
    range: Range<usize>,
    bytes: &'m [u8],
    locals: u32,
    /// The limit, at hand for each instruction.
    operand_height: usize,
}

impl<'m> Body<'m> {
    pub(crate) fn new(
        module: &'m Module,
        defined: usize,
        range: Range<usize>,
        locals: u32,
    ) -> Body<'m> {
        Body {
            module,
            defined,
            bytes: &module.bytes[range.clone()],
            range,
            locals,
            operand_height: module.limits.operand_height(),
        }
    }

    /// The module that it belongs to.
    #[must_use]
    pub fn module(&self) -> &'m Module {
        self.module
    }

    /// The function that it is the body of.
    #[must_use]
    pub fn func(&self) -> FuncIdx {
        let index = self.module.imported_functions() + self.defined;
        FuncIdx::new(u32::try_from(index).expect("limited"))
    }

    /// The function's type.
    #[must_use]
    pub fn ty(&self) -> &'m FuncType {
        self.module.func_type(self.func())
    }

    /// Which of the module's bytes it is: the declarations of locals, then the instructions.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Where it starts in the module's bytes.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.range.start
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.range.len()
    }

    /// How many parameters and locals the function has, as its declarations say. Those that cannot
    /// be read are not counted; validation refuses them.
    #[must_use]
    pub fn locals(&self) -> u32 {
        self.locals
    }

    /// Its bytes.
    #[must_use]
    #[inline]
    pub fn bytes(&self) -> &'m [u8] {
        self.bytes
    }

    /// Reads it. Offsets are those in the module's bytes.
    #[must_use]
    pub fn reader(&self) -> FunctionBody<'m> {
        let features = built(self.module.features).to_wasmparser();
        FunctionBody::new(BinaryReader::new_features(
            self.bytes(),
            self.offset() as u64,
            features,
        ))
    }

    /// A validator for it, which is to be given everything that the reader reads.
    ///
    /// What it refuses becomes a [`ModuleError`] by [`Body::error`]. Limits are the caller's, by
    /// [`Body::check_limits`].
    #[must_use]
    pub fn validator(
        &self,
        allocations: FuncValidatorAllocations,
    ) -> FuncValidator<&'m ValidatorResources> {
        let function = self.func();
        let to_validate = FuncToValidate {
            resources: self
                .module
                .resources
                .as_ref()
                .expect("there if there are bodies"),
            index: function.as_u32(),
            ty: self.module.functions()[function.index()].as_u32(),
            features: built(self.module.features).to_wasmparser(),
        };
        to_validate.into_validator(allocations)
    }

    /// Validates it alone.
    ///
    /// Linear in its size. Gives the validator's memory back, for the next one.
    ///
    /// # Errors
    ///
    /// If it is malformed or invalid, or exceeds a limit; if it is valid, but uses an instruction
    /// of a feature of which only the [types are built](Feature::has_instructions).
    pub fn validate(
        &self,
        allocations: FuncValidatorAllocations,
    ) -> Result<FuncValidatorAllocations, ModuleError> {
        let mut validator = self.validator(allocations);
        let mut reader = self.reader().get_binary_reader();
        let mut budget = self.operand_budget();
        validator
            .read_locals(&mut reader)
            .map_err(|error| self.error(error))?;
        let mut not_built = None;
        while !reader.eof() {
            self.check_limits(&reader, &mut validator, &mut budget)?;
            let offset = reader.original_position();
            not_built = not_built.or_else(|| self.not_built(&reader, &mut validator));
            let checked = reader.visit_operator(&mut validator.visitor(offset));
            checked
                .and_then(|valid| valid)
                .map_err(|error| self.error(error))?;
        }
        let offset = reader.original_position();
        reader
            .finish_expression(&validator.visitor(offset))
            .map_err(|error| self.error(error))?;
        match not_built {
            None => Ok(validator.into_allocations()),
            Some(refused) => Err(refused),
        }
    }

    /// Why the instruction at the reader is refused although it may be valid.
    fn not_built(
        &self,
        reader: &BinaryReader<'_>,
        validator: &mut FuncValidator<&'m ValidatorResources>,
    ) -> Option<ModuleError> {
        let opcode = *self.bytes().get(reader.current_position())?;
        if opcode != opcode::OBJECTS && opcode != opcode::REF_EQ {
            return None;
        }
        let place = reader.original_position();
        let op = reader.peek_operator(&validator.visitor(place)).ok()?;
        let feature = Feature::of_instruction(&op)?;
        let offset = usize::try_from(place).unwrap_or(usize::MAX);
        (!feature.has_instructions()).then(|| ModuleError::not_built(feature, offset))
    }

    /// What calls and branches of this body may move, in operands.
    ///
    /// A few bytes of code can call a function of a thousand parameters, and a table of branches
    /// can carry a thousand results to each target. Whoever follows that operand by operand
    /// charges it here, so that its time stays linear in the size of the body. In a module whose
    /// types are all narrow there is nothing to charge ([`OperandBudget::is_bounded`]).
    #[must_use]
    pub fn operand_budget(&self) -> OperandBudget {
        /// What even the smallest body may move.
        const BASE: u64 = 1_000_000;
        let per_byte = self.module.limits.operands_per_byte();
        if self.module.widest <= per_byte {
            return OperandBudget {
                maximum: u64::MAX,
                used: 0,
            };
        }
        let maximum = (self.size() as u64)
            .saturating_mul(per_byte as u64)
            .saturating_add(BASE);
        OperandBudget { maximum, used: 0 }
    }

    /// The reason why this body is refused, from what wasmparser says about it.
    ///
    /// Reads the body again, up to the place in question, to tell bytes that are malformed from
    /// code that is invalid.
    #[must_use]
    #[cold]
    pub fn error(&self, error: BinaryReaderError) -> ModuleError {
        let bytes = &self.module.bytes[..self.range.end];
        if let Some(refused) = vector::refusal(&error, bytes, self.module.features, Place::Body) {
            return refused;
        }
        // The binary format asks for this section; wasmparser finds its absence while validating.
        let lacks_data_count = error.message() == "data count section required";
        let kind = if lacks_data_count || self.is_unreadable_at(error.offset()) {
            ModuleErrorKind::Malformed
        } else {
            ModuleErrorKind::Invalid
        };
        self.exceeded(&error)
            .unwrap_or_else(|| ModuleError::from_parser(&error, self.module.features, kind))
    }

    /// One of our limits at its ceiling, where wasmparser has seen it first.
    fn exceeded(&self, error: &BinaryReaderError) -> Option<ModuleError> {
        if error.message() != "catches size is out of bounds" {
            return None;
        }
        let offset = usize::try_from(error.offset()).ok()?;
        let rest = self.bytes().get(offset.checked_sub(self.offset())?..)?;
        let asked = u64::from(BinaryReader::new(rest, 0).read_var_u32().ok()?);
        // A count that the body cannot hold is not a limit's business.
        if asked >= rest.len() as u64 {
            return None;
        }
        let maximum = Limit::Catches.ceiling() as u64;
        Some(ModuleError::limit(Limit::Catches, asked, maximum, offset))
    }

    /// Whether reading without validating fails, and at this place.
    fn is_unreadable_at(&self, offset: u64) -> bool {
        let read = || -> Result<(), BinaryReaderError> {
            let mut reader = self.reader().get_operators_reader()?;
            while !reader.eof() && reader.original_position() <= offset {
                reader.read()?;
            }
            if reader.eof() {
                reader.finish()
            } else {
                Ok(())
            }
        };
        read().is_err_and(|error| error.offset() == offset)
    }

    /// Checks the limits that the instruction at the reader may exceed, before it is validated: how
    /// high the operands are and how deep the blocks, how many targets and clauses there are, and
    /// the [budget](Body::operand_budget).
    ///
    /// Whoever validates a body by [`Body::validator`] calls this for each instruction, or its two
    /// parts. Cheap for all but those that move as many operands as a type says.
    ///
    /// # Errors
    ///
    /// If a limit is exceeded. What cannot be read is for the validator to refuse.
    #[inline]
    pub fn check_limits(
        &self,
        reader: &BinaryReader<'_>,
        validator: &mut FuncValidator<&'m ValidatorResources>,
        budget: &mut OperandBudget,
    ) -> Result<(), ModuleError> {
        self.check_height(reader, validator)?;
        match self.bytes().get(reader.current_position()) {
            Some(opcode) => self.check_instruction(*opcode, reader, validator, budget),
            None => Ok(()),
        }
    }

    /// The part of [`Body::check_limits`] that is the same for all instructions: how high the
    /// operands are.
    ///
    /// # Errors
    ///
    /// If the limit is exceeded.
    #[inline]
    pub fn check_height(
        &self,
        reader: &BinaryReader<'_>,
        validator: &FuncValidator<&'m ValidatorResources>,
    ) -> Result<(), ModuleError> {
        let height = validator.operand_stack_height();
        if height as usize > self.operand_height {
            let offset = usize::try_from(reader.original_position()).unwrap_or(usize::MAX);
            let limits = &self.module.limits;
            return check(limits, Limit::OperandHeight, height.into(), offset);
        }
        Ok(())
    }

    /// The other part of [`Body::check_limits`], for the opcode at the reader. For most of those
    /// that are known when this is compiled there is nothing to do.
    ///
    /// # Errors
    ///
    /// If a limit is exceeded.
    #[inline(always)]
    pub fn check_instruction(
        &self,
        opcode: u8,
        reader: &BinaryReader<'_>,
        validator: &mut FuncValidator<&'m ValidatorResources>,
        budget: &mut OperandBudget,
    ) -> Result<(), ModuleError> {
        match const { &opcode::CHECKED }[usize::from(opcode)] {
            opcode::Checked::Never => Ok(()),
            opcode::Checked::WithBudget if !budget.is_bounded() => Ok(()),
            _ => self.check_arity(reader, validator, budget),
        }
    }

    /// Checks the limits of an instruction that moves as many operands as a type says.
    fn check_arity(
        &self,
        reader: &BinaryReader<'_>,
        validator: &mut FuncValidator<&'m ValidatorResources>,
        budget: &mut OperandBudget,
    ) -> Result<(), ModuleError> {
        let limits = &self.module.limits;
        let rest = &self.bytes()[reader.current_position()..];
        let place = reader.original_position();
        let offset = usize::try_from(place).unwrap_or(usize::MAX);
        if let opcode::BLOCK | opcode::LOOP | opcode::IF | opcode::TRY_TABLE = rest[0] {
            let depth = validator.control_stack_height();
            check(limits, Limit::Nesting, depth.into(), offset)?;
        }
        let mut targets = 0;
        if rest[0] == opcode::BR_TABLE {
            let count = BinaryReader::new(&rest[1..], 0).read_var_u32();
            targets = count.map_or(0, u64::from);
            // A count that the body cannot hold is not a limit's business.
            if targets < rest.len() as u64 {
                check(limits, Limit::BranchTargets, targets, offset)?;
            }
        }
        if rest[0] != opcode::TRY_TABLE && !budget.is_bounded() {
            return Ok(());
        }
        let visitor = validator.visitor(place);
        let Ok(op) = reader.peek_operator(&visitor) else {
            return Ok(());
        };
        let (params, results) = op.operator_arity(&visitor).unwrap_or_default();
        let mut moved = (u64::from(params) + u64::from(results)).saturating_mul(targets + 1);
        if let Operator::TryTable { try_table } = &op {
            let count = try_table.catches.len() as u64;
            check(limits, Limit::Catches, count, offset)?;
            moved += try_table
                .catches
                .iter()
                .map(|catch| u64::from(label_arity(&visitor, catch)))
                .sum::<u64>();
        }
        budget.charge(moved, offset)
    }
}

/// How many operands a clause takes to its label.
fn label_arity(module: &impl ModuleArity, clause: &Catch) -> u32 {
    let (Catch::One { label, .. }
    | Catch::OneRef { label, .. }
    | Catch::All { label }
    | Catch::AllRef { label }) = *clause;
    let arity = module.label_block(label).and_then(|(ty, kind)| {
        let (params, results) = module.block_type_arity(ty)?;
        Some(if kind == FrameKind::Loop {
            params
        } else {
            results
        })
    });
    arity.unwrap_or_default()
}

/// The opcodes that limits are about.
///
/// <https://webassembly.github.io/spec/core/binary/instructions.html>
mod opcode {
    pub(super) const BLOCK: u8 = 0x02;
    pub(super) const LOOP: u8 = 0x03;
    pub(super) const IF: u8 = 0x04;
    pub(super) const BR_TABLE: u8 = 0x0e;
    pub(super) const TRY_TABLE: u8 = 0x1f;
    pub(super) const REF_EQ: u8 = 0xd3;
    pub(super) const BR_ON_NULL: u8 = 0xd5;
    pub(super) const BR_ON_NON_NULL: u8 = 0xd6;
    /// Before the instructions on structures and arrays.
    pub(super) const OBJECTS: u8 = 0xfb;

    /// When an instruction may exceed a limit by itself.
    #[derive(Clone, Copy)]
    pub(super) enum Checked {
        Never,
        /// It moves as many operands as a type says.
        WithBudget,
        /// It also begins a block, or has targets.
        Always,
    }

    /// By opcode. What moves as many operands as a type says are control instructions and calls,
    /// which stand between `nop` and `drop`, and what makes objects.
    pub(super) const CHECKED: [Checked; 256] = {
        let mut table = [Checked::Never; 256];
        let mut opcode = BLOCK;
        while opcode < 0x1a {
            table[opcode as usize] = Checked::WithBudget;
            opcode += 1;
        }
        table[BR_ON_NULL as usize] = Checked::WithBudget;
        table[BR_ON_NON_NULL as usize] = Checked::WithBudget;
        table[OBJECTS as usize] = Checked::WithBudget;
        table[BLOCK as usize] = Checked::Always;
        table[LOOP as usize] = Checked::Always;
        table[IF as usize] = Checked::Always;
        table[BR_TABLE as usize] = Checked::Always;
        table[TRY_TABLE as usize] = Checked::Always;
        table
    };
}

/// What may still be moved by calls and branches. See [`Body::operand_budget`].
#[derive(Clone, Debug)]
pub struct OperandBudget {
    maximum: u64,
    used: u64,
}

impl OperandBudget {
    /// Whether it can be exceeded at all. If not, charging it has no effect.
    #[must_use]
    #[inline]
    pub fn is_bounded(&self) -> bool {
        self.maximum != u64::MAX
    }

    /// Counts operands that an instruction at an offset moves.
    ///
    /// # Errors
    ///
    /// If that is more than is left.
    #[inline]
    pub fn charge(&mut self, operands: u64, offset: usize) -> Result<(), ModuleError> {
        self.used = self.used.saturating_add(operands);
        if self.used > self.maximum {
            return Err(self.exceeded(offset));
        }
        Ok(())
    }

    #[cold]
    fn exceeded(&self, offset: usize) -> ModuleError {
        ModuleError::limit(Limit::OperandsPerByte, self.used, self.maximum, offset)
    }
}

/// Compares what is asked for with a limit.
#[inline]
pub(crate) fn check(
    limits: &Limits,
    limit: Limit,
    asked: u64,
    offset: usize,
) -> Result<(), ModuleError> {
    let maximum = limits.get(limit) as u64;
    if asked > maximum {
        return Err(ModuleError::limit(limit, asked, maximum, offset));
    }
    Ok(())
}

/// The features that a module is checked against: what was asked for and is built.
pub(crate) fn built(requested: Features) -> Features {
    requested.intersection(Features::BUILT)
}

/// Checks a module completely, bodies included.
///
/// ```
/// use curta_module::{Features, Limits, validate};
///
/// let bytes = wat::parse_str("(module (func (result i32) (i64.const 1)))")?;
/// let error = validate(&bytes, &Features::WASM2, &Limits::default()).unwrap_err();
/// assert_eq!(error.to_string(), "invalid module at byte 0x1a: type mismatch: expected i32, found i64");
/// assert_eq!((error.expected(), error.found()), (Some("i32"), Some("i64")));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # Errors
///
/// If it is not a valid module, or uses a feature or exceeds a limit that it may not.
pub fn validate(bytes: &[u8], features: &Features, limits: &Limits) -> Result<(), ModuleError> {
    let registry = TypeRegistry::new();
    let mut decoder = Decoder::new(features, limits, &registry);
    let decoded = decoder.push_all(bytes);
    // Of several errors, the first in the order of the file.
    Validation::default().advance(decoder.module())?;
    decoded?;
    decoder.finish().map(drop)
}

/// The validation of a module's bodies, as they arrive.
#[derive(Default)]
pub struct Validation {
    done: usize,
    allocations: FuncValidatorAllocations,
}

impl Validation {
    /// Validates the bodies that came since the last time; always of the same module.
    ///
    /// # Errors
    ///
    /// The first that [is refused](Body::validate).
    pub fn advance(&mut self, module: &Module) -> Result<(), ModuleError> {
        while self.done < module.bodies() {
            let allocations = core::mem::take(&mut self.allocations);
            self.allocations = module.body(self.done).validate(allocations)?;
            self.done += 1;
        }
        Ok(())
    }
}
