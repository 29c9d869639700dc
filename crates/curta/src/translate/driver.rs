//! Drives validator and translator over a body, instruction by instruction.

use alloc::vec::Vec;

use super::{assigned::Assigned, control, locals::kept_as, translator::Translator};
use crate::code::{module::FrameSize, operand::HEADER};
use curta_module::{Body, Feature, ModuleError, ModuleErrorKind, OperandBudget, ValType};
use wasmparser::{
    BinaryReader, BinaryReaderError, BlockType, BrTable, FrameKind, FrameStack, FuncValidator,
    FuncValidatorAllocations, MemArg, MemArgTarget, ValidatorResources, VisitOperator,
};

/// The slots of a function's parameters and locals, from its declarations alone. What is declared wrongly or beyond the
/// limits is refused when the body is validated.
pub(super) fn frame_size(body: &Body<'_>) -> FrameSize {
    // More than validation lets pass, and little enough for every sum below.
    FrameSize {
        locals: body.locals().min(1 << 20),
    }
}

/// Validates and translates the body of a function into the translator's builder. Gives the validator's memory back.
pub(super) fn translate(
    translator: &mut Translator<'_>,
    defined: usize,
    allocations: FuncValidatorAllocations,
) -> Result<FuncValidatorAllocations, ModuleError> {
    let far = translator.frame_size(defined).locals as usize + HEADER > i16::MAX as usize;
    let allocations = attempt(translator, defined, allocations, far)
        .map_err(|refused| refusal(&translator.module.body(defined), refused))?;
    if translator.needs_wide {
        return attempt(translator, defined, allocations, true);
    }
    Ok(allocations)
}

/// Why a body is refused: translation ends at the first instruction that is not built, but that the rest is invalid counts
/// more.
fn refusal(body: &Body<'_>, refused: ModuleError) -> ModuleError {
    if refused.kind() != ModuleErrorKind::NotBuilt {
        return refused;
    }
    match body.validate(FuncValidatorAllocations::default()) {
        Err(first) => first,
        Ok(_) => refused,
    }
}

fn attempt(
    translator: &mut Translator<'_>,
    defined: usize,
    allocations: FuncValidatorAllocations,
    wide: bool,
) -> Result<FuncValidatorAllocations, ModuleError> {
    let module = translator.module;
    let body = module.body(defined);
    let error = |error: BinaryReaderError| body.error(error);
    let mut validator = body.validator(allocations);
    translator.begin(wide);
    let ty = body.ty();
    translator.assigned = Assigned::params(ty.params().len() as u32);
    for param in ty.params() {
        translator.locals.push(1, kept_as(*param));
    }
    for result in ty.results() {
        translator.results.push(kept_as(*result));
    }
    let mut reader = body.reader().get_binary_reader();
    for _ in 0..reader.read_var_u32().map_err(error)? {
        let offset = reader.original_position();
        let count = reader.read_var_u32().map_err(error)?;
        let ty = reader.read::<wasmparser::ValType>().map_err(error)?;
        validator.define_locals(offset, count, ty).map_err(error)?;
        let ty: ValType = module.val_type(ty, offset as usize)?;
        translator.locals.push(count, kept_as(ty));
    }
    translator.begin_body(ty.params().len() as u32, ty.results().len());
    let mut driver = Driver {
        validator,
        budget: body.operand_budget(),
        translator,
        body: &body,
        offset: 0,
        frame: Some(FrameKind::Block),
        targets: Vec::new(),
    };
    while let Some(opcode) = body.bytes().get(reader.current_position()) {
        driver.offset = reader.original_position();
        driver.translator.builder.set_offset(driver.offset as usize);
        body.check_height(&reader, &driver.validator)?;
        driver.visit_next(*opcode, &mut reader).map_err(error)??;
    }
    let offset = reader.original_position();
    reader
        .finish_expression(&driver.validator.visitor(offset))
        .map_err(error)?;
    let Driver {
        validator,
        translator,
        ..
    } = driver;
    translator.end_body();
    Ok(validator.into_allocations())
}

