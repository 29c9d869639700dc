;; A select takes its compare whole.
(module
  (func (param i32 i32) (result i32)
    (select (local.get 0) (local.get 1) (i32.lt_s (local.get 0) (local.get 1)))))
;;= func 0 (func (param i32 i32) (result i32))
;;= 0000  select_i32.lt_s acc, l0, l1, l0, l1
;;= 0018  return acc
