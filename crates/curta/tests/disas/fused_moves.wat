;; What is copied in memory by the word.
(module
  (memory 1)
  (func (param i32 i32)
    (i64.store (local.get 0) (i64.load (local.get 1)))
    (i64.store offset=8 (local.get 0) (i64.load offset=8 (local.get 1)))
    (i32.store offset=16 (local.get 0) (i32.load offset=16 (local.get 1)))))
;;= func 0 (func (param i32 i32))
;;= 0000  i64.load acc, [l1 + 0] ; i64.store [l0 + 0], acc ; i64.load acc, [l1 + 8]
;;= 0020  i64.store [l0 + 8], acc ; i32.load acc, [l1 + 16] ; i32.store [l0 + 16], acc
;;= 0040  return
