//! Values as the host sees them, when their types are known only at run time.

use super::{exception::ExnRef, externref::ExternRef, func::Func, store::foreign};
use crate::{
    error::Error,
    store::{
        func::FuncHandle,
        store::{StoreId, StoreInner},
    },
};
use alloc::{format, string::String};
use core::fmt;
use curta_module::{FuncType, HeapType, RefType, TypeId, TypeRegistry, ValType};

/// A WebAssembly value with its type.
///
/// Floating-point numbers are kept as bits, so that no NaN changes on its way. References are told
/// apart by their hierarchy: one to a function of a known type is a `FuncRef`, too.
///
/// ```
/// use curta::Val;
///
/// assert_eq!(Val::from(3).i32(), Some(3));
/// assert_eq!(Val::from(-1.5f64).to_string(), "-1.5");
/// assert_eq!(Val::F32(0x7fa0_0000).to_string(), "nan:0x200000");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Val {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// The bits of a 32-bit float.
    F32(u32),
    /// The bits of a 64-bit float.
    F64(u64),
    /// A reference to a function, or null.
    FuncRef(Option<Func>),
    /// A reference to an object of the host's, or null.
    ExternRef(Option<ExternRef>),
    /// A reference to an object of a guest's, or null.
    AnyRef(Option<AnyRef>),
    /// A reference to an exception, or null.
    ExnRef(Option<ExnRef>),
}

/// A reference to an object of a guest's: a structure, an array or a small integer.
///
/// There are none yet: the instructions that make them are not built, so every reference to one
/// is null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnyRef {
    store: StoreId,
    /// The reference as a word of the store; not null.
    word: u64,
}

/// How a type's values are kept in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    I32,
    I64,
    F32,
    F64,
    Func,
    Extern,
    Any,
    Exn,
}

/// `None` for types that are not built yet: vectors.
fn kind(ty: ValType) -> Option<Kind> {
    match ty {
        ValType::I32 => Some(Kind::I32),
        ValType::I64 => Some(Kind::I64),
        ValType::F32 => Some(Kind::F32),
        ValType::F64 => Some(Kind::F64),
        ValType::V128 => None,
        ValType::Ref(RefType { heap, .. }) => Some(match heap.top() {
            HeapType::Func => Kind::Func,
            HeapType::Extern => Kind::Extern,
            HeapType::Exn => Kind::Exn,
            _ => Kind::Any,
        }),
    }
}

/// Refuses a type that nothing of an engine can have: its values are not built yet, or it names a
/// type of another engine.
pub(crate) fn check_type(ty: ValType, registry: &TypeRegistry) -> Result<(), Error> {
    match ty {
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 => Ok(()),
        ValType::V128 => Err(Error::usage(format!(
            "values of type {ty} are not built yet"
        ))),
        ValType::Ref(_) if registry.contains_value(ty) => Ok(()),
        ValType::Ref(_) => Err(Error::usage(format!(
            "the type {ty} belongs to another engine"
        ))),
    }
}

/// Refuses function types likewise.
pub(crate) fn check_types(ty: &FuncType, registry: &TypeRegistry) -> Result<(), Error> {
    for value in ty.params().iter().chain(ty.results()) {
        check_type(*value, registry)?;
    }
    if ty.type_id().is_none() || registry.contains(ty) {
        return Ok(());
    }
    Err(Error::usage(format!(
        "the type {ty} belongs to another engine"
    )))
}

impl Val {
    /// The type: of a reference, the most general one of its hierarchy.
    pub fn ty(&self) -> ValType {
        match self {
            Val::I32(_) => ValType::I32,
            Val::I64(_) => ValType::I64,
            Val::F32(_) => ValType::F32,
            Val::F64(_) => ValType::F64,
            Val::FuncRef(_) => ValType::FUNCREF,
            Val::ExternRef(_) => ValType::EXTERNREF,
            Val::AnyRef(_) => RefType::ANYREF.into(),
            Val::ExnRef(_) => RefType::EXNREF.into(),
        }
    }

