;; A result is made in the cell of the return.
(module
  (memory 1)
  (func (param i32 i32) (result i32)
    (i32.sub (local.get 0) (i32.const 5)))
  (func (param i32) (result i32)
    (i32.load (local.get 0))))
;;= func 0 (func (param i32 i32) (result i32))
;;= 0000  i32.add acc, l0, -5 ; return acc
;;= 
;;= func 1 (func (param i32) (result i32))
;;= 0000  i32.load acc, [l0 + 0] ; return acc
