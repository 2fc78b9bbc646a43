;; Wants ten million table elements to begin with.
(module
  (memory (export "memory") 1)
  (table 10000000 funcref)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
