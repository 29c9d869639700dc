;; All entries of a table that go to one label share the stub that brings the results there.
(module
  (func (param i32) (result i32)
    (block (result i32)
      (block (result i32)
        (i32.const 1)
        (i32.const 2)
        (br_table 0 1 0 1 1 (local.get 0)))
      (drop)
      (i32.const 3))))
;;= func 0 (func (param i32) (result i32))
;;= 0000  const s3, 2 ; br_table l0, -> 0040 0058 0040 0058 0058
;;= 0040  copy s2, s3 ; br -> 0070
;;= 0058  copy s2, s3 ; return s2
;;= 0070  const s2, 3
;;= 0080  return s2
