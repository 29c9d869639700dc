;; A loop that fills an array is one cell.
(module
  (memory 1)
  (func (param i32 i32 i32)
    (loop
      (i32.store (local.get 0) (local.get 1))
      (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4))) (local.get 2))))))
;;= func 0 (func (param i32 i32 i32))
;;= 0000  loop
;;= 0008  i32.store [l0 + 0], l1 ; i32.add acc=l0, l0, 4 ; br_i32.lt_u -> head, acc, l2
;;= 0030  return
