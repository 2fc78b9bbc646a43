;; Has no malloc.
(module
  (memory (export "memory") 1)
  (func (export "RunBeforeExecutionOnGuest") (param i64))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
