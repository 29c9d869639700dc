;; A frame on a stack in memory, as compilers of C make it.
(module
  (memory 1)
  (global $stack (mut i32) (i32.const 65536))
  (func (param i32) (local i32)
    (global.set $stack (local.tee 1 (i32.sub (global.get $stack) (i32.const 16))))
    (i32.store offset=12 (local.get 1) (local.get 0))
    (global.set $stack (i32.add (local.get 1) (i32.const 16)))))
;;= func 0 (func (param i32))
;;= 0010  global.get acc, #0 ; i32.add acc+l1, acc, -16 ; global.set #0, acc
;;= 0028  i32.store [acc + 12], l0
;;= 0038  i32.add acc, acc, 16 ; global.set #0, acc
;;= 0050  return
