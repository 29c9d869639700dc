;; Branches that are mostly not taken share a cell.
(module
  (func (param i32) (result i32)
    (block
      (br_if 0 (i32.eq (local.get 0) (i32.const 3)))
      (br_if 0 (i32.eq (local.get 0) (i32.const 5)))
      (br_if 0 (i32.eq (local.get 0) (i32.const 9)))
      (return (i32.const 0)))
    (i32.const 1)))
;;= func 0 (func (param i32) (result i32))
;;= 0000  br_i32.eq -> 0050, l0, 3 ; br_i32.eq -> 0050, l0, 5
;;= 0028  br_i32.eq -> 0050, l0, 9
;;= 0040  return 0
;;= 0050  return 1
