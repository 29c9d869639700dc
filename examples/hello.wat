;; A WASI command: writes a line to standard output.
;;
;;     cargo run --release -p curta-cli -- run examples/hello.wat
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param $fd i32) (param $buffers i32) (param $count i32) (param $written i32) (result i32)))
  (memory (export "memory") 1)
  ;; One buffer: where the text is, and how long.
  (data (i32.const 0) "\10\00\00\00\15\00\00\00")
  (data (i32.const 16) "hello from a sandbox\n")
  (func (export "_start")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
