;; Counts up in a mutable global: what a compiler's stack pointer costs.
(module
  (global $i (mut i32) (i32.const 0))
  (func (export "run") (param $n i32) (result i32)
    (global.set $i (i32.const 0))
    (loop $again
      (global.set $i (i32.add (global.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (global.get $i) (local.get $n))))
    (global.get $i)))
