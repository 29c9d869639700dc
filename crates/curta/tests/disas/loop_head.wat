;; A branch back to a loop's head that nothing can have changed needs no compare of the head; behind a call it does.
(module
  (func $f)
  (func (param i32)
    (loop
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (loop
      (call $f)
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
;;= func 0 `f` (func)
;;= 0000  return
;;= 
;;= func 1 (func (param i32))
;;= 0000  loop
;;= 0008  i32.add acc=l0, l0, -1 ; br_if -> head, acc
;;= 0020  loop
;;= 0028  call function, #16
;;= 0040  i32.add acc=l0, l0, -1 ; br_if -> 0028, acc
;;= 0058  return