    /// The value that a local of type `ty` starts out with: zero or null. `None` if the type has
    /// none, or is not built yet.
    pub fn default_for_ty(ty: ValType) -> Option<Val> {
        if !ty.is_defaultable() {
            return None;
        }
        Some(match kind(ty)? {
            Kind::I32 => Val::I32(0),
            Kind::I64 => Val::I64(0),
            Kind::F32 => Val::F32(0),
            Kind::F64 => Val::F64(0),
            Kind::Func => Val::FuncRef(None),
            Kind::Extern => Val::ExternRef(None),
            Kind::Any => Val::AnyRef(None),
            Kind::Exn => Val::ExnRef(None),
        })
    }

    /// Whether this is a null reference.
    pub fn is_null(&self) -> bool {
        match self {
            Val::FuncRef(reference) => reference.is_none(),
            Val::ExternRef(reference) => reference.is_none(),
            Val::AnyRef(reference) => reference.is_none(),
            Val::ExnRef(reference) => reference.is_none(),
            Val::I32(_) | Val::I64(_) | Val::F32(_) | Val::F64(_) => false,
        }
    }

    /// Whether the value may be used where `expected` is asked for in `store`, to which it belongs.
    fn matches(&self, expected: ValType, store: &StoreInner) -> bool {
        let ValType::Ref(reference) = expected else {
            return self.ty() == expected;
        };
        if self.is_null() {
            return reference.nullable && kind(expected) == kind(self.ty());
        }
        match self {
            Val::FuncRef(Some(func)) => func.is_of(reference, store),
            // What the host knows of these is their hierarchy.
            Val::ExternRef(_) => reference.heap == HeapType::Extern,
            Val::AnyRef(_) => reference.heap == HeapType::Any,
            Val::ExnRef(_) => reference.heap == HeapType::Exn,
            Val::FuncRef(None) | Val::I32(_) | Val::I64(_) | Val::F32(_) | Val::F64(_) => false,
        }
    }

    /// The value as a word of a store.
    ///
    /// # Errors
    /// When it is a reference of another store.
    #[inline]
    pub(crate) fn into_word(self, store: StoreId) -> Result<u64, Error> {
        let (home, word, what) = match self {
            Val::I32(value) => return Ok(u64::from(value as u32)),
            Val::I64(value) => return Ok(value as u64),
            Val::F32(bits) => return Ok(u64::from(bits)),
            Val::F64(bits) => return Ok(bits),
            Val::FuncRef(None) | Val::ExternRef(None) | Val::AnyRef(None) | Val::ExnRef(None) => {
                return Ok(0);
            }
            Val::FuncRef(Some(func)) => (func.store, func.handle.0, "Func"),
            Val::ExternRef(Some(object)) => (object.store, object.word, "ExternRef"),
            Val::AnyRef(Some(object)) => (object.store, object.word, "AnyRef"),
            Val::ExnRef(Some(exception)) => (exception.store, exception.word, "ExnRef"),
        };
        if home == store {
            Ok(word)
        } else {
            Err(foreign(what))
        }
    }

