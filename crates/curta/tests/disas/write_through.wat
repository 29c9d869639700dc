;; A result that must survive is written to its slot by the cell that makes it, and `local.set` costs nothing.
(module
  (func (param i32 i32) (result i32) (local i32)
    (local.set 2 (i32.mul (local.get 0) (local.get 1)))
    (i32.xor
      (i32.rotl (local.get 2) (i32.const 5))
      (i32.div_u (local.get 2) (local.get 0)))))
;;= func 0 (func (param i32 i32) (result i32))
;;= 0010  i32.mul acc+l2, l0, l1
;;= 0020  i32.rotl acc+s2, acc, 5
;;= 0030  i32.div_u acc, l2, l0
;;= 0040  i32.xor acc, acc, s2 ; return acc
