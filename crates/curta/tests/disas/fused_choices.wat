;; A minimum, and a condition that is used as a number.
(module
  (func (param i32 i32 i32) (result i32)
    (local.set 2 (i32.add (local.get 2) (i32.lt_u (local.get 0) (local.get 1))))
    (local.set 0 (i32.add (local.get 0) (local.get 1)))
    (select (local.get 0) (local.get 2) (i32.lt_u (local.get 0) (i32.const 9)))))
;;= func 0 (func (param i32 i32 i32) (result i32))
;;= 0000  i32.lt_u acc, l0, l1 ; i32.add acc+l2, acc, l2
;;= 0018  i32.add acc=l0, l0, l1
;;= 0028  select_i32.lt_u acc, acc, 9, acc, l2
;;= 0038  return acc
