//! From wasmparser's types, which name a module's types by index, to ours, which name them by
//! canonical number.

use wasmparser::{AbstractHeapType, CompositeInnerType, UnpackedIndex};

use crate::{
    ArrayType, CompositeType, Feature, Features, FieldType, FuncType, GlobalType, HeapType,
    MemoryType, ModuleError, RefType, StorageType, StructType, SubType, TableType, TypeId, ValType,
};

/// What type indices mean at one place of a module.
#[derive(Clone, Copy)]
pub(crate) struct TypeScope<'m> {
    /// The module's types so far.
    ids: &'m [TypeId],
    /// How many types the recursive group has that is being read, after those.
    group: u32,
    /// What the embedder asked for; for errors.
    requested: Features,
}

impl<'m> TypeScope<'m> {
    /// Outside of the type section.
    pub(crate) fn new(ids: &'m [TypeId], requested: Features) -> TypeScope<'m> {
        TypeScope {
            ids,
            group: 0,
            requested,
        }
    }

    /// Inside of a recursive group of so many types.
    pub(crate) fn within_group(self, group: u32) -> TypeScope<'m> {
        TypeScope { group, ..self }
    }

    pub(crate) fn requested(&self) -> Features {
        self.requested
    }

    /// A type by its index, which validation has found to be in range.
    fn type_id(self, index: UnpackedIndex, offset: usize) -> Result<TypeId, ModuleError> {
        let found = match index {
            UnpackedIndex::Module(index) => match self.ids.get(index as usize) {
                Some(&id) => Some(id),
                None => index
                    .checked_sub(self.ids.len() as u32)
                    .filter(|&member| member < self.group)
                    .map(TypeId::member),
            },
            UnpackedIndex::RecGroup(member) => {
                (member < self.group).then(|| TypeId::member(member))
            }
            UnpackedIndex::Id(_) => None,
        };
        found
            .ok_or_else(|| ModuleError::malformed("unknown type: type index out of bounds", offset))
    }

    pub(crate) fn val_type(
        self,
        ty: wasmparser::ValType,
        offset: usize,
    ) -> Result<ValType, ModuleError> {
        Ok(match ty {
            wasmparser::ValType::I32 => ValType::I32,
            wasmparser::ValType::I64 => ValType::I64,
            wasmparser::ValType::F32 => ValType::F32,
            wasmparser::ValType::F64 => ValType::F64,
            wasmparser::ValType::V128 => ValType::V128,
            wasmparser::ValType::Ref(reference) => ValType::Ref(self.ref_type(reference, offset)?),
        })
    }

    pub(crate) fn ref_type(
        self,
        ty: wasmparser::RefType,
        offset: usize,
    ) -> Result<RefType, ModuleError> {
        let heap = self.heap_type(ty.heap_type(), offset)?;
        Ok(RefType {
            nullable: ty.is_nullable(),
            heap,
        })
    }

    pub(crate) fn heap_type(
        self,
        ty: wasmparser::HeapType,
        offset: usize,
    ) -> Result<HeapType, ModuleError> {
        let abstract_type = match ty {
            wasmparser::HeapType::Abstract { shared: false, ty } => ty,
            wasmparser::HeapType::Abstract { shared: true, .. } => {
                return Err(ModuleError::not_built(
                    Feature::SharedEverythingThreads,
                    offset,
                ));
            }
            wasmparser::HeapType::Concrete(index) => {
                return Ok(HeapType::Concrete(self.type_id(index, offset)?));
            }
            wasmparser::HeapType::Exact(_) => {
                return Err(ModuleError::not_built(Feature::CustomDescriptors, offset));
            }
        };
        Ok(match abstract_type {
            AbstractHeapType::Func => HeapType::Func,
            AbstractHeapType::NoFunc => HeapType::NoFunc,
            AbstractHeapType::Extern => HeapType::Extern,
            AbstractHeapType::NoExtern => HeapType::NoExtern,
            AbstractHeapType::Any => HeapType::Any,
            AbstractHeapType::None => HeapType::None,
            AbstractHeapType::Eq => HeapType::Eq,
            AbstractHeapType::I31 => HeapType::I31,
            AbstractHeapType::Struct => HeapType::Struct,
            AbstractHeapType::Array => HeapType::Array,
            AbstractHeapType::Exn => HeapType::Exn,
            AbstractHeapType::NoExn => HeapType::NoExn,
            AbstractHeapType::Cont | AbstractHeapType::NoCont => {
                return Err(ModuleError::not_built(Feature::StackSwitching, offset));
            }
        })
    }

