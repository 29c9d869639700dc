//! The engines that every hazard is tried on, and how a module is brought to them.

use curta::{
    CompilationMode, Config, Dispatch, Engine, Error, ErrorKind, Features, Instance, Limit, Module,
    Store, Trap, TypedFunc,
};
use curta::{WasmParams, WasmResults};

/// How bodies are compiled.
pub(crate) const MODES: [CompilationMode; 3] = [
    CompilationMode::Eager,
    CompilationMode::LazyTranslation,
    CompilationMode::Lazy,
];

/// An engine with all features and settings beside the mode and the dispatch. What costs are measured of is the thread that
/// asks for a module, so nobody helps it.
pub(crate) fn engine(
    mode: CompilationMode,
    dispatch: Dispatch,
    set: impl FnOnce(&mut Config),
) -> Engine {
    let mut config = Config::new();
    config.features(Features::ALL);
    #[cfg(feature = "parallel")]
    config.compilation_threads(std::num::NonZeroUsize::MIN);
    set(&mut config);
    Engine::new(config.compilation_mode(mode).dispatch(dispatch))
}

/// An engine of each mode, with the fastest dispatch: for what translation is asked to do.
pub(crate) fn modes() -> impl Iterator<Item = Engine> {
    MODES
        .into_iter()
        .map(|mode| announced(engine(mode, Dispatch::Auto, |_| ())))
}

/// An engine of each mode and dispatch: for what code does when it runs.
pub(crate) fn engines() -> impl Iterator<Item = Engine> {
    engines_with(|_| ())
}

/// The same with further settings.
pub(crate) fn engines_with(set: impl Fn(&mut Config) + Copy) -> impl Iterator<Item = Engine> {
    let fastest = engine(CompilationMode::Eager, Dispatch::Auto, |_| ()).dispatch();
    let dispatches = if fastest == Dispatch::Loop {
        vec![Dispatch::Loop]
    } else {
        vec![fastest, Dispatch::Loop]
    };
    dispatches
        .into_iter()
        .flat_map(move |dispatch| MODES.map(|mode| engine(mode, dispatch, set)))
        .map(announced)
}

/// A test that fails says on which engine it did.
fn announced(engine: Engine) -> Engine {
    println!(
        "on {:?}, {:?}",
        engine.config().get_compilation_mode(),
        engine.dispatch()
    );
    engine
}

/// A module alone in a store.
pub(crate) fn alone(engine: &Engine, module: impl AsRef<[u8]>) -> (Store<()>, Instance) {
    let module = Module::new(engine, module).expect("the module is valid");
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("it can be instantiated");
    (store, instance)
}

/// A function of an instance.
pub(crate) fn func<P: WasmParams, R: WasmResults>(
    store: &Store<()>,
    instance: Instance,
    name: &str,
) -> TypedFunc<P, R> {
    instance
        .get_typed_func(store, name)
        .expect("it is exported and of this type")
}

/// Calls a function of an instance.
pub(crate) fn call<P: WasmParams, R: WasmResults>(
    store: &mut Store<()>,
    instance: Instance,
    name: &str,
    params: P,
) -> Result<R, Error> {
    func::<P, R>(store, instance, name).call(store, params)
}

/// The trap of a call that must end with one.
pub(crate) fn trap<R: std::fmt::Debug>(result: Result<R, Error>) -> Trap {
    let error = result.expect_err("it traps");
    error
        .trap()
        .unwrap_or_else(|| panic!("not a trap: {error:?}"))
}

/// Makes a module, instantiates it, and calls what it exports as `run`, so that its bodies are met in every mode.
pub(crate) fn run(engine: &Engine, module: impl AsRef<[u8]>) -> Result<(), Error> {
    let module = Module::new(engine, module)?;
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    match instance.get_func(&store, "run") {
        Some(run) => run.call(&mut store, &[], &mut []),
        None => Ok(()),
    }
}

/// The same, where a limit that refuses the module is as good an answer. Whether it ran.
pub(crate) fn runs_or_exceeds(engine: &Engine, module: impl AsRef<[u8]>) -> bool {
    match run(engine, module) {
        Ok(()) => true,
        Err(error) if exceeded(&error).is_some() => false,
        Err(error) => panic!("neither fine nor beyond a limit: {error:?}"),
    }
}

/// The limit that a module exceeds.
pub(crate) fn exceeded(error: &Error) -> Option<Limit> {
    Some(error.module_error()?.exceeded()?.limit)
}

/// What is said of a module that is refused, when it is made or when the body at fault is called.
pub(crate) fn refusal(engine: &Engine, module: impl AsRef<[u8]>) -> String {
    let error = run(engine, module).expect_err("it is refused");
    assert_eq!(error.kind(), ErrorKind::Module, "{error:?}");
    error.to_string()
}

/// Runs something on a thread with so little native stack that recursion by the module's size would overflow it.
pub(crate) fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    const STACK: usize = 512 * 1024;
    let thread = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(run)
        .expect("a thread can be spawned");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
