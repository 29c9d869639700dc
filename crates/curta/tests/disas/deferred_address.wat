;; Sums and shifts before an access cost no cell of their own.
(module
  (memory 1)
  (func (param i32 i32) (result i32)
    (i32.store offset=4 (i32.add (local.get 0) (local.get 1)) (i32.const 7))
    (i32.add
      (i32.load (i32.add (local.get 0) (i32.shl (local.get 1) (i32.const 2))))
      (i32.load8_u (i32.add (local.get 0) (i32.const 12))))
    (i32.add (i32.load offset=8 (i32.const 1024)))))
;;= func 0 (func (param i32 i32) (result i32))
;;= 0000  i32.store [l0 +w l1 + 4], 7
;;= 0010  i32.load acc+s2, [l0 +w l1 << 2 + 0]
;;= 0020  i32.load8_u acc, [l0 +w 12] ; i32.add acc=s2, acc, s2
;;= 0038  i32.load acc, [1032] ; i32.add acc, acc, s2
;;= 0050  return acc
