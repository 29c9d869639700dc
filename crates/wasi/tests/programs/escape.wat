;; Tries to leave its directory, in which `up` links to `..` and `link` to `../secret`.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get"
    (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file"
    (func $path_unlink_file (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_symlink"
    (func $path_symlink (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0x00) "..")
  (data (i32.const 0x10) "../secret")
  (data (i32.const 0x20) "up/secret")
  (data (i32.const 0x30) "up/")
  (data (i32.const 0x40) "link")
  (data (i32.const 0x50) "/etc/passwd")
  (data (i32.const 0x60) "up/new")
  (data (i32.const 0x70) "up/.")

  (func $expect (param $check i32) (param $errno i32) (param $expected i32)
    (if (i32.ne (local.get $errno) (local.get $expected))
      (then (call $proc_exit (local.get $check)))))

  ;; Opens a path to read and, with `$oflags`, more.
  (func $open (param $path i32) (param $len i32) (param $follow i32) (param $oflags i32)
      (result i32)
    (call $path_open (i32.const 3) (local.get $follow) (local.get $path) (local.get $len)
      (local.get $oflags) (i64.const 0x42) (i64.const 0) (i32.const 0) (i32.const 0x1000)))

  (func (export "_start")
    ;; perm
    (call $expect (i32.const 1)
      (call $open (i32.const 0x00) (i32.const 2) (i32.const 0) (i32.const 2)) (i32.const 63))
    (call $expect (i32.const 2)
      (call $open (i32.const 0x10) (i32.const 9) (i32.const 0) (i32.const 0)) (i32.const 63))
    (call $expect (i32.const 3)
      (call $open (i32.const 0x20) (i32.const 9) (i32.const 0) (i32.const 0)) (i32.const 63))
    (call $expect (i32.const 4)
      (call $open (i32.const 0x30) (i32.const 3) (i32.const 0) (i32.const 0)) (i32.const 63))
    (call $expect (i32.const 5)
      (call $open (i32.const 0x30) (i32.const 2) (i32.const 1) (i32.const 2)) (i32.const 63))
    (call $expect (i32.const 6)
      (call $open (i32.const 0x40) (i32.const 4) (i32.const 1) (i32.const 0)) (i32.const 63))
    (call $expect (i32.const 7)
      (call $open (i32.const 0x50) (i32.const 11) (i32.const 1) (i32.const 0)) (i32.const 63))
    (call $expect (i32.const 8)
      (call $open (i32.const 0x60) (i32.const 6) (i32.const 1) (i32.const 1)) (i32.const 63))
    (call $expect (i32.const 9)
      (call $open (i32.const 0x70) (i32.const 4) (i32.const 0) (i32.const 2)) (i32.const 63))
    (call $expect (i32.const 10)
      (call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 0x30) (i32.const 3)
        (i32.const 0x1000))
      (i32.const 63))
    (call $expect (i32.const 11)
      (call $path_unlink_file (i32.const 3) (i32.const 0x20) (i32.const 9)) (i32.const 63))
    (call $expect (i32.const 12)
      (call $path_symlink (i32.const 0x50) (i32.const 11) (i32.const 3)
        (i32.const 0x40) (i32.const 3))
      (i32.const 63))
    ;; A link that is not followed: loop.
    (call $expect (i32.const 13)
      (call $open (i32.const 0x40) (i32.const 4) (i32.const 0) (i32.const 0)) (i32.const 32))))
