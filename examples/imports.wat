;; Imports what no host gives, to show what is said then.
;;
;;     cargo run --release -p curta-cli -- run examples/imports.wat
(module
  (import "wasi_snapshot_preview1" "fd_wirte" (func (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i64)))
  (import "env" "log" (func (param i32)))
  (func (export "_start")))
