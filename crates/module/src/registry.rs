//! Canonical types: one number for each distinct type, across all modules of an engine.
//!
//! WebAssembly compares types by structure, and a call through a table compares them at run time,
//! possibly between modules. So each module's types are interned when it is decoded, and from then
//! on two types are equal exactly when their [`TypeId`]s are.
//!
//! What is interned is the [recursive group], the unit in which the specification compares types.
//! Within a group, references to members are relative while it is looked up, so that equal groups
//! are equal wherever they stand; they become absolute when the group is stored. Each type keeps
//! the chain of its supertypes from the root down, which makes the subtype test one look into an
//! array. A function type that is more than its parameters and results (it can be extended,
//! extends another one, or is a member of a group) carries its number from then on.
//!
//! Cost: interning is linear in a group's size and, but for the first few groups, hash based, with
//! one short lock for each group; nothing else is locked while a module is decoded. Every other
//! operation is constant time and takes no lock. Types stay for as long as the registry lives.
//!
//! [recursive group]: https://webassembly.github.io/spec/core/syntax/types.html#recursive-types

mod entries;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::hash::BuildHasher;
use core::num::NonZeroU32;

use hashbrown::HashTable;

use self::entries::{Entries, Entry};
use crate::{
    CompositeType, FieldType, FuncType, HeapType, Limit, ModuleError, StorageType, StructType,
    SubType, ValType,
};

/// The platform's keyed hash where there is one, so that a guest cannot aim for collisions.
#[cfg(feature = "std")]
type HashState = std::hash::RandomState;
#[cfg(not(feature = "std"))]
type HashState = hashbrown::DefaultHashBuilder;

#[cfg(feature = "std")]
type RwLock<T> = std::sync::RwLock<T>;
#[cfg(not(feature = "std"))]
type RwLock<T> = spin::RwLock<T>;

/// The number of a type in a [`TypeRegistry`]: equal types have equal numbers, whichever modules
/// they come from, and different types have different ones.
///
/// It means nothing in another registry. Zero is no type's number, so `Option<TypeId>` is four
/// bytes and a zeroed word matches no type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TypeId(
    /// Which type it is, counted from one, above two bits that tell its [kind](TypeId::kind).
    NonZeroU32,
);

impl TypeId {
    /// Set in the number of a type that is a member of the group being looked up, instead of one
    /// that the registry holds. Such a number tells no kind.
    const MEMBER: u32 = 1 << 31;

    /// Bits that tell the kind.
    const KIND_BITS: u32 = 2;

    /// So many types can be numbered.
    const MOST: u32 = (TypeId::MEMBER >> TypeId::KIND_BITS) - 1;

    /// The id with a number that [`TypeId::as_u32`] gave; `None` for zero.
    #[must_use]
    pub const fn from_u32(number: u32) -> Option<TypeId> {
        match NonZeroU32::new(number) {
            Some(number) => Some(TypeId(number)),
            None => None,
        }
    }

    /// The number: never zero, below 2^31.
    #[must_use]
    #[inline]
    pub const fn as_u32(self) -> u32 {
        self.0.get()
    }

    /// What kind of type it is: [`HeapType::Func`], [`HeapType::Struct`] or [`HeapType::Array`].
    #[must_use]
    #[inline]
    pub const fn kind(self) -> HeapType {
        match self.0.get() & ((1 << TypeId::KIND_BITS) - 1) {
            0 => HeapType::Func,
            1 => HeapType::Struct,
            _ => HeapType::Array,
        }
    }

    /// The `position`th type of the registry, which is of this form; `None` when there can be no
    /// more.
    fn at(position: usize, form: &CompositeType) -> Option<TypeId> {
        let number = u32::try_from(position).ok()?.checked_add(1)?;
        let kind = match form {
            CompositeType::Func(_) => 0,
            CompositeType::Struct(_) => 1,
            CompositeType::Array(_) => 2,
        };
        if number > TypeId::MOST {
            None
        } else {
            TypeId::from_u32(number << TypeId::KIND_BITS | kind)
        }
    }

    /// The `position`th member of the group being looked up.
    pub(crate) fn member(position: u32) -> TypeId {
        TypeId(NonZeroU32::new(position | TypeId::MEMBER).expect("the member bit is set"))
    }

    /// Which member of its own group this is, if that is what it says.
    fn as_member(self) -> Option<usize> {
        let number = self.0.get();
        (number & TypeId::MEMBER != 0).then_some((number & !TypeId::MEMBER) as usize)
    }

