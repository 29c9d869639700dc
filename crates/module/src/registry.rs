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
//! array.
//!
//! Cost: interning is linear in a group's size and hash based, with one short lock for each group;
//! nothing else is locked while a module is decoded. Every other operation is constant time under
//! a read lock. Types stay for as long as the registry lives.
//!
//! [recursive group]: https://webassembly.github.io/spec/core/syntax/types.html#recursive-types

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::hash::BuildHasher;
use core::num::NonZeroU32;

use hashbrown::HashTable;

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
pub struct TypeId(NonZeroU32);

impl TypeId {
    /// Set in the number of a type that is a member of the group being looked up, instead of one
    /// that the registry holds.
    const MEMBER: u32 = 1 << 31;

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

    /// The `position`th type of the registry; `None` when there can be no more.
    fn at(position: usize) -> Option<TypeId> {
        let number = u32::try_from(position).ok()?.checked_add(1)?;
        if number & TypeId::MEMBER != 0 {
            None
        } else {
            TypeId::from_u32(number)
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

    fn position(self) -> usize {
        (self.0.get() - 1) as usize
    }
}

impl fmt::Display for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "$type{}", self.0)
    }
}

/// The registry holds as many types as it can number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RegistryFull;

impl RegistryFull {
    /// The same as a reason why a module is refused.
    pub(crate) fn error(self, offset: usize) -> ModuleError {
        let maximum = u64::from(TypeId::MEMBER) - 1;
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
    types: RwLock<Types>,
}

/// What the lock guards.
#[derive(Default)]
struct Types {
    /// The types, by number.
    entries: Vec<Entry>,
    groups: Vec<Group>,
    /// Positions in `groups`, by the hash of the group.
    by_hash: HashTable<u32>,
    hash: HashState,
}

struct Entry {
    ty: SubType,
    /// Every type that this one extends, the root of its hierarchy first.
    supertypes: Box<[TypeId]>,
}

struct Group {
    first: usize,
    len: usize,
    hash: u64,
    /// The group as it is looked up, if its members refer to each other; else the entries are it.
    relative: Option<Box<[SubType]>>,
}

impl TypeRegistry {
    /// A registry without types.
    #[must_use]
    pub fn new() -> TypeRegistry {
        TypeRegistry::default()
    }

    /// The number of a plain function type: final, extending nothing, alone in its group. That is
    /// what a function type of a host is, and every one of a module that does not use the garbage
    /// collection proposal's forms.
    ///
    /// Linear in the length of the type.
    ///
    /// # Panics
    ///
    /// If the registry holds 2^31 types already.
    pub fn intern_func(&self, ty: &FuncType) -> TypeId {
        let group = [SubType::from(ty.clone())];
        let mut found = None;
        self.intern_group(&group, |id, _| found = Some(id))
            .expect("the registry is full: 2^31 types");
        found.expect("a group of one type has one number")
    }

    /// The function type with this number; `None` if the registry has no such number or the type
    /// is not a function's. Cheap: the type is shared.
    #[must_use]
    pub fn func_type(&self, id: TypeId) -> Option<FuncType> {
        self.read(|types| types.entries.get(id.position())?.ty.as_func().cloned())
    }

    /// The type with this number. Cheap: its parts are shared.
    #[must_use]
    pub fn sub_type(&self, id: TypeId) -> Option<SubType> {
        self.read(|types| Some(types.entries.get(id.position())?.ty.clone()))
    }

    /// Whether the type `a` is the type `b` or extends it, however remotely. Constant time.
    #[must_use]
    pub fn is_subtype(&self, a: TypeId, b: TypeId) -> bool {
        a == b
            || self.read(|types| {
                let (Some(sub), Some(sup)) = (
                    types.entries.get(a.position()),
                    types.entries.get(b.position()),
                ) else {
                    return false;
                };
                sub.supertypes.get(sup.supertypes.len()) == Some(&b)
            })
    }

    /// How many distinct types it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read(|types| types.entries.len())
    }

    /// Whether it holds no type.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The abstract type right above a defined one.
    pub(crate) fn kind_of(&self, id: TypeId) -> Option<HeapType> {
        self.read(|types| {
            Some(match types.entries.get(id.position())?.ty.composite {
                CompositeType::Func(_) => HeapType::Func,
                CompositeType::Struct(_) => HeapType::Struct,
                CompositeType::Array(_) => HeapType::Array,
            })
        })
    }

