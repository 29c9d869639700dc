//! References to objects of the host's.

use super::context::{AsContextMut, StoreContext, StoreContextMut};
use crate::store::store::StoreId;
use alloc::boxed::Box;
use core::any::Any;

/// A reference to an object of the host's, which guests can pass around and store but not look
/// into (`externref`).
///
/// ```
/// use curta::{Engine, ExternRef, Store};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let name = ExternRef::new(&mut store, String::from("curta"));
/// let object = name.data(&store).and_then(|object| object.downcast_ref::<String>());
/// assert_eq!(object.map(String::as_str), Some("curta"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExternRef {
    pub(crate) store: StoreId,
    /// The reference as a word of the store; not null.
    pub(crate) word: u64,
}

impl ExternRef {
    /// Moves an object into the store, where it lives as long as the store does.
    pub fn new(mut ctx: impl AsContextMut, object: impl Any + Send + Sync) -> ExternRef {
        let store = &mut ctx.as_context_mut().store.inner;
        ExternRef {
            store: store.id,
            word: store.push_externref(Box::new(object)),
        }
    }

    /// The object; `None` if the reference belongs to another store.
    pub fn data<'a, T: 'static>(
        &self,
        ctx: impl Into<StoreContext<'a, T>>,
    ) -> Option<&'a (dyn Any + Send + Sync)> {
        let store = &ctx.into().store.inner;
        if store.id != self.store {
            return None;
        }
        store.externref(self.word).map(|object| &**object)
    }

    /// The object, to be changed; `None` if the reference belongs to another store.
    pub fn data_mut<'a, T: 'static>(
        &self,
        ctx: impl Into<StoreContextMut<'a, T>>,
    ) -> Option<&'a mut (dyn Any + Send + Sync)> {
        let store = &mut ctx.into().store.inner;
        if store.id != self.store {
            return None;
        }
        store.externref_mut(self.word).map(|object| &mut **object)
    }
}
