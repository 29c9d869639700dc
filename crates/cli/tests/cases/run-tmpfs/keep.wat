(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name"
    (func $fd_prestat_dir_name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pread"
    (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0x100) "file")
  (data (i32.const 0x200) "\n")

  (func $check (param $errno i32)
    (if (local.get $errno) (then (call $proc_exit (local.get $errno)))))

  ;; Writes the name of its directory into a file there, reads it back and prints it.
  (func (export "_start")
    (call $check (call $fd_prestat_dir_name (i32.const 3) (i32.const 0x300) (i32.const 4)))
    (call $check
      (call $path_open (i32.const 3) (i32.const 0) (i32.const 0x100) (i32.const 4)
        (i32.const 1) (i64.const 0x42) (i64.const 0) (i32.const 0) (i32.const 0)))
    (i32.store (i32.const 16) (i32.const 0x300))
    (i32.store (i32.const 20) (i32.const 4))
    (i32.store (i32.const 24) (i32.const 0x200))
    (i32.store (i32.const 28) (i32.const 1))
    (call $check
      (call $fd_write (i32.load (i32.const 0)) (i32.const 16) (i32.const 2) (i32.const 8)))
    (i32.store (i32.const 16) (i32.const 0x400))
    (i32.store (i32.const 20) (i32.const 100))
    (call $check
      (call $fd_pread (i32.load (i32.const 0)) (i32.const 16) (i32.const 1) (i64.const 0)
        (i32.const 20)))
    (call $check
      (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8)))))
