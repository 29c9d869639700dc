// ANCHOR: all
use std::fmt;

use curta::{Engine, Error, ErrorKind, Linker, Module, Store, Trap};

/// An error of the host's own.
#[derive(Debug, PartialEq)]
struct OutOfPaper {
    sheets: u32,
}

impl fmt::Display for OutOfPaper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sheets are not enough", self.sheets)
    }
}

impl std::error::Error for OutOfPaper {}

fn print(sheets: u32) -> Result<(), Error> {
    Err(Error::new(OutOfPaper { sheets }))
}

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "printer" "print" (func $print (param i32)))
            (func (export "report") (call $print (i32.const 3)))
            (func $crash (export "crash") unreachable))"#,
    )?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("printer", "print", print)?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module)?;

    // ANCHOR: host
    // What the host function returned comes out as it was.
    let report = instance.get_typed_func::<(), ()>(&store, "report")?;
    let error = report.call(&mut store, ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Host);
    assert_eq!(error.downcast_ref(), Some(&OutOfPaper { sheets: 3 }));
    // ANCHOR_END: host

    // ANCHOR: trap
    // A trap says what happened, and where.
    let crash = instance.get_typed_func::<(), ()>(&store, "crash")?;
    let error = crash.call(&mut store, ()).unwrap_err();
    assert_eq!(error.trap(), Some(Trap::Unreachable));
    let frames = error.backtrace().expect("traps have one").frames();
    assert_eq!(frames[0].func_name(), Some("crash"));
    // ANCHOR_END: trap
    Ok(())
}
// ANCHOR_END: all
