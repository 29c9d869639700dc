(module
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get"
    (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0x80) "0123456789abcdef")

  ;; Prints a word of 64 bits in hexadecimal, and a newline.
  (func $print (param $word i64) (local $place i32)
    (local.set $place (i32.const 15))
    (loop $digits
      (i32.store8 (i32.add (i32.const 0x200) (local.get $place))
        (i32.load8_u
          (i32.add (i32.const 0x80) (i32.and (i32.wrap_i64 (local.get $word)) (i32.const 15)))))
      (local.set $word (i64.shr_u (local.get $word) (i64.const 4)))
      (local.set $place (i32.sub (local.get $place) (i32.const 1)))
      (br_if $digits (i32.ge_s (local.get $place) (i32.const 0))))
    (i32.store8 (i32.const 0x210) (i32.const 10))
    (i32.store (i32.const 16) (i32.const 0x200))
    (i32.store (i32.const 20) (i32.const 17))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8))))

  ;; Prints the time before and after waiting for an hour, and 64 random bits.
  (func (export "_start")
    (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 0)))
    (call $print (i64.load (i32.const 0)))
    (i64.store (i32.const 0x118) (i64.const 3600000000000))
    (i32.store (i32.const 0x110) (i32.const 1))
    (drop
      (call $poll_oneoff (i32.const 0x100) (i32.const 0x180) (i32.const 1) (i32.const 8)))
    (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 0)))
    (call $print (i64.load (i32.const 0)))
    (drop (call $random_get (i32.const 0) (i32.const 8)))
    (call $print (i64.load (i32.const 0)))))
