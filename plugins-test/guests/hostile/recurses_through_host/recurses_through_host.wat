;; malloc asks the host for the query, for which the host calls malloc: endless recursion through the host's own frames.
(module
  (import "env" "GetQueryOnHost" (func $get_query (param i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $ctx (mut i64) (i64.const 0))
  (func (export "malloc") (param i32) (result i32)
    (drop (call $get_query (global.get $ctx) (i32.const 16) (i32.const 20)))
    (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (global.set $ctx (local.get 0))
    (drop (call $get_query (local.get 0) (i32.const 16) (i32.const 20))))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
