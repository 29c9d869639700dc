//! Exceptions and tags at the boundary of host and guest.

use super::{instance, message, setup};
use crate::{
    Caller, Engine, Error, ErrorKind, Exception, ExnRef, Extern, ExternType, Func, FuncType,
    Instance, Linker, Module, Store, Tag, TagType, Trap, Val, ValType,
};
use alloc::format;

fn tag_type(params: &[ValType]) -> TagType {
    TagType {
        func: FuncType::new(params.iter().copied(), []),
    }
}

#[test]
fn a_tag_is_itself_and_no_other() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let one = Tag::new(&mut store, tag_type(&[ValType::I32])).unwrap();
    let two = Tag::new(&mut store, tag_type(&[ValType::I32])).unwrap();
    assert_ne!(one, two);
    assert_eq!(one.ty(&store), two.ty(&store));
    assert_eq!(
        Extern::from(one).ty(&store),
        ExternType::Tag(tag_type(&[ValType::I32]))
    );
    // What is imported and exported again is the same tag; what each instance defines is its own.
    let module = Module::new(
        &engine,
        r#"(module
            (import "m" "t" (tag $t (param i32)))
            (export "imported" (tag $t))
            (tag (export "own") (param i32)))"#,
    )
    .unwrap();
    let instances = [(); 2].map(|()| Instance::new(&mut store, &module, &[one.into()]).unwrap());
    let tag = |instance: &Instance, name| instance.get_tag(&store, name).unwrap();
    let [a, b] = &instances;
    assert_eq!((tag(a, "imported"), tag(b, "imported")), (one, one));
    assert_ne!(tag(a, "own"), tag(b, "own"));
    assert_eq!(a.get_func(&store, "own"), None);
    let imports: alloc::vec::Vec<_> = module.imports().map(|it| format!("{}", it.ty())).collect();
    assert_eq!(imports, ["(tag (param i32))"]);
}

/// <https://webassembly.github.io/spec/core/valid/matching.html#tag-types>
#[test]
fn a_tag_is_imported_as_its_very_type() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let tag = Tag::new(&mut store, tag_type(&[ValType::I32])).unwrap();
    for (import, fits) in [
        ("(tag (param i32))", true),
        ("(tag (param i64))", false),
        ("(tag)", false),
        ("(tag (type $sub))", false),
        ("(func (param i32))", false),
    ] {
        let text = format!(
            r#"(module (type (func (param i32))) (type $sub (sub (func (param i32))))
                (import "m" "t" {import}))"#
        );
        let module = Module::new(&engine, text).unwrap();
        let made = Instance::new(&mut store, &module, &[tag.into()]);
        assert_eq!(made.is_ok(), fits, "{import}");
        if let Err(error) = made {
            assert_eq!(error.kind(), ErrorKind::Link);
            assert!(
                format!("{error}").ends_with("found (tag (param i32))"),
                "{error}"
            );
        }
    }
}

#[test]
fn what_no_guest_catches_is_the_error_of_the_call() {
    let mut store = Store::new(&Engine::default(), ());
    let instance = instance(
        &mut store,
        r#"(module
            (tag $t (export "t") (param i32 f64 funcref externref))
            (func $inner (param externref)
                (throw $t (i32.const -1) (f64.const 0.5) (ref.func $inner) (local.get 0)))
            (func (export "outer") (param externref) (call $inner (local.get 0)))
            (elem declare func $inner))"#,
    );
    let outer = instance.get_func(&store, "outer").unwrap();
    let object = crate::ExternRef::new(&mut store, 5);
    let error = outer
        .call(&mut store, &[object.into()], &mut [])
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exception);
    assert_eq!(
        (error.trap(), error.downcast_ref::<core::fmt::Error>()),
        (None, None)
    );
    assert_eq!(
        format!("{error}"),
        "uncaught exception of type (tag (param i32 f64 funcref externref))"
    );
    let exception = error.exception().unwrap();
    assert_eq!(Some(exception.tag()), instance.get_tag(&store, "t"));
    let values = exception.values(&store).unwrap();
    assert_eq!(values[..2], [Val::I32(-1), Val::from(0.5)]);
    assert!(matches!(values[2], Val::FuncRef(Some(_))));
    assert_eq!(values[3], object.into());
    // The same for typed calls, and the store goes on.
    let outer = outer.typed::<Option<crate::ExternRef>, ()>(&store).unwrap();
    let error = outer.call(&mut store, None).unwrap_err();
    assert!(error.exception().is_some());
}