    /// The value as a word of a store, where `expected` is asked for. `complain` puts what does not
    /// match into its place.
    ///
    /// # Errors
    /// When it is a reference of another store, or no value of that type.
    pub(crate) fn checked_word(
        self,
        expected: ValType,
        store: &StoreInner,
        complain: impl FnOnce(Mismatch<'_>) -> String,
    ) -> Result<u64, Error> {
        let word = self.into_word(store.id)?;
        if self.matches(expected, store) {
            return Ok(word);
        }
        Err(Error::usage(complain(Mismatch {
            expected,
            found: self,
            store,
        })))
    }

    /// The value of a word of a store.
    pub(crate) fn from_word(word: u64, ty: ValType, store: &StoreInner) -> Val {
        let is_null = word == 0;
        let id = store.id;
        match kind(ty).expect("values that are not built are refused when types come in") {
            // The upper half of a narrow value's word may hold anything.
            Kind::I32 => Val::I32(word as u32 as i32),
            Kind::I64 => Val::I64(word as i64),
            Kind::F32 => Val::F32(word as u32),
            Kind::F64 => Val::F64(word),
            Kind::Func => Val::FuncRef(Func::from_handle(FuncHandle(word), id)),
            Kind::Extern => Val::ExternRef((!is_null).then_some(ExternRef { store: id, word })),
            Kind::Any => Val::AnyRef((!is_null).then_some(AnyRef { store: id, word })),
            Kind::Exn => Val::ExnRef((!is_null).then(|| ExnRef::from_word(word, store))),
        }
    }
}

impl Func {
    /// Whether the function, of this store, may be used where a reference type is asked for.
    fn is_of(&self, expected: RefType, store: &StoreInner) -> bool {
        let signature = TypeId::from_u32(store.func(self.handle).signature);
        signature.is_some_and(|id| {
            let found = RefType::new(false, HeapType::Concrete(id));
            found.matches(expected, &store.registry)
        })
    }
}

/// A value that is not of the type that is asked for: `expected …, found …`, with what a defined
/// type is.
pub(crate) struct Mismatch<'a> {
    expected: ValType,
    found: Val,
    store: &'a StoreInner,
}

impl fmt::Display for Mismatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)?;
        if let Some(RefType {
            heap: HeapType::Concrete(id),
            ..
        }) = self.expected.as_ref()
            && let Some(defined) = self.store.registry.sub_type(id)
        {
            write!(f, " where {id} is {}", defined.composite)?;
        }
        match self.found {
            found if kind(found.ty()) != kind(self.expected) => write!(f, ", found {}", found.ty()),
            found if found.is_null() => f.write_str(", found null"),
            Val::FuncRef(Some(func)) => {
                let ty = self.store.func_type(func.handle);
                write!(f, ", found a function of type {ty}")
            }
            found => write!(f, ", found {}", found.ty()),
        }
    }
}

/// The accessors of one variant.
macro_rules! accessors {
    ($($variant:ident $ty:ty, $get:ident $unwrap:ident $what:literal $convert:expr;)*) => {$(
        #[doc = concat!("The ", $what, ", if it is one.")]
        pub fn $get(&self) -> Option<$ty> {
            match self {
                Val::$variant(value) => Some($convert(*value)),
                _ => None,
            }
        }

        #[doc = concat!("The ", $what, ".")]
        ///
        /// # Panics
        /// When the value is of another type.
        #[track_caller]
        pub fn $unwrap(&self) -> $ty {
            match self.$get() {
                Some(value) => value,
                None => panic!(concat!("expected a value of type ", $what, ", found {}"), self.ty()),
            }
        }
    )*};
}

impl Val {
    accessors! {
        I32 i32, i32 unwrap_i32 "`i32`" core::convert::identity;
        I64 i64, i64 unwrap_i64 "`i64`" core::convert::identity;
        F32 f32, f32 unwrap_f32 "`f32`" f32::from_bits;
        F64 f64, f64 unwrap_f64 "`f64`" f64::from_bits;
        FuncRef Option<Func>, funcref unwrap_funcref "`funcref`" core::convert::identity;
        ExternRef Option<ExternRef>, externref unwrap_externref "`externref`" core::convert::identity;
        AnyRef Option<AnyRef>, anyref unwrap_anyref "`anyref`" core::convert::identity;
        ExnRef Option<ExnRef>, exnref unwrap_exnref "`exnref`" core::convert::identity;
    }
}

macro_rules! from {
    ($($from:ty: $value:ident => $val:expr;)*) => {$(
        impl From<$from> for Val {
            fn from($value: $from) -> Val {
                $val
            }
        }
    )*};
}

