//! Exceptions as the host sees them: as errors, as what it throws, and as references of guests.

use super::{
    context::{AsContext, AsContextMut},
    tag::Tag,
    value::{Mismatch, Val},
};
use crate::{
    error::{Error, Thrown},
    store::{
        store::{StoreId, StoreInner},
        tag::TagId,
    },
};
use alloc::{format, vec::Vec};
use core::fmt;
use curta_module::TagType;
use smallvec::SmallVec;

/// An exception: a [`Tag`], and a value for each parameter of the tag's type.
///
/// One that no guest catches is the error of the call, see [`Error::exception`]. A host function
/// throws one by returning it as an error, which the guests that called it can catch:
/// `Err(exception.into())`. See [`Tag`] for an example.
#[derive(Clone)]
pub struct Exception {
    thrown: Thrown,
}

impl Exception {
    /// An exception to be thrown.
    ///
    /// # Errors
    /// When the values are not those of the tag's type, and for a tag or a reference of another
    /// store.
    pub fn new(ctx: impl AsContext, tag: Tag, values: &[Val]) -> Result<Exception, Error> {
        let store = &ctx.as_context().store.inner;
        store.check_home(tag.store, "Tag")?;
        let ty = store.tag_type(tag.id);
        let types = ty.func.params();
        if types.len() != values.len() {
            let (takes, given) = (types.len(), values.len());
            return Err(Error::usage(format!(
                "an exception of type {ty} has {takes} values, {given} are given"
            )));
        }
        let mut words = SmallVec::<[u64; 8]>::new();
        for (index, (value, expected)) in values.iter().zip(types).enumerate() {
            words.push(value.checked_word(*expected, store, |found: Mismatch<'_>| {
                format!("value {index} of an exception of type {ty}: {found}")
            })?);
        }
        let thrown = store.thrown(tag.id, &words);
        Ok(Exception { thrown })
    }

    /// The tag.
    pub fn tag(&self) -> Tag {
        Tag {
            store: StoreId::from_number(self.thrown.store),
            id: TagId(self.thrown.tag),
        }
    }

    /// The tag's type.
    pub fn ty(&self) -> &TagType {
        &self.thrown.ty
    }

    /// The values.
    ///
    /// # Errors
    /// When the exception belongs to another store.
    pub fn values(&self, ctx: impl AsContext) -> Result<Vec<Val>, Error> {
        let store = &ctx.as_context().store.inner;
        store.check_home(self.tag().store, "Exception")?;
        let types = self.thrown.ty.func.params().iter();
        let values = types.zip(&self.thrown.words);
        Ok(values
            .map(|(ty, word)| Val::from_word(*word, *ty, store))
            .collect())
    }
}

impl fmt::Debug for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exception")
            .field("tag", &self.tag())
            .field("ty", &self.thrown.ty)
            .finish_non_exhaustive()
    }
}

impl From<Exception> for Error {
    fn from(exception: Exception) -> Error {
        Error::from(exception.thrown)
    }
}

impl Error {
    /// The exception that no guest caught, if that is what happened.
    ///
    /// ```
    /// use curta::{Engine, ErrorKind, Instance, Module, Store, Val};
    ///
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"
    ///     (module
    ///         (tag $oh (export "oh") (param i32))
    ///         (func (export "throw") (throw $oh (i32.const 3))))
    /// "#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let throw = instance.get_typed_func::<(), ()>(&store, "throw")?;
    /// let error = throw.call(&mut store, ()).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Exception);
    /// let exception = error.exception().expect("it is one");
    /// assert_eq!(Some(exception.tag()), instance.get_tag(&store, "oh"));
    /// assert_eq!(exception.values(&store)?, [Val::I32(3)]);
    /// # Ok::<(), curta::Error>(())
    /// ```
    pub fn exception(&self) -> Option<Exception> {
        let thrown = self.thrown()?.clone();
        Some(Exception { thrown })
    }
}

/// A reference to an exception (`exnref`), which guests can keep and throw again.
///
/// What the host was given a reference to lives as long as the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExnRef {
    pub(crate) store: StoreId,
    /// The reference as a word of the store; not null, and pinned.
    pub(crate) word: u64,
}

impl ExnRef {
    /// A reference to an exception, to be given to guests.
    ///
    /// # Errors
    /// When the exception belongs to another store, or the store's limit for exceptions is
    /// reached.
    pub fn new(mut ctx: impl AsContextMut, exception: &Exception) -> Result<ExnRef, Error> {
        let store = &mut ctx.as_context_mut().store.inner;
        let tag = exception.tag();
        store.check_home(tag.store, "Exception")?;
        let words = &exception.thrown.words;
        store.make_room_for_exception(words)?;
        let word = store.exceptions.push(tag.id, words.to_vec());
        store.exceptions.refer_to(word);
        store.pin_exception(word);
        Ok(ExnRef {
            store: store.id,
            word,
        })
    }

    /// The exception.
    ///
    /// # Errors
    /// When the reference belongs to another store.
    pub fn exception(&self, ctx: impl AsContext) -> Result<Exception, Error> {
        let store = &ctx.as_context().store.inner;
        store.check_home(self.store, "ExnRef")?;
        let exception = store.exceptions.get(self.word);
        let exception = exception.expect("what the host has a reference to stays");
        let thrown = store.thrown(exception.tag, &exception.values);
        Ok(Exception { thrown })
    }

    /// The reference behind a word of a store, which is not null.
    pub(crate) fn from_word(word: u64, store: &StoreInner) -> ExnRef {
        store.pin_exception(word);
        ExnRef {
            store: store.id,
            word,
        }
    }
}