/// Hazard 53: an exception through host frames.
#[test]
fn an_exception_passes_through_host_functions() {
    let text = r#"
        (module
            (import "host" "call" (func $call (param funcref)))
            (tag $t (param i64))
            (func $thrower (throw $t (i64.const 42)))
            (func (export "catch") (result i64)
                (block $caught (result i64)
                    (try_table (catch $t $caught) (call $call (ref.func $thrower)))
                    (i64.const 0)))
            (func (export "pass") (call $call (ref.func $thrower)))
            (elem declare func $thrower))
    "#;
    let (mut store, mut linker, module) = setup(0u32, text);
    linker
        .func_wrap(
            "host",
            "call",
            |mut caller: Caller<'_, u32>, func: Option<Func>| {
                *caller.data_mut() += 1;
                func.unwrap().call(&mut caller, &[], &mut [])
            },
        )
        .unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let catch = instance.get_typed_func::<(), i64>(&store, "catch").unwrap();
    for _ in 0..3 {
        assert_eq!(catch.call(&mut store, ()).unwrap(), 42);
    }
    let pass = instance.get_typed_func::<(), ()>(&store, "pass").unwrap();
    let error = pass.call(&mut store, ()).unwrap_err();
    let exception = error.exception().unwrap();
    assert_eq!(exception.values(&store).unwrap(), [Val::I64(42)]);
    assert_eq!(*store.data(), 4);
}

#[test]
fn a_host_function_throws_and_catches() {
    let text = r#"
        (module
            (import "host" "t" (tag $t (param i32)))
            (import "host" "throw" (func $throw (param i32)))
            (func (export "catch") (param i32) (result i32)
                (block $caught (result i32)
                    (try_table (catch $t $caught) (call $throw (local.get 0)))
                    (i32.const -1)))
            (func (export "catch all") (param i32) (result i32)
                (block $caught
                    (try_table (catch_all $caught) (call $throw (local.get 0)))
                    (return (i32.const -1)))
                (i32.const -2)))
    "#;
    let (mut store, mut linker, module) = setup((), text);
    let tag = Tag::new(&mut store, tag_type(&[ValType::I32])).unwrap();
    let other = Tag::new(&mut store, tag_type(&[])).unwrap();
    linker.define("host", "t", tag).unwrap();
    let throw = move |caller: Caller<'_, ()>, number: i32| -> Result<(), Error> {
        match number {
            0 => Ok(()),
            1 => Err(Exception::new(&caller, other, &[])?.into()),
            2 => Err(Trap::Unreachable.into()),
            3 => Err(Error::msg("an error of the host's")),
            number => Err(Exception::new(&caller, tag, &[Val::I32(number)])?.into()),
        }
    };
    linker.func_wrap("host", "throw", throw).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let catch = instance
        .get_typed_func::<i32, i32>(&store, "catch")
        .unwrap();
    let all = instance
        .get_typed_func::<i32, i32>(&store, "catch all")
        .unwrap();
    assert_eq!(catch.call(&mut store, 0).unwrap(), -1);
    assert_eq!(catch.call(&mut store, 9).unwrap(), 9);
    assert_eq!(all.call(&mut store, 9).unwrap(), -2);
    // Another tag is not caught by the first, but by what catches all.
    let error = catch.call(&mut store, 1).unwrap_err();
    assert_eq!(error.exception().unwrap().tag(), other);
    assert_eq!(all.call(&mut store, 1).unwrap(), -2);
    // What is no exception nobody catches.
    for func in [&catch, &all] {
        let error = func.call(&mut store, 2).unwrap_err();
        assert_eq!(error.trap(), Some(Trap::Unreachable));
        let error = func.call(&mut store, 3).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Host);
    }
    // A function of the host's that the host calls.
    let func = Func::wrap(&mut store, throw);
    let error = func.call(&mut store, &[Val::I32(8)], &mut []).unwrap_err();
    assert_eq!(
        error.exception().unwrap().values(&store).unwrap(),
        [Val::I32(8)]
    );
}

