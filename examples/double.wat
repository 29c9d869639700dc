;; Doubles a number, and tells the host which one.
(module
  (import "host" "note" (func $note (param i32)))
  (func (export "double") (param $x i32) (result i32)
    (call $note (local.get $x))
    (i32.mul (local.get $x) (i32.const 2))))
