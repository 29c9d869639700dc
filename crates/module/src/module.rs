//! The description of a module: everything that it says about itself, checked, as plain data.
//!
//! Made by [`Module::decode`]. Index spaces hold the imported items first, as the specification
//! has it, so an index of the binary format is an index into the slice given here. Function bodies
//! are ranges of the module's bytes, which are kept and shared.
//!
//! <https://webassembly.github.io/spec/core/syntax/modules.html>

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;
use core::str;

use wasmparser::ValidatorResources;

use crate::convert::TypeScope;
use crate::{
    Body, ConstExpr, ExternType, Features, FuncIdx, FuncType, GlobalIdx, GlobalType, Limits,
    MemoryIdx, MemoryType, ModuleError, Names, RefType, SubType, TableIdx, TableType, TagIdx,
    TagType, TypeId, TypeIdx, ValType,
};

/// Where a function body is in the module's bytes, and how many locals it has with the parameters, as far as its
/// declarations can be read.
#[derive(Clone, Debug)]
pub(crate) struct BodyPlace {
    pub(crate) range: Range<u32>,
    pub(crate) locals: u32,
}

/// A decoded module, valid in everything but its function bodies, which are checked one by one
/// through [`Module::body`].
///
/// Accessors by index panic when the index is out of range: indices come from the module itself,
/// and validation has proved them.
pub struct Module {
    /// Shared with nobody while the module is arriving.
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) features: Features,
    pub(crate) limits: Limits,
    pub(crate) sections: Vec<Section>,
    pub(crate) custom: Vec<CustomSection>,
    pub(crate) types: Vec<SubType>,
    pub(crate) type_ids: Vec<TypeId>,
    /// The most operands that one instruction may move because a type says so.
    pub(crate) widest: usize,
    pub(crate) imports: Vec<Import>,
    pub(crate) imported: ImportCounts,
    pub(crate) functions: Vec<TypeIdx>,
    pub(crate) tables: Vec<Table>,
    pub(crate) memories: Vec<MemoryType>,
    pub(crate) globals: Vec<Global>,
    pub(crate) tags: Vec<TypeIdx>,
    pub(crate) exports: Vec<Export>,
    /// Positions in `exports`, in the order of the names.
    pub(crate) exports_by_name: Vec<u32>,
    pub(crate) start: Option<FuncIdx>,
    pub(crate) elements: Vec<ElementSegment>,
    pub(crate) data: Vec<DataSegment>,
    pub(crate) bodies: Vec<BodyPlace>,
    /// What validating a body needs; there if there are bodies.
    pub(crate) resources: Option<ValidatorResources>,
    pub(crate) names: Names,
}

/// How many items of each index space are imported.
#[derive(Clone, Copy, Default)]
pub(crate) struct ImportCounts {
    pub(crate) functions: usize,
    pub(crate) tables: usize,
    pub(crate) memories: usize,
    pub(crate) globals: usize,
    pub(crate) tags: usize,
}

/// Something that a module needs from outside.
///
/// <https://webassembly.github.io/spec/core/syntax/modules.html#imports>
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    /// The name of the module that is to provide it.
    pub module: Box<str>,
    /// Its name there.
    pub name: Box<str>,
    /// What it has to be.
    pub ty: ImportKind,
}

/// What an import has to be. See [`Module::import_type`] for the type in full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImportKind {
    /// A function of a type of the module.
    Func(TypeIdx),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(MemoryType),
    /// A global.
    Global(GlobalType),
    /// A tag of a function type of the module.
    Tag(TypeIdx),
}

/// Something that a module offers.
///
/// <https://webassembly.github.io/spec/core/syntax/modules.html#exports>
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Export {
    /// The name, unique in the module.
    pub name: Box<str>,
    /// What it names.
    pub item: ExportItem,
}

