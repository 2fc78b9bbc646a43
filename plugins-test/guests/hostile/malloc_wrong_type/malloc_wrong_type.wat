;; Its malloc takes and returns i64.
(module
  (memory (export "memory") 1)
  (func (export "malloc") (param i64) (result i64) (i64.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
