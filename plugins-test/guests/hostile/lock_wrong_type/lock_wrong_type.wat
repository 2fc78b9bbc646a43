;; Imports the lock of dialect B with an i64 as its result; the ABI knows it with an i32 and with none.
(module
  (import "env" "LockOnHost" (func $lock (param i32 i64) (result i64)))
  (memory (export "memory") 1)
  (func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64 i64) (drop (call $lock (i32.const 0) (local.get 1))))
  (func (export "RunAfterExecutionOnGuest")))
