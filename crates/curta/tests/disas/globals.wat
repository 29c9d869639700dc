;; Own globals are reached from their base, imported ones through an address.
(module
  (global $i (import "m" "g") (mut i64))
  (global $o (mut i64) (i64.const 1))
  (func
    (global.set $o (i64.const 3))
    (global.set $i (i64.add (global.get $i) (global.get $o)))))
;;= func 0 (func)
;;= 0000  global.set #0, 0x3
;;= 0018  global.get acc+s2, #0
;;= 0028  global.get acc, #0
;;= 0038  i64.add acc, acc, s2
;;= 0048  global.set #0, acc
;;= 0058  return
