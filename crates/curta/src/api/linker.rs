//! Finding imports by name.

use super::{
    caller::Caller,
    context::{AsContextMut, StoreContextMut},
    definitions::Definitions,
    engine::Engine,
    external::Extern,
    func::dynamic,
    host_func::{IntoFunc, host_func},
    instance::Instance,
    module::Module,
    near,
    store::StoreWithData,
    value::{Val, check_types},
};
use crate::{
    code::once::{Lock, Once},
    error::{Error, LinkError, PRINTED_PROBLEMS, Quoted, listed},
    store::{func::HostFunc, link::Item, store::StoreInner},
};
use alloc::{format, string::String, sync::Arc, vec::Vec};
use core::{fmt, marker::PhantomData};
use curta_module::FuncType;

/// Definitions by name, from which modules get what they import.
///
/// A name has two parts, the module's and the item's. A linker belongs to an engine, not to a
/// store: host functions defined in it are added to every store that it instantiates modules in.
///
/// ```
/// use curta::{Engine, Linker, Module, Store};
///
/// let engine = Engine::default();
/// let mut linker = Linker::<u32>::new(&engine);
/// linker
///     .func_wrap("math", "square", |n: i32| n * n)?
///     .func_wrap("host", "count", |mut caller: curta::Caller<'_, u32>| *caller.data_mut() += 1)?;
///
/// let module = Module::new(&engine, r#"
///     (module
///         (import "math" "square" (func $square (param i32) (result i32)))
///         (import "host" "count" (func $count))
///         (func (export "main") (result i32) (call $count) (call $square (i32.const 5))))
/// "#)?;
/// let mut store = Store::new(&engine, 0);
/// let instance = linker.instantiate(&mut store, &module)?;
/// let main = instance.get_typed_func::<(), i32>(&store, "main")?;
/// assert_eq!((main.call(&mut store, ())?, *store.data()), (25, 1));
/// # Ok::<(), curta::Error>(())
/// ```
///
/// What is missing or does not fit is reported all at once:
///
/// ```
/// # use curta::{Engine, Linker, Module, Store};
/// # let engine = Engine::default();
/// let mut linker = Linker::<()>::new(&engine);
/// linker.func_wrap("math", "square", |n: i64| n * n)?;
/// let module = Module::new(&engine, r#"
///     (module
///         (import "math" "square" (func (param i32) (result i32)))
///         (import "math" "squared" (func)))
/// "#)?;
/// let error = linker.instantiate(&mut Store::new(&engine, ()), &module).unwrap_err();
/// assert_eq!(error.to_string(), "\
/// 2 imports cannot be linked:
///   incompatible import type: `math` `square`: expected (func (param i32) (result i32)), \
/// found (func (param i64) (result i64))
///   unknown import: `math` `squared` is missing, expected (func); did you mean `math.square`?");
/// # Ok::<(), curta::Error>(())
/// ```
pub struct Linker<T: 'static> {
    engine: Engine,
    definitions: Definitions<Definition>,
    shadowing: bool,
    data: PhantomData<fn(&mut T)>,
}

/// What a name stands for.
#[derive(Clone)]
enum Definition {
    /// A host function, which is added to a store when it is linked there.
    Host(Shareable),
    /// Something of one store.
    Extern(Extern),
}

/// A host function that is shared with stores when the first asks for it, which few of a linker's are.
struct Shareable {
    alone: Lock<Option<HostFunc>>,
    shared: Once<Arc<HostFunc>>,
}

impl Shareable {
    #[inline]
    fn new(func: HostFunc) -> Shareable {
        Shareable {
            alone: Lock::new(Some(func)),
            shared: Once::new(),
        }
    }

    fn share(&self) -> &Arc<HostFunc> {
        self.shared.get_or_init(|| {
            let func = self.alone.write().take();
            Arc::new(
                func.expect("taken here alone, and once; please report this as a bug of curta"),
            )
        })
    }
}

impl Clone for Shareable {
    fn clone(&self) -> Shareable {
        let shared = Once::new();
        shared.get_or_init(|| Arc::clone(self.share()));
        Shareable {
            alone: Lock::new(None),
            shared,
        }
    }
}

