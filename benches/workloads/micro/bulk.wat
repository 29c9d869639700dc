;; Bulk memory operations, mostly of a few bytes, as compilers make of small copies; then some of
;; 4 KiB, which overlap, and one from a data segment.
(module
  (memory 2)
  (data $words "\01\02\03\04\05\06\07\08\09\0a\0b\0c\0d\0e\0f\10\11\12\13\14\15\16\17\18\19\1a\1b\1c\1d\1e\1f\20")

  ;; What lies in memory after n rounds, folded into one number.
  (func (export "run") (param $n i32) (result i64) (local $i i32) (local $at i32) (local $sum i64)
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 131072))
    (loop $round
      (local.set $at (i32.and (i32.mul (local.get $i) (i32.const 4057)) (i32.const 0xfff8)))
      (memory.init $words (local.get $at) (i32.and (local.get $i) (i32.const 7)) (i32.const 24))
      (memory.copy (i32.add (local.get $at) (i32.const 24)) (local.get $at) (i32.const 16))
      (memory.copy (i32.add (local.get $at) (i32.const 5)) (local.get $at) (i32.const 40))
      (memory.fill (i32.add (local.get $at) (i32.const 61)) (local.get $i) (i32.const 7))
      (memory.copy (i32.add (local.get $at) (i32.const 64)) (i32.add (local.get $at) (i32.const 32)) (i32.const 31))
      (memory.fill (i32.add (local.get $at) (i32.const 100)) (i32.const 0x5a) (i32.const 28))
      (memory.copy (local.get $at) (i32.add (local.get $at) (i32.const 90)) (i32.const 12))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 63)))
        (then
          (memory.copy (i32.const 69632) (local.get $at) (i32.const 4096))
          (memory.copy (i32.const 70000) (i32.const 69632) (i32.const 4096))
          (memory.fill (i32.const 80000) (local.get $i) (i32.const 4096))))
      (local.set $sum (i64.add
        (i64.mul (local.get $sum) (i64.const 31))
        (i64.xor (i64.load (local.get $at)) (i64.load offset=56 (local.get $at)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $round (i32.lt_u (local.get $i) (local.get $n))))
    (i64.xor (local.get $sum) (i64.load (i32.const 72000)))))
