;; A SQL plugin whose memory is another instance's.
(module
  (import "memory" "memory" (memory 1 3))
  (export "memory" (memory 0))
  (func (export "malloc") (param i32) (result i32) i32.const 0)
  (func (export "RunBeforeExecutionOnGuest") (param i64))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
