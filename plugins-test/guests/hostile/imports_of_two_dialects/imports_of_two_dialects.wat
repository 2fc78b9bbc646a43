;; Imports the locks of dialect A and the values of dialect B.
(module
  (import "env" "GlobalLockOnHost" (func $lock (result i32)))
  (import "env" "GetValueByKeyOnHost" (func $get (param i32 i64 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64 i64) (drop (call $lock)))
  (func (export "RunAfterExecutionOnGuest")))
