;; Several results go to where the arguments were.
(module
  (func (param i64 i64) (result i64 i64)
    (local.get 1)
    (local.get 0)))
;;= func 0 (func (param i64 i64) (result i64 i64))
;;= 0000  copy s2, l1 ; copy s3, l0
;;= 0010  return #2, #16, s2
