//! The types of what modules import and export, and when one may stand in for another.
//!
//! <https://webassembly.github.io/spec/core/syntax/types.html#external-types>

use core::fmt;

use crate::{FuncType, RefType, TypeRegistry, ValType};

/// The type of a global.
///
/// <https://webassembly.github.io/spec/core/syntax/types.html#global-types>
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct GlobalType {
    /// What it holds.
    pub content: ValType,
    /// Whether it can be written.
    pub mutable: bool,
}

impl GlobalType {
    /// A global type from its parts.
    #[must_use]
    pub const fn new(content: ValType, mutable: bool) -> GlobalType {
        GlobalType { content, mutable }
    }
}

impl fmt::Display for GlobalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mutable {
            write!(f, "(global (mut {}))", self.content)
        } else {
            write!(f, "(global {})", self.content)
        }
    }
}

/// The type of a table. Sizes are in elements.
///
/// <https://webassembly.github.io/spec/core/syntax/types.html#table-types>
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TableType {
    /// What its elements are.
    pub element: RefType,
    /// The size that it starts with.
    pub minimum: u64,
    /// The size that it may not grow beyond.
    pub maximum: Option<u64>,
    /// Whether it is indexed by `i64` instead of `i32`.
    pub table64: bool,
}

impl TableType {
    /// A table indexed by `i32`.
    #[must_use]
    pub const fn new(element: RefType, minimum: u64, maximum: Option<u64>) -> TableType {
        TableType {
            element,
            minimum,
            maximum,
            table64: false,
        }
    }
}

impl fmt::Display for TableType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(table ")?;
        write_limits(f, self.table64, self.minimum, self.maximum)?;
        write!(f, "{})", self.element)
    }
}

/// The type of a memory. Sizes are in pages.
///
/// <https://webassembly.github.io/spec/core/syntax/types.html#memory-types>
///
/// ```
/// use curta_module::MemoryType;
///
/// let ty = MemoryType::new(2, Some(10));
/// assert_eq!(ty.page_size(), 65_536);
/// assert_eq!(ty.minimum_bytes(), Some(131_072));
/// assert_eq!(ty.to_string(), "(memory 2 10)");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct MemoryType {
    /// The size that it starts with, in pages.
    pub minimum: u64,
    /// The size that it may not grow beyond, in pages.
    pub maximum: Option<u64>,
    /// Whether it is addressed by `i64` instead of `i32`.
    pub memory64: bool,
    /// Whether several threads may use it.
    pub shared: bool,
    /// The binary logarithm of the page size: 16 unless the module says otherwise.
    pub page_size_log2: u32,
}

impl MemoryType {
    /// The binary logarithm of the ordinary page size, 64 KiB.
    pub const PAGE_SIZE_LOG2: u32 = 16;

    /// A 32-bit memory that is not shared, with pages of 64 KiB.
    #[must_use]
    pub const fn new(minimum: u64, maximum: Option<u64>) -> MemoryType {
        MemoryType {
            minimum,
            maximum,
            memory64: false,
            shared: false,
            page_size_log2: MemoryType::PAGE_SIZE_LOG2,
        }
    }

    /// The size of a page in bytes.
    ///
    /// # Panics
    ///
    /// If `page_size_log2` is 64 or more, which no valid module has.
    #[must_use]
    pub const fn page_size(&self) -> u64 {
        1 << self.page_size_log2
    }

    /// The size that it starts with, in bytes; `None` if that is 2^64 or more.
    #[must_use]
    pub const fn minimum_bytes(&self) -> Option<u64> {
        self.minimum.checked_mul(self.page_size())
    }

    /// The size that it may not grow beyond, in bytes; `None` if there is no bound below 2^64.
    #[must_use]
    pub const fn maximum_bytes(&self) -> Option<u64> {
        match self.maximum {
            Some(maximum) => maximum.checked_mul(self.page_size()),
            None => None,
        }
    }
}

impl fmt::Display for MemoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(memory ")?;
        if self.memory64 {
            f.write_str("i64 ")?;
        }
        write!(f, "{}", self.minimum)?;
        if let Some(maximum) = self.maximum {
            write!(f, " {maximum}")?;
        }
        if self.shared {
            f.write_str(" shared")?;
        }
        if self.page_size_log2 != MemoryType::PAGE_SIZE_LOG2 {
            write!(f, " (pagesize {})", self.page_size())?;
        }
        f.write_str(")")
    }
}

/// The type of a tag: the values that an exception carries.
///
/// <https://webassembly.github.io/spec/core/syntax/types.html#tag-types>
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TagType {
    /// The payload is its parameters; it has no results.
    pub func: FuncType,
}

impl TagType {
    /// The type of exceptions that carry the parameters of a function type, which has no results.
    #[must_use]
    pub const fn new(func: FuncType) -> TagType {
        TagType { func }
    }
}

impl fmt::Display for TagType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.func.write_use(f, "tag")
    }
}

/// The type of something imported or exported.
///
/// <https://webassembly.github.io/spec/core/syntax/types.html#external-types>
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(MemoryType),
    /// A global.
    Global(GlobalType),
    /// A tag.
    Tag(TagType),
}

