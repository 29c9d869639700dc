;; What is done before a branch that is always taken shares its cell, and so does what leads into a loop.
(module
  (memory 1)
  (func (param i32 i32)
    (local.set 1 (i32.const 0))
    (loop
      (block
        (block
          (br_table 0 1 (i32.load8_u (local.get 0))))
        (local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (br 1)))
    (drop (i32.div_u (local.get 0) (local.get 1)))))
;;= func 0 (func (param i32 i32))
;;= 0000  const l1, 0 ; loop
;;= 0010  i32.load8_u acc, [l0 + 0] ; br_table acc, -> 0038 0050
;;= 0038  i32.add acc=l1, l1, 1 ; br -> head
;;= 0050  i32.div_u acc, l0, l1
;;= 0060  return
