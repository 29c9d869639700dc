//! What modules import and export, as handles of a store.

use super::{
    context::AsContext, func::Func, global::Global, memory::Memory, store::foreign, table::Table,
    tag::Tag,
};
use crate::{
    error::Error,
    store::{
        link::Item,
        store::{StoreId, StoreInner},
    },
};
use curta_module::ExternType;

/// Something that can be imported and exported.
///
/// ```
/// use curta::{Engine, Extern, Func, Store};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let external = Extern::from(Func::wrap(&mut store, |n: i64| (n == 0) as i32));
/// assert_eq!(external.ty(&store).to_string(), "(func (param i64) (result i32))");
/// assert!(external.into_func().is_some());
/// assert!(external.into_memory().is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extern {
    /// A function.
    Func(Func),
    /// A memory.
    Memory(Memory),
    /// A table.
    Table(Table),
    /// A global.
    Global(Global),
    /// A tag.
    Tag(Tag),
}

/// An export of an [`Instance`](crate::Instance).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Export<'a> {
    pub(crate) name: &'a str,
    pub(crate) external: Extern,
}

impl<'a> Export<'a> {
    /// The name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// What is exported.
    pub fn into_extern(self) -> Extern {
        self.external
    }
}

impl Extern {
    /// The type; of a memory or table with its present size as the minimum.
    ///
    /// # Panics
    /// When it belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> ExternType {
        let store = &ctx.as_context().store.inner;
        match self.item(store) {
            Ok(item) => store.item_type(item),
            Err(error) => panic!("{error}"),
        }
    }

    /// The function, if it is one.
    pub fn into_func(self) -> Option<Func> {
        match self {
            Extern::Func(func) => Some(func),
            Extern::Memory(_) | Extern::Table(_) | Extern::Global(_) | Extern::Tag(_) => None,
        }
    }

    /// The memory, if it is one.
    pub fn into_memory(self) -> Option<Memory> {
        match self {
            Extern::Memory(memory) => Some(memory),
            Extern::Func(_) | Extern::Table(_) | Extern::Global(_) | Extern::Tag(_) => None,
        }
    }

    /// The table, if it is one.
    pub fn into_table(self) -> Option<Table> {
        match self {
            Extern::Table(table) => Some(table),
            Extern::Func(_) | Extern::Memory(_) | Extern::Global(_) | Extern::Tag(_) => None,
        }
    }

    /// The global, if it is one.
    pub fn into_global(self) -> Option<Global> {
        match self {
            Extern::Global(global) => Some(global),
            Extern::Func(_) | Extern::Memory(_) | Extern::Table(_) | Extern::Tag(_) => None,
        }
    }

    /// The tag, if it is one.
    pub fn into_tag(self) -> Option<Tag> {
        match self {
            Extern::Tag(tag) => Some(tag),
            Extern::Func(_) | Extern::Memory(_) | Extern::Table(_) | Extern::Global(_) => None,
        }
    }

    /// The store's own name for it.
    ///
    /// # Errors
    /// When it belongs to another store.
    pub(crate) fn item(&self, store: &StoreInner) -> Result<Item, Error> {
        let (home, item, what) = match self {
            Extern::Func(func) => (func.store, Item::Func(func.handle), "Func"),
            Extern::Memory(memory) => (memory.store, Item::Memory(memory.id), "Memory"),
            Extern::Table(table) => (table.store, Item::Table(table.id), "Table"),
            Extern::Global(global) => (global.store, Item::Global(global.id), "Global"),
            Extern::Tag(tag) => (tag.store, Item::Tag(tag.id), "Tag"),
        };
        if home == store.id {
            Ok(item)
        } else {
            Err(foreign(what))
        }
    }

    /// A handle for something of a store.
    pub(crate) fn from_item(item: Item, store: StoreId) -> Extern {
        match item {
            Item::Func(handle) => Extern::Func(Func { store, handle }),
            Item::Memory(id) => Extern::Memory(Memory { store, id }),
            Item::Table(id) => Extern::Table(Table { store, id }),
            Item::Global(id) => Extern::Global(Global { store, id }),
            Item::Tag(id) => Extern::Tag(Tag { store, id }),
        }
    }
}

impl From<Func> for Extern {
    fn from(func: Func) -> Extern {
        Extern::Func(func)
    }
}

impl From<Memory> for Extern {
    fn from(memory: Memory) -> Extern {
        Extern::Memory(memory)
    }
}

impl From<Table> for Extern {
    fn from(table: Table) -> Extern {
        Extern::Table(table)
    }
}

impl From<Global> for Extern {
    fn from(global: Global) -> Extern {
        Extern::Global(global)
    }
}

impl From<Tag> for Extern {
    fn from(tag: Tag) -> Extern {
        Extern::Tag(tag)
    }
}
