;; Sets the query to 4 MiB for ever.
(module
  (import "env" "SetQueryOnHost" (func $set_query (param i64 i32 i32) (result i32)))
  (memory (export "memory") 65)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (loop $again (drop (call $set_query (local.get 0) (i32.const 0) (i32.const 4194304))) (br $again)))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