impl<T> Linker<T> {
    /// A linker without definitions.
    pub fn new(engine: &Engine) -> Linker<T> {
        Linker {
            engine: engine.clone(),
            definitions: Definitions::new(),
            shadowing: false,
            data: PhantomData,
        }
    }

    /// The engine that the linker was made for.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether a name may be defined again, replacing what it stood for. Off at first.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Linker<T> {
        self.shadowing = allow;
        self
    }

    /// Defines a closure as a host function; its parameters and results give the type. See
    /// [`IntoFunc`].
    ///
    /// # Errors
    /// When the name is defined already and [shadowing](Linker::allow_shadowing) is off.
    pub fn func_wrap<Params>(
        &mut self,
        module: &str,
        name: &str,
        closure: impl IntoFunc<T, Params>,
    ) -> Result<&mut Linker<T>, Error> {
        self.insert(
            module,
            name,
            Definition::Host(Shareable::new(host_func(closure))),
        )
    }

    /// Defines a host function of a type that is known only at run time. See
    /// [`Func::new`](crate::Func::new).
    ///
    /// # Errors
    /// When `ty` has values that are not built yet, or is a type of a module of another engine; when the name is defined already and
    /// [shadowing](Linker::allow_shadowing) is off.
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        closure: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<&mut Linker<T>, Error> {
        check_types(&ty, self.engine.registry())?;
        self.insert(
            module,
            name,
            Definition::Host(Shareable::new(dynamic(ty, closure))),
        )
    }

    /// Defines something of a store. Modules can be instantiated in that store only.
    ///
    /// # Errors
    /// When the name is defined already and [shadowing](Linker::allow_shadowing) is off.
    pub fn define(
        &mut self,
        module: &str,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Linker<T>, Error> {
        self.insert(module, name, Definition::Extern(item.into()))
    }

    /// Defines every export of an instance, under `module`.
    ///
    /// # Errors
    /// When one of the names is defined already and [shadowing](Linker::allow_shadowing) is off;
    /// when the instance belongs to another store. Nothing is defined then.
    pub fn instance(
        &mut self,
        mut ctx: impl AsContextMut<Data = T>,
        module: &str,
        instance: Instance,
    ) -> Result<&mut Linker<T>, Error> {
        let ctx = ctx.as_context_mut();
        ctx.store.inner.check_home(instance.store, "Instance")?;
        for export in instance.exports(&ctx) {
            self.check_free(module, export.name())?;
        }
        for export in instance.exports(&ctx) {
            self.insert(
                module,
                export.name(),
                Definition::Extern(export.into_extern()),
            )?;
        }
        Ok(self)
    }

    /// Makes an instance of a module, with imports from this linker, and defines every export of
    /// it under `name`, for the modules that come after.
    ///
    /// A *reactor* is initialised: its export `_initialize`, a function without parameters and
    /// results, is called.
    ///
    /// ```
    /// use curta::{Engine, Linker, Module, Store};
    ///
    /// let engine = Engine::default();
    /// let math = Module::new(&engine, r#"
    ///     (module (func (export "square") (param i32) (result i32)
    ///         (i32.mul (local.get 0) (local.get 0))))
    /// "#)?;
    /// let main = Module::new(&engine, r#"
    ///     (module
    ///         (import "math" "square" (func $square (param i32) (result i32)))
    ///         (func (export "main") (result i32) (call $square (i32.const 7))))
    /// "#)?;
    /// let mut store = Store::new(&engine, ());
    /// let mut linker = Linker::new(&engine);
    /// let main = linker.module(&mut store, "math", &math)?.instantiate(&mut store, &main)?;
    /// assert_eq!(main.get_typed_func::<(), i32>(&store, "main")?.call(&mut store, ())?, 49);
    /// # Ok::<(), curta::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Linker::instantiate`] and [`Linker::instance`]. Names that are taken are found before
    /// the instance is made.
    ///
    /// # Panics
    /// When a host function that the module called meanwhile panicked.
    pub fn module(
        &mut self,
        mut ctx: impl AsContextMut<Data = T>,
        name: &str,
        module: &Module,
    ) -> Result<&mut Linker<T>, Error> {
        for export in module.exports() {
            self.check_free(name, export.name())?;
        }
        let mut ctx = ctx.as_context_mut();
        let instance = self.instantiate(&mut ctx, module)?;
        if let Some(initialize) = instance.get_func(&ctx, "_initialize") {
            initialize.typed::<(), ()>(&ctx)?.call(&mut ctx, ())?;
        }
        self.instance(ctx, name, instance)
    }

    /// Defines every function that a module imports and that is not defined yet: calling it is an
    /// error that names it. Imports of other kinds stay missing.
    ///
    /// For looking at a module, or running a part of it that needs none of them.
    ///
    /// ```
    /// use curta::{Engine, Linker, Module, Store};
    ///
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"
    ///     (module
    ///         (import "env" "rare" (func $rare))
    ///         (func (export "fail") (call $rare))
    ///         (func (export "two") (result i32) (i32.const 2)))
    /// "#)?;
    /// let mut linker = Linker::new(&engine);
    /// linker.define_unknown_imports_as_traps(&module)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = linker.instantiate(&mut store, &module)?;
    /// assert_eq!(instance.get_typed_func::<(), i32>(&store, "two")?.call(&mut store, ())?, 2);
    /// let fail = instance.get_typed_func::<(), ()>(&store, "fail")?;
    /// let error = fail.call(&mut store, ()).unwrap_err();
    /// assert_eq!(error.to_string(), "unknown import: `env` `rare` was called, and is not defined");
    /// # Ok::<(), curta::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the module belongs to another engine.
    pub fn define_unknown_imports_as_traps(
        &mut self,
        module: &Module,
    ) -> Result<&mut Linker<T>, Error> {
        if !self.engine.same(module.engine()) {
            return Err(Error::usage(
                "the linker and the module belong to different engines",
            ));
        }
        for import in module.imports() {
            let (from, name) = (import.module(), import.name());
            let Some(ty) = import.ty().func() else {
                continue;
            };
            if self.definitions.get(from, name).is_some() {
                continue;
            }
            let message = format!(
                "unknown import: {} {} was called, and is not defined",
                Quoted(from),
                Quoted(name)
            );
            self.func_new(from, name, ty.clone(), move |_, _, _| {
                Err(Error::msg(&message))
            })?;
        }
        Ok(self)
    }

    /// The names of all definitions, in alphabetical order: the module's part and the item's.
    ///
    /// ```
    /// use curta::{Engine, Linker};
    ///
    /// let mut linker = Linker::<()>::new(&Engine::default());
    /// linker.func_wrap("host", "log", |_: i32| ())?.func_wrap("env", "abort", || ())?;
    /// assert!(linker.names().eq([("env", "abort"), ("host", "log")]));
    /// # Ok::<(), curta::Error>(())
    /// ```
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        let sorted = self.definitions.sorted();
        sorted.map(|(module, name, _)| (module, name))
    }

    /// All definitions, in alphabetical order, as what they are in a store: the module's part of
    /// the name, the item's, the item.
    pub fn iter<'a, 's>(
        &'a self,
        ctx: impl Into<StoreContextMut<'s, T>>,
    ) -> impl Iterator<Item = (&'a str, &'a str, Extern)> {
        let store = ctx.into().store;
        let sorted = self.definitions.sorted();
        sorted.map(move |(module, name, item)| (module, name, item.in_store(&mut store.inner)))
    }

    /// What a name stands for, in a store. `None` when it is not defined.
    pub fn get(
        &self,
        mut ctx: impl AsContextMut<Data = T>,
        module: &str,
        name: &str,
    ) -> Option<Extern> {
        let store = ctx.as_context_mut().store;
        Some(
            self.definitions
                .get(module, name)?
                .in_store(&mut store.inner),
        )
    }

    /// Makes an instance with imports found by name, and runs its start function.
    ///
    /// # Errors
    /// - Imports that are missing or do not fit, all at once
    ///   ([`Error::link_error`](crate::Error::link_error)).
    /// - A memory or table that is beyond the store's limits or the machine's memory.
    /// - A trap of an active segment that does not fit, or of the start function. What was written
    ///   until then stays written.
    /// - A module or linker of another engine than the store's, or imports of another store.
    ///
    /// # Panics
    /// When a host function that the start function called panicked.
    pub fn instantiate(
        &self,
        mut ctx: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance, Error> {
        let store = ctx.as_context_mut().store;
        store.check_engine(module)?;
        let offered = self.offers(store, module)?;
        let items = store.inner.link(&module.compiled.module, &offered);
        let items = items.map_err(|error| self.with_suggestions(error))?;
        store.instantiate(module, &items)
    }

    /// What is defined for each import of a module.
    fn offers(
        &self,
        store: &mut StoreWithData<T>,
        module: &Module,
    ) -> Result<Vec<Option<Item>>, Error> {
        if !self.engine.same(&store.engine) {
            return Err(Error::usage(
                "the linker and the store belong to different engines",
            ));
        }
        let offer = |import: &curta_module::Import| {
            Ok(match self.definitions.get(&import.module, &import.name) {
                None => None,
                Some(Definition::Host(func)) => {
                    Some(Item::Func(store.inner.linked_host_func(func.share())))
                }
                Some(Definition::Extern(external)) => {
                    Some(external.item(&store.inner).map_err(|error| {
                        let (module, name) = (Quoted(&import.module), Quoted(&import.name));
                        Error::usage(format!("the definition of {module} {name}: {error}"))
                    })?)
                }
            })
        };
        module.compiled.module.imports().iter().map(offer).collect()
    }

    /// Adds to what is missing the names that may have been meant, or else what there is.
    fn with_suggestions(&self, mut error: LinkError) -> LinkError {
        let defined: Vec<_> = self.names().collect();
        let missing = error
            .problems_mut()
            .iter_mut()
            .filter(|problem| problem.found().is_none());
        for problem in missing.take(PRINTED_PROBLEMS) {
            let near = near::names(problem.module(), problem.name(), defined.iter().copied());
            if near.is_empty() {
                problem.set_hint(hint(problem.module(), &defined).into());
            }
            problem.set_near(near);
        }
        error
    }

    fn insert(
        &mut self,
        module: &str,
        name: &str,
        definition: Definition,
    ) -> Result<&mut Linker<T>, Error> {
        let inserted = self
            .definitions
            .insert(module, name, definition, self.shadowing);
        if inserted {
            Ok(self)
        } else {
            Err(taken(module, name))
        }
    }

    /// Refuses a name that is taken, unless it may be.
    fn check_free(&self, module: &str, name: &str) -> Result<(), Error> {
        if self.shadowing || self.definitions.get(module, name).is_none() {
            return Ok(());
        }
        Err(taken(module, name))
    }
}