/// What an export names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ExportItem {
    /// A function.
    Func(FuncIdx),
    /// A table.
    Table(TableIdx),
    /// A memory.
    Memory(MemoryIdx),
    /// A global.
    Global(GlobalIdx),
    /// A tag.
    Tag(TagIdx),
}

/// A table, imported or defined.
///
/// <https://webassembly.github.io/spec/core/syntax/modules.html#tables>
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    /// Its type.
    pub ty: TableType,
    /// What its elements start as; null if there is nothing here.
    pub init: Option<ConstExpr>,
}

/// A global, imported or defined.
///
/// <https://webassembly.github.io/spec/core/syntax/modules.html#globals>
#[derive(Clone, PartialEq, Debug)]
pub struct Global {
    /// Its type.
    pub ty: GlobalType,
    /// Its initial value; nothing if it is imported.
    pub init: Option<ConstExpr>,
}

/// References for a table.
///
/// <https://webassembly.github.io/spec/core/syntax/modules.html#element-segments>
#[derive(Clone, PartialEq, Debug)]
pub struct ElementSegment {
    /// The type of the references.
    pub ty: RefType,
    /// When they are written, and where.
    pub mode: ElementMode,
    /// The references.
    pub items: ElementItems,
}

/// When an element segment is written, and where.
#[derive(Clone, PartialEq, Debug)]
pub enum ElementMode {
    /// By `table.init`.
    Passive,
    /// At instantiation.
    Active {
        /// The table that is written.
        table: TableIdx,
        /// Where in the table.
        offset: ConstExpr,
    },
    /// Never: it only declares that its functions are used as references.
    Declared,
}

/// The references of an element segment.
#[derive(Clone, PartialEq, Debug)]
pub enum ElementItems {
    /// References to functions.
    Functions(Box<[FuncIdx]>),
    /// The values of constant expressions.
    Expressions(Box<[ConstExpr]>),
}

impl ElementItems {
    /// How many references there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            ElementItems::Functions(functions) => functions.len(),
            ElementItems::Expressions(expressions) => expressions.len(),
        }
    }

    /// Whether there is no reference.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Bytes for a memory.
///
/// <https://webassembly.github.io/spec/core/syntax/modules.html#data-segments>
#[derive(Clone, PartialEq, Debug)]
pub struct DataSegment {
    /// When they are written, and where.
    pub mode: DataMode,
    /// Which of the module's bytes they are.
    pub range: Range<usize>,
}

/// When a data segment is written, and where.
#[derive(Clone, PartialEq, Debug)]
pub enum DataMode {
    /// By `memory.init`.
    Passive,
    /// At instantiation.
    Active {
        /// The memory that is written.
        memory: MemoryIdx,
        /// Where in the memory.
        offset: ConstExpr,
    },
}

/// A section: what it is and where its contents are in the module's bytes.
///
/// <https://webassembly.github.io/spec/core/binary/modules.html#sections>
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// What it is.
    pub id: SectionId,
    /// Its contents, without its id and size.
    pub range: Range<usize>,
}

/// What a section is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SectionId {
    /// A custom section.
    Custom,
    /// Types.
    Type,
    /// Imports.
    Import,
    /// The types of the functions.
    Function,
    /// Tables.
    Table,
    /// Memories.
    Memory,
    /// Tags.
    Tag,
    /// Globals.
    Global,
    /// Exports.
    Export,
    /// The start function.
    Start,
    /// Element segments.
    Element,
    /// How many data segments there are.
    DataCount,
    /// Function bodies.
    Code,
    /// Data segments.
    Data,
}

impl SectionId {
    /// The name that the specification gives it: `type`, `import`, …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            SectionId::Custom => "custom",
            SectionId::Type => "type",
            SectionId::Import => "import",
            SectionId::Function => "function",
            SectionId::Table => "table",
            SectionId::Memory => "memory",
            SectionId::Tag => "tag",
            SectionId::Global => "global",
            SectionId::Export => "export",
            SectionId::Start => "start",
            SectionId::Element => "element",
            SectionId::DataCount => "data count",
            SectionId::Code => "code",
            SectionId::Data => "data",
        }
    }
}

