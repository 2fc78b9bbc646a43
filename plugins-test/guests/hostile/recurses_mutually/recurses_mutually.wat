;; Two functions that call each other without end.
(module
  (memory (export "memory") 1)
  (func $even (param i64) (result i64) (i64.add (local.get 0) (call $odd (i64.add (local.get 0) (i64.const 1)))))
  (func $odd (param i64) (result i64) (i64.sub (local.get 0) (call $even (i64.add (local.get 0) (i64.const 1)))))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64) (drop (call $even (local.get 0))))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
