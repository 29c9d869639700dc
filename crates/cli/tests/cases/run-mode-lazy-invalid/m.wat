(module
  (func (export "f") (result i32) (call $wrong))
  (func $wrong (result i32)))
