;; Counts a parameter down to zero; what is left, zero, is the result.
(module
  (func (export "run") (param $n i32) (result i32)
    (loop $again
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $n)))