from! {
    i32: value => Val::I32(value);
    u32: value => Val::I32(value as i32);
    i64: value => Val::I64(value);
    u64: value => Val::I64(value as i64);
    f32: value => Val::F32(value.to_bits());
    f64: value => Val::F64(value.to_bits());
    Func: func => Val::FuncRef(Some(func));
    Option<Func>: func => Val::FuncRef(func);
    ExternRef: object => Val::ExternRef(Some(object));
    Option<ExternRef>: object => Val::ExternRef(object);
    AnyRef: object => Val::AnyRef(Some(object));
    Option<AnyRef>: object => Val::AnyRef(object);
    ExnRef: exception => Val::ExnRef(Some(exception));
    Option<ExnRef>: exception => Val::ExnRef(exception);
}

/// The value alone, as the text format writes it; references as `null`, or `func`, `extern`, `any`
/// and `exn`.
impl fmt::Display for Val {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Val::I32(value) => value.fmt(f),
            Val::I64(value) => value.fmt(f),
            Val::F32(bits) => match f32::from_bits(*bits) {
                value if value.is_nan() => nan(f, bits >> 31 != 0, (bits & 0x7f_ffff).into(), 22),
                // Bounds beyond which digits would only be zeros.
                value if value != 0.0 && !(1e-5..1e16).contains(&value.abs()) => {
                    write!(f, "{value:e}")
                }
                value => value.fmt(f),
            },
            Val::F64(bits) => match f64::from_bits(*bits) {
                value if value.is_nan() => nan(f, bits >> 63 != 0, bits & 0xf_ffff_ffff_ffff, 51),
                value if value != 0.0 && !(1e-5..1e16).contains(&value.abs()) => {
                    write!(f, "{value:e}")
                }
                value => value.fmt(f),
            },
            Val::FuncRef(None) | Val::ExternRef(None) | Val::AnyRef(None) | Val::ExnRef(None) => {
                f.write_str("null")
            }
            Val::FuncRef(Some(_)) => f.write_str("func"),
            Val::ExternRef(Some(_)) => f.write_str("extern"),
            Val::AnyRef(Some(_)) => f.write_str("any"),
            Val::ExnRef(Some(_)) => f.write_str("exn"),
        }
    }
}

/// A NaN: `nan` if its payload is the canonical one, a single bit at the top.
fn nan(f: &mut fmt::Formatter<'_>, negative: bool, payload: u64, top: u32) -> fmt::Result {
    let sign = if negative { "-" } else { "" };
    match payload {
        canonical if canonical == 1 << top => write!(f, "{sign}nan"),
        payload => write!(f, "{sign}nan:{payload:#x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::Val;
    use alloc::string::ToString;
    use curta_module::ValType;

    #[test]
    fn values_are_written_as_the_text_format_has_them() {
        let text = |val: Val| val.to_string();
        assert_eq!(text(Val::I32(-3)), "-3");
        assert_eq!(text(Val::from(u64::MAX)), "-1");
        assert_eq!(text(Val::from(3.0f32)), "3");
        assert_eq!(text(Val::from(-0.0f64)), "-0");
        assert_eq!(text(Val::from(1e300)), "1e300");
        assert_eq!(text(Val::from(f32::INFINITY)), "inf");
        assert_eq!(text(Val::F64(0xfff8_0000_0000_0000)), "-nan");
        assert_eq!(text(Val::F64(0x7ff0_0000_0000_0001)), "nan:0x1");
        assert_eq!(text(Val::FuncRef(None)), "null");
    }

    #[test]
    fn defaults_are_zero_or_null() {
        assert_eq!(Val::default_for_ty(ValType::F64), Some(Val::F64(0)));
        assert_eq!(
            Val::default_for_ty(ValType::EXTERNREF),
            Some(Val::ExternRef(None))
        );
        assert_eq!(Val::default_for_ty(ValType::V128), None);
    }

    #[test]
    #[should_panic(expected = "expected a value of type `i64`, found i32")]
    fn unwrapping_another_type_names_both() {
        Val::I32(1).unwrap_i64();
    }
}
