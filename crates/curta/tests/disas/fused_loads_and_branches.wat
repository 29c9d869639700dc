;; What was loaded is tested in the cell in which it was loaded.
(module
  (memory 1)
  (func (param i32 i32)
    (loop
      (br_if 0 (i32.ne (i32.load8_u (local.get 0)) (i32.const 10)))
      (br_if 0 (i32.load (local.get 0)))
      (br_if 0 (i32.eq (i32.load (i32.add (local.get 0) (i32.const 4))) (local.get 1))))))
;;= func 0 (func (param i32 i32))
;;= 0000  loop
;;= 0008  i32.load8_u acc, [l0 + 0] ; br_i32.ne -> head, acc, 10
;;= 0028  i32.load acc, [l0 + 0] ; br_if -> head, acc
;;= 0040  i32.load acc, [l0 +w 4]
;;= 0050  br_i32.eq -> head, acc, l1
;;= 0068  return
