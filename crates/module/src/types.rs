//! Value, reference and composite types, as the engine sees them.
//!
//! They are those of the [specification], with one difference: a reference to a defined type
//! names a canonical [`TypeId`] instead of an index into one module, so that two types are equal
//! exactly when their values are, whichever modules they come from. `Display` writes the text
//! format; a defined type, which has no name there, is written as `$type` and its number.
//!
//! [specification]: https://webassembly.github.io/spec/core/syntax/types.html

use alloc::sync::Arc;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;

use smallvec::SmallVec;

use crate::{TypeId, TypeRegistry};

/// The type of a value.
///
/// <https://webassembly.github.io/spec/core/syntax/types.html#value-types>
///
/// ```
/// use curta_module::{RefType, ValType};
///
/// assert_eq!(ValType::I64.to_string(), "i64");
/// assert_eq!(ValType::from(RefType::FUNCREF).to_string(), "funcref");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ValType {
    /// A 32-bit integer, or an address of a 32-bit memory or table.
    I32,
    /// A 64-bit integer, or an address of a 64-bit memory or table.
    I64,
    /// A 32-bit IEEE 754 number.
    F32,
    /// A 64-bit IEEE 754 number.
    F64,
    /// A vector of 128 bits.
    V128,
    /// A reference.
    Ref(RefType),
}

impl ValType {
    /// `funcref`
    pub const FUNCREF: ValType = ValType::Ref(RefType::FUNCREF);
    /// `externref`
    pub const EXTERNREF: ValType = ValType::Ref(RefType::EXTERNREF);

    /// Whether a local of this type starts out with a value: every type but the references that
    /// cannot be null.
    #[must_use]
    pub const fn is_defaultable(self) -> bool {
        match self {
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => true,
            ValType::Ref(reference) => reference.nullable,
        }
    }

    /// The reference type, if it is one.
    #[must_use]
    pub const fn as_ref(self) -> Option<RefType> {
        match self {
            ValType::Ref(reference) => Some(reference),
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => None,
        }
    }

    /// Whether a value of this type may be used where `other` is expected
    /// ([subtyping](https://webassembly.github.io/spec/core/valid/matching.html#value-types)).
    ///
    /// Both types must come from `registry`. Constant time.
    #[must_use]
    pub fn matches(self, other: ValType, registry: &TypeRegistry) -> bool {
        match (self, other) {
            (ValType::Ref(a), ValType::Ref(b)) => a.matches(b, registry),
            (a, b) => a == b,
        }
    }
}

impl From<RefType> for ValType {
    fn from(reference: RefType) -> ValType {
        ValType::Ref(reference)
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValType::I32 => f.write_str("i32"),
            ValType::I64 => f.write_str("i64"),
            ValType::F32 => f.write_str("f32"),
            ValType::F64 => f.write_str("f64"),
            ValType::V128 => f.write_str("v128"),
            ValType::Ref(reference) => reference.fmt(f),
        }
    }
}

/// The type of a reference: what it refers to, and whether it may be null.
///
/// <https://webassembly.github.io/spec/core/syntax/types.html#reference-types>
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RefType {
    /// Whether the null reference is a value of this type.
    pub nullable: bool,
    /// What the reference refers to.
    pub heap: HeapType,
}

impl RefType {
    /// `funcref`
    pub const FUNCREF: RefType = RefType::new(true, HeapType::Func);
    /// `nullfuncref`
    pub const NULLFUNCREF: RefType = RefType::new(true, HeapType::NoFunc);
    /// `externref`
    pub const EXTERNREF: RefType = RefType::new(true, HeapType::Extern);
    /// `nullexternref`
    pub const NULLEXTERNREF: RefType = RefType::new(true, HeapType::NoExtern);
    /// `anyref`
    pub const ANYREF: RefType = RefType::new(true, HeapType::Any);
    /// `nullref`
    pub const NULLREF: RefType = RefType::new(true, HeapType::None);
    /// `eqref`
    pub const EQREF: RefType = RefType::new(true, HeapType::Eq);
    /// `i31ref`
    pub const I31REF: RefType = RefType::new(true, HeapType::I31);
    /// `structref`
    pub const STRUCTREF: RefType = RefType::new(true, HeapType::Struct);
    /// `arrayref`
    pub const ARRAYREF: RefType = RefType::new(true, HeapType::Array);
    /// `exnref`
    pub const EXNREF: RefType = RefType::new(true, HeapType::Exn);
    /// `nullexnref`
    pub const NULLEXNREF: RefType = RefType::new(true, HeapType::NoExn);

    /// A reference type from its parts.
    #[must_use]
    pub const fn new(nullable: bool, heap: HeapType) -> RefType {
        RefType { nullable, heap }
    }

