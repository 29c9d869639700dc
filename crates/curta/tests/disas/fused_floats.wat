;; Loads, products and sums of floats run in one cell.
(module
  (memory 1)
  (func (param i32 i32 f64) (result f64)
    (f64.add (local.get 2) (f64.mul (f64.load (local.get 0)) (f64.load offset=8 (local.get 1))))))
;;= func 0 (func (param i32 i32 f64) (result f64))
;;= 0000  f64.load acc+s3, [l0 + 0] ; f64.load acc, [l1 + 8] ; f64.mul acc, s3, acc
;;= 0020  f64.add acc, l2, acc ; f64.return acc
