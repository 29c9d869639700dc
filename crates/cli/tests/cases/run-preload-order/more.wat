;; A reactor that imports from what was preloaded before it.
(module
  (import "math" "twice" (func $twice (param i32) (result i32)))
  (global $base (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $base (i32.const 100)))
  (func (export "more") (param i32) (result i32)
    (i32.add (global.get $base) (call $twice (local.get 0)))))
