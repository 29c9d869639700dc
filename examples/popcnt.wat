;; How many bits of a number are one.
(module
  (func (export "ones") (param i32) (result i32)
    (i32.popcnt (local.get 0))))
