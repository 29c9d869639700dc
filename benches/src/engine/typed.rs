//! For engines whose host functions have static types only: [`match_parameters`] turns the
//! parameters that [`crate::host::FUNCTIONS`] names by letters into a closure's.

/// Calls the macro `$callback` with the parameters that the string `$parameters` stands for, each
/// as `name: type`.
macro_rules! match_parameters {
    ($parameters:expr, $callback:ident) => {
        match $parameters {
            "" => $callback!(),
            "i" => $callback!(a: i32),
            "ii" => $callback!(a: i32, b: i32),
            "iI" => $callback!(a: i32, b: i64),
            "iii" => $callback!(a: i32, b: i32, c: i32),
            "iIi" => $callback!(a: i32, b: i64, c: i32),
            "iiii" => $callback!(a: i32, b: i32, c: i32, d: i32),
            "iIii" => $callback!(a: i32, b: i64, c: i32, d: i32),
            "iIIi" => $callback!(a: i32, b: i64, c: i64, d: i32),
            "iiiii" => $callback!(a: i32, b: i32, c: i32, d: i32, e: i32),
            "iiiIi" => $callback!(a: i32, b: i32, c: i32, d: i64, e: i32),
            "iiiiii" => $callback!(a: i32, b: i32, c: i32, d: i32, e: i32, f: i32),
            "iiiiIIi" => $callback!(a: i32, b: i32, c: i32, d: i32, e: i64, f: i64, g: i32),
            "iiiiiIIii" => $callback!(a: i32, b: i32, c: i32, d: i32, e: i32, f: i64, g: i64, h: i32, i: i32),
            other => return Err(format!("no closure for the parameters `{other}`").into()),
        }
    };
}
pub(super) use match_parameters;

/// An argument as [`crate::host::Host::call`] wants it.
pub(super) trait Word {
    fn word(self) -> u64;
}

impl Word for i32 {
    fn word(self) -> u64 {
        u64::from(self.cast_unsigned())
    }
}

impl Word for i64 {
    fn word(self) -> u64 {
        self.cast_unsigned()
    }
}
