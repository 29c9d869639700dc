;; Sums and tests of what lies in memory.
(module
  (memory 1)
  (func (param i32 i32) (result i32)
    (local.set 1 (i32.add (local.get 1) (i32.load (local.get 0))))
    (local.set 1 (i32.xor (local.get 1) (i32.load8_u offset=4 (local.get 0))))
    (i32.and (i32.load offset=8 (local.get 0)) (local.get 1))))
;;= func 0 (func (param i32 i32) (result i32))
;;= 0000  i32.load acc, [l0 + 0] ; i32.add acc=l1, acc, l1
;;= 0018  i32.load8_u acc, [l0 + 4] ; i32.xor acc+l1, acc, l1
;;= 0030  i32.load acc, [l0 + 8] ; i32.and acc, acc, l1
;;= 0048  return acc
