;; Locals that get constants and each other's values.
(module
  (memory 1)
  (func (param i32 i32 i32) (result i32)
    (i32.store (local.get 0) (i32.const 70000))
    (local.set 1 (local.get 0))
    (local.set 0 (i32.const 0))
    (local.set 2 (i32.add (local.get 2) (i32.const 1)))
    (i32.sub (i32.sub (local.get 0) (local.get 1)) (local.get 2))))
;;= func 0 (func (param i32 i32 i32) (result i32))
;;= 0000  i32.store [l0 + 0], 70000
;;= 0018  copy l1, l0 ; const l0, 0
;;= 0030  i32.add acc+l2, l2, 1 ; i32.sub acc, l0, l1
;;= 0048  i32.sub acc, acc, l2 ; return acc
