;; A counter is tested in the cell in which it is counted.
(module
  (func (param i32 i32)
    (loop
      (br_if 0 (local.tee 0 (i32.add (local.get 0) (i32.const -1)))))
    (loop
      (local.set 0 (i32.add (local.get 0) (i32.const 3)))
      (br_if 0 (i32.ne (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 100))))))
;;= func 0 (func (param i32 i32))
;;= 0000  loop
;;= 0008  i32.add acc=l0, l0, -1 ; br_if -> head, acc
;;= 0020  loop
;;= 0028  i32.add acc=l0, l0, 3 ; i32.add acc=l1, l1, 1 ; br_i32.ne -> head, acc, 100
;;= 0050  return
