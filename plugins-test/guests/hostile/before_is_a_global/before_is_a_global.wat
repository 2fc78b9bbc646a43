;; Exports a global under the name of the before function.
(module
  (memory (export "memory") 1)
  (global (export "RunBeforeExecutionOnGuest") i32 (i32.const 0))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
