(module
  (import "env" "imported" (func $imported))
  (func $first (result i32) (i32.const 1))
  (func $second (export "exported") (result i32) (i32.const 2)))
