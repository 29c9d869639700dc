;; A constant that is added to the accumulator waits for an access, too. What takes the accumulator meanwhile has the sum computed.
(module
  (memory 1)
  (func (param i32 i32) (result i32)
    (i32.store (i32.add (i32.and (local.get 0) (i32.const 60)) (i32.const 1024)) (local.get 1))
    (i32.load (i32.add (i32.const 2048) (i32.mul (local.get 0) (local.get 1)))))
  (func (param i32 i32) (result i32)
    (i32.sub
      (i32.load offset=4 (i32.add (i32.and (local.get 0) (i32.const 60)) (i32.const 1024)))
      (i32.xor
        (i32.add (i32.and (local.get 0) (i32.const 63)) (i32.const 5))
        (i32.mul (local.get 1) (local.get 1))))))
;;= func 0 (func (param i32 i32) (result i32))
;;= 0000  i32.and acc, l0, 60
;;= 0010  i32.store [acc +w 1024], l1
;;= 0020  i32.mul acc, l0, l1
;;= 0030  i32.load acc, [acc +w 2048]
;;= 0040  return acc
;;= 
;;= func 1 (func (param i32 i32) (result i32))
;;= 0000  i32.and acc, l0, 60 ; i32.add acc, acc, 1024
;;= 0018  i32.load acc+s2, [acc + 4]
;;= 0028  i32.and acc, l0, 63 ; i32.add acc+s3, acc, 5
;;= 0040  i32.mul acc, l1, l1
;;= 0050  i32.xor acc, acc, s3
;;= 0060  i32.sub acc, s2, acc ; return acc