    /// Which type it is, counted from one.
    #[inline]
    const fn ordinal(self) -> u32 {
        self.0.get() >> TypeId::KIND_BITS
    }
}

impl fmt::Display for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "$type{}", self.ordinal())
    }
}

/// The registry holds as many types as it can number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RegistryFull;

impl RegistryFull {
    /// The same as a reason why a module is refused.
    pub(crate) fn error(self, offset: usize) -> ModuleError {
        let maximum = u64::from(TypeId::MOST);
        ModuleError::limit(Limit::Types, maximum + 1, maximum, offset)
    }
}

/// Canonical types, shared by all modules of an engine. See [`TypeId`].
///
/// ```
/// use curta_module::{FuncType, TypeRegistry, ValType};
///
/// let registry = TypeRegistry::new();
/// let one = registry.intern_func(&FuncType::new([ValType::I32], []));
/// let same = registry.intern_func(&FuncType::new([ValType::I32], []));
/// let other = registry.intern_func(&FuncType::new([ValType::I64], []));
/// assert_eq!(one, same);
/// assert_ne!(one, other);
/// ```
#[derive(Default)]
pub struct TypeRegistry {
    /// The types, by number.
    entries: Entries,
    groups: RwLock<Groups>,
}

/// The groups that the types came in, to find them again.
#[derive(Default)]
struct Groups {
    /// How many types there are: the next one is so many numbers after the first.
    types: usize,
    groups: Vec<Group>,
    /// Where there are more than [`FEW`]; so many are looked through.
    index: Option<Index>,
}

/// So many groups are found without a hash: small modules have no more, and to begin hashing takes
/// a random key of the platform and a table.
const FEW: usize = 8;

/// Groups by their hash.
#[derive(Default)]
struct Index {
    positions: HashTable<Position>,
    hash: HashState,
}

struct Position {
    hash: u64,
    /// Which of the groups.
    at: u32,
}

struct Group {
    first: usize,
    len: usize,
    form: Form,
}

/// A group as it is looked up.
enum Form {
    /// The parameters and results of a function: the entry with this number is the same.
    Plain(TypeId),
    /// Members refer to each other by [`TypeId::member`].
    Relative(Box<[SubType]>),
}

impl TypeRegistry {
    /// A registry without types.
    #[must_use]
    pub fn new() -> TypeRegistry {
        TypeRegistry::default()
    }

    /// The number of a function type.
    ///
    /// A type made by [`FuncType::new`] is a plain one: final, extending nothing, alone in its
    /// group. That is what a function of a host has, and every function of a module that does not
    /// use the garbage collection proposal's forms. A type that a module of this registry defines
    /// otherwise has [its number](FuncType::type_id) already; the one of another registry is taken
    /// for the plain type of the same parameters and results.
    ///
    /// Linear in the length of the type.
    ///
    /// # Panics
    ///
    /// If the registry holds 2^29 types already.
    pub fn intern_func(&self, ty: &FuncType) -> TypeId {
        if let Some(id) = ty.type_id()
            && self.contains(ty)
        {
            return id;
        }
        let group = [SubType::from(ty.with_type_id(None))];
        let mut found = None;
        self.intern_group(&group, |id, _| found = Some(id))
            .expect("the registry is full: 2^29 types");
        found.expect("a group of one type has one number")
    }

    /// The function type with this number; `None` if the registry has no such number or the type
    /// is not a function's. Cheap: the type is shared.
    #[must_use]
    pub fn func_type(&self, id: TypeId) -> Option<FuncType> {
        self.entries.get(id)?.ty.as_func().cloned()
    }

    /// The type with this number. Cheap: its parts are shared.
    #[must_use]
    pub fn sub_type(&self, id: TypeId) -> Option<SubType> {
        Some(self.entries.get(id)?.ty.clone())
    }

    /// Whether the type `a` is the type `b` or extends it, however remotely. Constant time, and no
    /// lock is taken.
    #[must_use]
    #[inline]
    pub fn is_subtype(&self, a: TypeId, b: TypeId) -> bool {
        a == b || self.extends(a, b)
    }

    /// Whether a type is a proper subtype of another: `b` is in the chain of `a` at the depth at
    /// which it is in its own hierarchy.
    fn extends(&self, a: TypeId, b: TypeId) -> bool {
        let (Some(sub), Some(sup)) = (self.entries.get(a), self.entries.get(b)) else {
            return false;
        };
        sub.supertypes.get(sup.supertypes.len()) == Some(&b)
    }

    /// How many types a type extends, the one that it names and those that this extends.
    pub(crate) fn depth(&self, id: TypeId) -> usize {
        self.entries
            .get(id)
            .map_or(0, |entry| entry.supertypes.len())
    }

