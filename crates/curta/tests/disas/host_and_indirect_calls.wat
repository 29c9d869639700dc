;; What lives elsewhere is called by its index, an element by its number and signature.
(module
  (import "m" "f" (func $f (param i32) (result i32)))
  (table 2 funcref)
  (func (param i32) (result i32)
    (call_indirect (param i32) (result i32)
      (call $f (local.get 0))
      (i32.const 1))))
;;= func 1 (func (param i32) (result i32))
;;= 0000  copy s2, l0 ; call_import #0, s2
;;= 0018  const s3, 1 ; copy s2, acc
;;= 0028  call_indirect #4, s2, s3
;;= 0038  return acc
