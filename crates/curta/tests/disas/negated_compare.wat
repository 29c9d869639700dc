;; `eqz` of a compare is the opposite compare; of floats that is no other instruction of WebAssembly.
(module
  (func (param f64 f64)
    (if (i32.eqz (f64.lt (local.get 0) (local.get 1))) (then (unreachable)))))
;;= func 0 (func (param f64 f64))
;;= 0000  br_f64.lt -> 0020, l0, l1
;;= 0018  unreachable
;;= 0020  return
