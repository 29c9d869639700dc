;; Arguments are made in the cell of the call, and a result in that of the return.
(module
  (func $f (param i32) (result i32)
    (i32.sub (call $f (i32.add (local.get 0) (i32.const 1))) (i32.const 2))))
;;= func 0 `f` (func (param i32) (result i32))
;;= 0000  i32.add acc+s2, l0, 1 ; call function, #24
;;= 0020  i32.add acc, acc, -2 ; return acc
