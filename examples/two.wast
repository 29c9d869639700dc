;; A script: modules, calls, and what must come of them.
;;
;;     cargo run --release -p curta-cli -- wast examples/two.wast
(module
  (func (export "two") (result i32) (i32.const 2))
  (func (export "divide") (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1))))
(assert_return (invoke "two") (i32.const 2))
(assert_trap (invoke "divide" (i32.const 1) (i32.const 0)) "integer divide by zero")
(assert_invalid (module (func (result i32))) "type mismatch")
