(module
  (func $inner unreachable)
  (func $outer (call $inner))
  (func (export "f") (call $outer)))
