;; Copies standard input to standard output, through a buffer of 4000 bytes.
(module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)

  (func (export "_start")
    (loop $next
      (i32.store (i32.const 0) (i32.const 0x100))
      (i32.store (i32.const 4) (i32.const 4000))
      (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))
        (then (call $proc_exit (i32.const 1))))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (if (i32.load (i32.const 4))
        (then
          (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12))
            (then (call $proc_exit (i32.const 2))))
          (if (i32.ne (i32.load (i32.const 8)) (i32.load (i32.const 12)))
            (then (call $proc_exit (i32.const 3))))
          (br $next))))))
