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
;;= 0000  const s3, 7
;;= 0010  br_unless -> 0038, l0
;;= 0028  br -> 0048
;;= 0038  const s3, 8
;;= 0048  i32.add acc, s3, 5 ; return acc