impl ExternType {
    /// What kind of thing it is, as the text format calls it: `func`, `table`, …
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            ExternType::Func(_) => "func",
            ExternType::Table(_) => "table",
            ExternType::Memory(_) => "memory",
            ExternType::Global(_) => "global",
            ExternType::Tag(_) => "tag",
        }
    }

    /// The function type, if it is one.
    ///
    /// ```
    /// use curta_module::{ExternType, MemoryType};
    ///
    /// let ty = ExternType::from(MemoryType::new(1, None));
    /// assert_eq!(ty.memory().map(|memory| memory.minimum), Some(1));
    /// assert_eq!(ty.func(), None);
    /// ```
    #[must_use]
    pub fn func(&self) -> Option<&FuncType> {
        match self {
            ExternType::Func(ty) => Some(ty),
            _ => None,
        }
    }

    /// The table type, if it is one.
    #[must_use]
    pub fn table(&self) -> Option<&TableType> {
        match self {
            ExternType::Table(ty) => Some(ty),
            _ => None,
        }
    }

    /// The memory type, if it is one.
    #[must_use]
    pub fn memory(&self) -> Option<&MemoryType> {
        match self {
            ExternType::Memory(ty) => Some(ty),
            _ => None,
        }
    }

    /// The global type, if it is one.
    #[must_use]
    pub fn global(&self) -> Option<&GlobalType> {
        match self {
            ExternType::Global(ty) => Some(ty),
            _ => None,
        }
    }

    /// The tag type, if it is one.
    #[must_use]
    pub fn tag(&self) -> Option<&TagType> {
        match self {
            ExternType::Tag(ty) => Some(ty),
            _ => None,
        }
    }

    /// Whether something of this type may be imported where `expected` is asked for
    /// ([import matching]).
    ///
    /// A table or memory that has grown is compared by its present size: give `self` that size as
    /// its minimum. All types must come from `registry`. Constant time, but for the length of a
    /// function type.
    ///
    /// ```
    /// use curta_module::{ExternType, MemoryType, TypeRegistry};
    ///
    /// let registry = TypeRegistry::new();
    /// let provided = ExternType::Memory(MemoryType::new(2, Some(4)));
    /// let expected = ExternType::Memory(MemoryType::new(1, None));
    /// assert!(provided.matches(&expected, &registry));
    /// assert!(!expected.matches(&provided, &registry));
    /// ```
    ///
    /// [import matching]: https://webassembly.github.io/spec/core/valid/matching.html#external-types
    #[must_use]
    pub fn matches(&self, expected: &ExternType, registry: &TypeRegistry) -> bool {
        match (self, expected) {
            (ExternType::Func(a), ExternType::Func(b)) => a.matches(b, registry),
            (ExternType::Table(a), ExternType::Table(b)) => {
                a.element == b.element
                    && a.table64 == b.table64
                    && limits_match(a.minimum, a.maximum, b.minimum, b.maximum)
            }
            (ExternType::Memory(a), ExternType::Memory(b)) => {
                a.memory64 == b.memory64
                    && a.shared == b.shared
                    && a.page_size_log2 == b.page_size_log2
                    && limits_match(a.minimum, a.maximum, b.minimum, b.maximum)
            }
            (ExternType::Global(a), ExternType::Global(b)) => {
                a.mutable == b.mutable
                    && (a.content == b.content
                        || !a.mutable && a.content.matches(b.content, registry))
            }
            (ExternType::Tag(a), ExternType::Tag(b)) => a == b,
            (
                ExternType::Func(_)
                | ExternType::Table(_)
                | ExternType::Memory(_)
                | ExternType::Global(_)
                | ExternType::Tag(_),
                _,
            ) => false,
        }
    }
}

/// <https://webassembly.github.io/spec/core/valid/matching.html#limits>
fn limits_match(
    minimum: u64,
    maximum: Option<u64>,
    expected_minimum: u64,
    expected_maximum: Option<u64>,
) -> bool {
    minimum >= expected_minimum
        && expected_maximum
            .is_none_or(|expected| maximum.is_some_and(|maximum| maximum <= expected))
}

fn write_limits(
    f: &mut fmt::Formatter<'_>,
    is_64: bool,
    minimum: u64,
    maximum: Option<u64>,
) -> fmt::Result {
    if is_64 {
        f.write_str("i64 ")?;
    }
    write!(f, "{minimum} ")?;
    match maximum {
        Some(maximum) => write!(f, "{maximum} "),
        None => Ok(()),
    }
}

impl fmt::Display for ExternType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExternType::Func(ty) => ty.fmt(f),
            ExternType::Table(ty) => ty.fmt(f),
            ExternType::Memory(ty) => ty.fmt(f),
            ExternType::Global(ty) => ty.fmt(f),
            ExternType::Tag(ty) => ty.fmt(f),
        }
    }
}

impl From<FuncType> for ExternType {
    fn from(ty: FuncType) -> ExternType {
        ExternType::Func(ty)
    }
}

impl From<TableType> for ExternType {
    fn from(ty: TableType) -> ExternType {
        ExternType::Table(ty)
    }
}

impl From<MemoryType> for ExternType {
    fn from(ty: MemoryType) -> ExternType {
        ExternType::Memory(ty)
    }
}

impl From<GlobalType> for ExternType {
    fn from(ty: GlobalType) -> ExternType {
        ExternType::Global(ty)
    }
}

impl From<TagType> for ExternType {
    fn from(ty: TagType) -> ExternType {
        ExternType::Tag(ty)
    }
}
