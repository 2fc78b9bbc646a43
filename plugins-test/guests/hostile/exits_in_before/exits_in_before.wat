;; Calls proc_exit(3) while it judges a query.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64) (call $exit (i32.const 3)))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
