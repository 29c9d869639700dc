;; Writes two buffers to standard output and one to standard error.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\40\00\00\00\07\00\00\00" "\50\00\00\00\06\00\00\00")
  (data (i32.const 0x10) "\60\00\00\00\05\00\00\00")
  (data (i32.const 0x40) "hello, ")
  (data (i32.const 0x50) "world\n")
  (data (i32.const 0x60) "oops\n")

  ;; Writes all of an array of two buffers to a capture, which may take one at a time.
  (func (export "_start")
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 0x80))
      (then (call $proc_exit (i32.const 1))))
    (if (i32.eq (i32.load (i32.const 0x80)) (i32.const 7))
      (then
        (if (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0x84))
          (then (call $proc_exit (i32.const 2))))
        (i32.store (i32.const 0x80)
          (i32.add (i32.load (i32.const 0x80)) (i32.load (i32.const 0x84))))))
    (if (i32.ne (i32.load (i32.const 0x80)) (i32.const 13))
      (then (call $proc_exit (i32.const 3))))
    (if (call $fd_write (i32.const 2) (i32.const 0x10) (i32.const 1) (i32.const 0x80))
      (then (call $proc_exit (i32.const 4))))
    (if (i32.ne (i32.load (i32.const 0x80)) (i32.const 5))
      (then (call $proc_exit (i32.const 5))))))
