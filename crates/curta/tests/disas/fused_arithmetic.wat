;; A step of a hash.
(module
  (func (param i32 i32 i32) (result i32)
    (local.set 0 (i32.xor (i32.rotl (local.get 0) (i32.const 5)) (i32.rotl (local.get 0) (i32.const 13))))
    (local.set 1 (i32.add (i32.and (local.get 0) (local.get 1)) (local.get 2)))
    (i32.xor (i32.shr_u (local.get 1) (i32.const 7)) (local.get 1))))
;;= func 0 (func (param i32 i32 i32) (result i32))
;;= 0000  i32.rotl acc+s2, l0, 5 ; i32.rotl acc, l0, 13 ; i32.xor acc+l0, acc, s2
;;= 0020  i32.and acc, acc, l1 ; i32.add acc+l1, acc, l2
;;= 0030  i32.shr_u acc, acc, 7 ; i32.xor acc, acc, l1
;;= 0048  return acc
