;; A local that was read and not used yet is saved when it is set.
(module
  (func (param i32) (result i32)
    (local.get 0)
    (local.set 0 (i32.const 9))
    (i32.sub (local.get 0))))
;;= func 0 (func (param i32) (result i32))
;;= 0000  copy s2, l0 ; const l0, 9
;;= 0018  i32.sub acc, s2, l0
;;= 0028  return acc
