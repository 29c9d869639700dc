;; Locals that may be read before they are set are zeroed when the function begins, and no others.
(module
  ;; Set on both ways.
  (func (param i32) (result i32) (local i32 i32)
    (if (local.get 0)
      (then (local.set 1 (i32.const 1)))
      (else (local.set 1 (i32.const 2))))
    (local.get 1))
  ;; Set on one way only.
  (func (param i32) (result i32) (local i32 i32)
    (if (local.get 0)
      (then (local.set 2 (i32.const 1))))
    (local.get 2))
  ;; What a loop has set in the turn before was not set before the first.
  (func (param i32) (result i32) (local i32)
    (loop
      (br_if 0 (local.tee 1 (i32.add (local.get 1) (local.get 0)))))
    (local.get 1)))
;;= func 0 (func (param i32) (result i32))
;;= 0010  br_unless -> 0040, l0
;;= 0028  const l1, 1 ; return l1
;;= 0040  const l1, 2
;;= 0050  return l1
;;= 
;;= func 1 (func (param i32) (result i32))
;;= 0000  zero_locals l2, #1
;;= 0010  br_unless -> 0038, l0
;;= 0028  const l2, 1
;;= 0038  return l2
;;= 
;;= func 2 (func (param i32) (result i32))
;;= 0000  zero_locals l1, #1
;;= 0010  loop
;;= 0018  i32.add acc=l1, l1, l0
;;= 0028  br_if -> head, acc
;;= 0038  return acc
