//! Functions that are translated when they are called first.

use crate::{
    CompilationMode, Config, Dispatch, Engine, Func, Instance, Linker, Module, Store,
    translate::tests::set_failing,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A bug of the translator is a panic of the host's call: it crosses no handler, and what was running can be called again.
#[test]
fn a_panic_while_translating_leaves_the_guest() {
    let text = r#"(module
        (import "host" "again" (func $again))
        (global $n (export "n") (mut i32) (i32.const 0))
        (func $inner (global.set $n (i32.add (global.get $n) (i32.const 1))))
        (func (export "run") (call $inner))
        (func (export "outer") (call $again)))"#;
    for mode in [CompilationMode::LazyTranslation, CompilationMode::Lazy] {
        for dispatch in [Dispatch::Auto, Dispatch::Loop] {
            let engine = Engine::new(Config::new().compilation_mode(mode).dispatch(dispatch));
            let module = Module::new(&engine, text).unwrap();
            let mut store = Store::new(&engine, None::<Func>);
            let mut linker = Linker::new(&engine);
            linker
                .func_wrap(
                    "host",
                    "again",
                    |mut caller: crate::Caller<'_, Option<Func>>| {
                        let run = caller.data().expect("set below");
                        run.call(&mut caller, &[], &mut [])
                    },
                )
                .unwrap();
            let instance: Instance = linker.instantiate(&mut store, &module).unwrap();
            let run = instance.get_func(&store, "run").unwrap();
            let outer = instance.get_func(&store, "outer").unwrap();
            *store.data_mut() = Some(run);
            for func in [run, outer, run] {
                set_failing(true);
                let panicked = catch_unwind(AssertUnwindSafe(|| {
                    func.call(&mut store, &[], &mut []).map_err(drop)
                }));
                set_failing(false);
                let payload = panicked.expect_err("it panics");
                assert_eq!(
                    payload.downcast_ref(),
                    Some(&"a bug of the translator"),
                    "the translator's own panic goes on"
                );
            }
            for func in [run, outer] {
                func.call(&mut store, &[], &mut []).unwrap();
            }
            let n = instance.get_global(&store, "n").unwrap().get(&store);
            assert_eq!(n.i32(), Some(2));
        }
    }
}
