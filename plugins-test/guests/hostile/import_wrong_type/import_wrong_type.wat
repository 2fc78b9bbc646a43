;; Imports GetQueryOnHost with one parameter too few.
(module
  (import "env" "GetQueryOnHost" (func (param i64 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
