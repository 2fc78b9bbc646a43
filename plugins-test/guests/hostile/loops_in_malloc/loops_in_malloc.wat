;; malloc never ends, so the host waits for it in the middle of a host function.
(module
  (import "env" "GetQueryOnHost" (func $get_query (param i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) (loop $again (br $again)) unreachable)
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (drop (call $get_query (local.get 0) (i32.const 16) (i32.const 20))))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