struct Driver<'t, 'm> {
    validator: FuncValidator<&'m ValidatorResources>,
    budget: OperandBudget,
    translator: &'t mut Translator<'m>,
    body: &'t Body<'m>,
    offset: u64,
    /// The kind of the innermost block; none behind the function's end. The reader asks for it at each instruction.
    frame: Option<FrameKind>,
    /// The targets of a `br_table`; kept for its memory.
    targets: Vec<u32>,
}

impl FrameStack for Driver<'_, '_> {
    #[inline]
    fn current_frame(&self) -> Option<FrameKind> {
        self.frame
    }
}

/// Visits what is frequent at once: for each, its opcode, its visitor and what reads its immediate; then those whose immediate is
/// read only when it is short, with what reads all of the instruction then. The others go by way of the reader's table of all.
///
/// <https://webassembly.github.io/spec/core/binary/instructions.html>
macro_rules! visit_frequent {
    (
        $driver:ident, $opcode:ident, $reader:ident:
        $($code:literal $visit:ident($($immediate:ident)?),)*
        when short: $($short_code:literal $short_visit:ident($short:ident $($argument:literal)?),)*
    ) => {
        match $opcode {
            $($code => {
                check!($driver, $code, $reader);
                $reader.read_u8()?;
                $driver.$visit($($immediate($driver.body.bytes(), $reader)?)?)
            })*
            $($short_code => {
                check!($driver, $short_code, $reader);
                match $short($driver.body.bytes(), $reader $(, $argument)?) {
                    Some(immediate) => $driver.$short_visit(immediate),
                    None => return $reader.visit_operator($driver),
                }
            })*
            opcode => {
                check!($driver, opcode, $reader);
                return $reader.visit_operator($driver);
            }
        }
    };
}

/// Checks the limits of an instruction, which are known when this is compiled to be none if its opcode is.
macro_rules! check {
    ($driver:ident, $opcode:expr, $reader:ident) => {
        let Driver {
            body,
            validator,
            budget,
            ..
        } = &mut *$driver;
        if let Err(refused) = body.check_instruction($opcode, $reader, validator, budget) {
            return Ok(Err(refused));
        }
    };
}

/// Defines what reads an immediate: most have a single byte, for which no call is made.
macro_rules! immediate {
    ($name:ident: $ty:ty = |$byte:ident| $short:expr, $read:ident) => {
        #[inline(always)]
        fn $name(bytes: &[u8], reader: &mut BinaryReader<'_>) -> Result<$ty, BinaryReaderError> {
            match bytes.get(reader.current_position()) {
                Some($byte) if *$byte < 0x80 => {
                    reader.read_u8()?;
                    Ok($short)
                }
                _ => reader.$read(),
            }
        }
    };
}

immediate!(unsigned: u32 = |byte| (*byte).into(), read_var_u32);
// The sign is the seventh bit.
immediate!(signed32: i32 = |byte| ((byte << 1).cast_signed() >> 1).into(), read_var_i32);
immediate!(signed64: i64 = |byte| ((byte << 1).cast_signed() >> 1).into(), read_var_i64);

/// Reads an access to the first memory whose offset has a single byte, as most have.
#[inline(always)]
fn access(bytes: &[u8], reader: &mut BinaryReader<'_>, max_align: u8) -> Option<MemArg> {
    let at = reader.current_position();
    let [_, align @ ..0x10, offset @ ..0x80] = *bytes.get(at..)?.first_chunk()? else {
        return None;
    };
    reader.read_bytes(3).ok()?;
    Some(MemArg {
        align,
        max_align,
        offset: offset.into(),
        target: MemArgTarget::Memory(0),
        ordering: None,
    })
}

/// Reads the beginning of a block that takes and leaves nothing.
#[inline(always)]
fn block(bytes: &[u8], reader: &mut BinaryReader<'_>) -> Option<BlockType> {
    let at = reader.current_position();
    let [_, 0x40] = *bytes.get(at..)?.first_chunk()? else {
        return None;
    };
    reader.read_bytes(2).ok()?;
    Some(BlockType::Empty)
}