    /// Whether every number in a function type is one of this registry's, and its own number that
    /// of the same type. A type that came from a module of another engine most often fails this.
    ///
    /// ```
    /// use curta_module::{FuncType, TypeRegistry, ValType};
    ///
    /// // Without numbers, a type means the same everywhere.
    /// assert!(TypeRegistry::new().contains(&FuncType::new([ValType::I32], [])));
    /// ```
    #[must_use]
    pub fn contains(&self, ty: &FuncType) -> bool {
        let mut values = ty.params().iter().chain(ty.results());
        values.all(|value| self.contains_value(*value))
            && ty.type_id().is_none_or(|id| {
                let entry = self.entries.get(id);
                entry.is_some_and(|entry| entry.ty.as_func() == Some(ty))
            })
    }

    /// Whether the type that a value type refers to, if it does, is one of this registry's.
    #[must_use]
    pub fn contains_value(&self, ty: ValType) -> bool {
        ty.type_id().is_none_or(|id| {
            let entry = self.entries.get(id);
            entry.is_some_and(|entry| entry.ty.composite.kind() == id.kind())
        })
    }

    /// How many distinct types it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read(|groups| groups.types)
    }

    /// Whether it holds no type.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Interns a recursive group, in which members refer to each other by [`TypeId::member`], and
    /// tells the number and the canonical form of each member, in order.
    pub(crate) fn intern_group(
        &self,
        group: &[SubType],
        mut tell: impl FnMut(TypeId, &SubType),
    ) -> Result<(), RegistryFull> {
        let found = self.read(|groups| groups.find(group, &self.entries));
        let first = match found {
            Some(first) => first,
            None => self.write(|groups| groups.insert(group, &self.entries))?,
        };
        for (position, member) in (first..).zip(group) {
            let id = TypeId::at(position, &member.composite);
            let id = id.expect("it was numbered when it was stored");
            let entry = self.entries.get(id).expect("it was stored");
            tell(id, &entry.ty);
        }
        Ok(())
    }

    #[cfg(feature = "std")]
    fn read<R>(&self, f: impl FnOnce(&Groups) -> R) -> R {
        // Every change leaves the groups consistent before anything can panic.
        f(&self
            .groups
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    #[cfg(feature = "std")]
    fn write<R>(&self, f: impl FnOnce(&mut Groups) -> R) -> R {
        f(&mut self
            .groups
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    #[cfg(not(feature = "std"))]
    fn read<R>(&self, f: impl FnOnce(&Groups) -> R) -> R {
        f(&self.groups.read())
    }

    #[cfg(not(feature = "std"))]
    fn write<R>(&self, f: impl FnOnce(&mut Groups) -> R) -> R {
        f(&mut self.groups.write())
    }
}

impl fmt::Debug for TypeRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypeRegistry")
            .field("len", &self.len())
            .finish()
    }
}

impl Groups {
    /// The position of the group's first type, if the group is there.
    fn find(&self, group: &[SubType], entries: &Entries) -> Option<usize> {
        let Some(Index { positions, hash }) = &self.index else {
            let mut groups = self.groups.iter();
            return Some(groups.find(|known| known.is(group, entries))?.first);
        };
        let is_it = |position: &Position| self.groups[position.at as usize].is(group, entries);
        let position = positions.find(hash.hash_one(group), is_it)?;
        Some(self.groups[position.at as usize].first)
    }

    /// Stores the group and gives the position of its first type.
    fn insert(&mut self, group: &[SubType], entries: &Entries) -> Result<usize, RegistryFull> {
        // Another thread may have stored it between our two locks.
        if let Some(first) = self.find(group, entries) {
            return Ok(first);
        }
        let first = self.types;
        if group.len() > (TypeId::MOST as usize).saturating_sub(first) {
            return Err(RegistryFull);
        }
        let at = u32::try_from(self.groups.len()).map_err(|_| RegistryFull)?;
        let number = |position: usize| {
            TypeId::at(first + position, &group[position].composite).expect("there is room")
        };
        let is_plain = is_plain(group);
        for (position, member) in group.iter().enumerate() {
            let id = number(position);
            let mut ty = member.map_ids(|id| id.as_member().map_or(id, number));
            if let (CompositeType::Func(function), false) = (&mut ty.composite, is_plain) {
                *function = function.with_type_id(Some(id));
            }
            let supertypes = chain(&ty, entries);
            entries.set(id, Entry { ty, supertypes });
        }
        self.types += group.len();
        self.groups.push(Group {
            first,
            len: group.len(),
            form: if is_plain {
                Form::Plain(number(0))
            } else {
                Form::Relative(group.into())
            },
        });
        match &mut self.index {
            Some(index) => index.insert(group, at),
            None if self.groups.len() > FEW => {
                let index = self.index.insert(Index::default());
                for (group, at) in self.groups.iter().zip(0..) {
                    index.insert(group.looked_up(entries), at);
                }
            }
            None => {}
        }
        Ok(first)
    }
}

impl Index {
    fn insert(&mut self, group: &[SubType], at: u32) {
        let hash = self.hash.hash_one(group);
        self.positions
            .insert_unique(hash, Position { hash, at }, |position| position.hash);
    }
}

/// Whether a group is nothing but the parameters and results of a function.
fn is_plain(group: &[SubType]) -> bool {
    let [only] = group else { return false };
    let Some(function) = only.as_func() else {
        return false;
    };
    let refers_to_itself = |value: &ValType| value.type_id().and_then(TypeId::as_member).is_some();
    only.is_final
        && only.supertype.is_none()
        && !function
            .params()
            .iter()
            .chain(function.results())
            .any(refers_to_itself)
}

/// The chain of supertypes of a type whose supertype is stored already.
fn chain(ty: &SubType, entries: &Entries) -> Box<[TypeId]> {
    let Some(parent) = ty.supertype else {
        return Box::default();
    };
    let above = entries
        .get(parent)
        .map_or(&[][..], |entry| &entry.supertypes);
    let mut chain = Vec::with_capacity(above.len() + 1);
    chain.extend_from_slice(above);
    chain.push(parent);
    chain.into_boxed_slice()
}

impl Group {
    fn is(&self, group: &[SubType], entries: &Entries) -> bool {
        self.len == group.len() && self.looked_up(entries) == group
    }

    /// The group as it is looked up.
    fn looked_up<'e>(&'e self, entries: &'e Entries) -> &'e [SubType] {
        match &self.form {
            Form::Plain(id) => {
                let entry = entries.get(*id).expect("it was stored");
                core::slice::from_ref(&entry.ty)
            }
            Form::Relative(group) => group,
        }
    }
}

impl SubType {
    /// The same type with every [`TypeId`] in it replaced; shares what has none.
    fn map_ids(&self, mut f: impl FnMut(TypeId) -> TypeId) -> SubType {
        SubType {
            is_final: self.is_final,
            supertype: self.supertype.map(&mut f),
            composite: match &self.composite {
                CompositeType::Func(ty) => CompositeType::Func(ty.map_ids(f)),
                CompositeType::Struct(ty) => CompositeType::Struct(StructType::new(
                    ty.fields().iter().map(|field| field.map_ids(&mut f)),
                )),
                CompositeType::Array(ty) => CompositeType::Array(crate::ArrayType {
                    element: ty.element.map_ids(f),
                }),
            },
        }
    }
}

impl FuncType {
    fn map_ids(&self, mut f: impl FnMut(TypeId) -> TypeId) -> FuncType {
        if !self
            .params()
            .iter()
            .chain(self.results())
            .any(|value| value.type_id().is_some())
        {
            return self.clone();
        }
        // Twice, because one closure cannot be lent to both iterators at once.
        let params: Vec<ValType> = self.params().iter().map(|v| v.map_ids(&mut f)).collect();
        FuncType::new(params, self.results().iter().map(|v| v.map_ids(&mut f)))
    }
}

impl FieldType {
    fn map_ids(&self, f: impl FnMut(TypeId) -> TypeId) -> FieldType {
        let storage = match self.storage {
            StorageType::Val(value) => StorageType::Val(value.map_ids(f)),
            StorageType::I8 => StorageType::I8,
            StorageType::I16 => StorageType::I16,
        };
        FieldType {
            storage,
            mutable: self.mutable,
        }
    }
}

impl ValType {
    /// The defined type that it refers to, if it does.
    fn type_id(self) -> Option<TypeId> {
        match self.as_ref()?.heap {
            HeapType::Concrete(id) => Some(id),
            _ => None,
        }
    }

    fn map_ids(&self, mut f: impl FnMut(TypeId) -> TypeId) -> ValType {
        match *self {
            ValType::Ref(mut reference) => {
                if let HeapType::Concrete(id) = reference.heap {
                    reference.heap = HeapType::Concrete(f(id));
                }
                ValType::Ref(reference)
            }
            value => value,
        }
    }
}

#[cfg(test)]
mod tests;