impl fmt::Display for SectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a custom section's name, which is UTF-8, and its data are in the module's bytes.
pub(crate) struct CustomSection {
    pub(crate) name: Range<u32>,
    pub(crate) data: Range<u32>,
}

/// A range of the module's bytes, of which there are fewer than 2^32.
pub(crate) fn wide(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

impl Default for Module {
    /// What takes the place of a module that is lent: it has nothing, not even bytes.
    fn default() -> Module {
        Module::empty(Features::default(), Limits::default())
    }
}

impl Module {
    /// A module of which nothing is known yet.
    pub(crate) fn empty(features: Features, limits: Limits) -> Module {
        Module {
            bytes: Arc::default(),
            features,
            limits,
            sections: Vec::new(),
            custom: Vec::new(),
            types: Vec::new(),
            type_ids: Vec::new(),
            widest: 0,
            imports: Vec::new(),
            imported: ImportCounts::default(),
            functions: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            tags: Vec::new(),
            exports: Vec::new(),
            exports_by_name: Vec::new(),
            start: None,
            elements: Vec::new(),
            data: Vec::new(),
            bodies: Vec::new(),
            resources: None,
            names: Names::default(),
        }
    }

    /// The bytes that it was decoded from.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The features that it was decoded with, as asked for.
    #[must_use]
    pub fn features(&self) -> Features {
        self.features
    }

    /// The limits that it was decoded with.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The name that the name section gives it.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.names.module()
    }

    /// What the name section says; empty if there is none.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Its sections, in the order of the file.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The names and data of its custom sections, in the order of the file.
    pub fn custom_sections(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.custom.iter().map(|section| {
            let name = str::from_utf8(&self.bytes[wide(&section.name)]);
            (name.expect("validated"), &self.bytes[wide(&section.data)])
        })
    }

    /// Its types, in canonical form.
    #[must_use]
    pub fn types(&self) -> &[SubType] {
        &self.types
    }

    /// The canonical number of a type.
    #[must_use]
    #[inline]
    pub fn type_id(&self, index: TypeIdx) -> TypeId {
        self.type_ids[index.index()]
    }

    /// A function type by its index.
    ///
    /// # Panics
    ///
    /// If it is not a function type, which validation excludes wherever one is needed.
    #[must_use]
    #[inline]
    pub fn func_type_at(&self, index: TypeIdx) -> &FuncType {
        self.types[index.index()].as_func().expect("validated")
    }

    /// What it imports, in order.
    #[must_use]
    pub fn imports(&self) -> &[Import] {
        &self.imports
    }

    /// The type of an import in full.
    #[must_use]
    pub fn import_type(&self, import: &Import) -> ExternType {
        match import.ty {
            ImportKind::Func(index) => ExternType::Func(self.func_type_at(index).clone()),
            ImportKind::Table(ty) => ExternType::Table(ty),
            ImportKind::Memory(ty) => ExternType::Memory(ty),
            ImportKind::Global(ty) => ExternType::Global(ty),
            ImportKind::Tag(index) => ExternType::Tag(TagType {
                func: self.func_type_at(index).clone(),
            }),
        }
    }

    /// What it exports, in order.
    #[must_use]
    pub fn exports(&self) -> &[Export] {
        &self.exports
    }

    /// What it exports by a name. Logarithmic in the number of exports.
    #[must_use]
    pub fn export(&self, name: &str) -> Option<ExportItem> {
        let named = |&at: &u32| &self.exports[at as usize];
        let found = self
            .exports_by_name
            .binary_search_by(|at| (*named(at).name).cmp(name))
            .ok()?;
        Some(named(&self.exports_by_name[found]).item)
    }

    /// The type of an exported item.
    #[must_use]
    pub fn export_type(&self, item: ExportItem) -> ExternType {
        match item {
            ExportItem::Func(index) => ExternType::Func(self.func_type(index).clone()),
            ExportItem::Table(index) => ExternType::Table(self.tables[index.index()].ty),
            ExportItem::Memory(index) => ExternType::Memory(self.memories[index.index()]),
            ExportItem::Global(index) => ExternType::Global(self.globals[index.index()].ty),
            ExportItem::Tag(index) => {
                let func = self.func_type_at(self.tags[index.index()]).clone();
                ExternType::Tag(TagType { func })
            }
        }
    }

    /// The types of all functions, the imported ones first.
    #[must_use]
    pub fn functions(&self) -> &[TypeIdx] {
        &self.functions
    }

    /// The type of a function.
    #[must_use]
    #[inline]
    pub fn func_type(&self, function: FuncIdx) -> &FuncType {
        self.func_type_at(self.functions[function.index()])
    }

    /// How many functions are imported.
    #[must_use]
    pub fn imported_functions(&self) -> usize {
        self.imported.functions
    }

    /// All tables, the imported ones first.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// How many tables are imported.
    #[must_use]
    pub fn imported_tables(&self) -> usize {
        self.imported.tables
    }

    /// The types of all memories, the imported ones first.
    #[must_use]
    pub fn memories(&self) -> &[MemoryType] {
        &self.memories
    }

    /// How many memories are imported.
    #[must_use]
    pub fn imported_memories(&self) -> usize {
        self.imported.memories
    }

    /// All globals, the imported ones first.
    #[must_use]
    pub fn globals(&self) -> &[Global] {
        &self.globals
    }

    /// How many globals are imported.
    #[must_use]
    pub fn imported_globals(&self) -> usize {
        self.imported.globals
    }

    /// The types of all tags, the imported ones first.
    #[must_use]
    pub fn tags(&self) -> &[TypeIdx] {
        &self.tags
    }

    /// How many tags are imported.
    #[must_use]
    pub fn imported_tags(&self) -> usize {
        self.imported.tags
    }

    /// Its element segments.
    #[must_use]
    pub fn elements(&self) -> &[ElementSegment] {
        &self.elements
    }

    /// Its data segments.
    #[must_use]
    pub fn data(&self) -> &[DataSegment] {
        &self.data
    }

    /// The function that runs at the end of instantiation.
    #[must_use]
    pub fn start(&self) -> Option<FuncIdx> {
        self.start
    }

    /// How many functions it defines, which is how many bodies it has.
    #[must_use]
    pub fn bodies(&self) -> usize {
        self.bodies.len()
    }

    /// The body of a defined function, counted without the imported ones.
    ///
    /// # Panics
    ///
    /// If there are not so many.
    #[must_use]
    pub fn body(&self, defined: usize) -> Body<'_> {
        let place = &self.bodies[defined];
        Body::new(self, defined, wide(&place.range), place.locals)
    }

    /// A value type as wasmparser reads it in a body of this module.
    ///
    /// # Errors
    ///
    /// If it belongs to a feature that is not built; `offset` is for that error.
    pub fn val_type(&self, ty: wasmparser::ValType, offset: usize) -> Result<ValType, ModuleError> {
        self.scope().val_type(ty, offset)
    }

    /// A heap type as wasmparser reads it in a body of this module.
    ///
    /// # Errors
    ///
    /// If it belongs to a feature that is not built; `offset` is for that error.
    pub fn heap_type(
        &self,
        ty: wasmparser::HeapType,
        offset: usize,
    ) -> Result<crate::HeapType, ModuleError> {
        self.scope().heap_type(ty, offset)
    }

    fn scope(&self) -> TypeScope<'_> {
        TypeScope::new(&self.type_ids, self.features)
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module")
            .field("name", &self.name())
            .field("bytes", &self.bytes.len())
            .field("types", &self.types.len())
            .field("imports", &self.imports.len())
            .field("exports", &self.exports.len())
            .field("bodies", &self.bodies.len())
            .finish_non_exhaustive()
    }
}
