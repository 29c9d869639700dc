//! The sections that hold contents: element segments, data segments, function bodies.

use alloc::vec::Vec;
use core::ops::{Deref, Range};

use wasmparser::{BinaryReader, BinaryReaderError, FunctionBody};

use super::{Decoder, at, narrow};
use crate::{
    ConstExpr, DataMode, DataSegment, ElementItems, ElementMode, ElementSegment, FuncIdx, Limit,
    ModuleError, RefType, SectionId, TypeRegistry, module::BodyPlace,
};

impl<R: Deref<Target = TypeRegistry>> Decoder<R> {
    pub(super) fn elements(
        &mut self,
        section: &wasmparser::ElementSectionReader<'_>,
    ) -> Result<(), ModuleError> {
        let count = self.counted(SectionId::Element, section, Limit::ElementSegments, 0)?;
        self.valid(|validator| validator.element_section(section))?;
        self.module.elements.reserve_exact(count);
        for item in section.clone().into_iter_with_offsets() {
            let (offset, element) = self.read(item)?;
            let mode = match &element.kind {
                wasmparser::ElementKind::Passive => ElementMode::Passive,
                wasmparser::ElementKind::Declared => ElementMode::Declared,
                wasmparser::ElementKind::Active {
                    table_index,
                    offset_expr,
                } => ElementMode::Active {
                    table: table_index.unwrap_or(0).into(),
                    offset: self.const_expr(offset_expr)?,
                },
            };
            let (ty, items) = self.items(element.items, at(offset))?;
            self.module
                .elements
                .push(ElementSegment { ty, mode, items });
        }
        Ok(())
    }

    fn items(
        &self,
        items: wasmparser::ElementItems<'_>,
        offset: usize,
    ) -> Result<(RefType, ElementItems), ModuleError> {
        match items {
            wasmparser::ElementItems::Functions(functions) => {
                self.check(Limit::SegmentItems, functions.count().into(), offset)?;
                let mut items = Vec::with_capacity(functions.count() as usize);
                for function in functions {
                    items.push(FuncIdx::new(self.read(function)?));
                }
                Ok((RefType::FUNCREF, ElementItems::Functions(items.into())))
            }
            wasmparser::ElementItems::Expressions(ty, expressions) => {
                self.check(Limit::SegmentItems, expressions.count().into(), offset)?;
                let ty = self.scope().ref_type(ty, offset)?;
                let mut items = Vec::with_capacity(expressions.count() as usize);
                for expression in expressions {
                    items.push(self.const_expr(&self.read(expression)?)?);
                }
                Ok((ty, ElementItems::Expressions(items.into())))
            }
        }
    }

    pub(super) fn data(
        &mut self,
        section: &wasmparser::DataSectionReader<'_>,
    ) -> Result<(), ModuleError> {
        let count = self.counted(SectionId::Data, section, Limit::DataSegments, 0)?;
        self.valid(|validator| validator.data_section(section))?;
        self.module.data.reserve_exact(count);
        for item in section.clone() {
            let data = self.read(item)?;
            let mode = match &data.kind {
                wasmparser::DataKind::Passive => DataMode::Passive,
                wasmparser::DataKind::Active {
                    memory_index,
                    offset_expr,
                } => DataMode::Active {
                    memory: (*memory_index).into(),
                    offset: self.const_expr(offset_expr)?,
                },
            };
            let end = at(data.range.end);
            self.module.data.push(DataSegment {
                mode,
                range: end - data.data.len()..end,
            });
        }
        Ok(())
    }

    pub(super) fn const_expr(
        &self,
        expression: &wasmparser::ConstExpr<'_>,
    ) -> Result<ConstExpr, ModuleError> {
        ConstExpr::read(expression, self.scope(), &self.module.limits)
    }

    pub(super) fn body(&mut self, bytes: &[u8], range: Range<usize>) -> Result<(), ModuleError> {
        self.check(Limit::BodyBytes, range.len() as u64, range.start)?;
        let bytes = &bytes[range.clone()];
        let features = self.parser.features();
        let mut reader = BinaryReader::new_features(bytes, range.start as u64, features);
        if self.module.resources.is_none() {
            // The first body makes what all of them share; only their number differs.
            let body = FunctionBody::new(reader.clone());
            let function = self.validator.code_section_entry(&body);
            let function = function.map_err(|error| self.refusal().invalid(&error))?;
            self.module.resources = Some(function.resources);
        }
        // Only then is it one of the bodies that have come, which others may read although a later one is refused.
        let locals = self.locals(bytes, &mut reader, range.start)?;
        let range = narrow(&range);
        self.module.bodies.push(BodyPlace { range, locals });
        Ok(())
    }

    /// Checks how many locals the next body has, and counts them. If their declarations cannot be read, validating the
    /// body will say so.
    fn locals(
        &mut self,
        bytes: &[u8],
        reader: &mut BinaryReader<'_>,
        offset: usize,
    ) -> Result<u32, ModuleError> {
        let function = self.module.imported.functions + self.module.bodies.len();
        let ty = self.module.types[self.module.functions[function].index()]
            .as_func()
            .expect("validated");
        let mut locals = ty.params().len() as u32;
        let Ok(groups) = reader.read_var_u32() else {
            return Ok(locals);
        };
        for _ in 0..groups {
            let Ok(count) = reader.read_var_u32() else {
                return Ok(locals);
            };
            if skip_type(bytes, reader).is_err() {
                return Ok(locals);
            }
            let Some(sum) = locals.checked_add(count) else {
                return Err(ModuleError::malformed("too many locals", offset));
            };
            locals = sum;
        }
        self.check(Limit::Locals, locals.into(), offset)?;
        self.total_locals += u64::from(locals);
        self.check(Limit::TotalLocals, self.total_locals, offset)?;
        Ok(locals)
    }
}

/// Goes past a value type, which is one byte mostly.
#[inline]
fn skip_type(bytes: &[u8], reader: &mut BinaryReader<'_>) -> Result<(), BinaryReaderError> {
    match bytes.get(reader.current_position()) {
        // `f64`, `f32`, `i64`, `i32`.
        Some(0x7c..=0x7f) => reader.read_u8().map(drop),
        _ => reader.read::<wasmparser::ValType>().map(drop),
    }
}
