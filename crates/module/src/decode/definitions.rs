//! The sections that fill the index spaces, and the exports: types, imports, functions, tables,
//! memories, tags, globals.

use alloc::vec::Vec;
use core::ops::Deref;

use wasmparser::BinaryReader;

use super::{Decoder, at};
use crate::convert::memory_type;
use crate::module::ImportCounts;
use crate::{
    Export, ExportItem, Feature, Global, Import, ImportKind, Limit, ModuleError, SectionId,
    SubType, Table, TagIdx, TypeIdx, TypeRegistry,
};

impl<R: Deref<Target = TypeRegistry>> Decoder<R> {
    pub(super) fn types(
        &mut self,
        section: &wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), ModuleError> {
        let count = self.counted(SectionId::Type, section, Limit::Types, 0)?;
        self.check_groups(section)?;
        self.valid(|validator| validator.type_section(section))?;
        self.module.types.reserve_exact(count);
        self.module.type_ids.reserve_exact(count);
        let mut group = Vec::new();
        for item in section.clone().into_iter_with_offsets() {
            let (offset, item) = self.read(item)?;
            let offset = at(offset);
            let len = item.types().len();
            self.check(Limit::Types, (self.module.types.len() + len) as u64, offset)?;
            let scope = self
                .scope()
                .within_group(u32::try_from(len).expect("limited"));
            group.clear();
            for ty in item.types() {
                self.check_lengths(ty, offset)?;
                group.push(scope.sub_type(ty, offset)?);
            }
            let (types, type_ids) = (&mut self.module.types, &mut self.module.type_ids);
            let interned = self.registry.intern_group(&group, |id, ty| {
                types.push(ty.clone());
                type_ids.push(id);
            });
            interned.map_err(|full| full.error(offset))?;
            for id in &self.module.type_ids[self.module.type_ids.len() - len..] {
                let depth = self.registry.depth(*id) as u64;
                self.check(Limit::SubtypingDepth, depth, offset)?;
            }
        }
        let widths = self.module.types.iter().map(SubType::width);
        self.module.widest = widths.max().unwrap_or(0);
        Ok(())
    }

