;; Uses every section, and every kind of import, export, segment and constant expression of
;; WebAssembly 2.0 without vectors.
(module $everything
  (type $unary (func (param i32) (result i32)))
  (type $none (func))
  (type $pair (func (param i64 f32) (result f64 externref)))

  (import "env" "call" (func $call (type $unary)))
  (import "env" "table" (table $imported-table 1 10 funcref))
  (import "env" "memory" (memory $memory 1 4))
  (import "env" "base" (global $base i32))
  (import "env" "counter" (global $counter (mut i64)))

  (table $own 4 externref)

  (global $answer i32 (i32.const 42))
  (global $copy i32 (global.get $base))
  (global $float (mut f64) (f64.const -0.5))
  (global $reference funcref (ref.func $twice))
  (global $nothing externref (ref.null extern))

  (export "twice" (func $twice))
  (export "call" (func $call))
  (export "own" (table $own))
  (export "memory" (memory $memory))
  (export "answer" (global $answer))
  (export "" (func $begin))
  (export "naïve ☃" (global $float))

  (start $begin)

  (elem $active (table $imported-table) (i32.const 0) func $twice)
  (elem $moved (table $imported-table) (offset (global.get $base)) funcref (ref.func $begin) (ref.null func))
  (elem $passive func $twice $call)
  (elem $declared declare func $begin)

  (func $begin)
  (func $twice (type $unary) (param $number i32) (result i32)
    (local $unused i64) (local f32 f32)
    (block $done (result i32)
      (br_if $done (i32.mul (local.get $number) (i32.const 2)) (i32.eqz (local.get $number)))))
  (func $split (param i64) (result i32 i32)
    (i32.wrap_i64 (local.get 0))
    (i32.wrap_i64 (i64.shr_u (local.get 0) (i64.const 32))))
  (func $bulk
    (memory.init $text (i32.const 0) (i32.const 0) (i32.const 5))
    (data.drop $text)
    (loop $again
      (br_table 0 $again 1 (i32.const 2))))

  (data (i32.const 8) "at eight")
  (data $text "passive")
  (data (memory $memory) (offset (global.get $base)) "\00\ff")
  (@custom "extra" (after last) "\01\02\03")
  (@producers (language "wat" "1")))