    pub(crate) fn sub_type(
        self,
        ty: &wasmparser::SubType,
        offset: usize,
    ) -> Result<SubType, ModuleError> {
        let composite = &ty.composite_type;
        if composite.shared {
            return Err(ModuleError::not_built(
                Feature::SharedEverythingThreads,
                offset,
            ));
        }
        if composite.descriptor_idx.is_some() || composite.describes_idx.is_some() {
            return Err(ModuleError::not_built(Feature::CustomDescriptors, offset));
        }
        let supertype = match ty.supertype_idxs.first() {
            Some(index) => Some(self.type_id(index.unpack(), offset)?),
            None => None,
        };
        let composite = match &composite.inner {
            CompositeInnerType::Func(ty) => CompositeType::Func(self.func_type(ty, offset)?),
            CompositeInnerType::Array(ty) => CompositeType::Array(ArrayType {
                element: self.field_type(ty.0, offset)?,
            }),
            CompositeInnerType::Struct(ty) => {
                let fields: Result<alloc::vec::Vec<FieldType>, ModuleError> = ty
                    .fields
                    .iter()
                    .map(|&field| self.field_type(field, offset))
                    .collect();
                CompositeType::Struct(StructType::new(fields?))
            }
            CompositeInnerType::Cont(_) => {
                return Err(ModuleError::not_built(Feature::StackSwitching, offset));
            }
        };
        Ok(SubType {
            is_final: ty.is_final,
            supertype,
            composite,
        })
    }

    fn func_type(self, ty: &wasmparser::FuncType, offset: usize) -> Result<FuncType, ModuleError> {
        let mut refused = None;
        let mut convert = |&value: &wasmparser::ValType| {
            self.val_type(value, offset).unwrap_or_else(|error| {
                refused = Some(error);
                ValType::I32
            })
        };
        let params: smallvec::SmallVec<[ValType; 8]> =
            ty.params().iter().map(&mut convert).collect();
        let ty = FuncType::new(params, ty.results().iter().map(&mut convert));
        match refused {
            Some(error) => Err(error),
            None => Ok(ty),
        }
    }

    fn field_type(
        self,
        ty: wasmparser::FieldType,
        offset: usize,
    ) -> Result<FieldType, ModuleError> {
        let storage = match ty.element_type {
            wasmparser::StorageType::I8 => StorageType::I8,
            wasmparser::StorageType::I16 => StorageType::I16,
            wasmparser::StorageType::Val(value) => StorageType::Val(self.val_type(value, offset)?),
        };
        Ok(FieldType {
            storage,
            mutable: ty.mutable,
        })
    }

    pub(crate) fn global_type(
        self,
        ty: wasmparser::GlobalType,
        offset: usize,
    ) -> Result<GlobalType, ModuleError> {
        if ty.shared {
            return Err(ModuleError::not_built(
                Feature::SharedEverythingThreads,
                offset,
            ));
        }
        Ok(GlobalType {
            content: self.val_type(ty.content_type, offset)?,
            mutable: ty.mutable,
        })
    }

    pub(crate) fn table_type(
        self,
        ty: wasmparser::TableType,
        offset: usize,
    ) -> Result<TableType, ModuleError> {
        if ty.shared {
            return Err(ModuleError::not_built(
                Feature::SharedEverythingThreads,
                offset,
            ));
        }
        Ok(TableType {
            element: self.ref_type(ty.element_type, offset)?,
            minimum: ty.initial,
            maximum: ty.maximum,
            table64: ty.table64,
        })
    }
}

pub(crate) fn memory_type(ty: wasmparser::MemoryType) -> MemoryType {
    MemoryType {
        minimum: ty.initial,
        maximum: ty.maximum,
        memory64: ty.memory64,
        shared: ty.shared,
        page_size_log2: ty.page_size_log2(),
    }
}