#[test]
fn references_to_exceptions_come_and_go() {
    let text = r#"
        (module
            (tag $t (export "t") (param i32))
            (func (export "make") (param i32) (result exnref) (local exnref)
                (block $caught (result i32 exnref)
                    (try_table (catch_ref $t $caught) (throw $t (local.get 0)))
                    (unreachable))
                (local.set 1)
                (drop)
                (local.get 1))
            (func (export "throw") (param exnref) (throw_ref (local.get 0))))
    "#;
    let mut store = Store::new(&Engine::default(), ());
    let instance = instance(&mut store, text);
    let [make, throw] = ["make", "throw"].map(|name| instance.get_func(&store, name).unwrap());
    let mut results = [Val::I32(0)];
    make.call(&mut store, &[Val::I32(6)], &mut results).unwrap();
    let reference = results[0].unwrap_exnref().expect("not null");
    let exception = reference.exception(&store).unwrap();
    assert_eq!(exception.values(&store).unwrap(), [Val::I32(6)]);
    let error = throw.call(&mut store, &results, &mut []).unwrap_err();
    assert_eq!(
        error.exception().unwrap().values(&store).unwrap(),
        [Val::I32(6)]
    );
    // What the host holds stays, however many come and go.
    for number in 0..20_000 {
        make.call(&mut store, &[Val::I32(number)], &mut results)
            .unwrap();
    }
    let exception = reference.exception(&store).unwrap();
    assert_eq!(exception.values(&store).unwrap(), [Val::I32(6)]);

    let tag = instance.get_tag(&store, "t").unwrap();
    let mine = Exception::new(&store, tag, &[Val::I32(7)]).unwrap();
    let reference = ExnRef::new(&mut store, &mine).unwrap();
    let error = throw
        .call(&mut store, &[reference.into()], &mut [])
        .unwrap_err();
    assert_eq!(
        error.exception().unwrap().values(&store).unwrap(),
        [Val::I32(7)]
    );
    let error = throw
        .call(&mut store, &[Val::ExnRef(None)], &mut [])
        .unwrap_err();
    assert_eq!(error.trap(), Some(Trap::NullExceptionReference));
}

#[test]
fn exceptions_used_wrongly_are_refused() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut other = Store::new(&engine, ());
    let tag = Tag::new(&mut store, tag_type(&[ValType::I32])).unwrap();
    assert_eq!(
        message(Exception::new(&store, tag, &[])),
        "an exception of type (tag (param i32)) has 1 values, 0 are given"
    );
    assert_eq!(
        message(Exception::new(&store, tag, &[Val::I64(1)])),
        "value 0 of an exception of type (tag (param i32)): expected i32, found i64"
    );
    assert_eq!(
        message(Exception::new(&other, tag, &[Val::I32(1)])),
        "this Tag belongs to another store"
    );
    let exception = Exception::new(&store, tag, &[Val::I32(1)]).unwrap();
    assert!(exception.values(&other).is_err());
    assert!(ExnRef::new(&mut other, &exception).is_err());
    let reference = ExnRef::new(&mut store, &exception).unwrap();
    assert!(reference.exception(&other).is_err());
    let with_result = TagType {
        func: FuncType::new([], [ValType::I32]),
    };
    assert!(Tag::new(&mut store, with_result).is_err());
    assert_eq!(
        message(Tag::new(&mut store, tag_type(&[ValType::V128]))),
        "values of type v128 are not built yet"
    );
    let mut linker = Linker::<()>::new(&engine);
    linker.define("m", "t", tag).unwrap();
    let module = Module::new(&engine, r#"(module (import "m" "t" (tag (param i32))))"#).unwrap();
    assert!(linker.instantiate(&mut other, &module).is_err());
}

/// An exception of another store is only an error here: its tag means nothing.
#[test]
fn an_exception_of_another_store_is_not_caught() {
    let text = r#"
        (module
            (import "host" "throw" (func $throw))
            (func (export "f")
                (block $caught (try_table (catch_all $caught) (call $throw)))))
    "#;
    let (mut store, mut linker, module) = setup((), text);
    let mut other = Store::new(store.engine(), ());
    let tag = Tag::new(&mut other, tag_type(&[])).unwrap();
    let exception = Exception::new(&other, tag, &[]).unwrap();
    linker
        .func_wrap("host", "throw", move || -> Result<(), Error> {
            Err(exception.clone().into())
        })
        .unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let f = instance.get_typed_func::<(), ()>(&store, "f").unwrap();
    let error = f.call(&mut store, ()).unwrap_err();
    assert_eq!(error.exception().unwrap().tag(), tag);
}
