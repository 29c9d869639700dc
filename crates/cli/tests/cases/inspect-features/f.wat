(module
  (memory i64 1) (memory 1) (tag $e)
  (type $f (func))
  (func (param (ref $f)) (return_call_ref $f (local.get 0)))
  (func (throw $e))
  (func (result i32 i32) (i32.const 1) (i32.const 2))
  (global i32 (i32.add (i32.const 1) (i32.const 2))))
