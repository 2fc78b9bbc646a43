;; A WeScale plugin that exports functions of other types under the names that have to do with snapshots.
(module
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) i32.const 1024)
  (func (export "sluice_warm_up") (param i32))
  (func (export "sluice_after_restore") (result i32) i32.const 0)
  (func (export "RunBeforeExecutionOnGuest") (param i64))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