/// What is defined under a module's name, of all that is.
fn hint(module: &str, defined: &[(&str, &str)]) -> String {
    let quoted = Quoted(module);
    let of_module: Vec<&str> = defined
        .iter()
        .filter(|(other, _)| *other == module)
        .map(|(_, name)| *name)
        .collect();
    if !of_module.is_empty() {
        return format!("{quoted} has {}", listed(of_module.into_iter(), 5));
    }
    if module.starts_with("wasi_") {
        return format!("nothing is defined under {quoted} (WASI is in the crate `curta-wasi`)");
    }
    format!("nothing is defined under {quoted}")
}

fn taken(module: &str, name: &str) -> Error {
    let (module, name) = (Quoted(module), Quoted(name));
    Error::usage(format!(
        "{module} {name} is defined already (`Linker::allow_shadowing` lets it be replaced)"
    ))
}

impl Definition {
    /// What it is in a store. A host function is added to it unless that was done before.
    fn in_store(&self, store: &mut StoreInner) -> Extern {
        match self {
            Definition::Extern(external) => *external,
            Definition::Host(func) => {
                Extern::from_item(Item::Func(store.linked_host_func(func.share())), store.id)
            }
        }
    }
}

impl<T> Clone for Linker<T> {
    fn clone(&self) -> Linker<T> {
        Linker {
            engine: self.engine.clone(),
            definitions: self.definitions.clone(),
            shadowing: self.shadowing,
            data: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Linker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
