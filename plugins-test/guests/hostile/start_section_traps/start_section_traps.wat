;; The start section executes unreachable, so the instance never comes to be.
(module
  (memory (export "memory") 1)
  (start $start)
  (func $start unreachable)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
