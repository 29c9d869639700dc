//! Globals as the host sees them.

use super::{
    context::{AsContext, AsContextMut},
    value::{Val, check_type},
};
use crate::{
    error::Error,
    store::{
        global::GlobalId,
        store::{StoreId, StoreInner},
    },
};
use alloc::format;
use curta_module::GlobalType;

/// A global of a store.
///
/// ```
/// use curta::{Engine, Global, GlobalType, Store, Val, ValType};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = GlobalType { content: ValType::I64, mutable: true };
/// let counter = Global::new(&mut store, ty, Val::I64(1))?;
/// counter.set(&mut store, Val::I64(2))?;
/// assert_eq!(counter.get(&store), Val::I64(2));
/// assert!(counter.set(&mut store, Val::I32(2)).is_err());
/// # Ok::<(), curta::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Global {
    pub(crate) store: StoreId,
    pub(crate) id: GlobalId,
}

impl Global {
    /// A global with a value.
    ///
    /// # Errors
    /// When the value is of another type, or the type is not built yet or belongs to another engine.
    pub fn new(mut ctx: impl AsContextMut, ty: GlobalType, value: Val) -> Result<Global, Error> {
        let store = &mut ctx.as_context_mut().store.inner;
        check_type(ty.content, &store.registry)?;
        let word = word(store, &ty, value)?;
        Ok(Global {
            store: store.id,
            id: store.push_host_global(ty, word),
        })
    }

    /// The type.
    ///
    /// # Panics
    /// When the global belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> GlobalType {
        let store = &ctx.as_context().store.inner;
        store.assert_home(self.store, "Global");
        store.globals[self.id.index()].ty
    }

    /// The value.
    ///
    /// # Panics
    /// When the global belongs to another store.
    pub fn get(&self, ctx: impl AsContext) -> Val {
        let store = &ctx.as_context().store.inner;
        store.assert_home(self.store, "Global");
        let content = store.globals[self.id.index()].ty.content;
        Val::from_word(store.global_word(self.id), content, store)
    }

    /// Sets the value.
    ///
    /// # Errors
    /// When the global is immutable or of another type than the value, and for a global or a
    /// reference of another store.
    pub fn set(&self, mut ctx: impl AsContextMut, value: Val) -> Result<(), Error> {
        let store = &mut ctx.as_context_mut().store.inner;
        store.check_home(self.store, "Global")?;
        let ty = store.globals[self.id.index()].ty;
        let word = word(store, &ty, value)?;
        if !ty.mutable {
            return Err(Error::usage(format!("{ty} is immutable")));
        }
        store.set_global_word(self.id, word);
        Ok(())
    }
}

/// A value for a global of type `ty` as a word.
fn word(store: &StoreInner, ty: &GlobalType, value: Val) -> Result<u64, Error> {
    value.checked_word(ty.content, store, |mismatch| {
        format!("the value of {ty}: {mismatch}")
    })
}