    /// Compares the counts of recursive groups with the limits and the bytes that are there, as
    /// [`Decoder::counted`] does for sections: wasmparser makes room for as many as are announced.
    fn check_groups(&self, section: &wasmparser::TypeSectionReader<'_>) -> Result<(), ModuleError> {
        /// The byte that a group starts with, where it is not a single type.
        const GROUP: u8 = 0x4e;

        let start = section.original_position();
        let contents = &self.module.bytes[at(start)..at(section.range().end)];
        if !contents.contains(&GROUP) {
            return Ok(());
        }
        let mut reader = BinaryReader::new(contents, start);
        for _ in 0..section.count() {
            let mut ahead = reader.clone();
            if ahead.read_u8().is_ok_and(|byte| byte == GROUP) {
                let offset = at(ahead.original_position());
                let Ok(len) = ahead.read_var_u32() else { break };
                if len as usize > ahead.bytes_remaining() {
                    return Err(ModuleError::malformed(
                        "unexpected end-of-file",
                        at(section.range().end),
                    ));
                }
                self.check(Limit::GroupTypes, len.into(), offset)?;
            }
            // What cannot be read is for the validator to refuse.
            if reader.read::<wasmparser::RecGroup>().is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Checks how long a type is.
    fn check_lengths(&self, ty: &wasmparser::SubType, offset: usize) -> Result<(), ModuleError> {
        match &ty.composite_type.inner {
            wasmparser::CompositeInnerType::Func(ty) => {
                self.check(Limit::Params, ty.params().len() as u64, offset)?;
                self.check(Limit::Results, ty.results().len() as u64, offset)
            }
            wasmparser::CompositeInnerType::Struct(ty) => {
                self.check(Limit::Fields, ty.fields.len() as u64, offset)
            }
            wasmparser::CompositeInnerType::Array(_) | wasmparser::CompositeInnerType::Cont(_) => {
                Ok(())
            }
        }
    }

    pub(super) fn imports(
        &mut self,
        section: &wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), ModuleError> {
        let count = self.counted(SectionId::Import, section, Limit::Imports, 0)?;
        self.valid(|validator| validator.import_section(section))?;
        self.module.imports.reserve_exact(count);
        for item in section.clone().into_imports_with_offsets() {
            let (offset, import) = self.read(item)?;
            self.import(&import, at(offset))?;
        }
        self.module.imported = ImportCounts {
            functions: self.module.functions.len(),
            tables: self.module.tables.len(),
            memories: self.module.memories.len(),
            globals: self.module.globals.len(),
            tags: self.module.tags.len(),
        };
        Ok(())
    }

    fn import(
        &mut self,
        import: &wasmparser::Import<'_>,
        offset: usize,
    ) -> Result<(), ModuleError> {
        self.check(Limit::Imports, self.module.imports.len() as u64 + 1, offset)?;
        self.check(Limit::NameBytes, import.module.len() as u64, offset)?;
        self.check(Limit::NameBytes, import.name.len() as u64, offset)?;
        let ty = match import.ty {
            wasmparser::TypeRef::Func(index) => {
                self.check(
                    Limit::Functions,
                    self.module.functions.len() as u64 + 1,
                    offset,
                )?;
                self.module.functions.push(index.into());
                ImportKind::Func(index.into())
            }
            wasmparser::TypeRef::FuncExact(_) => {
                return Err(ModuleError::not_built(Feature::CustomDescriptors, offset));
            }
            wasmparser::TypeRef::Table(ty) => {
                self.check(Limit::Tables, self.module.tables.len() as u64 + 1, offset)?;
                let ty = self.scope().table_type(ty, offset)?;
                self.module.tables.push(Table { ty, init: None });
                ImportKind::Table(ty)
            }
            wasmparser::TypeRef::Memory(ty) => {
                self.check(
                    Limit::Memories,
                    self.module.memories.len() as u64 + 1,
                    offset,
                )?;
                let ty = memory_type(ty);
                self.module.memories.push(ty);
                ImportKind::Memory(ty)
            }
            wasmparser::TypeRef::Global(ty) => {
                self.check(Limit::Globals, self.module.globals.len() as u64 + 1, offset)?;
                let ty = self.scope().global_type(ty, offset)?;
                self.module.globals.push(Global { ty, init: None });
                ImportKind::Global(ty)
            }
            wasmparser::TypeRef::Tag(ty) => {
                self.check(Limit::Tags, self.module.tags.len() as u64 + 1, offset)?;
                self.module.tags.push(ty.func_type_idx.into());
                ImportKind::Tag(ty.func_type_idx.into())
            }
        };
        let function = match ty {
            ImportKind::Func(index) | ImportKind::Tag(index) => Some(index),
            ImportKind::Table(_) | ImportKind::Memory(_) | ImportKind::Global(_) => None,
        };
        self.interface(function, offset)?;
        self.module.imports.push(Import {
            module: import.module.into(),
            name: import.name.into(),
            ty,
        });
        Ok(())
    }

    pub(super) fn functions(
        &mut self,
        section: &wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), ModuleError> {
        let before = self.module.functions.len();
        let count = self.counted(SectionId::Function, section, Limit::Functions, before)?;
        self.valid(|validator| validator.function_section(section))?;
        self.module.functions.reserve_exact(count);
        for item in section.clone() {
            let index = self.read(item)?;
            self.module.functions.push(index.into());
        }
        Ok(())
    }

    pub(super) fn tables(
        &mut self,
        section: &wasmparser::TableSectionReader<'_>,
    ) -> Result<(), ModuleError> {
        let before = self.module.tables.len();
        let count = self.counted(SectionId::Table, section, Limit::Tables, before)?;
        self.valid(|validator| validator.table_section(section))?;
        self.module.tables.reserve_exact(count);
        for item in section.clone().into_iter_with_offsets() {
            let (offset, table) = self.read(item)?;
            let ty = self.scope().table_type(table.ty, at(offset))?;
            let init = match &table.init {
                wasmparser::TableInit::RefNull => None,
                wasmparser::TableInit::Expr(expression) => Some(self.const_expr(expression)?),
            };
            self.module.tables.push(Table { ty, init });
        }
        Ok(())
    }

    pub(super) fn memories(
        &mut self,
        section: &wasmparser::MemorySectionReader<'_>,
    ) -> Result<(), ModuleError> {
        let before = self.module.memories.len();
        self.counted(SectionId::Memory, section, Limit::Memories, before)?;
        self.valid(|validator| validator.memory_section(section))?;
        for item in section.clone() {
            let ty = self.read(item)?;
            self.module.memories.push(memory_type(ty));
        }
        Ok(())
    }

    pub(super) fn tags(
        &mut self,
        section: &wasmparser::TagSectionReader<'_>,
    ) -> Result<(), ModuleError> {
        let before = self.module.tags.len();
        let count = self.counted(SectionId::Tag, section, Limit::Tags, before)?;
        self.valid(|validator| validator.tag_section(section))?;
        self.module.tags.reserve_exact(count);
        for item in section.clone() {
            let ty = self.read(item)?;
            self.module.tags.push(ty.func_type_idx.into());
        }
        Ok(())
    }

    pub(super) fn globals(
        &mut self,
        section: &wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), ModuleError> {
        let before = self.module.globals.len();
        let count = self.counted(SectionId::Global, section, Limit::Globals, before)?;
        self.valid(|validator| validator.global_section(section))?;
        self.module.globals.reserve_exact(count);
        for item in section.clone().into_iter_with_offsets() {
            let (offset, global) = self.read(item)?;
            let ty = self.scope().global_type(global.ty, at(offset))?;
            let init = Some(self.const_expr(&global.init_expr)?);
            self.module.globals.push(Global { ty, init });
        }
        Ok(())
    }

    pub(super) fn exports(
        &mut self,
        section: &wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), ModuleError> {
        let count = self.counted(SectionId::Export, section, Limit::Exports, 0)?;
        self.valid(|validator| validator.export_section(section))?;
        self.module.exports.reserve_exact(count);
        for item in section.clone().into_iter_with_offsets() {
            let (offset, export) = self.read(item)?;
            self.check(Limit::NameBytes, export.name.len() as u64, at(offset))?;
            let item = match export.kind {
                wasmparser::ExternalKind::Func | wasmparser::ExternalKind::FuncExact => {
                    ExportItem::Func(export.index.into())
                }
                wasmparser::ExternalKind::Table => ExportItem::Table(export.index.into()),
                wasmparser::ExternalKind::Memory => ExportItem::Memory(export.index.into()),
                wasmparser::ExternalKind::Global => ExportItem::Global(export.index.into()),
                wasmparser::ExternalKind::Tag => ExportItem::Tag(TagIdx::new(export.index)),
            };
            let function = match item {
                ExportItem::Func(function) => Some(self.module.functions[function.index()]),
                ExportItem::Tag(tag) => Some(self.module.tags[tag.index()]),
                ExportItem::Table(_) | ExportItem::Memory(_) | ExportItem::Global(_) => None,
            };
            self.interface(function, at(offset))?;
            self.module.exports.push(Export {
                name: export.name.into(),
                item,
            });
        }
        Ok(())
    }

    /// Counts an import or export: a function or tag of some type, or something else.
    fn interface(&mut self, function: Option<TypeIdx>, offset: usize) -> Result<(), ModuleError> {
        let ty = function.and_then(|index| self.module.types[index.index()].as_func());
        self.interface_size += ty.map_or(1, |ty| 2 + ty.params().len() + ty.results().len()) as u64;
        self.check(Limit::InterfaceSize, self.interface_size, offset)
    }
}
