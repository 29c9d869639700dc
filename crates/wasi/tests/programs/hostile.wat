;; Addresses, lengths, counts and descriptors that have broken other implementations.
(module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_renumber" (func $fd_renumber (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_readdir"
    (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0xf000) "alive\n")

  (func $expect (param $check i32) (param $errno i32) (param $expected i32)
    (if (i32.ne (local.get $errno) (local.get $expected))
      (then (call $proc_exit (local.get $check)))))

  ;; Writes the buffer (address, length) to standard output.
  (func $write (param $address i32) (param $length i32) (result i32)
    (i32.store (i32.const 0) (local.get $address))
    (i32.store (i32.const 4) (local.get $length))
    (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))

  (func (export "_start")
    ;; Buffers that wrap around or leave memory: fault.
    (call $expect (i32.const 1) (call $write (i32.const -16) (i32.const 32)) (i32.const 21))
    (call $expect (i32.const 2) (call $write (i32.const -1) (i32.const -1)) (i32.const 21))
    (call $expect (i32.const 3) (call $write (i32.const 0xffff) (i32.const 2)) (i32.const 21))
    (call $expect (i32.const 4) (call $write (i32.const 0) (i32.const -1)) (i32.const 21))

    ;; Counts of buffers that wrap around: fault.
    (call $expect (i32.const 5)
      (call $fd_write (i32.const 1) (i32.const 0) (i32.const 0x20000001) (i32.const 8))
      (i32.const 21))
    (call $expect (i32.const 6)
      (call $fd_read (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 8))
      (i32.const 21))
    (call $expect (i32.const 7)
      (call $fd_write (i32.const 1) (i32.const -8) (i32.const 2) (i32.const 8))
      (i32.const 21))

    ;; A result that cannot be stored: fault, and nothing written.
    (i32.store (i32.const 0) (i32.const 0xf000))
    (i32.store (i32.const 4) (i32.const 6))
    (call $expect (i32.const 8)
      (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const -2))
      (i32.const 21))

    ;; Renumbering to itself is fine, to anything not open it is badf.
    (call $expect (i32.const 9) (call $fd_renumber (i32.const 1) (i32.const 1)) (i32.const 0))
    (call $expect (i32.const 10)
      (call $fd_renumber (i32.const 1) (i32.const 0x7fffffff)) (i32.const 8))
    (call $expect (i32.const 11) (call $fd_renumber (i32.const 1) (i32.const -1)) (i32.const 8))
    (call $expect (i32.const 12) (call $fd_renumber (i32.const 3) (i32.const 3)) (i32.const 8))
    (call $expect (i32.const 13) (call $fd_close (i32.const -1)) (i32.const 8))

    ;; Waiting for nothing, or for more than there can be: inval.
    (call $expect (i32.const 14)
      (call $poll_oneoff (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (i32.const 28))
    (call $expect (i32.const 15)
      (call $poll_oneoff (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 0))
      (i32.const 28))
    (call $expect (i32.const 16)
      (call $poll_oneoff (i32.const 0) (i32.const 0xfff0) (i32.const 1) (i32.const 0))
      (i32.const 21))

    ;; Lengths beyond memory: fault.
    (call $expect (i32.const 17) (call $random_get (i32.const 16) (i32.const -1)) (i32.const 21))
    (call $expect (i32.const 18) (call $random_get (i32.const -1) (i32.const 2)) (i32.const 21))

    ;; Directories that do not exist: badf; standard output is none: notdir.
    (call $expect (i32.const 19)
      (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 0)
        (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 0))
      (i32.const 8))
    (call $expect (i32.const 20)
      (call $fd_readdir (i32.const 1) (i32.const 0) (i32.const -1) (i64.const 0) (i32.const 0))
      (i32.const 54))

    ;; After all that, output works.
    (call $expect (i32.const 21) (call $write (i32.const 0xf000) (i32.const 6)) (i32.const 0))))
