;; _initialize executes unreachable.
(module
  (memory (export "memory") 1)
  (func (export "_initialize") unreachable)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
