;; Elements of arrays of records.
(module
  (memory 1)
  (func (param i32 i32) (result i32)
    (i32.load8_u offset=4
      (i32.add
        (i32.load offset=4 (i32.add (local.get 0) (i32.mul (local.get 1) (i32.const 12))))
        (i32.shl (local.get 1) (i32.const 4))))))
;;= func 0 (func (param i32 i32) (result i32))
;;= 0000  i32.mul acc, l1, 12 ; i32.add acc, acc, l0
;;= 0018  i32.load acc+s2, [acc + 4] ; i32.shl acc, l1, 4 ; i32.add acc, acc, s2
;;= 0038  i32.load8_u acc, [acc + 4] ; return acc