    /// Whether a reference of this type may be used where `other` is expected
    /// ([subtyping](https://webassembly.github.io/spec/core/valid/matching.html#reference-types)).
    ///
    /// Both types must come from `registry`. Constant time.
    #[must_use]
    pub fn matches(self, other: RefType, registry: &TypeRegistry) -> bool {
        (!self.nullable || other.nullable) && self.heap.matches(other.heap, registry)
    }
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.nullable, self.heap) {
            (true, HeapType::Concrete(id)) => write!(f, "(ref null {id})"),
            (true, HeapType::None) => f.write_str("nullref"),
            (true, HeapType::NoFunc) => f.write_str("nullfuncref"),
            (true, HeapType::NoExtern) => f.write_str("nullexternref"),
            (true, HeapType::NoExn) => f.write_str("nullexnref"),
            (true, heap) => write!(f, "{heap}ref"),
            (false, heap) => write!(f, "(ref {heap})"),
        }
    }
}

/// What a reference refers to.
///
/// <https://webassembly.github.io/spec/core/syntax/types.html#heap-types>
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HeapType {
    /// Any function.
    Func,
    /// No function: the bottom of the functions.
    NoFunc,
    /// Any object of the host.
    Extern,
    /// No object of the host.
    NoExtern,
    /// Any object of the guest.
    Any,
    /// No object of the guest.
    None,
    /// Any object that can be compared.
    Eq,
    /// A 31-bit integer.
    I31,
    /// Any structure.
    Struct,
    /// Any array.
    Array,
    /// Any exception.
    Exn,
    /// No exception.
    NoExn,
    /// A defined type.
    Concrete(TypeId),
}

impl HeapType {
    /// Whether this is a subtype of `other`
    /// ([matching](https://webassembly.github.io/spec/core/valid/matching.html#heap-types)).
    ///
    /// Both types must come from `registry`. Constant time.
    #[must_use]
    pub fn matches(self, other: HeapType, registry: &TypeRegistry) -> bool {
        match (self, other) {
            (HeapType::Concrete(a), HeapType::Concrete(b)) => registry.is_subtype(a, b),
            (a, b) if a == b => true,
            (HeapType::Concrete(a), b) => a.kind().matches(b, registry),
            (a, HeapType::Concrete(b)) => a == b.kind().bottom(),
            (a, HeapType::Any) => a.top() == HeapType::Any,
            (a, HeapType::Eq) => {
                matches!(
                    a,
                    HeapType::I31 | HeapType::Struct | HeapType::Array | HeapType::None
                )
            }
            (a, b) => a == a.bottom() && a == b.bottom(),
        }
    }

    /// The top of the hierarchy that the type is in: [`HeapType::Func`], [`HeapType::Extern`],
    /// [`HeapType::Any`] or [`HeapType::Exn`]. References of different hierarchies have nothing in
    /// common, not even null.
    #[must_use]
    pub const fn top(self) -> HeapType {
        match self {
            HeapType::Func | HeapType::NoFunc => HeapType::Func,
            HeapType::Extern | HeapType::NoExtern => HeapType::Extern,
            HeapType::Exn | HeapType::NoExn => HeapType::Exn,
            HeapType::Any
            | HeapType::None
            | HeapType::Eq
            | HeapType::I31
            | HeapType::Struct
            | HeapType::Array => HeapType::Any,
            HeapType::Concrete(id) => id.kind().top(),
        }
    }

    /// The bottom of the hierarchy that the type is in, whose only value is null.
    #[must_use]
    pub const fn bottom(self) -> HeapType {
        match self {
            HeapType::Func | HeapType::NoFunc => HeapType::NoFunc,
            HeapType::Extern | HeapType::NoExtern => HeapType::NoExtern,
            HeapType::Exn | HeapType::NoExn => HeapType::NoExn,
            HeapType::Any
            | HeapType::None
            | HeapType::Eq
            | HeapType::I31
            | HeapType::Struct
            | HeapType::Array => HeapType::None,
            HeapType::Concrete(id) => id.kind().bottom(),
        }
    }
}

impl fmt::Display for HeapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            HeapType::Func => "func",
            HeapType::NoFunc => "nofunc",
            HeapType::Extern => "extern",
            HeapType::NoExtern => "noextern",
            HeapType::Any => "any",
            HeapType::None => "none",
            HeapType::Eq => "eq",
            HeapType::I31 => "i31",
            HeapType::Struct => "struct",
            HeapType::Array => "array",
            HeapType::Exn => "exn",
            HeapType::NoExn => "noexn",
            HeapType::Concrete(id) => return id.fmt(f),
        };
        f.write_str(text)
    }
}

