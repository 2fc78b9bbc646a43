;; Calls itself without end; the addition after the call keeps every frame on the stack.
(module
  (memory (export "memory") 1)
  (func $deeper (param i64) (result i64)
    (i64.add (local.get 0) (call $deeper (i64.add (local.get 0) (i64.const 1)))))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64) (drop (call $deeper (local.get 0))))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
