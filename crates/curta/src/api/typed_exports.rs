//! Exports as the host needs them: of a kind and type that are known when it is compiled, any
//! number of them at once.

use super::{
    context::{AsContext, StoreContext},
    external::Extern,
    func::Func,
    global::Global,
    instance::Instance,
    memory::Memory,
    table::Table,
    tag::Tag,
    typed_func::{TypedFunc, WasmParams, WasmResults},
};
use crate::error::{Error, Quoted, listed};
use alloc::{format, string::String, vec::Vec};
use core::fmt::Write as _;
use curta_module::Module;

/// What a host can ask an export to be: a [`TypedFunc`], [`Func`], [`Memory`], [`Table`],
/// [`Global`] or [`Tag`], or [`Extern`] for whatever it is.
pub trait FromExport: sealed::Export {}

/// What [`Instance::typed_exports`] gives for `N` names: a tuple of up to 16 [`FromExport`].
pub trait TypedExports<const N: usize>: sealed::Exports<N> {}

pub(crate) mod sealed {
    //! What users need not see.
    use super::{Extern, String};
    use crate::store::store::StoreInner;

    /// An export to be looked at.
    #[derive(Clone, Copy)]
    pub struct ExportSeal<'a>(pub(crate) Extern, pub(crate) &'a StoreInner);

    /// Why an export is not what was asked for, or that it is missing.
    pub enum Problem {
        /// There is none of the name.
        Missing,
        /// It is something else; how that goes on from its name.
        Other(String),
    }

    /// How an export becomes what was asked for.
    pub trait Export: Sized {
        /// Looks whether an export is that.
        ///
        /// # Errors
        /// What it is instead.
        fn from_export(export: ExportSeal<'_>) -> Result<Self, Problem>;
    }

    /// How several do.
    pub trait Exports<const N: usize>: Sized {
        /// Gives `complain` the number of each that is not what was asked for; `None` if there
        /// was one.
        fn from_exports(
            exports: [Option<ExportSeal<'_>>; N],
            complain: &mut dyn FnMut(usize, Problem),
        ) -> Option<Self>;
    }
}

use sealed::{ExportSeal, Problem};

impl<P: WasmParams, R: WasmResults> FromExport for TypedFunc<P, R> {}

impl<P: WasmParams, R: WasmResults> sealed::Export for TypedFunc<P, R> {
    fn from_export(export: ExportSeal<'_>) -> Result<TypedFunc<P, R>, Problem> {
        let ExportSeal(_, store) = export;
        let func = Func::from_export(export)?;
        func.typed_in(store)
            .map_err(|error| Problem::Other(format!("cannot be called so: {error}")))
    }
}

macro_rules! kinds {
    ($($kind:ident $what:literal;)*) => {$(
        impl FromExport for $kind {}

        impl sealed::Export for $kind {
            fn from_export(ExportSeal(external, store): ExportSeal<'_>) -> Result<$kind, Problem> {
                match external {
                    Extern::$kind(found) => Ok(found),
                    other => Err(Problem::Other(match other.item(store) {
                        Ok(item) => format!(concat!("is {}, not a ", $what), store.item_type(item)),
                        Err(foreign) => format!("cannot be used: {foreign}"),
                    })),
                }
            }
        }
    )*};
}

kinds! {
    Func "function";
    Memory "memory";
    Table "table";
    Global "global";
    Tag "tag";
}

impl FromExport for Extern {}

impl sealed::Export for Extern {
    fn from_export(ExportSeal(external, _): ExportSeal<'_>) -> Result<Extern, Problem> {
        Ok(external)
    }
}

macro_rules! tuples {
    ($count:literal $($name:ident $index:tt)*) => {
        impl<$($name: FromExport),*> TypedExports<$count> for ($($name,)*) {}

        impl<$($name: FromExport),*> sealed::Exports<$count> for ($($name,)*) {
            fn from_exports(
                exports: [Option<ExportSeal<'_>>; $count],
                complain: &mut dyn FnMut(usize, Problem),
            ) -> Option<Self> {
                // Every one is looked at, whatever the ones before were.
                let found = ($(one::<$name>(exports[$index], $index, complain),)*);
                Some(($(found.$index?,)*))
            }
        }
    };
}

fn one<E: FromExport>(
    export: Option<ExportSeal<'_>>,
    number: usize,
    complain: &mut dyn FnMut(usize, Problem),
) -> Option<E> {
    let found = export.ok_or(Problem::Missing).and_then(E::from_export);
    found.map_err(|problem| complain(number, problem)).ok()
}

tuples!(1 A 0);
tuples!(2 A 0 B 1);
tuples!(3 A 0 B 1 C 2);
tuples!(4 A 0 B 1 C 2 D 3);
tuples!(5 A 0 B 1 C 2 D 3 E 4);
tuples!(6 A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(7 A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuples!(8 A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
tuples!(9 A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8);
tuples!(10 A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9);
tuples!(11 A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10);
tuples!(12 A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11);
tuples!(13 A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12);
tuples!(14 A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13);
tuples!(15 A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14);
tuples!(16 A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14 P 15);

impl Instance {
    /// The exports of these names, each checked to be what the host needs: all at once, so that a
    /// host knows before its first call whether a guest keeps the contract.
    ///
    /// ```
    /// use curta::{Engine, Instance, Memory, Module, Store, TypedFunc};
    ///
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"
    ///     (module
    ///         (memory (export "memory") 1)
    ///         (func (export "add") (param i32 i32) (result i32)
    ///             (i32.add (local.get 0) (local.get 1))))
    /// "#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let (add, memory): (TypedFunc<(i32, i32), i32>, Memory) =
    ///     instance.typed_exports(&store, ["add", "memory"])?;
    /// assert_eq!(add.call(&mut store, (2, 3))?, 5);
    /// assert_eq!(memory.size(&store), 1);
    ///
    /// let error = instance
    ///     .typed_exports::<(TypedFunc<i32, ()>, Memory, TypedFunc<(), ()>), 3>(
    ///         &store,
    ///         ["add", "mem", "run"],
    ///     )
    ///     .unwrap_err();
    /// assert_eq!(error.to_string(), "\
    /// 3 exports are not what is asked for; there is `memory`, `add`:
    ///   the export `add` cannot be called so: the function is of type \
    /// (func (param i32 i32) (result i32)), not (func (param i32))
    ///   no export `mem`
    ///   no export `run`");
    /// # Ok::<(), curta::Error>(())
    /// ```
    ///
    /// # Errors
    /// All exports that are missing, or of another kind or type. When the instance belongs to
    /// another store.
    pub fn typed_exports<E: TypedExports<N>, const N: usize>(
        &self,
        ctx: impl AsContext,
        names: [&str; N],
    ) -> Result<E, Error> {
        let ctx = ctx.as_context();
        ctx.store.inner.check_home(self.store, "Instance")?;
        let found = names.map(|name| self.seal(ctx, name));
        let mut problems = Vec::new();
        let exports = E::from_exports(found, &mut |number, problem| {
            problems.push((names[number], problem));
        });
        exports.ok_or_else(|| Error::usage(report(&self.data(ctx).module.module, &problems)))
    }

    /// The function that is exported as `name`, with a type that is known when the host is
    /// compiled. See [`TypedFunc`].
    ///
    /// # Errors
    /// When there is no such export (the error lists what there is), it is no function, or it is
    /// of another type: both are named. When the instance belongs to another store.
    pub fn get_typed_func<P: WasmParams, R: WasmResults>(
        &self,
        ctx: impl AsContext,
        name: &str,
    ) -> Result<TypedFunc<P, R>, Error> {
        let (func,) = self.typed_exports::<(TypedFunc<P, R>,), 1>(ctx, [name])?;
        Ok(func)
    }

    fn seal<'a, T>(&self, ctx: StoreContext<'a, T>, name: &str) -> Option<ExportSeal<'a>> {
        let export = self.get_export(ctx, name)?;
        Some(ExportSeal(export, &ctx.store.inner))
    }
}

/// What is wrong with exports, at least one.
fn report(module: &Module, problems: &[(&str, Problem)]) -> String {
    let exports = match module.exports() {
        [] => String::from("the module exports nothing"),
        exports => format!(
            "there is {}",
            listed(exports.iter().map(|export| &*export.name), 20)
        ),
    };
    let one = |(name, problem): &(&str, Problem)| match problem {
        Problem::Missing => format!("no export {}", Quoted(name)),
        Problem::Other(what) => format!("the export {} {what}", Quoted(name)),
    };
    match problems {
        [missing @ (_, Problem::Missing)] => format!("{}: {exports}", one(missing)),
        [other] => one(other),
        _ => {
            let mut report = format!(
                "{} exports are not what is asked for; {exports}:",
                problems.len()
            );
            for problem in problems {
                // Writing to a string cannot fail.
                let _ = write!(report, "\n  {}", one(problem));
            }
            report
        }
    }
}