/// The type of a function: what it takes and what it returns. Cheap to clone.
///
/// A type that a module defines in a form that says more (it can be extended, it extends another
/// type, it is a member of a recursive group) is not the same as the plain one of equal parameters
/// and results. Such a type carries its [number](FuncType::type_id), and two types are equal when
/// they are the same type; compare [`params`](FuncType::params) and
/// [`results`](FuncType::results) where only those matter.
///
/// <https://webassembly.github.io/spec/core/syntax/types.html#composite-types>
///
/// ```
/// use curta_module::{FuncType, ValType};
///
/// let ty = FuncType::new([ValType::I32, ValType::I64], [ValType::F64]);
/// assert_eq!(ty.params(), [ValType::I32, ValType::I64]);
/// assert_eq!(ty.to_string(), "(func (param i32 i64) (result f64))");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FuncType {
    /// The parameters, then the results.
    values: Values,
    params: u32,
    /// The defined type, where that is more than the parameters and results.
    defined: Option<TypeId>,
}

impl FuncType {
    /// A plain function type from its parameters and results: final, extending nothing.
    ///
    /// # Panics
    ///
    /// With more than `u32::MAX` parameters, which no module can have.
    pub fn new(
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> FuncType {
        let mut values = Collected::default();
        values.extend(params);
        let params = u32::try_from(values.len()).expect("fewer than 2^32 parameters");
        values.extend(results);
        FuncType {
            values: values.finish(),
            params,
            defined: None,
        }
    }

    /// The types of the parameters, in order.
    #[must_use]
    #[inline]
    pub fn params(&self) -> &[ValType] {
        &self.values[..self.params as usize]
    }

    /// The types of the results, in order.
    #[must_use]
    #[inline]
    pub fn results(&self) -> &[ValType] {
        &self.values[self.params as usize..]
    }

    /// The number of the defined type that this is, in the registry of the module that it came
    /// from; `None` for a plain type, which is the same everywhere.
    #[must_use]
    pub const fn type_id(&self) -> Option<TypeId> {
        self.defined
    }

    /// The same parameters and results as another defined type, or as the plain one.
    pub(crate) fn with_type_id(&self, defined: Option<TypeId>) -> FuncType {
        FuncType {
            defined,
            ..self.clone()
        }
    }

    /// Whether a function of this type may be used where one of type `expected` is asked for: it
    /// is of that type, or of one that was declared to extend it
    /// ([matching](https://webassembly.github.io/spec/core/valid/matching.html#defined-types)).
    ///
    /// Both types must come from `registry`, or be plain. Linear in their length.
    #[must_use]
    pub fn matches(&self, expected: &FuncType, registry: &TypeRegistry) -> bool {
        self == expected
            || match (self.defined, expected.defined) {
                (Some(own), Some(expected)) => registry.is_subtype(own, expected),
                // A plain type is final and extends nothing.
                (None, _) | (_, None) => false,
            }
    }

    /// Writes the parameters and results as the text format has them.
    pub(crate) fn write_signature(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (keyword, values) in [("param", self.params()), ("result", self.results())] {
            if !values.is_empty() {
                write!(f, " ({keyword}")?;
                for value in values {
                    write!(f, " {value}")?;
                }
                f.write_str(")")?;
            }
        }
        Ok(())
    }

    /// Writes the use of this type as the text format has it, between a keyword and the end.
    pub(crate) fn write_use(&self, f: &mut fmt::Formatter<'_>, keyword: &str) -> fmt::Result {
        write!(f, "({keyword}")?;
        if let Some(id) = self.defined {
            write!(f, " (type {id})")?;
        }
        self.write_signature(f)?;
        f.write_str(")")
    }
}

impl fmt::Debug for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for FuncType {
    /// As an import or export of this type: with the number of the defined type, if it has one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_use(f, "func")
    }
}

/// The values of a function type.
#[derive(Clone)]
enum Values {
    /// A piece of [`ALIKE`], which needs no memory of its own.
    Alike(&'static [ValType]),
    Others(Arc<[ValType]>),
}

/// What the values of most functions are, all of them.
static ALIKE: [ValType; 16] = [ValType::I32; 16];

/// The values of a function type that is being made.
#[derive(Default)]
struct Collected {
    /// How many there are while all are as in [`ALIKE`].
    alike: usize,
    /// All, when one is not, or there are more.
    others: SmallVec<[ValType; 16]>,
}

impl Collected {
    #[inline]
    fn len(&self) -> usize {
        self.alike.max(self.others.len())
    }

    fn extend(&mut self, values: impl IntoIterator<Item = ValType>) {
        for value in values {
            if self.others.is_empty() && ALIKE.get(self.alike) == Some(&value) {
                self.alike += 1;
                continue;
            }
            if self.others.is_empty() {
                self.others.extend_from_slice(&ALIKE[..self.alike]);
            }
            self.others.push(value);
        }
    }

