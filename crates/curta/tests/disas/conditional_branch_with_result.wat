;; The value goes to its label on the taken path only.
(module
  (func (param i32) (result i32)
    (i32.const 5)
    (block (result i32)
      (i32.const 7)
      (br_if 0 (local.get 0))
      (drop)
      (i32.const 8))
    (i32.add)))
;;= func 0 (func (param i32) (result i32))
;;= 0000  const s3, 7 ; br_unless -> 0028, l0
;;= 0018  br -> 0038
;;= 0028  const s3, 8
;;= 0038  i32.add acc, s3, 5 ; return acc
