;; `wasi_unstable` has layouts of its own: the record of a file, the origins of a seek, the subscription to a clock.
;; Exits with the number of the first check that fails.
(module
  (import "wasi_unstable" "fd_filestat_get" (func $fd_filestat_get (param i32 i32) (result i32)))
  (import "wasi_unstable" "path_filestat_get"
    (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_unstable" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_unstable" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0x100) "file")

  (func $holds (param $number i32) (param $condition i32)
    (if (i32.eqz (local.get $condition)) (then (call $proc_exit (local.get $number)))))

  ;; The record at 0x200: the kind at 16, the count of names in the four bytes at 20, the size at 24, the time of the last
  ;; change at 48, and nothing of the 57th byte on.
  (func $record (param $number i32)
    (call $holds (local.get $number) (i32.eq (i32.load8_u (i32.const 0x210)) (i32.const 4)))
    (call $holds (local.get $number) (i32.eq (i32.load (i32.const 0x214)) (i32.const 1)))
    (call $holds (local.get $number) (i64.eq (i64.load (i32.const 0x218)) (i64.const 7)))
    (call $holds (local.get $number) (i64.ne (i64.load (i32.const 0x230)) (i64.const 0)))
    (call $holds (local.get $number) (i64.eq (i64.load (i32.const 0x238)) (i64.const -1))))

  (func (export "_start")
    (call $holds (i32.const 1)
      (i32.eqz
        (call $path_open (i32.const 3) (i32.const 0) (i32.const 0x100) (i32.const 4) (i32.const 0)
          (i64.const 6) (i64.const 0) (i32.const 0) (i32.const 0))))
    (i64.store (i32.const 0x238) (i64.const -1))
    (call $holds (i32.const 2)
      (i32.eqz (call $fd_filestat_get (i32.load (i32.const 0)) (i32.const 0x200))))
    (call $record (i32.const 3))
    (memory.fill (i32.const 0x200) (i32.const 0) (i32.const 56))
    (call $holds (i32.const 4)
      (i32.eqz
        (call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 0x100) (i32.const 4)
          (i32.const 0x200))))
    (call $record (i32.const 5))
    ;; Records that do not fit, by the byte.
    (call $holds (i32.const 6)
      (i32.eqz (call $fd_filestat_get (i32.load (i32.const 0)) (i32.const 0xffc8))))
    (call $holds (i32.const 7)
      (i32.eq (call $fd_filestat_get (i32.load (i32.const 0)) (i32.const 0xffc9)) (i32.const 21)))

    ;; From the end (1), from where it is (0), from the start (2).
    (call $holds (i32.const 8)
      (i32.eqz (call $fd_seek (i32.load (i32.const 0)) (i64.const -1) (i32.const 1) (i32.const 8))))
    (call $holds (i32.const 9) (i64.eq (i64.load (i32.const 8)) (i64.const 6)))
    (call $holds (i32.const 10)
      (i32.eqz (call $fd_seek (i32.load (i32.const 0)) (i64.const -2) (i32.const 0) (i32.const 8))))
    (call $holds (i32.const 11) (i64.eq (i64.load (i32.const 8)) (i64.const 4)))
    (call $holds (i32.const 12)
      (i32.eqz (call $fd_seek (i32.load (i32.const 0)) (i64.const 3) (i32.const 2) (i32.const 8))))
    (call $holds (i32.const 13) (i64.eq (i64.load (i32.const 8)) (i64.const 3)))
    (call $holds (i32.const 14)
      (i32.eq (call $fd_seek (i32.load (i32.const 0)) (i64.const 3) (i32.const 3) (i32.const 8))
        (i32.const 28)))

    ;; Two subscriptions of 56 bytes: a clock with an identifier of its own before its number, and standard output.
    (i64.store (i32.const 0x400) (i64.const 7))
    (i64.store (i32.const 0x410) (i64.const -1))
    (i32.store (i32.const 0x418) (i32.const 1))
    (i64.store (i32.const 0x420) (i64.const 1000000))
    (call $holds (i32.const 15)
      (i32.eqz
        (call $poll_oneoff (i32.const 0x400) (i32.const 0x500) (i32.const 1) (i32.const 0))))
    (call $holds (i32.const 16) (i64.eq (i64.load (i32.const 0x500)) (i64.const 7)))
    (call $holds (i32.const 17) (i32.eqz (i32.load16_u (i32.const 0x508))))
    (i64.store (i32.const 0x420) (i64.const -1))
    (i64.store (i32.const 0x438) (i64.const 8))
    (i32.store8 (i32.const 0x440) (i32.const 2))
    (i32.store (i32.const 0x448) (i32.const 1))
    (call $holds (i32.const 18)
      (i32.eqz
        (call $poll_oneoff (i32.const 0x400) (i32.const 0x500) (i32.const 2) (i32.const 0))))
    (call $holds (i32.const 19) (i32.eq (i32.load (i32.const 0)) (i32.const 1)))
    (call $holds (i32.const 20) (i64.eq (i64.load (i32.const 0x500)) (i64.const 8)))))
