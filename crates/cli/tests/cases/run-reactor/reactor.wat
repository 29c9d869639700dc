(module
  (func (export "_initialize"))
  (func (export "get") (result i32) (i32.const 1)))
