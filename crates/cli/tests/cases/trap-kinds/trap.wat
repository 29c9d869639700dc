(module
  (memory (export "memory") 1)
  (func $load (result i32) (i32.load (i32.const -1)))
  (func (export "_start") (drop (call $load))))
