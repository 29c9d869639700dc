;; Finds its directory, makes a file there, writes, seeks, reads, asks for its size, closes.
(module
  (import "wasi_snapshot_preview1" "fd_prestat_get"
    (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name"
    (func $fd_prestat_dir_name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek"
    (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_tell" (func $fd_tell (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_get"
    (func $fd_filestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get"
    (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0x100) "made")
  (data (i32.const 0x200) "0123456789")

  (func $expect (param $check i32) (param $found i32) (param $expected i32)
    (if (i32.ne (local.get $found) (local.get $expected))
      (then (call $proc_exit (local.get $check)))))

  (func (export "_start") (local $fd i32)
    (call $expect (i32.const 1) (call $fd_prestat_get (i32.const 3) (i32.const 0)) (i32.const 0))
    (call $expect (i32.const 2) (i32.load (i32.const 4)) (i32.const 5))
    (call $expect (i32.const 3)
      (call $fd_prestat_dir_name (i32.const 3) (i32.const 0x10) (i32.const 5)) (i32.const 0))
    (call $expect (i32.const 4) (i32.load (i32.const 0x10)) (i32.const 0x7461642f)) ;; "/dat"
    (call $expect (i32.const 5) (call $fd_prestat_get (i32.const 4) (i32.const 0)) (i32.const 8))

    ;; Read, seek, tell, write, filestat_get; creat.
    (call $expect (i32.const 6)
      (call $path_open (i32.const 3) (i32.const 0) (i32.const 0x100) (i32.const 4) (i32.const 1)
        (i64.const 0x200066) (i64.const 0) (i32.const 0) (i32.const 0))
      (i32.const 0))
    (local.set $fd (i32.load (i32.const 0)))
    (call $expect (i32.const 7) (local.get $fd) (i32.const 4))

    (i32.store (i32.const 0) (i32.const 0x200))
    (i32.store (i32.const 4) (i32.const 10))
    (call $expect (i32.const 8)
      (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (i32.const 0))
    (call $expect (i32.const 9) (i32.load (i32.const 8)) (i32.const 10))

    (call $expect (i32.const 10)
      (call $fd_seek (local.get $fd) (i64.const -4) (i32.const 2) (i32.const 8)) (i32.const 0))
    (call $expect (i32.const 11) (i32.load (i32.const 8)) (i32.const 6))
    (i32.store (i32.const 0) (i32.const 0x300))
    (i32.store (i32.const 4) (i32.const 100))
    (call $expect (i32.const 12)
      (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (i32.const 0))
    (call $expect (i32.const 13) (i32.load (i32.const 8)) (i32.const 4))
    (call $expect (i32.const 14) (i32.load (i32.const 0x300)) (i32.const 0x39383736)) ;; "6789"
    (call $expect (i32.const 15)
      (call $fd_tell (local.get $fd) (i32.const 8)) (i32.const 0))
    (call $expect (i32.const 16) (i32.load (i32.const 8)) (i32.const 10))

    (call $expect (i32.const 17)
      (call $fd_filestat_get (local.get $fd) (i32.const 0x400)) (i32.const 0))
    (call $expect (i32.const 18) (i32.load8_u (i32.const 0x410)) (i32.const 4))
    (call $expect (i32.const 19) (i32.load (i32.const 0x420)) (i32.const 10))
    (call $expect (i32.const 20)
      (call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 0x100) (i32.const 4)
        (i32.const 0x500))
      (i32.const 0))
    (call $expect (i32.const 21) (i32.load (i32.const 0x520)) (i32.const 10))

    (call $expect (i32.const 22) (call $fd_close (local.get $fd)) (i32.const 0))
    (call $expect (i32.const 23) (call $fd_close (local.get $fd)) (i32.const 8))))
