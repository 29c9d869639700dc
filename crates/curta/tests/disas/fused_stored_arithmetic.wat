;; A number in memory is counted up.
(module
  (memory 1)
  (func (param i32 i32)
    (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (i32.const 1)))
    (i32.store8 offset=4 (local.get 0) (i32.and (local.get 1) (i32.const 127)))))
;;= func 0 (func (param i32 i32))
;;= 0000  i32.load acc, [l0 + 0] ; i32.add acc, acc, 1 ; i32.store [l0 + 0], acc
;;= 0020  i32.and acc, l1, 127
;;= 0030  i32.store8 [l0 + 4], acc ; return
