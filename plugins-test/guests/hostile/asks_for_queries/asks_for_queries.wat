;; Asks the host for the query for ever; each time the host calls malloc and copies.
(module
  (import "env" "GetQueryOnHost" (func $get_query (param i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (loop $again (drop (call $get_query (local.get 0) (i32.const 16) (i32.const 20))) (br $again)))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
