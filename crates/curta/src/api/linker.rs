//! Finding imports by name.

use super::{
    caller::Caller,
    context::AsContextMut,
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
    error::{Error, LinkError, Quoted},
    store::{func::HostFunc, link::Item},
};
use alloc::{boxed::Box, collections::BTreeMap, format, vec::Vec};
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
    modules: BTreeMap<Box<str>, Definitions>,
    shadowing: bool,
    data: PhantomData<fn(&mut T)>,
}

/// What is defined under one module's name.
type Definitions = BTreeMap<Box<str>, Definition>;

/// What a name stands for.
#[derive(Clone)]
enum Definition {
    /// A host function, which is added to a store when it is linked there.
    Host(HostFunc),
    /// Something of one store.
    Extern(Extern),
}

impl<T> Linker<T> {
    /// A linker without definitions.
    pub fn new(engine: &Engine) -> Linker<T> {
        Linker {
            engine: engine.clone(),
            modules: BTreeMap::new(),
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
        self.insert(module, name, Definition::Host(host_func(closure)))
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
        self.insert(module, name, Definition::Host(dynamic(ty, closure)))
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
    /// when the instance belongs to another store.
    pub fn instance(
        &mut self,
        mut ctx: impl AsContextMut<Data = T>,
        module: &str,
        instance: Instance,
    ) -> Result<&mut Linker<T>, Error> {
        let ctx = ctx.as_context_mut();
        ctx.store.inner.check_home(instance.store, "Instance")?;
        for export in instance.exports(&ctx) {
            self.insert(
                module,
                export.name(),
                Definition::Extern(export.into_extern()),
            )?;
        }
        Ok(self)
    }

    /// What a name stands for, in a store. `None` when it is not defined.
    pub fn get(
        &self,
        mut ctx: impl AsContextMut<Data = T>,
        module: &str,
        name: &str,
    ) -> Option<Extern> {
        let store = ctx.as_context_mut().store;
        match self.definition(module, name)? {
            Definition::Extern(external) => Some(*external),
            Definition::Host(func) => {
                let handle = store.inner.linked_host_func(func);
                Some(Extern::from_item(Item::Func(handle), store.inner.id))
            }
        }
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
            Ok(match self.definition(&import.module, &import.name) {
                None => None,
                Some(Definition::Host(func)) => {
                    Some(Item::Func(store.inner.linked_host_func(func)))
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

    /// Adds the names that may have been meant to what is missing.
    fn with_suggestions(&self, mut error: LinkError) -> LinkError {
        let missing = error
            .problems_mut()
            .iter_mut()
            .filter(|problem| problem.found().is_none());
        for problem in missing.take(near::MOST_PROBLEMS) {
            let defined = self.modules.iter().flat_map(|(module, definitions)| {
                definitions.keys().map(move |name| (&**module, &**name))
            });
            let names = near::names(problem.module(), problem.name(), defined);
            problem.set_near(names);
        }
        error
    }

    fn definition(&self, module: &str, name: &str) -> Option<&Definition> {
        self.modules.get(module)?.get(name)
    }

    fn insert(
        &mut self,
        module: &str,
        name: &str,
        definition: Definition,
    ) -> Result<&mut Linker<T>, Error> {
        if !self.shadowing && self.definition(module, name).is_some() {
            let (module, name) = (Quoted(module), Quoted(name));
            return Err(Error::usage(format!("{module} {name} is defined already")));
        }
        self.modules
            .entry(module.into())
            .or_default()
            .insert(name.into(), definition);
        Ok(self)
    }
}

impl<T> Clone for Linker<T> {
    fn clone(&self) -> Linker<T> {
        Linker {
            engine: self.engine.clone(),
            modules: self.modules.clone(),
            shadowing: self.shadowing,
            data: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Linker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self
            .modules
            .iter()
            .flat_map(|(module, definitions)| definitions.keys().map(move |name| (module, name)));
        f.debug_set().entries(names).finish()
    }
}
