;; A branch or a select absorbs a compare of two results, the first of which is in the compare's own slot. What takes the
;; accumulator meanwhile has the compare computed.
(module
  (memory 1)
  (func (param i32 i32)
    (block
      (br_if 0 (i32.ne (i32.load8_u (local.get 0)) (i32.load8_u (local.get 1))))
      (unreachable)))
  (func (param i32 i32) (result i32)
    (i32.add
      (i32.lt_s (i32.load (local.get 0)) (i32.load (local.get 1)))
      (i32.mul (local.get 0) (local.get 1)))))
;;= func 0 (func (param i32 i32))
;;= 0000  i32.load8_u acc+s2, [l0 + 0] ; i32.load8_u acc, [l1 + 0] ; br_i32.ne -> 0030, acc, s2
;;= 0028  unreachable
;;= 0030  return
;;= 
;;= func 1 (func (param i32 i32) (result i32))
;;= 0000  i32.load acc+s2, [l0 + 0] ; i32.load acc, [l1 + 0]
;;= 0018  i32.gt_s acc+s2, acc, s2
;;= 0028  i32.mul acc, l0, l1 ; i32.add acc, acc, s2
;;= 0040  return acc
