;; Divides two numbers; dividing by zero traps.
;;
;;     cargo run --release -p curta-cli -- run --invoke divide examples/divide.wat 7 2
(module
  (func $div (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))
  (func (export "divide") (param i32 i32) (result i32)
    (call $div (local.get 0) (local.get 1))))
