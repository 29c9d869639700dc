//! Tags as the host sees them.

use super::{
    context::{AsContext, AsContextMut},
    value::check_types,
};
use crate::{
    error::Error,
    store::{store::StoreId, tag::TagId},
};
use alloc::format;
use curta_module::TagType;

/// A tag of a store: what tells one kind of exception from another.
///
/// Each tag is another one, even if the types are equal. A guest catches exceptions by the tags
/// that it defines or imports.
///
/// ```
/// use curta::{Engine, Exception, FuncType, Linker, Module, Store, Tag, TagType, Val, ValType};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module
///         (import "host" "failed" (tag $failed (param i32)))
///         (import "host" "try" (func $try))
///         (func (export "code") (result i32)
///             (block $caught (result i32)
///                 (try_table (catch $failed $caught) (call $try))
///                 (i32.const 0))))
/// "#)?;
/// let mut store = Store::new(&engine, ());
/// let failed = Tag::new(&mut store, TagType::new(FuncType::new([ValType::I32], [])))?;
/// let mut linker = Linker::new(&engine);
/// linker.define("host", "failed", failed)?;
/// linker.func_wrap("host", "try", move |caller: curta::Caller<'_, ()>| {
///     Err::<(), _>(curta::Error::from(Exception::new(&caller, failed, &[Val::I32(7)])?))
/// })?;
/// let instance = linker.instantiate(&mut store, &module)?;
/// let code = instance.get_typed_func::<(), i32>(&store, "code")?;
/// assert_eq!(code.call(&mut store, ())?, 7);
/// # Ok::<(), curta::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag {
    pub(crate) store: StoreId,
    pub(crate) id: TagId,
}

impl Tag {
    /// A new tag, for exceptions with values of these types.
    ///
    /// # Errors
    /// When the type has results, or values that are not built yet or belong to another engine.
    pub fn new(mut ctx: impl AsContextMut, ty: TagType) -> Result<Tag, Error> {
        let store = &mut ctx.as_context_mut().store.inner;
        if !ty.func.results().is_empty() {
            return Err(Error::usage(format!(
                "{ty} is no type: exceptions have no results"
            )));
        }
        check_types(&ty.func, &store.registry)?;
        Ok(Tag {
            store: store.id,
            id: store.push_tag(ty),
        })
    }

    /// The type.
    ///
    /// # Panics
    /// When the tag belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> TagType {
        let store = &ctx.as_context().store.inner;
        store.assert_home(self.store, "Tag");
        store.tag_type(self.id).clone()
    }
}
