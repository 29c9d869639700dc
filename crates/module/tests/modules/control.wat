;; Nested control, calls, and a table of branches: what bodies are made of.
(module
  (table 2 funcref)
  (memory 1)
  (func $fac (export "fac") (param i64) (result i64)
    (if (result i64) (i64.eqz (local.get 0))
      (then (i64.const 1))
      (else (i64.mul (local.get 0) (call $fac (i64.sub (local.get 0) (i64.const 1)))))))
  (func (export "switch") (param i32) (result i32)
    (block $a (block $b (block $c
      (br_table $a $b $c $a (local.get 0)))
      (return (i32.const 3)))
      (return (i32.const 2)))
    (i32.const 1))
  (func (export "indirect") (param i32) (result i32)
    (call_indirect (param i32) (result i32) (local.get 0) (i32.load offset=65535 (local.get 0))))
  (func (param f32 f64) (result f32)
    (f32.add (local.get 0) (f32.demote_f64 (local.get 1)))
    (select (f32.const nan:0x123456) (i32.const 1))))