impl Driver<'_, '_> {
    /// Visits the next instruction.
    #[inline]
    fn visit_next(
        &mut self,
        opcode: u8,
        reader: &mut BinaryReader<'_>,
    ) -> Result<Result<(), ModuleError>, BinaryReaderError> {
        if self.frame.is_none() {
            return reader.visit_operator(self);
        }
        Ok(visit_frequent!(self, opcode, reader:
            0x0b visit_end(),
            0x0c visit_br(unsigned),
            0x0d visit_br_if(unsigned),
            0x10 visit_call(unsigned),
            0x20 visit_local_get(unsigned),
            0x21 visit_local_set(unsigned),
            0x22 visit_local_tee(unsigned),
            0x23 visit_global_get(unsigned),
            0x24 visit_global_set(unsigned),
            0x41 visit_i32_const(signed32),
            0x42 visit_i64_const(signed64),
            0x45 visit_i32_eqz(),
            0x46 visit_i32_eq(),
            0x47 visit_i32_ne(),
            0x48 visit_i32_lt_s(),
            0x49 visit_i32_lt_u(),
            0x4a visit_i32_gt_s(),
            0x4b visit_i32_gt_u(),
            0x4d visit_i32_le_u(),
            0x4e visit_i32_ge_s(),
            0x4f visit_i32_ge_u(),
            0x6a visit_i32_add(),
            0x6b visit_i32_sub(),
            0x6c visit_i32_mul(),
            0x71 visit_i32_and(),
            0x72 visit_i32_or(),
            0x73 visit_i32_xor(),
            0x74 visit_i32_shl(),
            0x76 visit_i32_shr_u(),
            0x7c visit_i64_add(),
            0x7e visit_i64_mul(),
            0x83 visit_i64_and(),
            0xad visit_i64_extend_i32_u(),
            when short:
            0x02 visit_block(block),
            0x03 visit_loop(block),
            0x04 visit_if(block),
            0x28 visit_i32_load(access 2),
            0x29 visit_i64_load(access 3),
            0x2b visit_f64_load(access 3),
            0x2d visit_i32_load8_u(access 0),
            0x2f visit_i32_load16_u(access 1),
            0x36 visit_i32_store(access 2),
            0x37 visit_i64_store(access 3),
            0x39 visit_f64_store(access 3),
            0x3a visit_i32_store8(access 0),
            0x3b visit_i32_store16(access 1),
        ))
    }

    /// A block was begun or ended.
    fn find_frame(&mut self) {
        self.frame = self.validator.get_control_frame(0).map(|frame| frame.kind);
    }
}

