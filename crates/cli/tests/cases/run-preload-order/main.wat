(module
  (import "math" "twice" (func $twice (param i32) (result i32)))
  (import "more" "more" (func $more (param i32) (result i32)))
  (func (export "f") (param i32) (result i32) (call $more (call $twice (local.get 0)))))
