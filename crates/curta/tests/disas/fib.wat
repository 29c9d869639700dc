;; A compare is absorbed by its branch, results stay in the accumulator, and a branch to a return is a return.
(module
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add
        (call $fib (i32.sub (local.get 0) (i32.const 1)))
        (call $fib (i32.sub (local.get 0) (i32.const 2))))))))
;;= func 0 `fib` (func (param i32) (result i32))
;;= 0000  br_i32.ge_s -> 0030, l0, 2
;;= 0018  copy s2, l0 ; return s2
;;= 0030  i32.add acc+s2, l0, -1 ; call function, #24
;;= 0050  copy s2, acc ; i32.add acc+s3, l0, -2 ; call function, #32
;;= 0070  i32.add acc=s2, acc, s2
;;= 0080  return s2
