;; A WeScale plugin whose start traps.
(module
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) i32.const 1024)
  (func (export "_start") unreachable)
  (func (export "RunBeforeExecutionOnGuest") (param i64))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