    /// Interns a recursive group, in which members refer to each other by [`TypeId::member`], and
    /// tells the number and the canonical form of each member, in order.
    pub(crate) fn intern_group(
        &self,
        group: &[SubType],
        mut tell: impl FnMut(TypeId, &SubType),
    ) -> Result<(), RegistryFull> {
        if self.read(|types| types.find(group, &mut tell)) {
            return Ok(());
        }
        self.write(|types| types.insert(group, &mut tell))
    }

    #[cfg(feature = "std")]
    fn read<R>(&self, f: impl FnOnce(&Types) -> R) -> R {
        // Every change leaves the types consistent before anything can panic.
        f(&self
            .types
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    #[cfg(feature = "std")]
    fn write<R>(&self, f: impl FnOnce(&mut Types) -> R) -> R {
        f(&mut self
            .types
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    #[cfg(not(feature = "std"))]
    fn read<R>(&self, f: impl FnOnce(&Types) -> R) -> R {
        f(&self.types.read())
    }

    #[cfg(not(feature = "std"))]
    fn write<R>(&self, f: impl FnOnce(&mut Types) -> R) -> R {
        f(&mut self.types.write())
    }
}

impl fmt::Debug for TypeRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypeRegistry")
            .field("len", &self.len())
            .finish()
    }
}

impl Types {
    /// Whether the group is there; if so, tells its members.
    fn find(&self, group: &[SubType], tell: &mut impl FnMut(TypeId, &SubType)) -> bool {
        let hash = self.hash.hash_one(group);
        let found = self
            .by_hash
            .find(hash, |&at| self.groups[at as usize].is(group, self));
        let Some(&at) = found else { return false };
        let first = self.groups[at as usize].first;
        self.tell(first, group.len(), tell);
        true
    }

    fn tell(&self, first: usize, len: usize, tell: &mut impl FnMut(TypeId, &SubType)) {
        for (offset, entry) in self.entries[first..first + len].iter().enumerate() {
            let id = TypeId::at(first + offset).expect("it was numbered when it was stored");
            tell(id, &entry.ty);
        }
    }

    fn insert(
        &mut self,
        group: &[SubType],
        tell: &mut impl FnMut(TypeId, &SubType),
    ) -> Result<(), RegistryFull> {
        // Another thread may have stored it between our two locks.
        if self.find(group, tell) {
            return Ok(());
        }
        let first = self.entries.len();
        if !group.is_empty() {
            TypeId::at(first + group.len() - 1).ok_or(RegistryFull)?;
        }
        let hash = self.hash.hash_one(group);
        let mut is_relative = false;
        for member in group {
            let ty = member.map_ids(|id| match id.as_member() {
                Some(position) => {
                    is_relative = true;
                    TypeId::at(first + position).expect("the whole group can be numbered")
                }
                None => id,
            });
            let supertypes = self.supertypes(&ty);
            self.entries.push(Entry { ty, supertypes });
        }
        let relative = is_relative.then(|| group.into());
        let at = u32::try_from(self.groups.len()).map_err(|_| RegistryFull)?;
        self.groups.push(Group {
            first,
            len: group.len(),
            hash,
            relative,
        });
        let groups = &self.groups;
        self.by_hash
            .insert_unique(hash, at, |&at| groups[at as usize].hash);
        self.tell(first, group.len(), tell);
        Ok(())
    }

    /// The chain of supertypes of a type whose supertype is stored already.
    fn supertypes(&self, ty: &SubType) -> Box<[TypeId]> {
        let Some(parent) = ty.supertype else {
            return Box::default();
        };
        let above = self
            .entries
            .get(parent.position())
            .map_or(&[][..], |entry| &entry.supertypes);
        let mut chain = Vec::with_capacity(above.len() + 1);
        chain.extend_from_slice(above);
        chain.push(parent);
        chain.into_boxed_slice()
    }
}

impl Group {
    fn is(&self, group: &[SubType], types: &Types) -> bool {
        if self.len != group.len() {
            return false;
        }
        match &self.relative {
            Some(relative) => **relative == *group,
            None => types.entries[self.first..self.first + self.len]
                .iter()
                .map(|entry| &entry.ty)
                .eq(group),
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
    fn type_id(&self) -> Option<TypeId> {
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