    #[inline]
    fn finish(&self) -> Values {
        if self.others.is_empty() {
            Values::Alike(&ALIKE[..self.alike])
        } else {
            Values::Others(self.others.as_slice().into())
        }
    }
}

impl Deref for Values {
    type Target = [ValType];

    #[inline]
    fn deref(&self) -> &[ValType] {
        match self {
            Values::Alike(values) => values,
            Values::Others(values) => values,
        }
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Values) -> bool {
        **self == **other
    }
}

impl Eq for Values {}

impl Hash for Values {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

/// What a field of a structure, or an element of an array, holds.
///
/// <https://webassembly.github.io/spec/core/syntax/types.html#composite-types>
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum StorageType {
    /// An 8-bit integer, read and written as an `i32`.
    I8,
    /// A 16-bit integer, read and written as an `i32`.
    I16,
    /// A value.
    Val(ValType),
}

impl fmt::Display for StorageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StorageType::I8 => f.write_str("i8"),
            StorageType::I16 => f.write_str("i16"),
            StorageType::Val(value) => value.fmt(f),
        }
    }
}

/// A field of a structure, or the elements of an array.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FieldType {
    /// What it holds.
    pub storage: StorageType,
    /// Whether it can be written after the object was made.
    pub mutable: bool,
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mutable {
            write!(f, "(mut {})", self.storage)
        } else {
            self.storage.fmt(f)
        }
    }
}

/// The type of a structure. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StructType {
    fields: Arc<[FieldType]>,
}

impl StructType {
    /// A structure type from its fields.
    pub fn new(fields: impl IntoIterator<Item = FieldType>) -> StructType {
        StructType {
            fields: fields.into_iter().collect(),
        }
    }

    /// The fields, in order.
    #[must_use]
    pub fn fields(&self) -> &[FieldType] {
        &self.fields
    }
}

impl fmt::Display for StructType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(struct")?;
        for field in self.fields() {
            write!(f, " (field {field})")?;
        }
        f.write_str(")")
    }
}

/// The type of an array.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ArrayType {
    /// Its elements.
    pub element: FieldType,
}

impl fmt::Display for ArrayType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(array {})", self.element)
    }
}

/// A type that a module may define.
///
/// <https://webassembly.github.io/spec/core/syntax/types.html#composite-types>
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum CompositeType {
    /// A function.
    Func(FuncType),
    /// A structure.
    Struct(StructType),
    /// An array.
    Array(ArrayType),
}

impl CompositeType {
    /// The abstract type right above it.
    pub(crate) const fn kind(&self) -> HeapType {
        match self {
            CompositeType::Func(_) => HeapType::Func,
            CompositeType::Struct(_) => HeapType::Struct,
            CompositeType::Array(_) => HeapType::Array,
        }
    }
}

impl fmt::Display for CompositeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompositeType::Func(ty) => {
                f.write_str("(func")?;
                ty.write_signature(f)?;
                f.write_str(")")
            }
            CompositeType::Struct(ty) => ty.fmt(f),
            CompositeType::Array(ty) => ty.fmt(f),
        }
    }
}

/// A defined type with its place in the subtype hierarchy.
///
/// <https://webassembly.github.io/spec/core/syntax/types.html#recursive-types>
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SubType {
    /// Whether no other type may extend this one.
    pub is_final: bool,
    /// The type that this one extends.
    pub supertype: Option<TypeId>,
    /// What it is.
    pub composite: CompositeType,
}

impl SubType {
    /// The function type, if it is one.
    #[must_use]
    pub fn as_func(&self) -> Option<&FuncType> {
        match &self.composite {
            CompositeType::Func(ty) => Some(ty),
            CompositeType::Struct(_) | CompositeType::Array(_) => None,
        }
    }
}

impl SubType {
    /// The most operands that an instruction may move on account of this type.
    pub(crate) fn width(&self) -> usize {
        match &self.composite {
            CompositeType::Func(ty) => ty.values.len(),
            CompositeType::Struct(ty) => ty.fields().len(),
            // As many as the instruction that makes one from its elements says.
            CompositeType::Array(_) => usize::MAX,
        }
    }
}

impl From<FuncType> for SubType {
    /// A function type as most modules define it: final, extending nothing.
    fn from(ty: FuncType) -> SubType {
        SubType {
            is_final: true,
            supertype: None,
            composite: CompositeType::Func(ty),
        }
    }
}

impl fmt::Display for SubType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_final && self.supertype.is_none() {
            return self.composite.fmt(f);
        }
        f.write_str("(sub")?;
        if self.is_final {
            f.write_str(" final")?;
        }
        if let Some(supertype) = self.supertype {
            write!(f, " {supertype}")?;
        }
        write!(f, " {})", self.composite)
    }
}