/// Defines the visitor: each instruction goes to the validator, then, where it can be reached, to the translator.
macro_rules! visit {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        $(visit!(@@$proposal $visit $({ $($arg: $argty),* })?);)*
    };
    // Control is followed in unreachable code, too.
    (@@mvp visit_block $args:tt) => { visit!(@block visit_block block); };
    (@@mvp visit_loop $args:tt) => { visit!(@block visit_loop loop_); };
    (@@mvp visit_if $args:tt) => { visit!(@block visit_if if_); };
    (@block $visit:ident $method:ident) => {
        fn $visit(&mut self, blockty: BlockType) -> Self::Output {
            self.validator.visitor(self.offset).$visit(blockty).map_err(|error| self.body.error(error))?;
            self.find_frame();
            if self.translator.reachable {
                self.translator.$method(blockty);
            } else {
                self.translator.skipped += 1;
            }
            Ok(())
        }
    };
    (@@mvp visit_else) => {
        fn visit_else(&mut self) -> Self::Output {
            self.validator.visitor(self.offset).visit_else().map_err(|error| self.body.error(error))?;
            self.find_frame();
            if self.translator.skipped == 0 {
                self.translator.else_();
            }
            Ok(())
        }
    };
    (@@mvp visit_end) => {
        fn visit_end(&mut self) -> Self::Output {
            self.validator.visitor(self.offset).visit_end().map_err(|error| self.body.error(error))?;
            self.find_frame();
            if self.translator.skipped == 0 {
                self.translator.end();
            } else {
                self.translator.skipped -= 1;
            }
            Ok(())
        }
    };
    (@@mvp visit_br $args:tt) => { visit!(@branch visit_br br); };
    (@@mvp visit_br_if $args:tt) => { visit!(@branch visit_br_if br_if); };
    (@branch $visit:ident $method:ident) => {
        fn $visit(&mut self, depth: u32) -> Self::Output {
            self.validator.visitor(self.offset).$visit(depth).map_err(|error| self.body.error(error))?;
            if self.translator.reachable {
                self.translator.$method(depth);
            }
            Ok(())
        }
    };
    (@@mvp visit_br_table $args:tt) => {
        fn visit_br_table(&mut self, table: BrTable<'a>) -> Self::Output {
            self.validator.visitor(self.offset).visit_br_table(table.clone()).map_err(|error| self.body.error(error))?;
            if self.translator.reachable {
                let mut targets = core::mem::take(&mut self.targets);
                control::targets(&table, &mut targets).map_err(|error| self.body.error(error))?;
                self.translator.br_table(&table, &targets);
                self.targets = targets;
            }
            Ok(())
        }
    };
    (@@mvp visit_call $args:tt) => {
        fn visit_call(&mut self, function_index: u32) -> Self::Output {
            self.validator.visitor(self.offset).visit_call(function_index).map_err(|error| self.body.error(error))?;
            if self.translator.reachable {
                self.translator.call(function_index);
            }
            Ok(())
        }
    };
    (@@mvp visit_call_indirect $args:tt) => {
        fn visit_call_indirect(&mut self, type_index: u32, table_index: u32) -> Self::Output {
            self.validator
                .visitor(self.offset)
                .visit_call_indirect(type_index, table_index)
                .map_err(|error| self.body.error(error))?;
            if self.translator.reachable {
                self.translator.call_indirect(type_index, table_index);
            }
            Ok(())
        }
    };
    (@@mvp $visit:ident $({ $($arg:ident: $argty:ty),* })?) => { visit!(@plain $visit $({ $($arg: $argty),* })?); };
    (@@sign_extension $visit:ident $({ $($arg:ident: $argty:ty),* })?) => { visit!(@plain $visit $({ $($arg: $argty),* })?); };
    (@@saturating_float_to_int $visit:ident $({ $($arg:ident: $argty:ty),* })?) => { visit!(@plain $visit $({ $($arg: $argty),* })?); };
    (@@bulk_memory $visit:ident $({ $($arg:ident: $argty:ty),* })?) => { visit!(@plain $visit $({ $($arg: $argty),* })?); };
    (@@reference_types visit_typed_select_multi $args:tt) => {
        fn visit_typed_select_multi(&mut self, tys: Vec<wasmparser::ValType>) -> Self::Output {
            self.validator.visitor(self.offset).visit_typed_select_multi(tys).map_err(|error| self.body.error(error))
        }
    };
    (@@reference_types $visit:ident $({ $($arg:ident: $argty:ty),* })?) => { visit!(@plain $visit $({ $($arg: $argty),* })?); };
    (@@wide_arithmetic $visit:ident $({ $($arg:ident: $argty:ty),* })?) => { visit!(@plain $visit $({ $($arg: $argty),* })?); };
    (@@exceptions visit_try_table $args:tt) => {
        fn visit_try_table(&mut self, table: wasmparser::TryTable) -> Self::Output {
            self.validator.visitor(self.offset).visit_try_table(table.clone()).map_err(|error| self.body.error(error))?;
            self.find_frame();
            if self.translator.reachable {
                self.translator.try_table(table);
            } else {
                self.translator.skipped += 1;
            }
            Ok(())
        }
    };
    (@@exceptions visit_throw $args:tt) => {
        fn visit_throw(&mut self, tag_index: u32) -> Self::Output {
            self.validator.visitor(self.offset).visit_throw(tag_index).map_err(|error| self.body.error(error))?;
            if self.translator.reachable {
                self.translator.throw(tag_index);
            }
            Ok(())
        }
    };
    (@@exceptions visit_throw_ref) => {
        fn visit_throw_ref(&mut self) -> Self::Output {
            self.validator.visitor(self.offset).visit_throw_ref().map_err(|error| self.body.error(error))?;
            if self.translator.reachable {
                self.translator.throw_ref();
            }
            Ok(())
        }
    };
    (@@tail_call visit_return_call $args:tt) => {
        fn visit_return_call(&mut self, function_index: u32) -> Self::Output {
            self.validator.visitor(self.offset).visit_return_call(function_index).map_err(|error| self.body.error(error))?;
            if self.translator.reachable {
                self.translator.return_call(function_index);
            }
            Ok(())
        }
    };
    (@@tail_call visit_return_call_indirect $args:tt) => {
        fn visit_return_call_indirect(&mut self, type_index: u32, table_index: u32) -> Self::Output {
            self.validator
                .visitor(self.offset)
                .visit_return_call_indirect(type_index, table_index)
                .map_err(|error| self.body.error(error))?;
            if self.translator.reachable {
                self.translator.return_call_indirect(type_index, table_index);
            }
            Ok(())
        }
    };
    (@@function_references visit_call_ref $args:tt) => { visit!(@call_ref visit_call_ref call_ref); };
    (@@function_references visit_return_call_ref $args:tt) => { visit!(@call_ref visit_return_call_ref return_call_ref); };
    (@call_ref $visit:ident $method:ident) => {
        fn $visit(&mut self, type_index: u32) -> Self::Output {
            self.validator.visitor(self.offset).$visit(type_index).map_err(|error| self.body.error(error))?;
            if self.translator.reachable {
                self.translator.$method(type_index);
            }
            Ok(())
        }
    };
    (@@function_references visit_br_on_null $args:tt) => { visit!(@branch visit_br_on_null br_on_null); };
    (@@function_references visit_br_on_non_null $args:tt) => { visit!(@branch visit_br_on_non_null br_on_non_null); };
    (@@function_references $visit:ident $({ $($arg:ident: $argty:ty),* })?) => { visit!(@plain $visit $({ $($arg: $argty),* })?); };
    (@plain $visit:ident $({ $($arg:ident: $argty:ty),* })?) => {
        fn $visit(&mut self $($(,$arg: $argty)*)?) -> Self::Output {
            self.validator.visitor(self.offset).$visit($($($arg),*)?).map_err(|error| self.body.error(error))?;
            if self.translator.reachable {
                self.translator.$visit($($($arg),*)?);
            }
            Ok(())
        }
    };
    // The types of GC are built, its instructions are not.
    (@@gc $visit:ident $($rest:tt)*) => { visit!(@gc $visit $($rest)*); };
    (@gc $visit:ident $({ $($arg:ident: $argty:ty),* })?) => {
        fn $visit(&mut self $($(,$arg: $argty)*)?) -> Self::Output {
            self.validator.visitor(self.offset).$visit($($($arg),*)?).map_err(|error| self.body.error(error))?;
            Err(ModuleError::not_built(Feature::Gc, self.offset as usize))
        }
    };
    // What is not built is refused by the validator, whose features it is not among.
    (@@$proposal:ident $visit:ident $({ $($arg:ident: $argty:ty),* })?) => {
        fn $visit(&mut self $($(,$arg: $argty)*)?) -> Self::Output {
            self.validator.visitor(self.offset).$visit($($($arg),*)?).map_err(|error| self.body.error(error))?;
            unreachable!(concat!(stringify!($visit), " is not built and was validated; please report this as a bug of curta"))
        }
    };
}

impl<'a> VisitOperator<'a> for Driver<'_, '_> {
    type Output = Result<(), ModuleError>;

    wasmparser::for_each_visit_operator!(visit);
}
